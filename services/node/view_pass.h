// One pass over the log for some views: what they would hold had they been kept up from the beginning.
//
// It goes through the code that keeps views up while commands are decided (Batch::Follow), with the directory and the
// procedures of each position, and keeps of what follows only the rows of its views: so they are, byte for byte, what
// inline updating makes.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/views/view.h"
#include "services/node/batch.h"
#include "services/node/cases.h"
#include "services/node/library.h"
#include "services/node/limits.h"
#include "services/node/view_set.h"
#include "store/store.h"

namespace duban::node {

class ViewPass {
 public:
  // Views whose rows hold the first `built` commits. Those are read again for directory and procedures alone.
  ViewPass(const store::Store& log, std::vector<const engine::View*> views, store::Position built);

  const std::vector<const engine::View*>& views() const { return set_->kept; }
  // Commits whose consequences are in the rows.
  store::Position built() const { return built_; }
  bool Reached(store::Position head) const { return read_ == head && built_ == head; }
  // It holds as many states of cases as it may.
  bool cache_full() const { return cache_.size() >= limits::kBuildCasesMax; }

  // How much is read in one go. The commit that reaches `bytes` is the last; `commits` counts those that change rows.
  struct Slice {
    size_t commits;
    size_t bytes;
  };
  // Reads on, at most a slice, not beyond `until`; what is to be written, without marks. Nothing counts until Written:
  // called again before, it begins anew where it was.
  absl::StatusOr<std::vector<store::RowChange>> Next(store::Position until, Slice most);
  // Where the rows will be once what Next gave is written.
  store::Position next_built() const { return batch_ == nullptr ? built_ : batch_->head(); }
  // What Next gave is in the store.
  void Written();

 private:
  absl::Status ReadSlice(store::Position until, Slice most,
                         absl::FunctionRef<absl::Status(const v1::Commit& commit)> follow);

  const store::Store& log_;
  const ViewSetPtr set_;
  store::Position built_;
  store::Position read_ = 0;  // Less than built_ while the library is being read.
  LibraryPtr library_ = EmptyLibrary();
  CaseCache cache_;
  std::unique_ptr<Batch> batch_;  // Of the slice that is not written yet.
};

}  // namespace duban::node
