// Putting and stopping plans.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/node/causes.h"
#include "services/node/decider.h"
#include "services/node/plans.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Outcome;

Reply<Response> Decider::PutPlan(Batch& batch, const Asked& asked, const v1::PutPlanRequest& request,
                                 const std::string& mac) {
  const Outcome<PutPlans> put =
      CheckPlans(batch, asked.actor, asked.now, {{request.file().path(), request.file().text()}},
                 *batch.library().procedures, request.override_reason());
  if (!put.ok()) return put.rejection();
  if (!put->findings.empty()) return RefusedFindings(put->findings, /*plans=*/true);
  v1::Commit commit;
  AddPlans(batch, *put, asked.now, request.override_reason(), commit);
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOf("PutPlan", request, mac), "");
  if (!position.ok()) return position.rejection();
  return PlanAnswer(batch, put->names.front(), *position);
}

Reply<Response> Decider::PlanAnswer(Batch& batch, const std::string& name, store::Position position) const {
  v1::PutPlanResponse out;
  const auto found = batch.library().plans->find(name);
  if (found == batch.library().plans->end()) return PlanNotFound(name);
  *out.mutable_plan() = StatusOf(batch, found->second);
  FillAhead(batch.library(), found->second, found->second.put_at, out);
  out.set_position(tokens_.Position(position));
  return Response(std::move(out));
}

Reply<Response> Decider::StopPlan(Batch& batch, const Asked& asked, const v1::StopPlanRequest& request,
                                  const std::string& mac) {
  const engine::Directory& directory = *batch.library().directory;
  const auto found = batch.library().plans->find(request.plan());
  if (found == batch.library().plans->end() || !SeesPlan(directory, asked.actor, found->second.plan->by)) {
    return PlanNotFound(request.plan());
  }
  if (!MayPlan(directory, asked.actor, found->second.plan->by)) return RightRequired(engine::kRightAdminister);
  v1::Commit commit;
  v1::StreamPart& part = *commit.add_parts() = PlanPart(batch, request.plan(), found->second.plan->by);
  v1::PlanPut& event = *part.add_events()->mutable_plan_put();
  *event.mutable_plan() = found->second.put;
  event.mutable_plan()->set_stopped(true);
  *event.mutable_at() = engine::ToProto(asked.now);
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOf("StopPlan", request, mac), "");
  if (!position.ok()) return position.rejection();
  return StopAnswer(batch, request.plan(), *position);
}

Reply<Response> Decider::StopAnswer(Batch& batch, const std::string& name, store::Position position) const {
  v1::StopPlanResponse out;
  const auto found = batch.library().plans->find(name);
  if (found == batch.library().plans->end()) return PlanNotFound(name);
  *out.mutable_plan() = StatusOf(batch, found->second);
  out.set_position(tokens_.Position(position));
  return Response(std::move(out));
}

}  // namespace duban::node
