// Commands on what cases stand on: directory, calendar, procedures, the virtual clock.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/directory/delegation.h"
#include "engine/directory/names.h"
#include "services/node/calendar_years.h"
#include "services/node/causes.h"
#include "services/node/decider.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/jobs/job_rows.h"
#include "services/node/plans.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Kind;
using engine::Outcome;
using engine::Reject;
using engine::Rejection;
using engine::Table;
using engine::Verdict;

namespace {

uint64_t NextRevision(Batch& batch, Table table, absl::string_view key) {
  const std::optional<std::string> row = batch.Row(table, key);
  LibraryEntry entry;
  if (row) entry.ParseFromString(*row);
  return entry.revision() + 1;
}

v1::StreamPart& AddPart(v1::Commit& commit, const std::string& stream, uint64_t first_revision) {
  v1::StreamPart& part = *commit.add_parts();
  part.set_stream(stream);
  part.set_first_revision(first_revision);
  return part;
}

template <typename T>
bool Same(const T* held, const T& put) {
  return held != nullptr && held->SerializeAsString() == put.SerializeAsString();
}

// Everybody may read the directory's other streams. Relations are personal data: for those alone who keep or audit
// them.
void PutRelations(Batch& batch, const std::vector<v1::Relation>& relations, v1::Commit& commit) {
  for (const v1::Relation& relation : relations) {
    const auto& held = batch.library().directory->relations();
    const auto found = held.find(relation.name());
    if (Same(found == held.end() ? nullptr : &found->second, relation)) continue;
    v1::StreamPart& part = AddPart(commit, relation.name(), NextRevision(batch, Table::kDirectory, relation.name()));
    for (const char* right : {engine::kRightAdminister, engine::kRightAudit}) {
      part.add_audience(absl::StrCat("rights/", right));
    }
    *part.add_events()->mutable_relation_put()->mutable_relation() = relation;
  }
}

// Delegations are for the two they join, and for those who keep or audit the directory.
Verdict PutDelegations(Batch& batch, const v1::ApplyDirectoryRequest& request, engine::Instant now,
                       v1::Commit& commit) {
  if (request.delegations().empty()) return engine::Nothing{};
  engine::Directory after = *batch.library().directory;
  for (const v1::StreamPart& part : commit.parts()) {
    for (const v1::Event& event : part.events()) after.Evolve(event);
  }
  const Outcome<std::vector<engine::DelegationChange>> changes =
      engine::DecideDelegations(std::move(after), {request.delegations().begin(), request.delegations().end()}, now);
  if (!changes.ok()) return changes.rejection();
  for (const engine::DelegationChange& change : *changes) {
    v1::StreamPart& part = AddPart(commit, change.name, NextRevision(batch, Table::kDirectory, change.name));
    for (const v1::Delegation& put : request.delegations()) {
      if (put.name() != change.name) continue;
      for (const std::string& id : engine::AudienceOf(put)) part.add_audience(id);
    }
    for (const v1::Event& event : change.events) *part.add_events() = event;
  }
  return engine::Nothing{};
}

// Refuses to give somebody again by oneself, while its time lasts, what he has given back: as long as he stands in he
// may not decide what the other may never decide, so whoever could press it on him could keep him from deciding. Who
// gave it back stands in the commit by which it ended.
absl::StatusOr<Verdict> CheckNotGivenBack(Batch& batch, const v1::ApplyDirectoryRequest& request,
                                          const std::string& giver, engine::Instant now) {
  const engine::Directory& directory = *batch.library().directory;
  for (const v1::Delegation& put : request.delegations()) {
    if (put.from() != giver || put.ended() || directory.FindDelegation(put.name()) != nullptr) continue;
    for (const auto& [name, standing] : directory.delegations()) {
      const v1::Delegation& was = standing.delegation;
      if (was.from() != giver || was.to() != put.to() || !was.ended()) continue;
      if (engine::FromProto(was.ends_at()) < now) continue;
      LibraryEntry row;
      row.ParseFromString(batch.Row(Table::kDirectory, name).value_or(""));
      const absl::StatusOr<v1::Commit> ended = batch.CommitAt(row.position());
      if (!ended.ok()) return ended.status();
      if (ended->cause().actor() != put.to()) continue;
      return Verdict(engine::Wrong(
          "DELEGATION_GIVEN_BACK", put.name(),
          "未登记：对方已退回您的代办，在原定期限内不能再委托给他；请委托别人，或请有权限 administer 的人登记。",
          "was given back by its second person: until its time is over, delegate to somebody else, or ask somebody "
          "with the right administer."));
    }
  }
  return Verdict(engine::Nothing{});
}

// Nothing but duties of one's own is delegated, or what one was given is given back: everybody may. Nobody is bound to
// stand in for another, for what that one may never do he then may not either.
bool OwnDutiesAlone(const v1::ApplyDirectoryRequest& request, const std::string& person,
                    const engine::Directory& directory) {
  return request.units().empty() && request.posts().empty() && request.persons().empty() &&
         request.relations().empty() && !request.delegations().empty() &&
         std::all_of(request.delegations().begin(), request.delegations().end(), [&](const v1::Delegation& delegation) {
           const bool gives_back = delegation.to() == person && delegation.ended() &&
                                   directory.FindDelegation(delegation.name()) != nullptr;
           return delegation.from() == person || gives_back;
         });
}

// The file defines a procedure, and not only what procedures share.
bool DefinesProcedure(absl::string_view text) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    for (absl::string_view key : {"procedure", "\"procedure\"", "'procedure'"}) {
      if (line.substr(0, key.size()) != key) continue;
      if (absl::StripLeadingAsciiWhitespace(line.substr(key.size())).substr(0, 1) == ":") return true;
    }
  }
  return false;
}

}  // namespace

