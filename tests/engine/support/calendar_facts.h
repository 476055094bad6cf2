// The working-day calendar of 2019 to 2026 as facts: what the State Council's yearly notices name, as ranges.
// 2019 includes the change of 22 March 2019, 2020 the extension of 27 January 2020. 2027 is not announced.
#pragma once

#include <map>

#include "engine/base/check.h"
#include "engine/base/time.h"
#include "engine/calendar/calendar.h"

namespace duban::engine {

struct NoticeRange {
  const char* from;
  const char* to;
  v1::DayType type;
  const char* title;
};

inline constexpr v1::DayType kHoliday = v1::DAY_TYPE_HOLIDAY;
inline constexpr v1::DayType kWorkday = v1::DAY_TYPE_WORKDAY;

// clang-format off
inline constexpr NoticeRange kNotices[] = {
    {"2019-01-01", "2019-01-01", kHoliday, "元旦"},
    {"2019-02-02", "2019-02-03", kWorkday, "春节"},
    {"2019-02-04", "2019-02-10", kHoliday, "春节"},
    {"2019-04-05", "2019-04-05", kHoliday, "清明节"},
    {"2019-04-28", "2019-04-28", kWorkday, "劳动节"},
    {"2019-05-01", "2019-05-04", kHoliday, "劳动节"},
    {"2019-05-05", "2019-05-05", kWorkday, "劳动节"},
    {"2019-06-07", "2019-06-07", kHoliday, "端午节"},
    {"2019-09-13", "2019-09-13", kHoliday, "中秋节"},
    {"2019-09-29", "2019-09-29", kWorkday, "国庆节"},
    {"2019-10-01", "2019-10-07", kHoliday, "国庆节"},
    {"2019-10-12", "2019-10-12", kWorkday, "国庆节"},
    {"2020-01-01", "2020-01-01", kHoliday, "元旦"},
    {"2020-01-19", "2020-01-19", kWorkday, "春节"},
    {"2020-01-24", "2020-02-02", kHoliday, "春节"},
    {"2020-02-03", "2020-02-03", kWorkday, "春节"},
    {"2020-04-04", "2020-04-06", kHoliday, "清明节"},
    {"2020-04-26", "2020-04-26", kWorkday, "劳动节"},
    {"2020-05-01", "2020-05-05", kHoliday, "劳动节"},
    {"2020-05-09", "2020-05-09", kWorkday, "劳动节"},
    {"2020-06-25", "2020-06-27", kHoliday, "端午节"},
    {"2020-06-28", "2020-06-28", kWorkday, "端午节"},
    {"2020-09-27", "2020-09-27", kWorkday, "国庆节、中秋节"},
    {"2020-10-01", "2020-10-08", kHoliday, "国庆节、中秋节"},
    {"2020-10-10", "2020-10-10", kWorkday, "国庆节、中秋节"},
    {"2021-01-01", "2021-01-03", kHoliday, "元旦"},
    {"2021-02-07", "2021-02-07", kWorkday, "春节"},
    {"2021-02-11", "2021-02-17", kHoliday, "春节"},
    {"2021-02-20", "2021-02-20", kWorkday, "春节"},
    {"2021-04-03", "2021-04-05", kHoliday, "清明节"},
    {"2021-04-25", "2021-04-25", kWorkday, "劳动节"},
    {"2021-05-01", "2021-05-05", kHoliday, "劳动节"},
    {"2021-05-08", "2021-05-08", kWorkday, "劳动节"},
    {"2021-06-12", "2021-06-14", kHoliday, "端午节"},
    {"2021-09-18", "2021-09-18", kWorkday, "中秋节"},
    {"2021-09-19", "2021-09-21", kHoliday, "中秋节"},
    {"2021-09-26", "2021-09-26", kWorkday, "国庆节"},
    {"2021-10-01", "2021-10-07", kHoliday, "国庆节"},
    {"2021-10-09", "2021-10-09", kWorkday, "国庆节"},
    {"2022-01-01", "2022-01-03", kHoliday, "元旦"},
    {"2022-01-29", "2022-01-30", kWorkday, "春节"},
    {"2022-01-31", "2022-02-06", kHoliday, "春节"},
    {"2022-04-02", "2022-04-02", kWorkday, "清明节"},
    {"2022-04-03", "2022-04-05", kHoliday, "清明节"},
    {"2022-04-24", "2022-04-24", kWorkday, "劳动节"},
    {"2022-04-30", "2022-05-04", kHoliday, "劳动节"},
    {"2022-05-07", "2022-05-07", kWorkday, "劳动节"},
    {"2022-06-03", "2022-06-05", kHoliday, "端午节"},
    {"2022-09-10", "2022-09-12", kHoliday, "中秋节"},
    {"2022-10-01", "2022-10-07", kHoliday, "国庆节"},
    {"2022-10-08", "2022-10-09", kWorkday, "国庆节"},
    {"2022-12-31", "2022-12-31", kHoliday, "元旦"},
    {"2023-01-01", "2023-01-02", kHoliday, "元旦"},
    {"2023-01-21", "2023-01-27", kHoliday, "春节"},
    {"2023-01-28", "2023-01-29", kWorkday, "春节"},
    {"2023-04-05", "2023-04-05", kHoliday, "清明节"},
    {"2023-04-23", "2023-04-23", kWorkday, "劳动节"},
    {"2023-04-29", "2023-05-03", kHoliday, "劳动节"},
    {"2023-05-06", "2023-05-06", kWorkday, "劳动节"},
    {"2023-06-22", "2023-06-24", kHoliday, "端午节"},
    {"2023-06-25", "2023-06-25", kWorkday, "端午节"},
    {"2023-09-29", "2023-10-06", kHoliday, "中秋节、国庆节"},
    {"2023-10-07", "2023-10-08", kWorkday, "中秋节、国庆节"},
    {"2024-01-01", "2024-01-01", kHoliday, "元旦"},
    {"2024-02-04", "2024-02-04", kWorkday, "春节"},
    {"2024-02-10", "2024-02-17", kHoliday, "春节"},
    {"2024-02-18", "2024-02-18", kWorkday, "春节"},
    {"2024-04-04", "2024-04-06", kHoliday, "清明节"},
    {"2024-04-07", "2024-04-07", kWorkday, "清明节"},
    {"2024-04-28", "2024-04-28", kWorkday, "劳动节"},
    {"2024-05-01", "2024-05-05", kHoliday, "劳动节"},
    {"2024-05-11", "2024-05-11", kWorkday, "劳动节"},
    {"2024-06-10", "2024-06-10", kHoliday, "端午节"},
    {"2024-09-14", "2024-09-14", kWorkday, "中秋节"},
    {"2024-09-15", "2024-09-17", kHoliday, "中秋节"},
    {"2024-09-29", "2024-09-29", kWorkday, "国庆节"},
    {"2024-10-01", "2024-10-07", kHoliday, "国庆节"},
    {"2024-10-12", "2024-10-12", kWorkday, "国庆节"},
    {"2025-01-01", "2025-01-01", kHoliday, "元旦"},
    {"2025-01-26", "2025-01-26", kWorkday, "春节"},
    {"2025-01-28", "2025-02-04", kHoliday, "春节"},
    {"2025-02-08", "2025-02-08", kWorkday, "春节"},
    {"2025-04-04", "2025-04-06", kHoliday, "清明节"},
    {"2025-04-27", "2025-04-27", kWorkday, "劳动节"},
    {"2025-05-01", "2025-05-05", kHoliday, "劳动节"},
    {"2025-05-31", "2025-06-02", kHoliday, "端午节"},
    {"2025-09-28", "2025-09-28", kWorkday, "国庆节、中秋节"},
    {"2025-10-01", "2025-10-08", kHoliday, "国庆节、中秋节"},
    {"2025-10-11", "2025-10-11", kWorkday, "国庆节、中秋节"},
    {"2026-01-01", "2026-01-03", kHoliday, "元旦"},
    {"2026-01-04", "2026-01-04", kWorkday, "元旦"},
    {"2026-02-14", "2026-02-14", kWorkday, "春节"},
    {"2026-02-15", "2026-02-23", kHoliday, "春节"},
    {"2026-02-28", "2026-02-28", kWorkday, "春节"},
    {"2026-04-04", "2026-04-06", kHoliday, "清明节"},
    {"2026-05-01", "2026-05-05", kHoliday, "劳动节"},
    {"2026-05-09", "2026-05-09", kWorkday, "劳动节"},
    {"2026-06-19", "2026-06-21", kHoliday, "端午节"},
    {"2026-09-20", "2026-09-20", kWorkday, "国庆节"},
    {"2026-09-25", "2026-09-27", kHoliday, "中秋节"},
    {"2026-10-01", "2026-10-07", kHoliday, "国庆节"},
    {"2026-10-10", "2026-10-10", kWorkday, "国庆节"},
};
// clang-format on

// One year as its notice has it; a year without notice is empty.
inline v1::CalendarYear NoticeOf(int year) {
  v1::CalendarYear out;
  out.set_year(year);
  for (const NoticeRange& range : kNotices) {
    const std::optional<Day> to = ParseDay(range.to);
    std::optional<Day> day = ParseDay(range.from);
    DUBAN_CHECK(day.has_value() && to.has_value(), "the facts are dates");
    for (; day->year() == year && *day <= *to; ++*day) {
      v1::CalendarDay& listed = *out.add_days();
      listed.set_date(FormatDay(*day));
      listed.set_type(range.type);
      listed.set_title(range.title);
    }
  }
  return out;
}

// The calendar of those years, both included.
inline Calendar CalendarOf(int first, int last) {
  Calendar calendar;
  for (int year = first; year <= last; ++year) calendar.Put(NoticeOf(year), static_cast<uint32_t>(year - first + 1));
  return calendar;
}

}  // namespace duban::engine
