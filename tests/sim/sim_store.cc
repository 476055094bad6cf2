#include "tests/sim/sim_store.h"

#include <utility>

#include "store/memory_store.h"

namespace duban::sim {

SimStore::SimStore() : kept_(store::NewMemoryStore()) {}

void SimStore::LoseRows() {
  // A rebuild that has only begun leaves nothing of what was derived.
  (void)kept_->Rebuild(/*begin=*/true, {});
}

absl::Status SimStore::Write(const store::Append& append, const store::Apply& apply) {
  if (failed_) return absl::FailedPreconditionError("closed for writing");
  const Fault fault = std::exchange(fault_, Fault::kNone);
  failed_ = fault != Fault::kNone;
  if (fault == Fault::kLost) return absl::DataLossError("simulated: the disk kept nothing");
  const absl::Status written = kept_->Write(append, apply);
  if (fault == Fault::kUnsaid && written.ok()) return absl::DataLossError("simulated: the disk said nothing");
  return written;
}

absl::Status SimStore::WriteBeside(const std::vector<store::RowChange>& rows) {
  if (failed_) return absl::FailedPreconditionError("closed for writing");
  return kept_->WriteBeside(rows);
}

absl::Status SimStore::Rebuild(bool begin, const store::Apply& apply) { return kept_->Rebuild(begin, apply); }

}  // namespace duban::sim
