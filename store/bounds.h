// What both stores refuse before they touch anything, so that they refuse the same.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "store/store.h"

namespace duban::store {

// What a store must know of itself to judge a call.
struct Heads {
  Position head = 0;
  Position applied = 0;
};

// The errors of Store::Write that change nothing: INVALID_ARGUMENT, ABORTED, and FAILED_PRECONDITION while the rows
// are behind the log.
absl::Status CheckWrite(const Heads& heads, const Append& append, const Apply& apply);

// The errors of Store::WriteBeside that change nothing: INVALID_ARGUMENT, and FAILED_PRECONDITION while the rows are
// behind the log.
absl::Status CheckWriteBeside(const Heads& heads, const std::vector<RowChange>& rows);

// The errors of Store::Rebuild that change nothing.
absl::Status CheckRebuild(const Heads& heads, bool begin, const Apply& apply);

}  // namespace duban::store
