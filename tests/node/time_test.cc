// Time: timers are ordinary commits, fire in order and once, and readers are told how far they have fired.
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "engine/base/limits.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using testing::ElementsAre;

std::vector<v1::EventRecord> Fired(const std::vector<v1::EventRecord>& events) {
  std::vector<v1::EventRecord> out;
  for (const v1::EventRecord& record : events) {
    if (record.event().has_rung_fired() || (record.command() == "FireTimers" && record.event().has_stage_entered())) {
      out.push_back(record);
    }
  }
  return out;
}

std::vector<std::string> Commands(const std::vector<v1::EventRecord>& events) {
  std::vector<std::string> out;
  for (const v1::EventRecord& record : events) {
    if (out.empty() || out.back() != record.command()) out.push_back(record.command());
  }
  return out;
}

TEST(VirtualTime, TimersFireAtTheirOwnInstantsInOrderAcrossCases) {
  // Given three received orders with different due days.
  Office office;
  for (const char* due : {"2026-09-24", "2026-09-18", "2026-09-22"}) {
    office.Act(kHousing, office.Open("units/zhujian", absl::StrCat("到期 ", due), due).case_(), "acknowledge");
  }
  // When the clock is set past all of them.
  const v1::AdvanceClockResponse advanced = office.Advance(At("2026-09-30 12:00"));
  // Then every firing is recorded at its own instant, in order, and the advance itself comes last.
  const std::vector<v1::EventRecord> fired = Fired(office.Events(kAuditor));
  ASSERT_GE(fired.size(), 9u);
  EXPECT_EQ(advanced.fired(), static_cast<int64_t>(fired.size()));
  for (size_t i = 0; i < fired.size(); ++i) {
    EXPECT_EQ(engine::FromProto(fired[i].event().rung_fired().rung().at()), engine::FromProto(fired[i].recorded_at()));
    if (i > 0) EXPECT_LE(engine::FromProto(fired[i - 1].recorded_at()), engine::FromProto(fired[i].recorded_at()));
  }
  const v1::EventRecord last = office.Events(kAuditor).back();
  EXPECT_EQ(last.command(), "AdvanceClock");
  EXPECT_EQ(engine::FromProto(last.recorded_at()), At("2026-09-30 12:00"));
}

TEST(VirtualTime, OrderHoldsWhereMoreFiresThanABatchHolds) {
  // Given more orders than one batch takes, their due days spread.
  Office office;
  for (int i = 0; i < 300; ++i) {
    const std::string due = absl::StrCat("2026-09-", 16 + i % 3);
    office.Act(kHousing, office.Open("units/zhujian", absl::StrCat("第", i, "件"), due).case_(), "acknowledge");
  }
  const v1::AdvanceClockResponse advanced = office.Advance(At("2026-09-20 09:00"));
  const std::vector<v1::EventRecord> fired = Fired(office.Events(kAuditor));
  EXPECT_EQ(advanced.fired(), static_cast<int64_t>(fired.size()));
  EXPECT_GT(fired.size(), 600u);
  for (size_t i = 1; i < fired.size(); ++i) {
    ASSERT_LE(engine::FromProto(fired[i - 1].recorded_at()), engine::FromProto(fired[i].recorded_at()));
  }
}

TEST(VirtualTime, ATimedMoveArmsWhatItOpensInTime) {
  // Given an order in its public notice, which closes by itself and then opens a look-back with clocks of its own.
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-18").case_();
  office.Act(kHousing, order, "acknowledge");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kHousing, office.Submission(order)));
  office.Act(kReviewer, order, "accept");
  // When one step of the clock passes the closing and the look-back's due instant.
  office.Advance(At("2026-12-01 09:00"));
  // Then the look-back's own timers fired at their own instants too, not when the step ended.
  EXPECT_EQ(office.Show(kHousing, order).end_kind(), v1::END_KIND_DONE);
  v1::QueryLedgerRequest lookbacks;
  lookbacks.mutable_filter()->set_procedure("lookback");
  const v1::QueryLedgerResponse ledger = office.Ledger(kSupervisor, lookbacks);
  ASSERT_EQ(ledger.rows_size(), 1);
  EXPECT_EQ(ledger.rows(0).timeliness(), v1::TIMELINESS_OVERDUE);
  for (const v1::EventRecord& record : Fired(office.Events(kSupervisor, ledger.rows(0).case_()))) {
    if (!record.event().has_rung_fired()) continue;  // The opening: at the order's closing.
    EXPECT_EQ(engine::FromProto(record.recorded_at()), engine::FromProto(record.event().rung_fired().rung().at()));
  }
}

