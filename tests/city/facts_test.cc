// What is looked for in a year's events is found: each check is shown an event that must not be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/city/told_city.h"
#include "tests/city/values.h"

namespace duban::city {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class FactsTest : public ::testing::Test, protected ToldCity {};

TEST_F(FactsTest, FindsGapsInTheLogAndInNumbers) {
  OpenOrder();
  Take();
  EXPECT_THAT(wrong, IsEmpty());
  v1::EventRecord later;
  later.set_stream("cases/b");
  later.set_revision(2);
  later.set_log_position(7);
  later.mutable_event()->mutable_case_opened()->set_number("3号");
  later.mutable_event()->mutable_case_opened()->set_series("s");
  later.mutable_event()->mutable_case_opened()->set_sequence(3);
  facts.Take(later);
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("the log goes from 1 to 7"), HasSubstr("revision 2 where 1 is next"),
                                 HasSubstr("is 3 of s, but 2 is next")));
}

TEST_F(FactsTest, FindsADeadlineThatNobodyWasToldOf) {
  OpenOrder();
  Enter("rectifying");
  StartClock(Day(2019, 3, 10));
  Take();
  facts.CheckTimers(TimeOn(Day(2019, 3, 10), 12));
  EXPECT_THAT(wrong, IsEmpty());
  facts.CheckTimers(TimeOn(Day(2019, 3, 11), 9));
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("rung due of rectify was due"), HasSubstr("nobody has been told")));
  // And when it stops as if it had been on time.
  wrong.clear();
  v1::ClockStopped& stopped = *Happens().mutable_clock_stopped();
  stopped.set_clock("rectify");
  *stopped.mutable_at() = Stamp(TimeOn(Day(2019, 3, 12), 9));
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("has not fired by 2019-03-12")));
}

TEST_F(FactsTest, FindsARungThatFiresUnplannedOrTooEarly) {
  OpenOrder();
  StartClock(Day(2019, 3, 10));
  Take();
  for (int i = 0; i < 2; ++i) {
    v1::RungFired& fired = *Happens().mutable_rung_fired();
    fired.set_clock("rectify");
    fired.mutable_rung()->set_rung("due");
    *fired.mutable_rung()->mutable_at() = Stamp(TimeOn(Day(2019, 3, 11), 0));
  }
  Take(TimeOn(Day(2019, 3, 9), 9));
  EXPECT_THAT(wrong,
              ElementsAre(HasSubstr("before its time"), HasSubstr("was not planned"), HasSubstr("before its time")));
}

TEST_F(FactsTest, FindsWhoeverChecksWhatHeHasSubmittedOrIsOfTheOwnersUnit) {
  OpenOrder();
  Act("submit", "persons/jingban");
  Act("accept", "persons/jingban");
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("persons/jingban of units/shuiwu, owner, takes accept"),
                                 HasSubstr("persons/jingban takes accept after submit"),
                                 HasSubstr("persons/jingban takes accept, which is for reviewer")));
}

TEST_F(FactsTest, FindsAClosingThatLacksWhatItsProcedureDemands) {
  OpenOrder();
  Act("submit", "persons/jingban");
  Enter("closed");
  Happens().mutable_case_ended()->set_kind(v1::END_KIND_DONE);
  Take();
  EXPECT_THAT(
      wrong,
      ElementsAre(HasSubstr("comes to closed without accept, result, evidence, the end of publicity, a lookback")));
}

TEST_F(FactsTest, FindsANoticeOfTheWrongLength) {
  OpenOrder();
  Enter("publicity");  // Without an end.
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("ends at infinite-future in , not at 2019-03-15 00:00:00.000 in closed")));
}

TEST_F(FactsTest, FindsWhoeverDecidesOnHisOwnRequest) {
  OpenOrder();
  v1::ApprovalRequested& asked = *Happens().mutable_approval_requested();
  asked.set_action("extend_rectify");
  asked.set_person("persons/jingban");
  asked.set_on_behalf_of("persons/kezhang");
  v1::ApprovalDecided& decided = *Happens().mutable_approval_decided();
  decided.set_action("extend_rectify");
  decided.set_person("persons/kezhang");
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("persons/kezhang decides on his own request"),
                                 HasSubstr("persons/kezhang takes approve_extend_rectify, which is for issuer")));
}

