#include "services/node/view_set.h"

#include <algorithm>
#include <map>

#include "duban/state/v1/rows.pb.h"
#include "engine/views/rows.h"
#include "engine/views/tables.h"

namespace duban::node {
namespace {

using duban::state::v1::ViewBuild;
using engine::Table;

constexpr auto kMarks = static_cast<uint8_t>(Table::kViewBuild);

using ByNumber = std::map<v1::View, const engine::View*>;

void PutNewer(ByNumber& views, const engine::View* view) {
  const engine::View*& held = views[view->definition().number];
  if (held == nullptr || held->definition().version < view->definition().version) held = view;
}

std::vector<const engine::View*> Listed(const ByNumber& views) {
  std::vector<const engine::View*> out;
  for (const auto& [number, view] : views) out.push_back(view);
  return out;
}

const engine::View* Find(const std::vector<const engine::View*>& views, v1::View number) {
  const auto found = std::find_if(views.begin(), views.end(),
                                  [&](const engine::View* view) { return view->definition().number == number; });
  return found == views.end() ? nullptr : *found;
}

store::RowChange MarkOf(const engine::View& view, const ViewBuild& build) {
  return {kMarks, engine::ViewPrefix(view.definition()), build.SerializeAsString(), false};
}

absl::StatusOr<ViewBuild> ParseMark(absl::string_view bytes) {
  ViewBuild build;
  if (build.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return build;
  return absl::DataLossError("the state of a view cannot be read");
}

}  // namespace

const engine::View* ViewSet::Serving(v1::View number) const { return Find(kept, number); }
const engine::View* ViewSet::Building(v1::View number) const { return Find(building, number); }

ViewSetPtr AllKept(const std::vector<const engine::View*>& views) {
  ByNumber newest;
  for (const engine::View* view : views) PutNewer(newest, view);
  auto set = std::make_shared<ViewSet>();
  set->kept = Listed(newest);
  return set;
}

ViewSetPtr WithBuilt(const ViewSet& set, const std::vector<const engine::View*>& built) {
  ByNumber kept;
  for (const engine::View* view : set.kept) PutNewer(kept, view);
  for (const engine::View* view : built) PutNewer(kept, view);
  auto out = std::make_shared<ViewSet>();
  out->kept = Listed(kept);
  for (const engine::View* view : set.building) {
    if (std::find(built.begin(), built.end(), view) == built.end()) out->building.push_back(view);
  }
  return out;
}

absl::StatusOr<ViewSetPtr> SettleViews(store::Store& store, const std::vector<const engine::View*>& views) {
  std::map<std::string, ViewBuild> marks;
  absl::Status damage;
  const absl::Status scanned =
      store.NewSnapshot()->Scan(kMarks, "", "", [&](absl::string_view prefix, absl::string_view value) {
        absl::StatusOr<ViewBuild> mark = ParseMark(value);
        damage = mark.status();
        if (mark.ok()) marks[std::string(prefix)] = *std::move(mark);
        return mark.ok();
      });
  if (!scanned.ok()) return scanned;
  if (!damage.ok()) return damage;

  ByNumber kept, newest;
  for (const engine::View* view : views) {
    PutNewer(newest, view);
    const auto mark = marks.find(engine::ViewPrefix(view->definition()));
    if (mark != marks.end() && mark->second.serving()) PutNewer(kept, view);
  }
  auto set = std::make_shared<ViewSet>();
  set->kept = Listed(kept);
  for (const auto& [number, view] : newest) {
    if (set->Serving(number) != view) set->building.push_back(view);
  }
  for (const auto* wanted : {&set->kept, &set->building}) {
    for (const engine::View* view : *wanted) marks.erase(engine::ViewPrefix(view->definition()));
  }
  store::Apply settled;
  settled.position = store.head();
  for (const auto& [prefix, mark] : marks) settled.rows.push_back(NoMark(prefix));
  if (!settled.rows.empty()) {
    if (absl::Status written = store.Write({settled.position, {}}, settled); !written.ok()) return written;
  }
  return ViewSetPtr(set);
}

absl::StatusOr<std::optional<store::Position>> BuiltOf(const store::Snapshot& rows, const engine::View& view) {
  absl::StatusOr<std::string> row = rows.Get(kMarks, engine::ViewPrefix(view.definition()));
  if (absl::IsNotFound(row.status())) return std::optional<store::Position>();
  if (!row.ok()) return row.status();
  absl::StatusOr<ViewBuild> mark = ParseMark(*row);
  if (!mark.ok()) return mark.status();
  return std::optional<store::Position>(mark->built());
}

store::RowChange BuiltMark(const engine::View& view, store::Position built) {
  ViewBuild build;
  build.set_built(built);
  return MarkOf(view, build);
}

store::RowChange ServingMark(const engine::View& view) {
  ViewBuild whole;
  whole.set_serving(true);
  return MarkOf(view, whole);
}

store::RowChange NoMark(absl::string_view prefix) { return {kMarks, std::string(prefix), "", true}; }

}  // namespace duban::node
