// Rows and timers from the log alone, through the same code that keeps them while commands are decided (Batch::Follow):
// what a rebuild makes is, byte for byte, what inline updating made.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/views/view.h"
#include "store/store.h"

namespace duban::node {

// Makes rows and timers of a store equal to what its log says, from the beginning, a bounded batch at a time.
absl::Status RebuildRows(store::Store& store, const std::vector<const engine::View*>& views = engine::Views());

// All rows and timers that a log leads to, in memory: for comparing with what stands in a store. Deleted rows are
// listed as such; timers have no old instants.
absl::StatusOr<store::Apply> DeriveRows(const store::Store& log,
                                        const std::vector<const engine::View*>& views = engine::Views());

}  // namespace duban::node
