// The named predicates under which an action may be taken. There are no free expressions.
#pragma once

#include "duban/state/v1/state.pb.h"
#include "engine/base/time.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// Whether the guard holds for the case at `at`.
bool Holds(const Guard& guard, const duban::state::v1::CaseState& state, Instant at);

}  // namespace duban::engine
