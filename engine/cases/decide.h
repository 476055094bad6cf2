// The heart: decide(context, state, command) -> events | rejection.
//
// All rules live here. Deciding is pure: it reads the context, a state and a command and nothing else, and what it
// answers are outcomes that carry all that folding them needs (cases/evolve.h). When a command causes several
// events they are folded one by one, so that each is decided on the state the one before left.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "duban/v1/case_service.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "engine/calendar/calendar.h"
#include "engine/directory/directory.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

using CaseState = duban::state::v1::CaseState;
class BallotBoxes;  // engine/cases/collecting.h
class Burdens;      // engine/cases/burden.h
class Draws;        // engine/cases/drawing.h

// Everything outside the case that deciding may read.
struct Context {
  Instant now;              // When the commit is recorded.
  Instant occurred;         // When it happened; <= now.
  std::string actor;        // "persons/…" signed in; empty when timers fire.
  std::string entered_for;  // "persons/…" for whom it is typed; empty otherwise.
  const Directory& directory;
  const Calendar& calendar;
  const Procedures& procedures;
  const Zone& zone;
  // A new case id, "cases/…": says nothing about how many there are.
  absl::FunctionRef<std::string()> fresh_case;
  // The number after the last one given in a series.
  absl::FunctionRef<uint64_t(absl::string_view series)> next_in_series;
  // Another case's state, or null.
  absl::FunctionRef<const CaseState*(absl::string_view name)> find_case;
  // The cases by which a unit, a post or a person stands in a register; none: it does not stand there.
  absl::FunctionRef<std::vector<std::string>(absl::string_view register_name, absl::string_view subject)> entered_by;
  // How many parts directly below a case are open; which cases are its parts, in the order in which they became so.
  absl::FunctionRef<uint64_t(absl::string_view case_name)> open_parts;
  absl::FunctionRef<std::vector<std::string>(absl::string_view case_name)> parts_of;
  // What has been collected so far; null where nothing is cast or counted.
  BallotBoxes* boxes = nullptr;
  // The draws that were made; null where nobody is bound from one.
  const Draws* draws = nullptr;
  // What is asked of units already; null where nothing is.
  const Burdens* burdens = nullptr;
};

// What happened to one case.
struct CaseEvents {
  std::string name;                   // "cases/…"
  std::vector<v1::Event> events;      // In order; never empty.
  CaseState after;                    // The state after them (position fields are the caller's).
  std::vector<std::string> audience;  // Who may see these events.
};

// What a command did: first the case it named, then others (a look-back opened, a parent reopened).
struct Decision {
  std::vector<CaseEvents> cases;
};

// What opening a case goes by beside the command, where a job opens it.
struct Opener {
  std::string follows;  // "cases/…" that the new one follows up on, which the actor sees; nothing happens to it.
  std::optional<Burden> burden;  // What it asks of units, where its plan says so and not its procedure.
  bool weighed = false;          // That was weighed when its plan was put: it is not asked again.
  bool read_by_others = false;   // A refusal is read by others than the actor: it names no other case and no plan.
};

// Opens a case. Values of sealed fields must come as Value.sealed (services/node seals them before).
Outcome<Decision> DecideOpen(const Context& context, const v1::OpenCaseRequest& command, const Opener& opener = {});

// Acts on a case. REQUIRES: its timers due by context.occurred have fired.
Outcome<Decision> DecideAct(const Context& context, const CaseState& state, const v1::ActOnCaseRequest& command);

// Fires what is due at or before context.now, in the order (due, clock, rung), at most limits::kRungsPerFiringMax.
// The decision is empty when nothing is due. A rejection only when a timed move needs a calendar that is not there.
Outcome<Decision> DecideTimers(const Context& context, const CaseState& state);

// Counts what runs again under the calendar in force: clocks that count working days get a new due instant, all running
// clocks new rungs, a timed move a new instant. What has fired and is no longer so is withdrawn; what has newly passed
// fires afterwards, as timers do. A due instant that somebody gave stays; a suspended clock keeps what is left. The
// decision is empty where nothing changes, so that counting again does nothing. A rejection where the calendar does not
// reach.
Outcome<Decision> DecideRecount(const Context& context, const CaseState& state);

// Puts `task.to` in the place of `task.from` wherever that takes part in an open case: whoever takes over acts, is
// charged and is told from now on, of what has fired too; instants stay. Empty where it has no part. A rejection where
// a `never` forbids the one who takes over.
Outcome<Decision> DecideHandOver(const Context& context, const CaseState& state, const v1::HandOver& task);

// Takes an open case that stands on `task.from_version` to `task.to_version`: into the same stage or the one that the
// mapping names; deadlines of the same name go on with the new version's reminders and ladder, others fall away, new
// ones begin now. Empty for every other case. A rejection (MIGRATION_…) where what the case holds does not fit.
Outcome<Decision> DecideMigration(const Context& context, const CaseState& state, const v1::Migration& task);

// Whether something in the case runs that was planned under an earlier calendar than `version`: false means that
// DecideRecount would change nothing.
bool MayNeedRecount(const CaseState& state, uint32_t version);

// When this case next needs DecideTimers; InfiniteFuture when never.
Instant NextDue(const CaseState& state);

// The actions that a person could take now, as far as the stage, the parties and the guards say: extensions and
// decisions of requests included, built-in ones not.
std::vector<v1::CaseAction> ActionsOpenTo(const Context& context, const CaseState& state, absl::string_view person);

}  // namespace duban::engine
