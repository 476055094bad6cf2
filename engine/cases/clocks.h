// Planning a clock: from a start or a due instant to all instants of its life.
//
// A clock's rungs are fixed when it starts, resumes or moves and are carried by that event, so that firing them later
// reads neither procedure nor calendar. Offsets before the due instant (reminders, "left") fire when exactly so much
// is left; offsets after it (ladders, "overdue by") when so much has passed; both one tick after the end of a day.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "engine/calendar/calendar.h"
#include "engine/directory/directory.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// The instants of a clock that is due at `due` and has run from `from`.
struct ClockPlan {
  std::vector<v1::Rung> rungs;         // In order of firing.
  std::vector<std::string> uncovered;  // Rungs beyond the calendar's coverage.
  v1::Light light;                     // What it shows at `from`.
};

// What planning reads.
struct PlanInput {
  const Procedure& procedure;
  const duban::state::v1::CaseState& state;
  const Calendar& calendar;
  const Directory& directory;
  const Zone& zone;
};

// The name of a ladder's rung, unique within its clock: "urge@0wd". No other rung's name has kRungAt.
inline constexpr char kRungAt[] = "@";
std::string RungName(const LadderRung& rung);

ClockPlan PlanClock(const PlanInput& input, const Clock& clock, Instant from, Instant due);

// What people call a clock; of a recurring report with the period that began then.
v1::Text TitleOf(const Clock& clock, Instant from, const Zone& zone);

// The light that a fired rung gave its clock; an empty colour where it gave none.
v1::Light LightOfRung(const Procedure& procedure, absl::string_view rung);

// The kind in which what is left of the clock is measured while it is suspended.
v1::DayKind KindOf(const Clock& clock, const Procedure& procedure);

// The due instant that a value of the clock's due field states: the end of a day, or the instant itself.
Instant DueOfValue(const v1::Value& value, const Zone& zone);

// Those whose lateness it is: the clock's `charged_to`, or whoever may act where it starts.
std::vector<std::string> ChargedTo(const PlanInput& input, const Clock& clock);

// Whom a rung of that name tells, by what the procedure says of it and who is bound; nobody where its clock has no such
// rung (any more), and of lights.
std::vector<std::string> ToldBy(const PlanInput& input, const Clock& clock, absl::string_view rung);

// The ids that a list of roles stands for in a case: "issuer" its units, "issuer.head" the posts that head them.
std::vector<std::string> ResolveRoles(const std::vector<Role>& roles, const duban::state::v1::CaseState& state,
                                      const Directory& directory);

}  // namespace duban::engine
