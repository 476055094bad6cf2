// What waits for whom (待办): one row per case and assignee. An assignee is an id that some action of the present
// stage, or a request that waits, calls for, and that sees the case now: a unit, a post, a person.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "duban/v1/ledger_service.pb.h"
#include "engine/cases/clocks.h"
#include "engine/cases/present.h"
#include "engine/views/tables.h"
#include "engine/views/view.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;
using Waiting = std::map<std::string, std::vector<std::pair<std::string, v1::Text>>>;  // assignee -> actions

// Who is called for in this state. Resolved in the directory of the event: a head who changes later is found when the
// case next changes, and meanwhile the unit's other holders see the case in the ledger.
Waiting WaitingFor(const Procedure& procedure, const CaseState& state, const Directory& directory) {
  Waiting waiting;
  if (state.end_kind() != v1::END_KIND_UNSPECIFIED) return waiting;
  const Ids audience = AudienceOf(procedure, state);
  const auto call = [&](const std::vector<Role>& roles, const std::string& name, const v1::Text& title) {
    for (const std::string& id : ResolveRoles(roles, state, directory)) {
      if (Includes(audience, id, directory)) waiting[id].emplace_back(name, title);
    }
  };
  if (const Stage* stage = procedure.FindStage(state.stage())) {
    for (const Action& action : stage->actions) call(action.by, action.name, action.title);
  }
  for (const auto& request : state.requests()) {
    const Clock* clock = procedure.FindExtension(request.action());
    const Action* action = procedure.FindAction(state.stage(), request.action());
    if (clock == nullptr && action == nullptr) continue;
    const v1::Text& asked = clock != nullptr ? clock->extend->title : action->title;
    v1::Text title;
    title.set_zh(absl::StrCat("审批:", asked.zh()));
    title.set_en(absl::StrCat("Decide: ", asked.en()));
    call(clock != nullptr ? clock->extend->approved_by : action->approved_by,
         absl::StrCat("approve_", request.action()), title);
  }
  return waiting;
}

Instant DueKey(const CaseState& state) {
  const auto* due = DueOf(state);
  return due == nullptr ? absl::FromUnixMillis(INT64_MAX) : FromProto(*due);
}

class Worklist : public View {
 public:
  absl::string_view name() const override { return "worklist"; }
  uint32_t version() const override { return 1; }

  void Apply(const CaseChange& change, Rows& rows) const override {
    // Rows to remove are remembered by key, because those called for before may have been resolved otherwise.
    const std::string note = absl::StrCat("\x01", change.after.name());
    const std::optional<std::string> held = rows.Get(Table::kWorklist, note);
    std::string keys;
    const Waiting waiting = WaitingFor(change.procedure, change.after, change.directory);
    for (const auto& [assignee, actions] : waiting) {
      const std::string key =
          WorklistKey(assignee, DueKey(change.after), change.after.opened_position(), change.after.name());
      keys += Framed(key);
      rows.Put(Table::kWorklist, key, Item(change, assignee, actions).SerializeAsString());
    }
    if (held.has_value()) {
      for (const std::string& key : Unframed(*held)) {
        if (keys.find(Framed(key)) == std::string::npos) rows.Delete(Table::kWorklist, key);
      }
    }
    if (keys == held.value_or("")) return;
    if (keys.empty()) {
      rows.Delete(Table::kWorklist, note);
    } else {
      rows.Put(Table::kWorklist, note, keys);
    }
  }

 private:
  static v1::WorklistItem Item(const CaseChange& change, const std::string& assignee,
                               const std::vector<std::pair<std::string, v1::Text>>& actions) {
    const CaseState& state = change.after;
    v1::WorklistItem item;
    item.set_assignee(assignee);
    item.set_case_(state.name());
    item.set_number(state.number());
    item.set_subject(SubjectOf(change.procedure, state));
    item.set_stage(state.stage());
    if (const Stage* stage = change.procedure.FindStage(state.stage())) *item.mutable_stage_title() = stage->title;
    if (const auto* due = DueOf(state)) *item.mutable_due() = *due;
    *item.mutable_light() = LightOf(state);
    for (const auto& [name, title] : actions) {
      auto& action = *item.add_actions();
      action.set_action(name);
      *action.mutable_title() = title;
    }
    return item;
  }

  // A list of keys: each with its length before it.
  static std::string Framed(const std::string& key) { return absl::StrCat(KeyNumber(key.size()), key); }
  static std::vector<std::string> Unframed(absl::string_view list) {
    std::vector<std::string> keys;
    while (list.size() >= 8) {
      const size_t n = ParseKeyNumber(list.substr(0, 8));
      keys.emplace_back(list.substr(8, n));
      list.remove_prefix(8 + n);
    }
    return keys;
  }
};

}  // namespace

const View& WorklistView() {
  static const Worklist view;
  return view;
}

}  // namespace duban::engine
