// Taking an open case to another version of its procedure.
#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/evolve.h"
#include "engine/cases/fields.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;

const std::string& Renamed(const v1::Migration& task, const std::string& stage) {
  const auto found = task.stages().find(stage);
  return found == task.stages().end() ? stage : found->second;
}

Rejection DoesNotFit(absl::string_view reason, const std::string& what, std::string zh, std::string en) {
  return Reject(Kind::kState, reason, std::move(zh), std::move(en), {{"name", what}});
}

Verdict CheckParties(const Procedure& from, const Procedure& to, const CaseState& state) {
  for (const v1::BoundParty& bound : state.parties()) {
    const Party* was = from.FindParty(bound.party());
    const Party* is = to.FindParty(bound.party());
    if (is != nullptr && was != nullptr && is->kind == was->kind && (is->many || bound.bound_size() <= 1)) continue;
    return DoesNotFit("MIGRATION_PARTY", bound.party(),
                      absl::StrCat("新版没有参与方“", bound.party(), "”，或种类、数目不合"),
                      absl::StrCat("the new version has no party \"", bound.party(), "\", or one of another kind"));
  }
  for (const Party& party : to.parties) {
    const v1::BoundParty* bound = FindBound(state, party.name);
    if (party.drawn && bound != nullptr && bound->draw().empty()) {
      return DoesNotFit("MIGRATION_PARTY", party.name,
                        absl::StrCat("新版的“", party.title.zh(), "”须由抽取产生，此事项的是指定的"),
                        absl::StrCat("in the new version \"", party.name, "\" is drawn; in the case it was named"));
    }
    if (party.optional || bound != nullptr) continue;
    return DoesNotFit("MIGRATION_PARTY", party.name, absl::StrCat("新版要求参与方“", party.title.zh(), "”，此事项没有"),
                      absl::StrCat("the new version needs the party \"", party.name, "\", which the case lacks"));
  }
  return Nothing{};
}

// What is stored stays readable, and what is sealed stays sealed.
Verdict CheckFields(const Procedure& from, const Procedure& to, const CaseState& state) {
  for (const auto& held : state.fields()) {
    const Field* was = from.FindField(held.field());
    const Field* is = to.FindField(held.field());
    const bool fits = was != nullptr && is != nullptr && is->type == was->type && is->sealed == was->sealed &&
                      (is->many || held.values_size() <= 1) &&
                      std::all_of(held.values().begin(), held.values().end(), [&](const v1::Value& value) {
                        return !value.has_choice() || to.FindCode(is->codes, value.choice()) != nullptr;
                      });
    if (fits) continue;
    return DoesNotFit(
        "MIGRATION_FIELD", held.field(), absl::StrCat("新版没有字段“", held.field(), "”，或类型、密封、选项不合"),
        absl::StrCat("the new version has no field \"", held.field(), "\", or of another type, seal or choice"));
  }
  return Nothing{};
}

Verdict CheckRequests(const Procedure& to, const std::string& stage, const CaseState& state) {
  for (const auto& request : state.requests()) {
    const Action* action = to.FindAction(stage, request.action());
    if (to.FindExtension(request.action()) != nullptr || (action != nullptr && !action->approved_by.empty())) continue;
    return DoesNotFit(
        "MIGRATION_REQUEST", request.action(),
        absl::StrCat("有待审批的申请“", request.action(), "”，新版没有；请先审批"),
        absl::StrCat("a request for \"", request.action(), "\" waits, which the new version lacks; decide it first"));
  }
  return Nothing{};
}

}  // namespace

