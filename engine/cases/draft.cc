#include "engine/cases/draft.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/cases/audience.h"
#include "engine/cases/collecting.h"
#include "engine/cases/evolve.h"
#include "engine/cases/numbering.h"
#include "engine/cases/on_the_way.h"
#include "engine/cases/secrecy.h"
#include "engine/cases/suggestions.h"
#include "engine/procedure/flow.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;
using duban::state::v1::RegisterEntryState;

bool Paused(const ClockState* clock) { return clock != nullptr && clock->run() == ClockState::RUN_PAUSED; }

// Whether its due instant had passed by then.
bool WasLate(const ClockState& clock, Instant at) {
  return clock.stays_late() || std::any_of(clock.fired().begin(), clock.fired().end(), [&](const auto& fired) {
           return fired.kind() == v1::RUNG_KIND_OVERDUE && FromProto(fired.at()) <= at;
         });
}

// The entry that ends next by itself; null when none does.
const RegisterEntryState* EarliestToLeave(const CaseState& state) {
  const RegisterEntryState* earliest = nullptr;
  for (const RegisterEntryState& entry : state.entries()) {
    if (entry.has_until() && (earliest == nullptr || LeavesAt(entry) < LeavesAt(*earliest))) earliest = &entry;
  }
  return earliest;
}

}  // namespace

Instant LeavesAt(const RegisterEntryState& entry) {
  return entry.has_until() ? FromProto(entry.until()) + kTick : absl::InfiniteFuture();
}

v1::Event& CaseDraft::Emit(v1::Event event) {
  events.push_back(std::move(event));
  Evolve(state, events.back());
  return events.back();
}

PlanInput CaseDraft::Plan(const Context& context) const {
  return PlanInput{*procedure, state, context.calendar, context.directory, context.zone};
}

CaseDraft& Draft::Take(const CaseState& state) {
  CaseDraft& draft = drafts_.emplace_back();
  draft.state = state;
  draft.procedure = context_.procedures.Find(state.procedure(), state.procedure_version());
  DUBAN_CHECK(draft.procedure != nullptr, "a case's version of its procedure is kept for ever");
  return draft;
}

CaseDraft* Draft::Find(const std::string& name) {
  for (CaseDraft& draft : drafts_) {
    if (draft.state.name() == name) return &draft;
  }
  const CaseState* state = context_.find_case(name);
  return state == nullptr ? nullptr : &Take(*state);
}

const CaseState* Draft::Look(absl::string_view name) const {
  for (const CaseDraft& draft : drafts_) {
    if (draft.state.name() == name) return &draft.state;
  }
  return context_.find_case(name);
}

Verdict Draft::Open(const Procedure& procedure, std::vector<v1::BoundParty> parties, std::vector<v1::FieldValue> fields,
                    const Origin& origin, bool assigned_by_superior, std::string* name,
                    const std::string& on_behalf_of) {
  CaseDraft& draft = drafts_.emplace_back();
  draft.procedure = &procedure;
  draft.state.set_name(context_.fresh_case());
  *name = draft.state.name();

  v1::Event event;
  v1::CaseOpened& opened = *event.mutable_case_opened();
  opened.set_procedure(procedure.name);
  opened.set_procedure_version(procedure.version);
  for (v1::BoundParty& party : parties) *opened.add_parties() = std::move(party);
  *opened.mutable_opened_at() = ToProto(at_);
  opened.set_parent(origin.parent);
  opened.set_link(origin.link);
  opened.set_weight(origin.weight);
  opened.set_assigned_by_superior(assigned_by_superior);
  opened.set_on_behalf_of(on_behalf_of);
  opened.set_secrecy(Graded(origin.secrecy));
  Outcome<v1::UnitsAsked> asked = AskUnits(procedure, opened, fields, origin);
  DUBAN_REQUIRE(asked);
  if (!asked->units().empty()) *opened.mutable_burden() = *std::move(asked);
  GiveNumber(procedure, context_, opened);
  draft.Emit(std::move(event));

  DUBAN_REQUIRE(SetFields(draft, std::move(fields)));
  return EnterStage(draft, procedure.stages.front().name, at_);
}