Rejection RefusedFindings(const std::vector<engine::Finding>& findings, bool plans) {
  constexpr size_t kNamedMax = 20;
  std::vector<std::pair<std::string, std::string>> facts;
  std::string zh, en;
  size_t errors = 0;
  for (const engine::Finding& finding : findings) {
    if (finding.warning || ++errors > kNamedMax) continue;
    const std::string place = absl::StrCat(finding.path, ":", finding.line, ":", finding.column);
    facts.emplace_back(place, absl::StrCat(finding.rule, " ", finding.message.zh()));
    absl::StrAppend(&zh, "\n", place, " ", finding.message.zh());
    absl::StrAppend(&en, "\n", place, " ", finding.message.en());
  }
  return Reject(
      Kind::kInvalid, "PROCEDURE_REFUSED",
      absl::StrCat(plans ? "计划有 " : "规程有 ", errors, plans ? " 处错误，未登记：" : " 处错误，未发布：", zh),
      absl::StrCat(plans ? "the plan was not put, " : "the procedure was not published, ", errors,
                   errors == 1 ? " error:" : " errors:", en),
      std::move(facts));
}

std::vector<engine::SourceFile> FilesOf(const google::protobuf::RepeatedPtrField<v1::ProcedureFile>& files) {
  std::vector<engine::SourceFile> out;
  for (const v1::ProcedureFile& file : files) out.push_back({file.path(), file.text()});
  return out;
}

v1::ProcedureFinding FindingOf(const engine::Finding& finding) {
  v1::ProcedureFinding out;
  out.set_path(finding.path);
  out.set_line(finding.line);
  out.set_column(finding.column);
  out.set_rule(finding.rule);
  *out.mutable_message() = finding.message;
  out.set_warning(finding.warning);
  return out;
}

