// What holds whichever way a case goes: it can always be brought to an end, and where it waits some clock runs.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/procedure/check.h"
#include "engine/procedure/waiting.h"

namespace duban::engine::language {
namespace {

bool Ends(const Stage& stage) { return stage.end != v1::END_KIND_UNSPECIFIED; }

// Stages in which a case, or a further round of it, begins.
std::vector<std::string> Beginnings(const Checked& c) {
  std::vector<std::string> out = {c.procedure.stages.front().name};
  for (const std::string& stage : ReopenedAt(c)) {
    if (!absl::c_linear_search(out, stage)) out.push_back(stage);
  }
  return out;
}

// Whether somebody of these is there in every case.
bool SurelyThere(const Procedure& p, const std::vector<Role>& roles) {
  return std::any_of(roles.begin(), roles.end(), [&](const Role& role) { return !p.FindParty(role.party)->optional; });
}

// Whether some procedure opens this one again, in a further round.
bool IsReopened(const Checked& c) { return !ReopenedAt(c).empty(); }

// --- An end can always be reached ---

// Values that guards ask about, by variable: a field by what it holds, anything else by whether it is so.
class Facts {
 public:
  // What a field may hold beside the values that guards name.
  struct Range {
    bool may_be_empty = false;
  };

  // Beyond so many combinations nobody can tell; then the guards are given the benefit of the doubt.
  static constexpr size_t kCombinationsMax = 4096;

  Facts(const Procedure& p, bool reopened) : p_(p), reopened_(reopened) {}

  void Note(const Guard& guard, Range range) {
    std::vector<std::string>& values = values_[VariableOf(guard)];
    if (!OfField(guard) || p_.FindField(guard.subject)->many) {
      values = {"", Wanted(guard)};
      if (guard.test == Guard::Test::kFirstRound && !reopened_) values = {Wanted(guard)};
      return;
    }
    const Field& field = *p_.FindField(guard.subject);
    if (values.empty()) {
      values.emplace_back(kOther);
      if (range.may_be_empty) values.emplace_back("");
    }
    if (guard.test == Guard::Test::kFieldIs && !absl::c_linear_search(values, guard.value))
      values.push_back(guard.value);
    // A choice all of whose codes are named holds nothing else.
    for (const CodeTable& table : p_.codes) {
      if (field.type != FieldType::kChoice || table.name != field.codes) continue;
      const bool all = std::all_of(table.codes.begin(), table.codes.end(),
                                   [&](const Code& code) { return absl::c_linear_search(values, code.id); });
      if (all) values.erase(std::remove(values.begin(), values.end(), kOther), values.end());
    }
  }

  // Whether it holds of every combination of the values; of some.
  bool Always(absl::FunctionRef<bool()> holds) {
    return !Find([&] { return !holds(); }).value_or(false);
  }
  bool Sometimes(absl::FunctionRef<bool()> holds) { return Find(holds).value_or(true); }

  // In the combination at hand. Guards that were not noted are met.
  bool Hold(const std::vector<Guard>& guards) const {
    return std::all_of(guards.begin(), guards.end(), [&](const Guard& guard) {
      const auto value = now_.find(VariableOf(guard));
      if (value == now_.end()) return true;
      const bool so = guard.test == Guard::Test::kFieldSet ? !value->second.empty() : value->second == Wanted(guard);
      return so != guard.negated;
    });
  }

 private:
  static constexpr char kOther[] = "\x01";  // A value that no guard names.

  static bool OfField(const Guard& guard) {
    return guard.test == Guard::Test::kFieldIs || guard.test == Guard::Test::kFieldSet;
  }
  static std::string Wanted(const Guard& guard) { return guard.test == Guard::Test::kFieldIs ? guard.value : "yes"; }

  // A field that holds many values may hold any mixture of them: each is a variable of its own.
  std::string VariableOf(const Guard& guard) const {
    const bool alone = !OfField(guard) || p_.FindField(guard.subject)->many;
    return absl::StrCat(OfField(guard) ? "field" : absl::StrCat(static_cast<int>(guard.test)), " ", guard.subject, " ",
                        alone ? guard.value : "");
  }

  // Whether there is such a combination; nothing where there are too many to look at.
  std::optional<bool> Find(absl::FunctionRef<bool()> holds) {
    size_t combinations = 1;
    for (const auto& [name, values] : values_) {
      combinations *= values.size();
      if (combinations > kCombinationsMax) return std::nullopt;
    }
    for (size_t i = 0; i < combinations; ++i) {
      size_t rest = i;
      for (const auto& [name, values] : values_) {
        now_[name] = values[rest % values.size()];
        rest /= values.size();
      }
      if (holds()) return true;
    }
    return false;
  }

