// A procedure's stages as a graph: the ways between them, and where a clock runs on them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/procedure/procedure.h"

namespace duban::engine {

// A way out of a stage: by an action, or by time (no action).
struct Way {
  std::string action;
  std::string to;
};

// All ways out of a stage, `previous` resolved to every stage that leads here.
std::vector<Way> WaysOut(const Procedure& procedure, const Stage& stage);

// Stages that lead here by something else than `previous`.
std::vector<std::string> StagesBefore(const Procedure& procedure, const Stage& stage);

// Stages that can be come to from some stages, these included.
std::set<std::string> ReachedFrom(const Procedure& procedure, std::vector<std::string> stages);

// Stages at which cases of a procedure are opened again by cases of others, as these name them.
std::vector<std::string> ReopenedAt(const Procedure& procedure, const std::vector<const Procedure*>& others);

// Whether an objection may stand in a stage: something that leads there raises one.
bool MayStandIn(const Procedure& procedure, const std::string& stage);

// Where a clock can run.
struct Course {
  std::set<std::string> passed;    // Stages from its start to where it stops, those of `stops_in` included.
  std::vector<std::string> stops;  // Those of its `until` that can be reached.

  bool Passes(const std::string& stage) const;
};
Course CourseOf(const Procedure& procedure, const Clock& clock);

// Whether whoever is in `stage` has passed the clock's start and none of its ends since, whichever way he came, if his
// way began at `begin` (empty: it is known that he has passed the start). False where some way leaves a doubt.
bool RunsSurely(const Procedure& procedure, const Clock& clock, const std::string& stage, const std::string& begin);

}  // namespace duban::engine
