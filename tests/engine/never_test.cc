// Never somebody of the unit of another party, with people who hold posts in several units; never a relative of one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kHolder[] = "persons/zhujian-jingban";  // Of the housing bureau, and here of the water bureau too.

constexpr char kCheck[] = R"yaml(
procedure: check
title: {zh: 核查}
may_open: [issuer]
parties:
  issuer:   {kind: unit, title: {zh: 交办单位}}
  owner:    {kind: person, title: {zh: 责任人}}
  reviewer: {kind: post, title: {zh: 核查人}, never: {unit_of: [owner]}}
  expert:   {kind: person, title: {zh: 专家}, optional: true, never: {related_to: [owner]}}
fields: {matter: {title: {zh: 事项}, type: text, required: true}}
stages:
  open:
    title: {zh: 核查}
    no_deadline: 无
    actions: {pass: {title: {zh: 通过}, by: [reviewer, expert], to: done}}
  done: {title: {zh: 已办结}, end: done}
)yaml";

class SeveralPosts : public testing::Test {
 protected:
  SeveralPosts() : desk(std::vector<SourceFile>{{"check.yaml", kCheck}}) {
    EXPECT_THAT(desk.errors(), testing::IsEmpty());
  }
  Happened Open(const std::string& reviewer, const std::string& expert = "") {
    v1::OpenCaseRequest request;
    request.set_procedure("check");
    *request.add_fields() = desk.Field("check", "matter", "事项");
    for (const auto& [party, id] : {std::pair<std::string, std::string>("owner", kHolder), {"reviewer", reviewer}}) {
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party);
      binding.add_ids(id);
    }
    if (!expert.empty()) {
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party("expert");
      binding.add_ids(expert);
    }
    return desk.Open("case", kIssuer, request);
  }
  void GiveSecondPost() {
    v1::Event event;
    v1::Post& post = *event.mutable_post_put()->mutable_post();
    post.set_name("posts/zz-jianzhi");
    post.set_title("水务局兼职岗");
    post.set_unit("units/shuiwu");
    post.add_holders(kHolder);
    desk.directory().Evolve(event);
  }

  Desk desk;
};

TEST_F(SeveralPosts, NobodyOfAnyUnitOfAPersonIsBoundAgainstHim) {
  GiveSecondPost();
  EXPECT_EQ(Open("posts/zhujian-juzhang").reason, "PARTY_NOT_ALLOWED");
  EXPECT_EQ(Open("posts/shuiwu-juzhang").reason, "PARTY_NOT_ALLOWED");
  EXPECT_FALSE(Open("posts/ducha-yanshou").refused);
}

TEST_F(SeveralPosts, AUnitThatAPersonJoinsLaterKeepsItsPeopleAwayFromThenOn) {
  ASSERT_FALSE(Open("posts/shuiwu-juzhang").refused);
  GiveSecondPost();
  EXPECT_EQ(desk.Act("case", "persons/shuiwu-juzhang", "pass").reason, "FORBIDDEN_SAME_UNIT");
}

TEST_F(SeveralPosts, ARelativeIsNotBoundAsAPersonWhoCouldNeverAct) {
  v1::Event event;
  v1::Relation& kin = *event.mutable_relation_put()->mutable_relation();
  kin.set_name("relations/a");
  kin.set_kind("kin");
  kin.set_from("persons/shuiwu-juzhang");
  kin.set_to(kHolder);
  desk.directory().Evolve(event);
  EXPECT_EQ(Open("posts/ducha-yanshou", "persons/shuiwu-juzhang").reason, "FORBIDDEN_RELATED");
  EXPECT_FALSE(Open("posts/ducha-yanshou", "persons/luru").refused);
  kin.set_ended(true);
  desk.directory().Evolve(event);
  EXPECT_FALSE(Open("posts/ducha-yanshou", "persons/shuiwu-juzhang").refused);
}

}  // namespace
}  // namespace duban::engine
