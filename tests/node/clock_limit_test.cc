// Clocks to the limit: very many timers due at one instant, after a week away, after the wall clock jumped: each rung
// once and in order, commands served meanwhile. `./dev bench` has the figures; here is what must hold.
#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "services/node/limits.h"
#include "tests/node/support/office.h"
#include "tests/node/support/passing_store.h"

namespace duban::node {
namespace {

constexpr int kCases = 2000;

// Passes everything on; counts what is written and the timers that are looked at, and calls back from within a write,
// where the sequencer can do nothing else.
class Observed : public PassingStore {
 public:
  std::function<void(const store::Append&)> during_write;  // On the sequencer's thread; set while nothing runs.
  std::atomic<int64_t> writes{0};
  mutable std::atomic<int64_t> timers_seen{0};

  absl::Status Write(const store::Append& append, const store::Apply& apply) override {
    ++writes;
    if (during_write) during_write(append);
    return below_->Write(append, apply);
  }
  absl::Status DueTimers(int64_t until_ms, absl::FunctionRef<bool(const store::Timer&)> visit) const override {
    return DueTimersFrom({INT64_MIN, ""}, until_ms, visit);
  }
  absl::Status DueTimersFrom(const store::Timer& from, int64_t until_ms,
                             absl::FunctionRef<bool(const store::Timer&)> visit) const override {
    return below_->DueTimersFrom(from, until_ms, [&](const store::Timer& timer) {
      ++timers_seen;
      return visit(timer);
    });
  }
};

class ClockLimit : public testing::Test {
 protected:
  explicit ClockLimit(bool virtual_clock = false)
      : store_(std::make_shared<Observed>()), office_({.virtual_clock = virtual_clock}, store_) {}

  // Opens many matters at one instant: their clocks are the same, so that all their rungs are due together.
  void OpenMany(int count, const std::function<v1::OpenCaseRequest()>& order) {
    std::mutex mu;
    std::condition_variable changed;
    int answered = 0;
    for (int i = 0; i < count; ++i) {
      {
        std::unique_lock<std::mutex> lock(mu);
        changed.wait(lock, [&] { return answered + 1000 > i; });
      }
      office_.node().Submit(kSupervisor, order(), [&](Reply<Response> reply) {
        const std::string name = Office::Must<v1::OpenCaseResponse>(std::move(reply)).case_();
        std::lock_guard<std::mutex> lock(mu);
        cases_.push_back(name);
        ++answered;
        changed.notify_one();
      });
    }
    std::unique_lock<std::mutex> lock(mu);
    changed.wait(lock, [&] { return answered == count; });
  }
  void OpenOrders(int count) {
    OpenMany(count, [&] { return office_.Order("units/zhujian", "裸土未覆盖", "2026-12-10"); });
  }

  // Lets go of the node, and begins again at a time.
  void AwayUntil(const std::string& when, bool confirm = false) {
    office_.Close();
    office_.clock().Set(At(when));
    office_.options().confirm_time = confirm;
    office_.Reopen(store_);
  }

