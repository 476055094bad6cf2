// What rungs suggest: that somebody can decide it, nobody decides on himself, and what follows can follow.
#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/procedure/check.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

// Those whose lateness the clock is: its `charged_to`, or whoever may act where it starts.
std::vector<std::string> ChargedParties(const Procedure& p, const Clock& clock) {
  std::vector<std::string> out = clock.charged_to;
  if (!out.empty()) return out;
  for (const std::string& from : clock.from) {
    const Stage* stage = p.FindStage(from);
    if (stage == nullptr) continue;
    for (const Action& action : stage->actions) {
      for (const Role& role : action.by) out.push_back(role.party);
    }
  }
  return out;
}

v1::Text KindOf(PartyKind kind) {
  switch (kind) {
    case PartyKind::kUnit:
      return Both("单位", "units");
    case PartyKind::kPost:
      return Both("岗位", "posts");
    case PartyKind::kPerson:
      return Both("人员", "persons");
  }
  return {};
}

// One suggestion of one clock.
class Suggestion {
 public:
  Suggestion(const Checked& c, const Clock& clock, size_t at)
      : c_(c), p_(c.procedure), clock_(clock), rung_(clock.ladder[at]), charged_(ChargedParties(c.procedure, clock)) {
    path_ = {"clocks", clock.name, "ladder", absl::StrCat("#", at)};
  }

  void Check() const {
    CheckName();
    CheckAsked();
    if (!rung_.enters.empty()) CheckRegister();
  }

 private:
  Path At(const std::string& key, const std::string& entry = "") const {
    Path path = path_;
    path.push_back(key);
    if (!entry.empty()) path.push_back(entry);
    return path;
  }

  // approve_<name> and refuse_<name> must mean one thing.
  void CheckName() const {
    bool taken = p_.FindExtension(rung_.suggests) != nullptr;
    for (const Stage& stage : p_.stages) taken = taken || p_.FindAction(stage.name, rung_.suggests) != nullptr;
    if (!taken) return;
    c_.Error("DUPLICATE_NAME", At("suggest"),
             absl::StrCat("“", rung_.suggests, "”已是一个操作的名字，批准时分不清；请换一个。"),
             absl::StrCat("\"", rung_.suggests, "\" names an action already; approving would be ambiguous."));
  }

  void CheckAsked() const {
    bool surely = false;
    for (const Role& role : rung_.ask) {
      surely = surely || !p_.FindParty(role.party)->optional;
      if (!role.superior && absl::c_linear_search(charged_, role.party)) {
        c_.Error("SUGGESTION_TO_CHARGED", At("ask", Written(role)),
                 absl::StrCat("逾期算“", role.party, "”的，不能由它自己决定；请由另一方、或其上级（.superior）决定。"),
                 absl::StrCat("The lateness is charged to \"", role.party,
                              "\", which cannot decide on itself; ask another party, or its .superior."));
      }
      CheckSees(role);
    }
    if (surely) return;
    c_.Error("SUGGESTION_UNDECIDABLE", At("ask"), "所征询的都是可缺省的参与方：没有他们时，建议无人能决定。",
             "All those asked are optional: where they are left out nobody can decide.");
  }

  // Whoever is asked sees the case: asking must not open what a stage keeps from him.
  void CheckSees(const Role& role) const {
    for (const std::string& name : CourseOf(p_, clock_).passed) {
      const Stage& stage = *p_.FindStage(name);
      if (stage.sees.empty() || absl::c_linear_search(stage.sees, role.party)) continue;
      c_.Error("ACTOR_CANNOT_SEE", At("ask", Written(role)),
               absl::StrCat("“", role.party, "”在环节“", name, "”看不到事项（不在 sees 中），无法决定。"),
               absl::StrCat("\"", role.party, "\" does not see the case in stage \"", name,
                            "\" (not in \"sees\") and cannot decide."));
      return;
    }
  }

  void CheckRegister() const {
    const Register& entered = *p_.FindRegister(rung_.enters);
    const v1::Text listed = KindOf(entered.kind);
    if (charged_.empty()) {
      c_.Error("REGISTER_MISMATCH", At("register"),
               absl::StrCat("列入名册“", entered.name, "”的是逾期所算的一方，请在时钟上写明 charged_to。"),
               absl::StrCat("Those charged with the clock enter register \"", entered.name,
                            "\"; say who they are in \"charged_to\"."));
      return;
    }
    for (const std::string& name : charged_) {
      const v1::Text kind = KindOf(p_.FindParty(name)->kind);
      if (p_.FindParty(name)->kind == entered.kind) continue;
      c_.Error("REGISTER_MISMATCH", At("register"),
               absl::StrCat("名册“", entered.name, "”列的是", listed.zh(), "，逾期所算的“", name, "”（charged_to）是",
                            kind.zh(), "，对不上。"),
               absl::StrCat("Register \"", entered.name, "\" lists ", listed.en(), ", but \"", name,
                            "\", charged with this clock, is of ", kind.en(), "."));
      return;
    }
  }

  const Checked& c_;
  const Procedure& p_;
  const Clock& clock_;
  const LadderRung& rung_;
  const std::vector<std::string> charged_;
  Path path_;
};

// lift_<register> is built in where a rung enters it.
void CheckLifts(const Checked& c, const Clock& clock) {
  for (const LadderRung& rung : clock.ladder) {
    const std::string lift = absl::StrCat("lift_", rung.enters);
    for (const Stage& stage : c.procedure.stages) {
      const Action* action = rung.enters.empty() ? nullptr : c.procedure.FindAction(stage.name, lift);
      if (action == nullptr) continue;
      c.Error("RESERVED_NAME", ActionPath(stage, *action),
              absl::StrCat("“", lift, "”是移出名册的内置操作，请换一个名字。"),
              absl::StrCat("\"", lift, "\" is built in: it lifts an entry of the register; choose another name."));
    }
  }
}

// Who enters or leaves a register with a stage is of the kind that it lists.
void CheckListing(const Checked& c, const Stage& stage, const std::optional<Listing>& listing, const char* key) {
  if (!listing.has_value()) return;
  const Register& listed = *c.procedure.FindRegister(listing->register_name);
  const Party& party = *c.procedure.FindParty(listing->party);
  if (party.kind == listed.kind) return;
  const v1::Text lists = KindOf(listed.kind);
  const v1::Text is = KindOf(party.kind);
  c.Error(
      "REGISTER_MISMATCH", {"stages", stage.name, key, "party"},
      absl::StrCat("名册“", listed.name, "”列的是", lists.zh(), "，参与方“", party.name, "”是", is.zh(), "，对不上。"),
      absl::StrCat("Register \"", listed.name, "\" lists ", lists.en(), ", but party \"", party.name, "\" is of ",
                   is.en(), "."));
}

}  // namespace

void CheckListings(const Checked& c) {
  for (const Stage& stage : c.procedure.stages) {
    CheckListing(c, stage, stage.leaves, "leaves");
    CheckListing(c, stage, stage.enters, "enters");
  }
}

void CheckSuggestions(const Checked& c) {
  for (const Clock& clock : c.procedure.clocks) {
    for (size_t i = 0; i < clock.ladder.size(); ++i) {
      if (!clock.ladder[i].suggests.empty()) Suggestion(c, clock, i).Check();
    }
    CheckLifts(c, clock);
  }
}

}  // namespace duban::engine::language
