// What a person could do now.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/cases/built_in.h"
#include "engine/cases/collecting.h"
#include "engine/cases/decide.h"
#include "engine/cases/evolve.h"
#include "engine/cases/guards.h"
#include "engine/cases/rebinding.h"
#include "engine/cases/requests.h"
#include "engine/cases/roles.h"
#include "engine/cases/suggestions.h"

namespace duban::engine {

using duban::state::v1::ClockState;
using duban::state::v1::RequestState;

std::vector<v1::CaseAction> ActionsOpenTo(const Context& context, const CaseState& state, absl::string_view person) {
  std::vector<v1::CaseAction> out;
  const Procedure* procedure = context.procedures.Find(state.procedure(), state.procedure_version());
  const Stage* stage = procedure == nullptr ? nullptr : procedure->FindStage(state.stage());
  if (stage == nullptr) return out;
  const Actor actor{std::string(person), "", ""};
  const auto add = [&](const std::string& name, const v1::Text& title, const std::vector<std::string>& needs,
                       const std::vector<Role>& by, const RequestState* decides = nullptr,
                       const Action* taken = nullptr) {
    const Outcome<Capacity> capacity = FindCapacity(*procedure, state, context.directory, by, actor);
    if (capacity.ok() && decides == nullptr && Unclaimed(*procedure->FindParty(capacity->party), state)) return;
    if (!capacity.ok() || (decides != nullptr && HadAHandIn(*decides, actor, *capacity))) return;
    if (taken != nullptr) {
      const Hands hands = HandsIn(actor, *capacity);
      if (!CheckSomebodyLeft(*procedure, state, taken->name, hands).ok()) return;
      const bool asks = decides == nullptr && !taken->approved_by.empty();
      if (asks && !CheckDeciderLeft(*procedure, state, context.directory, taken->approved_by, hands).ok()) return;
    }
    v1::CaseAction& action = out.emplace_back();
    action.set_action(name);
    *action.mutable_title() = title;
    for (const std::string& need : needs) action.add_needs(need);
  };
  const auto prefixed = [](const v1::Text& title, const char* zh, const char* en) {
    v1::Text text;
    text.set_zh(absl::StrCat(zh, title.zh()));
    text.set_en(absl::StrCat(en, title.en()));
    return text;
  };
  const bool ended = state.end_kind() != v1::END_KIND_UNSPECIFIED;  // In a stage that does not say so.
  for (const Action& action : ended ? std::vector<Action>() : stage->actions) {
    const bool guarded = std::any_of(action.when.begin(), action.when.end(),
                                     [&](const Guard& g) { return !Holds(g, *procedure, state, context); });
    if (!HasWay(*procedure, state, action)) continue;
    const bool waits = !action.approved_by.empty() && IsPending(state, action.name);
    if (!guarded && !waits && !CapReached(state, action.name, action.at_most))
      add(action.name, action.title, action.needs, action.by, nullptr, &action);
  }
  for (const Clock& clock : procedure->clocks) {
    const ClockState* known = FindClockState(state, clock.name);
    if (!clock.extend.has_value() || known == nullptr || known->run() == ClockState::RUN_STOPPED) continue;
    const Extension& extend = *clock.extend;
    if (IsPending(state, extend.action) || CapReached(state, extend.action, extend.at_most)) continue;
    add(extend.action, extend.title, extend.needs, extend.by);
  }
  for (const RequestState& request : state.requests()) {
    const Clock* clock = procedure->FindExtension(request.action());
    const Action* action = AskedForHere(*procedure, state, request);
    const bool voids = clock == nullptr && action == nullptr && request.action() == kVoid;
    // What the case has moved on from can only be refused, and has to be where it stands in the way.
    const bool refusable = procedure->FindAction(state.stage(), request.action()) != nullptr;
    const bool behind = clock == nullptr && action == nullptr && !voids;
    if (behind && !refusable) continue;
    if (behind) action = FindAsked(*procedure, request.action());
    const v1::Text title = voids ? BuiltInTitle(kVoid) : clock != nullptr ? clock->extend->title : action->title;
    const std::vector<Role> by = voids              ? OpenersOf(*procedure)
                                 : clock != nullptr ? clock->extend->approved_by
                                                    : action->approved_by;
    if (!behind) {
      add(absl::StrCat(kApprove, request.action()), prefixed(title, "批准", "Approve: "), {}, by, &request, action);
    }
    add(absl::StrCat(kRefuse, request.action()), prefixed(title, "不同意", "Refuse: "), {"reason"}, by, &request);
  }
  for (v1::CaseAction& action : CollectingActionsOpenTo(context, *procedure, state, person)) {
    out.push_back(std::move(action));
  }
  for (v1::CaseAction& action : RebindingsOpenTo(context, *procedure, state, person)) out.push_back(std::move(action));
  for (v1::CaseAction& action : SuggestedActionsOpenTo(context, state, person)) {
    out.push_back(std::move(action));
  }
  return out;
}

}  // namespace duban::engine
