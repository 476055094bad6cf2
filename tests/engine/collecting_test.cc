// Collecting: who may rate is fixed on entry, each rates once and nobody himself, and nothing is known before the
// close.
#include "engine/cases/collecting.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/cases/present.h"
#include "engine/cases/suggestions.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/offered.h"

namespace duban::engine {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kAppraisal[] = R"yaml(
procedure: appraisal
title: {zh: 述职评议, en: Appraisal}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 组织单位}}
  owner:  {kind: unit, title: {zh: 述职单位}}
  peers:  {kind: post, title: {zh: 同级}, many: true}
fields:
  topic: {title: {zh: 述职主题}, type: text, required: true}
  total: {title: {zh: 综合得分}, type: number}
stages:
  report:
    title: {zh: 述职}
    within: 10 working days
    actions:
      begin: {title: {zh: 开始评议}, by: issuer, to: rating}
      drop:  {title: {zh: 不评了}, by: issuer, to: recalled}
  rating:
    title: {zh: 评议}
    after: {5 working days: rated}
    collect:
      from:
        superiors: {title: {zh: 上级评}, of: owner.superior, weight: 40%}
        peers:     {title: {zh: 互评}, of: peers, weight: 30%}
        members:   {title: {zh: 群众评}, of: owner, weight: 30%}
      asks:
        score: {title: {zh: 分数}, type: number, min: 0, max: 100}
      rated: owner.head
      quorum: {members: 2/3}
      below_quorum: again
      secret: true
      smallest_group: 4
      result: total
      decimals: 2
    actions: {recall: {title: {zh: 撤回}, by: issuer, to: recalled}}
  again:
    title: {zh: 重新组织}
    within: 5 working days
    actions:
      restart: {title: {zh: 再次评议}, by: issuer, to: rating}
      give_up: {title: {zh: 不再评议}, by: issuer, to: recalled}
  rated:    {title: {zh: 已评}, end: done}
  recalled: {title: {zh: 已撤回}, end: cancelled}
)yaml";

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kRated[] = "persons/zhujian-juzhang";
constexpr char kLeader[] = "persons/shizhang";
constexpr char kPeer[] = "persons/shuiwu-juzhang";
constexpr char kMember[] = "persons/zhujian-jingban";
constexpr char kOther[] = "persons/shuiwu-jingban";

