// Duplicates and what is made void: how a case ends in a stage that does not say so.
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
constexpr char kColleague[] = "persons/duchashi-zhuren";
constexpr char kLead[] = "persons/zhujian-jingban";
constexpr char kClerk[] = "persons/luru";

class MergeTest : public testing::Test {
 protected:
  MergeTest() : desk({{"piece.yaml", kPiece}, {"order.yaml", kOrder}, {"revisit.yaml", kRevisit}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
  }

  // A matter with its sources.
  Happened Open(const std::string& nickname, const std::vector<std::string>& sources,
                const std::vector<std::string>& secret = {}, const std::string& part_of = "") {
    v1::OpenCaseRequest request;
    request.set_procedure("piece");
    auto& lead = *request.add_parties();
    lead.set_party("lead");
    lead.add_ids("units/zhujian");
    *request.add_fields() = desk.Field("piece", "task", "积水");
    *request.add_fields() = desk.Field("piece", "due", "2026-09-30");
    const auto add = [&](const char* field, const std::vector<std::string>& codes) {
      if (codes.empty()) return;
      v1::FieldValue& value = *request.add_fields();
      value.set_field(field);
      for (const std::string& code : codes) value.add_values()->set_choice(code);
    };
    add("sources", sources);
    add("secret", secret);
    if (!part_of.empty()) request.set_part_of(desk.State(part_of).name());
    return desk.Open(nickname, kIssuer, request);
  }
  Happened Merge(const std::string& duplicate, const std::string& into, const std::string& person = kIssuer,
                 const std::string& reason = "同一处积水") {
    v1::ActOnCaseRequest request;
    request.set_action("merge");
    request.set_target(desk.State(into).name());
    request.set_reason(reason);
    return desk.Act(duplicate, person, request);
  }
  std::vector<std::string> Choices(const std::string& nickname, const std::string& field) {
    std::vector<std::string> out;
    const auto* held = FindFieldState(desk.State(nickname), field);
    if (held == nullptr) return out;
    for (const v1::Value& value : held->values()) out.push_back(value.choice());
    return out;
  }

  Desk desk;
};

TEST_F(MergeTest, OnlySoManyAreTakenIntoOne) {
  Open("a", {});
  for (size_t i = 0; i < limits::kDuplicatesMax; ++i) {
    Open(std::to_string(i), {});
    ASSERT_FALSE(Merge(std::to_string(i), "a").refused);
  }
  Open("b", {});
  EXPECT_EQ(Merge("b", "a").reason, "TOO_MANY_DUPLICATES");
  EXPECT_EQ(desk.State("b").end_kind(), v1::END_KIND_UNSPECIFIED);
}

TEST_F(MergeTest, ADuplicateEndsAndWhatSurvivesTakesItsSources) {
  Open("a", {"hotline"});
  Open("b", {"letter", "hotline"});
  Open("c", {"visit"});
  EXPECT_THAT(Merge("b", "a").events,
              ElementsAre("b: CaseMerged into a", "b: ClockStopped main fell away", "b: CaseEnded MERGED",
                          "a: DuplicateTaken 1", "a: FieldsSet sources"));
  EXPECT_THAT(Merge("c", "a").events,
              ElementsAre("c: CaseMerged into a", "c: ClockStopped main fell away", "c: CaseEnded MERGED",
                          "a: DuplicateTaken 1", "a: FieldsSet sources"));
  EXPECT_THAT(Choices("a", "sources"), ElementsAre("hotline", "letter", "visit"));
  EXPECT_EQ(desk.State("a").counted(), 3);
  EXPECT_EQ(desk.State("a").duplicates_size(), 2);
}

TEST_F(MergeTest, DuplicatesOfDuplicatesCountOn) {
  Open("a", {});
  Open("b", {});
  Open("c", {});
  Merge("c", "b");
  Merge("b", "a");
  EXPECT_EQ(desk.State("a").counted(), 3);
}

TEST_F(MergeTest, WhatIsNotForEverybodyStaysWhereItIs) {
  Open("a", {"hotline"});
  Open("b", {"hotline"}, {"visit"});
  EXPECT_THAT(Merge("b", "a").events, ElementsAre("b: CaseMerged into a", "b: ClockStopped main fell away",
                                                  "b: CaseEnded MERGED", "a: DuplicateTaken 1"));
  EXPECT_THAT(Choices("a", "secret"), IsEmpty());
}

TEST_F(MergeTest, RefusesWhatMakesNoSense) {
  Open("a", {});
  Open("b", {});
  Open("ended", {});
  desk.Act("ended", kLead, "finish");
  EXPECT_EQ(Merge("a", "a").reason, "TARGET_IS_ITSELF");
  EXPECT_EQ(Merge("a", "ended").reason, "MERGE_INTO_ENDED");
  EXPECT_EQ(Merge("ended", "a").reason, "CASE_ENDED");
  EXPECT_EQ(Merge("b", "a", kIssuer, "").reason, "MISSING_NEED");
  EXPECT_EQ(Merge("b", "a", kLead).reason, "NOT_YOUR_PART");
  v1::OpenCaseRequest order;
  order.set_procedure("order");
  for (const auto& [party, id] : {std::pair("owner", "units/zhujian"), std::pair("reviewer", "posts/ducha-yanshou")}) {
    auto& binding = *order.add_parties();
    binding.set_party(party);
    binding.add_ids(id);
  }
  *order.add_fields() = desk.Field("order", "problem", "积水");
  ASSERT_FALSE(desk.Open("order", kIssuer, order).refused);
  EXPECT_EQ(Merge("order", "a").reason, "MERGE_OTHER_PROCEDURE");
  Open("part", {}, {}, "b");
  EXPECT_EQ(Merge("b", "a").reason, "PARTS_OPEN");
  Merge("part", "a");
  EXPECT_EQ(Merge("part", "b").reason, "CASE_ENDED");
  EXPECT_EQ(Merge("a", "part").reason, "MERGE_INTO_ENDED");
}

TEST_F(MergeTest, WhatWasMergedIsOverAlthoughItsStageGoesOn) {
  Open("a", {});
  Open("b", {});
  Merge("b", "a");
  EXPECT_EQ(desk.Act("b", kLead, "finish").reason, "CASE_ENDED");
  EXPECT_EQ(desk.Act("b", kIssuer, "urge", {}, "加快").reason, "WRONG_STAGE");
  EXPECT_FALSE(desk.Act("b", kLead, "comment", {}, "材料已转").refused);
  EXPECT_THAT(desk.At("2026-11-01 09:00"), testing::Not(testing::Contains(testing::HasSubstr("b: "))));
}

TEST_F(MergeTest, AVoidTakesTwoPeople) {
  Open("a", {});
  EXPECT_EQ(desk.Act("a", kIssuer, "void").reason, "MISSING_NEED");
  EXPECT_EQ(desk.Act("a", kLead, "void", {}, "重复录入").reason, "NOT_YOUR_PART");
  EXPECT_THAT(desk.Act("a", kIssuer, "void", {}, "重复录入").events, ElementsAre("a: ApprovalRequested void"));
  EXPECT_EQ(desk.Act("a", kColleague, "void", {}, "重复录入").reason, "REQUEST_PENDING");
  EXPECT_EQ(desk.Act("a", kIssuer, "approve_void").reason, "FORBIDDEN_SAME_PERSON");
  EXPECT_EQ(desk.Act("a", kLead, "approve_void").reason, "NOT_YOUR_PART");
  EXPECT_EQ(desk.Act("a", kColleague, "refuse_void").reason, "MISSING_NEED");
  EXPECT_THAT(desk.Act("a", kColleague, "approve_void").events,
              ElementsAre("a: ApprovalDecided void yes", "a: ClockStopped main fell away", "a: CaseEnded CANCELLED"));
  EXPECT_EQ(desk.Act("a", kIssuer, "void", {}, "再次").reason, "CASE_ENDED");
}

TEST_F(MergeTest, WhoeverTypedTheRequestDoesNotDecideIt) {
  Open("a", {});
  desk.entered_for = kIssuer;
  EXPECT_FALSE(desk.Act("a", kClerk, "void", {}, "重复录入").refused);
  EXPECT_EQ(desk.Act("a", kClerk, "approve_void").reason, "FORBIDDEN_SAME_PERSON");
  desk.entered_for = kColleague;
  EXPECT_EQ(desk.Act("a", kClerk, "approve_void").reason, "FORBIDDEN_SAME_PERSON");
}

TEST_F(MergeTest, ARefusedVoidGoesOn) {
  Open("a", {});
  desk.Act("a", kIssuer, "void", {}, "重复录入");
  EXPECT_THAT(desk.Act("a", kColleague, "refuse_void", {}, "并非重复").events,
              ElementsAre("a: ApprovalDecided void no"));
  EXPECT_FALSE(desk.Act("a", kLead, "finish").refused);
}

}  // namespace
}  // namespace duban::engine
