// Requests that wait for approval, and what bounds asking again. Nobody outside engine/cases includes it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "engine/cases/decide.h"
#include "engine/cases/roles.h"

namespace duban::engine {

// What the built-in actions that decide a request begin with; its action's name follows.
inline constexpr absl::string_view kApprove = "approve_";
inline constexpr absl::string_view kRefuse = "refuse_";

// Whether an action has been taken as often as it may be.
bool CapReached(const CaseState& state, const std::string& action, const Cap& cap);
// Whether a request for it waits.
bool IsPending(const CaseState& state, const std::string& action);
// Whether one of those who decide had a hand in asking: each by himself, for another, or with another standing in.
bool HadAHandIn(const duban::state::v1::RequestState& request, const Actor& actor, const Capacity& capacity);
// The action of the present stage that a request asks for; null where the case has moved on. Stages that share a name
// mean an action of their own each: one that was asked for before this stage began is another's.
const Action* AskedForHere(const Procedure& procedure, const CaseState& state,
                           const duban::state::v1::RequestState& request);
// Whose decision a request waits for: of stages that share the name, the first in which it is asked for.
const Action* FindAsked(const Procedure& procedure, const std::string& name);
// Whether an action leads somewhere: back to the stage before only where there was one in this round.
bool HasWay(const Procedure& procedure, const CaseState& state, const Action& action);

}  // namespace duban::engine
