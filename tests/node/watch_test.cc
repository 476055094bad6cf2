// Watching: nothing left out, nothing twice, whole commits, and views that converge on what a query would say.
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <thread>

#include "absl/strings/str_format.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using EventStep = EventStream::Step;
using ViewStep = ViewStream::Step;

std::unique_ptr<EventStream> WatchEvents(
    Office& office, const std::string& viewer, const v1::WatchEventsRequest& request,
    std::function<void()> wake = [] {}) {
  return Office::MustRead(office.node().WatchEvents(viewer, request, std::move(wake)));
}

// All messages that are there now.
std::vector<v1::WatchEventsResponse> Drain(EventStream& stream) {
  std::vector<v1::WatchEventsResponse> out;
  v1::WatchEventsResponse message;
  while (stream.Next(&message) == EventStep::kMessage) out.push_back(message);
  return out;
}

std::vector<std::string> Names(const std::vector<v1::WatchEventsResponse>& messages) {
  std::vector<std::string> out;
  for (const auto& message : messages) {
    for (const v1::EventRecord& record : message.events()) {
      out.push_back(absl::StrCat(record.stream(), "@", record.revision(), "#", record.index()));
    }
  }
  return out;
}

v1::WatchEventsRequest FromBeginning() {
  v1::WatchEventsRequest request;
  request.set_beginning(true);
  return request;
}

// A few weeks in which two bureaus work.
void Work(Office& office, int orders) {
  for (int i = 0; i < orders; ++i) {
    const bool housing = i % 2 == 0;
    const std::string order =
        office.Open(housing ? "units/zhujian" : "units/shuiwu", absl::StrCat("第", i, "件"), "2026-09-18").case_();
    if (i % 3 != 0) office.Act(housing ? kHousing : kWater, order, "acknowledge");
  }
}

TEST(WatchEvents, FromTheBeginningGivesAllThatReadingGivesOnce) {
  Office office;
  Work(office, 40);
  office.Advance(At("2026-09-30 09:00"));
  const std::vector<std::string> watched = Names(Drain(*WatchEvents(office, kHousing, FromBeginning())));
  std::vector<std::string> read;
  for (const v1::EventRecord& record : office.Events(kHousing)) {
    read.push_back(absl::StrCat(record.stream(), "@", record.revision(), "#", record.index()));
  }
  EXPECT_EQ(watched, read);
  EXPECT_GT(watched.size(), 200u);
}

TEST(WatchEvents, ResumesAfterEveryPositionWithoutGapOrRepeat) {
  Office office;
  Work(office, 12);
  office.Advance(At("2026-09-20 09:00"));
  const std::vector<v1::EventRecord> all = office.Events(kHousing);
  ASSERT_GT(all.size(), 60u);
  for (size_t i = 0; i < all.size(); ++i) {
    if (i + 1 < all.size() && all[i + 1].position() == all[i].position()) continue;  // Not a commit's last.
    v1::WatchEventsRequest request;
    request.set_after(all[i].position());
    const std::vector<std::string> rest = Names(Drain(*WatchEvents(office, kHousing, request)));
    ASSERT_EQ(rest.size(), all.size() - i - 1) << "after event " << i;
    if (!rest.empty()) {
      EXPECT_EQ(rest[0], absl::StrCat(all[i + 1].stream(), "@", all[i + 1].revision(), "#", all[i + 1].index()));
    }
  }
}

TEST(WatchEvents, ResumesFromEveryMarkAndFollowsWhatComes) {
  Office office;
  auto stream = WatchEvents(office, kHousing, FromBeginning());
  std::vector<std::string> together = Names(Drain(*stream));
  for (int round = 0; round < 6; ++round) {
    // Given a watch that breaks off at a mark, and is resumed from it after more has happened.
    const std::string mark = stream->Heartbeat().mark().resume_token();
    Work(office, 3);
    v1::WatchEventsRequest request;
    request.set_after(mark);
    stream = WatchEvents(office, kHousing, request);
    for (std::string& name : Names(Drain(*stream))) together.push_back(std::move(name));
  }
  EXPECT_EQ(together, Names(Drain(*WatchEvents(office, kHousing, FromBeginning()))));
}