TEST(VirtualTime, StandsStillUntilItIsSetAndSurvivesARestart) {
  Office office;
  office.clock().Set(At("2026-09-10 09:00"));
  EXPECT_EQ(engine::FromProto(Office::MustRead(office.node().GetWorkspace(kHousing, {})).now()),
            At("2026-09-01 09:00"));
  office.Advance(At("2026-09-05 10:00"));
  office.Restart();
  const v1::GetWorkspaceResponse workspace = Office::MustRead(office.node().GetWorkspace(kHousing, {}));
  EXPECT_EQ(engine::FromProto(workspace.now()), At("2026-09-05 10:00"));
  EXPECT_TRUE(workspace.virtual_clock());
}

TEST(VirtualTime, DoesNotGoBackAndIsNotSetInRealTime) {
  Office office;
  v1::AdvanceClockRequest back;
  *back.mutable_to() = engine::ToProto(At("2026-09-01 08:59"));
  back.set_idempotency_key("back");
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, back)), "TIME_GOES_BACK");
  Office real({.virtual_clock = false});
  EXPECT_EQ(ReasonOf(real.Call(kOperatorPerson, back)), "NOT_VIRTUAL");
}

TEST(VirtualTime, TheSameAdvanceAskedAgainAnswersTheSame) {
  Office office;
  office.Act(kHousing, office.Open("units/zhujian", "x", "2026-09-18").case_(), "acknowledge");
  v1::AdvanceClockRequest request;
  *request.mutable_to() = engine::ToProto(At("2026-09-30 12:00"));
  request.set_idempotency_key("once");
  const auto first = Office::Must<v1::AdvanceClockResponse>(office.Call(kOperatorPerson, request));
  EXPECT_GT(first.fired(), 0);
  office.Advance(At("2026-10-01 12:00"));
  const auto again = Office::Must<v1::AdvanceClockResponse>(office.Call(kOperatorPerson, request));
  EXPECT_EQ(again.fired(), first.fired());
  EXPECT_EQ(again.position(), first.position());
  EXPECT_EQ(engine::FromProto(again.now()), At("2026-09-30 12:00"));
}

TEST(VirtualTime, AnswersSayHowFarTimersHaveFired) {
  Office office;
  office.Open("units/zhujian", "x", "2026-09-18");
  office.Advance(At("2026-09-03 12:00"));
  EXPECT_EQ(engine::FromProto(office.Ledger(kHousing).timers_fired_to()), At("2026-09-03 12:00"));
}

TEST(VirtualTime, ATimerThatNeedsAnUnpublishedYearWaitsForItAndHoldsTheStatedInstantBack) {
  // Given a matter that moves by itself into a stage whose working days end in a year not published yet.
  Office office;
  office.Advance(At("2026-12-10 09:00"));
  office.Publish("moves", R"yaml(
procedure: moves
title: 自动流转
may_open: [issuer]
parties:
  issuer: {kind: unit, title: 交办单位}
  owner:  {kind: unit, title: 责任单位}
fields:
  problem: {title: 存在问题, type: text, required: true}
stages:
  publicity: {title: 公示, after: {14 days: check}, actions: {stop: {title: 撤回, by: issuer, to: closed}}}
  check:     {title: 复核, within: 10 working days, actions: {close: {title: 办结, by: owner, to: closed}}}
  closed:    {title: 已办结, end: done}
)yaml");
  v1::OpenCaseRequest request = office.Order("units/zhujian", "裸土未覆盖");
  request.set_procedure("moves");
  request.mutable_parties()->RemoveLast();
  const std::string order = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request)).case_();
  // When the day of its move passes.
  office.Advance(At("2026-12-28 09:00"));
  // Then it has not moved, nobody is told that timers fired further than they did, and other matters go on.
  EXPECT_EQ(office.Show(kHousing, order).stage(), "publicity");
  const absl::Time fired_to = engine::FromProto(office.Ledger(kHousing).timers_fired_to());
  EXPECT_EQ(fired_to, At("2026-12-25 00:00"));
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, office.Action(order, "urge"))), "CALENDAR_NOT_COVERED");
  office.Open("units/shuiwu", "另一件");
  // When the year is published, it fires.
  v1::PublishCalendarRequest calendar;
  calendar.set_idempotency_key("2027");
  v1::CalendarYear& year = *calendar.add_years();
  year.set_year(2027);
  v1::CalendarDay& off = *year.add_days();
  off.set_date("2027-01-01");
  off.set_type(v1::DAY_TYPE_HOLIDAY);
  Office::Must<v1::PublishCalendarResponse>(office.Call(kOperatorPerson, calendar));
  office.Advance(At("2026-12-28 10:00"));
  EXPECT_EQ(office.Show(kHousing, order).stage(), "check");
  EXPECT_EQ(engine::FromProto(office.Ledger(kHousing).timers_fired_to()), At("2026-12-28 10:00"));
}

