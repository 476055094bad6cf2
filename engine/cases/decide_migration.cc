// Taking an open case to another version of its procedure.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/built_in.h"
#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/evolve.h"
#include "engine/cases/fields.h"
#include "engine/cases/requests.h"
#include "engine/cases/roles.h"
#include "engine/procedure/titles.h"
#include "engine/procedure/waiting.h"

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

// Whether one of those who could act for the party may; why the last may not. Where nobody is there, no procedure keeps
// him away.
Verdict CheckActors(const Procedure& procedure, const Party& party, const CaseState& state,
                    const Directory& directory) {
  Verdict may = Nothing{};
  for (const v1::BoundId& member : FindBound(state, party.name)->bound()) {
    for (const std::string& person : directory.PersonsBehind(member.id())) {
      const Outcome<Capacity> capacity =
          FindCapacity(procedure, state, directory, {Role{party.name}}, Actor{person, "", ""});
      if (capacity.ok()) return Nothing{};
      may = capacity.rejection();
    }
  }
  return may;
}

// Those bound could be bound under the new version and could act. What the old version refused already, because the
// directory has changed since, is not the new one's doing.
Verdict CheckBound(const Procedure& from, const Procedure& to, const CaseState& state, const Directory& directory) {
  const auto newly = [&](const Party& was, const Party& is, auto check) -> Verdict {
    const Verdict now = check(to, is);
    if (now.ok() || !check(from, was).ok()) return Nothing{};
    const v1::Text& why = now.rejection().message;
    return DoesNotFit("MIGRATION_PARTY", is.name,
                      absl::StrCat("按新版，“", is.title.zh(), "”现在的成员办不了：", why.zh()),
                      absl::StrCat("in the new version those bound to \"", is.name, "\" cannot act: ", why.en()));
  };
  for (const v1::BoundParty& bound : state.parties()) {
    const Party &was = *from.FindParty(bound.party()), &is = *to.FindParty(bound.party());
    DUBAN_REQUIRE(newly(was, is, [&](const Procedure& version, const Party& party) {
      return CheckBinding(version, state, directory, party);
    }));
    DUBAN_REQUIRE(newly(was, is, [&](const Procedure& version, const Party& party) {
      return CheckActors(version, party, state, directory);
    }));
  }
  return Nothing{};
}

