// Who plays a scenario: its sentences, each a function of what its pattern caught and of the items below it. What they
// do is in acting.cc (opening and acting), seeing.cc (what people see of cases and lists), typing.cc (the command line,
// what it prints, screens); which sentence is which in sentences.cc.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "clients/cli/values.h"
#include "tests/scenarios/screen.h"
#include "tests/scenarios/script.h"
#include "tests/scenarios/world.h"

namespace duban::scenarios {

using Words = std::vector<std::string>;  // What the sentence's pattern caught.

inline absl::TimeZone Zone() { return absl::FixedTimeZone(8 * 3600); }

class Player {
 public:
  std::string Run(const std::string& text);

 private:
  struct Pattern {
    std::regex regex;
    void (Player::*play)(const Words& words, const Sentence& sentence);
  };
  static const std::vector<Pattern>& Patterns();

  World& world() {
    if (world_ == nullptr) throw Wrong{"先写“时间从……开始。”"};
    return *world_;
  }

  void Begin(const Words& words, const Sentence&) { world_ = std::make_unique<World>(words[0]); }
  void Remark(const Words&, const Sentence&) {}
  void Calendar(const Words& words, const Sentence&) { world().PublishCalendar(words[0]); }
  void Directory(const Words& words, const Sentence&) { world().ApplyDirectory(words[0]); }
  void Procedures(const Words& words, const Sentence&) { world().PublishProcedures(Listed(words[0])); }
  void Time(const Words& words, const Sentence&) { world().AdvanceTo(words[0]); }
  void Open(const Words& words, const Sentence& sentence);
  void OpenMany(const Words& words, const Sentence& sentence);
  void OpenRefused(const Words& words, const Sentence& sentence);
  void Act(const Words& words, const Sentence& sentence);
  void ActRefused(const Words& words, const Sentence& sentence);
  void ActAll(const Words& words, const Sentence& sentence);
  void ActAllAlone(const Words& words, const Sentence& sentence);
  // Acts on every case of somebody's ledger that the sentence means; `who` says in whose name, by case.
  void ActOnRows(const Words& words, const Sentence& sentence,
                 const std::function<std::vector<std::string>(const v1::LedgerRow&)>& who);
  void See(const Words& words, const Sentence& sentence);
  void SeeNot(const Words& words, const Sentence&);
  void Ledger(const Words& words, const Sentence& sentence);
  void Inbox(const Words& words, const Sentence&);
  void InboxNot(const Words& words, const Sentence&);
  void Alerts(const Words& words, const Sentence& sentence);
  void History(const Words& words, const Sentence& sentence);
  void Drawn(const Words& words, const Sentence& sentence);
  void Child(const Words& words, const Sentence&);
  void Find(const Words& words, const Sentence& sentence);
  void OpenedOn(const Words& words, const Sentence& sentence);
  void NameDrawn(const Words& words, const Sentence&);
  void LookAround(const Words& words, const Sentence&);
  void SeesTheSame(const Words& words, const Sentence&);
  void Type(const Words& words, const Sentence& sentence);
  void TypeLines(const Words& words, const Sentence& sentence);
  void TypeInOrder(const Words& words, const Sentence& sentence);
  void TypeNot(const Words& words, const Sentence& sentence);
  void TypeRefused(const Words& words, const Sentence& sentence);
  void TypeFindings(const Words& words, const Sentence& sentence);
  void TypeFailed(const Words& words, const Sentence& sentence);
  void Sheet(const Words& words, const Sentence& sentence);
  void File(const Words& words, const Sentence& sentence);
  void StopServer(const Words&, const Sentence&) { world().StopServer(); }
  void StartServer(const Words&, const Sentence&) { world().StartServer(); }
  void OpenScreen(const Words& words, const Sentence&);
  void ScreenWrites(const Words& words, const Sentence& sentence);
  void ScreenNeverWrote(const Words& words, const Sentence& sentence);
  void ScreensAreAsOpenedNow(const Words&, const Sentence&);
  Screen& ScreenNamed(const std::string& name);

  std::vector<std::string> OpenCommand(const std::string& procedure, const Sentence& sentence);
  std::vector<std::string> ActCommand(const std::string& person, const std::string& name, const std::string& action,
                                      const Sentence& sentence);
  // Fields, reason and remark of a sentence as the command line takes them.
  void AddItems(const cli::ProcedureWords& words, bool parties, const Sentence& sentence,
                std::vector<std::string>* command);
  v1::Case CaseOf(const std::string& person, const std::string& name);
  v1::LedgerFilter FilterOf(const Sentence& sentence);
  std::vector<v1::LedgerRow> Rows(const std::string& person, const v1::LedgerFilter& filter);
  std::vector<std::string> Arguments(const std::string& typed);
  std::string Typed(const Words& words, int* code);
  static void MustRefuse(const e2e::Ran& ran, const std::string& reason);
  static void MustFind(const std::string& text, const Sentence& sentence);

  std::unique_ptr<World> world_;
  std::map<std::string, std::string> looks_;                // What somebody saw all around, by its name.
  std::map<std::string, std::unique_ptr<Screen>> screens_;  // Closed before the world ends.
};

}  // namespace duban::scenarios
