// How far one extension reaches: so much beyond the deadline that holds, when it is asked for and when it is granted.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using ::testing::IsEmpty;

// 《信访工作条例》第三十四条：60 日，延长不超过 30 日。
constexpr char kPetition[] = R"yaml(
procedure: petition
title: {zh: 信访}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 信访部门}}
  owner:  {kind: unit, title: {zh: 承办单位}}
fields:
  matter:  {title: {zh: 事项}, type: text, required: true}
  new_due: {title: {zh: 延长至}, type: date}
  agreed:  {title: {zh: 约定答复日}, type: date}
stages:
  handling:
    title: {zh: 办理中}
    actions:
      hear:  {title: {zh: 听证}, by: owner, to: hearing}
      agree: {title: {zh: 约定}, by: issuer, needs: [agreed]}
      reply: {title: {zh: 答复}, by: owner, to: closed}
  hearing: {title: {zh: 听证}, no_deadline: 听证不计时, actions: {resume: {title: {zh: 恢复}, by: owner, to: handling}}}
  closed: {title: {zh: 已办结}, end: done}
clocks:
  handle:
    title: {zh: 办理时限}
    from: handling
    until: closed
    budget: 60 days
    stops_in: [hearing]
    charged_to: owner
    extend: {title: {zh: 延长办理}, by: owner, approved_by: issuer, at_most: 2 per case, by_at_most: 30 days, needs: [new_due, reason]}
  reply:
    title: {zh: 约定答复}
    from: handling
    until: closed
    due: agreed
    extend: {title: {zh: 改约}, by: owner, approved_by: issuer, at_most: 1 per case, by_at_most: 1 month, needs: [agreed]}
)yaml";

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kOwner[] = "persons/shuiwu-jingban";

class ExtensionTest : public testing::Test {
 protected:
  ExtensionTest() : desk(std::vector<SourceFile>{{"petition.yaml", kPetition}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
    desk.At("2026-03-01 09:00");
    v1::OpenCaseRequest request;
    request.set_procedure("petition");
    v1::PartyBinding& owner = *request.add_parties();
    owner.set_party("owner");
    owner.add_ids("units/shuiwu");
    *request.add_fields() = desk.Field("petition", "matter", "屋顶渗漏");
    EXPECT_FALSE(desk.Open("petition", kIssuer, request).refused);  // Due on 30 April.
  }

  std::string Ask(const std::string& day) {
    return desk.Act("petition", kOwner, "extend_handle", {{"new_due", day}}, "情况复杂").reason;
  }
  std::string Grant() { return desk.Act("petition", kIssuer, "approve_extend_handle").reason; }

  Desk desk;
};

TEST_F(ExtensionTest, ADayTooFarIsRefusedAndTheLastDayIsNot) {
  EXPECT_EQ(Ask("2027-07-31"), "EXTENSION_TOO_LONG");
  EXPECT_EQ(Ask("2026-05-31"), "EXTENSION_TOO_LONG");
  EXPECT_EQ(Ask("2026-05-30"), "");
  EXPECT_EQ(Grant(), "");
  // Each counts from the deadline that holds then.
  EXPECT_EQ(Ask("2026-06-30"), "EXTENSION_TOO_LONG");
  EXPECT_EQ(Ask("2026-06-29"), "");
}

// The case has been reopened, or sent on: what no longer runs has no deadline to move.
TEST_F(ExtensionTest, WhatDoesNotRunIsNotExtendedNeitherWhenItIsAskedForNorWhenItIsGranted) {
  EXPECT_EQ(desk.Act("petition", kOwner, "extend_reply", {{"agreed", "2026-05-30"}}).reason, "CLOCK_NOT_RUNNING")
      << "nothing has been agreed on";
  ASSERT_FALSE(desk.Act("petition", kIssuer, "agree", {{"agreed", "2026-04-30"}}).refused);
  ASSERT_FALSE(desk.Act("petition", kOwner, "extend_reply", {{"agreed", "2026-05-20"}}).refused);
  v1::ActOnCaseRequest standing;
  standing.set_action("agree");
  v1::FieldValue& agreed = *standing.add_fields();
  agreed.set_field("agreed");
  agreed.add_values()->set_standing(true);
  ASSERT_FALSE(desk.Act("petition", kIssuer, standing).refused);
  EXPECT_EQ(desk.Act("petition", kIssuer, "approve_extend_reply").reason, "CLOCK_NOT_RUNNING");
  EXPECT_FALSE(desk.Act("petition", kIssuer, "refuse_extend_reply", {}, "已无期限").refused);
}

TEST_F(ExtensionTest, AskedForLateItStillCountsFromTheDeadline) {
  desk.At("2026-05-20 09:00");
  EXPECT_EQ(Ask("2026-06-10"), "EXTENSION_TOO_LONG");
  EXPECT_EQ(Ask("2026-05-30"), "");
}

TEST_F(ExtensionTest, WhileSuspendedItCountsFromWhereItWouldBe) {
  desk.At("2026-04-20 09:00");
  ASSERT_FALSE(desk.Act("petition", kOwner, "hear").refused);  // Ten days are left.
  desk.At("2026-06-01 09:00");
  EXPECT_EQ(Ask("2026-07-12"), "EXTENSION_TOO_LONG");
  EXPECT_EQ(Ask("2026-07-11"), "");
  EXPECT_EQ(Grant(), "");
}

// It waits for its approval while somebody brings the deadline forward.
TEST_F(ExtensionTest, WhenItIsGrantedItIsMeasuredAgain) {
  ASSERT_FALSE(desk.Act("petition", kIssuer, "agree", {{"agreed", "2026-04-30"}}).refused);
  EXPECT_EQ(desk.Act("petition", kOwner, "extend_reply", {{"agreed", "2026-05-31"}}).reason, "EXTENSION_TOO_LONG");
  ASSERT_FALSE(desk.Act("petition", kOwner, "extend_reply", {{"agreed", "2026-05-30"}}).refused);
  ASSERT_FALSE(desk.Act("petition", kIssuer, "agree", {{"agreed", "2026-04-10"}}).refused);
  EXPECT_EQ(desk.Act("petition", kIssuer, "approve_extend_reply").reason, "EXTENSION_TOO_LONG");
  ASSERT_FALSE(desk.Act("petition", kIssuer, "refuse_extend_reply", {}, "过长").refused);
  ASSERT_FALSE(desk.Act("petition", kOwner, "extend_reply", {{"agreed", "2026-05-10"}}).refused);
  EXPECT_EQ(desk.Act("petition", kIssuer, "approve_extend_reply").reason, "");
}

}  // namespace
}  // namespace duban::engine