TEST(VirtualTime, WhatEndsMoreThanOneCommitHoldsTakesSeveralAndDoesNotStandStill) {
  // Given a unit that stands in a register by more matters than one commit ends, and one that strikes it off by time.
  Office office({.own_thread = false});
  constexpr char kStars[] = R"yaml(
procedure: stars
title: {zh: 评定}
may_open: [office]
parties:
  office: {kind: unit, title: {zh: 评定单位}}
  other:  {kind: unit, title: {zh: 单位}}
fields: {matter: {title: {zh: 事项}, type: text, required: true}}
stages:
  notice:
    title: {zh: 公示}
    after: {5 days: struck}
    actions: {name: {title: {zh: 列入}, by: office, to: named}}
  named:  {title: {zh: 已列入}, end: done, enters: {register: stars, party: other}}
  struck: {title: {zh: 已摘牌}, end: done, leaves: {register: stars, party: other}}
registers: {stars: {title: {zh: 星级单位}, kind: unit}}
)yaml";
  office.Publish("stars", kStars);
  const auto open = [&] {
    return Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, office.Matter("stars", "units/shuiwu", "评定")))
        .case_();
  };
  for (size_t i = 0; i < engine::limits::kEntriesLeftMax + 3; ++i) office.Act(kSupervisor, open(), "name");
  const std::string strike = open();
  // When its time comes, all have left and it has moved; the first commit held as many as an act may end.
  office.Advance(At("2026-09-07 09:00"));
  EXPECT_EQ(office.Show(kSupervisor, strike).stage(), "struck");
  EXPECT_EQ(engine::FromProto(office.Ledger(kSupervisor).timers_fired_to()), At("2026-09-07 09:00"));
  std::map<std::string, int> left;
  for (const v1::EventRecord& record : office.Events(kAuditor)) {
    if (record.event().has_register_left()) ++left[record.position()];
  }
  std::vector<int> commits;
  for (const auto& [position, ended] : left) commits.push_back(ended);
  EXPECT_THAT(commits, testing::UnorderedElementsAre(static_cast<int>(engine::limits::kEntriesLeftMax), 3));
  office.Restart();
  ExpectDerived(office.store());
}

// Keeps the sequencer busy until released, so that what a test hands in meanwhile is decided in one round.
class Held {
 public:
  explicit Held(Office& office) {
    gate_.lock();
    office.node().Submit(kSupervisor, office.Order("units/shuiwu", "占位"), [this](Reply<Response>) {
      arrived_ = true;
      std::lock_guard<std::mutex> wait(gate_);
    });
    while (!arrived_) std::this_thread::yield();
  }
  void Release() { gate_.unlock(); }

 private:
  std::mutex gate_;
  std::atomic<bool> arrived_{false};
};

TEST(RealTime, ACasesOwnTimersFireBeforeItsCommandAndStandThoughItIsRefused) {
  Office office({.virtual_clock = false});
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-08").case_();
  office.Act(kHousing, order, "acknowledge");
  // Given that due instants pass while nobody looks, when a command comes that is then refused.
  Held held(office);
  office.clock().Set(At("2026-09-10 09:00"));
  v1::ActOnCaseRequest wrong = office.Action(order, "no_such_action");
  std::atomic<bool> answered{false};
  office.node().Submit(kHousing, wrong, [&](Reply<Response> reply) {
    EXPECT_EQ(ReasonOf(reply), "UNKNOWN_ACTION");
    answered = true;
  });
  held.Release();
  while (!answered) std::this_thread::yield();
  // Then the timers have fired all the same, in one commit.
  EXPECT_EQ(office.Show(kHousing, order).timeliness(), v1::TIMELINESS_OVERDUE);
  EXPECT_THAT(Commands(office.Events(kHousing, order)), ElementsAre("OpenCase", "Act", "FireTimers"));
}

