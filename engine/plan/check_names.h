// What a plan names: the directory's and the procedures' things that it needs, and whether they fit.
#pragma once

#include "engine/plan/plan.h"
#include "engine/procedure/parse.h"

namespace duban::engine {

// Adds to `findings` whatever the plan read from `root` names that is not there or does not fit. `directory`: null
// where there is none to look into; the procedures must outlive the call only.
void CheckNames(const Plan& plan, const language::Node& root, const Procedures& procedures, const Directory* directory,
                language::Findings& findings);

}  // namespace duban::engine
