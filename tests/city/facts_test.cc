// What is looked for in a year's events is found: each check is shown an event that must not be.
#include "tests/city/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace duban::city {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kCase[] = "cases/a";

class FactsTest : public ::testing::Test {
 protected:
  FactsTest() {
    for (const char* unit : {"shi", "ducha", "shuiwu"}) {
      v1::Unit& put = *Happens("units/" + std::string(unit)).mutable_unit_put()->mutable_unit();
      put.set_name("units/" + std::string(unit));
      if (std::string(unit) != "shi") put.add_superiors("units/shi");
    }
    Post("posts/shizhang", "units/shi", "persons/shizhang").set_scope(v1::SCOPE_SUBTREE);
    Post("posts/kezhang", "units/ducha", "persons/kezhang");
    Post("posts/yanshou", "units/ducha", "persons/yanshou");
    Post("posts/jingban", "units/shuiwu", "persons/jingban");
    Take();
  }

  // A further event of the commit at hand; taken with the others by Take.
  v1::Event& Happens(const std::string& stream = kCase) {
    v1::EventRecord& record = commit_.emplace_back();
    record.set_stream(stream);
    record.set_revision(++revisions_[stream]);
    return *record.mutable_event();
  }
  v1::Post& Post(const std::string& name, const std::string& unit, const std::string& holder) {
    v1::Post& post = *Happens(name).mutable_post_put()->mutable_post();
    post.set_name(name);
    post.set_unit(unit);
    post.add_holders(holder);
    return post;
  }
  void Take(absl::Time at = TimeOn(Day(2019, 3, 1), 9)) {
    for (v1::EventRecord& record : commit_) {
      record.set_log_position(position_);
      *record.mutable_recorded_at() = Stamp(at);
      facts.Take(record);
    }
    facts.EndCommit();
    commit_.clear();
    ++position_;
  }
  void Open(const std::string& procedure, const std::vector<std::pair<std::string, std::string>>& parties,
            uint64_t sequence = 1) {
    v1::CaseOpened& opened = *Happens().mutable_case_opened();
    opened.set_procedure(procedure);
    opened.set_number("1号");
    opened.set_series("s");
    opened.set_sequence(sequence);
    *opened.mutable_opened_at() = Stamp(TimeOn(Day(2019, 3, 1), 9));
    for (const auto& [party, id] : parties) {
      v1::BoundParty& bound = *opened.add_parties();
      bound.set_party(party);
      bound.add_bound()->set_id(id);
    }
  }
  void ComesDue(const std::string& job, const std::string& unit, Day day) {
    v1::PlanDue& due = *Happens("plans/p").mutable_plan_due();
    due.set_plan("plans/p");
    due.set_job(job);
    due.add_population(unit);
    *due.mutable_at() = Stamp(TimeOn(day, 9));
  }
  v1::Event& commit_back() { return *commit_.back().mutable_event(); }
  void OpenOrder() {
    Open("rectification", {{"issuer", "units/ducha"}, {"owner", "units/shuiwu"}, {"reviewer", "posts/yanshou"}});
  }
  void Enter(const std::string& stage) {
    Happens().mutable_stage_entered()->set_stage(stage);
    *commit_.back().mutable_event()->mutable_stage_entered()->mutable_at() = Stamp(TimeOn(Day(2019, 3, 1), 9));
  }
  void Act(const std::string& action, const std::string& person) {
    v1::ActionTaken& taken = *Happens().mutable_action_taken();
    taken.set_action(action);
    taken.set_person(person);
  }
  void StartClock(Day due) {
    v1::ClockStarted& started = *Happens().mutable_clock_started();
    started.set_clock("rectify");
    *started.mutable_due() = Stamp(TimeOn(due, 23));
    v1::Rung& rung = *started.add_rungs();
    rung.set_rung("due");
    rung.set_kind(v1::RUNG_KIND_OVERDUE);
    *rung.mutable_at() = Stamp(TimeOn(due + 1, 0));
  }

  std::vector<std::string> wrong;
  Facts facts{[this](const std::string& what, const std::string& stream) {
    wrong.push_back(stream.empty() ? what : absl::StrCat(what, " (", stream, ")"));
  }};

 private:
  std::vector<v1::EventRecord> commit_;
  std::map<std::string, uint64_t> revisions_;
  uint64_t position_ = 0;
};

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
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("persons/jingban takes accept after submit"),
                                 HasSubstr("persons/jingban of units/shuiwu takes accept")));
}

TEST_F(FactsTest, FindsAClosingThatLacksWhatItsProcedureDemands) {
  OpenOrder();
  Act("submit", "persons/jingban");
  Happens().mutable_case_ended()->set_kind(v1::END_KIND_DONE);
  Take();
  EXPECT_THAT(wrong,
              ElementsAre(HasSubstr("without accept"), HasSubstr("without result"), HasSubstr("without evidence")));
}

TEST_F(FactsTest, FindsANoticeOfTheWrongLength) {
  OpenOrder();
  Enter("publicity");  // Without an end.
  Take();
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("not after 2019-03-14")));
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
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("persons/kezhang decides on his own request")));
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

}  // namespace
}  // namespace duban::city
