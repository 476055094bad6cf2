// An open case goes on under another version of its procedure: what fits, what is refused, and what becomes of its
// deadlines. (How it goes on in its stage and keeps its deadline: transfer_test.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kMatter[] = R"yaml(
procedure: matter
title: {zh: 督办事项, en: Matter}
may_open: [issuer]
parties:
  issuer:  {kind: unit, title: {zh: 交办单位}}
  owner:   {kind: unit, title: {zh: 责任单位}}
  helpers: {kind: unit, title: {zh: 协办单位}, many: true, optional: true}
  expert:  {kind: post, title: {zh: 专家}, optional: true}
fields:
  what:  {title: {zh: 事项}, type: text, required: true}
  kinds: {title: {zh: 类别}, type: choice, of: kinds, many: true}
  sites: {title: {zh: 地点}, type: text, many: true}
  until: {title: {zh: 延至}, type: date}
stages:
  working:
    title: {zh: 办理中}
    actions:
      report: {title: {zh: 报告}, by: owner, takes: [kinds, sites]}
      rest:   {title: {zh: 中止}, by: issuer, to: paused}
      waive:  {title: {zh: 免予检查}, by: owner, approved_by: issuer, to: notice}
      submit: {title: {zh: 送检}, by: owner, to: check}
  paused:
    title: {zh: 已中止}
    no_deadline: 试验
    actions: {resume: {title: {zh: 恢复}, by: issuer, to: working}}
  check:
    title: {zh: 检查}
    within: 5 working days
    actions:
      pass:  {title: {zh: 通过}, by: issuer, to: notice}
      again: {title: {zh: 退回上一环节}, by: issuer, to: previous}
  notice:
    title: {zh: 公示}
    after: {10 working days: closed}
    actions: {stop: {title: {zh: 停止公示}, by: issuer, to: working}}
  closed: {title: {zh: 已办结}, end: done}
clocks:
  main:
    title: {zh: 办理时限}
    from: working
    until: [closed]
    budget: 20 working days
    stops_in: [paused]
    extend: {title: {zh: 延期}, by: owner, approved_by: issuer, at_most: 1 per case, needs: [until]}
codes:
  kinds: {water: {zh: 水}, road: {zh: 路}}
)yaml";

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kOwner[] = "persons/zhujian-jingban";

using Changes = std::vector<std::pair<std::string, std::string>>;

class NextVersionTest : public testing::Test {
 protected:
  NextVersionTest() : desk(std::vector<SourceFile>{{"matter.yaml", kMatter}}) { EXPECT_THAT(desk.errors(), IsEmpty()); }

  void Open(const std::vector<std::string>& helpers = {}) {
    v1::OpenCaseRequest request;
    request.set_procedure("matter");
    v1::PartyBinding& owner = *request.add_parties();
    owner.set_party("owner");
    owner.add_ids("units/zhujian");
    if (!helpers.empty()) {
      v1::PartyBinding& bound = *request.add_parties();
      bound.set_party("helpers");
      for (const std::string& unit : helpers) bound.add_ids(unit);
    }
    v1::PartyBinding& expert = *request.add_parties();
    expert.set_party("expert");
    expert.add_ids("posts/luru");
    *request.add_fields() = desk.Field("matter", "what", "排水");
    ASSERT_FALSE(desk.Open("matter", kIssuer, request).refused);
  }
  void Act(const std::string& person, const std::string& action) {
    const Happened happened = desk.Act("matter", person, action);
    ASSERT_FALSE(happened.refused) << action << ": " << happened.reason;
  }
  // What would come of going to a version with these changes, the next in number.
  Happened Migrate(const Changes& changes, const std::map<std::string, std::string>& stages = {}) {
    desk.Revise({"matter.yaml", absl::StrReplaceAll(kMatter, changes)});
    EXPECT_THAT(desk.errors(), IsEmpty());
    v1::Migration task;
    task.set_procedure("matter");
    task.set_from_version(desk.State("matter").procedure_version());
    task.set_to_version(desk.procedures().Newest("matter")->version);
    for (const auto& [was, is] : stages) (*task.mutable_stages())[was] = is;
    return desk.Migrate("matter", task);
  }
  std::string MovesAt() { return desk.zone().Format(FromProto(desk.State("matter").moves_at())); }

