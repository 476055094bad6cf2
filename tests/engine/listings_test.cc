// Registers that stages keep: naming, renewing, striking off, whichever case made the entry.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kNaming[] = R"yaml(
procedure: naming
title: {zh: 命名, en: Naming}
may_open: [issuer]
parties:
  issuer:   {kind: unit, title: {zh: 评定单位}}
  branches: {kind: unit, title: {zh: 申报单位}, many: true}
fields:
  topic: {title: {zh: 申报事项}, type: text, required: true}
stages:
  review:
    title: {zh: 评定}
    within: 10 working days
    actions:
      name:   {title: {zh: 命名}, by: issuer, to: named, when: [{not: {in_register: {stars: branches}}}]}
      reject: {title: {zh: 不予命名}, by: issuer, to: rejected}
  named:    {title: {zh: 已命名, en: Named}, end: done, enters: {register: stars, party: branches, keeps: 1 year}}
  rejected: {title: {zh: 未命名}, end: done}
registers:
  stars: {title: {zh: 星级支部}, kind: unit}
)yaml";

constexpr char kRecheck[] = R"yaml(
procedure: recheck
title: {zh: 复核, en: Recheck}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 评定单位}}
  branch: {kind: unit, title: {zh: 被复核单位}}
fields:
  topic: {title: {zh: 复核事项}, type: text, required: true}
stages:
  check:
    title: {zh: 复核}
    within: 10 working days
    actions:
      keep:   {title: {zh: 复核通过}, by: issuer, to: kept}
      strike: {title: {zh: 摘牌}, by: issuer, to: struck}
  kept:   {title: {zh: 保留, en: Kept}, end: done, leaves: {register: stars, party: branch}, enters: {register: stars, party: branch, keeps: 2 years}}
  struck: {title: {zh: 已摘牌}, end: done, leaves: {register: stars, party: branch}}
registers:
  stars: {title: {zh: 星级支部}, kind: unit}
)yaml";

constexpr char kIssuer[] = "persons/duchayi-kezhang";

