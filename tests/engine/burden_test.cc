// What cases ask of units: one unit is not asked about one topic twice at the same time, nor more often in a year than
// is allowed; or somebody says why.
#include "engine/cases/burden.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kInspection[] = R"yaml(
procedure: inspection
title: {zh: 专项检查, en: Inspection}
may_open: [issuer]
numbers: 检〔{year}〕{owner}{seq}号
burden: {topic_from: matter, party: owner, lasts_days: 3, at_most_per_year: 2}
parties:
  issuer: {kind: unit, title: {zh: 检查单位}}
  owner:  {kind: unit, title: {zh: 被查单位}}
fields:
  matter: {title: {zh: 检查事项}, type: choice, of: matters, required: true}
stages:
  visiting:
    title: {zh: 检查中}
    within: 20 days
    actions:
      close: {title: {zh: 办结}, by: issuer, to: closed}
      again: {title: {zh: 再查一家}, by: issuer, opens: {procedure: inspection, bind: {issuer: issuer, owner: owner}, set: {matter: matter}}}
  closed: {title: {zh: 已办结}, end: done}
codes: {matters: {safety: {zh: 安全生产检查}, fire: {zh: 消防检查}}}
)yaml";

constexpr char kIssuer[] = "persons/duchayi-kezhang";

class BurdenTest : public testing::Test {
 protected:
  BurdenTest() : desk(std::vector<SourceFile>{{"inspection.yaml", kInspection}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
    desk.At("2026-03-02 09:00");
  }

  Happened Open(const std::string& nickname, const std::string& unit, const std::string& matter = "safety",
                const std::string& override_reason = "") {
    v1::OpenCaseRequest request;
    request.set_procedure("inspection");
    request.set_override_reason(override_reason);
    v1::PartyBinding& owner = *request.add_parties();
    owner.set_party("owner");
    owner.add_ids(unit);
    *request.add_fields() = desk.Field("inspection", "matter", matter);
    return desk.Open(nickname, kIssuer, request);
  }

  Desk desk;
};

TEST_F(BurdenTest, TheSameUnitTheSameTopicTheSameDaysIsRefused) {
  ASSERT_FALSE(Open("first", "units/shuiwu").refused);
  const v1::UnitsAsked& asked = desk.State("first").burden();
  EXPECT_EQ(asked.topic(), "安全生产检查");
  EXPECT_THAT(asked.units(), ElementsAre("units/shuiwu"));
  EXPECT_EQ(asked.first_day(), "2026-03-02");
  EXPECT_EQ(asked.last_day(), "2026-03-04");
  EXPECT_EQ(asked.override_reason(), "");

  EXPECT_EQ(Open("second", "units/shuiwu").reason, "BURDEN_CLASH");
  EXPECT_FALSE(Open("other unit", "units/zhujian").refused);
  EXPECT_FALSE(Open("other topic", "units/shuiwu", "fire").refused);
  desk.At("2026-03-04 23:00");
  EXPECT_EQ(Open("last day", "units/shuiwu").reason, "BURDEN_CLASH");
  desk.At("2026-03-05 09:00");
  EXPECT_FALSE(Open("after", "units/shuiwu").refused);
}

TEST_F(BurdenTest, WhoeverSaysWhyOpensItAndTheReasonStays) {
  ASSERT_FALSE(Open("first", "units/shuiwu").refused);
  ASSERT_FALSE(Open("second", "units/shuiwu", "safety", "省安委会交办").refused);
  EXPECT_EQ(desk.State("second").burden().override_reason(), "省安委会交办");
  // Where nothing stood in the way there is nothing to be told.
  ASSERT_FALSE(Open("third", "units/zhujian", "safety", "以防万一").refused);
  EXPECT_EQ(desk.State("third").burden().override_reason(), "");
}

TEST_F(BurdenTest, AYearHasItsQuotaAndTheNextBeginsAnew) {
  ASSERT_FALSE(Open("first", "units/shuiwu").refused);
  desk.At("2026-06-01 09:00");
  ASSERT_FALSE(Open("second", "units/shuiwu").refused);
  desk.At("2026-09-01 09:00");
  EXPECT_EQ(Open("third", "units/shuiwu").reason, "BURDEN_QUOTA");
  EXPECT_FALSE(Open("of another topic", "units/shuiwu", "fire").refused);
  ASSERT_FALSE(Open("third", "units/shuiwu", "safety", "事故调查").refused);
  desk.At("2027-01-01 09:00");
  EXPECT_FALSE(Open("next year", "units/shuiwu").refused);
}

TEST_F(BurdenTest, WhatWasCalledOffTakesNobodysTime) {
  ASSERT_FALSE(Open("first", "units/shuiwu").refused);
  ASSERT_FALSE(desk.Act("first", kIssuer, "void", {}, "登记错误").refused);
  EXPECT_EQ(Open("second", "units/shuiwu").reason, "BURDEN_CLASH") << "asked for only";
  ASSERT_FALSE(desk.Act("first", "persons/duchashi-zhuren", "approve_void").refused);
  EXPECT_FALSE(Open("second", "units/shuiwu").refused);
  // What is done has taken it.
  ASSERT_FALSE(desk.Act("second", kIssuer, "close").refused);
  EXPECT_EQ(Open("third", "units/shuiwu").reason, "BURDEN_CLASH");
}

TEST_F(BurdenTest, WhatAnActOpensIsAskedForTooAndMayBeOverridden) {
  ASSERT_FALSE(Open("first", "units/shuiwu").refused);
  EXPECT_EQ(desk.Act("first", kIssuer, "again").reason, "BURDEN_CLASH");
  v1::ActOnCaseRequest again;
  again.set_action("again");
  again.set_override_reason("整改不实，再查一次");
  ASSERT_FALSE(desk.Act("first", kIssuer, again).refused);
  desk.Name("again");
  EXPECT_EQ(desk.State("again").burden().override_reason(), "整改不实，再查一次");
}

// It has happened, and nobody can decide otherwise; but it counts.
TEST_F(BurdenTest, WhatIsEnteredLaterIsNotRefusedAndCounts) {
  ASSERT_FALSE(Open("first", "units/shuiwu").refused);
  desk.At("2026-03-10 09:00");
  desk.occurred = "2026-03-03 10:00";
  ASSERT_FALSE(Open("typed in later", "units/shuiwu").refused);
  EXPECT_EQ(desk.State("typed in later").burden().first_day(), "2026-03-03");
  EXPECT_EQ(Open("third", "units/shuiwu").reason, "BURDEN_QUOTA");
}

// Whoever may not see what stands in the way is told that something does, and neither what nor when.
TEST(Asking, WhatIsHiddenIsNotNamed) {
  v1::UnitsAsked asked;
  asked.set_topic("安全生产检查");
  asked.set_first_day("2026-03-02");
  asked.set_last_day("2026-03-04");
  asked.set_at_most(2);
  const Asking seen{"cases/a", "检〔2026〕水务1号", Day(2026, 3, 4), Day(2026, 3, 6), 0};
  const Asking hidden{"", "", Day(2026, 3, 1), Day(2026, 3, 9), 0};
  const auto why = [&](const std::vector<Asking>& askings) {
    const Verdict verdict = CheckAsking("units/shuiwu", "市水务局", asked, askings);
    return verdict.ok() ? Rejection() : verdict.rejection();
  };
  EXPECT_EQ(why({}).reason, "");
  EXPECT_THAT(why({seen}).message.zh(), HasSubstr("检〔2026〕水务1号（2026-03-04 至 2026-03-06）"));
  EXPECT_EQ(why({hidden}).reason, "BURDEN_CLASH");
  EXPECT_THAT(why({hidden}).message.zh(), Not(HasSubstr("2026-03")));
  EXPECT_THAT(why({hidden}).message.en(), Not(HasSubstr("2026-03")));
  for (const auto& [name, value] : why({hidden}).facts) EXPECT_TRUE(name == "unit" || name == "topic") << name;
  EXPECT_THAT(why({hidden, seen}).message.zh(), HasSubstr("水务1号"));
  EXPECT_THAT(why({hidden, seen}).message.zh(), Not(HasSubstr("2026-03-09")));
  // The strictest of those who ask says how often.
  const Asking strict{"cases/b", "", Day(2026, 7, 1), Day(2026, 7, 1), 1};
  EXPECT_EQ(why({strict}).reason, "BURDEN_QUOTA");
  EXPECT_EQ(why({{"cases/b", "", Day(2026, 7, 1), Day(2026, 7, 1), 0}}).reason, "");
}

}  // namespace
}  // namespace duban::engine
