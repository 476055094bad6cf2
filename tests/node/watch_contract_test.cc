// The contract of watching (docs/watch.md), a test for each guarantee, and for each defect that watches elsewhere are
// known to have had. The validator checks what can be checked at every message; here is what brings it about.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/views/rows.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "services/node/rebuild.h"
#include "services/node/tokens.h"
#include "tests/node/support/heard_log.h"
#include "tests/node/support/viewer.h"

namespace duban::node {
namespace {

using duban::testing::EventValidator;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ViewStep = ViewStream::Step;

const v1::View kListed[] = {v1::VIEW_LEDGER,    v1::VIEW_ALERTS,  v1::VIEW_WORKLIST,
                            v1::VIEW_REGISTERS, v1::VIEW_METRICS, v1::VIEW_UNITS};

// A few weeks in which two bureaus work.
std::vector<std::string> Work(Office& office, int orders) {
  std::vector<std::string> names;
  for (int i = 0; i < orders; ++i) {
    const bool housing = i % 2 == 0;
    names.push_back(
        office.Open(housing ? "units/zhujian" : "units/shuiwu", absl::StrCat("第", i, "件"), "2026-09-18").case_());
    if (i % 3 != 0) office.Act(housing ? kHousing : kWater, names.back(), "acknowledge");
  }
  return names;
}

v1::ActOnCaseRequest Remark(Office& office, const std::string& name) {
  v1::ActOnCaseRequest remark = office.Action(name, "comment");
  remark.set_note("进展");
  return remark;
}

// The kinds of the next messages.
std::vector<std::string> Kinds(ViewStream& stream) {
  std::vector<std::string> kinds;
  v1::WatchViewResponse message;
  while (stream.Next(&message) == ViewStep::kMessage) {
    if (message.has_begin()) kinds.push_back(message.begin().resumed() ? "resumed" : "begin");
    if (message.has_changes()) kinds.push_back("changes");
    if (message.has_mark()) kinds.push_back("mark");
    if (message.has_reset()) kinds.push_back(message.reset().reason());
  }
  return kinds;
}

// What a connection from that token says.
std::vector<std::string> KindsFrom(Office& office, const std::string& person, v1::WatchViewRequest request,
                                   const std::string& token) {
  request.set_resume_token(token);
  return Kinds(*Office::MustRead(office.node().WatchView(person, request, [] {})));
}

TEST(WatchContract, W1ASnapshotIsTheViewAtOnePositionAndDeltasStartAfterIt) {
  Office office;
  Work(office, 30);
  office.Advance(At("2026-09-20 09:00"));
  for (v1::View view : kListed) {
    Viewer viewer(office, kSupervisor, view);
    viewer.Connect();
    // Given a snapshot that has begun to be told when more happens.
    viewer.Take(1);
    const auto then = RowsOf(office.node(), kSupervisor, view);
    office.Open("units/zhujian", "后来", "2026-09-25");
    // Then the snapshot is what was there when it began, and what came since comes after its mark.
    while (viewer.validator().marks() == 0) viewer.Take(1);
    viewer.validator().ExpectHolds(then);
    viewer.Rest();
  }
}

TEST(WatchContract, W2PositionsAndVersionsNeverDecrease) {
  Office office;
  Viewer ledger(office, kHousing, v1::VIEW_LEDGER), units(office, kSupervisor, v1::VIEW_UNITS);
  ledger.Connect();
  units.Connect();
  for (int day = 2; day < 28; day += 2) {
    Work(office, 2);
    office.Advance(At(absl::StrCat("2026-09-", day < 10 ? "0" : "", day, " 09:00")));
    ledger.Rest();
    units.Rest();
  }
  EXPECT_GT(ledger.validator().changes(), 20);
  EXPECT_GT(units.validator().changes(), 10);
}

TEST(WatchContract, W3NothingThatChangedIsLeftOutWhateverTheView) {
  Office office;
  std::vector<std::unique_ptr<Viewer>> viewers;
  for (const char* person : {kSupervisor, kHousing, kWater, kAuditor}) {
    for (v1::View view : kListed) viewers.push_back(std::make_unique<Viewer>(office, person, view));
    viewers.push_back(std::make_unique<Viewer>(office, person, v1::VIEW_LEDGER, Where("light", "red")));
    viewers.push_back(std::make_unique<Viewer>(office, person, v1::VIEW_ALERTS, Where("kind", "overdue")));
    viewers.push_back(std::make_unique<Viewer>(office, person, v1::VIEW_UNITS, Where("unit", "units/zhujian")));
  }
  for (auto& viewer : viewers) viewer->Connect();
  for (int day = 2; day < 30; day += 4) {
    const std::vector<std::string> orders = Work(office, 4);
    office.Advance(At(absl::StrCat("2026-09-", day < 10 ? "0" : "", day, " 10:00")));
    office.Call(kHousing, office.Submission(orders[2]));
    for (auto& viewer : viewers) viewer->Rest();
    if (HasFailure()) return;
  }
  for (auto& viewer : viewers) EXPECT_THAT(viewer->validator().resets(), IsEmpty());
}

TEST(WatchContract, W3ATimelineIsWatchedToo) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-18").case_();
  Viewer line(office, kHousing, v1::VIEW_TIMELINE, Where("case", order));
  line.Connect();
  line.Rest();
  office.Act(kHousing, order, "acknowledge");
  office.Open("units/zhujian", "别的", "2026-09-18");
  line.Cut();
  line.Connect();
  office.Advance(At("2026-09-22 09:00"));
  line.Rest();
  EXPECT_GT(line.validator().rows().size(), 3u);
  EXPECT_EQ(line.validator().resumptions(), 1);
}

TEST(WatchContract, W4NothingComesTwiceAfterResumingFromTheLastMark) {
  Office office;
  const std::vector<std::string> orders = Work(office, 10);
  for (v1::View view : kListed) {
    Viewer viewer(office, kSupervisor, view);
    viewer.Connect();
    viewer.Rest();
    // Nothing happened: nothing but a mark.
    EXPECT_THAT(KindsFrom(office, kSupervisor, viewer.request(), viewer.validator().token()),
                ElementsAre("resumed", "mark"));
    // Something happened, was told, and the connection broke before its mark: it comes again, once.
    office.Open("units/zhujian", "新的", "2026-09-18");
    viewer.Take(1);
    viewer.Cut();
    viewer.Connect();
    viewer.Rest();
    EXPECT_EQ(viewer.validator().snapshots(), 1);
  }
}

TEST(WatchContract, W5ACommitsChangesStandBetweenTwoMarks) {
  // Given more rows than one message takes.
  Office office;
  for (int i = 0; i < 40; ++i) office.Open("units/zhujian", std::string(12'000, 'x') + absl::StrCat(i), "2026-09-18");
  Viewer ledger(office, kHousing, v1::VIEW_LEDGER);
  ledger.Connect();
  const int messages = ledger.Take();
  ledger.Rest();
  EXPECT_GT(messages, 3) << "a Begin, fragments, the last of them, a mark";
  // And one moment in which all of them change.
  office.Advance(At("2026-09-19 09:00"));
  ledger.Rest();
  EXPECT_EQ(ledger.validator().rows().size(), 40u);
}

TEST(WatchContract, W6AMarkSaysThatAllBeforeItHasBeenTold) {
  Office office;
  Viewer ledger(office, kHousing, v1::VIEW_LEDGER);
  ledger.Connect();
  for (int i = 0; i < 10; ++i) {
    Work(office, 3);
    // A heartbeat between the change and its being told promises no more than the mark before it.
    const v1::WatchViewResponse beat = ledger.stream().Heartbeat();
    if (beat.has_mark()) ledger.validator().Take(beat);
    ledger.Rest();
    ledger.validator().Take(ledger.stream().Heartbeat());
    EXPECT_THAT(KindsFrom(office, kHousing, ledger.request(), ledger.validator().token()),
                ElementsAre("resumed", "mark"));
  }
}

TEST(WatchContract, W7AHistoryThatEndsBeforeTheTokenIsWaitedForAndNeverServed) {
  // Given a watcher of a workspace, and a server that has less of it: restored from an older copy.
  Office office, other;
  Work(office, 3);
  Viewer ledger(office, kHousing, v1::VIEW_LEDGER);
  ledger.Connect();
  ledger.Rest();
  v1::WatchEventsRequest events;
  events.set_after(office.Events(kHousing).back().position());
  // Then its server says nothing for two seconds,
  ledger.Cut();
  ledger.request().set_resume_token(ledger.validator().token());
  auto view = Office::MustRead(other.node().WatchView(kHousing, ledger.request(), [] {}));
  auto stream = Office::MustRead(other.node().WatchEvents(kHousing, events, [] {}));
  v1::WatchViewResponse row;
  v1::WatchEventsResponse event;
  EXPECT_EQ(view->Next(&row), ViewStep::kNothingNow);
  EXPECT_EQ(stream->Next(&event), EventStream::Step::kNothingNow);
  EXPECT_EQ(view->Heartbeat().ByteSizeLong(), 0u);
  EXPECT_EQ(stream->Heartbeat().ByteSizeLong(), 0u);
  EXPECT_EQ(view->NextAt(), other.clock().Now() + absl::Seconds(2));
  // and then that it cannot, rather than older rows.
  other.clock().Set(other.clock().Now() + absl::Seconds(2));
  EXPECT_EQ(view->Next(&row), ViewStep::kEnd);
  EXPECT_EQ(stream->Next(&event), EventStream::Step::kEnd);
  EXPECT_EQ(CodeOf(view->status()), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(stream->status()), absl::StatusCode::kUnavailable);
}

TEST(WatchContract, W7AHistoryThatCatchesUpWithinTheTimeGoesOn) {
  Office office, same;  // The same seed: the same history, as long as the same is done.
  office.Open("units/zhujian", "一", "2026-09-18");
  v1::WatchEventsRequest events;
  events.set_after(office.Events(kHousing).back().position());
  auto stream = Office::MustRead(same.node().WatchEvents(kHousing, events, [] {}));
  v1::WatchEventsResponse event;
  EXPECT_EQ(stream->Next(&event), EventStream::Step::kNothingNow);
  same.Open("units/zhujian", "一", "2026-09-18");
  same.Open("units/zhujian", "二", "2026-09-18");
  ASSERT_EQ(stream->Next(&event), EventStream::Step::kMessage);
  EXPECT_EQ(event.events(0).event().case_opened().number(), same.Ledger(kHousing).rows(0).number());
}

TEST(WatchContract, W8AHistoryThatWentAnotherWayIsNoticed) {
  // Given two histories under one secret that part ways.
  Office office, forked;
  office.Open("units/zhujian", "一", "2026-09-18");
  Viewer ledger(office, kHousing, v1::VIEW_LEDGER);
  ledger.Connect();
  ledger.Rest();
  auto events = Office::MustRead(office.node().WatchEvents(kHousing, {}, [] {}));
  v1::WatchEventsResponse message;
  ASSERT_EQ(events->Next(&message), EventStream::Step::kMessage);
  v1::WatchEventsRequest after;
  after.set_after(message.mark().resume_token());
  for (int i = 0; i < 3; ++i) forked.Open("units/zhujian", absl::StrCat("另", i), "2026-09-18");
  const auto log = std::make_shared<HeardLog>();
  forked.options().log = log;
  forked.Restart();
  // Then the view begins anew and says why; events, which cannot be taken back, end.
  EXPECT_THAT(KindsFrom(forked, kHousing, ledger.request(), ledger.validator().token()),
              ElementsAre("HISTORY_FORKED", "begin", "changes", "mark"));
  auto stream = Office::MustRead(forked.node().WatchEvents(kHousing, after, [] {}));
  EXPECT_EQ(stream->Next(&message), EventStream::Step::kEnd);
  EXPECT_EQ(ReasonOf(stream->status()), "HISTORY_FORKED");
  // And operators are told, of each.
  EXPECT_THAT(log->Of("history_forked"),
              ElementsAre("error history_forked watch=view", "error history_forked watch=events"));
  // And at home both go on.
  EXPECT_THAT(KindsFrom(office, kHousing, ledger.request(), ledger.validator().token()),
              ElementsAre("resumed", "mark"));
  EXPECT_EQ(Office::MustRead(office.node().WatchEvents(kHousing, after, [] {}))->Next(&message),
            EventStream::Step::kMessage);
}

// A case that is open to both at first, then to the office alone, then to both again.
constexpr char kWithdrawn[] = R"(procedure: withdrawn
title: {zh: 收回, en: Withdrawn}
may_open: [office]
subject: matter
parties:
  office: {kind: unit, title: {zh: 经办单位, en: Office}}
  other:  {kind: unit, title: {zh: 相关单位, en: Other}}
fields:
  matter: {title: {zh: 事项, en: Matter}, type: text, required: true}
stages:
  shared:
    title: {zh: 共同办理, en: Shared}
    no_deadline: 测试
    actions:
      close_off: {title: {zh: 收回, en: Close off}, by: office, to: alone}
      finish: {title: {zh: 办结, en: Finish}, by: office, to: done}
  alone:
    title: {zh: 单独办理, en: Alone}
    sees: [office]
    no_deadline: 测试
    actions:
      share: {title: {zh: 公开, en: Share}, by: office, to: shared}
  done: {title: {zh: 已办结, en: Done}, end: done}
)";

TEST(WatchContract, W9ALostRightTakesTheRowsAwayAndARegainedOneBringsThemBack) {
  Office office;
  office.Publish("withdrawn", kWithdrawn);
  const std::string name =
      Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, office.Matter("withdrawn", "units/zhujian", "事项")))
          .case_();
  office.Open("units/zhujian", "别的", "2026-09-18");
  Viewer ledger(office, kHousing, v1::VIEW_LEDGER);
  Viewer line(office, kHousing, v1::VIEW_TIMELINE, Where("case", name));
  Viewer units(office, kHousing, v1::VIEW_UNITS);
  Viewer metrics(office, kHousing, v1::VIEW_METRICS);
  Viewer* const all[] = {&ledger, &line, &units, &metrics};
  for (const bool cut : {false, true}) {
    for (Viewer* viewer : all) {
      if (!cut) viewer->Connect();
      viewer->Rest();
    }
    EXPECT_TRUE(ledger.validator().Holds(name));
    EXPECT_FALSE(line.validator().rows().empty());
    // When the case is closed off, by watchers who are there or who are not.
    if (cut) {
      for (Viewer* viewer : all) viewer->Cut();
    }
    office.Act(kSupervisor, name, "close_off");
    for (Viewer* viewer : all) {
      if (cut) viewer->Connect();
      viewer->Rest();
    }
    // Then its row leaves, and rows of other views that did not change themselves leave with it.
    EXPECT_FALSE(ledger.validator().Holds(name));
    EXPECT_EQ(ledger.validator().rows().size(), 1u);
    EXPECT_TRUE(line.validator().rows().empty());
    office.Act(kSupervisor, name, "share");
    for (Viewer* viewer : all) viewer->Rest();
    EXPECT_TRUE(ledger.validator().Holds(name));
    EXPECT_FALSE(line.validator().rows().empty());
  }
  for (Viewer* viewer : all) EXPECT_THAT(viewer->validator().resets(), IsEmpty());
}