TEST_F(FactsTest, FindsAPlanThatIsNotForWhomItSays) {
  v1::Plan& plan = *Happens("plans/p").mutable_plan_put()->mutable_plan();
  plan.set_name("plans/p");
  plan.set_source("when: {on: 2019-03-02, adjust: next_working_day}\nfor: {register: negative_list}\n");
  OpenOrder();
  v1::RegisterEntered& entered = *Happens().mutable_register_entered();
  entered.set_register_("negative_list");
  entered.set_entry("negative_list:circulate");
  entered.set_subject("units/shuiwu");
  Take();
  EXPECT_THAT(facts.Listed("negative_list"), ElementsAre("units/shuiwu"));
  ComesDue("jobs/p", "units/shi", Day(2019, 3, 2));
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("a day off"), HasSubstr("before its time"),
                                 HasSubstr("is for 1 units, negative_list has 1")));
}

TEST_F(FactsTest, FindsWhatAPlanOpensForAnotherOrNotAtAllOrOnAnotherDay) {
  ComesDue("jobs/p", "units/shuiwu", Day(2019, 3, 1));
  Take();
  Open("rhythm", {{"issuer", "units/ducha"}, {"owner", "units/shuiwu"}});
  Happens("jobs/p").mutable_job_advanced()->set_looked_at(1);
  Happens("jobs/p").mutable_job_ended();
  Take();
  EXPECT_THAT(wrong, IsEmpty());
  ComesDue("jobs/q", "units/shi", Day(2019, 2, 28));
  Happens("jobs/q").mutable_job_advanced()->set_looked_at(1);
  v1::CaseOpened& opened = *Happens("cases/b").mutable_case_opened();
  opened.set_procedure("rhythm");
  *opened.mutable_opened_at() = Stamp(TimeOn(Day(2019, 3, 1), 9));
  v1::BoundParty& owner = *opened.add_parties();
  owner.set_party("owner");
  owner.add_bound()->set_id("units/shuiwu");
  Happens("jobs/q").mutable_job_ended();
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("for somebody else (cases/b)"), HasSubstr("not opened on the day"),
                                 HasSubstr("opened nothing for 1 of 1")));
}

// Who may see: a look-back is unseen by the visited until its feedback; a superior sees what is below; an offer shows.
TEST_F(FactsTest, KnowsWhoMaySee) {
  facts.Follow("persons/jingban");
  Open("lookback", {{"inspecting", "units/ducha"}, {"visited", "units/shuiwu"}});
  Enter("planned");
  Take();
  const Case& c = *facts.FindCase(kCase);
  EXPECT_TRUE(facts.Sees("persons/kezhang", c));
  EXPECT_TRUE(facts.Sees("persons/shizhang", c));
  EXPECT_FALSE(facts.Sees("persons/jingban", c));
  EXPECT_FALSE(facts.MayHaveSeen("persons/jingban", kCase, "planned"));
  EXPECT_FALSE(facts.MayHaveHeard("persons/jingban", kCase, 2));
  Enter("feedback");
  Take();
  EXPECT_TRUE(facts.Sees("persons/jingban", c));
  EXPECT_TRUE(facts.MayHaveSeen("persons/jingban", kCase, "feedback"));
  EXPECT_FALSE(facts.MayHaveSeen("persons/jingban", kCase, "planned"));
  EXPECT_TRUE(facts.MayHaveHeard("persons/jingban", kCase, 3));
}

