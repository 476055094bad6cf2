// Binding parties anew while a case runs: who takes part from now on, who is charged, who is told. Nobody outside
// engine/cases includes it.
#pragma once

#include <string>
#include <vector>

#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/roles.h"

namespace duban::engine {

// Whether `id` is bound to it.
bool Holds(const v1::BoundParty& party, const std::string& id);

// The clocks that charge or tell others once the case is bound as in `rebound`, what has fired and stands included: by
// the roles that the procedure names, so that who was told for another reason stays.
void FillClocks(const Context& context, const Procedure& procedure, const CaseState& state, const CaseState& rebound,
                v1::PartyRebound& event);

// Whether those bound in `rebound` to the party or to one against which it has a `never` are allowed, and the one to
// whom it passes may act for it: a person, or a post of which some holder may.
Verdict CheckRebound(const Procedure& procedure, const CaseState& rebound, const Directory& directory,
                     const std::vector<v1::PartyRebound>& parts, const std::string& to);

// The state as if `to` were bound to the party alone.
CaseState AsIfBound(const CaseState& state, const std::string& party, const v1::BoundId& to);

// Binds the party to `to` alone; those bound so far lose it, and clocks charge and tell it in their place.
Verdict BindAlone(const Context& context, CaseDraft& draft, const Party& party, const std::string& to,
                  const std::string& reason);

// The built-in actions `transfer`, `take_over`, `send_back`, `claim` (decide_rebind.cc).
bool NamesRebinding(absl::string_view action);
Verdict DecideRebinding(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor,
                        const v1::ActOnCaseRequest& command);
// Those of them that the person could take now; an offer to make is not listed.
std::vector<v1::CaseAction> RebindingsOpenTo(const Context& context, const Procedure& procedure, const CaseState& state,
                                             absl::string_view person);

// Passes parties to the unit directly above, or to the post of its head, as the directory has them now; `chosen` says
// which unit where there are several.
Verdict PassToSuperior(const Context& context, CaseDraft& draft, const std::vector<std::string>& parties,
                       const std::string& chosen, const std::string& reason);

}  // namespace duban::engine