TEST(WatchContract, W9ARowThatLeftWhileNobodyWatchedComesAsARemovalToThoseWhoHeldIt) {
  Office office;
  const std::string held = office.Open("units/zhujian", "一", "2026-09-18").case_();
  Viewer issued(office, kHousing, v1::VIEW_LEDGER, Where("stage", "issued"));
  issued.Connect();
  issued.Rest();
  ASSERT_TRUE(issued.validator().Holds(held));
  issued.Cut();
  // When it leaves the filter, and another comes and goes meanwhile, and a third comes, goes and comes.
  office.Act(kHousing, held, "acknowledge");
  const std::string unseen = office.Open("units/zhujian", "二", "2026-09-18").case_();
  office.Act(kHousing, unseen, "acknowledge");
  issued.request().set_resume_token(issued.validator().token());
  auto stream = Office::MustRead(office.node().WatchView(kHousing, issued.request(), [] {}));
  v1::WatchViewResponse message;
  std::vector<std::string> left;
  while (stream->Next(&message) == ViewStep::kMessage) {
    for (const auto& change : message.changes().changes()) left.push_back(change.key());
  }
  // Then he is told of what he held, and of nothing else.
  EXPECT_THAT(left, ElementsAre(held));
}

TEST(WatchContract, W9WhatIsHiddenLeavesNoTraceInAResumption) {
  Office office;
  const std::string mine = office.Open("units/zhujian", "一", "2026-09-18").case_();
  const std::string hidden = office.Open("units/shuiwu", "二", "2026-09-18").case_();
  for (v1::View view : {v1::VIEW_LEDGER, v1::VIEW_ALERTS, v1::VIEW_WORKLIST, v1::VIEW_UNITS, v1::VIEW_METRICS}) {
    Viewer viewer(office, kHousing, view);
    viewer.Connect();
    viewer.Rest();
    const int before = viewer.validator().messages();
    for (int i = 0; i < 5; ++i) office.Open("units/shuiwu", absl::StrCat("别处", i), "2026-09-18");
    Office::Must<v1::ActOnCaseResponse>(office.Call(kWater, Remark(office, hidden)));
    viewer.Take();
    EXPECT_EQ(viewer.validator().messages(), before) << v1::View_Name(view);
    EXPECT_THAT(KindsFrom(office, kHousing, viewer.request(), viewer.validator().token()),
                ElementsAre("resumed", "mark"))
        << v1::View_Name(view);
  }
  // Marks of one position do not look alike: nobody can count by them.
  Viewer viewer(office, kHousing, v1::VIEW_LEDGER);
  viewer.Connect();
  viewer.Take();
  const std::string one = viewer.stream().Heartbeat().mark().resume_token();
  const std::string two = viewer.stream().Heartbeat().mark().resume_token();
  EXPECT_NE(one, two);
  EXPECT_EQ(one.size(), two.size());
}

