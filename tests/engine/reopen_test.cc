// A case that another one reopens: only one that has ended, in a stage that it has, and by its own version's rules.
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kMatter[] = R"yaml(
procedure: matter
title: {zh: 问题整改, en: Matter}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  owner:  {kind: unit, title: {zh: 责任单位}}
fields:
  what: {title: {zh: 问题}, type: text, required: true}
stages:
  working:
    title: {zh: 整改中}
    no_deadline: 试验
    actions:
      look:   {title: {zh: 安排回访}, by: issuer, opens: {procedure: look, bind: {issuer: issuer, visited: owner}, set: {what: what}}}
      object: {title: {zh: 提出异议}, by: owner, objection: raise}
      settle: {title: {zh: 处理异议}, by: issuer, objection: settle}
      finish: {title: {zh: 办结}, by: owner, to: closed}
  closed: {title: {zh: 已办结}, end: done}
)yaml";

constexpr char kLook[] = R"yaml(
procedure: look
title: {zh: 回头看, en: Look-back}
may_open: [issuer]
parties:
  issuer:  {kind: unit, title: {zh: 督查单位}}
  visited: {kind: unit, title: {zh: 被查单位}}
fields:
  what: {title: {zh: 原问题}, type: text, required: true}
stages:
  planned:
    title: {zh: 待回访}
    sees: [issuer]
    no_deadline: 试验
    actions:
      hold:    {title: {zh: 未反弹}, by: issuer, to: held}
      rebound: {title: {zh: 已反弹}, by: issuer, to: back}
  held: {title: {zh: 巩固}, end: done, sees: [issuer]}
  back: {title: {zh: 反弹}, end: done, reopens: {case: parent, to: working}}
)yaml";

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kOwner[] = "persons/zhujian-jingban";

class ReopenTest : public testing::Test {
 protected:
  ReopenTest() : desk({{"matter.yaml", kMatter}, {"look.yaml", kLook}}) { EXPECT_THAT(desk.errors(), IsEmpty()); }

  void Open(const std::string& nickname) {
    v1::OpenCaseRequest request;
    request.set_procedure("matter");
    v1::PartyBinding& owner = *request.add_parties();
    owner.set_party("owner");
    owner.add_ids("units/zhujian");
    *request.add_fields() = desk.Field("matter", "what", "裸土未覆盖");
    ASSERT_FALSE(desk.Open(nickname, kIssuer, request).refused);
  }
  void GivenALookBack(const std::string& nickname) {
    ASSERT_FALSE(desk.Act("matter", kIssuer, "look").refused);
    desk.Name(nickname);
  }
  std::string Rebound(const std::string& look) { return desk.Act(look, kIssuer, "rebound").reason; }

  Desk desk;
};

TEST_F(ReopenTest, WhatHasNotEndedIsNotReopened) {
  Open("matter");
  GivenALookBack("first");
  GivenALookBack("second");
  EXPECT_EQ(Rebound("first"), "PARENT_NOT_ENDED");
  EXPECT_EQ(desk.State("first").stage(), "planned") << "nothing has happened";
  // Two look-backs that both find it as it was: the first reopens it, and then it is open.
  ASSERT_FALSE(desk.Act("matter", kOwner, "finish").refused);
  EXPECT_EQ(Rebound("first"), "");
  EXPECT_EQ(desk.State("matter").round(), 2u);
  EXPECT_EQ(Rebound("second"), "PARENT_NOT_ENDED");
}

TEST_F(ReopenTest, WhatWasMergedIntoAnotherIsNotReopened) {
  Open("matter");
  GivenALookBack("look");
  Open("survivor");
  v1::ActOnCaseRequest merge;
  merge.set_action("merge");
  merge.set_target(desk.State("survivor").name());
  merge.set_reason("同一处裸土");
  ASSERT_FALSE(desk.Act("matter", kIssuer, merge).refused);
  EXPECT_EQ(Rebound("look"), "PARENT_MERGED");
  EXPECT_FALSE(desk.Act("look", kIssuer, "hold").refused) << "what can be said of it still can";
}

