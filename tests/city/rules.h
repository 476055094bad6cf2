// What the shipped procedures demand of which the year runs cases, in this test's own words: written by hand from their
// files and docs/procedures.md, so that no reading of a file by the engine judges itself.
//
// Lists are words with blanks between them. A party is "owner", or "owner.head" for the head of its unit.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace duban::city {

// Who takes which steps: any of the parties any of the actions; what is asked for counts like what is done, and of a
// decision "approve_x" stands for refusing too.
struct Takes {
  std::string parties, actions;
};

// Who never acts for a party: nobody of the units of these parties, nobody whom these are bound to, nobody who took or
// approved these actions in the round, nobody whom a relation ties to these.
struct Never {
  std::string party;
  std::string unit_of = {}, person_of = {}, acted_in = {}, related_to = {};
};

// A stage that ends by itself.
struct Timed {
  enum Counts { kWorkingDays, kWorkingDaysBothEnds, kDays, kHours };
  std::string stage;
  int count;
  Counts counts;
  std::string to;
};

// A way to an end that counts as done. There may be several to one stage.
struct Ending {
  std::string stage;
  // What was done in the round, in this order: "submit > accept". What stands together has no order; "a|b": one of
  // them.
  std::string steps;
  // What was raised has been answered since, where it was raised: "reject submit, object accept".
  std::string answered = {};
  // Fields that are set.
  std::string fields = {};
  // The stage that has ended by itself, in its time; empty where somebody ended it.
  std::string waited = {};
  // A party that is one by now.
  std::string one = {};
  // Its parts have ended.
  bool parts = false;
  // What it opens at once, and the register in which it enters which party.
  std::string opens = {}, enters = {}, entered = {};
};

// A field that is not for everybody who sees the case. Of a sealed one personal data goes by one's own posts alone.
struct Hidden {
  std::string field, sees;
  bool sealed = false;
};

// Stages that are shown to these parties alone.
struct Shown {
  std::string stages, sees;
};

struct Rules {
  std::string issues;  // The party that takes the right to issue.
  std::vector<Takes> takes;
  std::vector<Ending> done;
  std::vector<Never> never = {};
  std::vector<Timed> timed = {};
  std::vector<Hidden> hidden = {};
  std::vector<Shown> shown = {};
};

// All of them, by procedure; one of them, null where nothing is said of it.
const std::map<std::string, Rules>& AllRules();
const Rules* RulesOf(const std::string& procedure);
// Who takes an action of it; null where the file has none of that name.
const Takes* TakersOf(const Rules& rules, const std::string& action);
// Of a field that is not for everybody.
const Hidden* HiddenIn(const std::string& procedure, const std::string& field);
// What every procedure has.
bool IsBuiltIn(const std::string& action);

std::vector<std::string> Words(const std::string& list);

}  // namespace duban::city