  Desk desk;
};

// --- What does not fit -------------------------------------------------------------------------------------------

TEST_F(NextVersionTest, NoOpenCaseIsTakenToAnEnd) {
  Open();
  EXPECT_EQ(Migrate({{"  working:\n", "  doing:\n"}, {"to: working", "to: doing"}, {"from: working", "from: doing"}},
                    {{"working", "closed"}})
                .reason,
            "MIGRATION_STAGE");
}

// Each way into the check has a clock in the new version, so the checker is content; but of a case that is there
// already nobody knows by which it came, and no clock would have started.
TEST_F(NextVersionTest, NoOpenCaseIsTakenToWhereItWouldWaitWithoutADeadline) {
  Open();
  Act(kOwner, "submit");
  const Changes one_clock_for_each_way = {
      {"  working:\n    title: {zh: 办理中}\n", "  working:\n    title: {zh: 办理中}\n    within: 9 working days\n"},
      {"approved_by: issuer, to: notice", "to: check"},
      {"    title: {zh: 检查}\n    within: 5 working days\n", "    title: {zh: 检查}\n"},
      {"  main:\n    title: {zh: 办理时限}\n    from: working\n",
       "  waived: {title: {zh: 免检时限}, from: \"action:waive\", until: [closed], budget: 20 working days}\n"
       "  sent:\n    title: {zh: 送检时限}\n    from: \"action:submit\"\n"}};
  EXPECT_EQ(Migrate(one_clock_for_each_way).reason, "MIGRATION_NO_DEADLINE");
  EXPECT_EQ(desk.State("matter").procedure_version(), 1u);
}

// Found by a walk: it stood on as an alert that was no suggestion any more, so that the unit's contacts were told of what
// only those asked may know; and a way that waits for its decision was shut for ever.
TEST_F(NextVersionTest, ASuggestionThatIsMadeNoMoreIsWithdrawnAndHoldsNothingUp) {
  const std::string talk = "{at: 1 day, suggest: talk, title: {zh: 约谈}, ask: [issuer.head]}, ";
  const auto with = [&](const std::string& rung) {
    return Changes{
        {"    budget: 20 working days\n",
         absl::StrCat("    budget: 20 working days\n    charged_to: owner\n    ladder: [", rung,
                      "{at: 90 days, suggest: circulate, title: {zh: 通报}, ask: [issuer.head]}]\n")},
        {"{zh: 通过}, by: issuer, to: notice}", "{zh: 通过}, by: issuer, to: notice, when: [{not: suggestion_open}]}"}};
  };
  Open();
  ASSERT_FALSE(Migrate(with(talk)).refused);
  Act(kOwner, "submit");
  desk.At("2026-11-02 09:00");
  ASSERT_EQ(desk.State("matter").suggestions_size(), 1);
  EXPECT_EQ(desk.Act("matter", kIssuer, "pass").reason, "GUARD_FAILED");

  EXPECT_THAT(Migrate(with("")).events, Contains("matter: RungWithdrawn main talk@1d"));
  EXPECT_EQ(desk.State("matter").suggestions_size(), 0);
  EXPECT_FALSE(desk.Act("matter", kIssuer, "pass").refused) << "it used to wait for ever";
}

TEST_F(NextVersionTest, PartiesKeepTheirKindAndNumber) {
  Open({"units/shuiwu", "units/duchashi"});
  EXPECT_EQ(Migrate({{"many: true, optional: true", "optional: true"}}).reason, "MIGRATION_PARTY");
  EXPECT_EQ(Migrate({{"expert:  {kind: post", "expert:  {kind: person"}}).reason, "MIGRATION_PARTY");
  EXPECT_EQ(Migrate({{"  expert:  {kind: post, title: {zh: 专家}, optional: true}\n", ""}}).reason, "MIGRATION_PARTY");
  EXPECT_EQ(desk.State("matter").procedure_version(), 1u);
}

TEST_F(NextVersionTest, OneMemberFitsWhereOnlyOneIsTaken) {
  Open({"units/shuiwu"});
  EXPECT_FALSE(Migrate({{"many: true, optional: true", "optional: true"}}).refused);
}