Verdict Draft::Migrate(CaseDraft& draft, const Procedure& to, const v1::Migration& task) {
  const Procedure& from = *draft.procedure;
  const std::string was = draft.state.stage();
  const Stage* stage = to.FindStage(Renamed(task, was));
  if (stage == nullptr || stage->end != v1::END_KIND_UNSPECIFIED) {
    return DoesNotFit("MIGRATION_STAGE", was,
                      absl::StrCat("新版没有与环节“", was, "”对应的未结环节，请在对应关系中写明"),
                      absl::StrCat("the new version has no open stage for \"", was, "\"; say which in the mapping"));
  }
  if (draft.state.has_collecting() || stage->collect.has_value()) {
    return DoesNotFit(
        "MIGRATION_COLLECTING", was, "正在评议，或新版对应的环节收集评议：人员在进入时才确定；请等评议结束再换版",
        "it collects, or would in the new version: who may rate is fixed on entry alone; wait for the close");
  }
  // The new version may have nobody who settles it.
  if (draft.state.objections() > 0) {
    return DoesNotFit("MIGRATION_OBJECTION", was, "有异议尚未处理；请处理之后再换版",
                      "an objection stands; settle it before the case goes to another version");
  }
  DUBAN_REQUIRE(CheckParties(from, to, draft.state));
  DUBAN_REQUIRE(CheckFields(from, to, draft.state));
  DUBAN_REQUIRE(CheckRequests(to, stage->name, draft.state));
  v1::Event event;
  v1::CaseMigrated& migrated = *event.mutable_case_migrated();
  migrated.set_from_version(draft.state.procedure_version());
  migrated.set_to_version(to.version);
  migrated.set_stage(stage->name);
  *migrated.mutable_stage_title() = stage->title;
  *migrated.mutable_at() = ToProto(at_);
  const std::string& before = Renamed(task, draft.state.previous_stage());
  if (to.FindStage(before) != nullptr) migrated.set_previous_stage(before);
  if (stage->after.has_value()) {
    const Instant since = FromProto(draft.state.stage_since());
    const Outcome<Instant> last =
        context_.calendar.DueAfter(since, stage->after->after, stage->counts_first, context_.zone);
    DUBAN_REQUIRE(last);
    *migrated.mutable_moves_at() = ToProto(std::max(*last + kTick, at_));
    migrated.set_moves_to(stage->after->to);
    migrated.set_calendar_version(context_.calendar.version());
  }
  // What ran under a name that the new version lacks falls away while the old version's lights are known.
  std::vector<std::string> gone;
  for (const ClockState& clock : draft.state.clocks()) {
    if (clock.run() != ClockState::RUN_STOPPED && to.FindClock(clock.clock()) == nullptr) gone.push_back(clock.clock());
  }
  for (const std::string& name : gone) StopClock(draft, name, at_, /*fell_away=*/true);
  const bool renamed = stage->name != was;
  draft.procedure = &to;
  draft.Emit(std::move(event));
  for (const Clock& clock : to.clocks) DUBAN_REQUIRE(MigrateClock(draft, clock, renamed && !gone.empty()));
  return Nothing{};
}

// A deadline that runs in both versions keeps its due instant and takes the new version's reminders and ladder; one
// that is new begins now, for nobody is late for what was not asked of him. The `within` of a stage that has only got
// another name goes on from when the stage began.
Verdict Draft::MigrateClock(CaseDraft& draft, const Clock& clock, bool stage_renamed) {
  const std::string stage = draft.state.stage();
  const ClockState* known = FindClockState(draft.state, clock.name);
  const bool paused = known != nullptr && known->run() == ClockState::RUN_PAUSED;
  const bool alive = Runs(known) || paused;
  const bool stops = absl::c_linear_search(clock.stops_in, stage);
  if (alive &&
      (absl::c_linear_search(clock.until, stage) || (clock.stage_only && !absl::c_linear_search(clock.from, stage)))) {
    StopClock(draft, clock.name, at_, false);
    return Nothing{};
  }
  if (alive) {
    if (paused && !stops) return ResumeClock(draft, clock, at_);
    if (paused) return Nothing{};
    v1::ClockMoved planned;
    FillPlan(PlanClock(draft.Plan(context_), clock, FromProto(known->from()), FromProto(known->due())), known, planned);
    const bool same =
        std::equal(planned.rungs().begin(), planned.rungs().end(), known->pending().begin(), known->pending().end(),
                   [](const v1::Rung& a, const v1::Rung& b) { return a.SerializeAsString() == b.SerializeAsString(); });
    if (!same) {
      DUBAN_REQUIRE(MoveClock(draft, clock, FromProto(known->due()), kMovedByMigration, false));
      SuppressPast(draft, clock.name);
    }
    return stops && !clock.every.has_value() ? PauseClock(draft, clock, at_) : Nothing{};
  }
  if (!WouldRun(draft, clock)) return Nothing{};
  const bool goes_on = clock.stage_only && stage_renamed;
  DUBAN_REQUIRE(StartClock(draft, clock, goes_on ? FromProto(draft.state.stage_since()) : at_));
  const bool started = Runs(FindClockState(draft.state, clock.name));
  return started && stops && !clock.every.has_value() ? PauseClock(draft, clock, at_) : Nothing{};
}

Outcome<Decision> DecideMigration(const Context& context, const CaseState& state, const v1::Migration& task) {
  Draft draft(context);
  const bool meant = state.procedure() == task.procedure() && state.procedure_version() == task.from_version() &&
                     state.end_kind() == v1::END_KIND_UNSPECIFIED;
  const Procedure* to = context.procedures.Find(task.procedure(), task.to_version());
  if (!meant || to == nullptr) return draft.Finish();
  DUBAN_REQUIRE(draft.Migrate(draft.Take(state), *to, task));
  return draft.Finish();
}

}  // namespace duban::engine
