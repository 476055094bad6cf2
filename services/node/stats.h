// How the node stands, as statistics and as measures.
#pragma once

#include <cstdint>
#include <vector>

#include "duban/v1/operations_service.pb.h"
#include "services/node/measures.h"
#include "services/node/vitals.h"

namespace duban::node {

// Adds every bound to statistics whose other fields are filled.
void FillBounds(const Vitals& vitals, int64_t watches_of_one_person, v1::GetStatsResponse& stats);

// The same as measures; docs/operating.md lists them, and tests/e2e/observe_test.cc keeps the list.
std::vector<Measure> MeasuresOf(const v1::GetStatsResponse& stats, const Vitals& vitals);

}  // namespace duban::node