TEST_F(NextVersionTest, ValuesStayWithinWhatTheFieldTakes) {
  Open();
  v1::ActOnCaseRequest report;
  report.set_action("report");
  v1::FieldValue& kinds = *report.add_fields();
  kinds.set_field("kinds");
  kinds.add_values()->set_choice("road");
  v1::FieldValue& sites = *report.add_fields();
  sites.set_field("sites");
  sites.add_values()->set_text("东街");
  sites.add_values()->set_text("西街");
  const Happened reported = desk.Act("matter", kOwner, report);
  ASSERT_FALSE(reported.refused) << reported.reason;
  EXPECT_EQ(Migrate({{", road: {zh: 路}", ""}}).reason, "MIGRATION_FIELD") << "a code that is no more";
  EXPECT_EQ(Migrate({{"type: text, many: true", "type: text"}}).reason, "MIGRATION_FIELD") << "two where one is taken";
  EXPECT_EQ(Migrate({{"water: {zh: 水}, ", ""}}).reason, "") << "a code that it does not have";
}

TEST_F(NextVersionTest, ARequestWaitsOnlyForWhatIsAskedThereToo) {
  Open();
  Act(kOwner, "waive");
  EXPECT_EQ(Migrate({{"by: owner, approved_by: issuer, to: notice", "by: owner, to: notice"}}).reason,
            "MIGRATION_REQUEST")
      << "it needs no approval there";
  EXPECT_FALSE(Migrate({{"{zh: 免予检查}", "{zh: 免检}"}}).refused);
  EXPECT_FALSE(desk.Act("matter", kIssuer, "approve_waive").refused);
  EXPECT_EQ(desk.State("matter").stage(), "notice");
}

TEST_F(NextVersionTest, ARequestForMoreTimeGoesAlong) {
  Open();
  ASSERT_FALSE(desk.Act("matter", kOwner, "extend_main", {{"until", "2026-11-20"}}).refused);
  EXPECT_FALSE(Migrate({{"{zh: 延期}", "{zh: 展期}"}}).refused);
  EXPECT_FALSE(desk.Act("matter", kIssuer, "approve_extend_main").refused);
}

TEST_F(NextVersionTest, WhatIsNotMeantStaysAsItIs) {
  Open();
  desk.Revise({"other.yaml", absl::StrReplaceAll(kMatter, {{"procedure: matter", "procedure: other"}})});
  ASSERT_THAT(desk.errors(), IsEmpty());
  v1::Migration task;
  task.set_procedure("other");
  task.set_from_version(1);
  task.set_to_version(1);
  const Happened other = desk.Migrate("matter", task);
  EXPECT_FALSE(other.refused);
  EXPECT_THAT(other.events, IsEmpty());
  Act(kOwner, "submit");
  Act(kIssuer, "pass");
  desk.At("2026-10-09 09:00");
  ASSERT_EQ(desk.State("matter").stage(), "closed");
  const Happened ended = Migrate({{"{zh: 督办事项,", "{zh: 督查事项,"}});
  EXPECT_FALSE(ended.refused) << "it has ended: nothing is wrong with that";
  EXPECT_THAT(ended.events, IsEmpty());
}

// --- What becomes of it ------------------------------------------------------------------------------------------

TEST_F(NextVersionTest, TheWayBackLeadsWhereItCameFromByItsNewName) {
  Open();
  Act(kOwner, "submit");
  ASSERT_FALSE(Migrate({{"  working:\n", "  doing:\n"}, {"to: working", "to: doing"}, {"from: working", "from: doing"}},
                       {{"working", "doing"}})
                   .refused);
  Act(kIssuer, "again");
  EXPECT_EQ(desk.State("matter").stage(), "doing");
}

TEST_F(NextVersionTest, ATimedMoveIsCountedFromWhenTheStageBegan) {
  Open();
  Act(kOwner, "submit");
  Act(kIssuer, "pass");
  ASSERT_EQ(MovesAt(), "2026-09-16 00:00");
  desk.At("2026-09-07 10:00");
  ASSERT_FALSE(Migrate({{"after: {10 working days", "after: {8 working days"}}).refused);
  EXPECT_EQ(MovesAt(), "2026-09-12 00:00");
}