TEST(WatchEvents, ACommitIsNeverSplitBetweenMessages) {
  Office office;
  Work(office, 200);
  std::map<std::string, int> messages_of;  // Position -> the one message that holds it.
  int number = 0;
  for (const auto& message : Drain(*WatchEvents(office, kAuditor, FromBeginning()))) {
    ++number;
    for (const v1::EventRecord& record : message.events()) {
      EXPECT_EQ(messages_of.emplace(record.position(), number).first->second, number);
    }
  }
  EXPECT_GT(number, 3);
}

TEST(WatchEvents, WakesWhenSomethingCameAndMarksWhatWasSent) {
  Office office;
  std::atomic<int> wakes{0};
  auto stream = WatchEvents(office, kHousing, {}, [&] { ++wakes; });
  // A new watch from now on says at once that it has caught up.
  std::vector<v1::WatchEventsResponse> first = Drain(*stream);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(first[0].mark().caught_up());
  EXPECT_EQ(first[0].events_size(), 0);
  const int before = wakes;
  office.Open("units/zhujian", "x");
  EXPECT_GT(wakes, before);
  const std::vector<v1::WatchEventsResponse> came = Drain(*stream);
  ASSERT_EQ(came.size(), 1u);
  EXPECT_TRUE(came[0].mark().caught_up());
  EXPECT_GT(came[0].events_size(), 0);
  // What he may not see causes no message.
  office.Open("units/shuiwu", "y");
  EXPECT_TRUE(Drain(*stream).empty());
}

TEST(WatchEvents, OneStreamGivesThatStreamOnly) {
  Office office;
  Work(office, 6);
  const v1::OpenCaseResponse mine = office.Open("units/zhujian", "这一件");
  Work(office, 6);
  office.Act(kHousing, mine.case_(), "acknowledge");
  v1::WatchEventsRequest request = FromBeginning();
  request.set_stream(mine.number());
  auto stream = WatchEvents(office, kHousing, request);
  std::vector<v1::EventRecord> seen;
  for (const auto& message : Drain(*stream)) seen.insert(seen.end(), message.events().begin(), message.events().end());
  const std::vector<v1::EventRecord> read = office.Events(kHousing, mine.case_());
  ASSERT_EQ(seen.size(), read.size());
  // And goes on with what comes, of that case alone.
  office.Open("units/zhujian", "另一件");
  EXPECT_TRUE(Drain(*stream).empty());
  v1::ActOnCaseRequest urge = office.Action(mine.case_(), "urge");
  urge.set_reason("尽快");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, urge));
  EXPECT_EQ(Names(Drain(*stream)).size(), 1u);
}

TEST(WatchEvents, AMadeUpPositionIsRefused) {
  Office office;
  v1::WatchEventsRequest request;
  request.set_after("made up");
  EXPECT_EQ(ReasonOf(office.node().WatchEvents(kHousing, request, [] {})), "UNKNOWN_POSITION");
}

TEST(Watches, EndWhenTheNodeStopsAndAreBoundedPerPerson) {
  Office office;
  std::vector<std::unique_ptr<EventStream>> open;
  for (int i = 0; i < 16; ++i) open.push_back(WatchEvents(office, kHousing, {}));
  EXPECT_EQ(CodeOf(office.node().WatchEvents(kHousing, {}, [] {})), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(office.node().WatchEvents(kWater, {}, [] {})), absl::StatusCode::kOk);
  open.pop_back();
  EXPECT_EQ(CodeOf(office.node().WatchEvents(kHousing, {}, [] {})), absl::StatusCode::kOk);
  office.node().Shutdown();
  v1::WatchEventsResponse message;
  EXPECT_EQ(open[0]->Next(&message), EventStep::kEnd);
  EXPECT_EQ(CodeOf(open[0]->status()), absl::StatusCode::kUnavailable);
  open.clear();
}

TEST(Watches, NoWakeUpReachesAStreamThatHasGone) {
  // Given a writer that never rests, and watches that come and go beside it.
  Office office;
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) office.Open("units/zhujian", "x");
  });
  for (int i = 0; i < 100; ++i) {
    // Each wake-up dawdles, so that many streams are let go of in the middle of one.
    auto alive = std::make_shared<std::atomic<bool>>(true);
    auto stream = WatchEvents(office, kHousing, {}, [alive] {
      std::this_thread::sleep_for(std::chrono::microseconds(500));
      EXPECT_TRUE(*alive);
    });
    std::this_thread::sleep_for(std::chrono::microseconds(100 * (i % 10)));
    stream.reset();
    *alive = false;
  }
  stop = true;
  writer.join();
  EXPECT_EQ(Office::MustRead(office.node().GetStats(kOperatorPerson, {})).event_watches(), 0);
}

