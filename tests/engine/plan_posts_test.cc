// Plans that come due for posts: so long before their holders' term ends, when they have been vacant so long; and what
// they and plans for cases open.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/plan/plan.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/order.h"

namespace duban::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kTerms[] = R"yaml(
plan: terms
title: {zh: 换届提醒}
by: posts/duchayi-kezhang
when: {term_end: [6 months, 3 months, 1 month], at: "08:30"}
for: {below: units/shi}
opens: {procedure: order, party: owner, bind: {reviewer: posts/ducha-yanshou}, copy: {problem: how_long, due: term_end, result: post}}
)yaml";

constexpr char kSample[] = R"yaml(
plan: sample
title: {zh: 回头看抽查}
by: posts/duchayi-kezhang
when: {on: 2026-09-21}
for: {cases: {procedure: order, stage: closed, ended_within: 3 months}, share: 20%, at_least: 1}
opens: {procedure: revisit, bind: {inspecting: issuer, visited: owner}, copy: {matter: problem}}
)yaml";

class PostPlans : public testing::Test {
 protected:
  PostPlans() : desk({{"order.yaml", kOrder}, {"revisit.yaml", kRevisit}}) {}

  ReadPlanResult Read(const char* text, const std::vector<std::pair<std::string, std::string>>& changes = {}) {
    return ReadPlan({"plan.yaml", absl::StrReplaceAll(text, changes)}, desk.procedures(), &desk.directory());
  }
  // "line:column RULE" of the first thing that is wrong.
  std::string Wrong(const char* text, const std::vector<std::pair<std::string, std::string>>& changes) {
    const ReadPlanResult read = Read(text, changes);
    if (read.ok()) return "";
    return absl::StrCat(read.findings.front().line, ":", read.findings.front().column, " ", read.findings.front().rule);
  }
  // What the directory is told of a post at a time. Held, unless `vacant_since` is given.
  void Tell(const std::string& post, const std::string& unit, const std::string& term_end,
            const std::string& vacant_since, const std::string& at) {
    v1::Post put;
    put.set_name(post);
    put.set_title(post);
    put.set_unit(unit);
    if (vacant_since.empty()) put.add_holders("persons/shuiwu-juzhang");
    put.set_term_end(term_end);
    put.set_vacant_since(vacant_since);
    v1::Event event;
    const v1::Post* held = desk.directory().FindPost(post);
    const auto told = ToldWith(held, desk.directory().ToldAt(post), put, desk.Parse(at));
    *event.mutable_post_put()->mutable_post() = put;
    if (told) *event.mutable_post_put()->mutable_told_at() = ToProto(*told);
    desk.directory().Evolve(event);
  }
  void Put(const char* text, const std::string& at,
           const std::vector<std::pair<std::string, std::string>>& changes = {}) {
    v1::Event event;
    event.mutable_plan_put()->mutable_plan()->set_name("plans/terms");
    event.mutable_plan_put()->mutable_plan()->set_version(++version);
    event.mutable_plan_put()->mutable_plan()->set_source(absl::StrReplaceAll(text, changes));
    *event.mutable_plan_put()->mutable_at() = ToProto(desk.Parse(at));
    EvolvePlans(plans, event);
  }
  std::vector<Occasion> Ahead() {
    return OccasionsOf(plans.at("plans/terms"), desk.directory(), desk.calendar(), desk.zone());
  }
  // "2026-09-30 08:30: 2027-03-31 posts/a 6 months" of each occasion.
  std::vector<std::string> Lines() {
    std::vector<std::string> out;
    for (const Occasion& one : Ahead()) out.push_back(absl::StrCat(desk.zone().Format(one.due), ": ", one.Name()));
    return out;
  }
  // The first of them comes due.
  void ComesDue() {
    const std::vector<Occasion> ahead = Ahead();
    v1::Event event;
    event.mutable_plan_due()->set_plan("plans/terms");
    event.mutable_plan_due()->set_occurrence(ahead.front().Name());
    event.mutable_plan_due()->set_nominal_day(FormatDay(ahead.front().nominal));
    EvolvePlans(plans, event);
  }

