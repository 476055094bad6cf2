// What time does to a case when commands come late, when the server was away, when a deadline moves while suspended:
// the outcome is that of the instants at which things happened, not of the moment at which somebody looked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/cases/present.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/order.h"

namespace duban::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kOwner[] = "persons/zhujian-jingban";
constexpr char kReviewer[] = "persons/ducha-yanshou";
constexpr char kClerk[] = "persons/luru";

// The order, with a due date that progress reports may change, and that may be stated in review and in dispute.
std::string Order() {
  return absl::StrReplaceAll(
      kOrder, {{"needs: [progress]}", "takes: [progress, due]}"},
               {"      accept: {title",
                "      set_due: {title: {zh: 定时限}, by: reviewer, needs: [due]}\n      accept: {title"},
               {"      uphold: {title",
                "      set_due: {title: {zh: 定时限}, by: issuer, needs: [due]}\n      uphold: {title"}});
}

class TimeRules : public testing::Test {
 protected:
  TimeRules() : desk({{"order.yaml", Order()}, {"revisit.yaml", kRevisit}}) { EXPECT_THAT(desk.errors(), IsEmpty()); }

  void OpenAndReceive(const std::string& due) {
    v1::OpenCaseRequest request;
    request.set_procedure("order");
    Bind(request, "owner", "units/zhujian");
    Bind(request, "reviewer", "posts/ducha-yanshou");
    *request.add_fields() = desk.Field("order", "problem", "裸土未覆盖");
    if (!due.empty()) *request.add_fields() = desk.Field("order", "due", due);
    ASSERT_FALSE(desk.Open("order", kIssuer, request).refused);
    ASSERT_FALSE(desk.Act("order", kOwner, "acknowledge").refused);
  }
  static void Bind(v1::OpenCaseRequest& request, const std::string& party, const std::string& id) {
    auto& binding = *request.add_parties();
    binding.set_party(party);
    binding.add_ids(id);
  }
  Happened Submit(const std::string& occurred = "") {
    const std::map<std::string, std::string> result = {{"result", "已覆盖"}, {"evidence", "照片"}};
    if (occurred.empty()) return desk.Act("order", kOwner, "submit", result);
    desk.occurred = occurred;
    desk.entered_for = kOwner;
    return desk.Act("order", kClerk, "submit", result, "补录");
  }
  const duban::state::v1::ClockState& Clock(const std::string& name) {
    return *FindClockState(desk.State("order"), name);
  }

  Desk desk;
};

// --- Typed later than it happened ---------------------------------------------------------------------------------

TEST_F(TimeRules, WhatWasSuspendedInTimeButTypedLaterWithdrawsWhatFiredSinceAndIsNotLate) {
  OpenAndReceive("2026-09-18");
  // Given an order that has been overdue, red and urged for days, when its submission on the last day is typed.
  desk.At("2026-09-22 09:00");
  ASSERT_EQ(LightOf(desk.State("order")).colour(), "red");
  const Happened submitted = Submit("2026-09-18 16:00");
  // Then what the delay of typing alone had brought about is withdrawn.
  EXPECT_THAT(submitted.events,
              IsSupersetOf({"order: RungWithdrawn rectify due", "order: RungWithdrawn rectify urge@0wd",
                            "order: ClockPaused rectify left 0"}));
  EXPECT_FALSE(Clock("rectify").late());
  // And the colour goes back to the last that still holds: yellow, for the days left were few.
  desk.Act("order", kReviewer, "reject", {}, "材料不齐");
  EXPECT_EQ(LightOf(desk.State("order")).colour(), "yellow");
  EXPECT_EQ(TimelinessOf(desk.State("order")), v1::TIMELINESS_DUE_SOON);
  // And the case ends in time.
  Submit();
  desk.Act("order", kReviewer, "accept");
  EXPECT_THAT(desk.At("2026-10-20 09:00"), Contains(HasSubstr("CaseEnded DONE")).Times(1));
  EXPECT_FALSE(desk.State("order").late());
}

