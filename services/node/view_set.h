// Which versions of which views there are in a workspace's rows.
//
// A version that is kept up is brought along by every commit (Batch::Follow). A version that this program has and the
// rows have not is built beside by following the log from its beginning; until it has caught up the one before goes on
// answering, if this program still has it.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "duban/state/v1/rows.pb.h"
#include "engine/views/view.h"
#include "store/store.h"

namespace duban::node {

struct ViewSet {
  std::vector<const engine::View*> kept;      // Kept up inline.
  std::vector<const engine::View*> building;  // Of this program, not complete yet.

  // The newest version that is kept up; null while there is none.
  const engine::View* Serving(v1::View number) const;
};
using ViewSetPtr = std::shared_ptr<const ViewSet>;

// All of `views`, kept up: where rows begin with the log.
ViewSetPtr AllKept(const std::vector<const engine::View*>& views);

// What the rows say of each of `views`.
absl::StatusOr<ViewSetPtr> LoadViewSet(const store::Snapshot& rows, const std::vector<const engine::View*>& views);

}  // namespace duban::node