Verdict Draft::SetFields(CaseDraft& draft, std::vector<v1::FieldValue> fields, const Extending* extending) {
  if (fields.empty()) return Nothing{};
  v1::Event event;
  for (const v1::FieldValue& field : fields) *event.mutable_fields_set()->add_fields() = field;
  draft.Emit(std::move(event));
  for (const Clock& clock : draft.procedure->clocks) {
    if (clock.due_field.empty() || (extending != nullptr && clock.name == extending->clock.name)) continue;
    const auto given = std::find_if(fields.begin(), fields.end(),
                                    [&](const v1::FieldValue& f) { return f.field() == clock.due_field; });
    if (given == fields.end()) continue;
    const ClockState* known = FindClockState(draft.state, clock.name);
    if (given->values().empty() || given->values(0).standing()) {
      if (Runs(known) || Paused(known)) StopClock(draft, clock.name, at_, true);
    } else if (Runs(known) || Paused(known)) {
      const bool stays_late = extending != nullptr && WasLate(*known, extending->asked);
      DUBAN_REQUIRE(MoveClock(draft, clock, DueOfValue(given->values(0), context_.zone), "set", stays_late));
    } else if (WouldRun(draft, clock)) {
      DUBAN_REQUIRE(StartClock(draft, clock, at_));
      if (absl::c_linear_search(clock.stops_in, draft.state.stage())) DUBAN_REQUIRE(PauseClock(draft, clock, at_));
    }
  }
  return Nothing{};
}

// Whether a clock would be running now, had its due instant been stated before: where it starts, or further on its
// course, as far as the stages leave no doubt that this round has come through its start and through no end since.
bool Draft::WouldRun(const CaseDraft& draft, const Clock& clock) const {
  const CaseState& state = draft.state;
  const ClockState* known = FindClockState(state, clock.name);
  if (known != nullptr && !known->fell_away()) return false;  // Its end has been reached.
  if (absl::c_linear_search(clock.from, state.stage())) return true;
  if (known != nullptr) return RunsSurely(*draft.procedure, clock, state.stage(), "");
  if (absl::c_linear_search(clock.from, state.previous_stage())) {
    return RunsSurely(*draft.procedure, clock, state.stage(), state.previous_stage());
  }
  // A further round may have begun wherever some procedure opens it again.
  const std::vector<std::string> begins = state.round() == 1
                                              ? std::vector<std::string>{draft.procedure->stages.front().name}
                                              : ReopenedAt(*draft.procedure, context_.procedures.All());
  return !begins.empty() && absl::c_all_of(begins, [&](const std::string& begin) {
    return RunsSurely(*draft.procedure, clock, state.stage(), begin);
  });
}

Verdict Draft::StartClock(CaseDraft& draft, const Clock& clock, Instant from) {
  if (clock.every.has_value()) return StartReport(draft, clock, from);
  if (clock.on_the_way() && IsReached(draft, clock)) return Nothing{};
  Instant due;
  if (clock.left_percent > 0) {
    const ClockState* of = FindClockState(draft.state, clock.milestone_of);
    if (of == nullptr || !of->has_due()) return Nothing{};
    due = MilestoneDue(clock, *of, context_.zone);
  } else if (!clock.due_field.empty()) {
    const auto* field = FindFieldState(draft.state, clock.due_field);
    // No stated end: a matter that is kept up for ever (长期坚持).
    if (field == nullptr || field->values(0).standing()) return Nothing{};
    due = DueOfValue(field->values(0), context_.zone);
  } else {
    const Outcome<Instant> after = context_.calendar.DueAfter(from, *clock.budget, clock.counts_first, context_.zone);
    DUBAN_REQUIRE(after);
    due = *after;
  }
  EmitStarted(draft, clock, from, due);
  return FollowMilestones(draft, clock);
}

