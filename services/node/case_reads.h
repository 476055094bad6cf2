// One case: as it is, and as it was shown.
#pragma once

#include "absl/status/statusor.h"
#include "duban/v1/case_service.pb.h"
#include "services/node/node.h"
#include "services/node/reading.h"

namespace duban::node {

Reply<v1::GetCaseResponse> GetCase(const Reading& reading, const v1::GetCaseRequest& request);

// The state as the reading's viewer may see it; without actions. REQUIRES: he may see the case.
absl::StatusOr<v1::Case> Present(const Reading& reading, const CaseState& state);

}  // namespace duban::node