// An alert is for those told who see the case, for the contacts of their unit, and for those told instead of a vacant
// one; of what is only suggested contacts hear nothing. It stands while its clock runs.
TEST_F(FactsTest, KnowsWhoHasWhichAlert) {
  Post("posts/lianxi", "units/shi", "persons/lianxi").add_areas("units/shuiwu");
  Post("posts/juzhang", "units/shuiwu", "persons/juzhang");
  Post("posts/wairen", "units/waidi", "persons/wairen");
  OpenOrder();
  StartClock(Day(2019, 3, 10));
  v1::RungFired& fired = *Happens().mutable_rung_fired();
  fired.set_clock("rectify");
  v1::Rung& rung = *fired.mutable_rung();
  rung.set_rung("due");
  rung.set_kind(v1::RUNG_KIND_OVERDUE);
  *rung.mutable_at() = Stamp(TimeOn(Day(2019, 3, 11), 0));
  rung.add_tell("posts/jingban");
  rung.add_tell("units/waidi");
  v1::ToldInstead& instead = *rung.add_instead();
  instead.set_vacant("units/ducha");
  instead.add_told("posts/shizhang");
  Take(TimeOn(Day(2019, 3, 11), 9));
  const auto alerts = [&](const std::string& person) {
    std::vector<std::string> out;
    for (const auto& [name, said] : facts.Alerts(person)) out.push_back(absl::StrCat(name, " ", said));
    return out;
  };
  const auto stands =
      ElementsAre("cases/a/alerts/rectify.due overdue of 2019-03-11 00:00:00.000, due 2019-03-10 23:00:00.000");
  EXPECT_THAT(alerts("persons/jingban"), stands);
  EXPECT_THAT(alerts("persons/lianxi"), stands);
  EXPECT_THAT(alerts("persons/shizhang"), stands);
  // Who sees the case and was not told; who was told and does not see it.
  EXPECT_THAT(alerts("persons/juzhang"), IsEmpty());
  EXPECT_THAT(alerts("persons/kezhang"), IsEmpty());
  EXPECT_THAT(alerts("persons/wairen"), IsEmpty());
  EXPECT_THAT(facts.Overdue(), ElementsAre(kCase));
  Happens().mutable_clock_stopped()->set_clock("rectify");
  commit_back().mutable_clock_stopped()->set_late(true);
  Take(TimeOn(Day(2019, 3, 11), 10));
  EXPECT_THAT(alerts("persons/jingban"), IsEmpty());
  EXPECT_THAT(facts.Overdue(), IsEmpty());
  EXPECT_THAT(wrong, IsEmpty());
}

TEST_F(FactsTest, FindsAReceiptThatDoesNotCountAndNumbersWithAGap) {
  OpenOrder();
  Enter("issued");
  v1::DocumentIssued& issued = *Happens("documents/d").mutable_document_issued();
  issued.set_number("2号");
  issued.set_series("交");
  issued.set_sequence(2);
  issued.set_to("units/shuiwu");
  issued.add_cases()->set_case_(kCase);
  Happens().mutable_document_filed()->set_document("documents/d");
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("2号 is 2 of its series, but 1 is next")));
  wrong.clear();
  v1::DocumentReceived& received = *Happens("documents/d").mutable_document_received();
  received.set_document("documents/d");
  received.set_person("persons/kezhang");
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("persons/kezhang takes in what was not sent to him"),
                                 HasSubstr("does not count for this case")));
}

TEST_F(FactsTest, FindsWhoeverRatesTwiceOrHimselfOrMayNot) {
  Open("appraisal", {{"organiser", "units/ducha"}, {"owner", "units/shuiwu"}, {"reporter", "posts/jingban"}});
  v1::CollectBegan& began = *Happens().mutable_collect_began();
  began.add_groups()->add_electors("persons/shizhang");
  began.mutable_groups(0)->add_electors("persons/jingban");
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("persons/jingban may rate himself")));
  wrong.clear();
  for (const char* person : {"persons/shizhang", "persons/shizhang", "persons/kezhang"}) {
    Happens().mutable_ballot_cast()->set_person(person);
  }
  Happens().mutable_collect_closed()->add_ballots();
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("persons/shizhang rates twice"),
                                 HasSubstr("persons/kezhang rates and may not"), HasSubstr("ballots are told")));
}

TEST_F(FactsTest, FindsATeamBeyondItsScopeOrItsTermAndWhoIsNoneOfIt) {
  v1::CaseOpened& team = *Happens("cases/team").mutable_case_opened();
  team.set_procedure("team");
  v1::BoundParty& leader = *team.add_parties();
  leader.set_party("leader");
  leader.add_bound()->set_id("posts/kezhang");
  v1::FieldValue& scope = *Happens("cases/team").mutable_fields_set()->add_fields();
  scope.set_field("scope");
  scope.add_values()->set_reference("units/ducha");
  OpenOrder();
  Act("on_site", "persons/yanshou");
  commit_back().mutable_action_taken()->set_through("cases/team");
  Happens("cases/team").mutable_stage_entered()->set_stage("working");
  Act("on_site", "persons/yanshou");
  commit_back().mutable_action_taken()->set_through("cases/team");
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("does not work"), HasSubstr("a team that is not his"),
                                 HasSubstr("beyond its scope")));
}