TEST(WatchContract, W9AScopeThatChangedWhileNobodyWatchedBeginsAnew) {
  Office office;
  Work(office, 4);
  Viewer ledger(office, kHousing, v1::VIEW_LEDGER);
  ledger.Connect();
  ledger.Rest();
  ledger.Cut();
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("both");
  const v1::ListPostsResponse posts = Office::MustRead(office.node().ListPosts(kHousing, {}));
  for (const v1::Post& post : posts.posts()) {
    if (post.name() == "posts/shuiwu-chengban") *directory.add_posts() = post;
  }
  directory.mutable_posts(0)->add_holders(kHousing);
  Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  ledger.Connect();
  ledger.Rest();
  EXPECT_THAT(ledger.validator().resets(), ElementsAre("SCOPE_CHANGED"));
  EXPECT_EQ(ledger.validator().rows().size(), 4u);
}

TEST(WatchContract, W10WhenWritingStopsAllHoldWhatTheServerShows) {
  Office office;
  std::vector<std::unique_ptr<Viewer>> viewers;
  for (v1::View view : kListed) viewers.push_back(std::make_unique<Viewer>(office, kSupervisor, view));
  for (auto& viewer : viewers) viewer->Connect();
  std::atomic<int> done{0};
  for (int i = 0; i < 300; ++i) {
    office.node().Submit(kSupervisor, office.Order("units/zhujian", absl::StrCat("第", i, "件")),
                         [&](Reply<Response>) { ++done; });
  }
  while (done < 300) {
    for (auto& viewer : viewers) viewer->Take(2);
  }
  for (auto& viewer : viewers) viewer->Rest();
  EXPECT_EQ(viewers[0]->validator().rows().size(), 300u);
}

