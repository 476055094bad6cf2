// What a ladder suggests: raised by time, decided by people, taking effect in the decision's own commit.
#include "engine/cases/suggestions.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/cases/present.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/offered.h"

namespace duban::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kMatter[] = R"yaml(
procedure: matter
title: {zh: 事项, en: Matter}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  owner:  {kind: unit, title: {zh: 责任单位}}
fields:
  problem: {title: {zh: 存在问题}, type: text, required: true}
  due:     {title: {zh: 时限}, type: date}
stages:
  open:
    title: {zh: 办理中}
    actions:
      report: {title: {zh: 报送}, by: owner, when: [{not: suggestion_open}], needs: [note]}
      praise: {title: {zh: 评优}, by: issuer, when: [{not: {in_register: {negative_list: owner}}}], needs: [note]}
      finish: {title: {zh: 办结}, by: owner, to: done}
  done: {title: {zh: 已办结}, end: done}
clocks:
  main:
    title: {zh: 办理时限, en: Deadline}
    from: open
    until: [done]
    due: due
    charged_to: owner
    extend: {title: {zh: 延期}, by: owner, approved_by: issuer, needs: [due, reason]}
    ladder:
      - {at: 0 days,  raise: urge,         title: {zh: 催办},     tell: [owner]}
      - {at: 5 days,  suggest: talk,       title: {zh: 提醒谈话}, ask: [issuer.head], opens: {procedure: talk, bind: {inviting: issuer, invited: owner}, set: {about: problem}}}
      - {at: 10 days, suggest: circulate,  title: {zh: 通报, en: circulated},     ask: [issuer.head], tell: [issuer], register: negative_list}
      - {at: 20 days, suggest: list_again, title: {zh: 再列入}, ask: [owner.superior], register: negative_list, for: 1 month}
      - {at: 30 days, suggest: leader,     title: {zh: 报告领导}, ask: [issuer]}
registers:
  negative_list: {title: {zh: 负面清单}, kind: unit, keeps: 1 year}
)yaml";

constexpr char kTalk[] = R"yaml(
procedure: talk
title: {zh: 谈话, en: Talk}
may_open: [inviting]
parties:
  inviting: {kind: unit, title: {zh: 约谈单位}}
  invited:  {kind: unit, title: {zh: 被约谈单位}}
fields:
  about: {title: {zh: 事由}, type: text, required: true}
stages:
  begin: {title: {zh: 待谈}, within: 10 days, actions: {hold: {title: {zh: 谈毕}, by: inviting, to: held}}}
  held:  {title: {zh: 已谈}, end: done}
)yaml";

constexpr char kHead[] = "persons/duchashi-zhuren";
constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kOwner[] = "persons/zhujian-jingban";
constexpr char kOwnerHead[] = "persons/zhujian-juzhang";
constexpr char kStranger[] = "persons/shuiwu-jingban";
constexpr char kClerk[] = "persons/luru";
constexpr char kLeader[] = "persons/shizhang";

