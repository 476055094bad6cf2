// Plans: what their files may say, when they come due, for whom, and how much they ask of one unit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/plan/burden.h"
#include "engine/plan/plan.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/order.h"

namespace duban::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kMonthly[] = R"yaml(
plan: monthly
title: {zh: 每月提示}
by: posts/duchayi-kezhang
when: {rrule: FREQ=MONTHLY;BYMONTHDAY=1, from: 2026-01-01, until: 2026-12-31, at: "08:30", adjust: next_working_day}
for: {units: [units/zhujian, units/shuiwu]}
opens: {procedure: order, party: owner, bind: {reviewer: posts/ducha-yanshou}, set: {problem: 每月提示, due: 2026-12-31}}
burden: {topic: 安全生产, lasts_days: 5, at_most_per_year: 12}
)yaml";

class PlanTest : public testing::Test {
 protected:
  PlanTest() : desk({{"order.yaml", kOrder}, {"revisit.yaml", kRevisit}}) {}

  ReadPlanResult Read(const std::vector<std::pair<std::string, std::string>>& changes = {}) {
    return ReadPlan({"monthly.yaml", absl::StrReplaceAll(kMonthly, changes)}, desk.procedures(), &desk.directory());
  }
  // "line:column RULE" of the first thing that is wrong.
  std::string Wrong(const std::vector<std::pair<std::string, std::string>>& changes) {
    const ReadPlanResult read = Read(changes);
    if (read.findings.empty()) return "";
    const Finding& first = read.findings.front();
    EXPECT_NE(first.message.zh(), "");
    EXPECT_NE(first.message.en(), "");
    return absl::StrCat(first.line, ":", first.column, " ", first.rule);
  }
  std::vector<std::string> DueDays(const Plan& plan) {
    std::vector<std::string> out;
    for (const Day nominal : NominalDays(plan, plan.from)) {
      const Outcome<Instant> due = DueOn(plan, nominal, desk.calendar(), desk.zone());
      out.push_back(due.ok() ? desk.zone().Format(*due).substr(5) : due.rejection().reason);
    }
    return out;
  }
  void Put(Plans& plans, const std::string& name, const std::string& text, const std::string& at) {
    v1::Event event;
    event.mutable_plan_put()->mutable_plan()->set_name(name);
    event.mutable_plan_put()->mutable_plan()->set_source(text);
    *event.mutable_plan_put()->mutable_at() = ToProto(desk.Parse(at));
    EvolvePlans(plans, event);
  }
  std::shared_ptr<const PlansAhead> Ahead(const Plans& plans) {
    return std::make_shared<PlansAhead>(PlanWorld{plans, desk.procedures(), desk.directory(), desk.calendar(),
                                                  desk.zone(),
                                                  [](const std::string&) { return std::vector<std::string>(); }});
  }
  std::string Bears(const Plans& plans, const std::string& name) {
    const std::shared_ptr<const PlansAhead> ahead = Ahead(plans);
    const Verdict verdict = CheckBurden(*ahead, name, PlannedBurdens(ahead, name));
    return verdict.ok() ? "" : verdict.rejection().reason;
  }

  Desk desk;
};

TEST_F(PlanTest, OnTheFirstOfEachMonthOrTheWorkingDayAfter) {
  const ReadPlanResult read = Read();
  ASSERT_TRUE(read.ok()) << read.findings.front().message.en();
  EXPECT_THAT(DueDays(read.plan),
              ElementsAre("01-04 08:30", "02-02 08:30", "03-02 08:30", "04-01 08:30", "05-06 08:30", "06-01 08:30",
                          "07-01 08:30", "08-03 08:30", "09-01 08:30", "10-08 08:30", "11-02 08:30", "12-01 08:30"));
}

