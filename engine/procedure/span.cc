#include "engine/procedure/span.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace duban::engine {
namespace {

constexpr int64_t kCountMax = 36'500;

struct Unit {
  absl::string_view word;
  v1::DayKind kind;
  bool months;
  int64_t times = 1;  // A year is twelve months.
};

constexpr Unit kUnits[] = {
    {"working day", v1::DAY_KIND_WORKING, false},
    {"working days", v1::DAY_KIND_WORKING, false},
    {"day", v1::DAY_KIND_CALENDAR, false},
    {"days", v1::DAY_KIND_CALENDAR, false},
    {"calendar day", v1::DAY_KIND_CALENDAR, false},
    {"calendar days", v1::DAY_KIND_CALENDAR, false},
    {"month", v1::DAY_KIND_CALENDAR, true},
    {"months", v1::DAY_KIND_CALENDAR, true},
    {"year", v1::DAY_KIND_CALENDAR, true, 12},
    {"years", v1::DAY_KIND_CALENDAR, true, 12},
    {"年", v1::DAY_KIND_CALENDAR, true, 12},
    {"hour", v1::DAY_KIND_HOURS, false},
    {"hours", v1::DAY_KIND_HOURS, false},
    {"个工作日", v1::DAY_KIND_WORKING, false},
    {"工作日", v1::DAY_KIND_WORKING, false},
    {"日", v1::DAY_KIND_CALENDAR, false},
    {"天", v1::DAY_KIND_CALENDAR, false},
    {"个自然日", v1::DAY_KIND_CALENDAR, false},
    {"自然日", v1::DAY_KIND_CALENDAR, false},
    {"个月", v1::DAY_KIND_CALENDAR, true},
    {"小时", v1::DAY_KIND_HOURS, false},
    {"个小时", v1::DAY_KIND_HOURS, false},
};

}  // namespace

std::optional<Span> ParseSpan(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(text[digits])) ++digits;
  int64_t count = 0;
  if (digits == 0 || !absl::SimpleAtoi(text.substr(0, digits), &count) || count > kCountMax) return std::nullopt;
  const absl::string_view word = absl::StripLeadingAsciiWhitespace(text.substr(digits));
  for (const Unit& unit : kUnits) {
    if (unit.word == word && count <= kCountMax / unit.times) return Span{unit.kind, count * unit.times, unit.months};
  }
  return std::nullopt;
}

v1::Text SpanText(const Span& span) {
  const char* zh = "日";
  std::string en = "day";
  if (span.months) {
    zh = "个月";
    en = "month";
  } else if (span.kind == v1::DAY_KIND_WORKING) {
    zh = "个工作日";
    en = "working day";
  } else if (span.kind == v1::DAY_KIND_HOURS) {
    zh = "小时";
    en = "hour";
  }
  v1::Text out;
  out.set_zh(absl::StrCat(span.count, zh));
  out.set_en(absl::StrCat(span.count, " ", en, span.count == 1 ? "" : "s"));
  return out;
}

int64_t RoughHours(const Span& span) {
  if (span.months) return span.count * 730;
  if (span.kind == v1::DAY_KIND_WORKING) return span.count * 24 * 7 / 5;
  return span.kind == v1::DAY_KIND_HOURS ? span.count : span.count * 24;
}

}  // namespace duban::engine
