// What is refused of a procedure that could be read, in two waves: names that lead nowhere first, then meanings, so
// that one wrong name does not cause ten findings.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/procedure/draft.h"
#include "engine/procedure/flow.h"
#include "engine/procedure/procedure.h"

namespace duban::engine::language {

// One procedure among the others that it may name.
struct Checked {
  const Procedure& procedure;
  const Node& root;
  // Procedures of the set, and published ones that the set does not define.
  const std::vector<const Procedure*>& others;
  // What plans of the set open.
  const std::vector<Planned>& planned;
  Findings& findings;

  const Procedure* FindOther(absl::string_view name) const;
  void Error(absl::string_view rule, const std::vector<std::string>& path, std::string zh, std::string en) const;
  void Warn(absl::string_view rule, const std::vector<std::string>& path, std::string zh, std::string en) const;
};

// Where an action, a clock or an extension stands in the file.
using Path = std::vector<std::string>;
Path ActionPath(const Stage& stage, const Action& action, absl::string_view key = "");
// Where what a guard names stands: behind its `not`s, the field, clock, party or register itself.
Path GuardPath(const Node& root, const Stage& stage, const Action& action, size_t guard);

// Wave one: every party, field, stage, action, clock, code table and procedure that is named is there.
void CheckNames(const Checked& c);

// Wave two.
void CheckFlow(const Checked& c);         // Stages and clocks as a graph: unreachable, endless, without a deadline.
void CheckTimes(const Checked& c);        // Budgets, reminders, ladders, lights, extensions.
void CheckPeople(const Checked& c);       // `never`, approvals, who sees what he has to act on.
void CheckFields(const Checked& c);       // Guards, sealed fields, numbers, values written in the file.
void CheckLinks(const Checked& c);        // `opens` and `reopens` against the procedures they name.
void CheckSuggestions(const Checked& c);  // Who decides what rungs suggest, and what follows.
void CheckCollecting(const Checked& c);   // Stages that collect: weights, what is asked, who is rated, how it closes.
void CheckListings(const Checked& c);     // Who enters and leaves registers with a stage.
void CheckBurden(const Checked& c);       // What cases ask of units: of whom, about what.
void CheckObjections(const Checked& c);   // Objections that are raised can be settled, and the other way round.
void CheckSure(const Checked& c);  // Whichever way a case goes: it can be ended, a clock runs. Where all else is well.

// A ladder and a light scheme by themselves: `path` leads to where they are written.
void CheckRising(const std::vector<LadderRung>& ladder, const Node& root, const Path& path, Findings& findings);
void CheckScheme(const std::vector<LightRule>& scheme, const Node& root, const Path& path, Findings& findings);
// What a ladder names, against a procedure that may use it.
void CheckLadderNames(const Checked& c, const std::vector<LadderRung>& ladder, const Path& path);

// Ladders, light schemes and templates that the files define, whether somebody uses them or not. What is used is
// checked against its procedure beside; what a procedure defines and does not use is warned of.
void CheckDefinitions(const std::vector<std::unique_ptr<Draft>>& drafts, const Shared& shared,
                      const std::vector<const Procedure*>& others);

// Stages at which another procedure reopens this one.
std::vector<std::string> ReopenedAt(const Checked& c);

}  // namespace duban::engine::language