Reply<Response> Decider::ApplyDirectory(Batch& batch, const Asked& asked, const v1::ApplyDirectoryRequest& request,
                                        const std::string& mac) {
  const engine::Directory& directory = *batch.library().directory;
  const engine::Instant now = std::max(asked.now, batch.recorded());
  if (!directory.HasRight(asked.actor, engine::kRightAdminister)) {
    if (!OwnDutiesAlone(request, asked.actor, directory)) return RightRequired(engine::kRightAdminister);
    const absl::StatusOr<Verdict> again = CheckNotGivenBack(batch, request, asked.actor, now);
    if (!again.ok()) return again.status();
    if (!again->ok()) return again->rejection();
  }
  const size_t entries = static_cast<size_t>(request.units_size()) + static_cast<size_t>(request.posts_size()) +
                         static_cast<size_t>(request.persons_size()) + static_cast<size_t>(request.relations_size()) +
                         static_cast<size_t>(request.delegations_size());
  if (entries > engine::limits::kDirectoryEntriesMax) {
    return Reject(Kind::kInvalid, "TOO_MANY_ENTRIES",
                  absl::StrCat("一次最多 ", engine::limits::kDirectoryEntriesMax, " 条，请分批提交"),
                  absl::StrCat("at most ", engine::limits::kDirectoryEntriesMax, " entries in one call; split them"),
                  {{"entries", absl::StrCat(entries)}});
  }
  const std::vector<v1::Unit> units(request.units().begin(), request.units().end());
  std::vector<v1::Post> posts(request.posts().begin(), request.posts().end());
  const std::vector<v1::Person> persons(request.persons().begin(), request.persons().end());
  const std::vector<v1::Relation> relations(request.relations().begin(), request.relations().end());
  if (engine::Verdict fits = directory.Check(units, posts, persons, relations); !fits.ok()) return fits.rejection();

  v1::Commit commit;
  const auto put = [&](const std::string& name, bool same) -> v1::Event* {
    if (same) return nullptr;
    return AddPart(commit, name, NextRevision(batch, Table::kDirectory, name)).add_events();
  };
  for (const v1::Unit& unit : units) {
    v1::Event* event = put(unit.name(), Same(directory.FindUnit(unit.name()), unit));
    if (event != nullptr) *event->mutable_unit_put()->mutable_unit() = unit;
  }
  for (v1::Post& given : posts) {
    const v1::Post* held = directory.FindPost(given.name());
    const v1::Post post = engine::AsPut(held, std::move(given), batch.library().zone.DayOf(now));
    v1::Event* event = put(post.name(), Same(held, post));
    if (event == nullptr) continue;
    *event->mutable_post_put()->mutable_post() = post;
    const auto told = engine::ToldWith(held, directory.ToldAt(post.name()), post, now);
    if (told.has_value()) *event->mutable_post_put()->mutable_told_at() = engine::ToProto(*told);
  }
  for (const v1::Person& person : persons) {
    v1::Event* event = put(person.name(), Same(directory.FindPerson(person.name()), person));
    if (event != nullptr) *event->mutable_person_put()->mutable_person() = person;
  }
  PutRelations(batch, relations, commit);
  if (engine::Verdict fits = PutDelegations(batch, request, now, commit); !fits.ok()) return fits.rejection();
  v1::ApplyDirectoryResponse out;
  out.set_changed(commit.parts_size());
  if (commit.parts().empty()) return Response(std::move(out));
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOf("ApplyDirectory", request, mac), "");
  if (!position.ok()) return position.rejection();
  out.set_position(tokens_.Position(*position));
  return Response(std::move(out));
}

Reply<Response> Decider::PublishCalendar(Batch& batch, const Asked& asked, const v1::PublishCalendarRequest& request,
                                         const std::string& mac) {
  Outcome<v1::StreamPart> part = PartOfYears(batch.library(), asked.actor, request);
  if (!part.ok()) return part.rejection();
  const uint32_t version = CalendarVersionAfter(batch.library(), *part);
  v1::PublishCalendarResponse out;
  out.set_version(version);
  out.set_changed(part->events_size());
  if (part->events().empty()) return Response(std::move(out));
  v1::Commit commit;
  *commit.add_parts() = *std::move(part);
  const v1::JobTask task = CalendarTask(version);
  v1::StreamPart job = JobStart(random_, batch, CalendarChangeKind(), task, asked.actor, asked.now);
  if (job.events(0).job_started().total() > 0) {
    out.set_job(job.stream());
    *commit.add_parts() = std::move(job);
  }
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOf("PublishCalendar", request, mac), "");
  if (!position.ok()) return position.rejection();
  out.set_position(tokens_.Position(*position));
  return Response(std::move(out));
}