TEST(RealTime, TimersComeRightBeforeTheCommandThatMetThem) {
  Office office({.virtual_clock = false});
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-08").case_();
  office.Act(kHousing, order, "acknowledge");
  Held held(office);
  office.clock().Set(At("2026-09-10 09:00"));
  std::atomic<bool> answered{false};
  office.node().Submit(kHousing, office.Submission(order), [&](Reply<Response> reply) {
    EXPECT_EQ(ReasonOf(reply), "");
    answered = true;
  });
  held.Release();
  while (!answered) std::this_thread::yield();
  const std::vector<v1::EventRecord> events = office.Events(kAuditor, order);
  EXPECT_THAT(Commands(events), ElementsAre("OpenCase", "Act", "FireTimers", "Act"));
  // At the preceding position.
  const uint64_t acted = events.back().log_position();
  for (const v1::EventRecord& record : events) {
    if (record.command() == "FireTimers") EXPECT_EQ(record.log_position(), acted - 1);
  }
}

TEST(RealTime, TimersFireByThemselvesOnceAndInOrderAfterDowntime) {
  Office office({.virtual_clock = false});
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-08").case_();
  office.Act(kHousing, order, "acknowledge");
  // Given a node that is away while reminders and the due instant pass.
  office.options().random = SeededRandom(2);
  office.clock().Set(At("2026-09-12 09:00"));
  office.Restart();
  for (int i = 0; i < 100 && office.Show(kHousing, order).timeliness() != v1::TIMELINESS_OVERDUE; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  // Then what passed has fired, each once, in order; and nothing more on the next start.
  const std::vector<v1::EventRecord> fired = Fired(office.Events(kHousing, order));
  std::set<std::string> names;
  for (size_t i = 0; i < fired.size(); ++i) {
    const v1::RungFired& rung = fired[i].event().rung_fired();
    EXPECT_TRUE(names.insert(absl::StrCat(rung.clock(), "/", rung.rung().rung())).second);
    EXPECT_EQ(engine::FromProto(fired[i].recorded_at()), At("2026-09-12 09:00"));
    if (i > 0) {
      EXPECT_LE(engine::FromProto(fired[i - 1].event().rung_fired().rung().at()), engine::FromProto(rung.rung().at()));
    }
  }
  EXPECT_TRUE(names.count("rectify/due"));
  office.Restart();
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  EXPECT_EQ(Fired(office.Events(kHousing, order)).size(), fired.size());
}

TEST(RealTime, RecordedTimeNeverGoesBackThoughTheClockDoes) {
  Office office({.virtual_clock = false});
  office.clock().Set(At("2026-09-02 09:00"));
  office.Open("units/zhujian", "先");
  office.clock().Set(At("2026-09-01 12:00"));
  const std::string later = office.Open("units/zhujian", "后").case_();
  EXPECT_EQ(engine::FromProto(office.Events(kHousing, later)[0].recorded_at()), At("2026-09-02 09:00"));
}

TEST(RealTime, AJumpOfTheClockHoldsTimersUntilSomebodyConfirmsIt) {
  Office office({.virtual_clock = false});
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-08").case_();
  office.Act(kHousing, order, "acknowledge");
  // When the clock jumps forward by more than two weeks.
  office.clock().Set(At("2026-09-30 09:00"));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  // Then nothing fires, the answers say so, and a command that would have to fire first is refused.
  EXPECT_TRUE(Fired(office.Events(kHousing, order)).empty());
  EXPECT_LE(engine::FromProto(office.Ledger(kHousing).timers_fired_to()), At("2026-09-08 23:59"));
  EXPECT_EQ(ReasonOf(office.Call(kHousing, office.Submission(order))), "TIMERS_HELD");
  office.Open("units/shuiwu", "没有到期的照常办理");
  // Nor after a restart that confirms nothing: the commands of the meantime do not make the time right.
  office.Restart();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_TRUE(Fired(office.Events(kHousing, order)).empty());
  EXPECT_TRUE(Office::MustRead(office.node().GetStats(kOperatorPerson, {})).timers_held());
  // Once it is confirmed they fire.
  office.options().confirm_time = true;
  office.Restart();
  for (int i = 0; i < 100 && Fired(office.Events(kHousing, order)).empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_FALSE(Fired(office.Events(kHousing, order)).empty());
}

}  // namespace
}  // namespace duban::node
