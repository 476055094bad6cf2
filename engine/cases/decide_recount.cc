// A changed calendar: the same deadlines, counted again.
//
// Source of the need: calendars change within the year. On 22 March 2019 the State Council made the Labour Day holiday
// four days, on 27 January 2020 it extended the Spring Festival to 2 February (国办发明电〔2019〕3号、〔2020〕1号).
#include <algorithm>
#include <set>
#include <utility>

#include "engine/cases/draft.h"
#include "engine/cases/evolve.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;
using duban::state::v1::FiredRung;

// When a running clock is due by the calendar in force.
Outcome<Instant> DueNow(const Context& context, const Clock& clock, const ClockState& known) {
  if (known.day_kind() != v1::DAY_KIND_WORKING || known.due_given()) return FromProto(known.due());
  if (known.has_resumed_at()) {
    return context.calendar.DueWith(FromProto(known.resumed_at()), known.resumed_with(), known.day_kind(),
                                    context.zone);
  }
  const Span budget{known.day_kind(), known.budget(), false};
  return context.calendar.DueAfter(FromProto(known.from()), budget, clock.counts_first, context.zone);
}

// Whether a plan says something else than what stands; whom its rungs tell is the directory's business.
bool Differs(const v1::ClockMoved& moved, const ClockState& known) {
  const auto same = [](const v1::Rung& a, const v1::Rung& b) {
    return a.rung() == b.rung() && FromProto(a.at()) == FromProto(b.at());
  };
  return FromProto(moved.due()) != FromProto(known.due()) ||
         !std::equal(moved.rungs().begin(), moved.rungs().end(), known.pending().begin(), known.pending().end(),
                     same) ||
         !std::equal(moved.uncovered().begin(), moved.uncovered().end(), known.uncovered().begin(),
                     known.uncovered().end());
}

}  // namespace

Verdict Draft::Recount(CaseDraft& draft) {
  for (const Clock& clock : draft.procedure->clocks) DUBAN_REQUIRE(RecountClock(draft, clock));
  return RecountMove(draft);
}

Verdict Draft::RecountClock(CaseDraft& draft, const Clock& clock) {
  const ClockState* known = FindClockState(draft.state, clock.name);
  if (!Runs(known) || known->calendar_version() >= context_.calendar.version()) return Nothing{};
  const Outcome<Instant> due = DueNow(context_, clock, *known);
  DUBAN_REQUIRE(due);
  const ClockPlan plan = PlanClock(draft.Plan(context_), clock, FromProto(known->from()), *due);
  std::set<std::string> ahead;
  for (const v1::Rung& rung : plan.rungs) {
    if (FromProto(rung.at()) > at_) ahead.insert(rung.rung());
  }
  Withdraw(draft, clock.name, [&](const FiredRung& fired) { return ahead.count(fired.rung()) != 0; });

  known = FindClockState(draft.state, clock.name);
  v1::Event event;
  v1::ClockMoved& moved = *event.mutable_clock_moved();
  moved.set_clock(clock.name);
  *moved.mutable_at() = ToProto(at_);
  *moved.mutable_due() = ToProto(*due);
  moved.set_calendar_version(context_.calendar.version());
  moved.set_action(kMovedByCalendar);
  FillPlan(plan, known, moved);
  *moved.mutable_light() = plan.light;
  for (const FiredRung& fired : known->fired()) {
    if (v1::Light light = LightOfRung(*draft.procedure, fired.rung()); !light.colour().empty()) {
      *moved.mutable_light() = std::move(light);
    }
  }
  if (Differs(moved, *known)) draft.Emit(std::move(event));
  return Nothing{};
}

Verdict Draft::RecountMove(CaseDraft& draft) {
  const Stage* stage = draft.procedure->FindStage(draft.state.stage());
  if (!draft.state.has_moves_at() || stage == nullptr || !stage->after.has_value()) return Nothing{};
  // It was due while an objection stood; now it waits for nothing that a calendar counts.
  if (draft.state.move_held()) return Nothing{};
  const Outcome<Instant> last = context_.calendar.DueAfter(FromProto(draft.state.stage_since()), stage->after->after,
                                                           stage->counts_first, context_.zone);
  DUBAN_REQUIRE(last);
  if (*last + kTick == FromProto(draft.state.moves_at())) return Nothing{};
  v1::Event event;
  *event.mutable_move_rescheduled()->mutable_moves_at() = ToProto(*last + kTick);
  event.mutable_move_rescheduled()->set_calendar_version(context_.calendar.version());
  draft.Emit(std::move(event));
  return Nothing{};
}

Outcome<Decision> DecideRecount(const Context& context, const CaseState& state) {
  Draft draft(context);
  CaseDraft& drafted = draft.Take(state);
  DUBAN_REQUIRE(draft.Recount(drafted));
  return draft.Finish();
}

bool MayNeedRecount(const CaseState& state, uint32_t version) {
  // A timed move does not say under which calendar it was planned.
  return state.has_moves_at() || std::any_of(state.clocks().begin(), state.clocks().end(), [&](const ClockState& c) {
           return Runs(&c) && c.calendar_version() < version;
         });
}

}  // namespace duban::engine
