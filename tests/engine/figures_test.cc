// Periods, rates and rankings: what is compared with what, and how it is written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/figures/board.h"
#include "engine/figures/period.h"
#include "engine/figures/rate.h"

namespace duban::engine {
namespace {

using ::testing::ElementsAre;

Period PeriodOf(const std::string& text) {
  const Outcome<Period> period = ParsePeriod(text);
  EXPECT_TRUE(period.ok()) << text;
  return *period;
}

std::string Days(const Period& period) { return FormatDay(period.first) + " " + FormatDay(period.last); }

TEST(Periods, AreReadAsOfficesWriteThem) {
  EXPECT_EQ(Days(PeriodOf("2026-02")), "2026-02-01 2026-02-28");
  EXPECT_EQ(Days(PeriodOf("2026Q3")), "2026-07-01 2026-09-30");
  EXPECT_EQ(Days(PeriodOf("2026H2")), "2026-07-01 2026-12-31");
  EXPECT_EQ(Days(PeriodOf("2026")), "2026-01-01 2026-12-31");
  EXPECT_EQ(Days(PeriodOf("2026-03-05..2026-04-10")), "2026-03-05 2026-04-10");
  EXPECT_EQ(Days(PeriodOf("2026-01..2026-08")), "2026-01-01 2026-08-31");
  for (const char* name : {"2026-02", "2026Q3", "2026H2", "2026", "2026-03-05..2026-04-10"}) {
    EXPECT_EQ(PeriodOf(name).Name(), name);
  }
}

TEST(Periods, RefuseWhatIsNone) {
  for (const char* text : {"", "2026-13", "2026Q5", "2026Q0", "2026H3", "26", "2026-1", "2026-02-30..2026-03-01",
                           "2026-03-02..2026-03-01", "1999", "2201", "2026Q", "今年", "2026-03-01"}) {
    const Outcome<Period> period = ParsePeriod(text);
    ASSERT_FALSE(period.ok()) << text;
    EXPECT_EQ(period.rejection().reason, "PERIOD_INVALID");
  }
}

TEST(Periods, YearOnYearIsTheSamePeriodOfTheYearBefore) {
  EXPECT_EQ(YearBefore(PeriodOf("2026Q1")).Name(), "2025Q1");
  EXPECT_EQ(Days(YearBefore(PeriodOf("2024-02"))), "2023-02-01 2023-02-28");
  EXPECT_EQ(Days(YearBefore(PeriodOf("2025-02"))), "2024-02-01 2024-02-29") << "the last day stays the last day";
  EXPECT_EQ(Days(YearBefore(PeriodOf("2024-02-29..2024-03-05"))), "2023-02-28 2023-03-05");
}

TEST(Periods, PeriodOnPeriodIsTheOneJustBefore) {
  EXPECT_EQ(PeriodBefore(PeriodOf("2026Q1"))->Name(), "2025Q4");
  EXPECT_EQ(PeriodBefore(PeriodOf("2026-01"))->Name(), "2025-12");
  EXPECT_EQ(PeriodBefore(PeriodOf("2026H1"))->Name(), "2025H2");
  EXPECT_EQ(PeriodBefore(PeriodOf("2026"))->Name(), "2025");
  EXPECT_FALSE(PeriodBefore(PeriodOf("2026-03-05..2026-04-10")).has_value()) << "no period comes before free dates";
}

TEST(Rates, AreWrittenWithTwoDigitsHalvesAwayFromZero) {
  // 连云港市 2017-04: 结案 23974, 按期 22345, 应结案 24932.
  EXPECT_EQ(PercentText({23974, 24932}), "96.16");
  EXPECT_EQ(PercentText({22345, 24932}), "89.62");
  EXPECT_EQ(PercentText({1, 8}), "12.50");
  EXPECT_EQ(PercentText({1, 3}), "33.33");
  EXPECT_EQ(PercentText({1, 16000}), "0.01") << "0.00625 is nearer to 0.01";
  EXPECT_EQ(PercentText({1, 20000}), "0.01") << "a half goes away from zero";
  EXPECT_EQ(PercentText({3, 2}), "150.00");
  EXPECT_EQ(PercentText({0, 5}), "0.00");
}

TEST(Rates, AreNotThereWhereNothingIsBelow) {
  EXPECT_EQ(PercentText({0, 0}), "");
  EXPECT_EQ(PointsText({1, 2}, {0, 0}), "");
  EXPECT_EQ(PointsText({0, 0}, {1, 2}), "");
  EXPECT_EQ(GrowthText(5, 0), "");
}

TEST(Rates, PointsAndPerCentAreDifferentThings) {
  // From 4 of 8 to 3 of 4: 25 percentage points more; the count above is 25 % less.
  EXPECT_EQ(PointsText({3, 4}, {4, 8}), "+25.00");
  EXPECT_EQ(GrowthText(3, 4), "-25.00");
  EXPECT_EQ(GrowthText(4567, 4304), "+6.11");
  EXPECT_EQ(PointsText({1, 3}, {1, 3}), "0.00");
  EXPECT_EQ(PointsText({1, 3}, {2, 3}), "-33.33");
  EXPECT_EQ(PointsText({1000000000, 3000000000}, {2000000000, 3000000000}), "-33.33") << "no product overflows";
}

// A term of which each unit has these counts.
BoardTerm Term(const Metric& metric, int32_t weight, const std::map<std::string, Counts>& counts) {
  BoardTerm term{&metric, weight, {}};
  for (const auto& [unit, held] : counts) term.by_unit.groups[{unit}] = held;
  return term;
}

TEST(Rankings, AddRoundedAddendsAndShareRanks) {
  Metric more, less;
  more.name = "on_time";
  less.name = "rebound";
  less.less_is_better = true;
  Scoreboard board;
  board.stars = {{5, 90}, {3, 60}};
  const auto rows = RankUnits(board, {Term(more, 60, {{"a", {9, 10}}, {"b", {9, 10}}, {"c", {1, 3}}, {"d", {1, 1}}}),
                                      Term(less, 40, {{"a", {0, 10}}, {"b", {0, 10}}, {"c", {4, 3}}})});
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].unit, "a");
  EXPECT_EQ(rows[0].rank, 1);
  EXPECT_TRUE(rows[0].tied);
  EXPECT_EQ(rows[0].hundredths, 9400);
  EXPECT_EQ(rows[0].stars, 5);
  EXPECT_EQ(rows[1].unit, "b");
  EXPECT_EQ(rows[1].rank, 1);
  EXPECT_EQ(rows[2].unit, "c");
  EXPECT_EQ(rows[2].rank, 3) << "two share the first, so nobody is second";
  EXPECT_THAT(rows[2].addends, ElementsAre(2000, 0)) << "more than 100 % costs no more than the whole weight";
  EXPECT_EQ(rows[2].stars, 0);
  EXPECT_EQ(rows[3].unit, "d");
  EXPECT_EQ(rows[3].rank, 0) << "no rate is not 0 %";
  EXPECT_THAT(rows[3].too_few, ElementsAre("rebound"));
}

}  // namespace
}  // namespace duban::engine