TEST_F(TimeRules, WhatATimedMoveOpensBeginsWhenItMovedNotWhenTheCommandBeforeItHappened) {
  OpenAndReceive("2026-10-30");
  Submit();
  // Given an acceptance of 2 September that is typed when its public notice has long run out.
  desk.At("2026-10-20 09:00");
  desk.occurred = "2026-09-02 10:00";
  desk.entered_for = kReviewer;
  const Happened accepted = desk.Act("order", kClerk, "accept", {}, "补录");
  ASSERT_THAT(accepted.events, Contains("order: CaseEnded DONE"));
  desk.Name("revisit");
  // Then the look-back begins with the closing, ten working days later.
  EXPECT_EQ(FromProto(desk.State("order").ended_at()), desk.Parse("2026-09-16 00:00"));
  EXPECT_EQ(FromProto(desk.State("revisit").opened_at()), desk.Parse("2026-09-16 00:00"));
  EXPECT_EQ(FromProto(desk.State("revisit").stage_since()), desk.Parse("2026-09-16 00:00"));
}

// --- The server was away ------------------------------------------------------------------------------------------

constexpr char kTrial[] = R"yaml(
procedure: trial
title: {zh: 试行}
may_open: [office]
parties: {office: {kind: unit, title: {zh: 办理单位}}}
fields: {matter: {title: {zh: 事项}, type: text, required: true}}
stages:
  waiting: {title: {zh: 等候}, after: {2 working days: working}}
  working:
    title: {zh: 办理}
    actions: {finish: {title: {zh: 办结}, by: office, to: finished}}
  finished: {title: {zh: 已办结}, end: done, opens: {procedure: trial2, bind: {office: office}, set: {matter: matter}}}
clocks:
  work:
    title: {zh: 办理时限}
    from: working
    until: [finished]
    budget: 5 working days
    remind: [2 working days]
    ladder: [{at: 1 working days, raise: urge, title: {zh: 催办}, tell: [office]}]
)yaml";

std::string Second() {
  std::string text = absl::StrReplaceAll(kTrial, {{"procedure: trial\n", "procedure: trial2\n"}});
  const size_t opens = text.find(", opens:");
  return text.replace(opens, text.find("}}}", opens) + 2 - opens, "");
}

TEST(Downtime, WhatATimedMoveStartsFiresAfterwardsAsItWouldHaveInTime) {
  v1::OpenCaseRequest request;
  request.set_procedure("trial");
  std::vector<std::string> happened[2];
  for (const bool away : {false, true}) {
    Desk desk({{"trial.yaml", kTrial}, {"trial2.yaml", Second()}});
    ASSERT_THAT(desk.errors(), IsEmpty());
    request.clear_fields();
    *request.add_fields() = desk.Field("trial", "matter", "事项");
    ASSERT_FALSE(desk.Open("trial", kIssuer, request).refused);
    happened[away] = away ? desk.Wake("2026-09-20 09:00") : desk.At("2026-09-20 09:00");
    for (std::string& line : happened[away]) line = line.substr(line.find("trial:"));
  }
  EXPECT_THAT(happened[false], Contains("trial: RungFired work urge@1wd"));
  EXPECT_EQ(happened[true], happened[false]);
}

// --- Deadlines that move ------------------------------------------------------------------------------------------

