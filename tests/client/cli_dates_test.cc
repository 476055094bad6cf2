// Days, instants and the wording of deadlines.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "absl/strings/str_cat.h"
#include "clients/cli/csv.h"
#include "clients/cli/dates.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

const absl::TimeZone kZone = absl::FixedTimeZone(8 * 3600);

std::string Day(absl::string_view text) {
  auto day = ReadDay(text);
  return day ? ShowDay(*day) : "-";
}

// The day that a wording names, "~" before it where it is vague; "for ever"; "-" where none is named.
std::string Named(absl::string_view text, std::optional<absl::CivilDay> document = std::nullopt) {
  const auto read = ReadDeadline(text, document);
  if (!read) return "-";
  if (read->standing) return "for ever";
  return (read->precision == Deadline::Precision::kDay ? "" : "~") + ShowDay(*read->day);
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
  EXPECT_EQ(Named("2025年9月底前"), "~2025-09-30");
  EXPECT_EQ(Named("2024年年底"), "~2024-12-31");
  EXPECT_EQ(Named("2024年底"), "~2024-12-31");
  EXPECT_EQ(Named("2024年12月底"), "~2024-12-31");
  EXPECT_EQ(Named("2025年12月31日前"), "2025-12-31");
  EXPECT_EQ(Named("２０２５年１２月３１日前"), "2025-12-31");
  EXPECT_EQ(Named("2025年6月"), "~2025-06-30");
  EXPECT_EQ(Named("2024年2月底前"), "~2024-02-29");
  EXPECT_EQ(Named("2026年上半年"), "~2026-06-30");
  EXPECT_EQ(Named("2025年"), "~2025-12-31");
  EXPECT_EQ(Named("2025年一季度"), "~2025-03-31");
  EXPECT_EQ(Named("2025年第三季度末"), "~2025-09-30");
  EXPECT_EQ(Named("2025年9月1日至9月30日"), "2025-09-30");
  EXPECT_EQ(Named("2023-09-30"), "2023-09-30");
}

TEST(ReadDeadline, TakesTheYearFromThePaperWhereTheWordingLeavesItOut) {
  const absl::CivilDay june(2024, 6, 10);
  EXPECT_EQ(Named("6月底前", june), "~2024-06-30");
  EXPECT_EQ(Named("12月底前", june), "~2024-12-31");
  EXPECT_EQ(Named("3月底前", june), "~2025-03-31") << "never a day that has passed when it was written";
  EXPECT_EQ(Named("年底", june), "~2024-12-31");
  EXPECT_EQ(Named("年底前", june), "~2024-12-31");
  EXPECT_EQ(Named("今年底", june), "~2024-12-31");
  EXPECT_EQ(Named("明年6月底", june), "~2025-06-30");
  EXPECT_EQ(Named("本月底", june), "~2024-06-30");
  EXPECT_EQ(Named("月底前", june), "~2024-06-30");
  EXPECT_EQ(Named("上半年", june), "~2024-06-30");
  EXPECT_EQ(Named("第三季度末", june), "~2024-09-30");
  EXPECT_EQ(Named("9月15日前", june), "2024-09-15");
  for (const char* text : {"6月底前", "年底", "本月底", "上半年", "三季度"}) EXPECT_EQ(Named(text), "-") << text;
}

TEST(ReadDeadline, KnowsWhatHasNoEnd) {
  for (const char* text : {"长期坚持", "长期", "常态化", "持续推进", "立行立改、长期坚持", "立行立改并长期坚持"}) {
    EXPECT_EQ(Named(text), "for ever") << text;
  }
  EXPECT_EQ(Named("立行立改"), "-") << "at once is no day, nor for ever";
}

TEST(ReadDeadline, DoesNotGuessWhereNoDayIsNamed) {
  const absl::CivilDay june(2024, 6, 10);
  for (const char* text :
       {"近期", "尽快", "抓紧", "(年份原文遮蔽)", "力争尽快达标", "2025年13月", "2025年6月中旬", "", "年", "月", "前",
        "底", "6.2%左右", "23万吨", "基本同步", "6月底前开工、12月底前完工", "13月底前"}) {
    EXPECT_EQ(Named(text, june), "-") << text;
  }
}

// Every wording of deadlines in two published tables, where they are at hand; set DUBAN_DATA to their folder.
std::map<std::string, std::map<std::string, int>> ReadColumn(const std::string& file, const std::string& column,
                                                             const std::string& dated) {
  const char* folder = std::getenv("DUBAN_DATA");
  auto text = ReadFile(absl::StrCat(folder != nullptr ? folder : DUBAN_SOURCE_DIR "/../shared/data", "/", file));
  std::map<std::string, std::map<std::string, int>> out;
  if (!text) return out;
  const CsvFile csv = ParseCsv(*text);
  for (const CsvRecord& record : csv.records) {
    const std::string wording = record.fields[csv.Column(column)];
    const auto document = dated.empty() ? std::nullopt : ReadDay(record.fields[csv.Column(dated)]);
    const std::string named = wording.empty() ? "not stated" : Named(wording, document);
    ++out[named == "-" ? "not a day" : named][wording];
  }
  return out;
}

TEST(ReadDeadline, UnderstandsWhatPublishedRectificationTablesSay) {
  const auto read = ReadColumn("cn-rectification-items.csv", "完成时限原文", "发布日期");
  if (read.empty()) GTEST_SKIP() << "the table is not here; set DUBAN_DATA";
  const std::map<std::string, std::map<std::string, int>> expected = {
      {"2019-09-30", {{"2019年9月30日前", 1}}},
      {"2023-09-30", {{"2023年9月30日前", 1}}},
      {"2025-12-31", {{"2025年12月31日", 1}, {"2025年12月31日前", 1}}},
      {"~2024-12-31", {{"2024年年底", 1}, {"2024年底", 1}}},
      {"~2025-06-30", {{"2025年6月底", 2}}},
      {"~2025-09-30", {{"2025年9月底前", 2}}},
      {"for ever", {{"立行立改、长期坚持", 1}}},
      {"not a day", {{"(年份原文遮蔽)", 2}}},  // The source masks the year.
      {"not stated", {{"", 6}}},
  };
  EXPECT_EQ(read, expected);
}

TEST(ReadDeadline, TakesNoTargetOfATaskTableForADay) {
  const auto read = ReadColumn("cn-task-ledger.csv", "时限或量化目标", "截至日期");
  if (read.empty()) GTEST_SKIP() << "the table is not here; set DUBAN_DATA";
  // Its column holds rates, amounts and "as soon as possible"; the one that names days names two, for two steps.
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read.at("not stated"), (std::map<std::string, int>{{"", 10}}));
  const auto& rejected = read.at("not a day");
  EXPECT_EQ(rejected.size(), 20u);
  int rows = 0;
  for (const auto& [wording, count] : rejected) rows += count;
  EXPECT_EQ(rows, 22);
  EXPECT_EQ(rejected.count("6月底前开工、12月底前完工"), 1u);
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
