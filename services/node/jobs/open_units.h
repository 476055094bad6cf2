// Opening a case for each of a list of units, posts or cases: what jobs of that sort share.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "duban/v1/case_service.pb.h"
#include "engine/cases/decide.h"
#include "services/node/jobs/job_kind.h"

namespace duban::node {

// What is opened for one of them.
struct ToOpen {
  v1::OpenCaseRequest request;
  engine::Opener opener;
};

// The next lot: as many as can be refused, and at most one whose case is opened, so that a number given is a number
// used. The cursor is the next one's place in the list and stands in the commit that opens the case, so that each gets
// one case of a job however often the node dies.
Lot OpenForEachOf(const JobPlace& place, const google::protobuf::RepeatedPtrField<std::string>& list,
                  absl::FunctionRef<ToOpen(const std::string& one)> wanted);

}  // namespace duban::node
