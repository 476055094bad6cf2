// Rows and timers from the log alone, through the same code that keeps them while commands are decided (Batch::Follow):
// what a rebuild makes is, byte for byte, what inline updating made.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/store.h"

namespace duban::node {

// Makes rows and timers of a store equal to what its log says, from the beginning, a bounded batch at a time.
absl::Status RebuildRows(store::Store& store);

// All rows and timers that a log leads to, in memory: for comparing with what stands in a store. Deleted rows are
// listed as such; timers have no old instants.
absl::StatusOr<store::Apply> DeriveRows(const store::Store& log);

}  // namespace duban::node