TEST_F(TimeRules, AnExtensionAskedForInTimeIsWorthAsMuchWhenItIsApprovedWhileSuspended) {
  OpenAndReceive("2026-09-18");
  desk.At("2026-09-16 09:00");
  ASSERT_FALSE(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-10-30"}}, "连续降雨").refused);
  // Given that the old deadline passes before the approval, and the approval comes while the clock is suspended.
  desk.At("2026-09-22 09:00");
  Submit();
  ASSERT_TRUE(Clock("rectify").late());
  EXPECT_THAT(desk.Act("order", kIssuer, "approve_extend_rectify").events,
              IsSupersetOf({"order: ClockMoved rectify due 2026-10-30 23:59", "order: ClockPaused rectify left 38"}));
  // Then nothing of the old deadline is left.
  EXPECT_FALSE(Clock("rectify").late());
  desk.Act("order", kReviewer, "reject", {}, "材料不齐");
  EXPECT_EQ(TimelinessOf(desk.State("order")), v1::TIMELINESS_ON_TIME);
  EXPECT_EQ(LightOf(desk.State("order")).colour(), "green");
  // And passing the new one counts.
  EXPECT_THAT(desk.At("2026-10-31 09:00"), Contains(HasSubstr("RungFired rectify due")));
}

TEST_F(TimeRules, ADueDateClearedAndSetAgainRunsAgain) {
  OpenAndReceive("2026-09-18");
  v1::ActOnCaseRequest report;
  report.set_action("report");
  report.add_fields()->set_field("due");
  EXPECT_THAT(desk.Act("order", kOwner, report).events, Contains("order: ClockStopped rectify fell away"));
  report.clear_fields();
  *report.add_fields() = desk.Field("order", "due", "2026-09-25");
  EXPECT_THAT(desk.Act("order", kOwner, report).events, Contains("order: ClockStarted rectify due 2026-09-25 23:59"));
  EXPECT_THAT(desk.At("2026-09-30 09:00"), Contains(HasSubstr("RungFired rectify due")));
}

TEST_F(TimeRules, ADueDateStatedFurtherOnTheClocksCourseStartsItThereSuspendedWhereItStops) {
  // Given an order without a due date that has been submitted.
  OpenAndReceive("");
  Submit();
  ASSERT_EQ(FindClockState(desk.State("order"), "rectify"), nullptr);
  // When the reviewer states one (the procedure lets him), the clock has begun, and waits while the review lasts.
  EXPECT_THAT(desk.Act("order", kReviewer, "set_due", {{"due", "2026-09-18"}}).events,
              IsSupersetOf({"order: ClockStarted rectify due 2026-09-18 23:59", "order: ClockPaused rectify left 17"}));
  desk.Act("order", kReviewer, "reject", {}, "材料不齐");
  EXPECT_THAT(desk.At("2026-09-30 09:00"), Contains(HasSubstr("RungFired rectify due")));
}

// Found by a walk: such a clock ran where it stops, until the case came there again.
TEST(Suspension, AClockThatStartsWhereItIsSuspendedBeginsSuspended) {
  const std::string laid = R"yaml(
procedure: laid
title: {zh: 待开工, en: Laid}
may_open: [issuer]
parties: {issuer: {kind: unit, title: {zh: 交办单位}}}
fields: {task: {title: {zh: 任务}, type: text, required: true}}
stages:
  laid:
    title: {zh: 待开工}
    no_deadline: 以开工令为准
    actions:
      note:  {title: {zh: 备料}, by: issuer}
      begin: {title: {zh: 开工}, by: issuer, to: working}
  working: {title: {zh: 施工}, actions: {finish: {title: {zh: 完工}, by: issuer, to: done}}}
  done: {title: {zh: 已完工}, end: done}
clocks:
  whole:    {title: {zh: 工期}, from: [laid, working], until: [done], budget: 10 days, stops_in: [laid]}
  material: {title: {zh: 备料期}, from: "action:note", until: [done], budget: 5 days, stops_in: [laid]}
)yaml";
  Desk desk(std::vector<SourceFile>{{"laid.yaml", laid}});
  ASSERT_THAT(desk.errors(), IsEmpty());
  v1::OpenCaseRequest request;
  request.set_procedure("laid");
  *request.add_fields() = desk.Field("laid", "task", "管网改造");
  EXPECT_THAT(desk.Open("laid", kIssuer, request).events, Contains("laid: ClockPaused whole left 10"));
  EXPECT_THAT(desk.Act("laid", kIssuer, "note").events, Contains("laid: ClockPaused material left 5"));
  // Asked for twice, it does not begin to run.
  EXPECT_THAT(desk.Act("laid", kIssuer, "note").events, ElementsAre("laid: ActionTaken note"));
  desk.At("2026-10-09 09:00");
  EXPECT_THAT(desk.Act("laid", kIssuer, "begin").events,
              IsSupersetOf({"laid: ClockResumed whole due 2026-10-19 23:59",
                            "laid: ClockResumed material due 2026-10-14 23:59"}));
}