  Desk desk;
  Plans plans;
  uint32_t version = 0;
};

TEST_F(PostPlans, EachMarkOfATermComesOnItsDayInOrder) {
  Tell("posts/b", "units/shuiwu", "2026-12-31", "", "2026-01-01 09:00");
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-01-01 09:00");
  Put(kTerms, "2026-01-01 10:00");
  EXPECT_THAT(
      Lines(),
      ElementsAre("2026-06-30 08:30: 2026-12-31 posts/a 6 months",  // June has thirty days.
                  "2026-06-30 08:30: 2026-12-31 posts/b 6 months", "2026-09-30 08:30: 2026-12-31 posts/a 3 months",
                  "2026-09-30 08:30: 2026-12-31 posts/b 3 months", "2026-11-30 08:30: 2026-12-31 posts/a 1 month",
                  "2026-11-30 08:30: 2026-12-31 posts/b 1 month"));
  ComesDue();
  EXPECT_EQ(Lines().front(), "2026-06-30 08:30: 2026-12-31 posts/b 6 months");
  EXPECT_EQ(Lines().size(), 5u);
  // Its name leads back to what it says.
  const std::optional<Occasion> named = ParseOccasion("2026-12-31 posts/a 6 months");
  ASSERT_TRUE(named.has_value());
  EXPECT_EQ(named->post, "posts/a");
  EXPECT_EQ(named->day, Day(2026, 12, 31));
  EXPECT_EQ(named->mark.count, 6);
  EXPECT_FALSE(ParseOccasion("2026-12-31").has_value());
}

TEST_F(PostPlans, OfWhatIsLearntLateTheLatestMarkComesAtOnceAndAnEndedTermNever) {
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-01-01 09:00");
  Tell("posts/over", "units/zhujian", "2026-10-09", "", "2026-01-01 09:00");
  // Given a plan that is put when six and three months before have passed.
  Put(kTerms, "2026-10-10 15:00");
  EXPECT_THAT(Lines(), ElementsAre("2026-10-10 15:00: 2026-12-31 posts/a 3 months",
                                   "2026-11-30 08:30: 2026-12-31 posts/a 1 month"));
  ComesDue();
  // A term that the directory learns of later.
  Tell("posts/b", "units/shuiwu", "2026-11-20", "", "2026-11-10 09:00");
  EXPECT_THAT(Lines(), ElementsAre("2026-11-10 09:00: 2026-11-20 posts/b 1 month",
                                   "2026-11-30 08:30: 2026-12-31 posts/a 1 month"));
  // Told once more, nothing is begun anew: what it says it has said since then.
  Tell("posts/b", "units/shuiwu", "2026-11-20", "", "2026-11-12 09:00");
  EXPECT_EQ(Lines().front(), "2026-11-10 09:00: 2026-11-20 posts/b 1 month");
}

TEST_F(PostPlans, MarksComeInTheOrderOfTimeHoweverTheyAreWritten) {
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-01-01 09:00");
  Put(kTerms, "2026-01-01 10:00", {{"6 months, 3 months, 1 month", "1 month, 6 months, 3 months"}});
  EXPECT_THAT(Lines(), ElementsAre("2026-06-30 08:30: 2026-12-31 posts/a 6 months",
                                   "2026-09-30 08:30: 2026-12-31 posts/a 3 months",
                                   "2026-11-30 08:30: 2026-12-31 posts/a 1 month"));
  // Learnt of between them, it is the latest that has passed, which is not the one written before.
  Put(kTerms, "2026-10-10 15:00", {{"6 months, 3 months, 1 month", "1 month, 6 months, 3 months"}});
  EXPECT_EQ(Lines().front(), "2026-10-10 15:00: 2026-12-31 posts/a 3 months");
}