TEST_F(PlanTest, OrTheWorkingDayBeforeOrTheDayItself) {
  EXPECT_THAT(DueDays(Read({{"next_working_day", "previous_working_day"}, {"2026-12-31, at", "2026-03-31, at"}}).plan),
              ElementsAre("12-31 08:30", "01-30 08:30", "02-28 08:30"));
  EXPECT_THAT(DueDays(Read({{", adjust: next_working_day", ""}, {"2026-12-31, at", "2026-02-28, at"}}).plan),
              ElementsAre("01-01 08:30", "02-01 08:30"));
  EXPECT_THAT(
      DueDays(Read({{"rrule: FREQ=MONTHLY;BYMONTHDAY=1, from: 2026-01-01, until: 2026-12-31", "on: 2026-05-02"}}).plan),
      ElementsAre("05-06 08:30"));
}

TEST_F(PlanTest, WhereTheCalendarDoesNotReachItSaysSo) {
  EXPECT_THAT(DueDays(Read({{"from: 2026-01-01, until: 2026-12-31", "from: 2026-12-01, until: 2027-01-31"}}).plan),
              ElementsAre("12-01 08:30", "CALENDAR_NOT_COVERED"));
}

TEST_F(PlanTest, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_EQ(Wrong({{"BYMONTHDAY=1", "BYMONTHDAY=99"}}), "5:15 PLAN_RULE");
  EXPECT_EQ(Wrong({{"BYMONTHDAY=1", "BYMONTHDAY=1;COUNT=3"}}), "5:15 PLAN_RULE");
  EXPECT_EQ(Wrong({{"FREQ=MONTHLY;BYMONTHDAY=1", "每月一日"}}), "5:15 PLAN_RULE");
  EXPECT_EQ(Wrong({{"until: 2026-12-31, ", ""}}), "5:7 MISSING_KEY");
  EXPECT_EQ(Wrong({{"until: 2026-12-31", "until: 2025-12-31"}}), "5:67 WRONG_VALUE");
  EXPECT_EQ(Wrong({{"from: 2026-01-01", "from: 元旦"}}), "5:48 WRONG_VALUE");
  EXPECT_EQ(Wrong({{"\"08:30\"", "八点半"}}), "5:83 WRONG_VALUE");
  EXPECT_EQ(Wrong({{"next_working_day", "later"}}).substr(2), "100 WRONG_VALUE");
  EXPECT_EQ(Wrong({{"{units: [units/zhujian, units/shuiwu]}", "{}"}}), "6:6 PLAN_FOR");
  EXPECT_EQ(Wrong({{"units/shuiwu", "units/nobody"}}), "6:30 PLAN_UNKNOWN_ID");
  EXPECT_EQ(Wrong({{"posts/duchayi-kezhang", "posts/nobody"}}), "4:5 PLAN_UNKNOWN_ID");
  EXPECT_EQ(Wrong({{"procedure: order", "procedure: nothing"}}), "7:20 UNDECLARED_PROCEDURE");
  EXPECT_EQ(Wrong({{"party: owner", "party: reviewer"}}), "7:34 UNDECLARED_PARTY");
  EXPECT_EQ(Wrong({{"problem: 每月提示, ", ""}}), "7:1 MISSING_KEY");
  EXPECT_EQ(Wrong({{"problem:", "informant: 某人, problem:"}}).substr(2).find("UNDECLARED_FIELD") != std::string::npos,
            true);
  EXPECT_EQ(Wrong({{"due: 2026-12-31", "due: 年底"}}).find("WRONG_VALUE") != std::string::npos, true);
  EXPECT_EQ(Wrong({{"title: {zh: 每月提示}\n", ""}}), "2:1 MISSING_KEY");
  EXPECT_EQ(Wrong({{"plan: monthly", "plan: 每月"}}), "2:7 INVALID_NAME");
  EXPECT_EQ(Wrong({{"burden:", "burdens:"}}), "8:1 UNKNOWN_KEY");
  EXPECT_EQ(Wrong({{"when: {", "when: {on: 2026-05-01, "}}), "5:7 PLAN_TIME");
  EXPECT_EQ(Wrong({{"rrule: FREQ=MONTHLY;BYMONTHDAY=1", "on: 2026-05-01"}}), "5:24 UNKNOWN_KEY") << "from: of a rule";
  EXPECT_EQ(Wrong({{"opens: {", "opens: {copy: {problem: post}, "}}), "7:9 UNKNOWN_KEY") << "of posts and cases";
}

