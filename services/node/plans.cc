#include "services/node/plans.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/limits.h"
#include "engine/plan/burden.h"
#include "engine/views/case_index.h"
#include "engine/views/tables.h"
#include "services/node/burdens.h"
#include "services/node/decider.h"
#include "services/node/plan_cases.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Kind;
using engine::Outcome;
using engine::Reject;

namespace {

constexpr int kDaysShown = 100;

uint64_t LastRevision(Batch& batch, const std::string& name) {
  LibraryEntry entry;
  entry.ParseFromString(batch.Row(engine::Table::kDirectory, name).value_or(""));
  return entry.revision();
}

// Asked of the plan itself, which need not be put yet.
std::optional<engine::Instant> NextAt(const Library& library, const engine::StandingPlan& standing) {
  if (standing.plan->of_posts()) {
    const std::vector<engine::Occasion> ahead =
        engine::OccasionsOf(standing, *library.directory, *library.calendar, library.zone);
    return ahead.empty() ? std::nullopt : std::optional<engine::Instant>(ahead.front().due);
  }
  const std::optional<engine::Day> next = standing.Next(library.zone);
  if (!next.has_value()) return std::nullopt;
  const Outcome<engine::Instant> due = engine::DueOn(*standing.plan, *next, *library.calendar, library.zone);
  return due.ok() ? std::optional<engine::Instant>(*due) : std::nullopt;
}

}  // namespace

std::vector<std::string> MembersOf(Batch& batch, const std::string& register_name) {
  std::vector<std::string> out;
  const std::string prefix = engine::RegisteredKey(register_name, "");
  batch.Scan(engine::Table::kRegistered, prefix, [&](absl::string_view key, absl::string_view) {
    if (!absl::StartsWith(key, prefix)) return false;
    out.emplace_back(key.substr(prefix.size()));
    return true;
  });
  return out;
}

std::vector<std::string> PlanPopulation(Batch& batch, const engine::Plan& plan) {
  return engine::PopulationOf(plan, *batch.library().directory,
                              [&](const std::string& name) { return MembersOf(batch, name); });
}

v1::StreamPart PlanPart(Batch& batch, const std::string& name, const std::string& post) {
  v1::StreamPart part;
  part.set_stream(name);
  part.set_first_revision(LastRevision(batch, name) + 1);
  std::vector<std::string> audience = {post, absl::StrCat("rights/", engine::kRightAdminister),
                                       absl::StrCat("rights/", engine::kRightAudit)};
  std::sort(audience.begin(), audience.end());
  for (std::string& id : audience) part.add_audience(std::move(id));
  return part;
}

std::string WhoOpens(const Library& library, const engine::StandingPlan& plan) {
  const engine::Directory& directory = *library.directory;
  const v1::Post* post = directory.FindPost(plan.plan->by);
  if (post != nullptr && !post->holders().empty()) return post->holders(0);
  for (const std::string& id : directory.InsteadOf(plan.plan->by)) {
    const v1::Post* above = directory.FindPost(id);
    if (above != nullptr && !above->holders().empty()) return above->holders(0);
  }
  return plan.put.person();
}

bool MayPlan(const engine::Directory& directory, const std::string& person, const std::string& post) {
  const v1::Post* held = directory.FindPost(post);
  const bool holds =
      held != nullptr && std::find(held->holders().begin(), held->holders().end(), person) != held->holders().end();
  return holds || directory.HasRight(person, engine::kRightAdminister);
}

bool SeesPlan(const engine::Directory& directory, const std::string& person, const std::string& post) {
  return MayPlan(directory, person, post) || directory.HasRight(person, engine::kRightAudit);
}

v1::PlanStatus StatusOf(Batch& batch, const engine::StandingPlan& standing) {
  const Library& library = batch.library();
  const engine::Plan& plan = *standing.plan;
  v1::PlanStatus out;
  *out.mutable_plan() = standing.put;
  *out.mutable_title() = plan.title;
  if (const std::optional<engine::Instant> next = NextAt(library, standing)) {
    *out.mutable_next_at() = engine::ToProto(*next);
  }
  out.set_last(standing.last);
  const size_t units_or_posts =
      plan.of_posts() ? engine::PostsOf(plan, *library.directory).size() : PlanPopulation(batch, plan).size();
  out.set_population(static_cast<int64_t>(plan.cases ? 0 : units_or_posts));
  *out.mutable_when() = engine::WhenOf(plan);
  *out.mutable_whom() = engine::WhomOf(plan, *library.directory, *library.procedures);
  return out;
}

