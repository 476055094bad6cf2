// Several views on one stream: targets come, go and change while it runs, each on its own.
#include <gmock/gmock.h>

#include <map>

#include "tests/node/support/viewer.h"

namespace duban::node {
namespace {

using duban::testing::ViewValidator;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kSession[] = "0123456789abcdef";

v1::WatchTarget Target(const std::string& name, v1::View view, const v1::ViewFilter& filter = {}) {
  v1::WatchTarget target;
  target.set_target(name);
  target.mutable_view()->set_view(view);
  target.mutable_view()->set_min_interval_ms(0);
  *target.mutable_view()->mutable_rows() = filter;
  return target;
}

v1::SetTargetsRequest Wanted(const std::vector<v1::WatchTarget>& targets) {
  v1::SetTargetsRequest request;
  request.set_session(kSession);
  for (const v1::WatchTarget& target : targets) *request.add_targets() = target;
  return request;
}

v1::WatchManyRequest Opening(const std::vector<v1::WatchTarget>& targets) {
  v1::WatchManyRequest request;
  request.set_session(kSession);
  for (const v1::WatchTarget& target : targets) *request.add_targets() = target;
  return request;
}

// A browser's tab: what it has of each target.
class Tab {
 public:
  Tab(Office& office, std::string person, const std::vector<v1::WatchTarget>& targets)
      : office_(office), person_(std::move(person)) {
    Connect(Opening(targets));
  }
  void Connect(const v1::WatchManyRequest& request) {
    stream_ = Office::MustRead(office_.node().WatchMany(person_, request, [this] { ++wakes; }));
  }
  void Cut() {
    stream_.reset();
    for (auto& [name, validator] : held_) validator.Disconnect();
  }
  void Set(const std::vector<v1::WatchTarget>& targets) {
    Office::MustRead(office_.node().SetTargets(person_, Wanted(targets)));
  }
  void Take() {
    v1::WatchManyResponse message;
    while (stream_->Next(&message) == ManyStream::Step::kMessage) {
      if (message.has_ended()) {
        ended.push_back(absl::StrCat(message.target(), ":", message.ended().code(), message.ended().reason()));
        held_.erase(message.target());
      } else {
        held_.try_emplace(message.target(), message.target()).first->second.Take(message.view());
      }
    }
  }
  ViewValidator& of(const std::string& target) { return held_.at(target); }
  std::vector<std::string> targets() const {
    std::vector<std::string> names;
    for (const auto& [name, validator] : held_) names.push_back(name);
    return names;
  }
  ManyStream& stream() { return *stream_; }

  std::vector<std::string> ended;
  std::atomic<int> wakes{0};

