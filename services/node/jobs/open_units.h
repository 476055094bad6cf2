// Opening a case for each of a list of units: what jobs of that sort share.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "duban/v1/case_service.pb.h"
#include "services/node/jobs/job_kind.h"

namespace duban::node {

// The next lot: as many units as can be refused, and at most one whose case is opened, so that a number given is a
// number used. The cursor is the next unit's place in the list and stands in the commit that opens the case, so that a
// unit gets one case of a job however often the node dies.
Lot OpenForUnits(const JobPlace& place, const google::protobuf::RepeatedPtrField<std::string>& units,
                 absl::FunctionRef<v1::OpenCaseRequest(const std::string& unit)> request);

}  // namespace duban::node
