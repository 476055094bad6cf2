// How secret a case is: said when it begins, at least as its whole, marked again later, never a state secret.
#include "engine/cases/secrecy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/built_in.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using testing::IsEmpty;

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kHousing[] = "persons/zhujian-jingban";

constexpr char kTask[] = R"yaml(
procedure: task
title: {zh: 任务, en: Task}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  owner:  {kind: unit, title: {zh: 承办单位}}
fields: {what: {title: {zh: 任务}, type: text, required: true}}
stages:
  working:
    title: {zh: 办理中}
    no_deadline: 示例
    actions:
      finish: {title: {zh: 办结}, by: owner, to: done}
      follow: {title: {zh: 转办}, by: issuer, opens: {procedure: inquiry, bind: {issuer: issuer, owner: owner}}}
      repeat: {title: {zh: 续办}, by: issuer, opens: {procedure: task, bind: {issuer: issuer, owner: owner}, set: {what: what}}}
  done: {title: {zh: 已办结}, end: done}
)yaml";

constexpr char kInquiry[] = R"yaml(
procedure: inquiry
title: {zh: 核查, en: Inquiry}
may_open: [issuer]
secrecy: work_secret
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  owner:  {kind: unit, title: {zh: 承办单位}}
stages:
  working:
    title: {zh: 核查中}
    no_deadline: 示例
    actions: {finish: {title: {zh: 办结}, by: owner, to: done}}
  done: {title: {zh: 已办结}, end: done}
)yaml";

class SecrecyTest : public testing::Test {
 protected:
  SecrecyTest() : desk({{"task.yaml", kTask}, {"inquiry.yaml", kInquiry}}) { EXPECT_THAT(desk.errors(), IsEmpty()); }

  Happened Open(const std::string& nickname, const std::string& procedure, v1::Secrecy secrecy,
                const std::string& whole = "") {
    v1::OpenCaseRequest request;
    request.set_procedure(procedure);
    auto& owner = *request.add_parties();
    owner.set_party("owner");
    owner.add_ids("units/zhujian");
    if (procedure == "task") *request.add_fields() = desk.Field("task", "what", "清运积存垃圾");
    request.set_secrecy(secrecy);
    if (!whole.empty()) request.set_part_of(desk.State(whole).name());
    return desk.Open(nickname, kIssuer, request);
  }
  Happened Mark(const std::string& person, v1::Secrecy secrecy, const std::string& reason = "涉及工作秘密",
                const std::string& nickname = "a") {
    v1::ActOnCaseRequest request;
    request.set_action(kMarkSecrecy);
    request.set_secrecy(secrecy);
    request.set_reason(reason);
    return desk.Act(nickname, person, request);
  }
  Happened Link(const std::string& part, const std::string& whole) {
    v1::ActOnCaseRequest request;
    request.set_action(kLink);
    request.set_target(desk.State(whole).name());
    return desk.Act(part, kIssuer, request);
  }

  Desk desk;
};

TEST_F(SecrecyTest, IsInternalWhereNobodySaysAndAsTheProcedureOrTheOpenerSays) {
  ASSERT_FALSE(Open("a", "task", v1::SECRECY_UNSPECIFIED).refused);
  EXPECT_EQ(desk.State("a").secrecy(), v1::SECRECY_INTERNAL);
  ASSERT_FALSE(Open("b", "inquiry", v1::SECRECY_UNSPECIFIED).refused);
  EXPECT_EQ(desk.State("b").secrecy(), v1::SECRECY_WORK_SECRET);
  ASSERT_FALSE(Open("c", "inquiry", v1::SECRECY_PUBLIC).refused);
  EXPECT_EQ(desk.State("c").secrecy(), v1::SECRECY_PUBLIC);
}

TEST_F(SecrecyTest, StateSecretsAreRefusedHoweverTheyAreSaid) {
  for (const v1::Secrecy above : {v1::SECRECY_SECRET, v1::SECRECY_CONFIDENTIAL, v1::SECRECY_TOP_SECRET,
                                  static_cast<v1::Secrecy>(7), static_cast<v1::Secrecy>(-1)}) {
    EXPECT_EQ(Open("x", "task", above).reason, "STATE_SECRET") << above;
  }
  ASSERT_FALSE(Open("a", "task", v1::SECRECY_UNSPECIFIED).refused);
  EXPECT_EQ(Mark(kIssuer, v1::SECRECY_CONFIDENTIAL).reason, "STATE_SECRET");
  EXPECT_EQ(desk.State("a").secrecy(), v1::SECRECY_INTERNAL);
}

TEST_F(SecrecyTest, APartIsAtLeastAsSecretAsItsWhole) {
  ASSERT_FALSE(Open("whole", "task", v1::SECRECY_WORK_SECRET).refused);
  ASSERT_FALSE(Open("part", "task", v1::SECRECY_PUBLIC, "whole").refused);
  EXPECT_EQ(desk.State("part").secrecy(), v1::SECRECY_WORK_SECRET);
}