void Draft::EmitStarted(CaseDraft& draft, const Clock& clock, Instant from, Instant due) {
  const PlanInput input = draft.Plan(context_);
  const ClockPlan plan = PlanClock(input, clock, from, due);
  v1::Event event;
  v1::ClockStarted& started = *event.mutable_clock_started();
  started.set_clock(clock.name);
  *started.mutable_from() = ToProto(from);
  *started.mutable_due() = ToProto(due);
  started.set_day_kind(KindOf(clock, *draft.procedure));
  if (clock.budget.has_value()) {
    int64_t budget = clock.budget->kind == v1::DAY_KIND_HOURS ? clock.budget->count * 3600 : clock.budget->count;
    // Months are as many days as they happen to have.
    if (clock.budget->months) budget = context_.zone.DayOf(due) - context_.zone.DayOf(from);
    started.set_budget(budget);
  }
  started.set_calendar_version(context_.calendar.version());
  FillPlan(plan, nullptr, started);
  *started.mutable_light() = plan.light;
  for (std::string& id : ChargedTo(input, clock)) started.add_charged_to(std::move(id));
  *started.mutable_title() = TitleOf(clock, from, context_.zone);
  draft.Emit(std::move(event));

  SuppressPast(draft, clock.name);
}

Verdict Draft::PauseClock(CaseDraft& draft, const Clock& clock, Instant at) {
  const ClockState* known = FindClockState(draft.state, clock.name);
  const Outcome<int64_t> remaining =
      context_.calendar.Remaining(at, FromProto(known->due()), known->day_kind(), context_.zone);
  DUBAN_REQUIRE(remaining);
  WithdrawAfter(draft, clock.name, at);
  v1::Event event;
  event.mutable_clock_paused()->set_clock(clock.name);
  *event.mutable_clock_paused()->mutable_at() = ToProto(at);
  event.mutable_clock_paused()->set_remaining(*remaining);
  draft.Emit(std::move(event));
  return Nothing{};
}

Verdict Draft::ResumeClock(CaseDraft& draft, const Clock& clock, Instant at) {
  const ClockState* known = FindClockState(draft.state, clock.name);
  Instant due = FromProto(known->due());
  if (!known->has_due()) {  // Suspended, or stopped while it was.
    const Outcome<Instant> with = context_.calendar.DueWith(at, known->remaining(), known->day_kind(), context_.zone);
    DUBAN_REQUIRE(with);
    due = *with;
  }
  v1::Event event;
  v1::ClockResumed& resumed = *event.mutable_clock_resumed();
  resumed.set_clock(clock.name);
  *resumed.mutable_at() = ToProto(at);
  *resumed.mutable_due() = ToProto(due);
  resumed.set_calendar_version(context_.calendar.version());
  FillPlan(PlanClock(draft.Plan(context_), clock, FromProto(known->from()), due), known, resumed);
  draft.Emit(std::move(event));
  return Nothing{};
}

Verdict Draft::MoveClock(CaseDraft& draft, const Clock& clock, Instant due, const std::string& action,
                         bool stays_late) {
  const ClockState* known = FindClockState(draft.state, clock.name);
  const bool paused = Paused(known);
  const bool same_due = known->has_due() && FromProto(known->due()) == due;
  const ClockPlan plan = PlanClock(draft.Plan(context_), clock, FromProto(known->from()), due);
  v1::Event event;
  v1::ClockMoved& moved = *event.mutable_clock_moved();
  moved.set_clock(clock.name);
  *moved.mutable_at() = ToProto(at_);
  *moved.mutable_due() = ToProto(due);
  moved.set_calendar_version(context_.calendar.version());
  moved.set_action(action);
  moved.set_stays_late(stays_late);
  FillPlan(plan, same_due ? known : nullptr, moved);
  *moved.mutable_light() = plan.light;
  draft.Emit(std::move(event));
  // What a calendar published late makes known of the same deadline does fire, late as it is.
  if (!same_due) SuppressPast(draft, clock.name);
  if (!same_due) DUBAN_REQUIRE(FollowMilestones(draft, clock));
  // A suspended clock has no due instant: what is left of the new one is what it will go on with.
  return paused ? PauseClock(draft, clock, at_) : Nothing{};
}