// What a client holds of a watched view.
class Held {
 public:
  explicit Held(std::unique_ptr<ViewStream> stream) : stream_(std::move(stream)) {}

  // Takes in all that is there now.
  void Drain() {
    v1::WatchViewResponse message;
    for (ViewStep step; (step = stream_->Next(&message)) != ViewStep::kEnd;) {
      if (step == ViewStep::kNothingNow && stream_->NextAt() == absl::UnixEpoch()) continue;  // More to look at.
      if (step == ViewStep::kNothingNow) break;
      if (message.has_begin()) rows_.clear();
      if (message.has_reset()) resets_.push_back(message.reset().reason());
      for (const auto& change : message.changes().changes()) {
        if (change.has_ledger()) {
          rows_[change.key()] = change.ledger().SerializeAsString();
        } else if (change.has_alert()) {
          rows_[change.key()] = change.alert().SerializeAsString();
        } else {
          EXPECT_EQ(rows_.erase(change.key()), 1u) << "only what is held can leave";
        }
      }
      if (message.has_mark()) EXPECT_EQ(message.mark().item_count(), static_cast<int64_t>(rows_.size()));
      ++messages_;
    }
  }

  const std::map<std::string, std::string>& rows() const { return rows_; }
  const std::vector<std::string>& resets() const { return resets_; }
  int messages() const { return messages_; }
  ViewStream& stream() { return *stream_; }

 private:
  std::unique_ptr<ViewStream> stream_;
  std::map<std::string, std::string> rows_;
  std::vector<std::string> resets_;
  int messages_ = 0;
};

Held WatchLedger(Office& office, const std::string& viewer, const v1::LedgerFilter& filter = {}) {
  v1::WatchViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  request.set_min_interval_ms(0);
  *request.mutable_filter() = filter;
  return Held(Office::MustRead(office.node().WatchView(viewer, request, [] {})));
}