void FillAhead(const Library& library, const engine::StandingPlan& standing, engine::Instant now,
               v1::PutPlanResponse& out) {
  const engine::Plan& plan = *standing.plan;
  const auto is_full = [&] { return out.days_size() == kDaysShown; };
  if (plan.of_posts()) {
    for (const engine::Occasion& occasion :
         engine::OccasionsOf(standing, *library.directory, *library.calendar, library.zone)) {
      if (is_full()) return;
      out.add_days(engine::FormatDay(library.zone.DayOf(occasion.due)));
      *out.add_occasions() = engine::OccasionText(plan, *library.directory, occasion);
    }
    return;
  }
  const std::optional<engine::Day> last = engine::ParseDay(standing.last);
  for (const engine::Day nominal : engine::NominalDays(plan, last.has_value() ? *last + 1 : library.zone.DayOf(now))) {
    if (is_full()) return;
    const engine::Instant due = engine::DueOrNominal(plan, nominal, *library.calendar, library.zone);
    out.add_days(engine::FormatDay(library.zone.DayOf(due)));
  }
}

PublishedSet::PublishedSet(std::vector<engine::SourceFile> files, const engine::Plans& standing) : compiled(files) {
  std::set<std::string> named;
  for (engine::SourceFile& file : files) {
    const bool plan = engine::IsPlan(file.text);
    if (plan) named.insert(absl::StrCat("plans/", engine::PlanOf(file.text).name));
    (plan ? plans : others).push_back(std::move(file));
  }
  for (const auto& [name, plan] : standing) {
    const bool opens = plan.plan->cases.has_value() && !plan.put.stopped();
    if (opens && named.count(name) == 0) compiled.push_back({name, plan.put.source()});
  }
}

engine::Procedures PublishedSet::With(const engine::Compiled& compiled, const engine::Procedures& published) {
  engine::Procedures out = published;
  for (const engine::Procedure& procedure : compiled.procedures) {
    auto next = std::make_shared<engine::Procedure>(procedure);
    const engine::Procedure* newest = published.Newest(procedure.name);
    next->version = (newest == nullptr ? 0 : newest->version) + 1;
    out.Put(std::move(next));
  }
  return out;
}

Outcome<PutPlans> CheckPlans(Batch& batch, const std::string& person, engine::Instant now,
                             const std::vector<engine::SourceFile>& files, const engine::Procedures& procedures,
                             const std::string& override_reason) {
  const Library& library = batch.library();
  PutPlans out;
  if (override_reason.size() > engine::limits::kReasonBytesMax) {
    return Reject(Kind::kInvalid, "TEXT_TOO_LONG",
                  absl::StrCat("理由超过 ", engine::limits::kReasonBytesMax, " 字节，请缩短"),
                  absl::StrCat("the reason takes at most ", engine::limits::kReasonBytesMax, " bytes"),
                  {{"field", "override_reason"}});
  }
  out.after = *library.plans;
  for (const engine::SourceFile& file : files) {
    engine::ReadPlanResult read = engine::ReadPlan(file, procedures, library.directory.get());
    // Who may not plan for that post learns nothing from its checking but what he wrote himself.
    if (!MayPlan(*library.directory, person, read.plan.by)) return RightRequired(engine::kRightAdminister);
    out.findings.insert(out.findings.end(), read.findings.begin(), read.findings.end());
    if (!read.ok()) continue;
    const std::string name = absl::StrCat("plans/", read.plan.name);
    const auto held = library.plans->find(name);
    if (held != library.plans->end() && !MayPlan(*library.directory, person, held->second.plan->by)) {
      return RightRequired(engine::kRightAdminister);
    }
    v1::Event event;
    v1::Plan& plan = *event.mutable_plan_put()->mutable_plan();
    plan.set_name(name);
    plan.set_version((held == library.plans->end() ? 0 : held->second.put.version()) + 1);
    plan.set_source(file.text);
    plan.set_person(person);
    *event.mutable_plan_put()->mutable_at() = engine::ToProto(now);
    engine::EvolvePlans(out.after, event);
    out.names.push_back(name);
  }
  if (!out.findings.empty() || !override_reason.empty()) return out;
  const std::shared_ptr<const engine::PlansAhead> ahead = PlansAheadOf(batch, out.after, procedures);
  for (const std::string& name : out.names) {
    const BatchBurdens others(batch, person, ahead, name);
    engine::Verdict bearable = engine::CheckBurden(*ahead, name, others);
    if (!bearable.ok()) return bearable.rejection();
  }
  return out;
}

void AddPlans(Batch& batch, const PutPlans& plans, engine::Instant now, const std::string& override_reason,
              v1::Commit& commit) {
  for (const std::string& name : plans.names) {
    const engine::StandingPlan& plan = plans.after.find(name)->second;
    v1::StreamPart& part = *commit.add_parts() = PlanPart(batch, name, plan.plan->by);
    v1::PlanPut& event = *part.add_events()->mutable_plan_put();
    *event.mutable_plan() = plan.put;
    *event.mutable_at() = engine::ToProto(now);
    event.set_override_reason(override_reason);
  }
}

