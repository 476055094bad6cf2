// What somebody may do to other cases because a case of his says so (督查组、专班): while that case stands in the stage
// that its procedure names, and its term has not run out, they may record visits and hearings and urge wherever a unit
// of its scope takes part. Nobody outside engine/cases includes it.
#pragma once

#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/roles.h"

namespace duban::engine {

// Whether a command asks for it: a visit, a hearing, or an urge that names the case that gives the right.
bool NeedsMandate(const v1::ActOnCaseRequest& command);
// Takes it on `on`; the case that gives the right is the command's target. REQUIRES: NeedsMandate.
Verdict DecideUnderMandate(const Context& context, const Draft& draft, CaseDraft& on, const Actor& actor,
                           const v1::ActOnCaseRequest& command);

}  // namespace duban::engine
