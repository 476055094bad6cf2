// What must hold of every event and of every clock.
#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/city/facts.h"

namespace duban::city {

// What the clock had planned up to `at` has fired.
void Facts::CheckDue(const Case& c, const std::string& name, const Clock& clock, absl::Time at) {
  for (const auto& [rung, planned] : clock.rungs) {
    if (At(planned.at()) > at) continue;
    fail_(absl::StrCat("rung ", rung, " of ", name, " was due at ", Text(At(planned.at())), " and has not fired by ",
                       Text(at)),
          c.name);
  }
}

void Facts::CheckTimers(absl::Time fired_to) {
  for (const auto& [name, c] : cases_) {
    if (!c.open()) continue;
    if (c.moves_at <= fired_to && !c.objected) fail_(absl::StrCat("has not moved on at ", Text(c.moves_at)), name);
    for (const auto& [clock_name, clock] : c.clocks) {
      if (!clock.running) continue;
      CheckDue(c, clock_name, clock, fired_to);
      if (clock.due >= fired_to || IsReport(clock_name)) continue;
      const bool overdue =
          std::any_of(clock.fired.begin(), clock.fired.end(), [](const Fired& fired) { return fired.overdue; });
      if (!overdue && !clock.stays_late) {
        fail_(absl::StrCat("clock ", clock_name, " was due at ", Text(clock.due), " and nobody has been told"), name);
      }
    }
  }
}

// A receipt is that of all cases in the letter that still wait for one.
void Facts::CheckReceipt(const v1::DocumentReceived& received) {
  const v1::DocumentIssued& issued = letters_[received.document()].issued;
  Names left;
  for (const v1::DocumentCaseLeft& one : received.left()) left.insert(one.case_());
  for (const v1::DocumentCase& one : issued.cases()) {
    const Case& c = cases_[one.case_()];
    const Act* act = c.acts.empty() ? nullptr : &c.acts.back();
    const bool taken = commit_.count(one.case_()) > 0 && c.stage == "rectifying" && act != nullptr &&
                       act->action == "acknowledge" && act->person == received.person();
    const bool waits = c.open() && c.stage == "issued" && c.Party("owner") == issued.to();
    if (left.count(one.case_()) > 0 ? taken || waits : !taken) {
      fail_(absl::StrCat(issued.number(), " is taken in, and ",
                         left.count(one.case_()) > 0 ? "leaves" : "does not count for", " this case"),
            c.name);
    }
  }
}

// --- Plans ----------------------------------------------------------------------------------------------------------

// Plans come due on working days where they say so; one for a register is for all who then stand in it.
void Facts::CheckPlanDue(const v1::PlanDue& due) {
  const std::string& source = plan_sources_[due.plan()];
  if (absl::StrContains(source, "adjust: next_working_day") && !days_.IsWorking(DayOf(At(due.at())))) {
    fail_(absl::StrCat("a plan comes due on ", Text(At(due.at())), ", a day off"), due.plan());
  }
  if (At(due.at()) > recorded_) fail_("a plan comes due before its time", due.plan());
  static constexpr char kRegister[] = "for: {register: ";
  const size_t at = source.find(kRegister);
  if (at == std::string::npos) return;
  const size_t from = at + sizeof(kRegister) - 1;
  const std::string reg = source.substr(from, source.find('}', from) - from);
  const Names listed = Listed(reg);
  if (Names(due.population().begin(), due.population().end()) != listed) {
    fail_(absl::StrCat("a plan is for ", due.population_size(), " units, ", reg, " has ", listed.size()), due.plan());
  }
}

// A case for each of the population and no other, but for those that the job says were refused.
void Facts::CheckPlanJob(const PlanCame& came) {
  std::multiset<std::string> left;
  for (const std::string& one : came.population) left.insert(tree_.UnitOf(one));
  for (const std::string& name : came.opened) {
    const Case& c = cases_[name];
    const bool expected = std::any_of(c.parties.begin(), c.parties.end(), [&](const auto& party) {
      return party.second.size() == 1 && left.count(party.second[0]) > 0 && left.extract(party.second[0]);
    });
    if (!expected) fail_(absl::StrCat(came.plan, " ", came.occurrence, " was for somebody else"), name);
    if (DayOf(c.opened_at) != DayOf(came.at)) fail_("not opened on the day on which " + came.plan + " came due", name);
  }
  if (static_cast<int64_t>(left.size()) != came.refused) {
    fail_(absl::StrCat(came.plan, " ", came.occurrence, " has opened nothing for ", left.size(), " of ",
                       came.population.size(), ", and refused ", came.refused),
          came.plan);
  }
}

// --- Teams
// ------------------------------------------------------------------------------------------------------------

// Who acts by a team's right is of a team that works, and the owner is within its scope.
void Facts::CheckMandate(const Case& c, const v1::ActionTaken& taken) {
  const Case* team = FindCase(taken.through());
  if (team == nullptr || team->stage != "working") return fail_("a team acts that does not work", c.name);
  bool member = false, within = false;
  for (const char* party : {"leader", "members"}) {
    const auto bound = team->parties.find(party);
    if (bound == team->parties.end()) continue;
    for (const std::string& id : bound->second) member = member || tree_.ReachesByItself(taken.person(), id);
  }
  const auto scope = team->fields.find("scope");
  if (scope != team->fields.end()) {
    for (const v1::Value& unit : scope->second) within = within || tree_.IsBelow(c.Party("owner"), unit.reference());
  }
  if (!member) fail_(taken.person() + " acts for a team that is not his", c.name);
  if (!within) fail_("a team acts beyond its scope", c.name);
}

}  // namespace duban::city
