// Judges what the engine does in a walk by who the people are, not by the engine's own rules: who was let act, who sees
// what, that a case waits nowhere without a clock, that guards, registers, parts and dates are what they are said to
// be.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
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

// What stands in fields that are not for everybody; in no others.
inline constexpr char kInner[] = "内情";

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
  // that nobody can take, empty where nobody could decide what somebody asks.
  struct Short {
    std::string action;
    std::vector<Role> roles;
    std::string asked;  // What nobody could decide.
  };
  // Whose decision a request waits for: those whom its action names where it was asked for, and whether the case has
  // left that since. No action: an extension, or to void the case.
  struct Asking {
    const Action* action = nullptr;
    bool behind = false;
  };
  Asking AskingOf(const CaseState& state, const duban::state::v1::RequestState& request) const;
  std::vector<Short> Missing(const CaseState& state) const;
  bool IsShort(const CaseState& state, const Short& of) const;

  // Beyond one case (walk_judge_across.cc).
  //
  // Whether somebody may put a visit on record in a case because a team's case gives him the right.
  bool MayVisit(const CaseState& on, const CaseState& team, const std::string& person, Instant now) const;
  void CheckVisit(const CaseState& before, const CaseState& after, const CaseState& team) const;
  // Whether a letter of that kind may be issued about it by him.
  bool MayStandIn(const CaseState& state, const DocumentKind& kind, const std::string& person) const;
  void CheckLetters(const std::vector<v1::DocumentIssued>& letters, const DocumentKind& kind,
                    const std::vector<CaseState>& about);
  // What taking one in did: `before` are the letter's cases as they were.
  void CheckReceipt(const v1::DocumentIssued& letter, const v1::DocumentReceived& received, const std::string& person,
                    const std::string& action, const std::vector<CaseState>& before) const;
  // What going on under another version did.
  void CheckMigrated(const CaseState& before, const CaseState& after, const std::map<std::string, std::string>& stages,
                     bool only_names, Instant now);
  bool Sees(const CaseState& state, const std::string& person) const;

  // Whether a guard holds, where it is one that can be told from outside.
  bool Holds(const Guard& guard, const CaseState& state) const;
  // Open cases directly below; how many there ever were.
  std::vector<std::string> OpenParts(const std::string& whole) const;
  size_t PartsOf(const std::string& whole) const;
  const Procedure& ProcedureOf(const CaseState& state) const {
    return *desk_.procedures().Find(state.procedure(), state.procedure_version());
  }

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
  std::set<std::string> NamedIds(const CaseState& state) const;
  std::set<std::string> WhoSees(const CaseState& state) const;
  std::set<std::string> WhoIsCalled(const CaseState& state) const;
  std::set<std::string> WhoIsTold(const CaseState& state, const v1::Alert& alert) const;
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
  std::map<std::tuple<std::string, std::string, std::string>, uint32_t> fired_under_;  // Case, clock, rung -> version.
  std::map<std::pair<std::string, std::string>, Instant> issued_;  // Case and kind of letter -> the last time.
  std::map<std::string, uint64_t> numbered_;                       // Series of letters -> the last number.
  std::string through_;                                            // By which case's right the last act was.
  std::set<std::string> migrated_;
  std::set<std::string> changed_;
  std::map<std::string, Viewer> viewers_;                                  // As they are now.
  std::map<std::string, std::map<std::string, std::vector<Cell>>> cells_;  // view -> case
};

}  // namespace duban::engine