Verdict CheckParties(const Procedure& from, const Procedure& to, const CaseState& state, const Directory& directory) {
  for (const v1::BoundParty& bound : state.parties()) {
    const Party* was = from.FindParty(bound.party());
    const Party* is = to.FindParty(bound.party());
    const bool several = bound.bound_size() > 1;
    // Several who act together do not become candidates of whom one claims it, nor the other way.
    if (is != nullptr && was != nullptr && is->kind == was->kind &&
        (!several || (is->many && is->claimable == was->claimable))) {
      continue;
    }
    return DoesNotFit("MIGRATION_PARTY", bound.party(),
                      absl::StrCat("新版没有参与方“", bound.party(), "”，或种类、数目、认领方式不合"),
                      absl::StrCat("the new version has no party \"", bound.party(),
                                   "\", or one of another kind, number or way of claiming"));
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
  return CheckBound(from, to, state, directory);
}

// What is stored stays readable, what is sealed stays sealed, and nothing stands in a field that could not be set
// there. What the old version would not take any more either (a file that was erased) is not the new one's doing.
Verdict CheckHeld(const Procedure& from, const Procedure& to, const Directory& directory, const v1::FieldValue& held) {
  const Field* was = from.FindField(held.field());
  const Field* is = to.FindField(held.field());
  if (was == nullptr || is == nullptr || is->type != was->type || is->sealed != was->sealed) {
    return DoesNotFit("MIGRATION_FIELD", held.field(),
                      absl::StrCat("新版没有字段“", held.field(), "”，或类型、密封不合"),
                      absl::StrCat("the new version has no field \"", held.field(), "\", or of another type or seal"));
  }
  const Verdict fits = CheckValues(to, *is, held, directory);
  if (fits.ok()) return Nothing{};
  const Verdict fitted = CheckValues(from, *was, held, directory);
  if (!fitted.ok() && fitted.rejection().reason == fits.rejection().reason) return Nothing{};
  const v1::Text& why = fits.rejection().message;
  return DoesNotFit("MIGRATION_FIELD", held.field(), absl::StrCat("已填的值不合新版：", why.zh()),
                    absl::StrCat("what is filled in does not fit the new version: ", why.en()));
}

Verdict CheckFields(const Procedure& from, const Procedure& to, const CaseState& state, const Directory& directory) {
  for (const auto& field : state.fields()) {
    v1::FieldValue held;
    held.set_field(field.field());
    *held.mutable_values() = field.values();
    DUBAN_REQUIRE(CheckHeld(from, to, directory, held));
  }
  for (const Field& field : to.fields) {
    const Field* was = from.FindField(field.name);
    const bool asked_before = was != nullptr && was->required;
    if (!field.required || asked_before || FindFieldState(state, field.name) != nullptr) continue;
    return DoesNotFit("MIGRATION_FIELD", field.name,
                      absl::StrCat("新版必填“", field.title.zh(), "”（", field.name, "），此事项没有"),
                      absl::StrCat("the new version requires the field \"", field.name, "\", which the case lacks"));
  }
  return Nothing{};
}

// What waits for a decision can be decided, and what was asked for would still be taken.
Verdict CheckWaiting(const Procedure& from, const Procedure& to, const std::string& stage, const CaseState& state,
                     const Directory& directory) {
  for (const auto& request : state.requests()) {
    const bool built_in = request.action() == kVoid && FindAsked(from, kVoid) == nullptr;
    if (built_in && FindAsked(to, kVoid) == nullptr) continue;
    const Action* action = to.FindAction(stage, request.action());
    const bool known =
        to.FindExtension(request.action()) != nullptr || (action != nullptr && !action->approved_by.empty());
    if (built_in || !known) {
      return DoesNotFit(
          "MIGRATION_REQUEST", request.action(),
          absl::StrCat("有待审批的申请“", request.action(), "”，新版没有；请先审批"),
          absl::StrCat("a request for \"", request.action(), "\" waits, which the new version lacks; decide it first"));
    }
    for (const v1::FieldValue& proposed : request.proposed()) {
      DUBAN_REQUIRE(CheckHeld(from, to, directory, proposed));
    }
  }
  return Nothing{};
}

// Whether a clock that runs is past its due instant, or one that is suspended was.
bool IsLate(const ClockState& clock, Instant at) {
  if (clock.run() == ClockState::RUN_STOPPED) return false;
  return clock.late() || (Runs(&clock) && FromProto(clock.due()) < at);
}

// Whether the case was late before with what is now that clock: under the same name, or for a `within` whose stage has
// got another name, with that stage's.
bool WasLate(const Procedure& from, const CaseState& before, const Clock& clock, bool renamed, Instant at) {
  return std::any_of(before.clocks().begin(), before.clocks().end(), [&](const ClockState& known) {
    const Clock* was = from.FindClock(known.clock());
    const bool same = known.clock() == clock.name || (renamed && clock.stage_only && was != nullptr && was->stage_only);
    return same && IsLate(known, at);
  });
}

// Nobody is late in the moment of the change for what was not asked of him. And what was announced with its time (a
// public notice of so many days) is not over at once unless whoever migrates names the stage, be it by its own name.
Verdict CheckAtOnce(const Procedure& from, const Procedure& to, const CaseState& before, const CaseState& after,
                    const v1::Migration& task, const Zone& zone, Instant at) {
  for (const ClockState& known : after.clocks()) {
    const Clock* clock = to.FindClock(known.clock());
    if (clock == nullptr || clock->on_the_way() || !IsLate(known, at)) continue;
    if (WasLate(from, before, *clock, after.stage() != before.stage(), at)) continue;
    const std::string due = FormatDay(zone.DayOf(FromProto(known.due())));
    return DoesNotFit("MIGRATION_LATE", clock->name,
                      absl::StrCat("换版后“", clock->title.zh(), "”将立即逾期（期限 ", due, "）；请先改期，或留在旧版"),
                      absl::StrCat("\"", clock->name, "\" would be overdue at once (due ", due,
                                   "); give it another day first, or leave the case under the old version"));
  }
  const auto passed = [&](const CaseState& state) { return MovesByItself(state) && FromProto(state.moves_at()) <= at; };
  if (!passed(after) || passed(before) || task.stages().contains(before.stage())) return Nothing{};
  const std::string named = absl::StrCat(before.stage(), "=", after.stage());
  return DoesNotFit(
      "MIGRATION_MOVES_AT_ONCE", before.stage(),
      absl::StrCat("换版后将立即转入“", StageTitle(to, after.moves_to()).zh(), "”：按新版“",
                   StageTitle(to, after.stage()).zh(), "”的期限已过；确要如此，请在对应关系中写明 ", named),
      absl::StrCat("would move on to \"", after.moves_to(), "\" at once: by the new version \"", after.stage(),
                   "\" has lasted long enough; if that is meant, write ", named, " in the mapping"));
}

// From here on the case waits nowhere without a deadline. The new version was checked for cases that begin under it;
// this one may stand where none of its clocks is known to run, because it came by a way on which they did not start.
// Where the old version would let it wait so as well, that is not the new one's doing.
Verdict CheckTimed(const Procedure& from, const Situation& was, const Procedure& to, const Situation& now,
                   const v1::Migration& task) {
  const std::vector<Untimed> untimed = FindUntimed(to, {now});
  if (untimed.empty()) return Nothing{};
  std::set<std::string> before;
  for (const Untimed& stage : FindUntimed(from, {was})) before.insert(Renamed(task, stage.stage));
  for (const Untimed& found : untimed) {
    if (before.count(found.stage) != 0) continue;
    return DoesNotFit("MIGRATION_NO_DEADLINE", found.stage,
                      absl::StrCat("换版后在环节“", StageTitle(to, found.stage).zh(), "”没有时限在走（", found.way,
                                   "）：新版的时限从此事项没有经过的地方起算；请在新版的该环节写 within，或留在旧版"),
                      absl::StrCat("no clock would run in stage \"", found.stage, "\" (", found.way,
                                   "): the new version's start where the case has not been; give the stage a "
                                   "\"within\" there, or leave the case under the old version"));
  }
  return Nothing{};
}

}  // namespace

// A clock whose end nobody has stated counts as one that runs: it starts when somebody states it.
Situation Draft::SituationOf(const CaseDraft& draft) const {
  Situation out{draft.state.stage(), {}, draft.state.objections() > 0};
  for (const Clock& clock : draft.procedure->clocks) {
    const ClockState* known = FindClockState(draft.state, clock.name);
    const bool alive = known != nullptr && known->run() != ClockState::RUN_STOPPED;
    out.running.push_back(alive || (!clock.due_field.empty() && WouldRun(draft, clock)));
  }
  return out;
}

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
  DUBAN_REQUIRE(CheckParties(from, to, draft.state, context_.directory));
  DUBAN_REQUIRE(CheckFields(from, to, draft.state, context_.directory));
  DUBAN_REQUIRE(CheckWaiting(from, to, stage->name, draft.state, context_.directory));
  const CaseState old = draft.state;
  const Situation waits = SituationOf(draft);
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
  DUBAN_REQUIRE(CheckTimed(from, waits, to, SituationOf(draft), task));
  return CheckAtOnce(from, to, old, draft.state, task, context_.zone, at_);
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
