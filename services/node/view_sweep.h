// Deleting the rows of versions that have ended: those without a mark (services/node/view_set.h). What is there to be
// deleted is seen from the rows alone, so that a sweep cut short begins again where rows are left.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "store/store.h"

namespace duban::node {

class ViewSweep {
 public:
  // Deletes at most limits::kBuildSweepRows rows. True while there may be more. After an error: another sweep.
  absl::StatusOr<bool> Step(store::Store& store);

 private:
  size_t table_ = 0;  // Within kViewTables: those before are swept.
  std::string from_;  // In this table, keys before this one are.
};

}  // namespace duban::node
