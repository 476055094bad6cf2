#include "engine/calendar/calendar.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

namespace duban::engine {
namespace {

// Four-digit years: what a date of the contract can say.
constexpr int kYearMin = 1;
constexpr int kYearMax = 9999;
// More days than the years above hold: adding more cannot give a date.
constexpr int64_t kDaysMax = 366 * int64_t{kYearMax};
// Nor can hours; and their seconds stay far from overflow.
constexpr int64_t kHoursMax = 24 * kDaysMax;

Rejection NotCovered(int year, int first, int last) {
  const std::string covered = last == 0 ? "尚未发布任何年度" : absl::StrCat("已发布 ", first, " 至 ", last, " 年");
  return Reject(Kind::kOutOfRange, "CALENDAR_NOT_COVERED",
                absl::StrCat("工作日历未覆盖 ", year, " 年（", covered, "），请先发布该年度的节假日安排。"),
                absl::StrCat("The working-day calendar does not cover ", year,
                             last == 0 ? std::string(" (no year is published)")
                                       : absl::StrCat(" (published: ", first, " to ", last, ")"),
                             ". Publish that year's notice first."),
                {{"year", absl::StrCat(year)}, {"last_year", absl::StrCat(last)}});
}

Rejection DateOutOfRange() {
  return Reject(Kind::kOutOfRange, "DATE_OUT_OF_RANGE", "日期超出 0001 年至 9999 年。",
                "The date lies outside the years 0001 to 9999.");
}

Rejection NotADayKind() {
  return Reject(Kind::kInvalid, "DAY_KIND_INVALID", "此处只能按自然日或工作日计算。",
                "Only calendar days and working days can be counted here.");
}

Rejection WrongDate(const std::string& date, const std::string& zh, const std::string& en) {
  return Reject(Kind::kInvalid, "CALENDAR_INVALID", absl::StrCat("日历中的日期「", date, "」", zh),
                absl::StrCat("Calendar date \"", date, "\" ", en), {{"date", date}});
}

bool InRange(Day day) { return day.year() >= kYearMin && day.year() <= kYearMax; }

bool IsDays(v1::DayKind kind) { return kind == v1::DAY_KIND_CALENDAR || kind == v1::DAY_KIND_WORKING; }

// By date; the month's last day where the target month is too short.
Day AddMonths(Day from, int64_t months) {
  const absl::CivilMonth month = absl::CivilMonth(from) + months;
  const Day last = Day(month + 1) - 1;
  return std::min(Day(month.year(), month.month(), from.day()), last);
}

}  // namespace

Verdict Calendar::Check(const v1::CalendarYear& year) {
  const std::string shown = absl::StrCat(year.year());
  if (year.year() < kYearMin || year.year() > kYearMax) {
    return Reject(Kind::kInvalid, "CALENDAR_INVALID", absl::StrCat("年份 ", shown, " 不在 1 至 9999 之间。"),
                  absl::StrCat("Year ", shown, " is not between 1 and 9999."), {{"year", shown}});
  }
  // An announced year always names holidays: an empty one is a notice that has not been issued yet.
  if (year.days().empty()) {
    return Reject(
        Kind::kInvalid, "CALENDAR_INVALID", absl::StrCat(shown, " 年没有列出任何日期：通知尚未发布的年度不能发布。"),
        absl::StrCat("Year ", shown, " lists no day: a year without a notice cannot be published."), {{"year", shown}});
  }
  std::set<Day> seen;
  for (const v1::CalendarDay& listed : year.days()) {
    const std::optional<Day> day = ParseDay(listed.date());
    if (!day.has_value())
      return WrongDate(listed.date(), "不存在，应写作 2026-10-01。", "does not exist; write 2026-10-01.");
    if (day->year() != year.year()) {
      return WrongDate(listed.date(), absl::StrCat("不属于 ", shown, " 年。"), absl::StrCat("is not in ", shown, "."));
    }
    if (listed.type() != v1::DAY_TYPE_HOLIDAY && listed.type() != v1::DAY_TYPE_WORKDAY) {
      return WrongDate(listed.date(), "未注明是放假还是上班。", "does not say whether it is a holiday or a workday.");
    }
    if (!seen.insert(*day).second) return WrongDate(listed.date(), "重复列出。", "is listed twice.");
  }
  return Nothing{};
}

void Calendar::Put(const v1::CalendarYear& year, uint32_t version) {
  Listed listed;
  listed.published = year;
  for (const v1::CalendarDay& day : year.days()) {
    const std::optional<Day> date = ParseDay(day.date());
    DUBAN_CHECK(date.has_value(), "a calendar year is checked before it is put");
    listed.working[*date] = day.type() == v1::DAY_TYPE_WORKDAY;
  }
  years_[year.year()] = std::move(listed);
  version_ = version;
}

int Calendar::last_year() const { return years_.empty() ? 0 : years_.rbegin()->first; }

int Calendar::first_year() const {
  int year = last_year();
  while (years_.count(year - 1) != 0) --year;
  return year;
}

const v1::CalendarYear* Calendar::Year(int year) const {
  const auto found = years_.find(year);
  return found == years_.end() ? nullptr : &found->second.published;
}

Outcome<bool> Calendar::IsWorking(Day day) const {
  if (!InRange(day)) return DateOutOfRange();
  const auto year = years_.find(static_cast<int>(day.year()));
  if (year == years_.end()) return NotCovered(static_cast<int>(day.year()), first_year(), last_year());
  const auto listed = year->second.working.find(day);
  if (listed != year->second.working.end()) return listed->second;
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday;
}

Outcome<Day> Calendar::Add(Day from, int64_t days, v1::DayKind kind, bool count_first) const {
  if (!IsDays(kind)) return NotADayKind();
  if (days == 0) return from;
  if (days > kDaysMax || days < -kDaysMax) return DateOutOfRange();
  const int step = days > 0 ? 1 : -1;
  if (kind == v1::DAY_KIND_CALENDAR) {
    const Day day = from + (days - (count_first ? step : 0));
    if (!InRange(day)) return DateOutOfRange();
    return day;
  }
  // Ends at the latest where the calendar's coverage ends.
  int64_t left = days * step;
  for (Day day = count_first ? from : from + step;; day += step) {
    const Outcome<bool> working = IsWorking(day);
    if (!working.ok()) return working.rejection();
    if (*working && --left == 0) return day;
  }
}

Outcome<int64_t> Calendar::Count(Day from, Day to, v1::DayKind kind, bool count_first) const {
  if (!IsDays(kind)) return NotADayKind();
  if (!InRange(from) || !InRange(to)) return DateOutOfRange();
  const int step = to < from ? -1 : 1;
  if (kind == v1::DAY_KIND_CALENDAR) return (to - from) + (count_first ? step : 0);
  int64_t count = 0;
  for (Day day = count_first ? from : from + step; step > 0 ? day <= to : day >= to; day += step) {
    const Outcome<bool> working = IsWorking(day);
    if (!working.ok()) return working.rejection();
    if (*working) count += step;
  }
  return count;
}

Outcome<Instant> Calendar::DueAfter(Instant from, const Span& span, bool count_first, const Zone& zone) const {
  if (span.kind == v1::DAY_KIND_HOURS) return Shift(from, span, 1, zone);
  const Day first = zone.DayOf(from);
  if (span.months) {
    if (span.count > kDaysMax || span.count < -kDaysMax) return DateOutOfRange();
    const Day day = AddMonths(first, span.count) - (count_first ? 1 : 0);
    if (!InRange(day)) return DateOutOfRange();
    return zone.EndOf(day);
  }
  const Outcome<Day> last = Add(first, span.count, span.kind, count_first);
  if (!last.ok()) return last.rejection();
  return zone.EndOf(*last);
}

Outcome<Instant> Calendar::Shift(Instant due, const Span& span, int sign, const Zone& zone) const {
  if (span.count > kHoursMax || span.count < -kHoursMax) return DateOutOfRange();
  const int64_t count = sign < 0 ? -span.count : span.count;
  if (span.kind == v1::DAY_KIND_HOURS) {
    const Instant shifted = due + absl::Hours(count);
    if (!InRange(zone.DayOf(shifted))) return DateOutOfRange();
    return shifted;
  }
  const Day day = zone.DayOf(due);
  const Outcome<Day> to = span.months ? Outcome<Day>(AddMonths(day, count)) : Add(day, count, span.kind, false);
  if (!to.ok()) return to.rejection();
  if (!InRange(*to)) return DateOutOfRange();
  return zone.StartOf(*to) + (due - zone.StartOf(day));
}

Outcome<int64_t> Calendar::Remaining(Instant at, Instant due, v1::DayKind kind, const Zone& zone) const {
  if (kind == v1::DAY_KIND_HOURS) return absl::ToInt64Seconds(absl::Floor(due - at, absl::Seconds(1)));
  const Outcome<int64_t> days = Count(zone.DayOf(at), zone.DayOf(due), kind, false);
  if (!days.ok()) return days.rejection();
  // Past due within one day, or over days that are not of this kind: still past due.
  return at > due ? std::min<int64_t>(*days, -1) : *days;
}

Outcome<Instant> Calendar::DueWith(Instant at, int64_t remaining, v1::DayKind kind, const Zone& zone) const {
  if (kind == v1::DAY_KIND_HOURS) {
    if (remaining > kHoursMax * 3600 || remaining < -kHoursMax * 3600) return DateOutOfRange();
    return at + absl::Seconds(remaining);
  }
  const Outcome<Day> day = Add(zone.DayOf(at), remaining, kind, false);
  if (!day.ok()) return day.rejection();
  return zone.EndOf(*day);
}

}  // namespace duban::engine