TEST(WatchContract, W11AQuietWatchIsMarkedAtItsHeartbeatAndTheMarkMovesOn) {
  Office office;
  Viewer ledger(office, kHousing, v1::VIEW_LEDGER);
  ledger.Connect();
  ledger.Rest();
  // Given a history that goes on where he may not look, for longer than is kept of it by heartbeats missed.
  office.Open("units/shuiwu", "别处", "2026-09-18");
  ledger.validator().Take(ledger.stream().Heartbeat());
  ledger.Rest();
  EXPECT_EQ(ledger.stream().NextAt(), absl::InfiniteFuture());
  EXPECT_EQ(ledger.validator().changes(), 0);
}

TEST(WatchContract, W12APausedReaderCostsNothingAndABoundedStepWhenItComesBack) {
  // Given a reader who takes nothing in while the same few rows change again and again.
  Office office;
  std::vector<std::string> orders;
  for (int i = 0; i < 5; ++i) orders.push_back(office.Open("units/zhujian", absl::StrCat(i), "2026-09-18").case_());
  Viewer paused(office, kHousing, v1::VIEW_LEDGER);
  paused.Connect();
  paused.Rest();
  constexpr int kRemarks = 5000;
  std::atomic<int> done{0};
  for (int i = 0; i < kRemarks; ++i) {
    while (i - done > 2000) std::this_thread::yield();
    office.node().Submit(kHousing, Remark(office, orders[i % 5]), [&](Reply<Response>) { ++done; });
  }
  while (done < kRemarks) std::this_thread::yield();
  // Then what waits for him is five rows, whatever has happened: Changes and Mark, after a few steps of looking.
  const int before = paused.validator().messages();
  paused.Rest();
  EXPECT_LE(paused.validator().messages(), before + 2);
  EXPECT_THAT(paused.validator().resets(), IsEmpty());
}

