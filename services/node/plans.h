// What a node knows of plans beside their rules: who is in a register, who sees a plan, who opens its cases.
#pragma once

#include <string>
#include <vector>

#include "duban/v1/event.pb.h"
#include "duban/v1/plan_service.pb.h"
#include "engine/plan/plan.h"
#include "services/node/batch.h"
#include "services/node/node.h"
#include "services/node/reading.h"

namespace duban::node {

// Those who stand in a register, sorted.
std::vector<std::string> MembersOf(Batch& batch, const std::string& register_name);
std::vector<std::string> PlanPopulation(Batch& batch, const engine::Plan& plan);

// A further part of a plan's stream, without events: for those who hold the post that opens its cases, and for the
// rights administer and audit. It tells beforehand who will be visited.
v1::StreamPart PlanPart(Batch& batch, const std::string& name, const std::string& post);

// In whose name its cases are opened: the first holder of the post; where it is vacant, of those told in its place;
// where nobody is, who put the plan.
std::string WhoOpens(const Library& library, const engine::StandingPlan& plan);

// Whether a person may put and stop plans of that post.
bool MayPlan(const engine::Directory& directory, const std::string& person, const std::string& post);
// Whether he sees them.
bool SeesPlan(const engine::Directory& directory, const std::string& person, const std::string& post);

// A plan as somebody who sees it is shown it.
v1::PlanStatus StatusOf(Batch& batch, const engine::StandingPlan& plan);
// The days on which it comes due from now on: at most 100, moved to working days as far as the calendar reaches.
std::vector<std::string> DaysAhead(const Library& library, const engine::StandingPlan& plan, engine::Instant now);

// The plan that a request means, checked and standing beside the others; findings where anything is wrong.
struct PutPlan {
  std::vector<engine::Finding> findings;
  engine::Plans after;
  std::string name;  // "plans/…".
};
engine::Outcome<PutPlan> CheckPlan(Batch& batch, const std::string& person, engine::Instant now,
                                   const v1::PutPlanRequest& request);

Reply<v1::PutPlanResponse> PreviewPlan(const Reading& reading, const v1::PutPlanRequest& request);
Reply<v1::ListPlansResponse> ListPlans(const Reading& reading, const v1::ListPlansRequest& request);
Reply<v1::GetBurdenResponse> GetBurden(const Reading& reading, const v1::GetBurdenRequest& request);

engine::Rejection PlanNotFound(const std::string& name);

}  // namespace duban::node
