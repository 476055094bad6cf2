#include "services/node/plan_due.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/draw/draw.h"
#include "services/node/draws.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/jobs/job_rows.h"
#include "services/node/plan_cases.h"
#include "services/node/plans.h"

namespace duban::node {
namespace {

using engine::Outcome;
using engine::Verdict;

class ComingDue {
 public:
  ComingDue(Batch& batch, Random& random, const engine::StandingPlan& standing, const Coming& coming,
            engine::Instant recorded)
      : batch_(batch),
        random_(random),
        standing_(standing),
        plan_(*standing.plan),
        coming_(coming),
        recorded_(std::max(recorded, batch.recorded())),
        person_(WhoOpens(batch.library(), standing)) {}

  Outcome<v1::Commit> Decide() {
    const Library& library = batch_.library();
    *commit_.add_parts() = PlanPart(batch_, standing_.put.name(), plan_.by);
    event_.set_plan(standing_.put.name());
    event_.set_version(standing_.put.version());
    *event_.mutable_at() = engine::ToProto(coming_.due);
    const std::string nominal = engine::FormatDay(coming_.nominal);
    event_.set_occurrence(coming_.occasion ? coming_.occasion->Name() : nominal);
    if (coming_.occasion || library.zone.DayOf(coming_.due) != coming_.nominal) event_.set_nominal_day(nominal);
    if (Verdict whom = FillPopulation(); !whom.ok()) return whom.rejection();
    // More than may stand in a list: the job says so, where somebody looks for its cases.
    if (!event_.population().empty() || too_many_) Begin();
    *commit_.mutable_parts(0)->add_events()->mutable_plan_due() = std::move(event_);
    commit_.mutable_cause()->set_command("FireTimers");
    *commit_.mutable_recorded_at() = engine::ToProto(recorded_);
    return std::move(commit_);
  }

 private:
  Verdict FillPopulation() {
    if (plan_.cases) return FillCases();
    if (coming_.occasion) {
      event_.add_population(coming_.occasion->post);
    } else {
      for (std::string& unit : PlanPopulation(batch_, plan_)) event_.add_population(std::move(unit));
    }
    return engine::Nothing{};
  }

  Verdict FillCases() {
    const engine::Directory& directory = *batch_.library().directory;
    Outcome<std::vector<v1::DrawCandidate>> cases =
        PlanCases(batch_, plan_, coming_.nominal, {directory.ViewerIds(person_)});
    if (!cases.ok()) {
      too_many_ = cases.rejection().reason == "PLAN_TOO_MANY_CASES";
      return too_many_ ? Verdict(engine::Nothing{}) : cases.rejection();
    }
    if (!plan_.sample || cases->empty()) {
      for (v1::DrawCandidate& one : *cases) *event_.add_population() = std::move(*one.mutable_id());
      return engine::Nothing{};
    }
    v1::FreezeDrawRequest request;
    request.set_title(absl::StrCat(plan_.title.zh(), "（", event_.occurrence(), "）"));
    for (v1::DrawCandidate& one : *cases) *request.add_candidates() = std::move(one);
    v1::DrawRequestShare& share = *request.add_shares();
    share.set_every_group(true);
    share.set_permille(plan_.sample->permille);
    share.set_count(plan_.sample->count);
    share.set_at_least(plan_.sample->at_least);
    Outcome<v1::DrawFrozen> frozen = engine::Freeze(directory, request, DrawDigest);
    if (!frozen.ok()) return frozen.rejection();
    v1::StreamPart part = FrozenPart(random_, *std::move(frozen), person_, plan_.by, recorded_);
    const v1::DrawFrozen fixed = part.events(0).draw_frozen();
    AddDrawn(random_, fixed, person_, recorded_, "", "", part);
    event_.set_draw(part.stream());
    *event_.mutable_population() = part.events(2).draw_made().drawn();
    *commit_.add_parts() = std::move(part);
    return engine::Nothing{};
  }

  void Begin() {
    v1::JobTask task;
    v1::PlanRun& run = *task.mutable_plan_run();
    run.set_plan(event_.plan());
    run.set_version(event_.version());
    run.set_occurrence(event_.occurrence());
    *run.mutable_population() = event_.population();
    const JobKind& kind = PlanRunKind();
    v1::StreamPart job = JobStart(random_, task, person_, recorded_, kind.Total(batch_, task),
                                  kind.Title(task, batch_.library()), kind.counts_cases());
    event_.set_job(job.stream());
    *commit_.add_parts() = std::move(job);
  }

  Batch& batch_;
  Random& random_;
  const engine::StandingPlan& standing_;
  const engine::Plan& plan_;
  const Coming& coming_;
  const engine::Instant recorded_;
  const std::string person_;
  v1::PlanDue event_;
  v1::Commit commit_;
  bool too_many_ = false;
};

}  // namespace

Outcome<std::optional<v1::Commit>> PlanComingDue(Batch& batch, Random& random, const std::string& name,
                                                 engine::Instant recorded, engine::Instant until) {
  const Library& library = batch.library();
  const std::optional<Coming> coming = ComingOf(library, name);
  if (!coming.has_value() || coming->due > until) return std::optional<v1::Commit>();
  const engine::StandingPlan& standing = library.plans->find(name)->second;
  // One that was learnt of late is due at once, whatever its day was.
  if (coming->due == library.zone.StartOf(coming->nominal)) {
    const Outcome<engine::Instant> due =
        engine::DueOn(*standing.plan, coming->nominal, *library.calendar, library.zone);
    if (!due.ok()) return due.rejection();
  }
  Outcome<v1::Commit> commit = ComingDue(batch, random, standing, *coming, recorded).Decide();
  if (!commit.ok()) return commit.rejection();
  return std::optional<v1::Commit>(*std::move(commit));
}

}  // namespace duban::node
