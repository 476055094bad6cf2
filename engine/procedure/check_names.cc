#include <map>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/procedure/check.h"
#include "engine/procedure/reader.h"
#include "engine/procedure/span.h"

namespace duban::engine::language {
namespace {

// Reports names that lead nowhere, each with the nearest that is there.
class Names {
 public:
  explicit Names(const Checked& c)
      : c_(c),
        parties_(c.procedure.parties),
        fields_(c.procedure.fields),
        stages_(c.procedure.stages),
        clocks_(c.procedure.clocks) {
    for (const Stage& stage : c.procedure.stages) actions_.Add(stage.actions);
  }

  void PartyName(const std::string& name, Path path) const {
    absl::string_view unit = name;
    if (absl::ConsumeSuffix(&unit, ".superior") && parties_.Has(unit)) {
      c_.Error("UNDECLARED_PARTY", path,
               absl::StrCat("此处不能写“", name, "”：上级只用于 ask 和评议主体；可以写“", unit, ".head”，即其负责人。"),
               absl::StrCat("\"", name, "\" cannot stand here: superiors are for \"ask\" and for groups that rate; \"",
                            unit, ".head\" can."));
      return;
    }
    In(parties_, name, path, "UNDECLARED_PARTY", "参与方", "party");
  }
  void FieldName(const std::string& name, Path path) const {
    In(fields_, name, path, "UNDECLARED_FIELD", "字段", "field");
  }
  // The field of a deadline; a length of time stands elsewhere.
  void DueName(const std::string& name, const Path& path) const {
    if (!ParseSpan(name).has_value()) return FieldName(name, path);
    c_.Error("UNDECLARED_FIELD", path, absl::StrCat("“", name, "”是时长，请写在 budget；due 写期限字段的名字。"),
             absl::StrCat("\"", name, "\" is a length of time and belongs under \"budget\"; \"due\" names a field."));
  }
  void StageName(const std::string& name, Path path) const {
    In(stages_, name, path, "UNDECLARED_STAGE", "环节", "stage");
  }
  void ClockName(const std::string& name, Path path) const {
    In(clocks_, name, path, "UNDECLARED_CLOCK", "时钟", "clock");
  }
  // Those for each of whom a case is opened.
  void MembersName(const std::string& name, Path path) const {
    Known known = parties_;
    known.Add(c_.procedure.fields);
    In(known, name, path, "UNDECLARED_PARTY", "参与方或字段", "party or field");
  }
  void ActionName(const std::string& name, Path path) const {
    In(actions_, name, path, "UNDECLARED_ACTION", "操作", "action");
  }
  void ProcedureName(const std::string& name, Path path) const {
    Known known;
    for (const Procedure* other : c_.others) known.Add(other->name, other->title.zh());
    if (!known.Has(name) && absl::StrContains(name, ".yaml")) {
      c_.Error("UNDECLARED_PROCEDURE", path,
               absl::StrCat("“", name, "”是文件名；请写规程的名字，即那个文件里 procedure 后面所写的。"),
               absl::StrCat("\"", name, "\" is the name of a file; write the procedure's, as it stands behind ",
                            "\"procedure\" in that file."));
      return;
    }
    In(known, name, path, "UNDECLARED_PROCEDURE", "规程", "procedure");
  }