TEST_F(PlanTest, ARuleThatIsRefusedTodayStillMeansWhatItMeantWhenItWasPut) {
  const std::string odd = absl::StrReplaceAll(kMonthly, {{"BYMONTHDAY=1", "INTERVAL=1200"}});
  EXPECT_FALSE(ReadPlan({"monthly.yaml", odd}, desk.procedures(), nullptr).ok());
  EXPECT_EQ(NominalDays(PlanOf(odd), *ParseDay("2026-01-01")).size(), 1u);
}

TEST_F(PlanTest, ThePopulationIsWhoIsThereNow) {
  const Plan plan = Read({{"{units: [units/zhujian, units/shuiwu]}", "{below: units/shi}"}}).plan;
  const auto nobody = [](const std::string&) { return std::vector<std::string>(); };
  EXPECT_THAT(PopulationOf(plan, desk.directory(), nobody),
              ElementsAre("units/duchashi", "units/shuiwu", "units/zhujian"));
  v1::Event event;
  v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
  unit.set_name("units/lin");
  unit.set_title("市林业局");
  unit.set_level("city");
  unit.add_superiors("units/shi");
  desk.directory().Evolve(event);
  EXPECT_EQ(PopulationOf(plan, desk.directory(), nobody).size(), 4u);
  const Plan level = Read({{"{units: [units/zhujian, units/shuiwu]}", "{below: units/shi, level: city}"}}).plan;
  EXPECT_THAT(PopulationOf(level, desk.directory(), nobody), ElementsAre("units/lin"));
  const Plan listed = Read({{"{units: [units/zhujian, units/shuiwu]}", "{register: negative_list}"}}).plan;
  EXPECT_THAT(PopulationOf(listed, desk.directory(),
                           [](const std::string& name) {
                             EXPECT_EQ(name, "negative_list");
                             return std::vector<std::string>{"units/shuiwu", "units/gone"};
                           }),
              ElementsAre("units/shuiwu"));
  // Named twice, a unit has one case.
  Plan twice = plan;
  twice.below.clear();
  twice.units = {"units/zhujian", "units/shuiwu", "units/zhujian"};
  EXPECT_THAT(PopulationOf(twice, desk.directory(), nobody), ElementsAre("units/shuiwu", "units/zhujian"));
}

TEST_F(PlanTest, OneUnitIsNotAskedTwiceOnOneTopicAtOneTimeNorTooOften) {
  Plans plans;
  Put(plans, "plans/monthly", kMonthly, "2025-12-01 09:00");
  EXPECT_EQ(Bears(plans, "plans/monthly"), "");
  // Given another on the same topic, three days after the first of March.
  const std::string once = absl::StrReplaceAll(
      kMonthly, {{"plan: monthly", "plan: once"},
                 {"rrule: FREQ=MONTHLY;BYMONTHDAY=1, from: 2026-01-01, until: 2026-12-31", "on: 2026-03-05"},
                 {"[units/zhujian, units/shuiwu]", "[units/shuiwu]"}});
  Put(plans, "plans/once", once, "2025-12-01 09:00");
  EXPECT_EQ(Bears(plans, "plans/once"), "PLAN_CLASH");
  EXPECT_EQ(Bears(plans, "plans/monthly"), "PLAN_CLASH");
  // A week later it does not clash, but it would be the thirteenth of the year.
  Put(plans, "plans/once", absl::StrReplaceAll(once, {{"2026-03-05", "2026-03-10"}}), "2025-12-01 09:00");
  EXPECT_EQ(Bears(plans, "plans/once"), "PLAN_BURDEN");
  const auto burden = PlannedIn(2026, *Ahead(plans));
  EXPECT_EQ(burden.at("units/shuiwu").size(), 13u);
  EXPECT_EQ(burden.at("units/zhujian").size(), 12u);
  // What has come due is counted by the cases that it opened, and no more by the plan.
  v1::Event due;
  due.mutable_plan_due()->set_plan("plans/monthly");
  due.mutable_plan_due()->set_occurrence("2026-05-01");
  EvolvePlans(plans, due);
  EXPECT_EQ(PlannedIn(2026, *Ahead(plans)).at("units/zhujian").size(), 7u);
  Put(plans, "plans/monthly", kMonthly, "2025-12-01 09:00");
  // Each topic has a quota of its own, and nobody is asked about two at one time by asking about one.
  Put(plans, "plans/once",
      absl::StrReplaceAll(once, {{"安全生产", "党建"}, {"2026-03-05", "2026-03-03"}, {", at_most_per_year: 12", ""}}),
      "2025-12-01 09:00");
  EXPECT_EQ(Bears(plans, "plans/once"), "");
}

