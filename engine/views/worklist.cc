// What waits for whom (待办): one row per case and assignee. An assignee is an id that some action of the present
// stage, a request or a suggestion that waits, calls for, and that sees the case now: a unit, a post, a person.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/cases/built_in.h"
#include "engine/cases/clocks.h"
#include "engine/cases/collecting.h"
#include "engine/cases/present.h"
#include "engine/cases/roles.h"
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
    for (const Action& action : stage->actions) {
      std::vector<Role> by = action.by;
      // What nobody has claimed yet waits for that alone.
      std::erase_if(by, [&](const Role& role) { return Unclaimed(*procedure.FindParty(role.party), state); });
      call(by, action.name, action.title);
    }
  }
  for (const Party& party : procedure.parties) {
    if (Unclaimed(party, state)) call({Role{party.name}}, kClaim, BuiltInTitle(kClaim));
  }
  if (state.has_offer()) {
    waiting[state.offer().to()].emplace_back(kTakeOver, BuiltInTitle(kTakeOver));
    waiting[state.offer().to()].emplace_back(kSendBack, BuiltInTitle(kSendBack));
  }
  // Whoever rates finds it in his own inbox alone, until he has voted.
  for (const std::string& person : NotVoted(state)) waiting[person].emplace_back(kVote, BuiltInTitle(kVote));
  if (AllVoted(state)) call(OpenersOf(procedure), kCloseCollecting, BuiltInTitle(kCloseCollecting));
  for (const auto& request : state.requests()) {
    const Clock* clock = procedure.FindExtension(request.action());
    const Action* action = procedure.FindAction(state.stage(), request.action());
    const bool voids = clock == nullptr && action == nullptr && request.action() == kVoid;
    if (clock == nullptr && action == nullptr && !voids) continue;
    const v1::Text asked = voids ? BuiltInTitle(kVoid) : clock != nullptr ? clock->extend->title : action->title;
    v1::Text title;
    title.set_zh(absl::StrCat("审批:", asked.zh()));
    title.set_en(absl::StrCat("Decide: ", asked.en()));
    call(voids              ? OpenersOf(procedure)
         : clock != nullptr ? clock->extend->approved_by
                            : action->approved_by,
         absl::StrCat("approve_", request.action()), title);
  }
  for (const auto& suggestion : state.suggestions()) {
    v1::Text title;
    title.set_zh(absl::StrCat("建议：", suggestion.title().zh()));
    title.set_en(absl::StrCat("Suggested: ", suggestion.title().en()));
    // Whoever is asked sees the case while it waits.
    for (const std::string& id : suggestion.ask()) {
      waiting[id].emplace_back(absl::StrCat("approve_", suggestion.suggests()), title);
    }
  }
  return waiting;
}

Instant DueKey(const CaseState& state) {
  const auto* due = DueOf(state);
  return due == nullptr ? absl::FromUnixMillis(INT64_MAX) : FromProto(*due);
}

class Worklist : public View {
 public:
  const Definition& definition() const override {
    static const Definition is = [] {
      Definition d;
      d.number = v1::VIEW_WORKLIST;
      d.name = "worklist";
      d.version = 1;
      d.own_only = true;
      d.labels = {"light", "stage"};
      return d;
    }();
    return is;
  }

  void Apply(const Change& change, ViewRows& rows) const override {
    if (change.after == nullptr) return;
    const CaseState& state = *change.after;
    std::vector<Row> items;
    for (const auto& [assignee, actions] : WaitingFor(*change.procedure, state, change.directory)) {
      Row row;
      row.key = absl::StrCat(state.name(), "/", assignee);
      // Earliest due first, then the case that was opened first.
      row.place = absl::StrCat(KeyInstant(DueKey(state)), KeyNumber(state.opened_position()));
      row.audience = {assignee};
      *row.row.mutable_item() = Item(change, assignee, actions);
      items.push_back(std::move(row));
    }
    rows.Replace(state.name(), std::move(items));
  }

  std::vector<Label> LabelsOf(const v1::ViewRow& row) const override {
    return {{"light", row.item().light().colour()}, {"stage", row.item().stage()}};
  }

 private:
  static v1::WorklistItem Item(const Change& change, const std::string& assignee,
                               const std::vector<std::pair<std::string, v1::Text>>& actions) {
    const CaseState& state = *change.after;
    v1::WorklistItem item;
    item.set_assignee(assignee);
    item.set_case_(state.name());
    item.set_number(state.number());
    item.set_subject(SubjectOf(*change.procedure, state));
    item.set_stage(state.stage());
    if (const Stage* stage = change.procedure->FindStage(state.stage())) *item.mutable_stage_title() = stage->title;
    if (const auto* due = DueOf(state)) *item.mutable_due() = *due;
    *item.mutable_light() = LightOf(state);
    for (const auto& [name, title] : actions) {
      auto& action = *item.add_actions();
      action.set_action(name);
      *action.mutable_title() = title;
    }
    return item;
  }
};

}  // namespace

const View& WorklistView() {
  static const Worklist view;
  return view;
}

}  // namespace duban::engine