  bool AnyDue(absl::Time until) const {
    bool any = false;
    EXPECT_TRUE(store_->DueTimers(absl::ToUnixMillis(until), [&](const store::Timer&) { return !(any = true); }).ok());
    return any;
  }
  void WaitUntilFired(const std::string& to) {
    for (int i = 0; i < 6000 && AnyDue(At(to)); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_FALSE(AnyDue(At(to)));
  }
  // Until the sequencer has looked at the clock a few times.
  static void LetItLook() { std::this_thread::sleep_for(3 * limits::kTimerPoll); }

  v1::ActOnCaseRequest Remark(const std::string& name) {
    v1::ActOnCaseRequest comment = office_.Action(name, "comment");
    comment.set_note("电话询问");
    return comment;
  }

  // What fired, by case, each as "when clock rung"; fails where one fired twice or out of order, or was recorded
  // before its instant, or where recorded time fell.
  std::map<std::string, std::vector<std::string>> Fired() {
    std::map<std::string, std::vector<std::string>> fired;
    std::map<std::string, absl::Time> last_at;
    absl::Time recorded = absl::InfinitePast();
    for (const v1::EventRecord& record : office_.Events(kAuditor)) {
      const absl::Time at_log = engine::FromProto(record.recorded_at());
      EXPECT_GE(at_log, recorded) << "recorded time never falls";
      recorded = at_log;
      if (!record.event().has_rung_fired()) continue;
      const v1::RungFired& rung = record.event().rung_fired();
      const absl::Time at = engine::FromProto(rung.rung().at());
      EXPECT_LE(at, at_log) << "nothing fires before its time";
      std::vector<std::string>& of_case = fired[record.stream()];
      const std::string line = absl::StrCat(absl::FormatTime(at), " ", rung.clock(), " ", rung.rung().rung());
      EXPECT_EQ(std::count(of_case.begin(), of_case.end(), line), 0) << record.stream() << ": " << line << " twice";
      const auto last = last_at.try_emplace(record.stream(), at).first;
      EXPECT_LE(last->second, at) << record.stream() << ": out of order";
      last->second = at;
      of_case.push_back(line);
    }
    return fired;
  }
  void ExpectAllFiredTheSame() {
    const auto fired = Fired();
    ASSERT_EQ(fired.size(), cases_.size());
    EXPECT_GE(fired.begin()->second.size(), 2u) << "more than one rung, or their order says nothing";
    for (const auto& [name, rungs] : fired) ASSERT_EQ(rungs, fired.begin()->second) << name;
  }

  const std::shared_ptr<Observed> store_;
  Office office_;
  std::vector<std::string> cases_;
};

// --- After a week away --------------------------------------------------------------------------------------------

TEST_F(ClockLimit, AfterAWeekAwayEachPassedRungFiresOnceAndInOrder) {
  OpenOrders(kCases);
  AwayUntil("2026-09-08 09:00");
  WaitUntilFired("2026-09-08 09:00");
  ExpectAllFiredTheSame();
  // And a restart fires nothing again.
  AwayUntil("2026-09-08 09:01");
  LetItLook();
  ExpectAllFiredTheSame();
}

TEST_F(ClockLimit, ACommandWaitsForOneBatchOfTimersAtMostAndItsOwnCaseFiresFirst) {
  OpenOrders(kCases);
  office_.Close();
  // Given timers that fire batch after batch, and commands handed in while a batch is being written.
  struct Asked {
    std::string name;
    int64_t at_write;
    int64_t answered_after = 0;
  };
  std::vector<Asked> asked;
  asked.reserve(8);
  std::atomic<bool> open{false};  // The node may write before it is known by name here.
  std::atomic<int> answers{0};
  size_t most = 0;
  store_->writes = 0;
  store_->during_write = [&](const store::Append& append) {
    open.wait(false);
    const int64_t write = store_->writes;
    most = std::max(most, append.commits.size());
    if (write % 2 != 0 || asked.size() == 8) return;
    // A case from the end of the line, whose turn has not come yet.
    asked.push_back({cases_[cases_.size() - 1 - asked.size()], write});
    Asked& one = asked.back();
    office_.node().Submit(kHousing, Remark(one.name), [&](Reply<Response> reply) {
      EXPECT_TRUE(std::holds_alternative<Response>(reply)) << ReasonOf(reply);
      one.answered_after = store_->writes;
      ++answers;
    });
  };
  office_.clock().Set(At("2026-09-08 09:00"));
  office_.Reopen(store_);
  open = true;
  open.notify_all();
  WaitUntilFired("2026-09-08 09:00");
  for (int i = 0; i < 1000 && answers < 8; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_EQ(answers, 8);
  // Then each was answered with the very next batch, and no batch held more timers than it may.
  for (const Asked& one : asked) EXPECT_EQ(one.answered_after, one.at_write + 1);
  EXPECT_LE(most, limits::kBatchTimersMax + 8);
  office_.Close();
  store_->during_write = nullptr;
  office_.Reopen(store_);
  // And its own case's rungs came before it.
  for (const Asked& one : asked) {
    bool remarked = false;
    size_t before = 0;
    for (const v1::EventRecord& record : office_.Events(kAuditor, one.name)) {
      if (record.event().has_action_taken()) remarked = true;
      if (!record.event().has_rung_fired()) continue;
      EXPECT_FALSE(remarked) << "a rung that was due fired after the command";
      ++before;
    }
    EXPECT_TRUE(remarked);
    EXPECT_GE(before, 2u);
  }
  ExpectAllFiredTheSame();
}

// --- When the wall clock jumps ------------------------------------------------------------------------------------

TEST_F(ClockLimit, AfterAnImplausibleJumpForwardNothingFiresUntilItIsConfirmedThenEachOnce) {
  OpenOrders(kCases);
  office_.clock().Set(At("2026-09-30 09:00"));
  LetItLook();
  EXPECT_TRUE(Fired().empty());
  EXPECT_TRUE(Office::MustRead(office_.node().GetStats(kOperatorPerson, {})).timers_held());
  // What has timers due waits, everything else is served.
  EXPECT_EQ(ReasonOf(office_.Call(kHousing, Remark(cases_[0]))), "TIMERS_HELD");
  EXPECT_EQ(ReasonOf(office_.Call(kHousing, Remark(cases_[kCases - 1]))), "TIMERS_HELD");
  const std::string fresh = office_.Open("units/shuiwu", "没有到期的照常办理", "2026-12-10").case_();
  office_.Act(kWater, fresh, "acknowledge");
  EXPECT_TRUE(Fired().empty());
  AwayUntil("2026-09-30 09:05", /*confirm=*/true);
  WaitUntilFired("2026-09-30 09:05");
  ExpectAllFiredTheSame();
}

TEST_F(ClockLimit, AJumpWhileTheServerIsDownIsHeldToo) {
  OpenOrders(200);
  AwayUntil("2027-03-01 09:00");
  LetItLook();
  EXPECT_TRUE(Fired().empty());
  EXPECT_EQ(ReasonOf(office_.Call(kHousing, Remark(cases_[0]))), "TIMERS_HELD");
  // Set right again, the week that has really passed fires without anybody's confirmation.
  AwayUntil("2026-09-08 09:00");
  WaitUntilFired("2026-09-08 09:00");
  ExpectAllFiredTheSame();
}

TEST_F(ClockLimit, ClocksThatStepBackLoseNoTimerAndFireNoneTwice) {
  OpenOrders(200);
  office_.clock().Set(At("2026-09-02 09:00"));
  LetItLook();
  const auto after_a_day = Fired();
  // A day back: commands are recorded no earlier than those before, timers neither fire again nor early.
  office_.clock().Set(At("2026-09-01 09:00"));
  LetItLook();
  office_.Act(kHousing, cases_[0], "acknowledge");
  EXPECT_EQ(Fired(), after_a_day);
  // The small steps of a time service, to and fro across the instant at which all are due.
  absl::Time due = absl::InfiniteFuture();
  ASSERT_TRUE(store_
                  ->DueTimers(INT64_MAX,
                              [&](const store::Timer& timer) {
                                due = absl::FromUnixMillis(timer.due_ms);
                                return false;
                              })
                  .ok());
  cases_.erase(cases_.begin());  // Acknowledged: its clocks are others.
  for (const int ms : {-300, 200, -150, 100, -80, 60, -20, 10}) {
    office_.clock().Set(due + absl::Milliseconds(ms));
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  office_.clock().Set(At("2026-09-08 09:00"));
  WaitUntilFired("2026-09-08 09:00");
  auto fired = Fired();
  for (const std::string& name : cases_) ASSERT_EQ(fired[name], fired[cases_[0]]) << name;
  EXPECT_GE(fired[cases_[0]].size(), 2u);
}

// --- Where the calendar ends --------------------------------------------------------------------------------------

constexpr char kNotice[] = R"yaml(
procedure: notice
title: {zh: 公示}
may_open: [office]
parties:
  office: {kind: unit, right: issue, title: {zh: 主管单位}}
  other:  {kind: unit, title: {zh: 相对单位}}
fields: {matter: {title: {zh: 事项}, type: text, required: true}}
stages:
  waiting: {title: {zh: 等候}, after: {120 days: shown}}
  shown:   {title: {zh: 公示}, after: {10 working days: closed}}
  closed:  {title: {zh: 已结束}, end: done}
)yaml";

class ClockLimitVirtual : public ClockLimit {
 protected:
  ClockLimitVirtual() : ClockLimit(true) {}
};

TEST_F(ClockLimitVirtual, TenThousandThatWaitForACalendarCostNothingUntilItComes) {
  constexpr int kAside = 10'000;
  office_.Publish("notice", kNotice);
  OpenMany(kAside, [&] { return office_.Matter("notice", "units/zhujian", "公示"); });
  // Given matters that move on 31 December into a notice of working days that no calendar covers yet.
  office_.Advance(At("2027-01-05 09:00"));
  for (const std::string& name : {cases_.front(), cases_.back()}) {
    EXPECT_EQ(office_.Show(kSupervisor, name).stage(), "waiting");
  }
  EXPECT_LE(engine::FromProto(office_.Ledger(kSupervisor).timers_fired_to()), At("2026-12-31 00:00"));
  // Then the sequencer's looks at the clock, and commands, step over none of them.
  LetItLook();
  const int64_t seen = store_->timers_seen;
  LetItLook();
  LetItLook();
  Office::Must<v1::OpenCaseResponse>(office_.Call(kSupervisor, office_.Matter("notice", "units/shuiwu", "另一件")));
  EXPECT_LT(store_->timers_seen - seen, 100);
  // And once the calendar is there they all move, each once.
  v1::PublishCalendarRequest calendar;
  calendar.set_idempotency_key("calendar-2027");
  calendar.add_years()->set_year(2027);
  calendar.mutable_years(0)->set_source("2027 年部分节假日安排");
  v1::CalendarDay& off = *calendar.mutable_years(0)->add_days();
  off.set_date("2027-01-01");
  off.set_type(v1::DAY_TYPE_HOLIDAY);
  off.set_title("元旦");
  Office::Must<v1::PublishCalendarResponse>(office_.Call(kOperatorPerson, calendar));
  office_.Advance(At("2027-03-01 09:00"));
  std::map<std::string, int> moved;
  for (const v1::EventRecord& record : office_.Events(kAuditor)) {
    if (record.event().has_stage_entered() && record.command() == "FireTimers") ++moved[record.stream()];
  }
  for (const std::string& name : cases_) ASSERT_EQ(moved[name], 2) << name;
}

}  // namespace
}  // namespace duban::node
