// Published figures recounted: every mistake that the shipped excerpts of real tables hold is found at its place, and
// nothing that is right is called wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/csv.h"
#include "clients/cli/stated_figures.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Places(const StatedFigures& found) {
  std::vector<std::string> out;
  for (const StatedMistake& mistake : found.mistakes) {
    out.push_back(absl::StrCat(mistake.line, ":", mistake.column, " ", mistake.rule, mistake.doubt ? "?" : ""));
  }
  return out;
}

StatedFigures Shipped(const std::string& name) {
  const auto text = ReadFile(absl::StrCat(DUBAN_SOURCE_DIR, "/examples/figures/", name, ".csv"));
  EXPECT_TRUE(text.has_value()) << name;
  return CheckStatedFigures(ParseCsv(text.value_or("")));
}

StatedFigures Check(const std::string& text) { return CheckStatedFigures(ParseCsv(text)); }

TEST(PublishedFigures, TheHotlinesReportsHoldTheseMistakes) {
  const StatedFigures found = Shipped("hotline");
  EXPECT_THAT(Places(found), ElementsAre("3:14 YEAR_FOR_PERIOD", "4:14 HIDDEN_BASE?", "5:14 HIDDEN_BASE?",
                                         "6:14 HIDDEN_BASE?", "7:14 HIDDEN_BASE?", "8:14 HIDDEN_BASE?",
                                         "9:13 RATE_MISMATCH", "9:14 YEAR_FOR_PERIOD", "10:14 YEAR_FOR_PERIOD",
                                         "10:14 JOINT_OR_WRONG?", "11:14 PERIODS_DIFFER", "16:12 RATE_CUT_OFF"));
  EXPECT_THAT(found.mistakes[6].text.zh(), HasSubstr("公布 99.6%，按公布的数应为 591/594=99.49%"));
  EXPECT_EQ(found.mistakes[6].heading, "按时办结率");
  EXPECT_THAT(found.mistakes[8].text.zh(), HasSubstr("263/4304=6.11%")) << "the counts prove what it was compared with";
  EXPECT_THAT(found.mistakes[1].text.zh(), HasSubstr("热线87件（8/87=9.20%）"));
}

TEST(PublishedFigures, TheRectificationNoticesHoldThese) {
  const StatedFigures found = Shipped("rectification");
  EXPECT_THAT(Places(found), ElementsAre("10:11 BASES_DIFFER?", "25:11 TEXT_DIFFERS"));
  EXPECT_THAT(found.mistakes[1].text.zh(), HasSubstr("文中写 28 件，表中达到序时或推进中为 27 件"));
  EXPECT_EQ(found.approximate, 4) << "近60%, 完成七成, 近六成, 800余";
}

TEST(PublishedFigures, BatchesByRegionDoNotAddUpWhereMattersAreJoint) {
  const StatedFigures found = Shipped("batches");
  EXPECT_THAT(Places(found), ElementsAre("2:6 SUM_MISMATCH", "10:6 SUM_MISMATCH", "31:6 SUM_MISMATCH"));
  EXPECT_THAT(found.mistakes[0].text.zh(), HasSubstr("各地相加是 18，公布总数是 15"));
  EXPECT_EQ(found.sums, 6) << "the three batches that agree were looked at too";
}

TEST(StatedFigures, WhatIsMissingIsNotZero) {
  const StatedFigures found =
      Check("任务或问题总数,已完成,基本完成或阶段性完成,达到序时或推进中,未完成或滞后,公布完成率\n76,54,,17,,71.05%\n");
  EXPECT_THAT(Places(found), IsEmpty()) << "54 + 17 leaves room for what was not published";
  EXPECT_THAT(Places(Check("任务或问题总数,已完成,基本完成或阶段性完成,达到序时或推进中,未完成或滞后\n76,54,1,17,2\n")),
              ElementsAre("2:1 SUM_MISMATCH"))
      << "where all is stated it has to add up";
  EXPECT_THAT(Places(Check("任务或问题总数,已完成,基本完成或阶段性完成,达到序时或推进中,未完成或滞后\n70,54,,17,\n")),
              ElementsAre("2:1 SUM_MISMATCH"))
      << "what is stated is more than all";
}

TEST(StatedFigures, RatesAreTriedAgainstEveryStatedBase) {
  const std::string head = "受理量,转办或派单量,应结案数,办结数,按时办结数,办结率,按时办结率\n";
  EXPECT_THAT(Places(Check(head + "26898,,24932,23974,22345,96.16%,89.62%\n")), IsEmpty());
  EXPECT_THAT(Places(Check(head + "26898,,24932,23974,22345,96.17%,89.6%\n")), ElementsAre("2:6 RATE_MISMATCH"));
  EXPECT_THAT(Places(Check(head + "100,,90,95,90,105.56%,\n")), ElementsAre("2:6 RATE_OVER_100"));
  EXPECT_EQ(Check(head + ",,,,,,97.48%\n").bare_rates, 1);
  EXPECT_THAT(Places(Check(head + "约100,,,＊,,近六成,\n")), IsEmpty());
  EXPECT_EQ(Check(head + "约100,,,＊,,近六成,\n").approximate, 1) << "the rate; the total is in no sum of this table";
}

TEST(StatedFigures, PartsAndTexts) {
  EXPECT_THAT(Places(Check("办结数,按时办结数,超时数\n10,12,\n")), ElementsAre("2:2 PART_OVER_WHOLE"));
  EXPECT_THAT(Places(Check("总数,备注\n19,18家=8家表扬+11家批评\n")), ElementsAre("2:2 SUM_MISMATCH"));
  EXPECT_THAT(Places(Check("总数,备注\n19,10+9=19\n")), IsEmpty());
  EXPECT_THAT(Places(Check("总数,备注\n19,591/594=99.6%\n")), ElementsAre("2:2 RATE_MISMATCH"));
  EXPECT_THAT(Places(Check("总数,备注\n19,比上年增加3件，环比增长5%\n")), ElementsAre("2:2 PERIOD_FOR_YEAR"));
  EXPECT_THAT(Places(Check("总数,备注\n19,较上月环比增长5%。与去年同比增长3%\n")), IsEmpty());
  EXPECT_THAT(Places(Check("总数,已完成,推进中,备注\n40,1,39,2省合计100项\n50,1,49,2省合计100项\n")),
              ElementsAre("2:1 SUM_MISMATCH"));
  EXPECT_THAT(Places(Check("")), IsEmpty());
}

}  // namespace
}  // namespace duban::cli