  void Parties(const std::vector<std::string>& names, const Path& path) const {
    for (const std::string& name : names) PartyName(name, With(path, name));
  }
  void Fields(const std::vector<std::string>& names, const Path& path) const {
    for (const std::string& name : names) FieldName(name, With(path, name));
  }
  // Fields, and what every action has.
  void Needs(const std::vector<std::string>& names, const Path& path) const {
    for (const std::string& name : names) {
      if (name != "reason" && name != "note") FieldName(name, With(path, name));
    }
  }
  void Stages(const std::vector<std::string>& names, const Path& path) const {
    for (const std::string& name : names) StageName(name, With(path, name));
  }
  // Stages, and actions as "action:<name>".
  void Starts(const std::vector<std::string>& names, const Path& path) const {
    for (const std::string& name : names) {
      absl::string_view rest = name;
      if (absl::ConsumePrefix(&rest, "action:")) {
        ActionName(std::string(rest), With(path, name));
      } else if (!stages_.Has(name) && actions_.Has(name)) {
        c_.Error("UNDECLARED_STAGE", With(path, name),
                 absl::StrCat("“", name, "”是操作，此处应写“action:", name, "”，或写环节的名字。"),
                 absl::StrCat("\"", name, "\" is an action: write \"action:", name, "\" here, or a stage."));
      } else {
        StageName(name, With(path, name));
      }
    }
  }
  void Roles(const std::vector<Role>& roles, const Path& path) const {
    for (const Role& role : roles) {
      const std::string written = Written(role);
      PartyName(role.party, With(path, written));
      const Party* party = c_.procedure.FindParty(role.party);
      if ((role.head || role.superior) && party != nullptr && party->kind != PartyKind::kUnit) {
        c_.Error("HEAD_OF_NO_UNIT", With(path, written),
                 absl::StrCat("“", role.party, "”不是单位，没有负责人（.head）和上级（.superior）。"),
                 absl::StrCat("\"", role.party, "\" is not a unit and has no head and no superior."));
      }
    }
  }

  Path GuardAt(const Stage& stage, const Action& action, size_t guard) const {
    return GuardPath(c_.root, stage, action, guard);
  }

  static Path With(Path path, const std::string& step) {
    path.push_back(step);
    return path;
  }

 private:
  void In(const Known& known, const std::string& name, const Path& path, const char* rule, const char* zh,
          const char* en) const {
    if (known.Has(name)) return;
    const v1::Text nearest = known.Meant(name);
    c_.Error(rule, path, absl::StrCat("没有名为“", name, "”的", zh, "，请先定义或改正名字。", nearest.zh()),
             absl::StrCat("There is no ", en, " \"", name, "\"; define it or correct the name.", nearest.en()));
  }

