// Clocks of something on the way: recurring reports and milestones. Their lateness is their own, never the matter's: no
// rung of theirs is an overdue one.
//
// Of a recurring report one period runs at a time: the first that nobody has reported. A report closes it, on time or
// late, and the next begins; where the next falls due too, it is missing for good. A period that is not whole, because
// the case came into it or leaves it, asks for no report.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "engine/base/time.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// The first day of the period in which a day lies, and of the period after it.
Day PeriodStart(Recurrence every, Day day);
Day NextPeriodStart(Recurrence every, Day day);
// "2026-09", "2026Q3", "2026H2", "2026"; of a week its Monday, "2026-09-07".
std::string PeriodName(Recurrence every, Day day);

// The last moment at which the report of the period that begins on `first` is on time.
Instant ReportDue(const Clock& clock, Day first, const Zone& zone);

// Rungs: the due instant has passed with nothing there ("missed" of a milestone, "missed:2" of the second report in a
// row), and the next report fell due too.
inline constexpr char kLapsedRung[] = "lapsed";
bool IsMissed(absl::string_view rung);
std::string MissedRung(const Clock& clock, int times);
// How many reports in a row would be missing with the one of the period that begins at `from`.
int TimesMissed(const duban::state::v1::ClockState* known, Instant from);
// The light that missing it gives; an empty colour where the scheme says nothing.
v1::Light MissedLight(const Procedure& procedure, absl::string_view rung);

// The due instant of a milestone that is a share of another clock's time: the end of that day.
Instant MilestoneDue(const Clock& milestone, const duban::state::v1::ClockState& of, const Zone& zone);

}  // namespace duban::engine