// What cannot be honoured is answered on the same stream.
TEST(WatchResume, TokensThatCannotBeHonouredBeginAnewAndSayWhy) {
  Office office;
  Work(office, 4);
  Viewer ledger(office, kHousing, v1::VIEW_LEDGER), alerts(office, kHousing, v1::VIEW_ALERTS);
  Viewer other(office, kWater, v1::VIEW_LEDGER);
  for (Viewer* viewer : {&ledger, &alerts, &other}) {
    viewer->Connect();
    viewer->Rest();
  }
  const std::string token = ledger.validator().token();
  const auto from = [&](const std::string& given) { return KindsFrom(office, kHousing, ledger.request(), given)[0]; };
  EXPECT_EQ(from(token), "resumed");
  EXPECT_EQ(from("made up"), "TOKEN_EXPIRED");
  EXPECT_EQ(from(other.validator().token()), "TOKEN_EXPIRED") << "another person's";
  EXPECT_EQ(from(alerts.validator().token()), "FILTER_CHANGED") << "another view's";
  for (size_t i = 0; i < token.size(); i += 7) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(from(changed), "TOKEN_EXPIRED") << "character " << i;
  }
  *ledger.request().mutable_rows() = Where("light", "red");
  EXPECT_EQ(from(token), "FILTER_CHANGED");
  // The order of conditions does not matter.
  auto& labels = *ledger.request().mutable_rows()->mutable_labels();
  std::vector<std::pair<std::string, std::string>> where = {{"stage", "closed"},
                                                            {"light", "red"},
                                                            {"procedure", "rectification"},
                                                            {"state", "ended"},
                                                            {"timeliness", "ended_late"}};
  labels.clear();
  for (const auto& [label, value] : where) labels[label] = value;
  Viewer many(office, kHousing, v1::VIEW_LEDGER, ledger.request().rows());
  many.Connect();
  many.Take();
  labels.clear();
  std::reverse(where.begin(), where.end());
  for (const auto& [label, value] : where) labels[label] = value;
  EXPECT_EQ(from(many.validator().token()), "resumed");
}