  const Checked& c_;
  Known parties_;
  Known fields_;
  Known stages_;
  Known clocks_;
  Known actions_;
};

void CheckOpens(const Names& names, const std::optional<Opens>& opens, Path path) {
  if (!opens.has_value()) return;
  path.push_back("opens");
  names.ProcedureName(opens->procedure, Names::With(path, "procedure"));
  if (!opens->each.empty()) names.MembersName(opens->of, Names::With(Names::With(path, "for_each"), opens->each));
  path.push_back("bind");
  for (const auto& [theirs, ours] : opens->bind) names.PartyName(ours, Names::With(path, theirs));
  path.back() = "set";
  for (const auto& [theirs, ours] : opens->set) names.FieldName(ours, Names::With(path, theirs));
}

void CheckAction(const Names& names, const Stage& stage, const Action& action) {
  names.Roles(action.by, ActionPath(stage, action, "by"));
  if (!action.to.empty() && action.to != "previous") names.StageName(action.to, ActionPath(stage, action, "to"));
  names.Needs(action.needs, ActionPath(stage, action, "needs"));
  names.Fields(action.takes, ActionPath(stage, action, "takes"));
  names.Roles(action.approved_by, ActionPath(stage, action, "approved_by"));
  names.Parties(action.rebinds_superior, ActionPath(stage, action, "rebind"));
  for (const auto& [field, value] : action.sets) {
    names.FieldName(field, Names::With(Names::With(ActionPath(stage, action, "sets"), field), kItsKey));
  }
  for (size_t i = 0; i < action.when.size(); ++i) {
    const Guard& guard = action.when[i];
    Path path = names.GuardAt(stage, action, i);
    // Of {field_is: {field: value}} the field is the key, of {in_register: {register: party}} the party what it holds.
    if (guard.test == Guard::Test::kFieldIs) path.emplace_back(kItsKey);
    if (guard.test == Guard::Test::kFieldIs || guard.test == Guard::Test::kFieldSet)
      names.FieldName(guard.subject, path);
    if (guard.test == Guard::Test::kBeforeDue) names.ClockName(guard.subject, path);
    if (guard.test == Guard::Test::kInRegister && !guard.subject.empty()) names.PartyName(guard.subject, path);
  }
  CheckOpens(names, action.opens, ActionPath(stage, action));
}

void CheckCollect(const Names& names, const Collect& collect, const Path& path) {
  for (const RaterGroup& group : collect.groups) {
    names.Roles(group.of, Names::With(Names::With(Names::With(path, "from"), group.name), "of"));
  }
  names.Roles({collect.rated}, Names::With(path, "rated"));
  names.StageName(collect.below_quorum, Names::With(path, "below_quorum"));
  names.FieldName(collect.result, Names::With(path, "result"));
}

void CheckStage(const Names& names, const Stage& stage) {
  const Path path = {"stages", stage.name};
  for (const Action& action : stage.actions) CheckAction(names, stage, action);
  if (stage.after.has_value()) names.StageName(stage.after->to, {"stages", stage.name, "after", "#0"});
  names.Parties(stage.sees, Names::With(path, "sees"));
  CheckOpens(names, stage.opens, path);
  if (stage.collect.has_value()) CheckCollect(names, *stage.collect, Names::With(path, "collect"));
  if (stage.enters.has_value()) names.PartyName(stage.enters->party, {"stages", stage.name, "enters", "party"});
  if (stage.leaves.has_value()) names.PartyName(stage.leaves->party, {"stages", stage.name, "leaves", "party"});
  for (const auto& [theirs, ours] : stage.reopens_set) {
    names.FieldName(ours, {"stages", stage.name, "reopens", "set", theirs});
  }
}

void CheckLadder(const Names& names, const std::vector<LadderRung>& ladder, const Path& path) {
  for (size_t i = 0; i < ladder.size(); ++i) {
    const Path rung = Names::With(path, absl::StrCat("#", i));
    names.Roles(ladder[i].tell, Names::With(rung, "tell"));
    names.Roles(ladder[i].ask, Names::With(rung, "ask"));
    CheckOpens(names, ladder[i].opens, rung);
  }
}

void CheckClock(const Names& names, const Clock& clock) {
  if (clock.stage_only) return;  // Made of a stage's own names.
  if (!clock.milestone_of.empty()) {
    // Its course is the clock's own.
    const std::string name = clock.name.substr(clock.milestone_of.size() + 1);
    const Path path = {"clocks", clock.milestone_of, "milestones", name};
    names.Fields(clock.needs, Names::With(path, "needs"));
    if (!clock.due_field.empty()) names.FieldName(clock.due_field, Names::With(path, "due"));
    return;
  }
  const Path path = {"clocks", clock.name};
  names.Fields(clock.needs, Names::With(path, "needs"));
  names.Starts(clock.from, Names::With(path, "from"));
  names.Starts(clock.until, Names::With(path, "until"));
  names.Stages(clock.stops_in, Names::With(path, "stops_in"));
  names.Parties(clock.charged_to, Names::With(path, "charged_to"));
  if (!clock.due_field.empty()) names.DueName(clock.due_field, Names::With(path, "due"));
  CheckLadder(names, clock.ladder, Names::With(path, "ladder"));
  if (!clock.extend.has_value()) return;
  names.Roles(clock.extend->by, {"clocks", clock.name, "extend", "by"});
  names.Roles(clock.extend->approved_by, {"clocks", clock.name, "extend", "approved_by"});
  names.Needs(clock.extend->needs, {"clocks", clock.name, "extend", "needs"});
}

}  // namespace

const Procedure* Checked::FindOther(absl::string_view name) const {
  for (const Procedure* other : others) {
    if (other->name == name) return other;
  }
  return nullptr;
}

Path GuardPath(const Node& root, const Stage& stage, const Action& action, size_t guard) {
  Path path = ActionPath(stage, action, "when");
  if (Follow(root, path).kind == Node::Kind::kList) path.push_back(absl::StrCat("#", guard));
  const Node* at = &Follow(root, path);
  while (at->kind == Node::Kind::kMap && at->children.size() == 1) {
    at = &at->children[0];
    path.push_back(at->key);
  }
  return path;
}

// A shared ladder stands in another file: then the place is the clock's that names it, and the message says so.
void Checked::Error(absl::string_view rule, const Path& path, std::string zh, std::string en) const {
  const Node& at = Follow(root, path);
  if (at.kind == Node::Kind::kText && at.key == "ladder" && path.back() != "ladder") {
    absl::StrAppend(&zh, "（见共用的梯级“", at.text, "”）");
    absl::StrAppend(&en, " (in the shared ladder \"", at.text, "\")");
  }
  findings.Error(rule, Locate(root, path), std::move(zh), std::move(en));
}

void Checked::Warn(absl::string_view rule, const Path& path, std::string zh, std::string en) const {
  findings.Warn(rule, Locate(root, path), std::move(zh), std::move(en));
}

Path ActionPath(const Stage& stage, const Action& action, absl::string_view key) {
  Path path = {"stages", stage.name, "actions", action.name};
  if (!key.empty()) path.emplace_back(key);
  return path;
}

void CheckLadderNames(const Checked& c, const std::vector<LadderRung>& ladder, const Path& path) {
  CheckLadder(Names(c), ladder, path);
}

void CheckNames(const Checked& c) {
  const Names names(c);
  const Procedure& p = c.procedure;
  names.Parties(p.may_open, {"may_open"});
  if (!p.subject.empty()) names.FieldName(p.subject, {"subject"});
  names.Fields(p.columns, {"columns"});
  for (const Party& party : p.parties) {
    names.Parties(party.never_unit_of, {"parties", party.name, "never", "unit_of"});
    names.Parties(party.never_person_of, {"parties", party.name, "never", "person_of"});
    names.Parties(party.never_related_to, {"parties", party.name, "never", "related_to"});
    for (const std::string& action : party.never_acted_in) {
      names.ActionName(action, {"parties", party.name, "never", "acted_in", action});
    }
  }
  for (const Field& field : p.fields) {
    const char* key = field.sealed ? "sealed" : "sees";
    for (const std::string& party : field.sees) {
      names.PartyName(party, field.sealed ? Path{"fields", field.name, key, "sees", party}
                                          : Path{"fields", field.name, key, party});
    }
  }
  if (p.mandate.has_value()) {
    names.Roles(p.mandate->by, {"mandate", "by"});
    names.StageName(p.mandate->in, {"mandate", "in"});
    names.FieldName(p.mandate->over, {"mandate", "over"});
    if (!p.mandate->until.empty()) names.ClockName(p.mandate->until, {"mandate", "until"});
  }
  if (p.burden.has_value()) {
    names.PartyName(p.burden->party, {"burden", "party"});
    if (!p.burden->topic_from.empty()) names.FieldName(p.burden->topic_from, {"burden", "topic_from"});
  }
  for (const Stage& stage : p.stages) CheckStage(names, stage);
  for (const Clock& clock : p.clocks) CheckClock(names, clock);
  for (const DocumentKind& kind : p.documents) {
    const Path path = {"documents", kind.name};
    names.PartyName(kind.per, Names::With(path, "per"));
    names.PartyName(kind.from, Names::With(path, "from"));
    names.Stages(kind.at, Names::With(path, "at"));
    if (!kind.receipt.empty()) names.ActionName(kind.receipt, Names::With(path, "receipt"));
  }
}

}  // namespace duban::engine::language
