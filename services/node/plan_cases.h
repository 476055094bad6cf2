// The cases for which a plan comes due: rows of the ledger as they stand, as somebody sees them.
#pragma once

#include <vector>

#include "duban/v1/draw.pb.h"
#include "engine/plan/plan.h"
#include "services/node/batch.h"

namespace duban::node {

// Cases in the order in which they were opened, each with what the plan groups by. Nothing is read of cases that
// somebody of `viewers` may not see. A rejection where the ledger is being built (VIEW_BUILDING), or where more match,
// or more would have to be looked at, than may (PLAN_TOO_MANY_CASES): from a part of them nothing could be drawn
// fairly. `day`: on which the plan comes due.
engine::Outcome<std::vector<v1::DrawCandidate>> PlanCases(Batch& batch, const engine::Plan& plan, engine::Day day,
                                                          const std::vector<engine::Ids>& viewers);

}  // namespace duban::node