TEST(WatchResume, AnEventTokenIsNoViewTokenNorAnothersEventToken) {
  Office office;
  Work(office, 2);
  auto stream = Office::MustRead(office.node().WatchEvents(kHousing, {}, [] {}));
  const std::string mark = [&] {
    v1::WatchEventsResponse message;
    EXPECT_EQ(stream->Next(&message), EventStream::Step::kMessage);
    return message.mark().resume_token();
  }();
  v1::WatchViewRequest view;
  view.set_view(v1::VIEW_LEDGER);
  EXPECT_EQ(KindsFrom(office, kHousing, view, mark)[0], "TOKEN_EXPIRED");
  v1::WatchEventsRequest request;
  request.set_after(mark);
  EXPECT_EQ(ReasonOf(office.node().WatchEvents(kWater, request, [] {})), "UNKNOWN_POSITION");
  EXPECT_EQ(CodeOf(office.node().WatchEvents(kHousing, request, [] {})), absl::StatusCode::kOk);
}

// A view whose rows are large: two hundred of each case.
class Wide : public engine::View {
 public:
  const engine::Definition& definition() const override {
    static const engine::Definition is = [] {
      engine::Definition d;
      d.number = v1::VIEW_REGISTERS;
      d.name = "wide";
      return d;
    }();
    return is;
  }
  void Apply(const engine::Change& change, engine::ViewRows& rows) const override {
    if (change.after == nullptr) return;
    std::vector<engine::Row> wide;
    for (int i = 0; i < 200; ++i) {
      engine::Row& row = wide.emplace_back();
      row.key = absl::StrCat(change.after->name(), "/", i);
      row.audience = engine::AudienceOf(*change.procedure, *change.after);
      row.row.mutable_register_()->set_number(std::string(8000, 'x') + absl::StrCat(change.after->revision()));
    }
    rows.Replace(change.after->name(), std::move(wide));
  }
};