  const Procedure& p_;
  const bool reopened_;
  std::map<std::string, std::vector<std::string>> values_;
  std::map<std::string, std::string> now_;
};

// Whether anybody can take it whenever its guards hold.
bool IsOpen(const Procedure& p, const Action& action) {
  return SurelyThere(p, action.by) && (action.approved_by.empty() || SurelyThere(p, action.approved_by));
}

// Whether it opens a case for each of several, itself or by where it leads: then it may be refused.
bool OpensForEach(const Procedure& p, const Action& action) {
  const auto for_each = [](const std::optional<Opens>& opens) { return opens.has_value() && !opens->each.empty(); };
  return for_each(action.opens) || std::any_of(p.stages.begin(), p.stages.end(), [&](const Stage& stage) {
           return for_each(stage.opens) && (action.to == stage.name || action.to == "previous");
         });
}

// Whether it begins collecting: that is refused where a group has nobody, or who is rated would see who has voted.
bool BeginsCollecting(const Procedure& p, const Action& action) {
  return std::any_of(p.stages.begin(), p.stages.end(), [&](const Stage& stage) {
    return stage.collect.has_value() && (action.to == stage.name || action.to == "previous");
  });
}

// Fields that those who wait in a stage may fill there as they like, as often as they like, without leaving it; and
// whether they may clear them too.
std::map<std::string, Facts::Range> FilledIn(const Procedure& p, const Stage& stage) {
  std::map<std::string, Facts::Range> out;
  for (const Action& action : stage.actions) {
    const bool stays = action.to.empty() || action.to == stage.name;
    const bool free = action.when.empty() && action.at_most.count == 0 && !OpensForEach(p, action);
    if (!stays || !free || !IsOpen(p, action)) continue;
    const auto fixed = [&](const std::string& name) {
      return std::any_of(action.sets.begin(), action.sets.end(), [&](const auto& set) { return set.first == name; });
    };
    for (const std::string& name : action.needs) {
      if (p.FindField(name) != nullptr && !fixed(name)) out[name];
    }
    for (const std::string& name : action.takes) {
      if (!fixed(name)) out[name].may_be_empty |= !p.FindField(name)->required;
    }
  }
  return out;
}

class Sureness {
 public:
  explicit Sureness(const Checked& c) : c_(c), p_(c.procedure), beginnings_(Beginnings(c)), reopened_(IsReopened(c)) {
    for (const Stage& stage : p_.stages) {
      if (Ends(stage)) sure_.insert(stage.name);
    }
    for (bool more = true; more;) {
      more = false;
      for (const Stage& stage : p_.stages) {
        if (sure_.count(stage.name) == 0 && IsSure(stage)) more = sure_.insert(stage.name).second;
      }
    }
  }

  void Report() const {
    for (const Stage& stage : p_.stages) {
      if (sure_.count(stage.name) != 0) continue;
      std::vector<std::string> doubts;
      std::vector<std::string> doubts_en;
      for (const Action& action : stage.actions) {
        const auto [zh, en] = WhyNot(stage, action);
        if (zh.empty()) continue;
        doubts.push_back(absl::StrCat("“", action.name, "”", zh));
        doubts_en.push_back(absl::StrCat("\"", action.name, "\" ", en));
      }
      if (stage.after.has_value() && MayStandIn(p_, stage.name)) {
        doubts.emplace_back("到时流转在有异议时暂停，而异议不是随时都能在此处理");
        doubts_en.emplace_back(
            "the timed move waits while an objection stands, which cannot be settled here at any time");
      }
      c_.Error("NO_SURE_WAY", {"stages", stage.name},
               absl::StrCat("从环节“", stage.name, "”出发，有时走不到结束：", absl::StrJoin(doubts, "；"),
                            "。请给出一个任何时候都能办、通向结束的操作，或 after。"),
               absl::StrCat("From stage \"", stage.name,
                            "\" there may be no way to an end: ", absl::StrJoin(doubts_en, "; "),
                            ". Give it an action towards an end that can be taken at any time, or an \"after\"."));
    }
  }

 private:
  // Where an action leads; all of it must be sure.
  std::vector<std::string> Targets(const Stage& stage, const Action& action) const {
    if (action.to != "previous") return {action.to};
    std::vector<std::string> out = StagesBefore(p_, stage);
    // Who has come into a stage from itself goes back to itself.
    const bool again = std::any_of(stage.actions.begin(), stage.actions.end(),
                                   [&](const Action& other) { return other.to == stage.name; });
    if (again) out.push_back(stage.name);
    for (const Way& way : WaysOut(p_, stage)) {
      // Whoever went on from here and came back by `previous` goes there again.
      const Stage& next = *p_.FindStage(way.to);
      const bool returns =
          std::any_of(next.actions.begin(), next.actions.end(), [](const Action& a) { return a.to == "previous"; });
      if (returns && !absl::c_linear_search(out, way.to)) out.push_back(way.to);
    }
    return out;
  }