// What was merged counts nowhere; what was called off, not from then on.
TEST_F(FactsTest, CountsWhatAPeriodHasSeen) {
  const Day first(2019, 3, 1), last(2019, 3, 31);
  OpenOrder();
  StartClock(Day(2019, 3, 10));
  Act("accept", "persons/yanshou");
  v1::ActionTaken& taken = *commit_back().mutable_action_taken();
  taken.set_verifies(v1::VERIFICATION_PASSED);
  *taken.mutable_at() = Stamp(TimeOn(Day(2019, 3, 5), 9));
  Take();
  EXPECT_EQ(facts.Count(first, last).at("ended_of_opened"), (std::pair<int64_t, int64_t>(0, 1)));
  EXPECT_EQ(facts.Count(first, last).at("check_passed"), (std::pair<int64_t, int64_t>(1, 1)));
  v1::CaseEnded& ended = *Happens().mutable_case_ended();
  ended.set_kind(v1::END_KIND_DONE);
  ended.set_late(true);
  *ended.mutable_at() = Stamp(TimeOn(Day(2019, 4, 2), 9));
  Take();
  EXPECT_EQ(facts.Count(first, last).at("ended_of_opened"), (std::pair<int64_t, int64_t>(0, 1)));
  EXPECT_EQ(facts.Count(first, last + 30).at("ended_of_opened"), (std::pair<int64_t, int64_t>(1, 1)));
  EXPECT_EQ(facts.Count(first, last + 30).at("ended_on_time"), (std::pair<int64_t, int64_t>(0, 1)));
  Happens().mutable_case_ended()->set_kind(v1::END_KIND_MERGED);
  Take();
  EXPECT_EQ(facts.Count(first, last + 30).at("ended_of_opened"), (std::pair<int64_t, int64_t>(0, 0)));
}

TEST_F(FactsTest, CountsForEachWhatHeSees) {
  const Day first(2019, 3, 1), last(2019, 3, 31);
  OpenOrder();
  v1::FieldValue& category = *Happens().mutable_fields_set()->add_fields();
  category.set_field("category");
  category.add_values()->set_choice("water");
  category.add_values()->set_choice("air");
  Take();
  const std::pair<int64_t, int64_t> one(0, 1), none(0, 0);
  EXPECT_EQ(facts.Count(first, last, "persons/jingban").at("ended_of_opened"), one);
  EXPECT_EQ(facts.Count(first, last, "persons/shizhang").at("ended_of_opened"), one);
  EXPECT_EQ(facts.Count(first, last, "persons/wairen").at("ended_of_opened"), none);
  EXPECT_THAT(facts.CountBy("category", first, last, "persons/jingban"),
              ElementsAre(Pair("ended_of_opened air", one), Pair("ended_of_opened water", one)));
  EXPECT_THAT(facts.CountBy("category", first, last, "persons/wairen"), IsEmpty());
  EXPECT_THAT(facts.CountBy("heat", first, last), ElementsAre(Pair("ended_of_opened ", one)));
}

// What was found true is told by the ends that came with it; what was found of nothing counts nowhere.
TEST_F(FactsTest, CountsWhatWasFoundTrueWhenItEnded) {
  const Day first(2019, 3, 1), last(2019, 3, 31);
  Open("opinion", {{"desk", "units/ducha"}, {"unit", "units/shuiwu"}, {"speaker", "posts/kezhang"}});
  for (const v1::Truth truth : {v1::TRUTH_UNSPECIFIED, v1::TRUTH_PARTLY, v1::TRUTH_UNFOUNDED}) {
    Act("confirmed", "persons/jingban");
    commit_back().mutable_action_taken()->set_finds(truth);
    Happens().mutable_case_ended()->set_kind(v1::END_KIND_FAILED);
    *commit_back().mutable_case_ended()->mutable_at() = Stamp(TimeOn(Day(2019, 3, 5), 9));
  }
  Take();
  EXPECT_EQ(facts.Count(first, last).at("confirmed"), (std::pair<int64_t, int64_t>(1, 2)));
}

// Personal data goes by one's own posts, what else is hidden by all that one sees; the right to audit has no part in
// either.
TEST_F(FactsTest, KnowsWhoSeesWhatIsNotForEverybody) {
  Post("posts/shenji", "units/shi", "persons/shenji").add_rights("audit");
  Post("posts/lianxi", "units/shi", "persons/lianxi").add_areas("units/ducha");
  OpenOrder();
  Take();
  const Case& order = *facts.FindCase(kCase);
  const Hidden& informant = *HiddenIn("rectification", "informant");
  EXPECT_TRUE(facts.SeesField("persons/kezhang", order, informant));
  for (const char* person : {"persons/jingban", "persons/shizhang", "persons/lianxi", "persons/shenji"}) {
    EXPECT_TRUE(facts.Sees(person, order)) << person;
    EXPECT_FALSE(facts.SeesField(person, order, informant)) << person;
  }
  const Hidden basis = {"basis", "issuer"};
  EXPECT_TRUE(facts.SeesField("persons/kezhang", order, basis));
  EXPECT_TRUE(facts.SeesField("persons/shizhang", order, basis));
  EXPECT_TRUE(facts.SeesField("persons/lianxi", order, basis));
  EXPECT_FALSE(facts.SeesField("persons/jingban", order, basis));
  EXPECT_FALSE(facts.SeesField("persons/shenji", order, basis));
}