TEST_F(PostPlans, AMarkOfTheSameDayComesAtItsHour) {
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-01-01 09:00");
  Put(kTerms, "2026-09-30 07:00");
  // Before the hour what had passed last is said at once, and today's at half past eight.
  EXPECT_THAT(Lines(), ElementsAre("2026-09-30 07:00: 2026-12-31 posts/a 6 months",
                                   "2026-09-30 08:30: 2026-12-31 posts/a 3 months",
                                   "2026-11-30 08:30: 2026-12-31 posts/a 1 month"));
  // After it, today's is due since then, and with it all before it has been said.
  Put(kTerms, "2026-09-30 17:00");
  EXPECT_EQ(Lines().front(), "2026-09-30 08:30: 2026-12-31 posts/a 3 months");
  ComesDue();
  EXPECT_THAT(Lines(), ElementsAre("2026-11-30 08:30: 2026-12-31 posts/a 1 month"));
}

TEST_F(PostPlans, OnItsLastDayATermStillRuns) {
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-01-01 09:00");
  Put(kTerms, "2026-12-31 10:00");
  EXPECT_THAT(Lines(), ElementsAre("2026-12-31 10:00: 2026-12-31 posts/a 1 month"));
  Put(kTerms, "2027-01-01 10:00");
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(PostPlans, StoppedItComesDueForNobody) {
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-01-01 09:00");
  Put(kTerms, "2026-01-01 10:00");
  ASSERT_EQ(Lines().size(), 3u);
  v1::Event stop;
  *stop.mutable_plan_put()->mutable_plan() = plans.at("plans/terms").put;
  stop.mutable_plan_put()->mutable_plan()->set_stopped(true);
  EvolvePlans(plans, stop);
  EXPECT_THAT(Lines(), IsEmpty());
}

// With a version that has a mark further ahead in time, the earlier days stay said.
TEST_F(PostPlans, HowFarATermHasBeenSaidNeverGoesBack) {
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-01-01 09:00");
  Put(kTerms, "2026-01-01 10:00");
  for (const char* day : {"2026-09-30", "2026-06-30"}) {
    v1::Event due;
    due.mutable_plan_due()->set_plan("plans/terms");
    due.mutable_plan_due()->set_occurrence("2026-12-31 posts/a 3 months");
    due.mutable_plan_due()->set_nominal_day(day);
    EvolvePlans(plans, due);
  }
  EXPECT_THAT(Lines(), ElementsAre("2026-11-30 08:30: 2026-12-31 posts/a 1 month"));
}

TEST_F(PostPlans, AnOccasionNamesUnitAndPostAndNoUnitTwice) {
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-01-01 09:00");
  const Plan plan = Read(kTerms).plan;
  const auto said = [&](const char* post) {
    return OccasionText(plan, desk.directory(), *ParseOccasion(absl::StrCat("2026-12-31 ", post, " 3 months"))).zh();
  };
  EXPECT_EQ(said("posts/a"), "市住建局posts/a，任期 2026-12-31 届满，届满前3个月");
  v1::Event titled;
  v1::Post& post = *titled.mutable_post_put()->mutable_post();
  post = *desk.directory().FindPost("posts/a");
  post.set_title("市住建局局长");
  desk.directory().Evolve(titled);
  EXPECT_EQ(said("posts/a"), "市住建局局长，任期 2026-12-31 届满，届满前3个月");
}

TEST_F(PostPlans, AChangedTermHasOccasionsOfItsOwnAndAnOldOneNoneAgain) {
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-01-01 09:00");
  Put(kTerms, "2026-01-01 10:00");
  ComesDue();
  Tell("posts/a", "units/zhujian", "2027-06-30", "", "2026-07-10 09:00");
  EXPECT_THAT(Lines(), ElementsAre("2026-12-30 08:30: 2027-06-30 posts/a 6 months",
                                   "2027-03-30 08:30: 2027-06-30 posts/a 3 months",
                                   "2027-05-30 08:30: 2027-06-30 posts/a 1 month"));
  // Set back to what it was: six months before has been said.
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-07-11 09:00");
  EXPECT_THAT(Lines(), ElementsAre("2026-09-30 08:30: 2026-12-31 posts/a 3 months",
                                   "2026-11-30 08:30: 2026-12-31 posts/a 1 month"));
  // Vacant, it has no term; put without a day, it is vacant since it was put.
  const v1::Post held = *desk.directory().FindPost("posts/a");
  v1::Post put = held;
  put.clear_holders();
  put = AsPut(&held, put, Day(2026, 8, 3));
  EXPECT_EQ(put.vacant_since(), "2026-08-03");
  EXPECT_EQ(AsPut(
                &put,
                [&] {
                  v1::Post again = put;
                  again.clear_vacant_since();
                  return again;
                }(),
                Day(2026, 9, 9))
                .vacant_since(),
            "2026-08-03");
  Tell("posts/a", "units/zhujian", "2026-12-31", "2026-08-03", "2026-08-03 09:00");
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(PostPlans, AVacancyComesDueWhenItHasLasted) {
  const std::vector<std::pair<std::string, std::string>> vacant = {
      {"term_end: [6 months, 3 months, 1 month]", "vacant: 3 months, adjust: next_working_day"}};
  Tell("posts/a", "units/zhujian", "", "2026-07-04", "2026-07-04 09:00");
  Tell("posts/old", "units/zhujian", "", "2025-02-01", "2026-01-01 09:00");
  Put(kTerms, "2026-08-01 10:00", vacant);
  EXPECT_THAT(Lines(), ElementsAre("2026-08-01 10:00: 2025-02-01 posts/old 3 months",  // Still vacant: said at once.
                                   "2026-10-08 08:30: 2026-07-04 posts/a 3 months"));  // After the holidays.
  Tell("posts/a", "units/zhujian", "", "", "2026-08-02 09:00");
  EXPECT_EQ(Lines().size(), 1u) << "somebody has taken it up";
}

TEST_F(PostPlans, AFurtherVersionGoesOnFromWhatHasBeenSaid) {
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-01-01 09:00");
  Put(kTerms, "2026-01-01 10:00");
  ComesDue();
  ComesDue();
  Put(kTerms, "2026-10-10 10:00", {{"6 months, 3 months, 1 month", "9 months, 3 months, 15 days"}});
  EXPECT_THAT(Lines(), ElementsAre("2026-12-16 08:30: 2026-12-31 posts/a 15 days"));
  EXPECT_EQ(plans.at("plans/terms").Version(1).term_end.size(), 3u);
  EXPECT_EQ(plans.at("plans/terms").Version(1).term_end[0].count, 6);
  EXPECT_EQ(plans.at("plans/terms").Version(2).term_end[0].count, 9);
}

TEST_F(PostPlans, OpensForThePostOrItsUnitWithWhatTheDirectorySays) {
  Tell("posts/a", "units/zhujian", "2026-12-31", "", "2026-01-01 09:00");
  const ReadPlanResult read = Read(kTerms);
  ASSERT_TRUE(read.ok()) << read.findings.front().message.en();
  const v1::OpenCaseRequest request = RequestFor(read.plan, *desk.procedures().Newest("order"), desk.directory(),
                                                 *ParseOccasion("2026-12-31 posts/a 3 months"));
  EXPECT_EQ(request.parties(1).party(), "owner");
  EXPECT_THAT(request.parties(1).ids(), ElementsAre("units/zhujian"));
  EXPECT_EQ(request.fields(0).values(0).text(), "3个月");
  EXPECT_EQ(request.fields(1).values(0).date(), "2026-12-31");
  EXPECT_EQ(request.fields(2).values(0).text(), "posts/a");
  // What else the directory says: the unit, all who hold the post, since when it has been vacant.
  v1::Event two;
  *two.mutable_post_put()->mutable_post() = *desk.directory().FindPost("posts/a");
  two.mutable_post_put()->mutable_post()->add_holders("persons/shuiwu-jingban");
  desk.directory().Evolve(two);
  const auto fact = [&](const std::string& of) {
    Plan copies = read.plan;
    copies.copy = {{"problem", of}};
    return RequestFor(copies, *desk.procedures().Newest("order"), desk.directory(),
                      *ParseOccasion("2026-12-31 posts/a 3 months"))
        .fields(0)
        .values(0)
        .text();
  };
  EXPECT_EQ(fact("unit"), "市住建局");
  EXPECT_EQ(fact("holder"), absl::StrCat(desk.directory().TitleOf("persons/shuiwu-juzhang"), "、",
                                         desk.directory().TitleOf("persons/shuiwu-jingban")));
  EXPECT_EQ(fact("vacant_since"), "2026-12-31");
  // A party that is a post is the post itself.
  const Plan itself =
      Read(kTerms,
           {{"party: owner, bind: {reviewer: posts/ducha-yanshou}", "party: reviewer, bind: {owner: units/zhujian}"}})
          .plan;
  const v1::OpenCaseRequest post = RequestFor(itself, *desk.procedures().Newest("order"), desk.directory(),
                                              *ParseOccasion("2026-12-31 posts/a 3 months"));
  EXPECT_THAT(post.parties(1).ids(), ElementsAre("posts/a"));
  EXPECT_EQ(WhenOf(read.plan).zh(), "任期届满前6个月、3个月、1个月");
  EXPECT_EQ(WhomOf(read.plan, desk.directory(), desk.procedures()).zh(), "市政府以下各单位的岗位");
}

TEST_F(PostPlans, ACasesPartiesAndFieldsAreTakenOver) {
  const ReadPlanResult read = Read(kSample);
  ASSERT_TRUE(read.ok()) << read.findings.front().message.en();
  CaseState state;
  for (const auto& [party, id] : {std::pair("issuer", "units/duchashi"), std::pair("owner", "units/shuiwu")}) {
    v1::BoundParty& bound = *state.add_parties();
    bound.set_party(party);
    bound.add_bound()->set_id(id);
  }
  for (const char* name : {"problem", "informant"}) {
    auto& field = *state.add_fields();
    field.set_field(name);
    field.add_values()->set_text(name);
  }
  Plan plan = read.plan;
  plan.copy.emplace_back("matter", "informant");
  const v1::OpenCaseRequest request =
      RequestFor(plan, *desk.procedures().Newest("revisit"), *desk.procedures().Newest("order"), state);
  ASSERT_EQ(request.parties_size(), 2);
  EXPECT_EQ(request.parties(0).party(), "inspecting");
  EXPECT_THAT(request.parties(0).ids(), ElementsAre("units/duchashi"));
  EXPECT_THAT(request.parties(1).ids(), ElementsAre("units/shuiwu"));
  ASSERT_EQ(request.fields_size(), 1) << "what is sealed there stays there";
  EXPECT_EQ(request.fields(0).values(0).text(), "problem");
  EXPECT_EQ(WhomOf(read.plan, desk.directory(), desk.procedures()).zh(),
            "“整改”中处于“已销号”、到期日前3个月内结束的事项，抽取20%，至少1件");
}

// The plan was checked against the version of its day; a case of a later one may say less openly.
TEST_F(PostPlans, OfACaseNothingIsTakenOverThatNotEverybodySeesThere) {
  std::string restricted = kOrder;
  const std::string open = "progress:  {title: {zh: 进展}, type: text}";
  restricted.replace(restricted.find(open), open.size(), "progress:  {title: {zh: 进展}, type: text, sees: [issuer]}");
  desk.Revise({"order.yaml", restricted});
  ASSERT_THAT(desk.errors(), IsEmpty());
  CaseState state;
  auto& held = *state.add_fields();
  held.set_field("progress");
  held.add_values()->set_text("已进场");
  Plan plan = Read(kSample).plan;
  plan.copy = {{"matter", "progress"}};
  const auto taken = [&](uint32_t version) {
    return RequestFor(plan, *desk.procedures().Newest("revisit"), *desk.procedures().Find("order", version), state)
        .fields_size();
  };
  EXPECT_EQ(taken(1), 1);
  EXPECT_EQ(taken(2), 0);
}

TEST_F(PostPlans, APartyOfSeveralIsTakenOverWhole) {
  CaseState state;
  v1::BoundParty& helpers = *state.add_parties();
  helpers.set_party("helpers");
  helpers.add_bound()->set_id("units/shuiwu");
  helpers.add_bound()->set_id("units/zhujian");
  Plan plan = Read(kSample).plan;
  plan.bind = {{"visited", "helpers"}};
  const v1::OpenCaseRequest request =
      RequestFor(plan, *desk.procedures().Newest("revisit"), *desk.procedures().Newest("order"), state);
  ASSERT_EQ(request.parties_size(), 1);
  EXPECT_THAT(request.parties(0).ids(), ElementsAre("units/shuiwu", "units/zhujian"));
}

TEST_F(PostPlans, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_EQ(Wrong(kTerms, {{"6 months", "6 working days"}}), "5:19 PLAN_TIME");
  EXPECT_EQ(Wrong(kTerms, {{"6 months", "1 month"}}), "5:38 PLAN_TIME");
  EXPECT_EQ(Wrong(kTerms, {{"at: \"08:30\"", "from: 2026-01-01"}}), "5:49 UNKNOWN_KEY");
  EXPECT_EQ(Wrong(kTerms, {{"below: units/shi", "register: negative_list"}}), "6:6 PLAN_FOR");
  EXPECT_EQ(Wrong(kTerms, {{"below: units/shi", "cases: {procedure: order}"}}), "6:6 PLAN_FOR");
  EXPECT_EQ(Wrong(kTerms, {{"party: owner", "party: nobody"}}), "7:34 UNDECLARED_PARTY");
  EXPECT_EQ(Wrong(kTerms, {{"problem: how_long", "problem: vacant_since"}}).substr(2), "96 PLAN_COPY");
  EXPECT_EQ(Wrong(kTerms, {{"due: term_end", "due: how_long"}}).substr(2), "111 PLAN_COPY");
  EXPECT_EQ(Wrong(kTerms, {{"problem: how_long, ", ""}}), "7:1 MISSING_KEY");
  EXPECT_EQ(Wrong(kTerms, {{"opens:", "burden: {topic: 换届}\nopens:"}}), "7:1 UNKNOWN_KEY");

  EXPECT_EQ(Wrong(kSample, {{"procedure: order", "procedure: nothing"}}), "6:26 UNDECLARED_PROCEDURE");
  EXPECT_EQ(Wrong(kSample, {{"stage: closed", "stage: nowhere"}}), "6:40 UNDECLARED_STAGE");
  EXPECT_EQ(Wrong(kSample, {{"3 months", "3 working days"}}), "6:62 PLAN_TIME");
  EXPECT_EQ(Wrong(kSample, {{"20%", "20"}}), "6:80 WRONG_VALUE");
  EXPECT_EQ(Wrong(kSample, {{"at_least: 1", "per: problem"}}).substr(2), "90 UNDECLARED_FIELD") << "no column";
  EXPECT_EQ(Wrong(kSample, {{"share: 20%, ", ""}}), "6:73 UNKNOWN_KEY") << "at_least: of a share";
  EXPECT_EQ(Wrong(kSample, {{"visited: owner", "visited: reviewer"}}).substr(2), "65 UNDECLARED_PARTY") << "a post";
  EXPECT_EQ(Wrong(kSample, {{"visited: owner", "visited: units/nobody"}}).substr(2), "65 PLAN_UNKNOWN_ID");
  EXPECT_EQ(Wrong(kSample, {{"matter: problem", "matter: informant"}}).substr(2), "88 UNDECLARED_FIELD") << "sealed";
  EXPECT_EQ(Wrong(kSample, {{"bind:", "party: visited, bind:"}}).substr(2), "29 UNKNOWN_KEY") << "cases are no party";
  // Without a directory no id is looked up, and all else is.
  const std::string nobody = absl::StrReplaceAll(kTerms, {{"units/shi", "units/nobody"}});
  EXPECT_TRUE(ReadPlan({"plan.yaml", nobody}, desk.procedures(), nullptr).ok());
  EXPECT_FALSE(ReadPlan({"plan.yaml", nobody}, desk.procedures(), &desk.directory()).ok());
  EXPECT_FALSE(ReadPlan({"plan.yaml", nobody}, Procedures(), nullptr).ok());
  EXPECT_TRUE(IsPlan(nobody));
  EXPECT_FALSE(IsPlan(kOrder));
}

}  // namespace
}  // namespace duban::engine