  // Whether a case that goes there may come to this stage.
  bool ComesTo(const Stage& stage, std::vector<std::string> next) const {
    std::set<std::string> reached;
    while (!next.empty()) {
      const std::string at = next.back();
      next.pop_back();
      if (!reached.insert(at).second) continue;
      for (const Way& way : WaysOut(p_, *p_.FindStage(at))) next.push_back(way.to);
    }
    return reached.count(stage.name) != 0;
  }

  // Whether it may have been taken before in the time for which its cap counts: here, or elsewhere under its name.
  bool MayBeSpent(const Stage& stage, const Action& action) const {
    if (action.at_most.count == 0) return false;
    if (reopened_ && !action.at_most.per_round) return true;
    for (const Stage& other : p_.stages) {
      const Action* same = p_.FindAction(other.name, action.name);
      if (same == nullptr) continue;
      const bool leaves = other.name == stage.name || !same->to.empty();
      if (ComesTo(stage, leaves ? Targets(other, *same) : std::vector<std::string>{other.name})) return true;
    }
    return false;
  }

  // Whether it may be that nobody can take it though its guards hold, and why.
  std::pair<std::string, std::string> Doubt(const Stage& stage, const Action& action) const {
    if (!SurelyThere(p_, action.by)) return {"只有可缺省的参与方能办", "is for optional parties alone"};
    if (!IsOpen(p_, action)) return {"只有可缺省的参与方能批准", "is approved by optional parties alone"};
    if (MayBeSpent(stage, action)) {
      return {"次数用完后不能再办", "cannot be taken once its number of times is used up"};
    }
    if (OpensForEach(p_, action)) {
      return {"要逐个开启事项，有一件开不成就不能办",
              "opens a case for each, and cannot be taken where one cannot be opened"};
    }
    if (BeginsCollecting(p_, action)) {
      return {"要开始评议，评议主体没有人时不能办", "begins a rating, and cannot be taken where a group has nobody"};
    }
    if (!action.rebinds_superior.empty()) {
      return {"要上提一级，没有上级单位时不能办", "passes a party to the unit above, and there may be none"};
    }
    if (action.to == "previous" && absl::c_linear_search(beginnings_, stage.name)) {
      return {"在本轮起始的环节无处可回", "has nowhere to go back to where a round begins"};
    }
    const Stage* to = p_.FindStage(action.to);
    if (to != nullptr && !to->reopens_to.empty()) {
      return {"要等上级事项办结才能办", "has to wait until the parent case has ended"};
    }
    return {};
  }

  std::pair<std::string, std::string> WhyNot(const Stage& stage, const Action& action) const {
    if (action.to.empty() || action.to == stage.name) return {};
    std::pair<std::string, std::string> doubt = Doubt(stage, action);
    if (!doubt.first.empty()) return doubt;
    for (const std::string& to : Targets(stage, action)) {
      if (sure_.count(to) == 0) {
        return {absl::StrCat("通向“", to, "”，从那里也不一定走得到"),
                absl::StrCat("leads to \"", to, "\", from where it is no surer")};
      }
    }
    return {"有条件", "is under conditions"};
  }

  bool LeadsToAnEnd(const Stage& stage, const Action& action) const {
    if (action.to.empty() || action.to == stage.name || !Doubt(stage, action).first.empty()) return false;
    const std::vector<std::string> targets = Targets(stage, action);
    return !targets.empty() &&
           std::all_of(targets.begin(), targets.end(), [&](const auto& to) { return sure_.count(to) != 0; });
  }

  bool IsSure(const Stage& stage) const {
    const bool too_few = !stage.collect.has_value() || sure_.count(stage.collect->below_quorum) != 0;
    std::vector<const Action*> ways;
    Action by_time;  // The timed move, as something that comes while no objection stands.
    if (stage.after.has_value() && sure_.count(stage.after->to) != 0 && too_few) {
      if (!MayStandIn(p_, stage.name)) return true;
      Guard& unopposed = by_time.when.emplace_back();
      unopposed.test = Guard::Test::kObjectionOpen;
      unopposed.negated = true;
      ways.push_back(&by_time);
    }
    for (const Action& action : stage.actions) {
      if (LeadsToAnEnd(stage, action)) ways.push_back(&action);
    }
    if (ways.empty()) return false;
    // What can be filled here is chosen so that a way opens; what cannot is as it is, and some way has to be open.
    const std::map<std::string, Facts::Range> filled = FilledIn(p_, stage);
    const auto chosen = [&](const Guard& guard) {
      const bool of_field = guard.test == Guard::Test::kFieldIs || guard.test == Guard::Test::kFieldSet;
      return of_field && filled.count(guard.subject) != 0;
    };
    Facts given(p_, reopened_);
    std::vector<const Action*> open;
    for (const Action* way : ways) {
      Facts choice(p_, reopened_);
      for (const Guard& guard : way->when) {
        if (chosen(guard)) choice.Note(guard, filled.at(guard.subject));
      }
      if (!choice.Sometimes([&] { return choice.Hold(way->when); })) continue;
      open.push_back(way);
      for (const Guard& guard : way->when) {
        if (!chosen(guard) && !ComesToHold(stage, guard)) given.Note(guard, {MayBeEmpty(guard)});
      }
    }
    return given.Always([&] {
      return std::any_of(open.begin(), open.end(), [&](const Action* way) { return given.Hold(way->when); });
    });
  }

