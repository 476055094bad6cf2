#include "clients/cli/dates.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace duban::cli {
namespace {

// Takes 1 to `most` digits off the front.
std::optional<int> TakeNumber(absl::string_view* text, size_t most) {
  size_t length = 0;
  while (length < text->size() && length < most && absl::ascii_isdigit((*text)[length])) ++length;
  int number = 0;
  if (length == 0 || !absl::SimpleAtoi(text->substr(0, length), &number)) return std::nullopt;
  text->remove_prefix(length);
  return number;
}

std::optional<absl::CivilDay> Existing(int year, int month, int day) {
  absl::CivilDay made(year, month, day);
  // CivilDay carries 31 June over to 1 July; such a day does not exist.
  if (year < 1900 || year > 2200 || made.month() != month || made.day() != day) return std::nullopt;
  return made;
}

absl::CivilDay LastOf(int year, int month) { return absl::CivilDay(absl::CivilMonth(year, month) + 1) - 1; }

// Takes the day off the front; what follows is left.
std::optional<absl::CivilDay> TakeDay(absl::string_view* text) {
  auto year = TakeNumber(text, 4);
  if (!year) return std::nullopt;
  for (absl::string_view separator : {"-", "/", ".", "年"}) {
    if (!absl::ConsumePrefix(text, separator)) continue;
    auto month = TakeNumber(text, 2);
    if (!month || !absl::ConsumePrefix(text, separator == "年" ? "月" : separator)) return std::nullopt;
    auto day = TakeNumber(text, 2);
    if (!day) return std::nullopt;
    if (separator == "年") absl::ConsumePrefix(text, "日");
    return Existing(*year, *month, *day);
  }
  auto month = TakeNumber(text, 2);
  auto day = TakeNumber(text, 2);
  if (!month || !day) return std::nullopt;
  return Existing(*year, *month, *day);
}

// "+08:00", "+0800", "Z", or nothing for the zone's own.
std::optional<absl::TimeZone> ReadOffset(absl::string_view text, absl::TimeZone zone) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty()) return zone;
  if (text == "Z" || text == "z") return absl::UTCTimeZone();
  int sign = text[0] == '-' ? -1 : 1;
  if (text[0] != '+' && text[0] != '-') return std::nullopt;
  text.remove_prefix(1);
  auto hours = TakeNumber(&text, 2);
  absl::ConsumePrefix(&text, ":");
  auto minutes = text.empty() ? std::optional<int>(0) : TakeNumber(&text, 2);
  if (!hours || !minutes || !text.empty() || *hours > 18 || *minutes > 59) return std::nullopt;
  return absl::FixedTimeZone(sign * (*hours * 3600 + *minutes * 60));
}

// ".688000" as a fraction of a second; nothing there is zero.
std::optional<absl::Duration> TakeFraction(absl::string_view* text) {
  if (!absl::ConsumePrefix(text, ".")) return absl::ZeroDuration();
  int64_t nanoseconds = 0;
  int digits = 0;
  while (!text->empty() && absl::ascii_isdigit(text->front())) {
    if (digits < 9) nanoseconds = nanoseconds * 10 + (text->front() - '0');
    ++digits;
    text->remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 9; ++digits) nanoseconds *= 10;
  return absl::Nanoseconds(nanoseconds);
}

}  // namespace

std::optional<absl::CivilDay> ReadDay(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  auto day = TakeDay(&text);
  if (!day || !text.empty()) return std::nullopt;
  return day;
}

std::optional<absl::Time> ReadInstant(absl::string_view text, absl::TimeZone zone) {
  text = absl::StripAsciiWhitespace(text);
  auto day = TakeDay(&text);
  if (!day || text.empty() || (text[0] != ' ' && text[0] != 'T')) return std::nullopt;
  text.remove_prefix(1);
  auto hour = TakeNumber(&text, 2);
  if (!hour || !absl::ConsumePrefix(&text, ":")) return std::nullopt;
  auto minute = TakeNumber(&text, 2);
  std::optional<int> second = 0;
  std::optional<absl::Duration> fraction = absl::ZeroDuration();
  if (absl::ConsumePrefix(&text, ":")) {
    second = TakeNumber(&text, 2);
    fraction = TakeFraction(&text);
  }
  auto offset = ReadOffset(text, zone);
  if (!minute || !second || !fraction || !offset || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  absl::CivilSecond civil(day->year(), day->month(), day->day(), *hour, *minute, *second);
  return absl::FromCivil(civil, *offset) + *fraction;
}

namespace {

using Precision = Deadline::Precision;

// Full-width digits and blanks as usual ones, and the same word in one spelling.
std::string Normal(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"０", "0"},
                                    {"１", "1"},
                                    {"２", "2"},
                                    {"３", "3"},
                                    {"４", "4"},
                                    {"５", "5"},
                                    {"６", "6"},
                                    {"７", "7"},
                                    {"８", "8"},
                                    {"９", "9"},
                                    {" ", ""},
                                    {"\u3000", ""},
                                    {"年年", "年"},
                                    {"月份", "月"},
                                    {"第", ""},
                                    {"一季度", "1季度"},
                                    {"二季度", "2季度"},
                                    {"三季度", "3季度"},
                                    {"四季度", "4季度"}});
}

