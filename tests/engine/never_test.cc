// Never somebody of the unit of another party: with people who hold posts in several units.
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
fields: {matter: {title: {zh: 事项}, type: text, required: true}}
stages:
  open:
    title: {zh: 核查}
    no_deadline: 无
    actions: {pass: {title: {zh: 通过}, by: reviewer, to: done}}
  done: {title: {zh: 已办结}, end: done}
)yaml";

class SeveralPosts : public testing::Test {
 protected:
  SeveralPosts() : desk(std::vector<SourceFile>{{"check.yaml", kCheck}}) {
    EXPECT_THAT(desk.errors(), testing::IsEmpty());
  }
  Happened Open(const std::string& reviewer) {
    v1::OpenCaseRequest request;
    request.set_procedure("check");
    *request.add_fields() = desk.Field("check", "matter", "事项");
    for (const auto& [party, id] : {std::pair<std::string, std::string>("owner", kHolder), {"reviewer", reviewer}}) {
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party);
      binding.add_ids(id);
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

}  // namespace
}  // namespace duban::engine