TEST_F(TimeRules, ADueDateStatedBeforeTheClocksStartWaitsForIt) {
  v1::OpenCaseRequest request;
  request.set_procedure("order");
  Bind(request, "owner", "units/zhujian");
  Bind(request, "reviewer", "posts/ducha-yanshou");
  *request.add_fields() = desk.Field("order", "problem", "裸土未覆盖");
  ASSERT_FALSE(desk.Open("order", kIssuer, request).refused);
  desk.Act("order", kOwner, "dispute", {}, "不属本单位");
  EXPECT_THAT(desk.Act("order", kIssuer, "set_due", {{"due", "2026-09-18"}}).events,
              Not(Contains(HasSubstr("ClockStarted rectify"))));
  EXPECT_THAT(desk.Act("order", kIssuer, "uphold", {}, "属本单位").events,
              Contains("order: ClockStarted rectify due 2026-09-18 23:59"));
}

TEST_F(TimeRules, WhatStandsForEverHasNoDeadlineUntilADayIsStated) {
  v1::ActOnCaseRequest report;
  report.set_action("report");
  *report.add_fields() = desk.Field("order", "progress", "已覆盖，长期保持");
  v1::FieldValue& due = *report.add_fields();
  due.set_field("due");
  due.add_values()->set_standing(true);
  due.mutable_values(0)->set_written("立行立改、长期坚持");
  OpenAndReceive("2026-09-18");
  // From a day to "for ever": the clock falls away, and nothing ever becomes late.
  EXPECT_THAT(desk.Act("order", kOwner, report).events, Contains("order: ClockStopped rectify fell away"));
  EXPECT_EQ(TimelinessOf(desk.State("order")), v1::TIMELINESS_NO_DEADLINE);
  EXPECT_THAT(desk.At("2026-10-30 09:00"), IsEmpty());
  // From "for ever" to a day: it runs.
  *report.mutable_fields(1) = desk.Field("order", "due", "2026-11-20");
  EXPECT_THAT(desk.Act("order", kOwner, report).events, Contains("order: ClockStarted rectify due 2026-11-20 23:59"));
  EXPECT_EQ(TimelinessOf(desk.State("order")), v1::TIMELINESS_ON_TIME);
}

TEST_F(TimeRules, AnOrderOpenedForEverRunsNoClock) {
  v1::OpenCaseRequest request;
  request.set_procedure("order");
  Bind(request, "owner", "units/zhujian");
  Bind(request, "reviewer", "posts/ducha-yanshou");
  *request.add_fields() = desk.Field("order", "problem", "裸土未覆盖");
  request.add_fields()->set_field("due");
  request.mutable_fields(1)->add_values()->set_standing(true);
  ASSERT_FALSE(desk.Open("order", kIssuer, request).refused);
  EXPECT_THAT(desk.Act("order", kOwner, "acknowledge").events, Not(Contains(HasSubstr("ClockStarted rectify"))));
}