// A plan that says nothing of a burden asks what the cases ask that it opens.
TEST_F(PlanTest, WhatAProcedureAsksIsKnownOfItsPlansBeforehand) {
  const std::string order =
      absl::StrCat(kOrder, "\nburden: {topic: 整改, party: owner, lasts_days: 2, at_most_per_year: 3}\n");
  Desk with({{"order.yaml", order}, {"revisit.yaml", kRevisit}});
  ASSERT_THAT(with.errors(), IsEmpty());
  const Plan plain = PlanOf(absl::StrReplaceAll(kMonthly, {{"burden:", "#"}}));
  const std::optional<Burden> asked = BurdenAhead(plain, with.procedures());
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->topic, "整改");
  EXPECT_EQ(asked->lasts, 2);
  EXPECT_EQ(BurdenAhead(PlanOf(kMonthly), with.procedures())->topic, "安全生产") << "the plan's own word goes first";
  EXPECT_FALSE(BurdenAhead(plain, desk.procedures()).has_value());
  // Whom a draw will name nobody knows.
  const Plan drawing = PlanOf(absl::StrReplaceAll(kMonthly, {{"units/shuiwu]}", "units/shuiwu], count: 1}"}}));
  EXPECT_FALSE(BurdenAhead(drawing, with.procedures()).has_value());
}

TEST_F(PlanTest, AContactsAreaIsThePopulation) {
  v1::Event event;
  v1::Post& post = *event.mutable_post_put()->mutable_post();
  post.set_name("posts/lianxi");
  post.set_title("联系点干部");
  post.set_unit("units/duchashi");
  post.add_holders("persons/luru");
  post.add_areas("units/shuiwu");
  desk.directory().Evolve(event);
  const auto nobody = [](const std::string&) { return std::vector<std::string>(); };
  for (const char* contact : {"posts/lianxi", "persons/luru"}) {
    const ReadPlanResult read =
        Read({{"{units: [units/zhujian, units/shuiwu]}", absl::StrCat("{contact: ", contact, "}")}});
    ASSERT_TRUE(read.ok()) << read.findings.front().message.en();
    EXPECT_THAT(PopulationOf(read.plan, desk.directory(), nobody), ElementsAre("units/shuiwu"));
    EXPECT_NE(WhomOf(read.plan, desk.directory(), desk.procedures()).zh().find("联系的各单位"), std::string::npos);
  }
  EXPECT_EQ(Wrong({{"units: [units/zhujian, units/shuiwu]", "contact: posts/nobody"}}), "6:16 PLAN_UNKNOWN_ID");
  EXPECT_EQ(Wrong({{"units: [units/zhujian, units/shuiwu]", "contact: posts/lianxi, below: units/shi"}}),
            "6:6 PLAN_FOR");
}

TEST_F(PlanTest, SomeOfItsUnitsMayBeDrawn) {
  const auto whom = [&](const std::string& rest) {
    return WhomOf(Read({{"units/shuiwu]}", absl::StrCat("units/shuiwu], ", rest, "}")}}).plan, desk.directory(),
                  desk.procedures())
        .zh();
  };
  EXPECT_EQ(whom("share: 20%, at_least: 1"), "所列 2 个单位，抽取20%，至少1个");
  EXPECT_EQ(whom("count: 1, per: level"), "所列 2 个单位，按层级各抽取1个");
  EXPECT_EQ(Wrong({{"units/shuiwu]}", "units/shuiwu], count: 1, per: owner}"}}).substr(2), "60 WRONG_VALUE");
  EXPECT_EQ(Wrong({{"units/shuiwu]}", "units/shuiwu], per: level}"}}).substr(2), "45 UNKNOWN_KEY") << "of a share";
  EXPECT_EQ(
      Wrong({{"party: owner,", "party: owner, draw: {reviewer: {from: [posts/ducha-yanshou], count: 1}},"}}).substr(2),
      "41 UNKNOWN_KEY")
      << "of plans that draw units";
  EXPECT_EQ(Wrong({{"units/shuiwu]}", "units/shuiwu], count: 1}"},
                   {"party: owner,", "party: owner, draw: {reviewer: {from: [posts/ducha-yanshou], count: 1}},"}})
                .substr(2),
            "48 UNDECLARED_PARTY")
      << "who is not drawn";
}

