// Which versions of which views there are in a workspace's rows.
//
// A version that is kept up is brought along by every commit (Batch::Follow). A version that this program has and the
// rows have not is built beside (services/node/view_builder.h); until it has caught up the one before goes on
// answering, if this program still has it.
//
// A version's mark (Table::kViewBuild) says how far it has come. Rows of a version without a mark are nobody's: the
// builder deletes them. So a version ends by the deletion of its mark, in one write, and its rows go in their own time.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/views/rows.h"
#include "engine/views/view.h"
#include "store/store.h"

namespace duban::node {

// Where rows of views lie; their keys begin with the view's number and version (engine::ViewPrefix).
inline constexpr std::array kViewTables = {engine::Table::kViewRow, engine::Table::kViewIndex,
                                           engine::Table::kViewCount, engine::Table::kViewKept,
                                           engine::Table::kViewPart};

struct ViewSet {
  // In the order of their numbers, of each number at most one.
  std::vector<const engine::View*> kept;      // Kept up inline: they answer.
  std::vector<const engine::View*> building;  // Newer than the one kept; not complete yet.

  // The version that answers; null while there is none.
  const engine::View* Serving(v1::View number) const;
  // The version being built; null when none is.
  const engine::View* Building(v1::View number) const;
};
using ViewSetPtr = std::shared_ptr<const ViewSet>;

// The newest version of each of `views`, kept up: where rows begin with the log.
ViewSetPtr AllKept(const std::vector<const engine::View*>& views);

// The set after these have been built.
ViewSetPtr WithBuilt(const ViewSet& set, const std::vector<const engine::View*>& built);

// What the rows have of `views`. Marks of versions that this program neither keeps up nor builds are deleted, durably:
// of those it lacks (nobody would keep them up from here on), and of those that a newer one has replaced.
absl::StatusOr<ViewSetPtr> SettleViews(store::Store& store, const std::vector<const engine::View*>& views);

// How many commits a version has followed, as its mark says; nothing where it has none.
absl::StatusOr<std::optional<store::Position>> BuiltOf(const store::Snapshot& rows, const engine::View& view);

// Rows that say so.
store::RowChange BuiltMark(const engine::View& view, store::Position built);
store::RowChange ServingMark(const engine::View& view);
store::RowChange NoMark(absl::string_view prefix);

}  // namespace duban::node