bool IsStanding(absl::string_view text) {
  bool standing = false;
  const std::string words = absl::StrReplaceAll(text, {{"，", "、"}, {",", "、"}, {"；", "、"}, {"并", "、"}});
  for (absl::string_view word : absl::StrSplit(words, "、")) {
    const bool always = word == "长期" || word == "长期坚持" || word == "常态化" || word == "常态化推进" ||
                        word == "持续推进" || word == "持续坚持";
    if (!always && word != "立行立改") return false;
    standing = standing || always;
  }
  return standing;
}

// What may follow a named month, quarter or year: its end, or "before its end".
bool IsEnd(absl::string_view rest) {
  return rest.empty() || rest == "前" || rest == "底" || rest == "底前" || rest == "末" || rest == "末前" ||
         rest == "内";
}

// What is named within a year, after the year itself; `year` is any where none is stated.
std::optional<Deadline> ReadWithin(int year, absl::string_view rest) {
  Deadline out;
  const auto last = [&](int month, Precision precision) {
    out.day = LastOf(year, month);
    out.precision = precision;
    return out;
  };
  if (absl::ConsumePrefix(&rest, "上半年")) {
    return IsEnd(rest) ? std::optional<Deadline>(last(6, Precision::kHalfYear)) : std::nullopt;
  }
  if (absl::ConsumePrefix(&rest, "下半年")) {
    return IsEnd(rest) ? std::optional<Deadline>(last(12, Precision::kHalfYear)) : std::nullopt;
  }
  if (IsEnd(rest)) return last(12, Precision::kYear);
  const auto number = TakeNumber(&rest, 2);
  if (!number || *number < 1) return std::nullopt;
  if (absl::ConsumePrefix(&rest, "季度")) {
    if (*number > 4 || !IsEnd(rest)) return std::nullopt;
    return last(*number * 3, Precision::kQuarter);
  }
  if (*number > 12 || !absl::ConsumePrefix(&rest, "月")) return std::nullopt;
  if (IsEnd(rest)) return last(*number, Precision::kMonth);
  const auto day = TakeNumber(&rest, 2);
  if (!day || !absl::ConsumePrefix(&rest, "日")) return std::nullopt;
  absl::ConsumePrefix(&rest, "之");
  absl::ConsumePrefix(&rest, "以");
  if (!rest.empty() && rest != "前") return std::nullopt;
  out.day = Existing(year, *number, *day);
  return out.day ? std::optional<Deadline>(out) : std::nullopt;
}

// "年底", "今年底", "明年6月底", "本月底", "9月底前": relative to the paper's day.
std::optional<Deadline> ReadRelative(absl::string_view rest, absl::CivilDay document) {
  const int year = static_cast<int>(document.year());
  if (absl::ConsumePrefix(&rest, "明年")) return ReadWithin(year + 1, rest);
  if (absl::ConsumePrefix(&rest, "今年") || absl::ConsumePrefix(&rest, "本年")) return ReadWithin(year, rest);
  absl::string_view month = rest;
  if (absl::ConsumePrefix(&month, "本月") || absl::ConsumePrefix(&month, "月")) {
    if (!IsEnd(month) || (month.empty() && rest == "月")) return std::nullopt;
    Deadline out;
    out.day = LastOf(year, document.month());
    out.precision = Precision::kMonth;
    return out;
  }
  // "年底" is an end of the year; a bare 年, 底 or 前 is nothing.
  const bool of_year = absl::ConsumePrefix(&rest, "年");
  if (rest.empty() || of_year != IsEnd(rest)) return std::nullopt;
  std::optional<Deadline> found = ReadWithin(year, rest);
  if (found && *found->day < document) found = ReadWithin(year + 1, rest);
  return found;
}

}  // namespace

std::optional<Deadline> ReadDeadline(absl::string_view text, std::optional<absl::CivilDay> document) {
  Deadline out;
  out.day = ReadDay(text);
  if (out.day) return out;
  const std::string wording = Normal(text);
  if (IsStanding(wording)) {
    out.standing = true;
    return out;
  }
  absl::string_view rest = wording;
  // Of a stretch of days the last counts; its year may stand at the first alone.
  for (absl::string_view to : {"至", "—", "－", "~"}) {
    const size_t at = rest.find(to);
    if (at == absl::string_view::npos) continue;
    const std::optional<Deadline> begin = ReadDeadline(rest.substr(0, at), document);
    if (!begin || !begin->day) return std::nullopt;
    return ReadDeadline(rest.substr(at + to.size()), begin->day);
  }
  absl::string_view after = rest;
  const auto year = TakeNumber(&after, 4);
  if (year && *year >= 1900 && *year <= 2200 && absl::ConsumePrefix(&after, "年")) return ReadWithin(*year, after);
  return document ? ReadRelative(rest, *document) : std::nullopt;
}

std::string ShowDay(absl::CivilDay day) { return absl::FormatCivilTime(day); }

std::string ShowInstant(absl::Time t, absl::TimeZone zone, bool precise) {
  return absl::FormatTime(precise ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M", t, zone);
}

google::protobuf::Timestamp ToTimestamp(absl::Time t) {
  int64_t ms = absl::ToUnixMillis(t);  // Rounds towards the past.
  int64_t seconds = ms >= 0 ? ms / 1000 : (ms - 999) / 1000;
  google::protobuf::Timestamp out;
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(ms - seconds * 1000) * 1'000'000);
  return out;
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& t) {
  return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
}

}  // namespace duban::cli
