// The figures and lists of a report, read on its caller's thread: what its viewer sees, and nothing else.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "duban/v1/document.pb.h"
#include "engine/base/rejection.h"
#include "engine/figures/period.h"
#include "engine/procedure/documents.h"
#include "services/node/past_reads.h"
#include "services/node/reading.h"

namespace duban::node {

// A block for each that the template asks for, in its order. Of a period that is over, lists are as they stood at its
// end. A rejection where there is no such figure, or a list is longer than limits::kReportRowsMax.
absl::StatusOr<engine::Outcome<std::vector<v1::DocumentBlock>>> ReportData(const Reading& reading,
                                                                           const PastSource& past,
                                                                           const engine::Report& report,
                                                                           const engine::Period& period);

}  // namespace duban::node
