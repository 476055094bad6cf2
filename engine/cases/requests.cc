#include "engine/cases/requests.h"

#include <algorithm>
#include <set>

namespace duban::engine {

using duban::state::v1::RequestState;

bool CapReached(const CaseState& state, const std::string& action, const Cap& cap) {
  if (cap.count == 0) return false;
  int taken = 0;
  for (const auto& act : state.acts()) {
    if (act.action() == action && (!cap.per_round || act.round() == state.round())) taken += act.count();
  }
  return taken >= cap.count;
}

bool IsPending(const CaseState& state, const std::string& action) {
  return std::any_of(state.requests().begin(), state.requests().end(),
                     [&](const RequestState& request) { return request.action() == action; });
}

bool HadAHandIn(const RequestState& request, const Actor& actor, const Capacity& capacity) {
  const std::set<std::string> deciders = {actor.person, actor.entered_by, actor.lent_by, capacity.on_behalf_of};
  for (const std::string& asker : {request.person(), request.entered_by(), request.on_behalf_of()}) {
    if (!asker.empty() && deciders.count(asker) != 0) return true;
  }
  return false;
}

const Action* AskedForHere(const Procedure& procedure, const CaseState& state, const RequestState& request) {
  const Action* here = procedure.FindAction(state.stage(), request.action());
  if (here == nullptr || here->approved_by.empty()) return nullptr;
  const auto stages = std::count_if(procedure.stages.begin(), procedure.stages.end(), [&](const Stage& stage) {
    return procedure.FindAction(stage.name, request.action()) != nullptr;
  });
  return stages > 1 && FromProto(request.at()) < FromProto(state.stage_since()) ? nullptr : here;
}

const Action* FindAsked(const Procedure& procedure, const std::string& name) {
  const Action* found = nullptr;
  for (const Stage& stage : procedure.stages) {
    const Action* action = procedure.FindAction(stage.name, name);
    if (action != nullptr && (found == nullptr || found->approved_by.empty())) found = action;
  }
  return found;
}

bool HasWay(const Procedure& procedure, const CaseState& state, const Action& action) {
  if (action.to != "previous") return true;
  const Stage* before = procedure.FindStage(state.previous_stage());
  return before != nullptr && before->end == v1::END_KIND_UNSPECIFIED;
}

}  // namespace duban::engine
