// Working days as the yearly notices have them.
#include "engine/calendar/calendar.h"

#include <random>
#include <string>

#include "gtest/gtest.h"
#include "tests/engine/support/calendar_facts.h"

namespace duban::engine {
namespace {

constexpr v1::DayKind kWorking = v1::DAY_KIND_WORKING;
constexpr v1::DayKind kCalendar = v1::DAY_KIND_CALENDAR;
constexpr v1::DayKind kHours = v1::DAY_KIND_HOURS;
const Zone kBeijing(8 * 3600);

Day D(const char* text) { return *ParseDay(text); }

// 2026-10-08 17:30 in Beijing.
Instant At(const char* day, int hour = 0, int minute = 0) {
  return kBeijing.StartOf(D(day)) + absl::Hours(hour) + absl::Minutes(minute);
}

std::string Shown(const Outcome<Day>& day) { return day.ok() ? FormatDay(*day) : day.rejection().reason; }
std::string Shown(const Outcome<Instant>& at) { return at.ok() ? kBeijing.Format(*at) : at.rejection().reason; }

std::string Fact(const Rejection& rejection, const std::string& key) {
  for (const auto& [name, value] : rejection.facts) {
    if (name == key) return value;
  }
  return "";
}

// --- The facts ---

TEST(CalendarFacts, EveryYearHasTheWorkingDaysThatWerePublished) {
  const Calendar calendar = CalendarOf(2019, 2026);
  const struct {
    int year;
    int64_t working_days;
  } kFacts[] = {{2019, 250}, {2020, 249}, {2021, 250}, {2022, 249}, {2023, 249}, {2024, 251}, {2025, 248}, {2026, 248}};
  for (const auto& fact : kFacts) {
    const Outcome<int64_t> days = calendar.Count(Day(fact.year, 1, 1), Day(fact.year, 12, 31), kWorking, true);
    ASSERT_TRUE(days.ok());
    EXPECT_EQ(*days, fact.working_days) << fact.year;
  }
}

TEST(CalendarFacts, PublicNoticesCountBothEnds) {
  const Calendar calendar = CalendarOf(2024, 2026);
  const struct {
    const char* from;
    const char* to;
    int64_t days;
    const char* why;
  } kFacts[] = {
      {"2025-01-21", "2025-02-08", 10, "over Spring Festival, with two make-up working days"},
      {"2024-09-29", "2024-10-09", 4, "over National Day, the make-up Sunday 29 September included"},
      {"2024-09-30", "2024-10-09", 3, "over National Day, beginning on the Monday"},
      {"2026-09-28", "2026-10-08", 4, "over National Day"},
      {"2025-10-01", "2025-10-08", 0, "nothing but holidays"},
  };
  for (const auto& fact : kFacts) {
    const Outcome<int64_t> days = calendar.Count(D(fact.from), D(fact.to), kWorking, true);
    ASSERT_TRUE(days.ok());
    EXPECT_EQ(*days, fact.days) << fact.why;
  }
}

TEST(CalendarFacts, AddingGoesOverHolidaysAndMakeUpDays) {
  const Calendar calendar = CalendarOf(2024, 2026);
  const struct {
    const char* from;
    int64_t days;
    bool count_first;
    const char* to;
  } kFacts[] = {
      {"2026-09-28", 3, false, "2026-10-08"}, {"2026-09-28", 5, false, "2026-10-10"},
      {"2025-01-21", 10, true, "2025-02-08"}, {"2025-01-24", 1, false, "2025-01-26"},
      {"2025-01-25", 1, true, "2025-01-26"},  {"2025-10-09", -1, false, "2025-09-30"},
      {"2025-10-09", -2, true, "2025-09-30"}, {"2025-10-01", 0, false, "2025-10-01"},
      {"2025-12-31", 1, false, "2026-01-04"},
  };
  for (const auto& fact : kFacts) {
    EXPECT_EQ(Shown(calendar.Add(D(fact.from), fact.days, kWorking, fact.count_first)), fact.to)
        << fact.from << (fact.count_first ? " counted, " : " + ") << fact.days;
  }
}

// --- Rules that hold everywhere ---

class CalendarProperties : public testing::Test {
 protected:
  // Any day far enough from both ends of the calendar.
  Day AnyDay() { return Day(2020, 1, 1) + std::uniform_int_distribution<int>(0, 365 * 6)(random_); }
  int64_t AnyCount() { return std::uniform_int_distribution<int64_t>(1, 200)(random_); }