std::map<std::string, std::string> LedgerOf(Office& office, const std::string& viewer,
                                            const v1::LedgerFilter& filter = {}) {
  std::map<std::string, std::string> out;
  v1::QueryLedgerRequest request;
  *request.mutable_filter() = filter;
  do {
    const v1::QueryLedgerResponse page = office.Ledger(viewer, request);
    for (const v1::LedgerRow& row : page.rows()) out[row.case_()] = row.SerializeAsString();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return out;
}

std::map<std::string, std::string> AlertsOf(Office& office, const std::string& viewer) {
  std::map<std::string, std::string> out;
  v1::ListAlertsRequest request;
  do {
    const v1::ListAlertsResponse page = Office::MustRead(office.node().ListAlerts(viewer, request));
    for (const v1::Alert& alert : page.alerts()) out[alert.name()] = alert.SerializeAsString();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return out;
}

TEST(WatchView, ConvergesOnTheLedgerAndTheAlertsWhateverHappens) {
  Office office;
  Work(office, 20);
  v1::LedgerFilter red;
  red.set_light("red");
  Held all = WatchLedger(office, kHousing);
  Held overdue = WatchLedger(office, kHousing, red);
  v1::WatchViewRequest request;
  request.set_view(v1::VIEW_ALERTS);
  Held alerts(Office::MustRead(office.node().WatchView(kHousing, request, [] {})));
  for (int day = 2; day < 30; day += 3) {
    office.Advance(At(absl::StrFormat("2026-09-%02d 09:00", day)));
    Work(office, 2);
    for (const auto& [name, row] : LedgerOf(office, kHousing)) {
      if (day % 2 == 0) office.Call(kHousing, office.Submission(name));
      break;
    }
    all.Drain();
    overdue.Drain();
    alerts.Drain();
    ASSERT_EQ(all.rows(), LedgerOf(office, kHousing)) << "day " << day;
    ASSERT_EQ(overdue.rows(), LedgerOf(office, kHousing, red)) << "day " << day;
    ASSERT_EQ(alerts.rows(), AlertsOf(office, kHousing)) << "day " << day;
  }
  EXPECT_FALSE(overdue.rows().empty());
  EXPECT_FALSE(alerts.rows().empty());
  EXPECT_TRUE(all.resets().empty());
}

TEST(WatchView, ARowThatNoLongerMatchesLeaves) {
  Office office;
  v1::LedgerFilter issued;
  issued.set_stage("issued");
  Held held = WatchLedger(office, kHousing, issued);
  const std::string order = office.Open("units/zhujian", "x").case_();
  held.Drain();
  EXPECT_EQ(held.rows().count(order), 1u);
  office.Act(kHousing, order, "acknowledge");
  held.Drain();
  EXPECT_TRUE(held.rows().empty());
}

TEST(WatchView, WhatTheViewerMayNotSeeCausesNoMessage) {
  Office office;
  Held held = WatchLedger(office, kHousing);
  held.Drain();
  const int before = held.messages();
  Work(office, 0);
  for (int i = 0; i < 5; ++i) office.Open("units/shuiwu", "不可见");
  held.Drain();
  EXPECT_EQ(held.messages(), before);
}

TEST(WatchView, AChangedScopeBeginsAnew) {
  Office office;
  const std::string hidden = office.Open("units/shuiwu", "排口未截污").case_();
  Held held = WatchLedger(office, kHousing);
  held.Drain();
  EXPECT_TRUE(held.rows().empty());
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("both");
  const v1::ListPostsResponse posts = Office::MustRead(office.node().ListPosts(kHousing, {}));
  for (const v1::Post& post : posts.posts()) {
    if (post.name() == "posts/shuiwu-chengban") *directory.add_posts() = post;
  }
  directory.mutable_posts(0)->add_holders(kHousing);
  Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  held.Drain();
  EXPECT_THAT(held.resets(), testing::ElementsAre("SCOPE_CHANGED"));
  EXPECT_EQ(held.rows().count(hidden), 1u);
  // And when the post is taken away, the row is gone.
  directory.set_idempotency_key("back");
  directory.mutable_posts(0)->mutable_holders()->RemoveLast();
  Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  held.Drain();
  EXPECT_TRUE(held.rows().empty());
}

TEST(WatchView, ChangesAreGatheredForTheIntervalAskedFor) {
  Office office;
  v1::WatchViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  request.set_min_interval_ms(1000);
  Held held(Office::MustRead(office.node().WatchView(kHousing, request, [] {})));
  held.Drain();
  const std::string order = office.Open("units/zhujian", "x").case_();
  office.Act(kHousing, order, "acknowledge");
  held.Drain();
  EXPECT_TRUE(held.rows().empty());
  EXPECT_EQ(held.stream().NextAt(), office.clock().Now() + absl::Seconds(1));
  office.clock().Set(office.clock().Now() + absl::Seconds(1));
  held.Drain();
  EXPECT_EQ(held.rows(), LedgerOf(office, kHousing));
}

TEST(WatchView, KeepsUpWithWritersOnOtherThreads) {
  Office office;
  Held held = WatchLedger(office, kSupervisor);
  std::atomic<int> done{0};
  for (int i = 0; i < 500; ++i) {
    office.node().Submit(kSupervisor, office.Order("units/zhujian", absl::StrCat("第", i, "件")),
                         [&](Reply<Response>) { ++done; });
  }
  while (done < 500) held.Drain();
  held.Drain();
  EXPECT_EQ(held.rows(), LedgerOf(office, kSupervisor));
  EXPECT_EQ(held.rows().size(), 500u);
}

TEST(WatchView, ASlowWatcherBeginsAnewAndATooLargeViewEnds) {
  // Given two watchers who take nothing in while more rows come and go than one step may tell.
  Office office;
  v1::LedgerFilter issued;
  issued.set_stage("issued");
  Held slow = WatchLedger(office, kHousing, issued);
  Held few = WatchLedger(office, kHousing, [] {
    v1::LedgerFilter filter;
    filter.set_text("第77件");
    return filter;
  }());
  Held large = WatchLedger(office, kHousing);
  for (Held* held : {&slow, &few, &large}) held->Drain();
  constexpr int kOrders = 10'050;
  std::atomic<int> done{0};
  std::mutex mu;
  std::vector<std::string> names;
  const auto wait_for = [&](int least) {
    while (done < least) std::this_thread::yield();
  };
  const auto open = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      wait_for(i - 2000);
      office.node().Submit(kSupervisor, office.Order("units/zhujian", absl::StrCat("第", i, "件")),
                           [&](Reply<Response> reply) {
                             {
                               std::lock_guard<std::mutex> lock(mu);
                               names.push_back(Office::Must<v1::OpenCaseResponse>(std::move(reply)).case_());
                             }
                             ++done;
                           });
    }
    wait_for(to);
  };
  open(0, kOrders / 2);
  slow.Drain();
  EXPECT_EQ(slow.rows().size(), static_cast<size_t>(kOrders / 2));
  open(kOrders / 2, kOrders);
  for (int i = 0; i < kOrders / 2; ++i) {
    wait_for(kOrders + i - 2000);
    office.node().Submit(kHousing, office.Action(names[i], "acknowledge"), [&](Reply<Response>) { ++done; });
  }
  wait_for(kOrders + kOrders / 2);
  // Then the one is told so and gets a new snapshot; to another, who sees little of it, it is little; and the view of
  // the third has become too large to hold.
  slow.Drain();
  EXPECT_THAT(slow.resets(), testing::ElementsAre("TOO_SLOW"));
  EXPECT_EQ(slow.rows().size(), static_cast<size_t>(kOrders - kOrders / 2));
  few.Drain();
  EXPECT_THAT(few.resets(), testing::IsEmpty());
  EXPECT_EQ(few.rows().size(), 1u);
  large.Drain();
  EXPECT_EQ(CodeOf(large.stream().status()), absl::StatusCode::kResourceExhausted);
}