TEST_F(SecrecyTest, AWholeThatIsRaisedRaisesWhatIsBelowItInTheSameCommit) {
  // Given a whole, a part, a part of that, and a part that is a work secret already.
  ASSERT_FALSE(Open("whole", "task", v1::SECRECY_PUBLIC).refused);
  ASSERT_FALSE(Open("part", "task", v1::SECRECY_PUBLIC, "whole").refused);
  ASSERT_FALSE(Open("below", "task", v1::SECRECY_INTERNAL, "part").refused);
  ASSERT_FALSE(Open("secret", "task", v1::SECRECY_WORK_SECRET, "whole").refused);
  ASSERT_FALSE(desk.Act("part", kHousing, "finish").refused) << "an ended part is raised too";
  std::vector<v1::ActionTaken> taken;
  desk.on_events = [&](const CaseState*, const CaseEvents& events) {
    for (const v1::Event& event : events.events) taken.push_back(event.action_taken());
  };
  // When the whole is marked a work secret.
  ASSERT_FALSE(Mark(kIssuer, v1::SECRECY_WORK_SECRET, "案情敏感", "whole").refused);
  // Then so are all that were less, each in its own history, which does not say why the whole is.
  for (const char* name : {"whole", "part", "below", "secret"}) {
    EXPECT_EQ(desk.State(name).secrecy(), v1::SECRECY_WORK_SECRET) << name;
  }
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_EQ(taken[0].reason(), "案情敏感");
  for (const size_t i : {1, 2}) {
    EXPECT_EQ(taken[i].reason(), "随上级事项调整密级");
    EXPECT_EQ(taken[i].through(), desk.State("whole").name());
    EXPECT_EQ(taken[i].person(), kIssuer);
  }
  // And when the whole is marked down, the parts stay.
  ASSERT_FALSE(Mark(kIssuer, v1::SECRECY_PUBLIC, "已公开", "whole").refused);
  EXPECT_EQ(desk.State("part").secrecy(), v1::SECRECY_WORK_SECRET);
  EXPECT_EQ(taken.size(), 4u);
}

TEST_F(SecrecyTest, APartIsNotMarkedBelowItsWhole) {
  ASSERT_FALSE(Open("whole", "task", v1::SECRECY_INTERNAL).refused);
  ASSERT_FALSE(Open("a", "task", v1::SECRECY_WORK_SECRET, "whole").refused);
  EXPECT_EQ(Mark(kIssuer, v1::SECRECY_PUBLIC).reason, "SECRECY_BELOW_WHOLE");
  EXPECT_FALSE(Mark(kIssuer, v1::SECRECY_INTERNAL).refused) << "as secret as its whole it may be";
}

TEST_F(SecrecyTest, WhatBecomesAPartIsRaisedWithAllBelowIt) {
  ASSERT_FALSE(Open("whole", "task", v1::SECRECY_WORK_SECRET).refused);
  ASSERT_FALSE(Open("a", "task", v1::SECRECY_PUBLIC).refused);
  ASSERT_FALSE(Open("below", "task", v1::SECRECY_PUBLIC, "a").refused);
  ASSERT_FALSE(Link("a", "whole").refused);
  EXPECT_EQ(desk.State("a").secrecy(), v1::SECRECY_WORK_SECRET);
  EXPECT_EQ(desk.State("below").secrecy(), v1::SECRECY_WORK_SECRET);
}

TEST_F(SecrecyTest, NoMorePartsAreRaisedAtOnceThanACommitTakes) {
  ASSERT_FALSE(Open("a", "task", v1::SECRECY_PUBLIC).refused);
  ASSERT_FALSE(Open("group", "task", v1::SECRECY_PUBLIC, "a").refused);
  for (size_t i = 0; i < limits::kOpenedAtOnceMax; ++i) {
    ASSERT_FALSE(Open(absl::StrCat("part", i), "task", v1::SECRECY_PUBLIC, "group").refused);
  }
  // 301: refused, and nothing has changed. Level by level it goes.
  EXPECT_EQ(Mark(kIssuer, v1::SECRECY_WORK_SECRET).reason, "SECRECY_TOO_MANY_PARTS");
  EXPECT_EQ(desk.State("a").secrecy(), v1::SECRECY_PUBLIC);
  EXPECT_EQ(desk.State("part0").secrecy(), v1::SECRECY_PUBLIC);
  ASSERT_FALSE(Mark(kIssuer, v1::SECRECY_WORK_SECRET, "涉及工作秘密", "group").refused);
  ASSERT_FALSE(Mark(kIssuer, v1::SECRECY_WORK_SECRET).refused);
  EXPECT_EQ(desk.State("part299").secrecy(), v1::SECRECY_WORK_SECRET);
}