// Of a deadline that begins today nobody is reminded, and no ladder is climbed, for days that lie behind: an old matter
// entered now, an extension granted with little left. The due instant itself still counts. What timers start late,
// because nobody was there, goes on as it would have in time.
void Draft::SuppressPast(CaseDraft& draft, const std::string& name) {
  const Instant now = context_.actor.empty() ? at_ : context_.now;
  std::vector<std::string> past;
  for (const v1::Rung& rung : FindClockState(draft.state, name)->pending()) {
    const bool speaks = rung.kind() == v1::RUNG_KIND_REMINDER || rung.kind() == v1::RUNG_KIND_LADDER;
    if (speaks && FromProto(rung.at()) <= now) past.push_back(rung.rung());
  }
  for (const std::string& rung : past) {
    v1::Event event;
    event.mutable_rung_suppressed()->set_clock(name);
    event.mutable_rung_suppressed()->set_rung(rung);
    draft.Emit(std::move(event));
  }
}

// A stop or a suspension that was entered later than it happened: what fired in between proves wrong.
void Draft::WithdrawAfter(CaseDraft& draft, const std::string& name, Instant at) {
  if (FindClockState(draft.state, name)->stays_late()) return;
  Withdraw(draft, name, [&](const FiredRung& fired) { return FromProto(fired.at()) > at; });
}

void Draft::Withdraw(CaseDraft& draft, const std::string& name, absl::FunctionRef<bool(const FiredRung&)> wrong) {
  const ClockState* known = FindClockState(draft.state, name);
  std::vector<std::string> disproved;
  v1::Light light = known->calm();
  for (const FiredRung& fired : known->fired()) {
    if (wrong(fired)) {
      disproved.push_back(fired.rung());
    } else if (v1::Light changed = LightOfRung(*draft.procedure, fired.rung()); !changed.colour().empty()) {
      light = std::move(changed);
    }
  }
  for (const std::string& rung : disproved) {
    v1::Event event;
    event.mutable_rung_withdrawn()->set_clock(name);
    event.mutable_rung_withdrawn()->set_rung(rung);
    *event.mutable_rung_withdrawn()->mutable_light() = light;
    draft.Emit(std::move(event));
  }
}

void Draft::StopClock(CaseDraft& draft, const std::string& name, Instant at, bool fell_away) {
  const ClockState* known = FindClockState(draft.state, name);
  bool late = known->stays_late() || known->late();
  if (known->run() == ClockState::RUN_RUNNING && !known->stays_late()) {
    late = at > FromProto(known->due());
    WithdrawAfter(draft, name, at);
  }
  // Late with a report or a milestone is not late with the matter.
  const Clock* clock = draft.procedure->FindClock(name);
  if (clock != nullptr && clock->on_the_way()) late = false;
  v1::Event event;
  v1::ClockStopped& stopped = *event.mutable_clock_stopped();
  stopped.set_clock(name);
  *stopped.mutable_at() = ToProto(at);
  stopped.set_late(late);
  stopped.set_fell_away(fell_away);
  draft.Emit(std::move(event));
}