TEST_F(PlanTest, DaysBeforeItWasPutAreNoneOfItsBusinessAndEachComesOnce) {
  Plans plans;
  Put(plans, "plans/monthly", kMonthly, "2026-03-15 09:00");
  EXPECT_EQ(plans.at("plans/monthly").Next(desk.zone()), Day(2026, 4, 1));
  v1::Event due;
  due.mutable_plan_due()->set_plan("plans/monthly");
  due.mutable_plan_due()->set_occurrence("2026-04-01");
  EvolvePlans(plans, due);
  EXPECT_EQ(plans.at("plans/monthly").Next(desk.zone()), Day(2026, 5, 1));
  // A further version does not begin again.
  Put(plans, "plans/monthly", kMonthly, "2026-04-01 10:00");
  EXPECT_EQ(plans.at("plans/monthly").Next(desk.zone()), Day(2026, 5, 1));
}

// One that asks once, beside the monthly one.
std::string Once(const std::string& day, const std::vector<std::pair<std::string, std::string>>& changes = {}) {
  std::string text = absl::StrReplaceAll(
      kMonthly, {{"plan: monthly", "plan: once"},
                 {"rrule: FREQ=MONTHLY;BYMONTHDAY=1, from: 2026-01-01, until: 2026-12-31", absl::StrCat("on: ", day)},
                 {", adjust: next_working_day", ""},
                 {"at_most_per_year: 12", "at_most_per_year: 20"}});
  return absl::StrReplaceAll(text, changes);
}

// What is asked on Wednesday the 6th of May lasts until Sunday the 10th.
TEST_F(PlanTest, TwoOnOneTopicMayFollowEachOtherDirectly) {
  Plans plans;
  Put(plans, "plans/monthly", absl::StrReplaceAll(kMonthly, {{"at_most_per_year: 12", "at_most_per_year: 13"}}),
      "2025-12-01 09:00");
  Put(plans, "plans/once", Once("2026-05-10"), "2025-12-01 09:00");
  EXPECT_EQ(Bears(plans, "plans/once"), "PLAN_CLASH");
  Put(plans, "plans/once", Once("2026-05-11"), "2025-12-01 09:00");
  EXPECT_EQ(Bears(plans, "plans/once"), "");
}

// Thirteen in a year is within what the second allows and beyond what the first does, in whichever order they come.
TEST_F(PlanTest, TheStrictestPlanSaysHowOftenAUnitIsAsked) {
  for (const char* day : {"2026-01-15", "2026-12-20"}) {
    Plans plans;
    Put(plans, "plans/monthly", kMonthly, "2025-12-01 09:00");
    Put(plans, "plans/once", Once(day), "2025-12-01 09:00");
    EXPECT_EQ(Bears(plans, "plans/once"), "PLAN_BURDEN") << day;
  }
}

TEST_F(PlanTest, WhatWasStoppedBurdensNobody) {
  Plans plans;
  Put(plans, "plans/monthly", kMonthly, "2025-12-01 09:00");
  Put(plans, "plans/once", Once("2026-03-04"), "2025-12-01 09:00");
  ASSERT_EQ(Bears(plans, "plans/once"), "PLAN_CLASH");
  v1::Event stop;
  *stop.mutable_plan_put()->mutable_plan() = plans.at("plans/monthly").put;
  stop.mutable_plan_put()->mutable_plan()->set_stopped(true);
  EvolvePlans(plans, stop);
  EXPECT_EQ(Bears(plans, "plans/once"), "");
}

