// A plan that comes due: for whom is written down, drawn where not all are taken, and a job begins that opens the
// cases.
#pragma once

#include <optional>
#include <string>

#include "duban/v1/event.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "services/node/batch.h"
#include "services/node/random.h"

namespace duban::node {

// The commit that says so, when the plan's next time is due at or before `until`; nothing when it is not. A rejection
// where the calendar does not reach, or the ledger is being built.
engine::Outcome<std::optional<v1::Commit>> PlanComingDue(Batch& batch, Random& random, const std::string& name,
                                                         engine::Instant recorded, engine::Instant until);

}  // namespace duban::node
