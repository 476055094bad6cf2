// evolve(state, event) -> state. Total: it never validates, never refuses, reads no procedure, calendar, directory
// or clock, so a case's history means the same for ever.
#pragma once

#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "duban/v1/event.pb.h"

namespace duban::engine {

// The `action` of a ClockMoved that followed a change of the calendar: nobody acted.
inline constexpr char kMovedByCalendar[] = "calendar";
// The same of one that followed a migration: the deadline stands, its instants are those of the new version.
inline constexpr char kMovedByMigration[] = "migration";

// Folds one event of the case's stream and advances state.revision by one. What only time, the calendar or a register
// did does not count for `expected_revision`; everything else does.
void Evolve(duban::state::v1::CaseState& state, const v1::Event& event);

// Folds a part of a commit: all its events, and the positions. REQUIRES: part.first_revision is state.revision + 1.
void EvolvePart(duban::state::v1::CaseState& state, const v1::Commit& commit, const v1::StreamPart& part);

// The clock of that name in this round, or null.
const duban::state::v1::ClockState* FindClockState(const duban::state::v1::CaseState& state, absl::string_view clock);
// The field of that name, or null when it is not set.
const duban::state::v1::FieldState* FindFieldState(const duban::state::v1::CaseState& state, absl::string_view field);
// Those bound to a party, or null.
const v1::BoundParty* FindBound(const duban::state::v1::CaseState& state, absl::string_view party);

}  // namespace duban::engine
