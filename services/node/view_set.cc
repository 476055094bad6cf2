#include "services/node/view_set.h"

#include "engine/views/rows.h"
#include "engine/views/tables.h"

namespace duban::node {

const engine::View* ViewSet::Serving(v1::View number) const {
  const engine::View* newest = nullptr;
  for (const engine::View* view : kept) {
    const engine::Definition& is = view->definition();
    if (is.number != number || (newest != nullptr && newest->definition().version >= is.version)) continue;
    newest = view;
  }
  return newest;
}

ViewSetPtr AllKept(const std::vector<const engine::View*>& views) {
  auto set = std::make_shared<ViewSet>();
  set->kept = views;
  return set;
}

absl::StatusOr<ViewSetPtr> LoadViewSet(const store::Snapshot& rows, const std::vector<const engine::View*>& views) {
  auto set = std::make_shared<ViewSet>();
  for (const engine::View* view : views) {
    absl::StatusOr<std::string> row =
        rows.Get(static_cast<uint8_t>(engine::Table::kViewBuild), engine::ViewPrefix(view->definition()));
    if (!row.ok() && !absl::IsNotFound(row.status())) return row.status();
    duban::state::v1::ViewBuild build;
    if (row.ok() && !build.ParseFromString(*row)) return absl::DataLossError("the state of a view cannot be read");
    (build.serving() ? set->kept : set->building).push_back(view);
  }
  return ViewSetPtr(set);
}

}  // namespace duban::node