TEST(WatchResume, ACommitThatChangedMoreThanIsKeptIsNotGoneOver) {
  // Given a commit that changes more bytes of rows than are kept of one: that it was left out is kept.
  Office office;
  const std::string order = office.Open("units/zhujian", "一", "2026-09-18").case_();
  Viewer ledger(office, kHousing, v1::VIEW_LEDGER);
  ledger.Connect();
  ledger.Rest();
  ledger.Cut();
  office.Act(kHousing, order, "acknowledge");
  const std::string at = engine::KeyNumber(office.store().head() - 1);
  const Wide wide;
  const auto derived = DeriveRows(office.store(), {&engine::LedgerView(), &wide});
  ASSERT_TRUE(derived.ok()) << derived.status();
  std::string kept;
  for (const store::RowChange& row : derived->rows) {
    if (row.table != static_cast<uint8_t>(engine::Table::kChanged)) continue;
    EXPECT_LE(row.value.size(), limits::kChangedBytesMax);
    if (row.key == at) kept = row.value;
  }
  EXPECT_GT(kept.size(), 0u);
  EXPECT_LT(kept.size(), 10u);
  // Then whoever would have to go over it begins anew.
  ASSERT_TRUE(office.store().WriteBeside({{static_cast<uint8_t>(engine::Table::kChanged), at, kept, false}}).ok());
  office.Open("units/zhujian", "二", "2026-09-18");
  ledger.Connect();
  ledger.Rest();
  EXPECT_THAT(ledger.validator().resets(), ElementsAre("TOO_SLOW"));
  EXPECT_EQ(ledger.validator().rows().size(), 2u);
}

// The defects that watches elsewhere are known to have had, in our terms.

TEST(WatchDefects, ProgressIsNotMarkedBeforeWhatItCoversHasBeenTold) {  // etcd 15220
  Office office;
  auto stream = Office::MustRead(office.node().WatchEvents(kHousing, {}, [] {}));
  v1::WatchEventsResponse message;
  ASSERT_EQ(stream->Next(&message), EventStream::Step::kMessage);
  // A watcher who lags behind asks for progress: from that mark on, all comes.
  office.Open("units/zhujian", "一", "2026-09-18");
  const std::string progress = stream->Heartbeat().mark().resume_token();
  EXPECT_FALSE(stream->Heartbeat().mark().caught_up());
  v1::WatchEventsRequest after;
  after.set_after(progress);
  auto again = Office::MustRead(office.node().WatchEvents(kHousing, after, [] {}));
  ASSERT_EQ(again->Next(&message), EventStream::Step::kMessage);
  EXPECT_TRUE(message.events(0).event().has_case_opened());
}

TEST(WatchDefects, NoTimeTravelWhenTheServerChanges) {  // etcd 15271
  Office office;
  const std::string order = office.Open("units/zhujian", "一", "2026-09-18").case_();
  Viewer ledger(office, kHousing, v1::VIEW_LEDGER);
  for (int i = 0; i < 20; ++i) {
    ledger.Connect();
    ledger.Rest();
    Office::Must<v1::ActOnCaseResponse>(office.Call(kHousing, Remark(office, order)));
    if (i % 3 == 0) ledger.Rest();
    ledger.Cut();
    office.Restart();
  }
  EXPECT_EQ(ledger.validator().snapshots(), 1);
  EXPECT_EQ(ledger.validator().resumptions(), 19);
}