TEST_F(FactsTest, FindsPersonalDataInEvents) {
  OpenOrder();
  v1::FieldValue& informant = *Happens().mutable_fields_set()->add_fields();
  informant.set_field("informant");
  informant.add_values()->mutable_sealed();
  Take();
  EXPECT_THAT(wrong, IsEmpty());
  // By its digest two could be found to be one and the same.
  v1::FieldValue& again = *Happens().mutable_fields_set()->add_fields();
  again.set_field("informant");
  again.add_values()->mutable_sealed()->set_digest("abc");
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("events tell informant")));
  wrong.clear();
  EXPECT_FALSE(TellsPersonalData("反映人：某单位"));
  Happens().mutable_approval_requested()->set_action("extend_rectify");
  commit_back().mutable_approval_requested()->set_person("persons/jingban");
  *commit_back().mutable_approval_requested()->add_proposed() = TextField("informant", "反映人 m12");
  EXPECT_TRUE(TellsPersonalData(commit_back().SerializeAsString()));
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("events tell informant")));
}

TEST_F(FactsTest, FindsWhatNobodyJudges) {
  OpenOrder();
  Act("sell", "persons/jingban");
  Enter("sold");
  Happens().mutable_case_ended()->set_kind(v1::END_KIND_DONE);
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("nobody judges who takes sell of rectification"),
                                 HasSubstr("nobody judges how rectification is done in sold")));
  wrong.clear();
  v1::CaseOpened& opened = *Happens("cases/b").mutable_case_opened();
  opened.set_procedure("window");
  v1::BoundParty& desk = *opened.add_parties();
  desk.set_party("desk");
  desk.add_bound()->set_id("units/ducha");
  Happens("cases/b").mutable_case_ended()->set_kind(v1::END_KIND_DONE);
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("nobody judges window"), HasSubstr("nobody judges how window is done in")));
}

// Who is of the party, but not in a post that may issue; what was asked for takes effect whoever holds the post by
// then.
TEST_F(FactsTest, FindsWhoeverActsForAPartyWithoutItsRight) {
  Post("posts/zhuren", "units/ducha", "persons/zhuren").add_rights("issue");
  Open("team", {{"issuer", "units/ducha"}, {"approver", "posts/zhuren"}, {"leader", "posts/kezhang"}});
  Act("propose", "persons/zhuren");
  Take();
  EXPECT_THAT(wrong, IsEmpty());
  Act("withdraw", "persons/kezhang");
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("persons/kezhang takes withdraw, which is for issuer")));
  wrong.clear();
  Open("recheck", {{"assessor", "units/ducha"}, {"branch", "units/shuiwu"}}, 2);
  for (const bool approved : {true, false}) {
    v1::ApprovalRequested& asked = *Happens().mutable_approval_requested();
    asked.set_action("strike");
    asked.set_person("persons/zhuren");
    v1::ApprovalDecided& decided = *Happens().mutable_approval_decided();
    decided.set_action("strike");
    decided.set_approved(approved);
    Act("strike", "persons/gone");
  }
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("takes approve_strike, which is for assessor.head"),
                                 HasSubstr("takes approve_strike, which is for assessor.head"),
                                 HasSubstr("persons/gone takes strike, which is for assessor")));
}

TEST_F(FactsTest, FindsAnEndWhileAnObjectionStands) {
  Open("naming", {{"assessor", "units/ducha"}, {"branch", "units/shuiwu"}, {"acceptor", "posts/yanshou"}});
  Act("object", "persons/kezhang");
  commit_back().mutable_action_taken()->set_objection(v1::OBJECTION_RAISED);
  Happens().mutable_case_ended()->set_kind(v1::END_KIND_DONE);
  Take();
  EXPECT_THAT(wrong, Contains(HasSubstr("while an objection stands")));
}

}  // namespace
}  // namespace duban::city
