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
// The times at which it comes due from now on: at most 100, moved to working days as far as the calendar reaches.
void FillAhead(const Library& library, const engine::StandingPlan& plan, engine::Instant now, v1::PutPlanResponse& out);

// Files that are published together: plans, and all others.
struct PublishedSet {
  PublishedSet(std::vector<engine::SourceFile> files, const engine::Plans& standing);
  // Procedures as they will be, which plans of the set name.
  static engine::Procedures With(const engine::Compiled& compiled, const engine::Procedures& published);

  std::vector<engine::SourceFile> plans, others;
  // To be compiled: all of them, and standing plans, for a procedure that reopens needs one that opens it.
  std::vector<engine::SourceFile> compiled;
};

// The plans that files mean, checked and standing beside the others; findings where anything is wrong.
struct PutPlans {
  std::vector<engine::Finding> findings;
  engine::Plans after;
  std::vector<std::string> names;  // "plans/…", in the order of the files.
};
// `procedures`: those that are published, or are to be published with the plans.
engine::Outcome<PutPlans> CheckPlans(Batch& batch, const std::string& person, engine::Instant now,
                                     const std::vector<engine::SourceFile>& files, const engine::Procedures& procedures,
                                     const std::string& override_reason);
// The events that put them.
void AddPlans(Batch& batch, const PutPlans& plans, engine::Instant now, const std::string& override_reason,
              v1::Commit& commit);

Reply<v1::PutPlanResponse> PreviewPlan(const Reading& reading, const v1::PutPlanRequest& request);
Reply<v1::ListPlansResponse> ListPlans(const Reading& reading, const v1::ListPlansRequest& request);
Reply<v1::GetBurdenResponse> GetBurden(const Reading& reading, const v1::GetBurdenRequest& request);

engine::Rejection PlanNotFound(const std::string& name);

}  // namespace duban::node
