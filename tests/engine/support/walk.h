// One case of a made procedure, and all that comes of it, walked at random by the real engine on a virtual clock, and
// then to its end.
//
// What is assumed of the office: whoever is needed is there. A unit, a post may run out of people whom no `never` keeps
// away; then, and only then, somebody is appointed. Where that helps nobody (a person is bound by name, a post may lie
// in a unit that has a tie, one head is to ask and to decide), the part passes on to another.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/engine/support/desk.h"
#include "tests/engine/support/dice.h"
#include "tests/engine/support/made_people.h"
#include "tests/engine/support/made_procedures.h"
#include "tests/engine/support/walk_judge.h"

namespace duban::engine {

class Walk {
 public:
  // `text` is what the procedure was made from.
  Walk(Desk& desk, Dice& dice, const Procedure& procedure, std::string text, Tally& tally);
  ~Walk() { desk_.on_events = nullptr; }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  // Why it could not even be opened; empty where it was.
  const std::string& refused() const { return refused_; }

  // Walks about, then to the ends. Stops at a failure.
  void Run();

 private:
  // How a case gets on towards its end.
  struct Progress {
    std::string stage;                 // At the step before.
    int idle = 0;                      // Steps in this stage.
    std::map<std::string, int> times;  // That each stage has been entered.
    bool patient = false;              // Waits for the stage's timed move.
  };

  std::string Nick(int i) const;
  const CaseState& State(int i) const { return desk_.State(Nick(i)); }
  const Procedure& ProcedureOf(int i) const { return judge_.ProcedureOf(State(i)); }
  const Stage& StageOf(int i) const { return *ProcedureOf(i).FindStage(State(i).stage()); }
  bool Ended(int i) const { return State(i).end_kind() != v1::END_KIND_UNSPECIFIED; }
  std::string Minute() const;
  void Advance(int days);
  void Adopt(const std::vector<std::string>& events);

  bool Open(const Procedure& procedure);
  std::string ValueOf(const Field& field);
  std::string ValueFor(const Procedure& p, const Field& field);
  v1::FieldValue Value(const Procedure& p, const Field& field);

  // Each tries it and says whether it was accepted.
  bool Try(int i, const std::string& person, const std::string& action, const std::vector<Role>& by,
           std::vector<std::string> fields);
  bool Send(int i, const std::string& person, const v1::ActOnCaseRequest& request, const std::vector<Role>& by);
  bool Take(int i, const Action& action, bool to_an_end);
  bool Decide(int i, bool to_an_end);
  bool DecideSuggestion(int i);
  bool Claim(int i);
  bool Vote(int i);
  bool Vote(int i, const std::string& elector);
  bool Answer(int i);
  bool BuiltIn(int i);
  std::string SomewhereFor(int i, const std::string& party);
  bool Transfer(int i, const std::string& party);
  bool PassOn(int i, const std::string& party);
  bool Extend(int i);
  bool Wander(int i);

  // What reaches beyond one case (walk_across.cc): a team's visits, letters and their receipt, next versions.
  void OpenTeam();
  void Across();
  void VisitSomewhere(int team);
  void Visit(int on, int team);
  void IssueLetters();
  void ReceiveLetter();
  void Revise();
  void Migrate(int i, const NextVersion& version);

  // One who may be asked: anybody of those roles; towards an end one whom nothing keeps away, where there is one.
  std::string SomeoneOf(int i, const std::vector<Role>& roles, bool to_an_end);
  std::map<std::string, int> Distances(const Procedure& p) const;
  bool StepToEnd(int i, Progress& progress);
  void HelpOut(int i);

  Desk& desk_;
  Dice& dice_;
  Tally& tally_;
  People people_;
  Judge judge_;
  absl::CivilMinute now_;
  bool wanders_ = true;  // Before it goes to the ends.
  int cases_ = 0;
  std::string text_;  // Of the newest version.
  std::vector<v1::DocumentIssued> letters_;
  std::string refused_;
  std::string reason_;  // Of the last refusal.
};

}  // namespace duban::engine