  const Calendar calendar_ = CalendarOf(2019, 2026);
  std::mt19937 random_{20261122};
};

TEST_F(CalendarProperties, CountingGivesBackWhatWasAdded) {
  for (int i = 0; i < 2000; ++i) {
    const Day from = AnyDay();
    const int64_t days = AnyCount() * (i % 2 == 0 ? 1 : -1);
    const bool count_first = i % 3 == 0;
    for (v1::DayKind kind : {kWorking, kCalendar}) {
      const Outcome<Day> to = calendar_.Add(from, days, kind, count_first);
      if (!to.ok()) continue;  // Beyond 2026.
      const Outcome<int64_t> counted = calendar_.Count(from, *to, kind, count_first);
      ASSERT_TRUE(counted.ok());
      ASSERT_EQ(*counted, days) << FormatDay(from) << " to " << FormatDay(*to) << " first counts: " << count_first;
    }
  }
}

TEST_F(CalendarProperties, FromAWorkingDaySubtractingUndoesAdding) {
  for (int i = 0; i < 2000; ++i) {
    const Day from = AnyDay();
    if (!*calendar_.IsWorking(from)) continue;
    const int64_t days = AnyCount();
    const Outcome<Day> there = calendar_.Add(from, days, kWorking, false);
    if (!there.ok()) continue;
    ASSERT_EQ(Shown(calendar_.Add(*there, -days, kWorking, false)), FormatDay(from)) << days;
  }
}

TEST_F(CalendarProperties, TheResultOfAddingWorkingDaysIsAWorkingDay) {
  for (int i = 0; i < 500; ++i) {
    const Outcome<Day> to = calendar_.Add(AnyDay(), AnyCount(), kWorking, i % 2 == 0);
    if (to.ok()) {
      ASSERT_TRUE(*calendar_.IsWorking(*to)) << FormatDay(*to);
    }
  }
}

TEST_F(CalendarProperties, ADueInstantMadeFromWhatRemainedLeavesAsMuch) {
  for (int i = 0; i < 2000; ++i) {
    const Instant at =
        kBeijing.StartOf(AnyDay()) + absl::Seconds(std::uniform_int_distribution<int>(0, 86399)(random_));
    const int64_t remaining = AnyCount() - 100;
    for (v1::DayKind kind : {kWorking, kCalendar, kHours}) {
      const Outcome<Instant> due = calendar_.DueWith(at, remaining, kind, kBeijing);
      if (!due.ok()) continue;
      const Outcome<int64_t> left = calendar_.Remaining(at, *due, kind, kBeijing);
      ASSERT_TRUE(left.ok());
      ASSERT_EQ(*left, remaining) << kBeijing.Format(at) << " kind " << kind;
    }
  }
}

TEST_F(CalendarProperties, ADeadlineOfDaysSuspendedAndResumedAtOnceDoesNotMove) {
  for (int i = 0; i < 500; ++i) {
    const Instant from = kBeijing.StartOf(AnyDay()) + absl::Hours(10);
    const Outcome<Instant> due = calendar_.DueAfter(from, Span{kWorking, AnyCount(), false}, false, kBeijing);
    if (!due.ok()) continue;
    const Instant at = from + absl::Hours(30);
    if (at > *due) continue;
    const Outcome<int64_t> left = calendar_.Remaining(at, *due, kWorking, kBeijing);
    // Resumed on the same day; a deadline of zero days left ends today, be it a working day or not.
    ASSERT_EQ(Shown(calendar_.DueWith(at, *left, kWorking, kBeijing)),
              *left == 0 ? Shown(Outcome<Instant>(kBeijing.EndOf(kBeijing.DayOf(at)))) : Shown(due));
  }
}

// --- Instants ---

TEST(CalendarInstants, ADeadlineOfDaysEndsWithItsLastDay) {
  const Calendar calendar = CalendarOf(2025, 2026);
  const Outcome<Instant> due = calendar.DueAfter(At("2026-09-28", 9), Span{kWorking, 3, false}, false, kBeijing);
  ASSERT_TRUE(due.ok());
  EXPECT_EQ(*due, kBeijing.EndOf(D("2026-10-08")));
  EXPECT_EQ(*due + kTick, kBeijing.StartOf(D("2026-10-09")));
}

TEST(CalendarInstants, ADeadlineOfHoursIsExact) {
  const Calendar none;
  EXPECT_EQ(Shown(none.DueAfter(At("2026-10-01", 17, 30), Span{kHours, 36, false}, false, kBeijing)),
            "2026-10-03 05:30");
}

TEST(CalendarInstants, MonthsGoByDateAndNeverIntoTheNextMonth) {
  const Calendar none;
  const struct {
    const char* from;
    int64_t months;
    bool count_first;
    const char* due;
  } kFacts[] = {
      {"2026-01-31", 1, false, "2026-02-28 23:59"}, {"2024-01-31", 1, false, "2024-02-29 23:59"},
      {"2026-03-15", 2, false, "2026-05-15 23:59"}, {"2026-11-30", 3, false, "2027-02-28 23:59"},
      {"2026-03-01", 1, true, "2026-03-31 23:59"},
  };
  for (const auto& fact : kFacts) {
    const Span span{kCalendar, fact.months, true};
    EXPECT_EQ(Shown(none.DueAfter(At(fact.from, 9), span, fact.count_first, kBeijing)), fact.due) << fact.from;
  }
}

TEST(CalendarInstants, ShiftingByDaysKeepsTheTimeOfDay) {
  const Calendar calendar = CalendarOf(2025, 2026);
  const Instant due = At("2026-10-09", 17, 30);
  EXPECT_EQ(Shown(calendar.Shift(due, Span{kWorking, 3, false}, -1, kBeijing)), "2026-09-29 17:30");
  EXPECT_EQ(Shown(calendar.Shift(due, Span{kWorking, 1, false}, 1, kBeijing)), "2026-10-10 17:30");
  EXPECT_EQ(Shown(calendar.Shift(due, Span{kCalendar, 3, false}, -1, kBeijing)), "2026-10-06 17:30");
  EXPECT_EQ(Shown(calendar.Shift(due, Span{kCalendar, 1, true}, -1, kBeijing)), "2026-09-09 17:30");
  EXPECT_EQ(Shown(calendar.Shift(due, Span{kHours, 20, false}, -1, kBeijing)), "2026-10-08 21:30");
  EXPECT_EQ(Shown(calendar.Shift(due, Span{kWorking, 0, false}, 1, kBeijing)), "2026-10-09 17:30");
}

TEST(CalendarInstants, WhatIsLeftIsNegativeOnceDueHasPassed) {
  const Calendar calendar = CalendarOf(2025, 2026);
  const auto left = [&](Instant at, Instant due, v1::DayKind kind) {
    return *calendar.Remaining(at, due, kind, kBeijing);
  };
  EXPECT_EQ(left(At("2026-09-30", 9), kBeijing.EndOf(D("2026-10-09")), kWorking), 2);
  EXPECT_EQ(left(At("2026-10-09", 9), kBeijing.EndOf(D("2026-10-09")), kWorking), 0) << "the last day is on time";
  EXPECT_EQ(left(At("2026-10-12", 9), kBeijing.EndOf(D("2026-10-09")), kWorking), -2)
      << "Friday, and Saturday's make-up day";
  EXPECT_EQ(left(At("2026-10-09", 18), At("2026-10-09", 12), kWorking), -1) << "past due within the day";
  EXPECT_EQ(left(At("2026-10-05", 9), kBeijing.EndOf(D("2026-10-04")), kWorking), -1) << "past due over holidays only";
  EXPECT_EQ(left(At("2026-10-09", 12), At("2026-10-09", 11), kHours), -3600);
  EXPECT_EQ(left(At("2026-10-09", 12) + kTick, At("2026-10-09", 12), kHours), -1);
}

// --- Coverage ---

TEST(CalendarCoverage, AnUnpublishedYearIsRefusedAndNamed) {
  const Calendar calendar = CalendarOf(2024, 2026);
  const Outcome<Day> day = calendar.Add(D("2026-12-30"), 5, kWorking, false);
  ASSERT_FALSE(day.ok());
  EXPECT_EQ(day.rejection().reason, "CALENDAR_NOT_COVERED");
  EXPECT_EQ(day.rejection().kind, Kind::kOutOfRange);
  EXPECT_EQ(Fact(day.rejection(), "year"), "2027");
  EXPECT_EQ(Fact(day.rejection(), "last_year"), "2026");
  EXPECT_EQ(Shown(calendar.Add(D("2024-01-02"), -5, kWorking, false)), "CALENDAR_NOT_COVERED");
  EXPECT_FALSE(calendar.Count(D("2026-12-30"), D("2027-01-04"), kWorking, false).ok());
  EXPECT_FALSE(calendar.IsWorking(D("2023-12-31")).ok());
  EXPECT_FALSE(Calendar().IsWorking(D("2026-01-01")).ok());
}

TEST(CalendarCoverage, CalendarDaysNeedNoNotice) {
  EXPECT_EQ(Shown(Calendar().Add(D("2030-01-30"), 3, kCalendar, false)), "2030-02-02");
  EXPECT_EQ(*Calendar().Count(D("2030-01-30"), D("2030-02-02"), kCalendar, true), 4);
}

TEST(CalendarCoverage, ADeadlineThatEndsInTheLastCoveredYearNeedsNoMore) {
  const Calendar calendar = CalendarOf(2026, 2026);
  EXPECT_EQ(Shown(calendar.Add(D("2026-12-30"), 1, kWorking, false)), "2026-12-31");
}

TEST(CalendarCoverage, TheRunOfYearsEndsAtAGap) {
  Calendar calendar;
  EXPECT_EQ(calendar.last_year(), 0);
  EXPECT_EQ(calendar.first_year(), 0);
  for (int year : {2019, 2020, 2024, 2025, 2026}) calendar.Put(NoticeOf(year), 1);
  EXPECT_EQ(calendar.last_year(), 2026);
  EXPECT_EQ(calendar.first_year(), 2024);
  EXPECT_TRUE(calendar.IsWorking(D("2020-05-06")).ok()) << "2020 is covered all the same";
  EXPECT_FALSE(calendar.IsWorking(D("2021-05-06")).ok());
}

TEST(CalendarCoverage, DatesBeyondFourDigitYearsAreRefused) {
  const Calendar calendar = CalendarOf(2026, 2026);
  for (int64_t days : {int64_t{4'000'000}, int64_t{-4'000'000}, INT64_MAX, INT64_MIN + 1}) {
    EXPECT_EQ(Shown(calendar.Add(D("2026-01-05"), days, kCalendar, false)), "DATE_OUT_OF_RANGE") << days;
  }
  EXPECT_EQ(Shown(calendar.Shift(At("2026-01-05"), Span{kHours, INT64_MAX, false}, 1, kBeijing)), "DATE_OUT_OF_RANGE");
  EXPECT_EQ(Shown(calendar.DueAfter(At("2026-01-05"), Span{kCalendar, 200'000, true}, false, kBeijing)),
            "DATE_OUT_OF_RANGE");
}

TEST(CalendarCoverage, HoursAreNotDays) {
  EXPECT_EQ(Shown(CalendarOf(2026, 2026).Add(D("2026-01-05"), 1, kHours, false)), "DAY_KIND_INVALID");
}

// --- Publishing ---

TEST(CalendarPublishing, ANewNoticeReplacesTheYear) {
  Calendar calendar = CalendarOf(2026, 2026);
  ASSERT_FALSE(*calendar.IsWorking(D("2026-10-01")));
  v1::CalendarYear changed = NoticeOf(2026);
  v1::CalendarDay& day = *changed.add_days();
  day.set_date("2026-10-08");
  day.set_type(v1::DAY_TYPE_HOLIDAY);
  calendar.Put(changed, 7);
  EXPECT_FALSE(*calendar.IsWorking(D("2026-10-08")));
  EXPECT_EQ(calendar.version(), 7u);
  ASSERT_NE(calendar.Year(2026), nullptr);
  EXPECT_EQ(calendar.Year(2026)->days_size(), changed.days_size());
  EXPECT_EQ(calendar.Year(2027), nullptr);
}

TEST(CalendarPublishing, TheRealNoticesPass) {
  for (int year = 2019; year <= 2026; ++year) EXPECT_TRUE(Calendar::Check(NoticeOf(year)).ok()) << year;
}

TEST(CalendarPublishing, AWrongDateIsNamed) {
  const auto refused = [](const char* date, v1::DayType type) {
    v1::CalendarYear year = NoticeOf(2026);
    v1::CalendarDay& day = *year.add_days();
    day.set_date(date);
    day.set_type(type);
    const Verdict verdict = Calendar::Check(year);
    return verdict.ok() ? std::string("accepted")
                        : verdict.rejection().reason + " " + Fact(verdict.rejection(), "date");
  };
  EXPECT_EQ(refused("2026-02-30", kHoliday), "CALENDAR_INVALID 2026-02-30");
  EXPECT_EQ(refused("2026/03/03", kHoliday), "CALENDAR_INVALID 2026/03/03");
  EXPECT_EQ(refused("2027-01-01", kHoliday), "CALENDAR_INVALID 2027-01-01");
  EXPECT_EQ(refused("2026-10-01", kHoliday), "CALENDAR_INVALID 2026-10-01") << "listed twice";
  EXPECT_EQ(refused("2026-03-03", v1::DAY_TYPE_UNSPECIFIED), "CALENDAR_INVALID 2026-03-03");
  EXPECT_EQ(refused("2026-03-03", kHoliday), "accepted");
}

TEST(CalendarPublishing, AYearWithoutNoticeIsRefused) {
  // 2027 is not announced: an empty year would say that New Year's Day works.
  const Verdict verdict = Calendar::Check(NoticeOf(2027));
  ASSERT_FALSE(verdict.ok());
  EXPECT_EQ(Fact(verdict.rejection(), "year"), "2027");
}

}  // namespace
}  // namespace duban::engine
