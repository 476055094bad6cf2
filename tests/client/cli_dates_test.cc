// Days, instants and the wording of deadlines.
#include <gtest/gtest.h>

#include "clients/cli/dates.h"

namespace duban::cli {
namespace {

const absl::TimeZone kZone = absl::FixedTimeZone(8 * 3600);

std::string Day(absl::string_view text) {
  auto day = ReadDay(text);
  return day ? ShowDay(*day) : "-";
}

std::string Deadline(absl::string_view text) {
  auto day = ReadDeadline(text);
  return day ? ShowDay(*day) : "-";
}

TEST(ReadDay, TakesTheWaysLedgersWriteADay) {
  for (const char* text : {"2026-03-01", "2026/3/1", "2026.3.1", "20260301", "2026年3月1日", " 2026-03-01 "}) {
    EXPECT_EQ(Day(text), "2026-03-01") << text;
  }
}

TEST(ReadDay, RefusesWhatIsNoDay) {
  for (const char* text : {"2026-02-29", "2026-13-01", "2026-06-31", "26-03-01", "2026-03", "2026-03-01x", "",
                           "三月一日", "0001-01-01", "2026-3/1"}) {
    EXPECT_EQ(Day(text), "-") << text;
  }
  EXPECT_EQ(Day("2024-02-29"), "2024-02-29");
}

TEST(ReadInstant, KeepsTheOffsetThatIsWritten) {
  absl::Time expected = absl::FromUnixMillis(1318333342688);  // 2011-10-11 11:42:22.688 UTC.
  for (const char* text : {"2011-10-11 13:42:22.688000+02:00", "2011-10-11T11:42:22.688Z", "2011-10-11 19:42:22.688",
                           "2011-10-11 13:42:22.688+0200", "2011-10-11T19:42:22.688 +08:00"}) {
    auto read = ReadInstant(text, kZone);
    ASSERT_TRUE(read.has_value()) << text;
    EXPECT_EQ(*read, expected) << text;
  }
  EXPECT_EQ(ReadInstant("2011-10-11 13:42", kZone), absl::FromCivil(absl::CivilSecond(2011, 10, 11, 13, 42), kZone));
}

TEST(ReadInstant, RefusesWhatIsNoInstant) {
  for (const char* text : {"2011-10-11", "2011-10-11 25:00", "2011-10-11 12:60", "2011-10-11 12:00:00.", "12:00",
                           "2011-10-11 12:00+99:00", "2011-10-11 12:00 tomorrow", ""}) {
    EXPECT_FALSE(ReadInstant(text, kZone).has_value()) << text;
  }
}

TEST(ReadDeadline, FindsTheDayThatTheWordingNames) {
  EXPECT_EQ(Deadline("2025年9月底前"), "2025-09-30");
  EXPECT_EQ(Deadline("2024年年底"), "2024-12-31");
  EXPECT_EQ(Deadline("2024年底"), "2024-12-31");
  EXPECT_EQ(Deadline("2025年12月31日前"), "2025-12-31");
  EXPECT_EQ(Deadline("2025年6月"), "2025-06-30");
  EXPECT_EQ(Deadline("2024年2月底前"), "2024-02-29");
  EXPECT_EQ(Deadline("2026年上半年"), "2026-06-30");
  EXPECT_EQ(Deadline("2023-09-30"), "2023-09-30");
}

TEST(ReadDeadline, DoesNotGuessWhereNoDayIsNamed) {
  for (const char* text : {"长期坚持", "立行立改、长期坚持", "9月底前", "(年份原文遮蔽)", "力争尽快达标", "2025年13月",
                           "2025年6月中旬", ""}) {
    EXPECT_EQ(Deadline(text), "-") << text;
  }
}

TEST(Timestamp, KeepsMillisecondsAlsoBefore1970) {
  for (int64_t ms : {int64_t{0}, int64_t{1318333342688}, int64_t{-1}, int64_t{-86400001}}) {
    google::protobuf::Timestamp t = ToTimestamp(absl::FromUnixMillis(ms));
    EXPECT_GE(t.nanos(), 0) << ms;
    EXPECT_EQ(absl::ToUnixMillis(FromTimestamp(t)), ms);
  }
}

}  // namespace
}  // namespace duban::cli
