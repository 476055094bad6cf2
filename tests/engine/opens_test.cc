// What a case that another one opens takes along from it, and what it does not.
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kVisit[] = R"yaml(
procedure: visit
title: {zh: 抽查, en: Visit}
may_open: [issuer]
parties:
  issuer:  {kind: unit, title: {zh: 组织单位}}
  visited: {kind: unit, title: {zh: 被查单位}, drawn: true}
  expert:  {kind: post, title: {zh: 专家}, optional: true}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
  remark: {title: {zh: 提示}, type: text}
stages:
  visiting:
    title: {zh: 检查中}
    within: 10 days
    actions:
      mend:   {title: {zh: 转整改}, by: issuer, opens: {procedure: mending, bind: {issuer: issuer, owner: visited, expert: expert}, set: {matter: matter, remark: remark}}}
      divide: {title: {zh: 分解}, by: issuer, opens: {procedure: mending, bind: {issuer: issuer, owner: visited}, set: {matter: matter}, as: part}}
      report: {title: {zh: 报告}, by: issuer, to: reported}
  reported: {title: {zh: 已报告}, end: done}
)yaml";

constexpr char kMending[] = R"yaml(
procedure: mending
title: {zh: 整改, en: Mending}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  owner:  {kind: unit, title: {zh: 责任单位}}
  expert: {kind: post, title: {zh: 专家}, optional: true}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
  remark: {title: {zh: 提示}, type: text}
stages:
  working:
    title: {zh: 整改中}
    within: 10 days
    actions:
      done: {title: {zh: 办结}, by: owner, to: closed}
  closed: {title: {zh: 已办结}, end: done}
)yaml";

constexpr char kIssuer[] = "persons/duchayi-kezhang";

class OpensTest : public testing::Test {
 protected:
  OpensTest() : desk({{"visit.yaml", kVisit}, {"mending.yaml", kMending}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
    desk.draws["draws/units"] = {true, {"units/shuiwu"}, ""};
    v1::OpenCaseRequest request;
    request.set_procedure("visit");
    v1::PartyBinding& visited = *request.add_parties();
    visited.set_party("visited");
    visited.set_draw("draws/units");
    v1::PartyBinding& expert = *request.add_parties();
    expert.set_party("expert");
    expert.add_ids("posts/luru");
    *request.add_fields() = desk.Field("visit", "matter", "燃气安全");
    *request.add_fields() = desk.Field("visit", "remark", "三楼");
    EXPECT_FALSE(desk.Open("visit", kIssuer, request).refused);
    visit = request;
  }
  void ReviseMending(const std::vector<std::pair<std::string, std::string>>& changes) {
    desk.Revise({"mending.yaml", absl::StrReplaceAll(kMending, changes)});
    EXPECT_THAT(desk.errors(), IsEmpty());
  }
  std::vector<std::string> PartiesOf(const std::string& nickname) {
    std::vector<std::string> out;
    for (const v1::BoundParty& bound : desk.State(nickname).parties()) {
      out.push_back(absl::StrCat(bound.party(), " ", bound.bound(0).id(), bound.draw().empty() ? "" : " drawn"));
    }
    return out;
  }

  Desk desk;
  v1::OpenCaseRequest visit;  // The request by which it was opened.
};

TEST_F(OpensTest, PartiesAndFieldsGoAlongTheDrawStaysWhereItWasDrawn) {
  ASSERT_FALSE(desk.Act("visit", kIssuer, "mend").refused);
  desk.Name("mending");
  // Who mends answers as who it is, not as who was drawn: he may be transferred and named anew.
  EXPECT_THAT(PartiesOf("mending"),
              UnorderedElementsAre("issuer units/duchashi", "owner units/shuiwu", "expert posts/luru"));
  EXPECT_EQ(FindFieldState(desk.State("mending"), "matter")->values(0).text(), "燃气安全");
  EXPECT_EQ(FindFieldState(desk.State("mending"), "remark")->values(0).text(), "三楼");
  EXPECT_EQ(desk.State("mending").parent(), desk.State("visit").name());
}

TEST_F(OpensTest, ThatItWasAssignedFromAboveGoesAlong) {
  ASSERT_FALSE(desk.Act("visit", kIssuer, "mend").refused);
  desk.Name("mending");
  EXPECT_FALSE(desk.State("mending").assigned_by_superior()) << "the supervision office is above nobody";
  // What the city itself visits, it has mended as from above.
  desk.PutPost("posts/shizhang", "units/shi", "persons/shizhang");
  v1::PartyBinding& issuer = *visit.add_parties();
  issuer.set_party("issuer");
  issuer.add_ids("units/shi");
  ASSERT_FALSE(desk.Open("city", "persons/shizhang", visit).refused);
  ASSERT_TRUE(desk.State("city").assigned_by_superior());
  ASSERT_FALSE(desk.Act("city", "persons/shizhang", "mend").refused);
  desk.Name("from above");
  EXPECT_TRUE(desk.State("from above").assigned_by_superior());
}

// The set in which the two were checked together may be older than what is opened now.
TEST_F(OpensTest, WhatANewerVersionDoesNotKnowIsLeftBehind) {
  ReviseMending({{"  expert: {kind: post, title: {zh: 专家}, optional: true}\n", ""},
                 {"  remark: {title: {zh: 提示}, type: text}\n", ""}});
  ASSERT_FALSE(desk.Act("visit", kIssuer, "mend").refused);
  desk.Name("mending");
  EXPECT_EQ(desk.State("mending").procedure_version(), 2u);
  EXPECT_THAT(PartiesOf("mending"), UnorderedElementsAre("issuer units/duchashi", "owner units/shuiwu"));
  EXPECT_EQ(FindFieldState(desk.State("mending"), "remark"), nullptr);
}

TEST_F(OpensTest, APartMustBeFitToBeOneWhoeverOpensIt) {
  EXPECT_THAT(desk.Act("visit", kIssuer, "divide").events, Contains("?: CaseOpened mending "));
  // A newer version hides a stage: its sums would give it away. As a case of its own it may be opened.
  ReviseMending({{"    within: 10 days\n", "    within: 10 days\n    sees: [issuer]\n"},
                 {"by: owner, to: closed", "by: issuer, to: closed"}});
  EXPECT_EQ(desk.Act("visit", kIssuer, "divide").reason, "PART_HIDDEN");
  EXPECT_FALSE(desk.Act("visit", kIssuer, "mend").refused);
}

}  // namespace
}  // namespace duban::engine