Verdict Draft::TurnClocks(CaseDraft& draft, const std::string& stage, Instant at) {
  const bool ends = draft.procedure->FindStage(stage)->end != v1::END_KIND_UNSPECIFIED;
  for (const Clock& clock : draft.procedure->clocks) {
    const ClockState* known = FindClockState(draft.state, clock.name);
    const bool alive = Runs(known) || Paused(known);
    const bool met =
        absl::c_linear_search(clock.until, stage) || (clock.stage_only && !absl::c_linear_search(clock.from, stage));
    if (clock.on_the_way()) {
      DUBAN_REQUIRE(TurnOnTheWay(draft, clock, stage, at, met || ends));
    } else if (alive && (met || ends)) {
      StopClock(draft, clock.name, at, !met);
    } else if (alive && clock.restart_on_reentry && absl::c_linear_search(clock.from, stage)) {
      DUBAN_REQUIRE(StartClock(draft, clock, at));
    } else if (Paused(known) && !absl::c_linear_search(clock.stops_in, stage)) {
      DUBAN_REQUIRE(ResumeClock(draft, clock, at));
    } else if (!alive && absl::c_linear_search(clock.from, stage)) {
      const bool afresh = known == nullptr || clock.stage_only || clock.restart_on_reentry || known->fell_away();
      DUBAN_REQUIRE(afresh ? StartClock(draft, clock, at) : ResumeClock(draft, clock, at));
    }
    // One that runs on, and one that starts where it is suspended.
    const bool stops = !clock.on_the_way() && absl::c_linear_search(clock.stops_in, stage);
    if (stops && Runs(FindClockState(draft.state, clock.name))) DUBAN_REQUIRE(PauseClock(draft, clock, at));
  }
  return Nothing{};
}

Verdict Draft::EnterStage(CaseDraft& draft, const std::string& name, Instant at) {
  const Stage* stage = draft.procedure->FindStage(name);
  DUBAN_CHECK(stage != nullptr, "the checker refuses a procedure that names a stage it lacks");
  v1::Event event;
  v1::StageEntered& entered = *event.mutable_stage_entered();
  entered.set_stage(name);
  *entered.mutable_at() = ToProto(at);
  entered.set_left(draft.state.stage());
  if (stage->after.has_value()) {
    const Span& span = stage->after->after;
    const Outcome<Instant> last = context_.calendar.DueAfter(at, span, stage->counts_first, context_.zone);
    DUBAN_REQUIRE(last);
    *entered.mutable_moves_at() = ToProto(*last + kTick);
    entered.set_moves_to(stage->after->to);
    entered.set_calendar_version(context_.calendar.version());
  }
  draft.Emit(std::move(event));
  DUBAN_REQUIRE(TurnClocks(draft, name, at));
  if (stage->end != v1::END_KIND_UNSPECIFIED) {
    v1::Event ended;
    ended.mutable_case_ended()->set_kind(stage->end);
    *ended.mutable_case_ended()->mutable_at() = ToProto(at);
    ended.mutable_case_ended()->set_late(draft.state.late());
    draft.Emit(std::move(ended));
  }
  if (stage->leaves.has_value()) DUBAN_REQUIRE(LeaveListed(draft, *stage->leaves, at));
  if (stage->enters.has_value()) DUBAN_REQUIRE(EnterListed(draft, *stage, at));
  if (stage->collect.has_value()) DUBAN_REQUIRE(BeginCollecting(context_, draft, *stage, at));
  if (stage->opens.has_value()) DUBAN_REQUIRE(OpenFollowUp(draft, *stage->opens));
  if (!stage->reopens_to.empty()) DUBAN_REQUIRE(ReopenParent(draft, *stage, at));
  return Nothing{};
}

void Draft::End(CaseDraft& draft, v1::EndKind kind, Instant at) {
  for (const Clock& clock : draft.procedure->clocks) {
    const ClockState* known = FindClockState(draft.state, clock.name);
    if (Runs(known) || Paused(known)) StopClock(draft, clock.name, at, true);
  }
  v1::Event ended;
  ended.mutable_case_ended()->set_kind(kind);
  *ended.mutable_case_ended()->mutable_at() = ToProto(at);
  ended.mutable_case_ended()->set_late(draft.state.late());
  draft.Emit(std::move(ended));
}

