// Goals of a day held against what has come of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cli/balance.h"

namespace duban::cli {
namespace {

v1::LedgerRow Card(const std::string& name, const std::string& target, const std::string& done) {
  v1::LedgerRow row;
  row.set_case_(name);
  for (const auto& [field, title, value] :
       {std::tuple("target", "目标数", target), std::tuple("done", "完成数", done)}) {
    if (value.empty()) continue;  // As the ledger has it: what was never given has no column.
    auto& column = *row.add_columns();
    column.set_field(field);
    column.mutable_title()->set_zh(title);
    column.add_shown(value);
  }
  return row;
}

TEST(Balance, HoldsWhatWasDoneAgainstTheGoalOfThenAndNotOfNow) {
  const Balance b = BalanceOf({Card("a", "12", "")}, {Card("a", "10", "11")}, "target", "done");
  ASSERT_EQ(b.rows.size(), 1u);
  EXPECT_EQ(b.rows[0].goal, "12");
  EXPECT_EQ(b.rows[0].goal_later, "10");
  EXPECT_EQ(b.rows[0].difference, -1'000'000) << "eleven of the twelve that were promised, whatever the goal is now";
  EXPECT_EQ(b.moved, 1);
  EXPECT_EQ(b.goal, 12'000'000);
}

TEST(Balance, WhatIsNoExactNumberIsNotZero) {
  const Balance b = BalanceOf(
      {Card("a", "5", ""), Card("b", "约800", ""), Card("c", "", ""), Card("d", "2.5", "")},
      {Card("a", "5", ""), Card("b", "约800", "790"), Card("c", "", "3"), Card("d", "2.5", "3")}, "目标数", "完成数");
  EXPECT_FALSE(b.rows[0].difference.has_value()) << "nothing was reported, which is not nothing done";
  EXPECT_FALSE(b.rows[1].difference.has_value());
  EXPECT_FALSE(b.rows[2].difference.has_value());
  EXPECT_EQ(b.rows[3].difference, 500'000);
  EXPECT_EQ(b.compared, 1);
  EXPECT_EQ(ShowMillionths(b.done - b.goal, true), "+0.5");
}

TEST(Balance, WhatCameLaterHasNoGoalOfThenAndWhatIsGoneHasNothingDone) {
  const Balance b = BalanceOf({Card("gone", "4", "")}, {Card("new", "7", "7")}, "target", "done");
  ASSERT_EQ(b.rows.size(), 2u);
  EXPECT_EQ(b.rows[0].row.case_(), "gone");
  EXPECT_EQ(b.rows[0].done, "");
  EXPECT_EQ(b.rows[1].row.case_(), "new");
  EXPECT_EQ(b.rows[1].goal, "");
  EXPECT_EQ(b.compared, 0);
  EXPECT_EQ(b.moved, 0);
}

TEST(Balance, ShowsMillionthsAsPeopleWriteThem) {
  EXPECT_EQ(ShowMillionths(0, true), "0");
  EXPECT_EQ(ShowMillionths(-1'500'000), "-1.5");
  EXPECT_EQ(ShowMillionths(12'000'000, true), "+12");
  EXPECT_EQ(ShowMillionths(1), "0.000001");
}

}  // namespace
}  // namespace duban::cli
