// Cases as parts of further ones: who may make them so, what is refused, what guards over parts say.
#include "engine/cases/parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/limits.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/order.h"
#include "tests/engine/support/piece.h"

namespace duban::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kLead[] = "persons/zhujian-jingban";
constexpr char kStranger[] = "persons/shuiwu-jingban";

class PartsTest : public testing::Test {
 protected:
  PartsTest() : desk({{"piece.yaml", kPiece}, {"order.yaml", kOrder}, {"revisit.yaml", kRevisit}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
  }

  v1::OpenCaseRequest Piece(const std::string& part_of = "", int64_t weight = 0) {
    v1::OpenCaseRequest request;
    request.set_procedure("piece");
    auto& lead = *request.add_parties();
    lead.set_party("lead");
    lead.add_ids("units/zhujian");
    *request.add_fields() = desk.Field("piece", "task", "清淤");
    if (!part_of.empty()) request.set_part_of(desk.State(part_of).name());
    request.set_weight(weight);
    return request;
  }
  Happened Open(const std::string& nickname, const std::string& part_of = "", int64_t weight = 0) {
    return desk.Open(nickname, kIssuer, Piece(part_of, weight));
  }
  Happened Link(const std::string& part, const std::string& whole, const std::string& person = kIssuer,
                int64_t weight = 0) {
    v1::ActOnCaseRequest request;
    request.set_action("link");
    request.set_target(desk.State(whole).name());
    request.set_weight(weight);
    return desk.Act(part, person, request);
  }
  std::vector<std::string> Wholes(const std::string& nickname) {
    std::vector<std::string> out;
    for (const Whole& whole : WholesOf(desk.State(nickname))) {
      for (const char* known : {"top", "left", "right", "a", "b"}) {
        if (whole.name == NameOf(known)) out.push_back(std::string(known) + " " + std::to_string(whole.weight));
      }
    }
    return out;
  }
  std::string NameOf(const std::string& nickname) { return desk.Knows(nickname) ? desk.State(nickname).name() : ""; }

  Desk desk;
};

TEST_F(PartsTest, IsOpenedAsAPartWithItsWeight) {
  Open("top");
  EXPECT_FALSE(Open("a", "top", 3).refused);
  EXPECT_FALSE(Open("b", "top").refused);
  EXPECT_THAT(Wholes("a"), ElementsAre("top 3"));
  EXPECT_THAT(Wholes("b"), ElementsAre("top 1"));
}

TEST_F(PartsTest, AnActionOpensPartsOfItsCase) {
  Open("top");
  EXPECT_THAT(desk.Act("top", kIssuer, "divide").events, ElementsAre("top: ActionTaken divide", "?: CaseOpened piece ",
                                                                     "?: FieldsSet task", "?: StageEntered working"));
  desk.Name("a");
  EXPECT_THAT(Wholes("a"), ElementsAre("top 1"));
  // What follows up is no part.
  EXPECT_EQ(desk.State("a").link(), v1::LINK_KIND_PART);
}

TEST_F(PartsTest, AnOpenCaseBecomesAPartOfFurtherWholes) {
  Open("top");
  Open("left", "top");
  Open("right", "top");
  Open("a", "left");
  EXPECT_THAT(Link("a", "right", kIssuer, 5).events, ElementsAre("a: PartLinked"));
  EXPECT_THAT(Wholes("a"), ElementsAre("left 1", "right 5"));
}

TEST_F(PartsTest, WhoeverMayOpenActsInBothCases) {
  Open("top");
  Open("a");
  EXPECT_EQ(Link("a", "top", kLead).reason, "NOT_YOUR_PART");
  EXPECT_EQ(Link("a", "top", kStranger).reason, "NOT_YOUR_PART");
  // A whole of others' that he cannot see is as one that is not there, also for a case of his own.
  EXPECT_EQ(desk.Open("b", kStranger, Piece("top")).reason, "CASE_NOT_FOUND");
  v1::OpenCaseRequest other = Piece();
  other.mutable_parties(0)->set_ids(0, "units/duchashi");
  ASSERT_FALSE(desk.Open("b", kStranger, other).refused);
  EXPECT_EQ(Link("b", "top", kStranger).reason, "CASE_NOT_FOUND");
  // One that he sees, in a part that may not open: his own unit leads it.
  v1::OpenCaseRequest led = Piece();
  led.mutable_parties(0)->set_ids(0, "units/shuiwu");
  ASSERT_FALSE(desk.Open("left", kIssuer, led).refused);
  EXPECT_EQ(Link("b", "left", kStranger).reason, "NOT_YOUR_PART");
}

TEST_F(PartsTest, RefusesWhatIsNoTree) {
  Open("top");
  Open("left", "top");
  Open("a", "left");
  EXPECT_EQ(Link("top", "a").reason, "LINK_RING");
  EXPECT_EQ(Link("top", "top").reason, "TARGET_IS_ITSELF");
  EXPECT_EQ(Link("a", "left").reason, "ALREADY_A_PART");
  v1::ActOnCaseRequest nowhere;
  nowhere.set_action("link");
  EXPECT_EQ(desk.Act("a", kIssuer, nowhere).reason, "TARGET_REQUIRED");
  nowhere.set_target("cases/none");
  EXPECT_EQ(desk.Act("a", kIssuer, nowhere).reason, "CASE_NOT_FOUND");
  EXPECT_EQ(Open("b", "top", -1).reason, "WEIGHT_INVALID");
  EXPECT_EQ(Open("b", "top", limits::kWeightMax + 1).reason, "WEIGHT_INVALID");
}

TEST_F(PartsTest, AnEndedWholeTakesNoMorePartsAndWhatWasCalledOffIsNone) {
  Open("top");
  Open("a");
  desk.Act("a", kIssuer, "drop");
  EXPECT_EQ(Link("a", "top").reason, "CASE_ENDED");
  desk.Act("top", kLead, "finish");
  EXPECT_EQ(Open("b", "top").reason, "WHOLE_ENDED");
}

TEST_F(PartsTest, WhatIsHiddenInSomeStageIsNoPart) {
  // The sums on the whole would tell of an unannounced visit.
  Open("top");
  v1::OpenCaseRequest visit;
  visit.set_procedure("revisit");
  auto& visited = *visit.add_parties();
  visited.set_party("visited");
  visited.add_ids("units/zhujian");
  *visit.add_fields() = desk.Field("revisit", "matter", "回访");
  visit.set_part_of(desk.State("top").name());
  EXPECT_EQ(desk.Open("b", kIssuer, visit).reason, "PART_HIDDEN");
}

TEST_F(PartsTest, OnlySoManyWholesStandAboveACase) {
  Open("0");
  for (size_t i = 1; i <= limits::kWholesAboveMax; ++i) {
    ASSERT_FALSE(Open(std::to_string(i), std::to_string(i - 1)).refused) << i;
  }
  EXPECT_EQ(Open("deeper", std::to_string(limits::kWholesAboveMax)).reason, "TOO_MANY_WHOLES");
  // Nor does the bound give way from above: the whole of all is put under one more.
  Open("a");
  EXPECT_EQ(Link("0", "a").reason, "TOO_MANY_WHOLES");
}

TEST_F(PartsTest, GuardsSpeakOfThePartsDirectlyBelow) {
  Open("top");
  EXPECT_FALSE(desk.Act("top", kLead, "close").refused) << "a case without parts";
  Open("left");
  Open("a", "left");
  Open("b", "left");
  EXPECT_EQ(desk.Act("left", kLead, "close").reason, "GUARD_FAILED");
  EXPECT_FALSE(desk.Act("left", kIssuer, "hasten").refused);
  desk.Act("a", kLead, "finish");
  EXPECT_EQ(desk.Act("left", kLead, "close").reason, "GUARD_FAILED");
  desk.Act("b", kIssuer, "drop");
  EXPECT_EQ(desk.Act("left", kIssuer, "hasten").reason, "GUARD_FAILED");
  EXPECT_FALSE(desk.Act("left", kLead, "close").refused);
}

}  // namespace
}  // namespace duban::engine
