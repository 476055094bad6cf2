#include "services/node/view_list.h"

#include <algorithm>
#include <map>

namespace duban::node {

namespace {

// From where to where the past of all views that answer is kept.
void ShowKept(const Reading& reading, const KeptPastPtr& kept, v1::ListViewsResponse& out) {
  if (kept == nullptr) return;
  store::Position from = 1;
  for (const engine::View* view : reading.views().kept) {
    if (!kept->Covers(view, kept->to)) return;
    from = std::max(from, kept->from.at(view));
  }
  out.set_kept_from(reading.source().tokens.Position(from - 1));
  out.set_kept_to(reading.source().tokens.Position(kept->to - 1));
}

}  // namespace

Reply<v1::ListViewsResponse> ListViews(const Reading& reading, const ViewBuilder& builder, const KeptPastPtr& kept) {
  // How far a build is tells how much there is in the log.
  const bool may_count = reading.HasRight(engine::kRightAudit) || reading.HasRight(engine::kRightOperate);
  const ViewSet& views = reading.views();
  std::map<v1::View, const engine::View*> listed;  // Described by the version that answers, where there is one.
  for (const engine::View* view : views.building) listed[view->definition().number] = view;
  for (const engine::View* view : views.kept) listed[view->definition().number] = view;
  v1::ListViewsResponse out;
  for (const auto& [number, view] : listed) {
    const engine::Definition& is = view->definition();
    v1::ViewDescription& described = *out.add_views();
    described.set_view(number);
    described.set_name(is.name);
    described.mutable_labels()->Assign(is.labels.begin(), is.labels.end());
    described.mutable_indexed()->Assign(is.indexed.begin(), is.indexed.end());
    described.mutable_counted()->Assign(is.counted.begin(), is.counted.end());
    if (views.Serving(number) != nullptr) described.set_version(is.version);
    if (may_count) described.set_commits(reading.head());
    const engine::View* building = views.Building(number);
    if (building == nullptr) {
      if (may_count) described.set_built(reading.head());
      continue;
    }
    described.set_building(building->definition().version);
    if (!may_count) continue;
    described.set_built(builder.Built(number));
    described.set_trouble(builder.trouble());
  }
  ShowKept(reading, kept, out);
  return out;
}

}  // namespace duban::node
