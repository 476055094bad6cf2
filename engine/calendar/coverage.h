// When it is said that the calendar runs out: months before its last day, while the next year can still be published.
#pragma once

#include <optional>

#include "duban/v1/event.pb.h"
#include "engine/base/time.h"
#include "engine/calendar/calendar.h"

namespace duban::engine {

// The last day that the calendar covers; nothing when no year is published.
std::optional<Day> LastDayCovered(const Calendar& calendar);

// When the next warning is due, limits::kCoverageWarningDays before that day; nothing when all have been given or no
// year is published. `last` is the warning that was given last, or null; one for an earlier last day does not count,
// and one that came late stands for those before it.
std::optional<Instant> NextCoverageWarning(const Calendar& calendar, const v1::CoverageWarned* last, const Zone& zone);

}  // namespace duban::engine