// The two procedures fit each other in their newest versions; the matter is of an older one.
TEST_F(ReopenTest, AStageThatItsOwnVersionLacksIsToldApart) {
  Open("matter");
  ASSERT_FALSE(desk.Act("matter", kOwner, "finish").refused);
  Open("open");
  const std::vector<std::pair<std::string, std::string>> renamed = {{"  working:", "  mending:"},
                                                                    {"to: working", "to: mending"}};
  desk.Revise({"matter.yaml", absl::StrReplaceAll(kMatter, renamed)});
  desk.Revise({"look.yaml", absl::StrReplaceAll(kLook, renamed)});
  ASSERT_FALSE(desk.Act("open", kIssuer, "look").refused);
  desk.Name("look");
  ASSERT_FALSE(desk.Act("open", kOwner, "finish").refused);
  EXPECT_EQ(Rebound("look"), "PARENT_WITHOUT_STAGE");
  EXPECT_EQ(desk.State("open").stage(), "closed");
}

TEST_F(ReopenTest, ANewRoundBeginsWithoutTheObjectionsOfTheOneBefore) {
  Open("matter");
  GivenALookBack("look");
  ASSERT_FALSE(desk.Act("matter", kOwner, "object").refused);
  ASSERT_FALSE(desk.Act("matter", kOwner, "finish").refused);
  EXPECT_EQ(desk.State("matter").objections(), 0);
  ASSERT_EQ(Rebound("look"), "");
  EXPECT_EQ(desk.State("matter").stage(), "working");
  EXPECT_EQ(desk.State("matter").objections(), 0);
}

// Found by a walk: where the round had begun was in doubt, so a deadline stated in its third stage never began to run,
// and the case waited with none.
TEST(ReopenedDeadline, StatedFurtherOnInALaterRoundRunsWhereverItMayHaveBegun) {
  const std::string matter = absl::StrReplaceAll(
      kMatter, {{"    no_deadline: 试验\n", ""},
                {"fields:\n", "fields:\n  due: {title: {zh: 时限}, type: date}\n"},
                {"by: owner, to: closed}\n",
                 "by: owner, to: checking}\n"
                 "  checking: {title: {zh: 检查}, actions: {pass: {title: {zh: 通过}, by: issuer, to: accepting}}}\n"
                 "  accepting: {title: {zh: 验收}, actions: {accept: {title: {zh: 验收}, by: issuer, to: closed},"
                 " state: {title: {zh: 定时限}, by: issuer, needs: [due]}}}\n"},
                {"end: done}\n",
                 "end: done}\n"
                 "clocks: {main: {title: {zh: 时限}, from: working, until: [closed], due: due}}\n"}});
  Desk desk({{"matter.yaml", matter}, {"look.yaml", kLook}});
  ASSERT_THAT(desk.errors(), IsEmpty());
  v1::OpenCaseRequest request;
  request.set_procedure("matter");
  v1::PartyBinding& owner = *request.add_parties();
  owner.set_party("owner");
  owner.add_ids("units/zhujian");
  *request.add_fields() = desk.Field("matter", "what", "裸土未覆盖");
  ASSERT_FALSE(desk.Open("matter", kIssuer, request).refused);
  const auto go = [&](const char* person, const char* action) {
    const Happened happened = desk.Act("matter", person, action);
    ASSERT_FALSE(happened.refused) << action << ": " << happened.reason;
  };
  go(kIssuer, "look");
  desk.Name("look");
  for (int round = 1; round <= 2; ++round) {
    go(kOwner, "finish");
    go(kIssuer, "pass");
    if (round == 2) break;
    go(kIssuer, "accept");
    ASSERT_FALSE(desk.Act("look", kIssuer, "rebound").refused);
  }
  EXPECT_THAT(desk.Act("matter", kIssuer, "state", {{"due", "2026-10-30"}}).events,
              Contains(HasSubstr("ClockStarted main due 2026-10-30")));
}

}  // namespace
}  // namespace duban::engine
