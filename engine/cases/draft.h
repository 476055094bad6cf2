// A decision being made: events are emitted and folded one by one, so that each is decided on what the one before
// left. Shared by all deciding (decide_*.cc); nobody outside includes it.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "engine/cases/burden.h"
#include "engine/cases/clocks.h"
#include "engine/cases/decide.h"
#include "engine/procedure/waiting.h"

namespace duban::engine {

// One case within a decision.
struct CaseDraft {
  const Procedure* procedure = nullptr;
  CaseState state;
  std::vector<v1::Event> events;

  // Records an event and folds it.
  v1::Event& Emit(v1::Event event);
  PlanInput Plan(const Context& context) const;
};

// Whether the stage's timed move comes with time; while an objection stands it waits.
inline bool MovesByItself(const CaseState& state) { return state.has_moves_at() && state.objections() == 0; }

// Whether a clock runs; false for one that never did.
inline bool Runs(const duban::state::v1::ClockState* clock) {
  return clock != nullptr && clock->run() == duban::state::v1::ClockState::RUN_RUNNING;
}

// Takes over the plan of a clock; leaves out what has fired or been suppressed before.
template <typename ClockEvent>
void FillPlan(const ClockPlan& plan, const duban::state::v1::ClockState* known, ClockEvent& event) {
  for (const v1::Rung& rung : plan.rungs) {
    const bool done = known != nullptr && (std::any_of(known->fired().begin(), known->fired().end(),
                                                       [&](const auto& f) { return f.rung() == rung.rung(); }) ||
                                           std::find(known->suppressed().begin(), known->suppressed().end(),
                                                     rung.rung()) != known->suppressed().end());
    if (!done) *event.add_rungs() = rung;
  }
  for (const std::string& rung : plan.uncovered) event.add_uncovered(rung);
}

// Where a case comes from.
struct Origin {
  std::string parent = "";  // "cases/…"; empty for none.
  v1::LinkKind link = v1::LINK_KIND_UNSPECIFIED;
  int64_t weight = 0;  // Of a part.
  v1::Secrecy secrecy = v1::SECRECY_UNSPECIFIED;
  const Burden* burden = nullptr;  // What it asks of units, where that is not as its procedure says.
  bool weighed = false;            // It is known to be bearable.
};

// The extension of one clock, while it takes effect.
struct Extending {
  const Clock& clock;
  Instant asked;
};

class Draft {
 public:
  explicit Draft(const Context& context) : context_(context), at_(context.occurred) {}

  // Why cases are opened although they ask a unit too much; empty: then they are refused. `names`: a refusal says which
  // cases and plans stand in the way, as far as the actor sees them.
  void OpensAllTheSame(const std::string& reason, bool names) {
    override_reason_ = reason;
    names_burdens_ = names;
  }

  // Takes a case in, in its present state.
  CaseDraft& Take(const CaseState& state);
  // The draft of a case: one already taken in, or found through the context; null when there is none.
  CaseDraft* Find(const std::string& name);
  // Its state as far as it has been decided, without taking it in; null when there is none.
  const CaseState* Look(absl::string_view name) const;

  // Begins a case: number, parties and fields must have been checked. The draft's first stage is entered.
  Verdict Open(const Procedure& procedure, std::vector<v1::BoundParty> parties, std::vector<v1::FieldValue> fields,
               const Origin& origin, bool assigned_by_superior, std::string* name,
               const std::string& on_behalf_of = "");

  // Sets fields, and what follows for clocks whose due instant a field states. Where an extension sets them its own
  // clock is left to it; of the others, who was late when it was asked for stays late.
  Verdict SetFields(CaseDraft& draft, std::vector<v1::FieldValue> fields, const Extending* extending = nullptr);

  // Enters a stage: clocks stop, pause, resume and start; an end ends; cases are opened and reopened as it says.
  Verdict EnterStage(CaseDraft& draft, const std::string& stage, Instant at);

  // Ends a case where it stands, which no stage of its procedure says: clocks fall away.
  void End(CaseDraft& draft, v1::EndKind kind, Instant at);

  // What an action means for clocks that start or stop with it, and for cases it opens.
  Verdict AfterAction(CaseDraft& draft, const Action& action, Instant at);

  // Fields were given by an action: reports and milestones that ask for nothing else are met.
  Verdict MeetOnTheWay(CaseDraft& draft, const std::vector<v1::FieldValue>& given, Instant at);

  // Moves a running or suspended clock to a new due instant.
  Verdict MoveClock(CaseDraft& draft, const Clock& clock, Instant due, const std::string& action, bool stays_late);

  // Opens what a stage, an action or an approved suggestion opens: a case, or one for each of those meant (opens.cc).
  Verdict OpenFollowUp(CaseDraft& from, const Opens& opens);