TEST(WatchDefects, NoStreamIsStarvedByAnother) {  // etcd 17529
  Office office;
  Viewer busy(office, kSupervisor, v1::VIEW_LEDGER), quiet(office, kHousing, v1::VIEW_LEDGER);
  EventValidator events;
  auto stream = Office::MustRead(office.node().WatchEvents(kHousing, {}, [] {}));
  busy.Connect();
  quiet.Connect();
  v1::WatchEventsResponse message;
  ASSERT_EQ(stream->Next(&message), EventStream::Step::kMessage);
  for (int i = 0; i < 50; ++i) {
    Work(office, 2);
    busy.Take(1);
    quiet.Rest();
    while (stream->Next(&message) == EventStream::Step::kMessage) events.Take(message);
  }
  busy.Rest();
  EXPECT_EQ(quiet.validator().rows().size(), 50u);
}

// etcd 18089, 19179; and W12 by its numbers. Takes a minute: not among the quick tests.
TEST(WatchSoak, ARemovalAtTheEdgeOfWhatIsKeptIsToldAndPastTheEdgeTheWatchBeginsAnew) {
  // Given removals right after a mark, and a reader who stays connected and takes nothing in.
  Office office;
  const std::string order = office.Open("units/zhujian", "一", "2026-09-18").case_();
  const std::string elsewhere = office.Open("units/shuiwu", "别处", "2026-09-18").case_();
  Viewer issued(office, kHousing, v1::VIEW_LEDGER, Where("stage", "issued"));
  Viewer late(office, kHousing, v1::VIEW_LEDGER, Where("stage", "issued"));
  Viewer paused(office, kHousing, v1::VIEW_LEDGER);
  for (Viewer* viewer : {&issued, &late, &paused}) {
    viewer->Connect();
    viewer->Rest();
  }
  issued.Cut();
  late.Cut();
  const store::Position edge = office.store().head() + limits::kChangedKept;
  office.Act(kHousing, order, "acknowledge");
  // When exactly as many commits follow the mark as are kept.
  std::atomic<uint64_t> done{0};
  uint64_t sent = 0;
  for (uint64_t left = edge - office.store().head(); sent < left; ++sent) {
    while (sent - done > 1000) std::this_thread::yield();
    office.node().Submit(kWater, Remark(office, elsewhere), [&](Reply<Response>) { ++done; });
  }
  while (done < sent) std::this_thread::yield();
  ASSERT_EQ(office.store().head(), edge);
  // Then the removal is told to whoever resumes from there.
  issued.Connect();
  issued.Rest();
  EXPECT_FALSE(issued.validator().Holds(order));
  EXPECT_THAT(issued.validator().resets(), IsEmpty());
  // One commit later it begins anew, and so does he who was connected all the time.
  Office::Must<v1::ActOnCaseResponse>(office.Call(kWater, Remark(office, elsewhere)));
  late.Connect();
  late.Rest();
  EXPECT_THAT(late.validator().resets(), ElementsAre("TOKEN_EXPIRED"));
  EXPECT_FALSE(late.validator().Holds(order));
  paused.Rest();
  EXPECT_THAT(paused.validator().resets(), ElementsAre("TOO_SLOW"));
  // No more is kept than that.
  size_t kept = 0;
  ASSERT_TRUE(office.store()
                  .NewSnapshot()
                  ->Scan(static_cast<uint8_t>(engine::Table::kChanged), "", "",
                         [&](absl::string_view, absl::string_view) { return ++kept > 0; })
                  .ok());
  EXPECT_LE(kept, limits::kChangedKept);
}

TEST(WatchDefects, AFutureTokenIsNotTakenForThePresent) {  // etcd 20221
  Office newer, older;
  Work(newer, 5);
  Viewer ledger(newer, kHousing, v1::VIEW_LEDGER);
  ledger.Connect();
  ledger.Rest();
  ledger.request().set_resume_token(ledger.validator().token());
  auto stream = Office::MustRead(older.node().WatchView(kHousing, ledger.request(), [] {}));
  v1::WatchViewResponse message;
  EXPECT_EQ(stream->Next(&message), ViewStep::kNothingNow);
  // What comes meanwhile on the shorter history is not what the token was about.
  older.Open("units/zhujian", "别的", "2026-09-18");
  EXPECT_EQ(stream->Next(&message), ViewStep::kNothingNow);
}

}  // namespace
}  // namespace duban::node
