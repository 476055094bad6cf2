// Never somebody of the unit of another party: with people who hold posts in several units; never a relative of one.
// And nobody keeps himself away, by what he does, from what he alone may do after it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/cases/roles.h"
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

// One of a unit's people is one of them: he was bound against the unit, and could never act.
TEST(BoundApart, NobodyOfAUnitIsBoundWhereHeMayNotBeOneOfThem) {
  std::string text = kCheck;
  text.replace(text.find("owner:    {kind: person"), 23, "owner:    {kind: unit");
  text.replace(text.find("unit_of: [owner]"), 16, "person_of: [owner]");
  Desk desk(std::vector<SourceFile>{{"check.yaml", text}});
  ASSERT_THAT(desk.errors(), testing::IsEmpty());
  const auto open = [&](const std::string& reviewer) {
    v1::OpenCaseRequest request;
    request.set_procedure("check");
    *request.add_fields() = desk.Field("check", "matter", "事项");
    for (const auto& [party, id] :
         {std::pair<std::string, std::string>("owner", "units/zhujian"), {"reviewer", reviewer}}) {
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party);
      binding.add_ids(id);
    }
    return desk.Open("case", kIssuer, request).reason;
  };
  EXPECT_EQ(open("posts/zhujian-jingban"), "PARTY_NOT_ALLOWED");
  desk.PutPost("posts/zhujian-kong", "units/zhujian", "");
  EXPECT_EQ(open("posts/zhujian-kong"), "PARTY_NOT_ALLOWED") << "whoever is appointed to it will be one of them";
  desk.PutPost("posts/jianzhi", "units/shuiwu", "persons/zhujian-jingban");
  EXPECT_EQ(open("posts/jianzhi"), "PARTY_NOT_ALLOWED") << "its one holder is";
  EXPECT_EQ(open("posts/ducha-yanshou"), "");
}

// The chief is bound by name and may not have had a hand in the submission; what is closed early the head approves.
constexpr char kSigned[] = R"yaml(
procedure: signed
title: {zh: 签发}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  owner:  {kind: unit, title: {zh: 责任单位}}
  chief:  {kind: person, title: {zh: 签发人}, never: {acted_in: [submit, propose]}}
fields: {matter: {title: {zh: 事项}, type: text, required: true}}
stages:
  open:
    title: {zh: 起草}
    no_deadline: 无
    actions:
      submit:  {title: {zh: 送签}, by: owner, to: signing}
      propose: {title: {zh: 提请送签}, by: issuer, approved_by: owner.head, to: signing}
      close:   {title: {zh: 提前结束}, by: owner, approved_by: owner.head, to: done}
  signing:
    title: {zh: 签发}
    no_deadline: 无
    actions: {sign: {title: {zh: 签发}, by: chief, to: done}}
  done: {title: {zh: 已办结}, end: done}
)yaml";

constexpr char kHead[] = "persons/zhujian-juzhang";
constexpr char kClerk[] = "persons/zhujian-jingban";

class LastOnes : public testing::Test {
 protected:
  LastOnes() : desk(std::vector<SourceFile>{{"signed.yaml", kSigned}}) {
    EXPECT_THAT(desk.errors(), testing::IsEmpty());
  }
  void Open(const std::string& chief) {
    v1::OpenCaseRequest request;
    request.set_procedure("signed");
    *request.add_fields() = desk.Field("signed", "matter", "事项");
    for (const auto& [party, id] : {std::pair<std::string, std::string>("owner", "units/zhujian"), {"chief", chief}}) {
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party);
      binding.add_ids(id);
    }
    ASSERT_FALSE(desk.Open("case", kIssuer, request).refused);
  }

  Desk desk;
};

TEST_F(LastOnes, WhoeverAloneMaySignDoesNotSubmitWhatHeIsToSign) {
  Open(kClerk);
  EXPECT_EQ(desk.Act("case", kClerk, "submit").reason, "LEAVES_NOBODY") << "it used to be taken, and nobody could sign";
  ASSERT_FALSE(desk.Act("case", kHead, "submit").refused);
  EXPECT_FALSE(desk.Act("case", kClerk, "sign").refused);
}

TEST_F(LastOnes, AreToldWhatItIsCalled) {
  Open(kClerk);
  const Verdict told = CheckSomebodyLeft(*desk.procedures().Newest("signed"), desk.State("case"), "submit", {kClerk});
  ASSERT_FALSE(told.ok());
  EXPECT_THAT(told.rejection().message.zh(), testing::HasSubstr("办理或批准“送签”之后"));
}

TEST_F(LastOnes, NorApprovesItThoughHeMayRefuse) {
  Open(kHead);
  ASSERT_FALSE(desk.Act("case", kIssuer, "propose").refused);
  EXPECT_EQ(desk.Act("case", kHead, "approve_propose").reason, "LEAVES_NOBODY");
  EXPECT_FALSE(desk.Act("case", kHead, "refuse_propose", {}, "应由经办岗送签").refused);
}

TEST_F(LastOnes, WhoeverAloneCouldApproveDoesNotAsk) {
  Open("persons/duchayi-kezhang");
  EXPECT_EQ(desk.Act("case", kHead, "close").reason, "SOLE_DECIDER") << "it used to wait for ever";
  ASSERT_FALSE(desk.Act("case", kClerk, "close").refused);
  EXPECT_FALSE(desk.Act("case", kHead, "approve_close").refused);
}

TEST_F(LastOnes, AVacantPostWaitsForWhoeverIsAppointed) {
  Open("persons/duchayi-kezhang");
  desk.PutPost("posts/zhujian-juzhang", "units/zhujian", "");
  EXPECT_FALSE(desk.Act("case", kClerk, "close").refused);
}

}  // namespace
}  // namespace duban::engine
