// Metrics and scoreboards in files: what is read, when a definition gets a new version, what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine/figures/wording.h"
#include "engine/procedure/compile.h"
#include "tests/engine/support/files.h"

namespace duban::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ShippedMetrics, CompileByThemselvesAndSayWhatTheyCount) {
  const Compiled compiled = Compile({{"metrics.yaml", ReadRepositoryFile("procedures/metrics.yaml")}}, Procedures());
  ASSERT_TRUE(compiled.findings.empty()) << compiled.findings[0].message.zh();
  Figures figures;
  for (const Metric& metric : compiled.metrics) figures.Put(metric);
  for (const Scoreboard& board : compiled.scoreboards) figures.Put(board);
  const Metric& on_time = *figures.FindMetric("ended_on_time");
  EXPECT_EQ(on_time.version, 1u);
  EXPECT_TRUE(on_time.is_share());
  EXPECT_EQ(TextOf(on_time.above).zh(), "办结、办结方式为办结、有时限、按期");
  EXPECT_EQ(TextOf(on_time.below).en(), "ended, as done, with a deadline");
  EXPECT_FALSE(figures.FindMetric("rebound")->is_share());
  const Scoreboard& board = *figures.FindScoreboard("quarter");
  EXPECT_EQ(FormulaText(board, {figures.FindMetric("ended_on_time"), figures.FindMetric("check_passed"),
                                figures.FindMetric("rebound")})
                .zh(),
            "60×按期办结率 + 20×核查通过率 + 20×(1−反弹率)");
}

TEST(Definitions, GetANewVersionOnlyWhenTheirMeaningChanges) {
  const auto published = [](Figures& figures, const std::string& below) {
    const Compiled compiled =
        Compile({{"m.yaml", absl::StrCat("metrics:\n  rate: {title: 率, above: [ended, on_time], below: ", below,
                                         "}\nscoreboards:\n  board: {title: 榜, formula: {rate: 100}}\n")}},
                Procedures());
    ASSERT_TRUE(compiled.ok());
    for (const Metric& metric : compiled.metrics) figures.Put(metric);
    for (const Scoreboard& board : compiled.scoreboards) figures.Put(board);
  };
  Figures figures;
  published(figures, "[ended]");
  published(figures, "[ended]");
  EXPECT_EQ(figures.FindMetric("rate")->version, 1u);
  EXPECT_EQ(figures.FindScoreboard("board")->version, 1u);
  published(figures, "[ended, dated]");
  EXPECT_EQ(figures.FindMetric("rate")->version, 2u);
  EXPECT_EQ(figures.FindMetric("rate", 1)->below.tests.size(), 0u) << "the earlier one can still be asked for";
  EXPECT_EQ(figures.FindScoreboard("board")->version, 2u) << "a formula over another rate is another formula";
  EXPECT_EQ(figures.FindScoreboard("board", 1)->terms[0].version, 1u);
  EXPECT_EQ(figures.FindMetric("rate", 3), nullptr);
}

// There is no such measure; who asks for one is told which rule forbids it.
TEST(Definitions, NothingMeasuresLogInsPointsOrTimeOnline) {
  for (const char* text : {
           "metrics:\n  logins: {title: 次数, above: [opened], below: [ended]}\n",
           "metrics:\n  diligence: {title: 在线时长占比, above: [opened], below: [ended]}\n",
           "metrics:\n  rate: {title: 率, above: [check_ins], below: [ended]}\n",
           "metrics:\n  rate: {title: 率, above: [points], below: [ended]}\n",
           "metrics:\n  rate: {title: 率, above: [ended, on_time], below: [ended]}\n"
           "scoreboards:\n  rank: {title: 积分排名, formula: {rate: 100}}\n",
           "scoreboards:\n  rank: {title: 榜, formula: {time_online: 100}}\n",
       }) {
    const Compiled compiled = Compile({{"m.yaml", text}}, Procedures());
    ASSERT_FALSE(compiled.ok()) << text;
    EXPECT_EQ(compiled.findings[0].rule, "FORBIDDEN_MEASURE") << text;
    EXPECT_THAT(compiled.findings[0].message.zh(), HasSubstr("政务移动互联网应用程序规范化管理办法"));
  }
}

}  // namespace
}  // namespace duban::engine
