// Judges what the engine does in a walk by who the people are, not by the engine's own rules: who was let act, who sees
// what, that a case waits nowhere without a clock, that guards, registers, parts and dates are what they are said to
// be.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/cases/audience.h"
#include "engine/views/view.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/made_people.h"

namespace duban::engine {

// What walks came by, so that no part of the language is left out unnoticed.
struct Tally {
  int refused = 0;     // By the checker.
  int walked = 0;      // To their ends.
  int not_opened = 0;  // Those parties may not be bound together.
  std::map<std::string, int> seen;
  void Count(const std::string& what) { ++seen[what]; }
};

class Judge {
 public:
  Judge(Desk& desk, const People& people, Tally& tally) : desk_(desk), people_(people), tally_(tally) {}

  // What happened to a case, as it happens.
  void Note(const CaseState* before, const CaseEvents& events, const std::string& now);
  // People, or their posts, are others than before.
  void PeopleChanged();
  // The cases that changed since the last time, as they stand.
  void CheckChanged();
  // Whether a role, or one of several, is his: he fills it, and nothing keeps him away.
  bool Fits(const CaseState& state, const std::string& person, const Role& role) const;
  bool FitsOne(const CaseState& state, const std::string& person, const std::vector<Role>& roles) const;
  std::vector<std::string> Fitting(const CaseState& state, const std::vector<Role>& roles) const;
  // Those whom the stage, or a request that waits, calls for and of whom nobody is left that may; the action is the one
  // that nobody can take.
  struct Short {
    std::string action;
    std::vector<Role> roles;
  };
  std::vector<Short> Missing(const CaseState& state) const;

  // Whether a guard holds, where it is one that can be told from outside.
  bool Holds(const Guard& guard, const CaseState& state) const;
  // Open cases directly below; how many there ever were.
  std::vector<std::string> OpenParts(const std::string& whole) const;
  size_t PartsOf(const std::string& whole) const;
  const Procedure& ProcedureOf(const CaseState& state) const { return *desk_.procedures().Newest(state.procedure()); }

 private:
  struct Viewer {
    Ids all;
    Ids own;
  };

  void NoteEvent(const CaseState& after, const v1::Event& event);
  std::set<std::string> Hands(const std::string& person) const;
  bool Excluded(const CaseState& state, const std::string& person, const Party& party) const;
  bool Acted(const CaseState& state, const std::string& person, const std::vector<std::string>& actions) const;
  bool LeavesSomebody(const CaseState& state, const std::string& person, const std::string& action) const;
  bool CanDecide(const CaseState& state, const std::set<std::string>& hands, const std::vector<Role>& deciders) const;
  // Who sees what is open to all that is bound to these parties; with `own`, nobody through a unit above or an area.
  std::set<std::string> SeersOf(const CaseState& state, const std::vector<std::string>& parties, bool own) const;
  std::set<std::string> WhoSees(const CaseState& state) const;
  std::set<std::string> WhoIsCalled(const CaseState& state) const;
  const Viewer& ViewerOf(const std::string& person);
  void CheckRows(const CaseState* before, const CaseEvents& events, const std::string& now);
  void CheckWaiting(const CaseState& state) const;
  void CheckDates(const CaseState& state) const;
  void CheckAudience(const CaseState& state);

  Desk& desk_;
  const People& people_;
  Tally& tally_;
  std::map<std::string, CaseState> states_;                                                         // As they stand.
  std::map<std::string, std::map<uint32_t, std::set<std::pair<std::string, std::string>>>> acted_;  // case -> round
  std::map<std::string, std::set<std::string>> parts_;                                              // whole -> parts
  std::set<std::pair<std::string, std::string>> resumed_;                                           // Case and clock.
  std::set<std::string> changed_;
  std::map<std::string, Viewer> viewers_;                                  // As they are now.
  std::map<std::string, std::map<std::string, std::vector<Cell>>> cells_;  // view -> case
};

}  // namespace duban::engine