class CollectingTest : public testing::Test {
 protected:
  explicit CollectingTest(const std::string& procedure = kAppraisal) : desk({{"appraisal.yaml", procedure}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
    desk.PutPost("posts/shizhang", "units/shi", kLeader);
    PutHead("units/shi", "posts/shizhang");
    for (int i = 1; i <= 4; ++i) desk.PutPost(absl::StrCat("posts/ganbu", i), "units/zhujian", Member(i));
  }

  static std::string Member(int i) { return absl::StrCat("persons/ganbu", i); }

  void PutHead(const std::string& name, const std::string& head) {
    v1::Event event;
    v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
    unit = *desk.directory().FindUnit(name);
    unit.set_head(head);
    desk.directory().Evolve(event);
  }

  void GivenAReport(const std::vector<std::string>& peers = {"posts/shuiwu-juzhang"},
                    const std::string& owner = "units/zhujian") {
    v1::OpenCaseRequest request;
    request.set_procedure("appraisal");
    v1::PartyBinding& bound = *request.add_parties();
    bound.set_party("owner");
    bound.add_ids(owner);
    v1::PartyBinding& beside = *request.add_parties();
    beside.set_party("peers");
    for (const std::string& peer : peers) beside.add_ids(peer);
    *request.add_fields() = desk.Field("appraisal", "topic", "年度履职");
    ASSERT_FALSE(desk.Open("case", kIssuer, request).refused);
  }
  void GivenARating() {
    GivenAReport();
    ASSERT_FALSE(desk.Act("case", kIssuer, "begin").refused);
  }
  Happened Vote(const std::string& person, const std::string& score) {
    return desk.Act("case", person, "vote", {{"score", score}});
  }
  // Everybody votes: the leader 90, the peer 80, the members 70 each.
  void WhenAllVote() {
    ASSERT_FALSE(Vote(kLeader, "90").refused);
    ASSERT_FALSE(Vote(kPeer, "80").refused);
    ASSERT_FALSE(Vote(kMember, "70").refused);
    for (int i = 1; i <= 4; ++i) ASSERT_FALSE(Vote(Member(i), "70").refused);
  }

  Desk desk;
};

TEST_F(CollectingTest, WhoMayRateIsFixedWhenItBegins) {
  GivenAReport();
  // Then the one who is rated is none of those of his own unit.
  EXPECT_THAT(desk.Act("case", kIssuer, "begin").events,
              ElementsAre("case: ActionTaken begin", "case: StageEntered rating until 2026-09-09 00:00",
                          "case: ClockStopped within_report", "case: CollectBegan superiors 1 peers 1 members 5"));
  EXPECT_EQ(Vote(kRated, "100").reason, "NOT_AN_ELECTOR");
  // Whoever joins the unit later does not rate; whoever has left does.
  desk.PutPost("posts/xin", "units/zhujian", "persons/xin");
  EXPECT_EQ(Vote("persons/xin", "90").reason, "NOT_AN_ELECTOR");
  desk.PutPost("posts/ganbu1", "units/zhujian", "");
  EXPECT_THAT(Vote(Member(1), "90").events, ElementsAre("case: BallotCast persons/ganbu1"));
}

TEST_F(CollectingTest, WhoeverIsInTwoGroupsRatesInTheFirst) {
  GivenAReport({"posts/shuiwu-juzhang", "posts/shizhang", "posts/ganbu1"});
  EXPECT_THAT(desk.Act("case", kIssuer, "begin").events.back(), "case: CollectBegan superiors 1 peers 2 members 4");
}

TEST_F(CollectingTest, EachRatesOnceByHimselfAndNow) {
  GivenARating();
  EXPECT_THAT(Vote(kMember, "70").events, ElementsAre("case: BallotCast persons/zhujian-jingban"));
  EXPECT_EQ(Vote(kMember, "95").reason, "ALREADY_VOTED");
  // Nobody types it for him, nobody stands in for him, and nothing is entered late.
  desk.entered_for = Member(1);
  EXPECT_EQ(Vote("persons/luru", "70").reason, "BALLOT_NOT_IN_PERSON");
  v1::Event put, began;
  v1::Delegation& delegation = *put.mutable_delegation_put()->mutable_delegation();
  delegation.set_name("delegations/a");
  delegation.set_from(kPeer);
  delegation.set_to(kOther);
  desk.directory().Evolve(put);
  began.mutable_delegation_began()->set_delegation("delegations/a");
  desk.directory().Evolve(began);
  EXPECT_EQ(Vote(kOther, "70").reason, "NOT_AN_ELECTOR");
  desk.At("2026-09-03 09:00");
  desk.occurred = "2026-09-02 09:00";
  EXPECT_EQ(Vote(Member(2), "70").reason, "BALLOT_NOT_IN_PERSON");
}

TEST_F(CollectingTest, ABallotAnswersWhatIsAskedAndNothingElse) {
  GivenARating();
  EXPECT_EQ(desk.Act("case", kMember, "vote").reason, "MISSING_NEED");
  EXPECT_EQ(Vote(kMember, "100.5").reason, "FIELD_OUT_OF_BOUNDS");
  EXPECT_EQ(Vote(kMember, "90.00001").reason, "FIELD_VALUE_INVALID");
  EXPECT_EQ(Vote(kMember, "很好").reason, "FIELD_KIND_WRONG");
  EXPECT_EQ(desk.Act("case", kMember, "vote", {{"score", "90"}, {"topic", "x"}}).reason, "UNKNOWN_FIELD");
  EXPECT_EQ(desk.Act("case", kMember, "vote", {{"score", "90"}}, "认真负责").reason, "FIELD_NOT_TAKEN");
  v1::ActOnCaseRequest twice;
  twice.set_action("vote");
  *twice.add_fields() = desk.Field("appraisal", "score", "90");
  *twice.add_fields() = desk.Field("appraisal", "score", "91");
  EXPECT_EQ(desk.Act("case", kMember, twice).reason, "FIELD_TWICE");
  EXPECT_FALSE(Vote(kMember, "90").refused) << "a refused ballot is none";
}

TEST_F(CollectingTest, NothingOfABallotStandsInTheEventOrTheState) {
  GivenARating();
  Vote(kMember, "73.5");
  EXPECT_THAT(desk.State("case").DebugString(), Not(HasSubstr("73.5")));
  // The order in which they came is not kept in the box: it is sorted.
  Vote(kPeer, "99");
  Vote(kLeader, "1");
  const v1::BallotBox box = *desk.boxes().Open(desk.State("case"));
  ASSERT_EQ(box.ballots_size(), 3);
  for (int i = 1; i < 3; ++i) {
    EXPECT_LT(box.ballots(i - 1).SerializeAsString(), box.ballots(i).SerializeAsString());
    EXPECT_EQ(box.ballots(i).person(), "");
  }
}

TEST_F(CollectingTest, ItIsCountedWhenItsTimeIsOver) {
  GivenARating();
  WhenAllVote();
  // 40% of 90, 30% of 80 and 30% of 70. Two groups of one ballot each cannot be shown, and together they are too few:
  // then none is.
  EXPECT_THAT(
      desk.At("2026-09-10 09:00"),
      ElementsAre("2026-09-09 00:00 case: CollectClosed 81.00 superiors 1/1 withheld peers 1/1 withheld members "
                  "5/5 withheld",
                  "2026-09-09 00:00 case: FieldsSet total", "2026-09-09 00:00 case: StageEntered rated",
                  "2026-09-09 00:00 case: CaseEnded DONE"));
  EXPECT_EQ(desk.State("case").collected().result(), "81.00");
  EXPECT_FALSE(desk.State("case").has_collecting());
  EXPECT_EQ(Vote(Member(1), "1").reason, "WRONG_STAGE");
}

TEST_F(CollectingTest, WhereTooFewRatedItGoesWhereTheProcedureSaysAndBeginsAnew) {
  GivenARating();
  Vote(kLeader, "90");
  Vote(kPeer, "80");
  for (int i = 1; i <= 3; ++i) Vote(Member(i), "70");  // Three of five are less than two thirds.
  EXPECT_THAT(desk.At("2026-09-09 09:00"),
              ElementsAre("2026-09-09 00:00 case: CollectClosed too few superiors 1/1  peers 1/1  members 3/5 ",
                          "2026-09-09 00:00 case: StageEntered again",
                          "2026-09-09 00:00 case: ClockStarted within_again due 2026-09-16 23:59"));
  EXPECT_EQ(FindFieldState(desk.State("case"), "total"), nullptr);
  // Who rated before rates again: what was handed in then is gone.
  ASSERT_FALSE(desk.Act("case", kIssuer, "restart").refused);
  WhenAllVote();
  EXPECT_THAT(desk.At("2026-09-20 09:00").front(), HasSubstr("CollectClosed 81.00"));
}

TEST_F(CollectingTest, ThoseWhoOpenedItHaveItCountedWhenAllHaveVoted) {
  GivenARating();
  EXPECT_EQ(desk.Act("case", kIssuer, "close_collecting").reason, "NOT_ALL_VOTED");
  WhenAllVote();
  EXPECT_EQ(desk.Act("case", kMember, "close_collecting").reason, "NOT_YOUR_PART");
  EXPECT_THAT(desk.Act("case", kIssuer, "close_collecting").events,
              ElementsAre("case: ActionTaken close_collecting",
                          "case: CollectClosed 81.00 superiors 1/1 withheld peers 1/1 withheld members 5/5 withheld",
                          "case: FieldsSet total", "case: StageEntered rated", "case: CaseEnded DONE"));
}

class ContestedRating : public CollectingTest {
 protected:
  ContestedRating()
      : CollectingTest(
            absl::StrReplaceAll(kAppraisal, {{"    actions: {recall: {title: {zh: 撤回}, by: issuer, to: recalled}}",
                                              R"yaml(    no_deadline: 试验
    actions:
      recall: {title: {zh: 撤回}, by: issuer, to: recalled}
      object: {title: {zh: 提出异议}, by: owner, objection: raise}
      answer: {title: {zh: 答复异议}, by: issuer, objection: settle})yaml"}})) {
    GivenARating();
    WhenAllVote();
    EXPECT_FALSE(desk.Act("case", kMember, "object").refused);
  }
};

TEST_F(ContestedRating, AnObjectionHoldsTheEarlyCountAsItHoldsTheClose) {
  EXPECT_THAT(Offered(desk, "case", kIssuer), Not(Contains("close_collecting")));
  EXPECT_EQ(desk.Act("case", kIssuer, "close_collecting").reason, "OBJECTION_STANDS");
  EXPECT_THAT(desk.At("2026-09-09 09:00"), IsEmpty()) << "the close waits too";
  // Settled after the close it is counted at once, with what was handed in.
  EXPECT_THAT(desk.Act("case", kIssuer, "answer").events, Contains("case: StageEntered rated"));
}

TEST_F(ContestedRating, SettledBeforeTheCloseItIsCountedWhenTheyLike) {
  ASSERT_FALSE(desk.Act("case", kIssuer, "answer").refused);
  EXPECT_EQ(desk.State("case").stage(), "rating");
  EXPECT_THAT(Offered(desk, "case", kIssuer), Contains("close_collecting"));
  EXPECT_THAT(desk.Act("case", kIssuer, "close_collecting").events, Contains("case: StageEntered rated"));
}

TEST_F(CollectingTest, WhatIsLeftBeforeTheCloseCountsForNothing) {
  GivenARating();
  WhenAllVote();
  EXPECT_THAT(desk.Act("case", kIssuer, "recall").events,
              ElementsAre("case: ActionTaken recall", "case: StageEntered recalled", "case: CaseEnded CANCELLED"));
  EXPECT_FALSE(desk.State("case").has_collecting());
  EXPECT_FALSE(desk.State("case").has_collected());
}

TEST_F(CollectingTest, AGroupOfNobodyIsToldWhenItIsToBegin) {
  GivenAReport();
  desk.PutPost("posts/shizhang", "units/shi", "");
  EXPECT_EQ(desk.Act("case", kIssuer, "begin").reason, "NOBODY_TO_RATE");
  desk.PutPost("posts/shizhang", "units/shi", kLeader);
  desk.PutPost("posts/zhujian-juzhang", "units/zhujian", "");
  EXPECT_EQ(desk.Act("case", kIssuer, "begin").reason, "NOBODY_TO_RATE") << "nobody is rated either";
}

TEST_F(CollectingTest, TooFewAreNotAskedInSecret) {
  for (int i = 2; i <= 4; ++i) desk.PutPost(absl::StrCat("posts/ganbu", i), "units/zhujian", "");
  desk.PutPost("posts/ganbu1", "units/zhujian", "");
  GivenAReport();
  EXPECT_EQ(desk.Act("case", kIssuer, "begin").reason, "TOO_FEW_ELECTORS");
}

TEST_F(CollectingTest, NoMoreAreAskedThanABoxIsMadeFor) {
  for (int i = 0; i < 501; ++i) desk.PutPost(absl::StrCat("posts/p", i), "units/zhujian", absl::StrCat("persons/p", i));
  GivenAReport();
  EXPECT_EQ(desk.Act("case", kIssuer, "begin").reason, "TOO_MANY_ELECTORS");
}

TEST_F(CollectingTest, WhoIsRatedIsNoneOfThoseWhoSeeWhoVoted) {
  // Given that the head of the supervised bureau also holds a post of the office that opens the case.
  desk.PutPost("posts/jianzhi", "units/duchashi", kRated);
  GivenAReport();
  EXPECT_EQ(desk.Act("case", kIssuer, "begin").reason, "RATED_WOULD_SEE");
}

TEST_F(CollectingTest, WhoVotedIsKnownToThoseWhoUrgeAndToAuditors) {
  GivenARating();
  Vote(kMember, "70");
  const CaseState& state = desk.State("case");
  const Procedure& procedure = *desk.procedures().Newest("appraisal");
  v1::Event event;
  event.mutable_ballot_cast()->set_person(kMember);
  event.mutable_ballot_cast()->mutable_box()->set_digest("d");
  EXPECT_THAT(*KnownTo(procedure, state, desk.directory(), event), ElementsAre("rights/audit", "units/duchashi"));
  // Of the box nothing is shown, not even that which tells two apart.
  EXPECT_FALSE(MaskEvent(procedure, state, {"rights/audit"}, event).ballot_cast().has_box());
  const auto seen_by = [&](const char* person) {
    return PresentCollecting(procedure, state, desk.directory().ViewerIds(person));
  };
  EXPECT_EQ(seen_by(kIssuer).ballots(), 1);
  EXPECT_EQ(seen_by(kIssuer).missing_size(), 6);
  EXPECT_EQ(seen_by(kIssuer).groups(2).electors_size(), 5);
  EXPECT_TRUE(seen_by(kMember).cast());
  for (const char* other : {kMember, kPeer, kRated}) {
    const v1::CaseCollecting shown = seen_by(other);
    EXPECT_EQ(shown.ballots(), 0);
    EXPECT_THAT(shown.missing(), IsEmpty());
    EXPECT_THAT(shown.groups(2).electors(), IsEmpty());
    EXPECT_EQ(shown.groups(2).count(), 5);
    EXPECT_EQ(shown.asks(0).max(), "100");
  }
  EXPECT_FALSE(seen_by(kRated).cast());
  // And the case does not move for others: what a person did last is what it was.
  EXPECT_LT(state.settled_revision(), state.revision());
}

TEST_F(CollectingTest, WhoRatesLooksAtTheCaseThoughHeBeNoPartyOfIt) {
  GivenAReport();
  const Procedure& procedure = *desk.procedures().Newest("appraisal");
  const Ids leader = desk.directory().OwnIds(kLeader);
  EXPECT_FALSE(SeesCase(procedure, desk.State("case"), leader));
  desk.Act("case", kIssuer, "begin");
  EXPECT_TRUE(SeesCase(procedure, desk.State("case"), leader));
  EXPECT_FALSE(Admits(AudienceOf(procedure, desk.State("case")), leader)) << "he stands in no audience";
  desk.Act("case", kIssuer, "recall");
  EXPECT_FALSE(SeesCase(procedure, desk.State("case"), leader));
}

TEST_F(CollectingTest, ABoxThatNobodyCanOpenTakesNoBallotAndCountsAsEmpty) {
  GivenARating();
  WhenAllVote();
  desk.boxes().LoseKeys();
  EXPECT_EQ(Vote(Member(1), "1").reason, "ALREADY_VOTED");
  EXPECT_THAT(desk.At("2026-09-09 09:00").front(), HasSubstr("CollectClosed too few"));
  EXPECT_EQ(desk.State("case").stage(), "again");
  ASSERT_FALSE(desk.Act("case", kIssuer, "restart").refused);
  Vote(Member(1), "1");
  desk.boxes().LoseKeys();
  EXPECT_EQ(Vote(Member(2), "1").reason, "BALLOT_BOX_LOST");
}

TEST_F(CollectingTest, ItStaysUnderTheVersionUnderWhichItBegan) {
  GivenARating();
  std::string second(kAppraisal);
  second.replace(second.find("smallest_group: 4"), 17, "smallest_group: 2");
  desk.Revise({"appraisal.yaml", second});
  v1::Migration task;
  task.set_procedure("appraisal");
  task.set_from_version(1);
  task.set_to_version(2);
  EXPECT_EQ(desk.Migrate("case", task).reason, "MIGRATION_COLLECTING");
  (*task.mutable_stages())["rating"] = "report";  // Nor is it taken out of it, with what was handed in.
  EXPECT_EQ(desk.Migrate("case", task).reason, "MIGRATION_COLLECTING");
}

// Who rates is found on entering; a case is not put among those who rate by a mapping of stages.
TEST_F(CollectingTest, NoCaseIsTakenIntoOneByAnotherVersion) {
  GivenAReport();
  desk.Revise({"appraisal.yaml", kAppraisal});
  v1::Migration task;
  task.set_procedure("appraisal");
  task.set_from_version(1);
  task.set_to_version(2);
  (*task.mutable_stages())["report"] = "rating";
  EXPECT_EQ(desk.Migrate("case", task).reason, "MIGRATION_COLLECTING");
}

// What the file says otherwise.
std::string With(std::vector<std::pair<std::string, std::string>> changes) {
  std::string text(kAppraisal);
  for (const auto& [from, to] : changes) text.replace(text.find(from), from.size(), to);
  return text;
}

class OpenCollectingTest : public CollectingTest {
 protected:
  OpenCollectingTest()
      : CollectingTest(With({{"secret: true\n      smallest_group: 4", "empty_group: renormalise"}})) {}
};

TEST_F(OpenCollectingTest, BallotsByNameAreShownAtTheClose) {
  GivenARating();
  WhenAllVote();
  EXPECT_THAT(desk.At("2026-09-09 09:00").front(), HasSubstr("81.00 superiors 1/1 90.00 peers 1/1 80.00 members 5/5"));
  const v1::CollectClosed& closed = desk.State("case").collected();
  ASSERT_EQ(closed.ballots_size(), 7);
  EXPECT_TRUE(std::any_of(closed.ballots().begin(), closed.ballots().end(), [](const v1::Ballot& ballot) {
    return ballot.person() == kLeader && ballot.answers(0).values(0).number() == "90";
  }));
}

TEST_F(OpenCollectingTest, AnEmptyGroupIsLeftOutWhereTheProcedureSaysSo) {
  desk.PutPost("posts/shizhang", "units/shi", "");
  GivenARating();
  Vote(kPeer, "80");
  Vote(kMember, "70");
  for (int i = 1; i <= 4; ++i) Vote(Member(i), "70");
  EXPECT_THAT(desk.At("2026-09-09 09:00").front(), HasSubstr("CollectClosed 75.00"));
}

// Whoever is rated objects in the last days; the issuer settles it.
class ObjectionWhileCollecting : public CollectingTest {
 protected:
  ObjectionWhileCollecting()
      : CollectingTest(
            With({{"    actions: {recall: {title: {zh: 撤回}, by: issuer, to: recalled}}",
                   "    no_deadline: 试验\n    actions:\n"
                   "      recall: {title: {zh: 撤回}, by: issuer, to: recalled}\n"
                   "      object: {title: {zh: 提出异议}, by: owner, objection: raise}\n"
                   "      settle: {title: {zh: 处理异议}, by: issuer, needs: [reason], objection: settle}"}})) {}
  void GivenAnObjection() {
    GivenARating();
    ASSERT_FALSE(Vote(kLeader, "90").refused);
    ASSERT_FALSE(Vote(kPeer, "80").refused);
    for (int i = 1; i <= 3; ++i) ASSERT_FALSE(Vote(Member(i), "70").refused);
    ASSERT_FALSE(desk.Act("case", kRated, "object").refused);
  }
  Happened Settle() { return desk.Act("case", kIssuer, "settle", {}, "已核实"); }
};

TEST_F(ObjectionWhileCollecting, TheCloseWaitsAndVotesAreTakenMeanwhile) {
  GivenAnObjection();
  // The close would have been when the eighth was over, with three of five members: too few.
  EXPECT_THAT(desk.At("2026-09-11 09:00"), IsEmpty());
  EXPECT_THAT(Vote(Member(4), "70").events, ElementsAre("case: BallotCast persons/ganbu4"));
  EXPECT_EQ(Vote(Member(4), "100").reason, "ALREADY_VOTED");
  EXPECT_EQ(Vote(kRated, "100").reason, "NOT_AN_ELECTOR");
  EXPECT_THAT(desk.At("2026-09-14 09:00"), IsEmpty());
  // Settled, all that was handed in is counted at once, and it says so of that instant.
  const Happened settled = Settle();
  EXPECT_THAT(settled.events, ElementsAre("case: ActionTaken settle", HasSubstr("case: CollectClosed 81.00"),
                                          "case: FieldsSet total", "case: StageEntered rated", "case: CaseEnded DONE"));
  EXPECT_EQ(FromProto(desk.State("case").collected().at()), desk.Parse("2026-09-14 09:00"));
}

TEST_F(ObjectionWhileCollecting, SettledInTimeItClosesInTime) {
  GivenAnObjection();
  desk.At("2026-09-07 09:00");
  EXPECT_THAT(Settle().events, ElementsAre("case: ActionTaken settle"));
  ASSERT_FALSE(Vote(Member(4), "70").refused);
  EXPECT_THAT(desk.At("2026-09-09 09:00").front(), HasSubstr("2026-09-09 00:00 case: CollectClosed 81.00"));
}

}  // namespace
}  // namespace duban::engine