  // Ends a party's entries in a register, whichever cases made them; enters it there (listings.cc).
  Verdict LeaveListed(CaseDraft& draft, const Listing& listing, Instant at);
  // The same ahead of the stage: of more than one act may end, as many. True where there were more, which leave first.
  bool LeaveSome(CaseDraft& draft, const Listing& listing, Instant at);
  Verdict EnterListed(CaseDraft& draft, const Stage& stage, Instant at);

  // Ends an entry of a register, with all that were made together with it.
  void LeaveRegister(CaseDraft& draft, const duban::state::v1::RegisterEntryState& entry, Instant at);

  // Fires what is due at or before `until`, in the order (due, clock, rung), as far as one commit holds it; the rest is
  // left to the next firing. Time is not refused: whoever could decide otherwise is not there. What would refuse an act
  // gives way: too many entries leave a register in several commits, and what cannot be a part follows up.
  Verdict FireDue(CaseDraft& draft, Instant until);

  // Brings running clocks and a timed move to the calendar in force (decide_recount.cc).
  Verdict Recount(CaseDraft& draft);

  // Takes a case to another version of its procedure (decide_migration.cc).
  Verdict Migrate(CaseDraft& draft, const Procedure& to, const v1::Migration& task);

  // The decision: every case with events, its audience filled.
  Decision Finish();

 private:
  Verdict StartClock(CaseDraft& draft, const Clock& clock, Instant from);
  void EmitStarted(CaseDraft& draft, const Clock& clock, Instant from, Instant due);
  // Reports and milestones (on_the_way.cc). `met`: the stage ends the clock, or the case.
  Verdict TurnOnTheWay(CaseDraft& draft, const Clock& clock, const std::string& stage, Instant at, bool met);
  Verdict StartReport(CaseDraft& draft, const Clock& clock, Instant from);
  Verdict StartPeriod(CaseDraft& draft, const Clock& clock, Day first);
  Verdict LapseReport(CaseDraft& draft, const Clock& clock, Instant at);
  Verdict FollowMilestones(CaseDraft& draft, const Clock& clock);
  static bool IsReached(const CaseDraft& draft, const Clock& milestone);
  Verdict PauseClock(CaseDraft& draft, const Clock& clock, Instant at);
  Verdict ResumeClock(CaseDraft& draft, const Clock& clock, Instant at);
  bool WouldRun(const CaseDraft& draft, const Clock& clock) const;
  Situation SituationOf(const CaseDraft& draft) const;
  void SuppressPast(CaseDraft& draft, const std::string& clock);
  using FiredRung = duban::state::v1::FiredRung;
  void WithdrawAfter(CaseDraft& draft, const std::string& clock, Instant at);
  void Withdraw(CaseDraft& draft, const std::string& clock, absl::FunctionRef<bool(const FiredRung&)> wrong);
  Verdict RecountClock(CaseDraft& draft, const Clock& clock);
  Verdict RecountMove(CaseDraft& draft);
  Verdict MigrateClock(CaseDraft& draft, const Clock& clock, bool stage_renamed);
  void StopClock(CaseDraft& draft, const std::string& clock, Instant at, bool fell_away);
  Verdict TurnClocks(CaseDraft& draft, const std::string& stage, Instant at);
  Verdict CoverRungs(CaseDraft& draft);
  void FireRung(CaseDraft& draft, const std::string& clock, const v1::Rung& rung);
  Verdict ReopenParent(CaseDraft& from, const Stage& stage, Instant at);
  Verdict OpenForEach(CaseDraft& from, const Opens& opens, const Procedure& procedure);
  Verdict OpenBound(CaseDraft& from, const Opens& opens, const Procedure& procedure, const v1::BoundId* each);
  // What a new case asks of units (burden.cc).
  Outcome<v1::UnitsAsked> AskUnits(const Procedure& procedure, const v1::CaseOpened& opened,
                                   const std::vector<v1::FieldValue>& fields, const Origin& origin) const;
  // By case, the members of the party whose entries end.
  std::map<std::string, std::vector<std::string>> Listed(const CaseDraft& draft, const Listing& listing,
                                                         Instant at) const;
  std::vector<Asking> AskedAlready(const std::string& unit, const std::string& topic, Day first, Day last) const;

  size_t events() const;

  const Context& context_;
  Instant at_;  // When what is being decided happens: the context's `occurred`, or the instant of a timed move.
  bool by_time_ = false;          // What is being decided comes by itself.
  std::deque<CaseDraft> drafts_;  // Stable addresses; the first is the case the command named.
  std::string override_reason_;
  bool names_burdens_ = true;
};

// When an entry of a register ends by itself: a tick after its last moment; InfiniteFuture where it has none.
Instant LeavesAt(const duban::state::v1::RegisterEntryState& entry);

// Returns the rejection of a Verdict or Outcome from the calling function.
#define DUBAN_REQUIRE(expression)                                                         \
  do {                                                                                    \
    if (const auto& outcome_ = (expression); !outcome_.ok()) return outcome_.rejection(); \
  } while (false)

}  // namespace duban::engine
