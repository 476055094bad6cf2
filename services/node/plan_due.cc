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
    if (coming_.occasion) {
      event_.add_population(coming_.occasion->post);
      return engine::Nothing{};
    }
    Outcome<std::vector<v1::DrawCandidate>> all = plan_.cases ? Cases() : Units();
    if (!all.ok()) {
      too_many_ = all.rejection().reason == "PLAN_TOO_MANY_CASES";
      return too_many_ ? Verdict(engine::Nothing{}) : all.rejection();
    }
    if (!plan_.sample || all->empty()) {
      for (v1::DrawCandidate& one : *all) *event_.add_population() = std::move(*one.mutable_id());
      return engine::Nothing{};
    }
    v1::FreezeDrawRequest request;
    request.set_title(absl::StrCat(plan_.title.zh(), "（", event_.occurrence(), "）"));
    for (v1::DrawCandidate& one : *all) *request.add_candidates() = std::move(one);
    v1::DrawRequestShare& share = *request.add_shares();
    share.set_every_group(true);
    share.set_permille(plan_.sample->permille);
    share.set_count(plan_.sample->count);
    share.set_at_least(plan_.sample->at_least);
    const Outcome<v1::StreamPart> drawn = Draw(request);
    if (!drawn.ok()) return drawn.rejection();
    event_.set_draw(drawn->stream());
    *event_.mutable_population() = drawn->events(2).draw_made().drawn();
    *commit_.add_parts() = *drawn;
    FillParties();
    return engine::Nothing{};
  }

  Outcome<std::vector<v1::DrawCandidate>> Cases() {
    return PlanCases(batch_, plan_, coming_.nominal, {batch_.library().directory->ViewerIds(person_)});
  }

  Outcome<std::vector<v1::DrawCandidate>> Units() {
    std::vector<v1::DrawCandidate> units;
    for (std::string& unit : PlanPopulation(batch_, plan_)) {
      v1::DrawCandidate& candidate = units.emplace_back();
      const bool by_level = plan_.sample && !plan_.sample->per.empty();
      if (by_level) candidate.set_group(batch_.library().directory->FindUnit(unit)->level());
      candidate.set_id(std::move(unit));
    }
    return units;
  }

  // Population, seed and draw, one after the other.
  Outcome<v1::StreamPart> Draw(const v1::FreezeDrawRequest& request) {
    Outcome<v1::DrawFrozen> frozen = engine::Freeze(*batch_.library().directory, request, DrawDigest);
    if (!frozen.ok()) return frozen.rejection();
    v1::StreamPart part = FrozenPart(random_, *std::move(frozen), person_, plan_.by, recorded_);
    const v1::DrawFrozen fixed = part.events(0).draw_frozen();
    AddDrawn(random_, fixed, person_, recorded_, "", "", part);
    return part;
  }

  // The parties that draws say: the units themselves, where the procedure has them drawn, and who else the plan draws,
  // nobody with a relation to a unit that was drawn. Where nobody is left to be drawn, opening says who is missing.
  void FillParties() {
    const Library& library = batch_.library();
    const engine::Procedure* procedure = library.procedures->Newest(plan_.procedure);
    if (!plan_.draws_units() || procedure == nullptr) return;
    const auto bind = [&](const std::string& party, const std::string& draw) {
      v1::PartyBinding& binding = parties_.emplace_back();
      binding.set_party(party);
      binding.set_draw(draw);
    };
    const engine::Party* each = procedure->FindParty(plan_.party);
    if (each != nullptr && each->drawn) bind(plan_.party, event_.draw());
    for (const engine::PartyDraw& one : plan_.draws) {
      const engine::Party* party = procedure->FindParty(one.party);
      v1::FreezeDrawRequest request;
      request.set_title(absl::StrCat(plan_.title.zh(), "（", event_.occurrence(), "）：",
                                     party == nullptr ? one.party : party->title.zh()));
      for (const std::string& id : engine::CandidatesOf(one, *procedure, *library.directory)) {
        request.add_candidates()->set_id(id);
      }
      request.add_shares()->set_count(one.count);
      *request.mutable_not_related_to() = event_.population();
      const Outcome<v1::StreamPart> drawn = Draw(request);
      if (!drawn.ok()) continue;
      bind(one.party, drawn->stream());
      *commit_.add_parts() = *drawn;
    }
  }

  void Begin() {
    v1::JobTask task;
    v1::PlanRun& run = *task.mutable_plan_run();
    run.set_plan(event_.plan());
    run.set_version(event_.version());
    run.set_occurrence(event_.occurrence());
    *run.mutable_population() = event_.population();
    for (v1::PartyBinding& party : parties_) *run.add_parties() = std::move(party);
    v1::StreamPart job = JobStart(random_, batch_, PlanRunKind(), task, person_, recorded_);
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
  std::vector<v1::PartyBinding> parties_;  // Bound from draws.
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
