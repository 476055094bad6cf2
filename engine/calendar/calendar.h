// The working-day calendar: adding and counting days as the law counts them.
//
// Source of the days: the State Council's yearly notice (国务院办公厅关于部分节假日安排的通知). Listed days are
// what the notice says; all others work Monday to Friday. A year that was never published is not covered: every
// answer that would need it is a rejection CALENDAR_NOT_COVERED, because guessing would move legal deadlines.
//
// Immutable while it is used; a new publication makes a new value. Safe to share between threads.
#pragma once

#include <cstdint>
#include <map>

#include "duban/v1/calendar.pb.h"
#include "duban/v1/value.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"

namespace duban::engine {

// A length of time as deadlines give it.
struct Span {
  v1::DayKind kind = v1::DAY_KIND_UNSPECIFIED;
  int64_t count = 0;    // Days, or hours.
  bool months = false;  // `count` months by date (kind is DAY_KIND_CALENDAR): 31 January + 1 month = 28 February.

  bool operator==(const Span& other) const = default;
};

class Calendar {
 public:
  // Checks a year: the dates exist, belong to it, are listed once. Facts name the wrong date.
  static Verdict Check(const v1::CalendarYear& year);

  // Takes a year over as published; `version` becomes this calendar's. REQUIRES: Check passed.
  void Put(const v1::CalendarYear& year, uint32_t version);

  uint32_t version() const { return version_; }
  // The last year of the unbroken run of years that contains the newest; 0 when none is published.
  int last_year() const;
  // The first year of that run; 0 when none is published.
  int first_year() const;
  // The year as published, or null.
  const v1::CalendarYear* Year(int year) const;

  Outcome<bool> IsWorking(Day day) const;

  // The last of `days` days counted from `from`: with `count_first` the first candidate is `from` itself, otherwise
  // the day after it. Negative counts backwards by the same rule. Zero gives `from`.
  // Working days: 2026-09-28 + 3 = 2026-10-08 (National Day week is skipped).
  Outcome<Day> Add(Day from, int64_t days, v1::DayKind kind, bool count_first) const;

  // How many days of that kind lie in (from, to], or in [from, to] with `count_first`; negative when `to` is earlier.
  Outcome<int64_t> Count(Day from, Day to, v1::DayKind kind, bool count_first) const;

  // When `span` from `from` is over: the last moment on time. Days end with their last day; hours are exact.
  Outcome<Instant> DueAfter(Instant from, const Span& span, bool count_first, const Zone& zone) const;

  // `due` shifted by `span` (later when `sign` is 1, earlier when -1). Days keep the time of day.
  Outcome<Instant> Shift(Instant due, const Span& span, int sign, const Zone& zone) const;

  // What is left at `at` of a deadline that is due at `due`: days of `kind` after `at`'s day up to due's day, or
  // seconds for hours. Negative when `at` is past due.
  Outcome<int64_t> Remaining(Instant at, Instant due, v1::DayKind kind, const Zone& zone) const;

  // The due instant that leaves `remaining` at `at`: the inverse of Remaining.
  Outcome<Instant> DueWith(Instant at, int64_t remaining, v1::DayKind kind, const Zone& zone) const;

 private:
  struct Listed {
    v1::CalendarYear published;
    std::map<Day, bool> working;  // Only the days the notice names.
  };
  std::map<int, Listed> years_;
  uint32_t version_ = 0;
};

}  // namespace duban::engine