// Two that clash with each other were let through with a reason; a third on another topic is none the worse for it.
TEST_F(PlanTest, AClashIsTheBusinessOfThoseThatClash) {
  Plans plans;
  Put(plans, "plans/first", Once("2026-03-03"), "2025-12-01 09:00");
  Put(plans, "plans/second", Once("2026-03-04"), "2025-12-01 09:00");
  ASSERT_EQ(Bears(plans, "plans/second"), "PLAN_CLASH");
  Put(plans, "plans/third", Once("2026-03-04", {{"安全生产", "党建"}}), "2025-12-01 09:00");
  EXPECT_EQ(Bears(plans, "plans/third"), "");
}

// The calendar of 2027 is not published: days off are not known, and the days of the plan are.
TEST_F(PlanTest, AYearWithoutACalendarIsCountedByThePlansOwnDays) {
  Plans plans;
  Put(plans, "plans/monthly",
      absl::StrReplaceAll(
          kMonthly, {{"until: 2026-12-31", "until: 2027-12-31"}, {"at_most_per_year: 12", "at_most_per_year: 24"}}),
      "2025-12-01 09:00");
  Put(plans, "plans/once", Once("2027-05-02"), "2025-12-01 09:00");
  EXPECT_EQ(Bears(plans, "plans/once"), "PLAN_CLASH");
  const auto burden = [&](int year) { return PlannedIn(year, *Ahead(plans)).at("units/zhujian").size(); };
  EXPECT_EQ(burden(2026), 12u);
  EXPECT_EQ(burden(2027), 13u);
}

TEST_F(PlanTest, WhatLiesBehindClashesNoMore) {
  const std::string two_years = absl::StrReplaceAll(kMonthly, {{"from: 2026-01-01", "from: 2025-01-01"}});
  const std::string other =
      absl::StrReplaceAll(two_years, {{"plan: monthly", "plan: other"},
                                      {"from: 2025-01-01, until: 2026-12-31", "from: 2025-03-01, until: 2025-03-31"}});
  const auto put_on = [&](const std::string& at) {
    Plans plans;
    Put(plans, "plans/monthly", two_years, at);
    Put(plans, "plans/other", other, at);
    return Bears(plans, "plans/monthly");
  };
  EXPECT_EQ(put_on("2024-12-01 09:00"), "PLAN_CLASH");
  EXPECT_EQ(put_on("2026-01-01 09:00"), "");
}

constexpr char kHint[] = R"yaml(
procedure: hint
title: {zh: 提示}
may_open: [issuer]
parties: {issuer: {kind: unit, title: {zh: 交办单位}}, owner: {kind: unit, title: {zh: 责任单位}}}
fields: {kind: {title: {zh: 种类}, type: choice, of: kinds, required: true}}
stages:
  open: {title: {zh: 待办}, within: 5 days, actions: {read: {title: {zh: 已阅}, by: owner, to: done}}}
  done: {title: {zh: 已办结}, end: done}
codes: {kinds: {monthly: {zh: 月提示}}}
)yaml";

// It used to be taken, and every case was refused when the plan came due.
TEST(PlanOfCodes, ATitleWrittenForACodeIsToldWhenThePlanIsPut) {
  const std::vector<SourceFile> files = {{"hint.yaml", kHint}};
  Desk desk(files);
  const auto findings = [&](const std::string& kind) {
    const std::string text = absl::StrReplaceAll(
        kMonthly, {{"procedure: order", "procedure: hint"},
                   {", bind: {reviewer: posts/ducha-yanshou}, set: {problem: 每月提示, due: 2026-12-31}",
                    absl::StrCat(", set: {kind: ", kind, "}")}});
    return ReadPlan({"monthly.yaml", text}, desk.procedures(), &desk.directory()).findings;
  };
  EXPECT_THAT(findings("monthly"), IsEmpty());
  ASSERT_EQ(findings("月提示").size(), 1u);
  EXPECT_EQ(findings("月提示").front().rule, "WRONG_VALUE");
}

}  // namespace
}  // namespace duban::engine
