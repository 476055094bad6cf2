#include "services/node/plans.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/limits.h"
#include "engine/views/case_index.h"
#include "engine/views/tables.h"
#include "services/node/decider.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Kind;
using engine::Outcome;
using engine::Reject;

namespace {

constexpr size_t kDaysShown = 100;

uint64_t LastRevision(Batch& batch, const std::string& name) {
  LibraryEntry entry;
  entry.ParseFromString(batch.Row(engine::Table::kDirectory, name).value_or(""));
  return entry.revision();
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

v1::PlanStatus StatusOf(Batch& batch, const engine::StandingPlan& plan) {
  const Library& library = batch.library();
  v1::PlanStatus out;
  *out.mutable_plan() = plan.put;
  *out.mutable_title() = plan.plan->title;
  if (const std::optional<engine::Day> next = plan.Next(library.zone)) {
    const Outcome<engine::Instant> due = engine::DueOn(*plan.plan, *next, *library.calendar, library.zone);
    if (due.ok()) *out.mutable_next_at() = engine::ToProto(*due);
  }
  if (plan.last.has_value()) out.set_last(engine::FormatDay(*plan.last));
  out.set_population(static_cast<int64_t>(PlanPopulation(batch, *plan.plan).size()));
  return out;
}

std::vector<std::string> DaysAhead(const Library& library, const engine::StandingPlan& plan, engine::Instant now) {
  std::vector<std::string> out;
  const engine::Day from = plan.last.has_value() ? *plan.last + 1 : library.zone.DayOf(now);
  for (const engine::Day nominal : engine::NominalDays(*plan.plan, from)) {
    if (out.size() == kDaysShown) break;
    const Outcome<engine::Instant> due = engine::DueOn(*plan.plan, nominal, *library.calendar, library.zone);
    out.push_back(engine::FormatDay(due.ok() ? library.zone.DayOf(*due) : nominal));
  }
  return out;
}

Outcome<PutPlan> CheckPlan(Batch& batch, const std::string& person, engine::Instant now,
                           const v1::PutPlanRequest& request) {
  const Library& library = batch.library();
  PutPlan out;
  if (request.override_reason().size() > engine::limits::kReasonBytesMax) {
    return Reject(Kind::kInvalid, "TEXT_TOO_LONG",
                  absl::StrCat("理由超过 ", engine::limits::kReasonBytesMax, " 字节，请缩短"),
                  absl::StrCat("the reason takes at most ", engine::limits::kReasonBytesMax, " bytes"),
                  {{"field", "override_reason"}});
  }
  engine::ReadPlanResult read =
      engine::ReadPlan({request.file().path(), request.file().text()}, *library.procedures, *library.directory);
  // Who may not plan for that post learns nothing from its checking but what he wrote himself.
  if (!MayPlan(*library.directory, person, read.plan.by)) {
    if (!library.directory->HasRight(person, engine::kRightAdminister)) return RightRequired(engine::kRightAdminister);
  }
  out.findings = std::move(read.findings);
  if (!out.findings.empty()) return out;
  out.name = absl::StrCat("plans/", read.plan.name);
  out.after = *library.plans;
  v1::Event event;
  v1::PlanPut& put = *event.mutable_plan_put();
  v1::Plan& plan = *put.mutable_plan();
  const auto held = library.plans->find(out.name);
  if (held != library.plans->end() && !MayPlan(*library.directory, person, held->second.plan->by)) {
    return RightRequired(engine::kRightAdminister);
  }
  plan.set_name(out.name);
  plan.set_version((held == library.plans->end() ? 0 : held->second.put.version()) + 1);
  plan.set_source(request.file().text());
  plan.set_person(person);
  *put.mutable_at() = engine::ToProto(now);
  engine::EvolvePlans(out.after, event);
  if (!request.override_reason().empty()) return out;
  engine::Verdict bearable =
      engine::CheckBurden(out.after, out.name, library.zone.DayOf(now), *library.directory, *library.calendar,
                          library.zone, [&](const std::string& name) { return MembersOf(batch, name); });
  if (!bearable.ok()) return bearable.rejection();
  return out;
}

Reply<v1::PutPlanResponse> PreviewPlan(const Reading& reading, const v1::PutPlanRequest& request) {
  CaseCache cache(1);
  Batch batch(reading.ground(), &cache);
  Outcome<PutPlan> put = CheckPlan(batch, reading.person(), reading.now(), request);
  if (!batch.status().ok()) return batch.status();
  if (!put.ok()) return put.rejection();
  v1::PutPlanResponse out;
  for (const engine::Finding& finding : put->findings) *out.add_findings() = FindingOf(finding);
  if (!put->findings.empty()) return out;
  const engine::StandingPlan& plan = put->after.find(put->name)->second;
  *out.mutable_plan() = StatusOf(batch, plan);
  for (std::string& day : DaysAhead(batch.library(), plan, reading.now())) out.add_days(std::move(day));
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
  const auto& plans = *library.plans;
  const bool sees_all = directory.HasRight(reading.person(), engine::kRightAdminister) ||
                        directory.HasRight(reading.person(), engine::kRightAudit);
  const std::vector<std::string> own = directory.UnitsOf(reading.person());
  const engine::Day today = library.zone.DayOf(reading.now());
  CaseCache cache(1);
  Batch batch(reading.ground(), &cache);
  v1::GetBurdenResponse out;
  for (const auto& [unit, asked] : engine::BurdenOf(plans, request.year(), directory, *library.calendar, library.zone,
                                                    [&](const std::string& name) { return MembersOf(batch, name); })) {
    if (!request.unit().empty() && unit != request.unit()) continue;
    v1::UnitBurden shown;
    for (const engine::Asked& one : asked) {
      const bool planner = sees_all || SeesPlan(directory, reading.person(), plans.find(one.plan)->second.plan->by);
      // What a unit has behind it is its own to know; what lies ahead is not.
      const bool behind = one.day < today && std::find(own.begin(), own.end(), unit) != own.end();
      if (!planner && !behind) continue;
      v1::BurdenItem& item = *shown.add_items();
      if (planner) item.set_plan(one.plan);
      item.set_topic(one.topic);
      item.set_day(engine::FormatDay(one.day));
    }
    if (shown.items().empty()) continue;
    shown.set_unit(unit);
    shown.set_title(directory.TitleOf(unit));
    *out.add_units() = std::move(shown);
  }
  if (!batch.status().ok()) return batch.status();
  return out;
}

engine::Rejection PlanNotFound(const std::string& name) {
  return Reject(Kind::kNotFound, "PLAN_NOT_FOUND", absl::StrCat("没有您能查看的计划“", name, "”"),
                absl::StrCat("there is no plan \"", name, "\" that you may see"), {{"plan", name}});
}

}  // namespace duban::node