// Three working days from the first were over on the fourth. Nothing happens before it was decided.
TEST_F(NextVersionTest, ATimedMoveThatWouldHaveComeComesAtOnceWhereItsStageIsNamed) {
  Open();
  Act(kOwner, "submit");
  Act(kIssuer, "pass");
  desk.At("2026-09-07 10:00");
  EXPECT_EQ(Migrate({{"after: {10 working days", "after: {3 working days"}}).reason, "MIGRATION_MOVES_AT_ONCE");
  ASSERT_FALSE(Migrate({{"after: {10 working days", "after: {3 working days"}}, {{"notice", "notice"}}).refused);
  EXPECT_EQ(MovesAt(), "2026-09-07 10:00");
  EXPECT_THAT(desk.At("2026-09-07 10:00"), Contains("2026-09-07 10:00 matter: StageEntered closed"));
}

TEST_F(NextVersionTest, ADeadlineThatStandsStillGoesOnWhereTheNewVersionLetsItRun) {
  Open();
  desk.At("2026-09-03 09:00");
  Act(kIssuer, "rest");
  desk.At("2026-09-07 09:00");
  EXPECT_THAT(Migrate({{"    stops_in: [paused]\n", ""}}).events,
              ElementsAre("matter: CaseMigrated 2 paused", HasSubstr("ClockResumed main due")));
}

TEST_F(NextVersionTest, ADeadlineThatRunsStandsStillWhereTheNewVersionStopsIt) {
  Open();
  desk.At("2026-09-03 09:00");
  Act(kOwner, "submit");
  EXPECT_THAT(Migrate({{"stops_in: [paused]", "stops_in: [paused, check]"}}).events,
              ElementsAre("matter: CaseMigrated 2 check", HasSubstr("ClockPaused main left")));
}

TEST_F(NextVersionTest, ADeadlineThatStandsStillInBothIsLeftAlone) {
  Open();
  desk.At("2026-09-03 09:00");
  Act(kIssuer, "rest");
  EXPECT_THAT(Migrate({{"{zh: 已中止}", "{zh: 中止}"}}).events, ElementsAre("matter: CaseMigrated 2 paused"));
}

TEST_F(NextVersionTest, ANewDeadlineOfAStageInWhichItStopsBeginsStandingStill) {
  Open();
  Act(kIssuer, "rest");
  desk.At("2026-09-07 09:00");
  EXPECT_THAT(
      Migrate({{"codes:\n",
                "  side: {title: {zh: 另计}, from: working, until: [closed], budget: 30 working days, "
                "stops_in: [paused]}\ncodes:\n"}})
          .events,
      ElementsAre("matter: CaseMigrated 2 paused", HasSubstr("ClockStarted side"), HasSubstr("ClockPaused side")));
}

TEST_F(NextVersionTest, ADeadlineThatHasBeenMetByTheNewVersionStops) {
  Open();
  Act(kOwner, "submit");
  Act(kIssuer, "pass");
  EXPECT_THAT(Migrate({{"until: [closed]", "until: [notice, closed]"}}).events,
              ElementsAre("matter: CaseMigrated 2 notice", "matter: ClockStopped main"));
  EXPECT_FALSE(desk.State("matter").late());
}

TEST_F(NextVersionTest, WithItsStageGoesTheStagesOwnDeadline) {
  Open();
  Act(kOwner, "submit");
  // The new version checks in another way; what was in check is worked on again.
  EXPECT_THAT(Migrate({{"{zh: 检查}", "{zh: 复核}"}}, {{"check", "working"}}).events,
              ElementsAre("matter: CaseMigrated 2 working", "matter: ClockStopped within_check"));
}

// Nobody is late for what was not asked of him: a stage that gets a deadline begins it now, whatever it is called.
TEST_F(NextVersionTest, AStageThatGetsADeadlineBeginsItNowUnderAnotherNameToo) {
  Open();
  desk.At("2026-09-10 09:00");
  EXPECT_THAT(Migrate({{"  working:\n    title: {zh: 办理中}\n",
                        "  doing:\n    title: {zh: 办理}\n    within: 5 working days\n"},
                       {"to: working", "to: doing"},
                       {"from: working", "from: doing"}},
                      {{"working", "doing"}})
                  .events,
              ElementsAre("matter: CaseMigrated 2 doing", "matter: ClockStarted within_doing due 2026-09-17 23:59"));
}

}  // namespace
}  // namespace duban::engine