class SuggestionsTest : public testing::Test {
 protected:
  SuggestionsTest() : desk({{"matter.yaml", kMatter}, {"talk.yaml", kTalk}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
    // Above the bureaus there is a leader.
    desk.PutPost("posts/shizhang", "units/shi", kLeader);
    PutUnit("units/shi", "", "posts/shizhang");
  }

  // An open matter of the housing bureau, due on 2 September.
  void GivenAMatter(const std::string& nickname = "matter") {
    v1::OpenCaseRequest request;
    request.set_procedure("matter");
    auto& owner = *request.add_parties();
    owner.set_party("owner");
    owner.add_ids("units/zhujian");
    *request.add_fields() = desk.Field("matter", "problem", "裸土未覆盖");
    *request.add_fields() = desk.Field("matter", "due", "2026-09-02");
    ASSERT_FALSE(desk.Open(nickname, kIssuer, request).refused);
  }
  void GivenATalkSuggested() {
    GivenAMatter();
    desk.At("2026-09-08 09:00");
    ASSERT_EQ(desk.State("matter").suggestions_size(), 1);
  }
  void PutUnit(const std::string& name, const std::string& superior, const std::string& head) {
    v1::Event event;
    v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
    unit.set_name(name);
    unit.set_title(name);
    unit.set_head(head);
    if (!superior.empty()) unit.add_superiors(superior);
    desk.directory().Evolve(event);
  }
  // From now on the second stands in for the first.
  void Lend(const std::string& from, const std::string& to) {
    v1::Event put;
    v1::Delegation& delegation = *put.mutable_delegation_put()->mutable_delegation();
    delegation.set_name("delegations/a");
    delegation.set_from(from);
    delegation.set_to(to);
    desk.directory().Evolve(put);
    v1::Event began;
    began.mutable_delegation_began()->set_delegation("delegations/a");
    desk.directory().Evolve(began);
  }
  std::vector<std::string> Asked(int suggestion = 0) const {
    const auto& ask = desk.State("matter").suggestions(suggestion).ask();
    return {ask.begin(), ask.end()};
  }
  std::string Refusal(const std::string& person, const std::string& action, const std::string& reason = "理由") {
    return desk.Act("matter", person, action, {}, reason).reason;
  }

  Desk desk;
};

// --- Raised by time ------------------------------------------------------------------------------------------------

TEST_F(SuggestionsTest, ARungThatSuggestsFiresAndNothingTakesEffectByItself) {
  GivenAMatter();
  EXPECT_THAT(desk.At("2026-10-05 09:00"), ElementsAre("2026-09-03 00:00 matter: RungFired main due",
                                                       "2026-09-03 00:00 matter: RungFired main urge@0d",
                                                       "2026-09-08 00:00 matter: RungFired main talk@5d",
                                                       "2026-09-13 00:00 matter: RungFired main circulate@10d",
                                                       "2026-09-23 00:00 matter: RungFired main list_again@20d",
                                                       "2026-10-03 00:00 matter: RungFired main leader@30d"));
  EXPECT_EQ(desk.State("matter").suggestions_size(), 4);
  EXPECT_THAT(desk.State("matter").entries(), IsEmpty());
  EXPECT_THAT(Asked(0), ElementsAre("posts/duchashi-zhuren"));
  EXPECT_THAT(Asked(2), ElementsAre("posts/shizhang")) << "the superior of the owner, by its head";
  EXPECT_THAT(Asked(3), ElementsAre("units/duchashi")) << "a whole unit";
}

TEST_F(SuggestionsTest, TheHeadIsWhoLeadsWhenTheRungFires) {
  GivenAMatter();
  desk.PutPost("posts/fu-zhuren", "units/duchashi", kIssuer);
  PutUnit("units/duchashi", "units/shi", "posts/fu-zhuren");
  desk.At("2026-09-08 09:00");
  EXPECT_THAT(Asked(), ElementsAre("posts/fu-zhuren"));
  EXPECT_EQ(Refusal(kHead, "approve_talk"), "NOT_YOUR_PART");
  EXPECT_FALSE(desk.Act("matter", kIssuer, "approve_talk").refused);
}

TEST_F(SuggestionsTest, WhereTheHeadsPostIsVacantTheHeadAboveIsAskedAndSeesTheCaseMeanwhile) {
  desk.PutPost("posts/duchashi-zhuren", "units/duchashi", "");
  GivenAMatter();
  const Procedure& procedure = *desk.procedures().Newest("matter");
  const auto sees = [&](const char* person) {
    return SeesCase(procedure, desk.State("matter"), desk.directory().OwnIds(person));
  };
  EXPECT_FALSE(sees(kLeader));
  desk.At("2026-09-08 09:00");
  EXPECT_THAT(Asked(), ElementsAre("posts/shizhang"));
  EXPECT_TRUE(sees(kLeader));
  EXPECT_FALSE(sees(kStranger));
  EXPECT_FALSE(desk.Act("matter", kLeader, "refuse_talk", {}, "已当面提醒").refused);
  EXPECT_FALSE(sees(kLeader));
}

TEST_F(SuggestionsTest, WhereNobodyLeadsYetWhoeverIsAppointedDecides) {
  desk.PutPost("posts/duchashi-zhuren", "units/duchashi", "");
  PutUnit("units/shi", "", "");
  GivenATalkSuggested();
  EXPECT_THAT(Asked(), IsEmpty());
  EXPECT_EQ(Refusal(kIssuer, "approve_talk"), "NOT_YOUR_PART");
  desk.PutPost("posts/duchashi-zhuren", "units/duchashi", kHead);
  EXPECT_FALSE(desk.Act("matter", kHead, "approve_talk").refused);
}

// --- Decided by people ---------------------------------------------------------------------------------------------

TEST_F(SuggestionsTest, ApprovalOpensTheCaseInTheSameCommitWithPartiesAndFieldsOfThisOne) {
  GivenATalkSuggested();
  EXPECT_THAT(desk.Act("matter", kHead, "approve_talk", {}, "第二次逾期").events,
              ElementsAre("matter: SuggestionDecided talk yes", "?: CaseOpened talk ", "?: FieldsSet about",
                          "?: StageEntered begin", "?: ClockStarted within_begin due 2026-09-18 23:59"));
  desk.Name("talk");
  const CaseState& talk = desk.State("talk");
  EXPECT_EQ(talk.parent(), desk.State("matter").name());
  EXPECT_EQ(FindBound(talk, "inviting")->bound(0).id(), "units/duchashi");
  EXPECT_EQ(FindBound(talk, "invited")->bound(0).id(), "units/zhujian");
  EXPECT_EQ(talk.fields(0).values(0).text(), "裸土未覆盖");
  EXPECT_THAT(desk.State("matter").suggestions(), IsEmpty());
  EXPECT_EQ(Refusal(kHead, "approve_talk"), "NO_SUCH_SUGGESTION") << "decided once";
}

TEST_F(SuggestionsTest, RefusingTakesAReasonAndChangesNothingElse) {
  GivenATalkSuggested();
  EXPECT_EQ(Refusal(kHead, "refuse_talk", ""), "MISSING_NEED");
  EXPECT_THAT(desk.Act("matter", kHead, "refuse_talk", {}, "已当面提醒").events,
              ElementsAre("matter: SuggestionDecided talk no"));
  EXPECT_THAT(desk.State("matter").suggestions(), IsEmpty());
}

TEST_F(SuggestionsTest, OnlyThoseAskedDecideAndOthersLearnNothingFromTheAnswer) {
  GivenAMatter();
  for (const char* person : {kIssuer, kOwner, kOwnerHead, kStranger}) {
    EXPECT_EQ(Refusal(person, "approve_talk"), "NOT_YOUR_PART") << "before it is suggested: " << person;
  }
  EXPECT_EQ(Refusal(kHead, "approve_talk"), "NO_SUCH_SUGGESTION");
  desk.At("2026-09-08 09:00");
  for (const char* person : {kIssuer, kOwner, kOwnerHead, kStranger}) {
    EXPECT_EQ(Refusal(person, "approve_talk"), "NOT_YOUR_PART") << "while it waits: " << person;
    EXPECT_EQ(Refusal(person, "refuse_talk"), "NOT_YOUR_PART") << person;
  }
  EXPECT_EQ(Refusal(kHead, "approve_tlak"), "UNKNOWN_ACTION");
  v1::ActOnCaseRequest with_fields;
  with_fields.set_action("approve_talk");
  *with_fields.add_fields() = desk.Field("matter", "problem", "别的");
  EXPECT_EQ(desk.Act("matter", kHead, with_fields).reason, "FIELD_NOT_TAKEN");
}

TEST_F(SuggestionsTest, WhoeverIsChargedHimselfNeverDecides) {
  // The head of the office also holds a post in the bureau that is charged.
  desk.PutPost("posts/jianzhi", "units/zhujian", kHead);
  GivenATalkSuggested();
  EXPECT_EQ(Refusal(kHead, "approve_talk"), "FORBIDDEN_SAME_UNIT");
  EXPECT_EQ(Refusal(kHead, "refuse_talk"), "FORBIDDEN_SAME_UNIT");
}

TEST_F(SuggestionsTest, WhoeverLeadsTheChargedFromElsewhereNeverDecides) {
  PutUnit("units/zhujian", "units/shi", "posts/duchashi-zhuren");
  GivenATalkSuggested();
  EXPECT_EQ(Refusal(kHead, "approve_talk"), "FORBIDDEN_SAME_UNIT");
}

TEST_F(SuggestionsTest, WhoeverIsRelatedToThoseChargedNeverDecides) {
  v1::Event event;
  v1::Relation& relation = *event.mutable_relation_put()->mutable_relation();
  relation.set_name("relations/a");
  relation.set_kind("kin");
  relation.set_from(kOwnerHead);
  relation.set_to(kHead);
  desk.directory().Evolve(event);
  GivenATalkSuggested();
  EXPECT_EQ(Refusal(kHead, "approve_talk"), "FORBIDDEN_RELATED");
}

TEST_F(SuggestionsTest, WhoeverStandsInForTheHeadDecidesInBothNames) {
  GivenATalkSuggested();
  Lend(kHead, kIssuer);
  ASSERT_FALSE(desk.Act("matter", kIssuer, "refuse_talk", {}, "已当面提醒").refused);
  std::vector<std::string> hands;
  for (const auto& act : desk.State("matter").acts()) {
    if (act.action() == "refuse_talk") hands.push_back(act.person());
  }
  EXPECT_THAT(hands, ElementsAre(kIssuer, kHead));
}

TEST_F(SuggestionsTest, WhoeverStandsInForThoseChargedNeverDecides) {
  GivenATalkSuggested();
  Lend(kOwnerHead, kHead);
  EXPECT_EQ(Refusal(kHead, "approve_talk"), "FORBIDDEN_SAME_UNIT");
}

TEST_F(SuggestionsTest, AClerkMayTypeAPaperDecisionUnlessItConcernsHim) {
  GivenATalkSuggested();
  desk.At("2026-09-10 09:00");
  desk.entered_for = kHead;
  desk.occurred = "2026-09-07 09:00";
  EXPECT_EQ(Refusal(kClerk, "approve_talk"), "OCCURRED_TOO_EARLY") << "nothing was suggested on the 7th";
  desk.PutPost("posts/jianzhi", "units/zhujian", kClerk);
  desk.entered_for = kHead;
  EXPECT_EQ(Refusal(kClerk, "approve_talk"), "FORBIDDEN_SAME_UNIT");
  desk.PutPost("posts/jianzhi", "units/zhujian", "");
  desk.entered_for = kHead;
  desk.occurred = "2026-09-09 09:00";
  EXPECT_FALSE(desk.Act("matter", kClerk, "approve_talk", {}, "纸质批示").refused);
}

TEST_F(SuggestionsTest, ADecisionMakesNobodyElsesCommandStale) {
  GivenATalkSuggested();
  v1::ActOnCaseRequest finish;
  finish.set_action("finish");
  finish.set_expected_revision(desk.State("matter").revision());
  ASSERT_FALSE(desk.Act("matter", kHead, "refuse_talk", {}, "已当面提醒").refused);
  EXPECT_FALSE(desk.Act("matter", kOwner, finish).refused) << "the owner does not know of it";
}

// --- Registers -----------------------------------------------------------------------------------------------------

class RegistersTest : public SuggestionsTest {
 protected:
  void GivenAnEntry() {
    GivenAMatter();
    desk.At("2026-09-14 09:00");
    ASSERT_FALSE(desk.Act("matter", kHead, "refuse_talk", {}, "已当面提醒").refused);
    ASSERT_FALSE(desk.Act("matter", kHead, "approve_circulate", {}, "逾期十日").refused);
  }
};

TEST_F(RegistersTest, ApprovalEntersThoseChargedWithReasonFromAndUntil) {
  GivenAMatter();
  desk.At("2026-09-14 09:00");
  EXPECT_THAT(desk.Act("matter", kHead, "approve_circulate", {}, "逾期十日").events,
              ElementsAre("matter: SuggestionDecided circulate yes",
                          "matter: RegisterEntered negative_list units/zhujian until 2027-09-14 23:59"));
  const auto& entry = desk.State("matter").entries(0);
  EXPECT_EQ(entry.entry(), "negative_list:circulate@10d");
  EXPECT_EQ(entry.subject_title(), "市住建局");
  EXPECT_EQ(entry.reason().zh(), "办理时限逾期，通报：逾期十日");
  EXPECT_EQ(entry.reason().en(), "Deadline overdue, circulated: 逾期十日");
}

TEST_F(RegistersTest, AnEntryOutlivesItsCaseAndEndsByTime) {
  GivenAnEntry();
  ASSERT_FALSE(desk.Act("matter", kOwner, "finish").refused);
  EXPECT_EQ(desk.State("matter").entries_size(), 1);
  EXPECT_EQ(NextDue(desk.State("matter")), desk.Parse("2027-09-15 00:00"));
  EXPECT_THAT(desk.At("2027-09-15 09:00"),
              ElementsAre("2027-09-15 00:00 matter: RegisterLeft negative_list:circulate@10d"));
  EXPECT_EQ(NextDue(desk.State("matter")), absl::InfiniteFuture());
}

TEST_F(RegistersTest, ARungsOwnLengthComesBeforeTheRegistersAndEntriesEndInTheirOrder) {
  GivenAnEntry();
  desk.At("2026-09-23 09:00");
  EXPECT_THAT(desk.Act("matter", kLeader, "approve_list_again").events,
              ElementsAre("matter: SuggestionDecided list_again yes",
                          "matter: RegisterEntered negative_list units/zhujian until 2026-10-23 23:59"));
  EXPECT_THAT(desk.Wake("2027-12-01 09:00"),
              ElementsAre("2027-12-01 09:00 matter: RungFired main leader@30d",
                          "2027-12-01 09:00 matter: RegisterLeft negative_list:list_again@20d",
                          "2027-12-01 09:00 matter: RegisterLeft negative_list:circulate@10d"));
}

TEST_F(RegistersTest, SomebodyAskedMayLiftItBeforeWithAReason) {
  GivenAnEntry();
  desk.At("2026-09-20 09:00");
  EXPECT_EQ(Refusal(kIssuer, "lift_negative_list"), "NOT_YOUR_PART");
  EXPECT_EQ(Refusal(kOwnerHead, "lift_negative_list"), "NOT_YOUR_PART");
  EXPECT_EQ(Refusal(kHead, "lift_negative_list", ""), "MISSING_NEED");
  desk.entered_for = kHead;
  desk.occurred = "2026-09-14 08:00";
  EXPECT_EQ(Refusal(kClerk, "lift_negative_list"), "OCCURRED_TOO_EARLY");
  ASSERT_FALSE(desk.Act("matter", kOwner, "finish").refused);
  EXPECT_THAT(
      desk.Act("matter", kHead, "lift_negative_list", {}, "已整改到位").events,
      ElementsAre("matter: ActionTaken lift_negative_list", "matter: RegisterLeft negative_list:circulate@10d"));
  EXPECT_EQ(Refusal(kHead, "lift_negative_list"), "NOT_IN_REGISTER");
}

TEST_F(RegistersTest, AVersionThatSuggestsTheSameAtAnotherTimeDecidesWhatWaitsAndLiftsWhatStands) {
  GivenAMatter("decided");
  GivenAMatter();
  desk.At("2026-09-14 09:00");
  ASSERT_FALSE(desk.Act("decided", kHead, "approve_circulate", {}, "逾期十日").refused);
  desk.Revise({"matter.yaml", absl::StrReplaceAll(kMatter, {{"{at: 10 days,", "{at: 12 days,"}})});
  v1::Migration task;
  task.set_procedure("matter");
  task.set_from_version(1);
  task.set_to_version(2);
  ASSERT_FALSE(desk.Migrate("matter", task).refused);
  ASSERT_FALSE(desk.Migrate("decided", task).refused);
  EXPECT_THAT(desk.Act("matter", kHead, "approve_circulate", {}, "逾期十日").events,
              ElementsAre("matter: SuggestionDecided circulate yes",
                          "matter: RegisterEntered negative_list units/zhujian until 2027-09-14 23:59"));
  EXPECT_FALSE(desk.Act("matter", kHead, "lift_negative_list", {}, "已整改到位").refused);
  EXPECT_FALSE(desk.Act("decided", kHead, "lift_negative_list", {}, "已整改到位").refused);
}

// The next version talks to nobody, lists nobody and keeps no register.
class DroppedRungs : public RegistersTest {
 protected:
  // What waits and stands goes along to it.
  void WhenTheRulesNoLongerSuggest(const std::string& nickname, const std::string& dropped_too = "") {
    std::string without = kMatter;
    without.erase(without.find("      - {at: 5 days,"),
                  without.find("      - {at: 30 days") - without.find("      - {at: 5 days,"));
    without.erase(without.find("registers:"));
    if (!dropped_too.empty()) without.erase(without.find(dropped_too));
    if (!dropped_too.empty()) without = absl::StrReplaceAll(without, {{"when: [{not: suggestion_open}], ", ""}});
    without = absl::StrReplaceAll(without, {{"when: [{not: {in_register: {negative_list: owner}}}], ", ""}});
    GoOnUnder(nickname, without);
  }
  // The next version, to which the matter goes.
  void GoOnUnder(const std::string& nickname, const std::string& text) {
    desk.Revise({"matter.yaml", text});
    ASSERT_THAT(desk.errors(), IsEmpty());
    const uint32_t newest = desk.procedures().Newest("matter")->version;
    v1::Migration task;
    task.set_procedure("matter");
    task.set_from_version(newest - 1);
    task.set_to_version(newest);
    ASSERT_FALSE(desk.Migrate(nickname, task).refused);
    ASSERT_EQ(desk.State(nickname).procedure_version(), newest);
  }
};

TEST_F(DroppedRungs, WhatWaitsIsNoLongerAdoptedAndMayBeRefused) {
  GivenATalkSuggested();
  WhenTheRulesNoLongerSuggest("matter");
  EXPECT_THAT(Offered(desk, "matter", kHead), ElementsAre("praise", "refuse_talk"));
  EXPECT_EQ(Refusal(kHead, "approve_talk"), "SUGGESTION_DROPPED");
  EXPECT_EQ(Refusal(kOwner, "refuse_talk"), "NOT_YOUR_PART");
  EXPECT_EQ(Refusal(kHead, "refuse_talk", ""), "MISSING_NEED");
  EXPECT_THAT(desk.Act("matter", kHead, "refuse_talk", {}, "新版已取消").events,
              ElementsAre("matter: SuggestionDecided talk no"));
  EXPECT_THAT(desk.State("matter").suggestions(), IsEmpty());
  EXPECT_EQ(Refusal(kHead, "refuse_talk"), "NO_SUCH_SUGGESTION");
}

// A rung that only raises what another suggests as well is not taken for it.
TEST_F(DroppedRungs, WhatIsSuggestedAtAnotherTimeTakesEffectThoughAnotherRungRaisesTheSame) {
  const auto text = [](const std::string& at) {
    const std::string rung = "      - {at: 5 days,  suggest: talk,";
    return absl::StrReplaceAll(
        kMatter, {{rung, "      - {at: 3 days, raise: talk, title: {zh: 将要谈话}, tell: [issuer]}\n      - {at: " +
                             at + " days,  raise: talk, suggest: talk,"}});
  };
  desk.Revise({"matter.yaml", text("5")});
  ASSERT_THAT(desk.errors(), IsEmpty());
  GivenATalkSuggested();
  GoOnUnder("matter", text("6"));
  EXPECT_TRUE(MaySuggest(*desk.procedures().Newest("matter"), "main", "talk@5d"));
  EXPECT_THAT(desk.Act("matter", kHead, "approve_talk").events,
              ::testing::Contains(::testing::HasSubstr("CaseOpened talk")));
}

// It never did more than be recorded, and still is.
TEST_F(DroppedRungs, WhatOnlyLeavesARecordIsAdoptedAllTheSame) {
  GivenAMatter();
  desk.At("2026-10-03 09:00");
  WhenTheRulesNoLongerSuggest("matter", "      - {at: 30 days");
  EXPECT_THAT(desk.Act("matter", kIssuer, "approve_leader").events,
              ElementsAre("matter: SuggestionDecided leader yes"));
}

TEST_F(DroppedRungs, WhoeverIsAppointedAfterwardsDecidesWhatNobodyCouldBeAskedAbout) {
  desk.PutPost("posts/duchashi-zhuren", "units/duchashi", "");
  desk.PutPost("posts/shizhang", "units/shi", "");
  GivenATalkSuggested();
  ASSERT_THAT(desk.State("matter").suggestions(0).ask(), IsEmpty());
  WhenTheRulesNoLongerSuggest("matter");
  desk.PutPost("posts/duchashi-zhuren", "units/duchashi", kHead);
  EXPECT_FALSE(desk.Act("matter", kHead, "refuse_talk", {}, "新版已取消").refused);
}

TEST_F(DroppedRungs, WhatStandsInARegisterMayBeLiftedByThoseWhomTheRungHadAsked) {
  GivenAnEntry();
  WhenTheRulesNoLongerSuggest("matter");
  EXPECT_EQ(Refusal(kOwner, "lift_negative_list"), "NOT_YOUR_PART");
  EXPECT_THAT(
      desk.Act("matter", kHead, "lift_negative_list", {}, "已整改到位").events,
      ElementsAre("matter: ActionTaken lift_negative_list", "matter: RegisterLeft negative_list:circulate@10d"));
}

// That a rung is unknown to the new version does not make public what it only suggested.
TEST_F(DroppedRungs, WhatWasSuggestedStaysKnownToThoseAskedAndTold) {
  GivenATalkSuggested();
  WhenTheRulesNoLongerSuggest("matter");
  const Procedure& procedure = *desk.procedures().Newest("matter");
  const auto fired = [&](const char* person) {
    const v1::Case seen = PresentCase(procedure, desk.State("matter"), desk.directory().ViewerIds(person),
                                      desk.directory().OwnIds(person), desk.directory(),
                                      [](const auto&, const auto&) { return std::nullopt; });
    return std::vector<std::string>(seen.clocks(0).fired().begin(), seen.clocks(0).fired().end());
  };
  EXPECT_THAT(fired(kHead), ElementsAre("due", "urge@0d", "talk@5d"));
  EXPECT_THAT(fired(kOwner), ElementsAre("due", "urge@0d"));
  v1::Event withdrawn;
  withdrawn.mutable_rung_withdrawn()->set_clock("main");
  withdrawn.mutable_rung_withdrawn()->set_rung("talk@5d");
  const auto known = KnownTo(procedure, desk.State("matter"), desk.directory(), withdrawn);
  ASSERT_TRUE(known.has_value());
  EXPECT_FALSE(Admits(*known, desk.directory().ViewerIds(kOwner)));
}

TEST_F(RegistersTest, ALaterEntryOfTheSameRungStandsInPlaceOfTheEarlier) {
  GivenAnEntry();
  // A new deadline: its ladder is climbed again.
  ASSERT_FALSE(desk.Act("matter", kOwner, "extend_main", {{"due", "2026-09-20"}}, "雨季").refused);
  ASSERT_FALSE(desk.Act("matter", kIssuer, "approve_extend_main").refused);
  desk.At("2026-10-02 09:00");
  EXPECT_THAT(desk.Act("matter", kHead, "approve_circulate").events,
              ElementsAre("matter: SuggestionDecided circulate yes", "matter: RegisterLeft negative_list:circulate@10d",
                          "matter: RegisterEntered negative_list units/zhujian until 2027-10-02 23:59"));
  EXPECT_EQ(desk.State("matter").entries_size(), 1);
}

TEST_F(RegistersTest, AGuardAsksWhoStandsInTheRegisterWhicheverCaseEnteredHim) {
  GivenAnEntry();
  GivenAMatter("other");
  EXPECT_EQ(desk.Act("other", kIssuer, "praise", {}, "").reason, "GUARD_FAILED");
  ASSERT_FALSE(desk.Act("matter", kHead, "lift_negative_list", {}, "已整改到位").refused);
  EXPECT_EQ(desk.Act("other", kIssuer, "praise", {}, "").reason, "MISSING_NEED");
}

TEST_F(RegistersTest, AGuardAsksWhetherASuggestionWaits) {
  GivenATalkSuggested();
  EXPECT_EQ(Refusal(kOwner, "report"), "GUARD_FAILED");
  ASSERT_FALSE(desk.Act("matter", kHead, "refuse_talk", {}, "已当面提醒").refused);
  EXPECT_EQ(Refusal(kOwner, "report"), "MISSING_NEED");
}

// --- Overtaken -----------------------------------------------------------------------------------------------------

TEST_F(SuggestionsTest, AnEndOvertakesWhatWaits) {
  GivenATalkSuggested();
  ASSERT_FALSE(desk.Act("matter", kOwner, "finish").refused);
  EXPECT_THAT(desk.State("matter").suggestions(), IsEmpty());
  EXPECT_EQ(Refusal(kHead, "approve_talk"), "NO_SUCH_SUGGESTION");
}

TEST_F(SuggestionsTest, ALateEntryThatDisprovesTheRungWithdrawsIt) {
  GivenATalkSuggested();
  desk.entered_for = kOwner;
  desk.occurred = "2026-09-07 15:00";
  const Happened late = desk.Act("matter", kClerk, "finish", {}, "纸质材料9月7日收到");
  EXPECT_THAT(late.events, ElementsAre("matter: ActionTaken finish", "matter: StageEntered done",
                                       "matter: RungWithdrawn main talk@5d", "matter: ClockStopped main late",
                                       "matter: CaseEnded DONE late"))
      << late.reason;
  EXPECT_THAT(desk.State("matter").suggestions(), IsEmpty());
}

TEST_F(SuggestionsTest, ANewDeadlineOvertakesWhatTheOldOneSuggested) {
  GivenATalkSuggested();
  ASSERT_FALSE(desk.Act("matter", kOwner, "extend_main", {{"due", "2026-09-30"}}, "雨季").refused);
  ASSERT_FALSE(desk.Act("matter", kIssuer, "approve_extend_main").refused);
  EXPECT_THAT(desk.State("matter").suggestions(), IsEmpty());
  desk.At("2026-10-06 09:00");
  EXPECT_EQ(desk.State("matter").suggestions_size(), 1) << "the new one suggests anew";
}

// --- Who knows -----------------------------------------------------------------------------------------------------

TEST_F(SuggestionsTest, OnlyThoseAskedOrToldKnowOfASuggestionUntilItIsApproved) {
  GivenAMatter();
  desk.At("2026-09-14 09:00");
  const Procedure& procedure = *desk.procedures().Newest("matter");
  const auto shown = [&](const char* person) {
    const v1::Case seen = PresentCase(procedure, desk.State("matter"), desk.directory().ViewerIds(person),
                                      desk.directory().OwnIds(person), desk.directory(),
                                      [](const auto&, const auto&) { return std::nullopt; });
    std::vector<std::string> words;
    for (const auto& suggestion : seen.suggestions()) words.push_back(suggestion.suggests());
    for (const std::string& rung : seen.clocks(0).fired()) words.push_back(rung);
    return words;
  };
  EXPECT_THAT(shown(kHead), ElementsAre("talk", "circulate", "due", "urge@0d", "talk@5d", "circulate@10d"));
  EXPECT_THAT(shown(kIssuer), ElementsAre("circulate", "due", "urge@0d", "circulate@10d")) << "told of one";
  EXPECT_THAT(shown(kOwner), ElementsAre("due", "urge@0d"));
  EXPECT_THAT(shown(kOwnerHead), ElementsAre("due", "urge@0d"));

  const auto knows = [&](const char* person, const v1::Event& event) {
    const auto known = KnownTo(procedure, desk.State("matter"), desk.directory(), event);
    return !known.has_value() || Admits(*known, desk.directory().ViewerIds(person));
  };
  v1::Event decided;
  decided.mutable_suggestion_decided()->set_clock("main");
  decided.mutable_suggestion_decided()->set_rung("talk@5d");
  EXPECT_TRUE(knows(kHead, decided));
  EXPECT_FALSE(knows(kOwner, decided)) << "a refusal is not told";
  EXPECT_FALSE(knows(kIssuer, decided));
  decided.mutable_suggestion_decided()->set_approved(true);
  EXPECT_TRUE(knows(kOwner, decided)) << "an approval stands in the open";
  v1::Event withdrawn;
  withdrawn.mutable_rung_withdrawn()->set_clock("main");
  withdrawn.mutable_rung_withdrawn()->set_rung("talk@5d");
  EXPECT_FALSE(knows(kOwner, withdrawn));
  withdrawn.mutable_rung_withdrawn()->set_rung("urge@0d");
  EXPECT_TRUE(knows(kOwner, withdrawn));
}

}  // namespace
}  // namespace duban::engine
