// `duban stats` as it is read: groups, bounds beside values, marks where somebody should look.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cli/stats.h"

namespace duban::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A server on 1 September 2026 that has nothing to complain of.
v1::GetStatsResponse Well() {
  v1::GetStatsResponse stats;
  stats.set_commits(1200);
  stats.set_commands(1180);
  stats.set_queue_length(3);
  stats.set_batches(700);
  stats.set_batch_seconds(0.0042);
  stats.set_batch_seconds_p99(0.021);
  stats.mutable_now()->set_seconds(1788224400);
  *stats.mutable_timers_fired_to() = stats.now();
  stats.set_calendar_last_year(2026);
  stats.set_disk_bytes(uint64_t{3} << 29);
  stats.set_disk_free_bytes(uint64_t{80} << 30);
  for (const auto& [name, limit, value] :
       {std::tuple("queue", 4096, 3), std::tuple("watches", 2000, 0), std::tuple("watch_backlog", 10000, 0),
        std::tuple("cached_cases", 20000, 7)}) {
    v1::Bound& bound = *stats.add_bounds();
    bound.set_name(name);
    bound.set_limit(limit);
    bound.set_value(value);
  }
  return stats;
}

std::string TextOf(const v1::GetStatsResponse& stats, Lang lang = Lang::kZh) {
  return StatsText(
      Console(lang, false), stats, [](const google::protobuf::Timestamp&) { return std::string("某时"); }, false);
}

TEST(Stats, AreGroupedWithBoundsBesideValuesAndNoMarkWhereAllIsWell) {
  const std::string text = TextOf(Well());
  size_t at = 0;
  for (const char* group : {"写入\n", "计时\n", "订阅\n", "任务\n", "磁盘\n", "日历\n", "备份\n", "服务器\n"}) {
    const size_t found = text.find(group, at);
    ASSERT_NE(found, std::string::npos) << group << text;
    at = found;
  }
  EXPECT_THAT(text, HasSubstr("3/4096"));
  EXPECT_THAT(text, HasSubstr("0.021 s"));
  EXPECT_THAT(text, HasSubstr("1.5 GiB"));
  EXPECT_THAT(text, Not(HasSubstr("! ")));
  EXPECT_THAT(text, Not(HasSubstr("触及的界限")));
  EXPECT_THAT(TextOf(Well(), Lang::kEn), HasSubstr("Writing\n"));
}

TEST(Stats, WhatNeedsLookingAtIsMarked) {
  const std::vector<std::pair<std::function<void(v1::GetStatsResponse&)>, std::string>> cases = {
      {[](auto& s) { s.set_read_only(true), s.set_read_only_reason("disk on fire"); }, "! disk on fire"},
      {[](auto& s) { s.mutable_bounds(0)->set_value(3500), s.set_queue_length(3500); }, "! 3500/4096"},
      {[](auto& s) { s.set_batch_seconds_p99(0.9); }, "! 0.9 s"},
      {[](auto& s) { s.mutable_timers_fired_to()->set_seconds(1788224400 - 3600); }, "! 某时"},
      {[](auto& s) { s.set_timers_held(true); }, "--confirm-time"},
      {[](auto& s) { s.mutable_bounds(2)->set_value(9000); }, "! 9000/10000"},
      {[](auto& s) { s.set_disk_free_bytes(uint64_t{1} << 30); }, "! 1.0 GiB"},
      {[](auto& s) { s.set_calendar_last_year(2025); }, "! 2025"},
  };
  for (const auto& [change, marked] : cases) {
    v1::GetStatsResponse stats = Well();
    change(stats);
    EXPECT_THAT(TextOf(stats), HasSubstr(marked));
    EXPECT_THAT(TextOf(stats), HasSubstr("! "));
  }
}

TEST(Stats, ABoundThatWasReachedIsListedWithHowOften) {
  v1::GetStatsResponse stats = Well();
  stats.mutable_bounds(1)->set_hits(4);
  v1::Bound& unknown = *stats.add_bounds();
  unknown.set_name("of_a_later_version");
  unknown.set_limit(5);
  unknown.set_hits(1);
  EXPECT_THAT(TextOf(stats), HasSubstr("触及的界限"));
  EXPECT_THAT(TextOf(stats), HasSubstr("0/2000  4 次"));
  EXPECT_THAT(TextOf(stats), HasSubstr("of_a_later_version"));
}

TEST(Stats, BytesAreShownInTheLargestUnitThatFits) {
  EXPECT_EQ(ShowBytes(0), "0 B");
  EXPECT_EQ(ShowBytes(1023), "1023 B");
  EXPECT_EQ(ShowBytes(1536), "1.5 KiB");
  EXPECT_EQ(ShowBytes(uint64_t{80} << 30), "80 GiB");
}

}  // namespace
}  // namespace duban::cli
