// evolve(state, event) -> state. Total: it never validates, never refuses, reads no procedure, calendar, directory
// or clock, so a case's history means the same for ever.
#pragma once

#include <cstdint>

#include "duban/state/v1/state.pb.h"
#include "duban/v1/event.pb.h"

namespace duban::engine {

// Folds one event of the case's stream. `by_timer` says that timers caused it: such events (stage moves apart) do
// not count for `expected_revision`. Advances state.revision by one.
void Evolve(duban::state::v1::CaseState& state, const v1::Event& event, bool by_timer);

// Folds a part of a commit: all its events, and the positions. REQUIRES: part.first_revision is state.revision + 1.
void EvolvePart(duban::state::v1::CaseState& state, const v1::Commit& commit, const v1::StreamPart& part);

}  // namespace duban::engine
