// What rungs suggest: who decides it, who knows of it, and what a decision does.
//
// A suggestion takes effect when one of those asked approves it, never by itself. Those asked are resolved when the
// rung fires: a head by his post; where that is vacant, the head of the unit above, as far up as need be. Until and
// unless it is approved a suggestion is known to those asked, those told by its rung and auditors alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/base/rejection.h"
#include "engine/cases/audience.h"
#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/roles.h"
#include "engine/directory/directory.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

inline constexpr char kLift[] = "lift_";

// The rung of that name in the clock's ladder; where an earlier version climbed at other times, one that says the same,
// before others one that suggests: what may only have been suggested is not told to more. Null when there is none.
const LadderRung* FindRung(const Procedure& procedure, absl::string_view clock, absl::string_view rung);

// The ids that `ask` stands for now. Empty while no head can be found, however far up.
std::vector<std::string> ResolveAsked(const std::vector<Role>& ask, const CaseState& state, const Directory& directory);

// Whether a rung of that name only suggests. True also of a rung of a ladder that the version does not know: under an
// earlier one it may have.
bool MaySuggest(const Procedure& procedure, absl::string_view clock, absl::string_view rung);

// Whether an action's name decides a suggestion of the case's procedure, or lifts entries of one of its registers: of
// its version, or of an earlier one, from which something may still wait or stand.
bool NamesSuggestion(const Procedures& procedures, const CaseState& state, absl::string_view action);
// Takes such an action: approve_…, refuse_…, lift_… . REQUIRES: NamesSuggestion.
Verdict DecideSuggestion(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor,
                         const v1::ActOnCaseRequest& command);

// The built-in actions of this kind that the person could take now.
std::vector<v1::CaseAction> SuggestedActionsOpenTo(const Context& context, const CaseState& state,
                                                   absl::string_view person);

// Who knows of a suggestion that waits, or that was refused: those asked, those told, auditors. Sorted.
Ids SeersOf(const Procedure& procedure, const CaseState& state, const Directory& directory, absl::string_view clock,
            absl::string_view rung);
// Who may know of an event about a suggestion, or of a ballot (cases/collecting.h); nullopt for events that everybody
// knows of who sees the case: all others, and an approval, whose effects stand in the open. Sorted.
std::optional<Ids> KnownTo(const Procedure& procedure, const CaseState& state, const Directory& directory,
                           const v1::Event& event);

}  // namespace duban::engine
