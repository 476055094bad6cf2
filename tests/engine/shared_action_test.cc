// Stages may have actions of one name, each with its own meaning: what is asked for in one is not approved in another.
#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using testing::Test;

// 送办 is asked for in both stages: from the first it leads on, from the second to the end, each by its own approver.
constexpr char kShared[] = R"(
procedure: shared
title: {zh: 两段送办, en: Shared}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: 交办单位}
  owner:  {kind: unit, title: 责任单位}
fields:
  what: {type: text, title: 何事, required: true}
stages:
  first:
    title: 一段
    within: 5 days
    actions:
      hand: {title: 送办, by: owner, to: second, approved_by: [owner.head]}
      skip: {title: 直送, by: issuer, to: second}
  second:
    title: 二段
    within: 5 days
    actions:
      hand: {title: 送结, by: owner, to: done, approved_by: [issuer]}
      back: {title: 退回, by: issuer, to: first}
  done: {title: 已办结, end: done}
)";

struct SharedActions : Test {
  SharedActions() {
    v1::OpenCaseRequest request;
    request.set_procedure("shared");
    v1::PartyBinding& binding = *request.add_parties();
    binding.set_party("owner");
    binding.add_ids("units/shuiwu");
    *request.add_fields() = desk.Field("shared", "what", "东湖排口溢流");
    EXPECT_FALSE(desk.Open("甲", "persons/duchayi-kezhang", request).refused);
  }

  Happened Do(const char* person, const char* action) { return desk.Act("甲", person, action, {}, "理由"); }
  bool Happens(const Happened& happened, const std::string& line) {
    return std::find(happened.events.begin(), happened.events.end(), line) != happened.events.end();
  }

  Desk desk{{{"shared.yaml", kShared}}};
  const char* const clerk = "persons/shuiwu-jingban";
  const char* const head = "persons/shuiwu-juzhang";
  const char* const issuer = "persons/duchayi-kezhang";
};

TEST_F(SharedActions, ApprovalTakesTheEffectOfTheStageInWhichItWasAsked) {
  ASSERT_FALSE(Do(clerk, "hand").refused);
  EXPECT_TRUE(Happens(Do(head, "approve_hand"), "甲: StageEntered second"));
  ASSERT_FALSE(Do(clerk, "hand").refused);
  EXPECT_EQ(Do(head, "approve_hand").reason, "NOT_YOUR_PART") << "in the second stage the issuer approves";
  EXPECT_TRUE(Happens(Do(issuer, "approve_hand"), "甲: StageEntered done"));
}

TEST_F(SharedActions, WhatTheCaseHasLeftBehindCanOnlyBeRefused) {
  ASSERT_FALSE(Do(clerk, "hand").refused);
  desk.At("2026-09-01 10:00");
  ASSERT_FALSE(Do(issuer, "skip").refused);
  EXPECT_EQ(Do(issuer, "approve_hand").reason, "NOT_YOUR_PART") << "of the first stage the unit's head decides";
  EXPECT_EQ(Do(head, "approve_hand").reason, "WRONG_STAGE") << "nobody asked for the second stage's";
  EXPECT_EQ(Do(clerk, "hand").reason, "REQUEST_PENDING");
  EXPECT_TRUE(Happens(Do(head, "refuse_hand"), "甲: ApprovalDecided hand no"));
  ASSERT_FALSE(Do(clerk, "hand").refused);
  EXPECT_TRUE(Happens(Do(issuer, "approve_hand"), "甲: StageEntered done"));
}

}  // namespace
}  // namespace duban::engine
