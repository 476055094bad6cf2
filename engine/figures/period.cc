#include "engine/figures/period.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace duban::engine {
namespace {

constexpr int kYearMin = 2000;
constexpr int kYearMax = 2200;

// So many months from the first day of a month on.
Period MonthsFrom(Period::Kind kind, int64_t year, int month, int months) {
  const absl::CivilMonth first(year, month);
  return Period{kind, Day(first), Day(first + months) - 1};
}

std::optional<int> Number(absl::string_view text, size_t digits) {
  int n = 0;
  if (text.size() != digits || text.find_first_not_of("0123456789") != absl::string_view::npos) return std::nullopt;
  return absl::SimpleAtoi(text, &n) ? std::optional<int>(n) : std::nullopt;
}

std::optional<absl::CivilMonth> MonthOf(absl::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const std::optional<int> year = Number(text.substr(0, 4), 4);
  const std::optional<int> month = Number(text.substr(5), 2);
  if (!year || !month || *month < 1 || *month > 12) return std::nullopt;
  return absl::CivilMonth(*year, *month);
}

std::optional<Period> Dates(absl::string_view from, absl::string_view to) {
  std::optional<Day> first = ParseDay(from), last = ParseDay(to);
  if (!first) {
    if (const auto month = MonthOf(from)) first = Day(*month);
  }
  if (!last) {
    if (const auto month = MonthOf(to)) last = Day(*month + 1) - 1;
  }
  if (!first || !last || *first > *last) return std::nullopt;
  return Period{Period::Kind::kDates, *first, *last};
}

std::optional<Period> Read(absl::string_view text) {
  if (const size_t dots = text.find(".."); dots != absl::string_view::npos) {
    return Dates(text.substr(0, dots), text.substr(dots + 2));
  }
  if (const auto month = MonthOf(text)) return MonthsFrom(Period::Kind::kMonth, month->year(), month->month(), 1);
  const std::optional<int> year = Number(text.substr(0, 4), 4);
  if (!year) return std::nullopt;
  if (text.size() == 4) return MonthsFrom(Period::Kind::kYear, *year, 1, 12);
  if (text.size() != 6) return std::nullopt;
  const int n = text[5] - '0';
  if (text[4] == 'Q' && n >= 1 && n <= 4) return MonthsFrom(Period::Kind::kQuarter, *year, 3 * n - 2, 3);
  if (text[4] == 'H' && n >= 1 && n <= 2) return MonthsFrom(Period::Kind::kHalfYear, *year, 6 * n - 5, 6);
  return std::nullopt;
}

int MonthsIn(Period::Kind kind) {
  switch (kind) {
    case Period::Kind::kMonth:
      return 1;
    case Period::Kind::kQuarter:
      return 3;
    case Period::Kind::kHalfYear:
      return 6;
    case Period::Kind::kYear:
      return 12;
    case Period::Kind::kDates:
      return 0;
  }
  return 0;
}

std::string MonthName(Day day) { return absl::StrFormat("%04d-%02d", day.year(), day.month()); }

// The day a year earlier; the last of February where there is none.
Day AYearBefore(Day day, bool last) {
  const absl::CivilMonth month(day.year() - 1, day.month());
  // The last day of a month stays the last day of a month.
  const Day end = Day(month + 1) - 1;
  if (last && (day + 1).day() == 1) return end;
  return day.day() > end.day() ? end : Day(month.year(), month.month(), day.day());
}

}  // namespace

std::string Period::Name() const {
  switch (kind) {
    case Kind::kMonth:
      return MonthName(first);
    case Kind::kQuarter:
      return absl::StrFormat("%04dQ%d", first.year(), (first.month() + 2) / 3);
    case Kind::kHalfYear:
      return absl::StrFormat("%04dH%d", first.year(), first.month() < 7 ? 1 : 2);
    case Kind::kYear:
      return absl::StrFormat("%04d", first.year());
    case Kind::kDates:
      return absl::StrCat(FormatDay(first), "..", FormatDay(last));
  }
  return "";
}

bool Period::whole_months() const { return first.day() == 1 && (last + 1).day() == 1; }
std::string Period::first_month() const { return MonthName(first); }
std::string Period::last_month() const { return MonthName(last); }

Outcome<Period> ParsePeriod(absl::string_view text) {
  const std::optional<Period> read = text.size() < 4 ? std::nullopt : Read(text);
  if (read.has_value() && read->first.year() >= kYearMin && read->last.year() <= kYearMax) return *read;
  return Reject(Kind::kInvalid, "PERIOD_INVALID",
                absl::StrCat("“", text, "”不是期间；写法：2026-09（月）、2026Q3（季）、2026H1（半年）、2026（年）、",
                             "2026-03-05..2026-04-10（起止）"),
                absl::StrCat("\"", text, "\" is no period: 2026-09 (month), 2026Q3 (quarter), 2026H1 (half-year), ",
                             "2026 (year), 2026-03-05..2026-04-10 (dates)"),
                {{"field", "period"}, {"period", std::string(text)}});
}

Period YearBefore(const Period& period) {
  return Period{period.kind, AYearBefore(period.first, false), AYearBefore(period.last, true)};
}

std::optional<Period> PeriodBefore(const Period& period) {
  const int months = MonthsIn(period.kind);
  if (months == 0) return std::nullopt;
  const absl::CivilMonth first = absl::CivilMonth(period.first) - months;
  return MonthsFrom(period.kind, first.year(), static_cast<int>(first.month()), months);
}

}  // namespace duban::engine