Reply<Response> Decider::PublishProcedure(Batch& batch, const Asked& asked, const v1::PublishProcedureRequest& request,
                                          const std::string& mac) {
  const engine::Procedures& procedures = *batch.library().procedures;
  const PublishedSet set(FilesOf(request.files()), *batch.library().plans);
  if (!batch.library().directory->HasRight(asked.actor, engine::kRightAdminister) &&
      (set.plans.empty() || !set.others.empty())) {
    return RightRequired(engine::kRightAdminister);
  }
  std::vector<std::string> sources;  // Of procedures, in the order in which compiling gives them.
  std::vector<std::string> shared;
  for (const engine::SourceFile& file : set.others) {
    (DefinesProcedure(file.text) ? sources : shared).push_back(file.text);
  }
  const engine::Compiled compiled = engine::Compile(set.compiled, procedures);
  if (!compiled.ok()) return RefusedFindings(compiled.findings, /*plans=*/false);
  const bool figures = !compiled.metrics.empty() || !compiled.scoreboards.empty() || !compiled.reports.empty();
  const bool something = !sources.empty() || figures || (set.others.empty() && !set.plans.empty());
  if (compiled.procedures.size() != sources.size() || !something) {
    return Reject(Kind::kInvalid, "PROCEDURE_KEY_MISSING", "没有可发布的规程：每个规程文件须有一行以 procedure: 开头",
                  "no procedure to publish: each procedure's file needs a line that begins with `procedure:`");
  }
  const Outcome<PutPlans> plans = CheckPlans(batch, asked.actor, asked.now, set.plans,
                                             PublishedSet::With(compiled, procedures), request.override_reason());
  if (!plans.ok()) return plans.rejection();
  if (!plans->findings.empty()) return RefusedFindings(plans->findings, /*plans=*/true);
  v1::Commit commit;
  v1::PublishProcedureResponse out;
  for (size_t i = 0; i < sources.size(); ++i) {
    const engine::Procedure& procedure = compiled.procedures[i];
    const engine::Procedure* newest = procedures.Newest(procedure.name);
    const uint32_t number = (newest == nullptr ? 0 : newest->version) + 1;
    const std::string name = absl::StrCat("procedures/", procedure.name);
    v1::ProcedurePublished& published = *AddPart(commit, name, number).add_events()->mutable_procedure_published();
    published.set_procedure(procedure.name);
    published.set_version(number);
    published.set_source(sources[i]);
    for (const std::string& text : shared) published.add_shared(text);
    v1::ProcedureVersion& version = *out.add_versions();
    version.set_name(name);
    version.set_version(number);
    *version.mutable_title() = procedure.title;
    *version.mutable_published_at() = engine::ToProto(asked.now);
  }
  if (sources.empty() && figures) {
    const uint32_t number = batch.library().definitions + 1;
    v1::ProcedurePublished& published =
        *AddPart(commit, "definitions", number).add_events()->mutable_procedure_published();
    published.set_version(number);
    for (const std::string& text : shared) published.add_shared(text);
  }
  AddPlans(batch, *plans, asked.now, request.override_reason(), commit);
  for (const std::string& name : plans->names) out.add_plans(name);
  for (const engine::Finding& finding : compiled.findings) *out.add_findings() = FindingOf(finding);
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOf("PublishProcedure", request, mac), "");
  if (!position.ok()) return position.rejection();
  out.set_position(tokens_.Position(*position));
  return Response(std::move(out));
}

std::optional<Reply<Response>> Decider::CheckAdvance(Batch& batch, const Asked& asked,
                                                     const v1::AdvanceClockRequest& request) {
  if (engine::Verdict key = CheckKey(request.idempotency_key()); !key.ok()) return Answer(key.rejection());
  const std::string mac = tokens_.RequestMac(RequestBytes(request));
  if (auto earlier = Earlier(batch, asked, request.idempotency_key(), request, mac)) return earlier;
  const Library& library = batch.library();
  if (!library.directory->HasRight(asked.actor, engine::kRightOperate)) {
    return Answer(RightRequired(engine::kRightOperate));
  }
  if (!library.workspace.virtual_clock()) {
    return Answer(Reject(Kind::kState, "NOT_VIRTUAL", "本工作区使用真实时间，不能拨动时钟",
                         "this workspace runs on real time; its clock cannot be set"));
  }
  if (!request.has_to()) {
    return Answer(
        Reject(Kind::kInvalid, "TIME_REQUIRED", "请给出要拨到的时间 to", "to: say to when", {{"field", "to"}}));
  }
  if (!engine::IsInstant(request.to())) return Answer(WrongInstant("to"));
  if (engine::FromProto(request.to()) < asked.now) {
    return Answer(Reject(Kind::kState, "TIME_GOES_BACK",
                         absl::StrCat("时钟不能往回拨：现在是 ", library.zone.Format(asked.now)),
                         absl::StrCat("the clock cannot be set back: it is ", library.zone.Format(asked.now)),
                         {{"field", "to"}, {"now", library.zone.Format(asked.now)}}));
  }
  return std::nullopt;
}

Reply<Response> Decider::StageAdvance(Batch& batch, const Asked& asked, const v1::AdvanceClockRequest& request,
                                      int64_t fired) {
  v1::Commit commit;
  v1::StreamPart& part = AddPart(commit, "workspace", NextRevision(batch, Table::kWorkspace, kWorkspaceKey));
  for (const std::string& id : WorkspaceAudience()) part.add_audience(id);
  v1::TimeAdvanced& advanced = *part.add_events()->mutable_time_advanced();
  const engine::Instant to = engine::FromProto(request.to());
  *advanced.mutable_to() = engine::ToProto(to);
  advanced.set_fired(fired);
  Asked at = asked;
  at.now = to;
  const std::string mac = tokens_.RequestMac(RequestBytes(request));
  const Outcome<store::Position> position =
      Stage(batch, at, std::move(commit), CauseOf("AdvanceClock", request, mac), "");
  if (!position.ok()) return position.rejection();
  v1::AdvanceClockResponse out;
  *out.mutable_now() = engine::ToProto(to);
  out.set_fired(fired);
  out.set_position(tokens_.Position(*position));
  return Response(std::move(out));
}

}  // namespace duban::node