TEST_F(SecrecyTest, WhatACaseOpensIsAtLeastAsSecret) {
  ASSERT_FALSE(Open("a", "task", v1::SECRECY_PUBLIC).refused);
  // The inquiry is a work secret by its procedure, whatever it comes from.
  const Happened followed = desk.Act("a", kIssuer, "follow");
  ASSERT_FALSE(followed.refused) << followed.reason;
  desk.Name("inquiry");
  EXPECT_EQ(desk.State("inquiry").secrecy(), v1::SECRECY_WORK_SECRET);
  // Of itself a task is internal; from a work secret comes a work secret.
  ASSERT_FALSE(Open("b", "task", v1::SECRECY_WORK_SECRET).refused);
  ASSERT_FALSE(desk.Act("b", kIssuer, "repeat").refused);
  desk.Name("repeated");
  EXPECT_EQ(desk.State("repeated").secrecy(), v1::SECRECY_WORK_SECRET);
}

TEST_F(SecrecyTest, WhoMayOpenMarksItAgainWithAReasonAlsoAfterItsEnd) {
  ASSERT_FALSE(Open("a", "task", v1::SECRECY_UNSPECIFIED).refused);
  EXPECT_EQ(Mark(kHousing, v1::SECRECY_WORK_SECRET).reason, "NOT_YOUR_PART");
  EXPECT_EQ(Mark(kIssuer, v1::SECRECY_UNSPECIFIED).reason, "MISSING_SECRECY");
  EXPECT_EQ(Mark(kIssuer, v1::SECRECY_WORK_SECRET, "").reason, "MISSING_NEED");
  EXPECT_EQ(Mark(kIssuer, v1::SECRECY_INTERNAL).reason, "SAME_SECRECY");
  ASSERT_FALSE(Mark(kIssuer, v1::SECRECY_WORK_SECRET).refused);
  EXPECT_EQ(desk.State("a").secrecy(), v1::SECRECY_WORK_SECRET);
  ASSERT_FALSE(desk.Act("a", kHousing, "finish").refused);
  ASSERT_FALSE(Mark(kIssuer, v1::SECRECY_PUBLIC, "已公开").refused);
  EXPECT_EQ(desk.State("a").secrecy(), v1::SECRECY_PUBLIC);
}

TEST_F(SecrecyTest, HistorySaysWhoMarkedItWhyAndAsWhat) {
  ASSERT_FALSE(Open("a", "task", v1::SECRECY_UNSPECIFIED).refused);
  v1::ActionTaken taken;
  desk.on_events = [&](const CaseState*, const CaseEvents& events) { taken = events.events.front().action_taken(); };
  v1::ActOnCaseRequest mark;
  mark.set_action(kMarkSecrecy);
  mark.set_secrecy(v1::SECRECY_WORK_SECRET);
  mark.set_reason("涉及工作秘密");
  mark.set_note("见保密审查表");
  ASSERT_FALSE(desk.Act("a", kIssuer, mark).refused);
  EXPECT_EQ(taken.action(), "mark_secrecy");
  EXPECT_EQ(taken.secrecy(), v1::SECRECY_WORK_SECRET);
  EXPECT_EQ(taken.person(), kIssuer);
  EXPECT_EQ(taken.post(), "posts/duchayi-kezhang");
  EXPECT_EQ(taken.party(), "issuer");
  EXPECT_EQ(taken.reason(), "涉及工作秘密");
  EXPECT_EQ(taken.note(), "见保密审查表");
  EXPECT_EQ(FromProto(taken.at()), desk.Parse("2026-09-01 09:00"));
}

TEST(SecrecyTitleTest, SaysTheGradeAsPeopleWriteIt) {
  EXPECT_EQ(SecrecyTitle(v1::SECRECY_PUBLIC).zh(), "公开");
  EXPECT_EQ(SecrecyTitle(v1::SECRECY_INTERNAL).zh(), "内部");
  EXPECT_EQ(SecrecyTitle(v1::SECRECY_UNSPECIFIED).zh(), "内部");
  EXPECT_EQ(SecrecyTitle(v1::SECRECY_WORK_SECRET).zh(), "工作秘密");
  EXPECT_EQ(SecrecyTitle(v1::SECRECY_WORK_SECRET).en(), "work secret");
}

TEST(StateSecretMarkTest, IsTheGradeBeforeTheStarAsPapersBearIt) {
  EXPECT_EQ(StateSecretMark("机密★10年"), "机密★");
  EXPECT_EQ(StateSecretMark("附件（秘密 ★ 长期）"), "秘密★");
  EXPECT_EQ(StateSecretMark("★五星 绝密　★"), "绝密★");
  EXPECT_EQ(StateSecretMark("工作秘密★1年"), std::nullopt);
  EXPECT_EQ(StateSecretMark("工作秘密★，另见机密★"), "机密★");
  EXPECT_EQ(StateSecretMark("保守秘密；★级支部"), std::nullopt);
  EXPECT_EQ(StateSecretMark(""), std::nullopt);
}

}  // namespace
}  // namespace duban::engine
