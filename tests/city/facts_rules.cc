// What the procedures' rules (rules.h) say of every step that is taken and of every end.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/city/facts.h"

namespace duban::city {
namespace {

constexpr char kIssue[] = "issue";
constexpr char kHead[] = ".head";

std::vector<std::string> BoundTo(const Case& c, const std::string& party) {
  const std::vector<std::string>* bound = FindIn(c.parties, party);
  return bound == nullptr ? std::vector<std::string>() : *bound;
}

std::vector<std::string> PersonsOf(const Act& act) {
  std::vector<std::string> out;
  for (const std::string& person : {act.person, act.on_behalf_of, act.entered_by}) {
    if (!person.empty()) out.push_back(person);
  }
  return out;
}

// Of the acts of the round the last of one of these, "a|b"; -1 where there is none.
int LastOf(const Case& c, const std::string& actions) {
  const std::vector<std::string> any = absl::StrSplit(actions, '|');
  for (size_t i = c.acts.size(); i > 0; --i) {
    if (std::find(any.begin(), any.end(), c.acts[i - 1].action) != any.end()) return static_cast<int>(i) - 1;
  }
  return -1;
}

}  // namespace

// Whoever takes a step, or asks for it, or decides on it, does so for a party for which the file has it, and is nobody
// who never may.
void Facts::CheckStep(const Case& c, const Act& act, bool asked_before) {
  const Rules* rules = RulesOf(c.procedure);
  if (rules == nullptr) return fail_(absl::StrCat("nobody judges ", c.procedure), c.name);
  const Takes* takes = TakersOf(*rules, act.action);
  if (takes == nullptr) {
    const bool built_in = IsBuiltIn(act.action) || act.action == "void" || act.action == "approve_void";
    if (!built_in) fail_(absl::StrCat("nobody judges who takes ", act.action, " of ", c.procedure), c.name);
    return;
  }
  bool may = asked_before;
  for (std::string party : Words(takes->parties)) {
    const bool head = absl::EndsWith(party, kHead);
    if (head) party.resize(party.size() - (sizeof(kHead) - 1));
    const std::string right = party == rules->issues ? kIssue : "";
    for (const std::string& id : BoundTo(c, party)) {
      const v1::Unit* unit = head ? tree_.FindUnit(tree_.UnitOf(id)) : nullptr;
      may = may || tree_.ActsFor(act.person, unit == nullptr ? id : unit->head(), right);
    }
    for (const Never& never : rules->never) {
      if (never.party == party) CheckNever(c, never, act);
    }
  }
  if (!may) fail_(absl::StrCat(act.person, " takes ", act.action, ", which is for ", takes->parties), c.name);
}

void Facts::CheckNever(const Case& c, const Never& never, const Act& act) {
  for (const std::string& person : PersonsOf(act)) {
    const Names served = tree_.UnitsServed(person);
    for (const std::string& other : Words(never.unit_of)) {
      for (const std::string& id : BoundTo(c, other)) {
        if (served.count(tree_.UnitOf(id)) == 0) continue;
        fail_(absl::StrCat(person, " of ", tree_.UnitOf(id), ", ", other, ", takes ", act.action), c.name);
      }
    }
    for (const std::string& other : Words(never.person_of)) {
      for (const std::string& id : BoundTo(c, other)) {
        if (tree_.ReachesByItself(person, id)) fail_(absl::StrCat(person, ", ", other, ", takes ", act.action), c.name);
      }
    }
    for (const std::string& other : Words(never.related_to)) {
      for (const std::string& id : BoundTo(c, other)) {
        if (tree_.Related(person, id))
          fail_(absl::StrCat(person, ", related to ", other, ", takes ", act.action), c.name);
      }
    }
    for (const std::string& earlier : Words(never.acted_in)) {
      for (const Act& before : c.acts) {
        if (before.action != earlier && before.action != "approve_" + earlier) continue;
        const std::vector<std::string> persons = PersonsOf(before);
        if (std::find(persons.begin(), persons.end(), person) == persons.end()) continue;
        fail_(absl::StrCat(person, " takes ", act.action, " after ", before.action), c.name);
      }
    }
  }
}

// Nor is anybody bound who never may.
void Facts::CheckBound(const Case& c, const std::string& party) {
  const Rules* rules = RulesOf(c.procedure);
  if (rules == nullptr) return fail_(absl::StrCat("nobody judges ", c.procedure), c.name);
  for (const Never& never : rules->never) {
    for (const std::string& other : Words(never.unit_of)) {
      if (never.party != party && other != party) continue;
      for (const std::string& id : BoundTo(c, never.party)) {
        for (const std::string& theirs : BoundTo(c, other)) {
          if (tree_.UnitOf(id).empty() || tree_.UnitOf(id) != tree_.UnitOf(theirs)) continue;
          fail_(absl::StrCat(id, " is bound to ", never.party, ", and is of the unit of ", other), c.name);
        }
      }
    }
  }
}

// What is not for everybody is not for an auditor either, who learns that it is there and nothing more; personal data
// is for nobody in events.
void Facts::CheckMasked(const Case& c, const google::protobuf::RepeatedPtrField<v1::FieldValue>& fields) {
  for (const v1::FieldValue& field : fields) {
    if (HiddenIn(c.procedure, field.field()) == nullptr) continue;
    const bool masked = std::all_of(field.values().begin(), field.values().end(), [](const v1::Value& value) {
      return value.has_sealed() && value.sealed().ByteSizeLong() == 0;
    });
    if (!masked) fail_(absl::StrCat("events tell ", field.field()), c.name);
  }
}

// A stage that ends by itself does so in its time.
void Facts::CheckTimed(const Case& c, const v1::StageEntered& entered) {
  const Rules* rules = RulesOf(c.procedure);
  if (rules == nullptr) return;
  for (const Timed& timed : rules->timed) {
    if (timed.stage != entered.stage()) continue;
    const absl::Time at = At(entered.at());
    absl::Time end;
    switch (timed.counts) {
      case Timed::kWorkingDaysBothEnds:
        end = TimeOn(days_.After(days_.After(DayOf(at), 0), timed.count - 1) + 1, 0);
        break;
      case Timed::kWorkingDays:
        end = TimeOn(days_.After(DayOf(at), timed.count) + 1, 0);
        break;
      case Timed::kDays:
        end = TimeOn(DayOf(at) + timed.count + 1, 0);
        break;
      case Timed::kHours:
        end = at + absl::Hours(timed.count) + absl::Milliseconds(1);
        break;
    }
    if (c.moves_at != end || c.moves_to != timed.to) {
      fail_(absl::StrCat(timed.stage, " of ", Text(at), " ends at ", Text(c.moves_at), " in ", c.moves_to, ", not at ",
                         Text(end), " in ", timed.to),
            c.name);
    }
  }
}

// --- No closing without its checks ----------------------------------------------------------------------------------

void Facts::CheckEnd(const Case& c) {
  if (c.end == v1::END_KIND_MERGED && c.merged_into.empty()) fail_("merged into nothing", c.name);
  if (c.end != v1::END_KIND_DONE) return;
  const Rules* rules = RulesOf(c.procedure);
  std::vector<std::string> least;
  bool judged = false;
  for (const Ending& ending : rules == nullptr ? std::vector<Ending>() : rules->done) {
    if (ending.stage != c.stage) continue;
    std::vector<std::string> lacks = LacksOf(c, ending);
    if (!judged || lacks.size() < least.size()) least = std::move(lacks);
    judged = true;
  }
  if (!judged) return fail_(absl::StrCat("nobody judges how ", c.procedure, " is done in ", c.stage), c.name);
  if (!least.empty()) fail_(absl::StrCat("comes to ", c.stage, " without ", absl::StrJoin(least, ", ")), c.name);
}

std::vector<std::string> Facts::LacksOf(const Case& c, const Ending& ending) const {
  std::vector<std::string> lacks;
  int before = -1;
  for (const auto group : absl::StrSplit(ending.steps, " > ")) {
    int newest = before;
    for (const std::string& step : Words(std::string(group))) {
      const int at = LastOf(c, step);
      if (at < 0) lacks.push_back(step);
      if (at >= 0 && at < before) lacks.push_back(absl::StrCat(step, " in its turn"));
      newest = std::max(newest, at);
    }
    before = newest;
  }
  for (const auto pair : absl::StrSplit(ending.answered, ", ", absl::SkipEmpty())) {
    const std::vector<std::string> words = Words(std::string(pair));
    if (LastOf(c, words[1]) < LastOf(c, words[0])) lacks.push_back(absl::StrCat(words[1], " after ", words[0]));
  }
  for (const std::string& field : Words(ending.fields)) {
    if (c.fields.count(field) == 0) lacks.push_back(field);
  }
  if (!ending.waited.empty() && (c.left != ending.waited || c.ended_at < c.left_moves_at)) {
    lacks.push_back(absl::StrCat("the end of ", ending.waited));
  }
  if (!ending.one.empty() && BoundTo(c, ending.one).size() != 1) lacks.push_back("one " + ending.one);
  if (ending.parts) {
    for (const std::string& part : c.parts) {
      if (cases_.at(part).open()) lacks.push_back(absl::StrCat("the end of its part ", part));
    }
  }
  if (!ending.opens.empty()) {
    const bool opened = std::any_of(commit_.begin(), commit_.end(), [&](const auto& part) {
      const Case* child = FindIn(cases_, part.first);
      return child != nullptr && child->parent == c.name && child->procedure == ending.opens;
    });
    if (!opened) lacks.push_back("a " + ending.opens);
  }
  if (!ending.enters.empty()) {
    const bool entered = std::any_of(c.entries.begin(), c.entries.end(), [&](const auto& entry) {
      return entry.second.register_() == ending.enters && entry.second.subject() == c.Party(ending.entered);
    });
    if (!entered) lacks.push_back("an entry in " + ending.enters);
  }
  return lacks;
}

}  // namespace duban::city