Reply<v1::PutPlanResponse> PreviewPlan(const Reading& reading, const v1::PutPlanRequest& request) {
  CaseCache cache(1);
  Batch batch(reading.ground(), &cache);
  const Library& library = reading.library();
  Outcome<PutPlans> put =
      CheckPlans(batch, reading.person(), reading.now(), {{request.file().path(), request.file().text()}},
                 *library.procedures, request.override_reason());
  if (!batch.status().ok()) return batch.status();
  if (!put.ok()) return put.rejection();
  v1::PutPlanResponse out;
  for (const engine::Finding& finding : put->findings) *out.add_findings() = FindingOf(finding);
  if (!put->findings.empty()) return out;
  const engine::StandingPlan& standing = put->after.find(put->names.front())->second;
  const engine::Plan& plan = *standing.plan;
  *out.mutable_plan() = StatusOf(batch, standing);
  FillAhead(library, standing, reading.now(), out);
  if (plan.cases) {
    // As if it came due tomorrow; of what the caller sees himself, no more.
    const Outcome<std::vector<v1::DrawCandidate>> cases =
        PlanCases(batch, plan, library.zone.DayOf(reading.now()) + 1,
                  {library.directory->ViewerIds(WhoOpens(library, standing)), reading.viewer()});
    if (!cases.ok()) return cases.rejection();
    out.mutable_plan()->set_population(static_cast<int64_t>(cases->size()));
  }
  if (!batch.status().ok()) return batch.status();
  return out;
}

Reply<v1::ListPlansResponse> ListPlans(const Reading& reading, const v1::ListPlansRequest&) {
  CaseCache cache(1);
  Batch batch(reading.ground(), &cache);
  v1::ListPlansResponse out;
  for (const auto& [name, plan] : *reading.library().plans) {
    if (SeesPlan(*reading.library().directory, reading.person(), plan.plan->by))
      *out.add_plans() = StatusOf(batch, plan);
  }
  if (!batch.status().ok()) return batch.status();
  return out;
}

Reply<v1::GetBurdenResponse> GetBurden(const Reading& reading, const v1::GetBurdenRequest& request) {
  const Library& library = reading.library();
  const engine::Directory& directory = *library.directory;
  if (request.year() < 1 || request.year() > 9999) {
    return Reject(Kind::kInvalid, "YEAR_OUT_OF_RANGE", "年份 year 应为 1 至 9999", "year: 1 to 9999",
                  {{"field", "year"}});
  }
  const engine::Plans& plans = *library.plans;
  CaseCache cache(1);
  Batch batch(reading.ground(), &cache);
  std::map<std::string, std::vector<v1::BurdenItem>> items;
  // Cases that he sees; and ahead plans that he sees.
  const auto take = [&](const std::string& unit) {
    VisitAsked(batch, unit, request.year(), [&](const engine::UnitAskedAt& at, const auto& asked) {
      if (!engine::Admits({asked.audience().begin(), asked.audience().end()}, reading.viewer())) return;
      v1::BurdenItem& item = items[unit].emplace_back();
      item.set_case_(at.case_name);
      item.set_number(asked.number());
      item.set_topic(at.topic);
      item.set_day(at.first_day);
      item.set_last_day(asked.last_day());
    });
  };
  if (request.unit().empty()) {
    for (const auto& [name, unit] : directory.units()) take(name);
  } else {
    take(request.unit());
  }
  for (const auto& [unit, planned] :
       engine::PlannedIn(request.year(), *PlansAheadOf(batch, plans, *library.procedures))) {
    if (!request.unit().empty() && unit != request.unit()) continue;
    for (const engine::Planned& one : planned) {
      if (!SeesPlan(directory, reading.person(), plans.find(one.plan)->second.plan->by)) continue;
      v1::BurdenItem& item = items[unit].emplace_back();
      item.set_plan(one.plan);
      item.set_topic(one.topic);
      item.set_day(engine::FormatDay(one.first));
      item.set_last_day(engine::FormatDay(one.last));
    }
  }
  v1::GetBurdenResponse out;
  for (auto& [unit, all] : items) {
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.day() < b.day(); });
    v1::UnitBurden& shown = *out.add_units();
    shown.set_unit(unit);
    shown.set_title(directory.TitleOf(unit));
    for (v1::BurdenItem& item : all) *shown.add_items() = std::move(item);
  }
  if (!batch.status().ok()) return batch.status();
  return out;
}

engine::Rejection PlanNotFound(const std::string& name) {
  return Reject(Kind::kNotFound, "PLAN_NOT_FOUND", absl::StrCat("没有您能查看的计划“", name, "”"),
                absl::StrCat("there is no plan \"", name, "\" that you may see"), {{"plan", name}});
}

}  // namespace duban::node