Verdict Draft::AfterAction(CaseDraft& draft, const Action& action, Instant at) {
  const std::string name = absl::StrCat("action:", action.name);
  for (const Clock& clock : draft.procedure->clocks) {
    const ClockState* known = FindClockState(draft.state, clock.name);
    const bool alive = Runs(known) || Paused(known);
    if (alive && absl::c_linear_search(clock.until, name)) {
      StopClock(draft, clock.name, at, false);
    } else if (absl::c_linear_search(clock.from, name) && (!alive || clock.restart_on_reentry)) {
      DUBAN_REQUIRE(StartClock(draft, clock, at));
      const bool stays = action.to.empty() && absl::c_linear_search(clock.stops_in, draft.state.stage());
      if (stays && Runs(FindClockState(draft.state, clock.name))) DUBAN_REQUIRE(PauseClock(draft, clock, at));
    }
  }
  if (action.opens.has_value()) DUBAN_REQUIRE(OpenFollowUp(draft, *action.opens));
  return Nothing{};
}

Verdict Draft::ReopenParent(CaseDraft& from, const Stage& stage, Instant at) {
  CaseDraft* parent = from.state.parent().empty() ? nullptr : Find(from.state.parent());
  if (parent == nullptr || parent->state.end_kind() == v1::END_KIND_UNSPECIFIED) {
    return Reject(Kind::kState, "PARENT_NOT_ENDED", "原事项尚未办结，无需重新开启，请直接办理原事项",
                  "the case it came from has not ended, so it cannot be reopened; act on that case");
  }
  if (parent->state.end_kind() == v1::END_KIND_MERGED) {
    return Reject(Kind::kState, "PARENT_MERGED", "原事项已并入另一事项，不能重新开启，请办理并入的事项",
                  "the case it came from was merged into another and cannot be reopened; act on that one");
  }
  if (parent->procedure->FindStage(stage.reopens_to) == nullptr) {
    return Reject(
        Kind::kState, "PARENT_WITHOUT_STAGE",
        absl::StrCat("原事项的规程没有环节“", stage.reopens_to, "”，不能由此重新开启；请规程管理员核对两份规程"),
        absl::StrCat("the procedure of the case it came from has no stage \"", stage.reopens_to,
                     "\"; the two procedures do not fit: tell whoever maintains them"),
        {{"stage", stage.reopens_to}});
  }
  v1::Event event;
  v1::CaseReopened& reopened = *event.mutable_case_reopened();
  reopened.set_round(parent->state.round() + 1);
  *reopened.mutable_at() = ToProto(at);
  reopened.set_rebounded(true);
  parent->Emit(std::move(event));
  std::vector<v1::FieldValue> fields;
  for (const auto& [theirs, ours] : stage.reopens_set) {
    const auto* held = FindFieldState(from.state, ours);
    if (held == nullptr || parent->procedure->FindField(theirs) == nullptr) continue;
    v1::FieldValue value;
    value.set_field(theirs);
    *value.mutable_values() = held->values();
    fields.push_back(std::move(value));
  }
  DUBAN_REQUIRE(SetFields(*parent, std::move(fields)));
  return EnterStage(*parent, stage.reopens_to, at);
}

Verdict Draft::CoverRungs(CaseDraft& draft) {
  for (const Clock& clock : draft.procedure->clocks) {
    const ClockState* known = FindClockState(draft.state, clock.name);
    if (!Runs(known) || known->uncovered().empty() || known->calendar_version() >= context_.calendar.version())
      continue;
    DUBAN_REQUIRE(MoveClock(draft, clock, FromProto(known->due()), "", false));
  }
  return Nothing{};
}

