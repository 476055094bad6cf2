// Built-in actions that bind a case to another: it becomes a part (link), it turns out to be the same matter (merge).
// Whoever may act in both for a party that may open such cases takes them. Nobody outside engine/cases includes it.
#pragma once

#include "absl/strings/string_view.h"
#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/roles.h"

namespace duban::engine {

// Whether an action's name is one of them.
bool NamesLink(absl::string_view action);
// Takes it on `on`. REQUIRES: NamesLink.
Verdict DecideLink(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor,
                   const v1::ActOnCaseRequest& command);

// The case that a command names beside its own, as far as it has been decided. One that is not there and one that
// neither the actor nor who typed it may see get the same answer (CASE_NOT_FOUND).
Outcome<const CaseState*> FindOther(const Context& context, const Draft& draft, const Actor& actor,
                                    const std::string& named);

}  // namespace duban::engine
