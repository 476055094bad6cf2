// Who may, who must not, and who sees what he has to act on.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/procedure/check.h"

namespace duban::engine::language {
namespace {

// Whether this party itself can take, or approve, an action of that name.
bool HasAHand(const Procedure& p, const std::string& party, const std::string& action) {
  for (const Stage& stage : p.stages) {
    const Action* one = p.FindAction(stage.name, action);
    if (one == nullptr) continue;
    const Role self{party};
    if (absl::c_linear_search(one->by, self)) return true;
    if (absl::c_linear_search(one->approved_by, self)) return true;
  }
  return false;
}

void CheckNever(const Checked& c, const Party& party) {
  const auto refuse = [&](const char* key, const std::string& name, std::string zh, std::string en) {
    c.Error("NEVER_UNSATISFIABLE", {"parties", party.name, "never", key, name}, std::move(zh), std::move(en));
  };
  for (const char* key : {"unit_of", "person_of"}) {
    const auto& names = key == std::string("unit_of") ? party.never_unit_of : party.never_person_of;
    if (absl::c_linear_search(names, party.name)) {
      refuse(key, party.name, absl::StrCat("“", party.name, "”不可能不是它自己；请删去。"),
             absl::StrCat("\"", party.name, "\" is always itself; remove this."));
    }
  }
  if (party.kind != PartyKind::kPerson || party.many) return;
  for (const std::string& action : party.never_acted_in) {
    if (!HasAHand(c.procedure, party.name, action)) continue;
    refuse("acted_in", action,
           absl::StrCat("“", party.name, "”只有一个人，又能办理或批准“", action,
                        "”，办后他自己就被排除了；请改由另一方办理。"),
           absl::StrCat("\"", party.name, "\" is one person and may take or approve \"", action,
                        "\", and would then be excluded; let another party do that."));
  }
}

void CheckApproval(const Checked& c, const std::vector<Role>& by, const std::vector<Role>& approved_by, Path path) {
  for (const Role& approver : approved_by) {
    if (!absl::c_linear_search(by, approver)) continue;
    const std::string written = approver.head ? absl::StrCat(approver.party, ".head") : approver.party;
    path.push_back("approved_by");
    path.push_back(written);
    c.Error("APPROVAL_BY_ASKER", path,
            absl::StrCat("“", written, "”既能申请又能批准，等于自己批自己；请由另一方或单位负责人（.head）批准。"),
            absl::StrCat("\"", written, "\" may both ask and approve; let another party or a unit's head approve."));
    return;
  }
}

void CheckSight(const Checked& c, const Stage& stage) {
  if (stage.sees.empty()) return;
  for (const Action& action : stage.actions) {
    const auto check = [&](const std::vector<Role>& roles, const char* key) {
      for (const Role& role : roles) {
        if (absl::c_linear_search(stage.sees, role.party)) continue;
        const std::string written = role.head ? absl::StrCat(role.party, ".head") : role.party;
        Path path = ActionPath(stage, action, key);
        path.push_back(written);
        c.Error("ACTOR_CANNOT_SEE", path,
                absl::StrCat("“", role.party, "”在环节“", stage.name, "”看不到事项（不在 sees 中），无法办理“",
                             action.name, "”。"),
                absl::StrCat("\"", role.party, "\" does not see the case in stage \"", stage.name,
                             "\" (not in \"sees\") and cannot take \"", action.name, "\"."));
      }
    };
    check(action.by, "by");
    check(action.approved_by, "approved_by");
  }
}

// Only one of several can be the first to claim; and whoever opens cases is known from the beginning.
void CheckClaimable(const Checked& c, const Party& party) {
  if (!party.claimable) return;
  const Path path = {"parties", party.name, "claimable"};
  if (!party.many) {
    c.Error("CLAIMABLE_ALONE", path,
            absl::StrCat("“", party.name, "”只有一个成员，无从认领；请写 many: true，或删去。"),
            absl::StrCat("\"", party.name, "\" has one member and nothing to claim; write many: true or remove this."));
  }
  if (absl::c_linear_search(c.procedure.may_open, party.name)) {
    c.Error("CLAIMABLE_ALONE", path, absl::StrCat("“", party.name, "”能发起事项，不能等人认领。"),
            absl::StrCat("\"", party.name, "\" may open cases and cannot wait to be claimed."));
  }
}

// Chance says who it is: nobody makes himself one of those drawn, and whoever opens cases is known from the beginning.
void CheckDrawn(const Checked& c, const Party& party) {
  if (!party.drawn) return;
  const Path path = {"parties", party.name, "drawn"};
  if (absl::c_linear_search(c.procedure.may_open, party.name)) {
    c.Error("PARTY_DRAWN", path, absl::StrCat("“", party.name, "”能发起事项，不能由抽取产生。"),
            absl::StrCat("\"", party.name, "\" may open cases and cannot be drawn."));
  }
  if (party.claimable) {
    c.Error("PARTY_DRAWN", path, absl::StrCat("“", party.name, "”由抽取产生，不能再等人认领（claimable）。"),
            absl::StrCat("\"", party.name, "\" is drawn and cannot wait to be claimed."));
  }
}

// A party that passes to the superior is one unit or one post.
void CheckRebind(const Checked& c, const Stage& stage, const Action& action) {
  for (const std::string& name : action.rebinds_superior) {
    const Party& party = *c.procedure.FindParty(name);
    const bool fits = party.kind != PartyKind::kPerson && !party.many && !party.drawn;
    if (fits && !absl::c_linear_search(c.procedure.may_open, name)) continue;
    Path path = ActionPath(stage, action, "rebind");
    path.push_back(name);
    c.Error("REBIND_MISMATCH", path,
            absl::StrCat("“", name,
                         "”是人员、可有多个成员、由抽取产生或是发起方，不能上提；只有一个单位或岗位的参与方可以。"),
            absl::StrCat("\"", name,
                         "\" is a person, has several members, is drawn or may open cases; only a party of one unit or "
                         "post can pass to the superior."));
  }
}

void CheckOpener(const Checked& c) {
  for (const std::string& name : c.procedure.may_open) {
    const Party* party = c.procedure.FindParty(name);
    if (!party->optional) continue;
    c.Error("OPENER_OPTIONAL", {"may_open", name}, absl::StrCat("“", name, "”能发起事项，不能是可缺省的（optional）。"),
            absl::StrCat("\"", name, "\" may open cases and cannot be optional."));
  }
}

// Scope and term are fixed when the mandate begins: nothing that is done while it holds changes them, an extension that
// somebody else approves aside.
void CheckMandate(const Checked& c) {
  if (!c.procedure.mandate.has_value()) return;
  const Mandate& mandate = *c.procedure.mandate;
  const Stage& stage = *c.procedure.FindStage(mandate.in);
  if (stage.end != v1::END_KIND_UNSPECIFIED) {
    c.Error("MANDATE_MISMATCH", {"mandate", "in"},
            absl::StrCat("“", stage.name, "”是结束环节，结束了的督查组没有授权；请写办理中的环节。"),
            absl::StrCat("\"", stage.name, "\" is an end, where no mandate holds; name a stage that is open."));
  }
  if (c.procedure.FindField(mandate.over)->type != FieldType::kUnit) {
    c.Error("MANDATE_MISMATCH", {"mandate", "over"},
            absl::StrCat("“", mandate.over, "”不是单位（unit）字段，不能作督查范围。"),
            absl::StrCat("\"", mandate.over, "\" is no unit field and cannot be a scope."));
  }
  const Clock* term = mandate.until.empty() ? nullptr : c.procedure.FindClock(mandate.until);
  for (const Action& action : stage.actions) {
    if (!action.approved_by.empty()) continue;
    const auto changes = [&](const std::string& field) {
      return absl::c_linear_search(action.needs, field) || absl::c_linear_search(action.takes, field) ||
             std::any_of(action.sets.begin(), action.sets.end(), [&](const auto& set) { return set.first == field; });
    };
    for (const std::string& field : {mandate.over, term == nullptr ? std::string() : term->due_field}) {
      if (field.empty() || !changes(field)) continue;
      c.Error("MANDATE_NOT_FIXED", ActionPath(stage, action),
              absl::StrCat("操作“", action.name, "”在授权期间改动“", field,
                           "”；范围和任期在批准时定下，要改请写 approved_by，由他人批准。"),
              absl::StrCat("\"", action.name, "\" changes \"", field,
                           "\" while the mandate holds; scope and term are fixed when it begins. Let somebody else "
                           "approve it (approved_by)."));
    }
  }
}

}  // namespace

void CheckPeople(const Checked& c) {
  CheckOpener(c);
  CheckMandate(c);
  for (const Party& party : c.procedure.parties) {
    CheckNever(c, party);
    CheckClaimable(c, party);
    CheckDrawn(c, party);
  }
  for (const Stage& stage : c.procedure.stages) {
    CheckSight(c, stage);
    for (const Action& action : stage.actions) {
      CheckApproval(c, action.by, action.approved_by, ActionPath(stage, action));
      CheckRebind(c, stage, action);
    }
  }
  for (const Clock& clock : c.procedure.clocks) {
    if (clock.extend.has_value()) {
      CheckApproval(c, clock.extend->by, clock.extend->approved_by, {"clocks", clock.name, "extend"});
    }
  }
}

}  // namespace duban::engine::language