class ListingsTest : public testing::Test {
 protected:
  ListingsTest() : desk(std::vector<SourceFile>{{"naming.yaml", kNaming}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
    desk.Revise({"recheck.yaml", kRecheck});
    EXPECT_THAT(desk.errors(), IsEmpty());
  }
  void Open(const std::string& nickname, const std::string& procedure, const std::string& party,
            const std::vector<std::string>& units) {
    v1::OpenCaseRequest request;
    request.set_procedure(procedure);
    v1::PartyBinding& bound = *request.add_parties();
    bound.set_party(party);
    for (const std::string& unit : units) bound.add_ids(unit);
    *request.add_fields() = desk.Field(procedure, "topic", "星级支部");
    ASSERT_FALSE(desk.Open(nickname, kIssuer, request).refused);
  }
  void GivenANamedBranch() {
    Open("naming", "naming", "branches", {"units/zhujian"});
    ASSERT_FALSE(desk.Act("naming", kIssuer, "name").refused);
  }
  Desk desk;
};

TEST_F(ListingsTest, AStageEntersThePartyForAsLongAsItSays) {
  Open("naming", "naming", "branches", {"units/zhujian", "units/shuiwu"});
  EXPECT_THAT(
      desk.Act("naming", kIssuer, "name").events,
      ElementsAre("naming: ActionTaken name", "naming: StageEntered named", "naming: ClockStopped within_review",
                  "naming: CaseEnded DONE", "naming: RegisterEntered stars units/zhujian until 2027-09-01 23:59",
                  "naming: RegisterEntered stars units/shuiwu until 2027-09-01 23:59"));
  // Whoever stands there is not named again.
  Open("again", "naming", "branches", {"units/zhujian"});
  EXPECT_EQ(desk.Act("again", kIssuer, "name").reason, "GUARD_FAILED");
}

TEST_F(ListingsTest, WhoIsStruckOffLeavesWhicheverCaseHadEnteredHim) {
  GivenANamedBranch();
  Open("check", "recheck", "branch", {"units/zhujian"});
  EXPECT_THAT(desk.Act("check", kIssuer, "strike").events,
              ElementsAre("check: ActionTaken strike", "check: StageEntered struck", "check: ClockStopped within_check",
                          "check: CaseEnded DONE", "naming: RegisterLeft stars:named:units/zhujian"));
  EXPECT_THAT(desk.State("naming").entries(), IsEmpty());
  // Striking off again changes nothing, and the branch may be named anew.
  Open("twice", "recheck", "branch", {"units/zhujian"});
  EXPECT_EQ(desk.Act("twice", kIssuer, "strike").events.size(), 4u);
  Open("again", "naming", "branches", {"units/zhujian"});
  EXPECT_FALSE(desk.Act("again", kIssuer, "name").refused);
}

TEST_F(ListingsTest, RenewingEndsTheOldEntryAndBeginsANewOne) {
  GivenANamedBranch();
  desk.At("2026-12-01 09:00");
  Open("check", "recheck", "branch", {"units/zhujian"});
  EXPECT_THAT(desk.Act("check", kIssuer, "keep").events,
              ElementsAre("check: ActionTaken keep", "check: StageEntered kept", "check: ClockStopped within_check",
                          "check: CaseEnded DONE", "check: RegisterEntered stars units/zhujian until 2028-12-01 23:59",
                          "naming: RegisterLeft stars:named:units/zhujian"));
  EXPECT_THAT(desk.At("2028-12-03 09:00"),
              ElementsAre("2028-12-02 00:00 check: RegisterLeft stars:kept:units/zhujian"));
}

TEST_F(ListingsTest, OthersWhoWereEnteredBesideHimStay) {
  Open("naming", "naming", "branches", {"units/zhujian", "units/shuiwu"});
  ASSERT_FALSE(desk.Act("naming", kIssuer, "name").refused);
  Open("check", "recheck", "branch", {"units/zhujian"});
  ASSERT_FALSE(desk.Act("check", kIssuer, "strike").refused);
  ASSERT_EQ(desk.State("naming").entries_size(), 1);
  EXPECT_EQ(desk.State("naming").entries(0).subject(), "units/shuiwu");
}

TEST_F(ListingsTest, WhatIsEnteredLateEndsOnlyWhatHadBegun) {
  desk.At("2026-09-10 09:00");
  Open("check", "recheck", "branch", {"units/zhujian"});
  desk.At("2026-09-15 09:00");
  GivenANamedBranch();
  // When it is typed on the 15th that the branch was struck off on the 14th, what began later stands.
  desk.occurred = "2026-09-14 09:00";
  desk.entered_for = kIssuer;
  ASSERT_FALSE(desk.Act("check", "persons/luru", "strike", {}, "补录").refused);
  EXPECT_EQ(desk.State("naming").entries_size(), 1);
}

constexpr char kLadder[] = R"yaml(
procedure: matter
title: {zh: 事项, en: Matter}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  owners: {kind: unit, title: {zh: 责任单位}, many: true}
fields:
  topic: {title: {zh: 事由}, type: text, required: true}
stages:
  open: {title: {zh: 办理}, no_deadline: 示例, actions: {finish: {title: {zh: 办结}, by: issuer, to: done}}}
  done: {title: {zh: 已办结}, end: done}
clocks:
  main:
    title: {zh: 时限}
    from: open
    until: [done]
    budget: 3 days
    charged_to: owners
    ladder:
      - {at: 1 day, suggest: list, title: {zh: 通报}, ask: [issuer], register: stars}
registers:
  stars: {title: {zh: 星级支部}, kind: unit}
)yaml";

TEST_F(ListingsTest, OfWhatARungEnteredTogetherOneLeavesAndTheOthersStay) {
  desk.Revise({"matter.yaml", kLadder});
  ASSERT_THAT(desk.errors(), IsEmpty());
  Open("matter", "matter", "owners", {"units/zhujian", "units/shuiwu"});
  desk.At("2026-09-06 09:00");
  ASSERT_FALSE(desk.Act("matter", kIssuer, "approve_list").refused);
  ASSERT_EQ(desk.State("matter").entries_size(), 2);
  Open("check", "recheck", "branch", {"units/zhujian"});
  const Happened struck = desk.Act("check", kIssuer, "strike");
  ASSERT_EQ(struck.events.size(), 6u);
  EXPECT_EQ(struck.events[4].substr(0, 20), "matter: RegisterLeft");
  EXPECT_EQ(struck.events[5], "matter: RegisterEntered stars units/shuiwu");
  ASSERT_EQ(desk.State("matter").entries_size(), 1);
  EXPECT_EQ(desk.State("matter").entries(0).subject(), "units/shuiwu");
}

}  // namespace
}  // namespace duban::engine