  // What others bring about: parts come to their ends as this case does, of suggestions those asked decide, and
  // objections are settled where somebody can do so at any time, without leaving.
  bool ComesToHold(const Stage& stage, const Guard& guard) const {
    if (!guard.negated) return false;
    if (guard.test != Guard::Test::kObjectionOpen) {
      return guard.test == Guard::Test::kPartsOpen || guard.test == Guard::Test::kSuggestionOpen;
    }
    return std::any_of(stage.actions.begin(), stage.actions.end(), [&](const Action& action) {
      const bool stays = action.to.empty() || action.to == stage.name;
      const bool free = std::all_of(action.when.begin(), action.when.end(),
                                    [](const Guard& g) { return g.test == Guard::Test::kObjectionOpen && !g.negated; });
      return action.objection == v1::OBJECTION_SETTLED && stays && free && Doubt(stage, action).first.empty();
    });
  }

  bool MayBeEmpty(const Guard& guard) const {
    const Field* field = p_.FindField(guard.subject);
    return field != nullptr && !field->required;
  }

  const Checked& c_;
  const Procedure& p_;
  const std::vector<std::string> beginnings_;
  const bool reopened_;
  std::set<std::string> sure_;
};

// --- Wherever a case waits some clock runs ---

void CheckTimed(const Checked& c) {
  std::vector<Situation> beginnings;
  for (const std::string& stage : Beginnings(c)) beginnings.push_back(BeginsIn(c.procedure, stage));
  for (const Untimed& found : FindUntimed(c.procedure, beginnings)) {
    if (found.objection) {
      c.Error(
          "NO_DEADLINE", {"stages", found.stage},
          absl::StrCat("环节“", found.stage, "”有异议时到时流转暂停，没有时限在走（例如经 ", found.way,
                       " 到此）；请写 within，或让某个时钟从提出异议走到处理完，或写明 no_deadline 的理由。"),
          absl::StrCat("In stage \"", found.stage,
                       "\" the timed move waits while an objection stands, and no clock runs (for example by way of ",
                       found.way,
                       "): write \"within\", let a clock run from the objection to its settlement, or state why "
                       "not in \"no_deadline\"."));
      continue;
    }
    c.Error(
        "NO_DEADLINE", {"stages", found.stage},
        absl::StrCat("环节“", found.stage, "”有时没有时限在走（例如经 ", found.way,
                     " 到此）；请写 within、after，让某个时钟在此运行，或写明 no_deadline 的理由。"),
        absl::StrCat("In stage \"", found.stage, "\" it may be that no clock runs (for example by way of ", found.way,
                     "): write \"within\" or \"after\", let a clock run here, or state why not in "
                     "\"no_deadline\"."));
  }
}

// Time may not do what may be refused: a parent that has not ended cannot be reopened, and then the case stands still.
void CheckReopensByHand(const Checked& c) {
  const auto refuse = [&](const Stage& stage, const std::string& to, const std::vector<std::string>& key) {
    const Stage* target = c.procedure.FindStage(to);
    if (target == nullptr || target->reopens_to.empty()) return;
    Path path = {"stages", stage.name};
    path.insert(path.end(), key.begin(), key.end());
    c.Error("REOPENS_MISMATCH", path,
            absl::StrCat("环节“", to, "”要重开上级事项，上级事项可能尚未办结，不能到时自动进入；请由人办理。"),
            absl::StrCat("Stage \"", to,
                         "\" reopens the parent case, which may not have ended: let a person lead there, not time."));
  };
  for (const Stage& stage : c.procedure.stages) {
    if (stage.after.has_value()) refuse(stage, stage.after->to, {"after"});
    if (stage.collect.has_value()) refuse(stage, stage.collect->below_quorum, {"collect", "below_quorum"});
  }
}

}  // namespace

void CheckSure(const Checked& c) {
  // What is wrong with the graph itself has been said.
  if (c.findings.errors() > 0) return;
  Sureness(c).Report();
  CheckTimed(c);
  CheckReopensByHand(c);
}

}  // namespace duban::engine::language