Verdict Draft::FireDue(CaseDraft& draft, Instant until) {
  DUBAN_REQUIRE(CoverRungs(draft));
  for (size_t fired = 0; fired < limits::kRungsPerFiringMax && events() < limits::kEventsPerCommitMax; ++fired) {
    // Clocks are in the procedure's order in the state, so equal instants go by the clock's name.
    const ClockState* next = nullptr;
    for (const ClockState& clock : draft.state.clocks()) {
      if (clock.run() != ClockState::RUN_RUNNING || clock.pending().empty()) continue;
      const auto key = [](const ClockState& c) { return std::make_pair(FromProto(c.pending(0).at()), c.clock()); };
      if (next == nullptr || key(clock) < key(*next)) next = &clock;
    }
    const auto* leaving = EarliestToLeave(draft.state);
    const Instant rung_at = next == nullptr ? absl::InfiniteFuture() : FromProto(next->pending(0).at());
    const Instant leave_at = leaving == nullptr ? absl::InfiniteFuture() : LeavesAt(*leaving);
    const bool moves = MovesByItself(draft.state) && FromProto(draft.state.moves_at()) < std::min(rung_at, leave_at);
    if (moves) {
      const Instant at = FromProto(draft.state.moves_at());
      if (at > until) return Nothing{};
      std::optional<Closing> closing;
      if (draft.state.has_collecting()) closing = CountNow(context_, draft, at);
      const std::string to = closing.has_value() ? closing->to : draft.state.moves_to();
      // A commit has one audience: what others see, or no longer see, begins with the next.
      const bool others = AudienceIn(*draft.procedure, to, draft.state) != AudienceOf(*draft.procedure, draft.state);
      if (others && !draft.events.empty()) return Nothing{};
      const std::optional<Listing>& leaves = draft.procedure->FindStage(to)->leaves;
      if (leaves.has_value() && LeaveSome(draft, *leaves, at)) return Nothing{};
      at_ = at;
      by_time_ = true;
      DUBAN_REQUIRE(closing.has_value() ? CloseCollecting(*this, draft, *std::move(closing), at)
                                        : EnterStage(draft, to, at));
      continue;
    }
    // Of one instant, what a rung says comes before an entry that ends, and that before a move.
    if (std::min(rung_at, leave_at) > until) return Nothing{};
    if (leave_at < rung_at) {
      LeaveRegister(draft, *leaving, leave_at);
      continue;
    }
    if (next == nullptr) return Nothing{};
    const std::string clock = next->clock();
    const v1::Rung rung = next->pending(0);
    FireRung(draft, clock, rung);
    if (rung.rung() != kLapsedRung) continue;
    DUBAN_REQUIRE(LapseReport(draft, *draft.procedure->FindClock(clock), FromProto(rung.at())));
  }
  return Nothing{};
}

// Who is asked, and whom nobody hears, is known only now: posts change hands and fall vacant while a clock runs.
void Draft::FireRung(CaseDraft& draft, const std::string& clock, const v1::Rung& rung) {
  v1::Event event;
  v1::RungFired& fired = *event.mutable_rung_fired();
  fired.set_clock(clock);
  *fired.mutable_rung() = rung;
  for (const std::string& id : rung.tell()) {
    const std::vector<std::string> instead = context_.directory.InsteadOf(id);
    if (instead.empty()) continue;
    v1::ToldInstead& told = *fired.mutable_rung()->add_instead();
    told.set_vacant(id);
    for (const std::string& one : instead) told.add_told(one);
  }
  const LadderRung* declared = rung.suggests().empty() ? nullptr : FindRung(*draft.procedure, clock, rung.rung());
  if (declared != nullptr) {
    for (std::string& id : ResolveAsked(declared->ask, draft.state, context_.directory)) {
      fired.mutable_rung()->add_ask(std::move(id));
    }
  }
  draft.Emit(std::move(event));
}

void Draft::LeaveRegister(CaseDraft& draft, const RegisterEntryState& entry, Instant at) {
  v1::Event event;
  event.mutable_register_left()->set_register_(entry.register_());
  event.mutable_register_left()->set_entry(entry.entry());
  *event.mutable_register_left()->mutable_at() = ToProto(at);
  draft.Emit(std::move(event));
}

size_t Draft::events() const {
  size_t events = 0;
  for (const CaseDraft& draft : drafts_) events += draft.events.size();
  return events;
}

Decision Draft::Finish() {
  Decision decision;
  for (CaseDraft& draft : drafts_) {
    if (draft.events.empty()) continue;
    CaseEvents& out = decision.cases.emplace_back();
    out.name = draft.state.name();
    out.events = std::move(draft.events);
    out.audience = AudienceOf(*draft.procedure, draft.state);
    out.after = std::move(draft.state);
  }
  return decision;
}

}  // namespace duban::engine