TEST_F(TimeRules, AnExtensionThatTheDeadlineHasOvertakenIsNotApproved) {
  OpenAndReceive("2026-09-18");
  ASSERT_FALSE(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-09-25"}}, "连续降雨").refused);
  // Given that the deadline is moved further than what was asked for while the request waits.
  ASSERT_FALSE(desk.Act("order", kOwner, "report", {{"progress", "甲"}, {"due", "2026-10-15"}}).refused);
  EXPECT_EQ(desk.Act("order", kIssuer, "approve_extend_rectify").reason, "EXTENSION_OVERTAKEN");
  // Then it can be refused, and the deadline stands.
  EXPECT_FALSE(desk.Act("order", kIssuer, "refuse_extend_rectify", {}, "时限已另行调整").refused);
  EXPECT_EQ(FromProto(Clock("rectify").due()), desk.zone().EndOf(Day(2026, 10, 15)));
}

// --- Not before its cause -----------------------------------------------------------------------------------------

TEST_F(TimeRules, NothingHappensBeforeWhatItFollowsFrom) {
  OpenAndReceive("2026-09-18");
  desk.At("2026-09-03 09:00");
  Submit("2026-09-02 10:00");
  desk.At("2026-09-04 09:00");
  const auto typed = [&](const std::string& when, const std::string& action) {
    desk.occurred = when;
    if (action == "accept") return desk.Act("order", kReviewer, action).reason;
    desk.entered_for = kReviewer;
    return desk.Act("order", kClerk, action, {}, "补录").reason;
  };
  // The review began with the submission: nobody accepted before.
  EXPECT_EQ(typed("2026-09-02 09:59", "accept"), "OCCURRED_TOO_EARLY");
  // A remark changes nothing and may tell of any day of the case, but of none before it.
  EXPECT_EQ(typed("2026-08-31 10:00", "comment"), "OCCURRED_TOO_EARLY");
  EXPECT_EQ(typed("2026-09-01 15:00", "comment"), "");
  EXPECT_EQ(typed("2026-09-02 10:00", "accept"), "");
}

TEST_F(TimeRules, NobodyDecidesARequestBeforeItWasMade) {
  OpenAndReceive("2026-09-18");
  desk.At("2026-09-03 09:00");
  ASSERT_FALSE(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-09-25"}}, "连续降雨").refused);
  desk.At("2026-09-04 09:00");
  desk.occurred = "2026-09-03 08:00";
  desk.entered_for = kIssuer;
  EXPECT_EQ(desk.Act("order", kClerk, "approve_extend_rectify", {}, "补录").reason, "OCCURRED_TOO_EARLY");
}

// --- Numbers ------------------------------------------------------------------------------------------------------

TEST(Numbers, OfASeriesThatEndsInADigitAreNotThoseOfAnother) {
  // Given units whose short names differ by a digit at the end, and by the sign that keeps digits apart.
  const std::string procedure = absl::StrReplaceAll(
      kOrder, {{"reviewer: {kind: post, title: {zh: 验收人}, never: {unit_of: [owner, helpers], acted_in: [submit], "
                "related_to: [owner, helpers]}}",
                "reviewer: {kind: post, title: {zh: 验收人}}"}});
  Desk desk({{"order.yaml", procedure}, {"revisit.yaml", kRevisit}});
  ASSERT_THAT(desk.errors(), IsEmpty());
  std::vector<std::string> numbers;
  for (const char* code : {"住建", "住建1", "住建1-"}) {
    v1::Event put;
    *put.mutable_unit_put()->mutable_unit() = *desk.directory().FindUnit("units/zhujian");
    put.mutable_unit_put()->mutable_unit()->set_code(code);
    desk.directory().Evolve(put);
    for (int i = 0; i < 12; ++i) {
      v1::OpenCaseRequest request;
      request.set_procedure("order");
      for (const auto& [party, id] :
           {std::pair("owner", "units/zhujian"), std::pair("reviewer", "posts/ducha-yanshou")}) {
        auto& binding = *request.add_parties();
        binding.set_party(party);
        binding.add_ids(id);
      }
      *request.add_fields() = desk.Field("order", "problem", "裸土未覆盖");
      const std::string nickname = absl::StrCat(code, "/", i);
      ASSERT_FALSE(desk.Open(nickname, kIssuer, request).refused);
      numbers.push_back(desk.State(nickname).number());
    }
  }
  // Then no number is given twice.
  EXPECT_EQ(numbers[10], "交办〔2026〕住建11号");
  EXPECT_EQ(numbers[12], "交办〔2026〕住建1-1号");
  EXPECT_EQ(numbers[24], "交办〔2026〕住建1--1号");
  EXPECT_EQ(std::set<std::string>(numbers.begin(), numbers.end()).size(), numbers.size());
}

// --- The stage before ---------------------------------------------------------------------------------------------

constexpr char kBack[] = R"yaml(
procedure: back
title: {zh: 往返}
may_open: [office]
parties: {office: {kind: unit, title: {zh: 办理单位}}}
fields: {matter: {title: {zh: 事项}, type: text, required: true}}
stages:
  first:
    title: {zh: 起草}
    no_deadline: 无
    actions:
      go:   {title: {zh: 送出}, by: office, to: second}
      back: {title: {zh: 退回}, by: office, to: previous}
  second:
    title: {zh: 审核}
    no_deadline: 无
    actions:
      again:  {title: {zh: 重来}, by: office, to: first}
      finish: {title: {zh: 办结}, by: office, to: done}
  done: {title: {zh: 已办结}, end: done}
)yaml";

TEST(PreviousStage, WhereACaseHasJustBegunThereIsNone) {
  Desk desk(std::vector<SourceFile>{{"back.yaml", kBack}});
  ASSERT_THAT(desk.errors(), IsEmpty());
  v1::OpenCaseRequest request;
  request.set_procedure("back");
  *request.add_fields() = desk.Field("back", "matter", "事项");
  desk.Open("case", kIssuer, request);
  EXPECT_EQ(desk.Act("case", kIssuer, "back").reason, "NO_PREVIOUS_STAGE");
  // Once it has been elsewhere, the way back is there.
  desk.Act("case", kIssuer, "go");
  desk.Act("case", kIssuer, "again");
  EXPECT_THAT(desk.Act("case", kIssuer, "back").events,
              ElementsAre("case: ActionTaken back", "case: StageEntered second"));
}

TEST_F(TimeRules, AReopenedCaseDoesNotGoBackToItsEnd) {
  const std::string order = absl::StrReplaceAll(
      kOrder, {{"      pause:  {title",
                "      hand_back: {title: {zh: 退回}, by: issuer, to: previous}\n      pause:  {title"}});
  Desk back({{"order.yaml", order}, {"revisit.yaml", kRevisit}});
  ASSERT_THAT(back.errors(), IsEmpty());
  std::swap(desk, back);
  OpenAndReceive("2026-10-30");
  Submit();
  desk.Act("order", kReviewer, "accept");
  desk.At("2026-09-20 09:00");
  desk.Name("revisit");
  ASSERT_FALSE(desk.Act("revisit", kIssuer, "rebound", {{"finding", "又裸露"}, {"new_due", "2026-11-30"}}).refused);
  ASSERT_EQ(desk.State("order").round(), 2u);
  EXPECT_EQ(desk.Act("order", kIssuer, "hand_back").reason, "NO_PREVIOUS_STAGE");
}

// --- Two clocks, one date ---------------------------------------------------------------------------------------

// The extension of one used to leave the other at the old date, which no field said any more.
TEST(OneDate, AnExtensionMovesEveryClockThatCountsToIt) {
  const std::string order = absl::StrReplaceAll(
      Order(), {{"clocks:\n",
                 "clocks:\n  told: {title: {zh: 公布时限}, from: rectifying, until: [closed, recalled], due: due}\n"}});
  Desk desk({{"order.yaml", order}, {"revisit.yaml", kRevisit}});
  ASSERT_THAT(desk.errors(), IsEmpty());
  v1::OpenCaseRequest request;
  request.set_procedure("order");
  for (const auto& [party, id] :
       {std::pair<std::string, std::string>("owner", "units/zhujian"), {"reviewer", "posts/ducha-yanshou"}}) {
    auto& binding = *request.add_parties();
    binding.set_party(party);
    binding.add_ids(id);
  }
  *request.add_fields() = desk.Field("order", "problem", "裸土未覆盖");
  *request.add_fields() = desk.Field("order", "due", "2026-09-20");
  ASSERT_FALSE(desk.Open("order", kIssuer, request).refused);
  ASSERT_FALSE(desk.Act("order", kOwner, "acknowledge").refused);
  // Asked for too late, for both.
  desk.At("2026-09-22 09:00");
  ASSERT_FALSE(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-10-30"}}, "连续降雨").refused);
  ASSERT_FALSE(desk.Act("order", kIssuer, "approve_extend_rectify").refused);
  for (const char* name : {"rectify", "told"}) {
    const auto& clock = *FindClockState(desk.State("order"), name);
    EXPECT_EQ(desk.zone().Format(FromProto(clock.due())).substr(0, 10), "2026-10-30") << name;
    EXPECT_TRUE(clock.stays_late()) << name;
  }
}

}  // namespace
}  // namespace duban::engine
