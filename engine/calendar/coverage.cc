#include "engine/calendar/coverage.h"

#include "engine/base/limits.h"

namespace duban::engine {

std::optional<Day> LastDayCovered(const Calendar& calendar) {
  if (calendar.last_year() == 0) return std::nullopt;
  return Day(calendar.last_year(), 12, 31);
}

std::optional<Instant> NextCoverageWarning(const Calendar& calendar, const v1::CoverageWarned* last, const Zone& zone) {
  const std::optional<Day> end = LastDayCovered(calendar);
  if (!end.has_value()) return std::nullopt;
  const bool counts = last != nullptr && last->last_day() == FormatDay(*end);
  for (int days : limits::kCoverageWarningDays) {
    const Instant at = zone.StartOf(*end - days);
    if (!counts || FromProto(last->at()) < at) return at;
  }
  return std::nullopt;
}

}  // namespace duban::engine