TEST(Replay, ShowsACaseAfterEachEventAndEndsAtTheTimeAsked) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-18").case_();
  office.Act(kHousing, order, "acknowledge");
  office.Advance(At("2026-09-22 09:00"));
  v1::ReplayRequest request;
  request.set_stream(order);
  auto replay = Office::MustRead(office.node().Replay(kHousing, request, [] {}));
  std::vector<v1::ReplayResponse> steps;
  v1::ReplayResponse step;
  while (replay->Next(&step) == ReplayStream::Step::kMessage) steps.push_back(step);
  EXPECT_EQ(CodeOf(replay->status()), absl::StatusCode::kOk);
  const std::vector<v1::EventRecord> events = office.Events(kHousing, order);
  ASSERT_EQ(steps.size(), events.size());
  for (size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i].case_().revision(), events[i].revision());
  v1::Case last = office.Show(kHousing, order);
  last.clear_actions();
  EXPECT_EQ(steps.back().case_().SerializeAsString(), last.SerializeAsString());

  // Until a day, it ends with what that day knew, and as_of says the same.
  request.mutable_until()->set_date("2026-09-10");
  auto until = Office::MustRead(office.node().Replay(kHousing, request, [] {}));
  v1::Case then;
  while (until->Next(&step) == ReplayStream::Step::kMessage) then = step.case_();
  v1::GetCaseRequest get;
  get.set_case_(order);
  get.mutable_as_of()->set_date("2026-09-10");
  const v1::Case as_of = Office::MustRead(office.node().GetCase(kHousing, get)).case_();
  EXPECT_EQ(then.SerializeAsString(), as_of.SerializeAsString());
  EXPECT_NE(then.timeliness(), last.timeliness());
}

TEST(Replay, KeepsThePaceAskedForAndNoLongerPauses) {
  Office office;
  const std::string order = office.Open("units/zhujian", "x", "2026-09-18").case_();
  office.Advance(At("2026-09-01 21:00"));
  office.Act(kHousing, order, "acknowledge");
  office.Advance(At("2026-09-12 09:00"));
  v1::ActOnCaseRequest report = office.Action(order, "report");
  Office::SetField(report.mutable_fields(), "progress")->set_text("过半");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kHousing, report));
  v1::ReplayRequest request;
  request.set_stream(order);
  request.set_speed(86400);  // A day in a second.
  request.mutable_max_pause()->set_seconds(3);
  auto replay = Office::MustRead(office.node().Replay(kHousing, request, [] {}));
  v1::ReplayResponse step;
  std::vector<absl::Duration> pauses;
  while (true) {
    const auto result = replay->Next(&step);
    if (result == ReplayStream::Step::kEnd) break;
    if (result == ReplayStream::Step::kMessage) continue;
    pauses.push_back(replay->NextAt() - office.clock().Now());
    office.clock().Set(replay->NextAt());
  }
  ASSERT_FALSE(pauses.empty());
  EXPECT_EQ(pauses.front(), absl::Milliseconds(500));  // Half a day.
  for (absl::Duration pause : pauses) EXPECT_LE(pause, absl::Seconds(3));
}

}  // namespace
}  // namespace duban::node