 private:
  Office& office_;
  const std::string person_;
  std::map<std::string, ViewValidator> held_;
  std::unique_ptr<ManyStream> stream_;
};

TEST(WatchMany, EachTargetIsAWatchOfItsOwn) {
  Office office;
  const std::string order = office.Open("units/zhujian", "一", "2026-09-18").case_();
  Tab tab(office, kHousing,
          {Target("ledger", v1::VIEW_LEDGER), Target("alerts", v1::VIEW_ALERTS),
           Target("issued", v1::VIEW_LEDGER, Where("stage", "issued")), Target("units", v1::VIEW_UNITS)});
  for (int day = 2; day < 25; day += 5) {
    office.Open("units/zhujian", absl::StrCat("第", day), "2026-09-18");
    office.Advance(At(absl::StrCat("2026-09-", day < 10 ? "0" : "", day, " 09:00")));
    if (day == 7) office.Act(kHousing, order, "acknowledge");
    tab.Take();
    tab.of("ledger").ExpectHolds(RowsOf(office.node(), kHousing, v1::VIEW_LEDGER));
    tab.of("alerts").ExpectHolds(RowsOf(office.node(), kHousing, v1::VIEW_ALERTS));
    tab.of("issued").ExpectHolds(RowsOf(office.node(), kHousing, v1::VIEW_LEDGER, Where("stage", "issued")));
    tab.of("units").ExpectHolds(RowsOf(office.node(), kHousing, v1::VIEW_UNITS));
  }
  EXPECT_FALSE(tab.of("issued").Holds(order));
  EXPECT_THAT(tab.ended, IsEmpty());
}

TEST(WatchMany, TargetsComeGoAndChangeWhileItRuns) {
  Office office;
  office.Open("units/zhujian", "一", "2026-09-18");
  Tab tab(office, kHousing, {Target("a", v1::VIEW_LEDGER), Target("b", v1::VIEW_ALERTS)});
  tab.Take();
  const int before = tab.wakes;
  // One goes, one stays, one comes.
  tab.Set({Target("a", v1::VIEW_LEDGER), Target("c", v1::VIEW_UNITS)});
  EXPECT_GT(tab.wakes, before) << "the stream is told at once";
  tab.Take();
  EXPECT_THAT(tab.ended, ElementsAre("b:0"));
  EXPECT_THAT(tab.targets(), UnorderedElementsAre("a", "c"));
  EXPECT_EQ(tab.of("a").snapshots(), 1) << "what stays goes on undisturbed";
  // The same name with other words is another watch.
  tab.Set({Target("a", v1::VIEW_LEDGER, Where("stage", "issued")), Target("c", v1::VIEW_UNITS)});
  tab.Take();
  EXPECT_THAT(tab.ended, ElementsAre("b:0", "a:0"));
  EXPECT_EQ(tab.of("a").rows().size(), 1u);
  tab.Set({});
  tab.Take();
  EXPECT_THAT(tab.targets(), IsEmpty());
  EXPECT_EQ(tab.stream().NextAt(), absl::InfiniteFuture());
}

TEST(WatchMany, WhatIsWrongWithOneTargetEndsThatOne) {
  Office office;
  Tab tab(office, kHousing,
          {Target("good", v1::VIEW_LEDGER), Target("label", v1::VIEW_LEDGER, Where("colour", "red")),
           Target("none", v1::VIEW_UNSPECIFIED), Target("owner", v1::VIEW_TIMELINE)});
  tab.Take();
  EXPECT_THAT(tab.ended, ElementsAre("label:3UNKNOWN_LABEL", "none:3VIEW_REQUIRED", "owner:3LABEL_REQUIRED"));
  office.Open("units/zhujian", "一", "2026-09-18");
  tab.Take();
  EXPECT_EQ(tab.of("good").rows().size(), 1u);
}

TEST(WatchMany, EachTargetIsResumedOnItsOwn) {
  Office office;
  office.Open("units/zhujian", "一", "2026-09-18");
  Tab tab(office, kHousing, {Target("a", v1::VIEW_LEDGER), Target("b", v1::VIEW_UNITS)});
  tab.Take();
  tab.Cut();
  office.Open("units/zhujian", "二", "2026-09-18");
  v1::WatchTarget a = Target("a", v1::VIEW_LEDGER), b = Target("b", v1::VIEW_UNITS);
  a.mutable_view()->set_resume_token(tab.of("a").token());
  b.mutable_view()->set_resume_token(tab.of("a").token());  // Not its own.
  tab.Connect(Opening({a, b}));
  tab.Take();
  EXPECT_EQ(tab.of("a").resumptions(), 1);
  EXPECT_THAT(tab.of("a").resets(), IsEmpty());
  EXPECT_THAT(tab.of("b").resets(), ElementsAre("FILTER_CHANGED"));
  tab.of("a").ExpectHolds(RowsOf(office.node(), kHousing, v1::VIEW_LEDGER));
  tab.of("b").ExpectHolds(RowsOf(office.node(), kHousing, v1::VIEW_UNITS));
  // A target that stays is the same whatever token it is named with now.
  a.mutable_view()->set_resume_token(tab.of("a").token());
  tab.Set({a, b});
  tab.Take();
  EXPECT_THAT(tab.ended, IsEmpty());
}

TEST(WatchMany, EachTargetIsMarkedAtItsHeartbeat) {
  Office office;
  v1::WatchManyRequest request = Opening({Target("a", v1::VIEW_LEDGER), Target("b", v1::VIEW_ALERTS)});
  request.set_heartbeat_s(5);
  auto stream = Office::MustRead(office.node().WatchMany(kHousing, request, [] {}));
  v1::WatchManyResponse message;
  while (stream->Next(&message) == ManyStream::Step::kMessage) {
  }
  EXPECT_EQ(stream->NextAt(), office.clock().Now() + absl::Seconds(5));
  office.clock().Set(office.clock().Now() + absl::Seconds(5));
  std::vector<std::string> marked;
  while (stream->Next(&message) == ManyStream::Step::kMessage) {
    EXPECT_TRUE(message.view().has_mark());
    marked.push_back(message.target());
  }
  EXPECT_THAT(marked, ElementsAre("a", "b"));
  EXPECT_EQ(stream->NextAt(), office.clock().Now() + absl::Seconds(5));
}

TEST(WatchMany, ASessionIsItsPersonsAlone) {
  Office office;
  const v1::SetTargetsRequest none = Wanted({});
  const auto refused = [&](const std::string& person) {
    const Reply<v1::SetTargetsResponse> reply = office.node().SetTargets(person, none);
    const auto* rejection = std::get_if<engine::Rejection>(&reply);
    return rejection == nullptr ? "" : rejection->reason + rejection->message.zh() + rejection->message.en();
  };
  const std::string no_such = refused(kWater);
  EXPECT_NE(no_such, "");
  auto stream = std::make_unique<Tab>(office, kHousing, std::vector<v1::WatchTarget>{Target("a", v1::VIEW_LEDGER)});
  EXPECT_EQ(refused(kWater), no_such) << "another's session and none answer alike";
  EXPECT_EQ(refused(kHousing), "");
  // One name, one stream; another person may have chosen the same.
  EXPECT_EQ(ReasonOf(office.node().WatchMany(kHousing, Opening({}), [] {})), "SESSION_TAKEN");
  { Tab theirs(office, kWater, {}); }
  stream.reset();
  EXPECT_EQ(ReasonOf(office.node().SetTargets(kHousing, none)), "SESSION_NOT_FOUND");
  Tab again(office, kHousing, {});
}

TEST(WatchMany, IsBounded) {
  Office office;
  std::vector<v1::WatchTarget> targets;
  for (int i = 0; i < 16; ++i) targets.push_back(Target(absl::StrCat("t", i), v1::VIEW_LEDGER));
  {
    Tab tab(office, kHousing, targets);
    tab.Take();
    EXPECT_EQ(tab.targets().size(), 16u);
    targets.push_back(Target("one more", v1::VIEW_LEDGER));
    EXPECT_EQ(ReasonOf(office.node().SetTargets(kHousing, Wanted(targets))), "TOO_MANY_TARGETS");
  }
  EXPECT_EQ(ReasonOf(office.node().WatchMany(kHousing, Opening(targets), [] {})), "TOO_MANY_TARGETS");
  const v1::WatchTarget target = Target("a", v1::VIEW_LEDGER);
  EXPECT_EQ(ReasonOf(office.node().WatchMany(kHousing, Opening({target, target}), [] {})), "WRONG_TARGET");
  EXPECT_EQ(ReasonOf(office.node().WatchMany(kHousing, Opening({Target("", v1::VIEW_LEDGER)}), [] {})), "WRONG_TARGET");
  v1::WatchManyRequest short_name;
  short_name.set_session("short");
  EXPECT_EQ(ReasonOf(office.node().WatchMany(kHousing, short_name, [] {})), "WRONG_SESSION");
  // A stream counts once, however many targets it has.
  std::vector<std::unique_ptr<ManyStream>> open;
  for (int i = 0; i < 16; ++i) {
    v1::WatchManyRequest request;
    request.set_session(absl::StrCat(kSession, i));
    open.push_back(Office::MustRead(office.node().WatchMany(kHousing, request, [] {})));
  }
  EXPECT_EQ(CodeOf(office.node().WatchMany(kHousing, Opening({}), [] {})), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Office::MustRead(office.node().GetStats(kOperatorPerson, {})).view_watches(), 16);
}

TEST(WatchMany, EndsWithTheNode) {
  Office office;
  Tab tab(office, kHousing, {Target("a", v1::VIEW_LEDGER)});
  tab.Take();
  office.node().Shutdown();
  v1::WatchManyResponse message;
  EXPECT_EQ(tab.stream().Next(&message), ManyStream::Step::kEnd);
  EXPECT_EQ(CodeOf(tab.stream().status()), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace duban::node
