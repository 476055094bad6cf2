// What files define, by itself: a mistake in a ladder is one whether a clock of the set names the ladder or not.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/procedure/check.h"
#include "engine/procedure/documents_language.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

// Ladders and templates that procedures name.
struct Uses {
  std::set<std::string> ladders, templates;
};

void AddUses(const Draft& draft, Uses& uses) {
  for (const auto& [clock, ladder] : draft.ladder_of) uses.ladders.insert(ladder);
  for (const DocumentKind& kind : draft.procedure.documents) uses.templates.insert(kind.template_name);
}

Path With(Path path, const std::string& step) {
  path.push_back(step);
  return path;
}

// What a procedure's own file defines is for nobody else.
void NotUsed(Draft& draft, const char* key, const std::string& name, const char* zh, const char* en) {
  draft.findings.Warn("NOT_USED", Locate(draft.root, {key, name, kItsKey}),
                      absl::StrCat("本规程没有用到", zh, "“", name, "”。"),
                      absl::StrCat("This procedure does not use its ", en, " \"", name, "\"."));
}

// A procedure's own definitions that it does not use, each checked as if it did.
void CheckOwn(Draft& draft, const Shared& shared, const std::vector<const Procedure*>& others) {
  const Procedure& p = draft.procedure;
  Uses uses;
  AddUses(draft, uses);
  Known registers;
  for (const auto& [name, one] : draft.shared.registers) registers.Add(name, one.title.zh());
  for (const auto& [name, one] : shared.registers) registers.Add(name, one.title.zh());
  for (const auto& [name, ladder] : draft.shared.ladders) {
    if (uses.ladders.count(name) != 0) continue;
    NotUsed(draft, "ladders", name, "梯级", "ladder");
    CheckLadderNames(Checked{p, draft.root, others, {}, draft.findings}, ladder, {"ladders", name});
    for (size_t i = 0; i < ladder.size(); ++i) {
      const std::string& entered = ladder[i].enters;
      if (entered.empty() || registers.Has(entered)) continue;
      const v1::Text meant = registers.Meant(entered);
      draft.findings.Error("UNDECLARED_REGISTER",
                           Locate(draft.root, {"ladders", name, absl::StrCat("#", i), "register"}),
                           absl::StrCat("没有名为“", entered, "”的名册。", meant.zh()),
                           absl::StrCat("There is no register \"", entered, "\".", meant.en()));
    }
  }
  for (const auto& [name, made_of] : draft.shared.templates) {
    if (uses.templates.count(name) != 0) continue;
    NotUsed(draft, "templates", name, "模板", "template");
    CheckTemplate(made_of, &p, [&](absl::string_view rule, const Path& inside, std::string zh, std::string en) {
      Path path = {"templates", name};
      path.insert(path.end(), inside.begin(), inside.end());
      draft.findings.Error(rule, Locate(draft.root, path), std::move(zh), std::move(en));
    });
  }
  for (const auto& [name, table] : draft.shared.codes) {
    const bool used = std::any_of(p.codes.begin(), p.codes.end(), [&](const CodeTable& t) { return t.name == name; });
    if (!used) NotUsed(draft, "codes", name, "代码表", "code table");
  }
  for (const auto& [name, one] : draft.shared.registers) {
    if (p.FindRegister(name) == nullptr) NotUsed(draft, "registers", name, "名册", "register");
  }
}

// Shared definitions that no procedure of the set uses. Those that use them may be published another day, with parties
// and fields of their own: so of names only what looks like a slip of one that is known is doubted.
class Unused {
 public:
  Unused(Draft& draft, const std::vector<const Procedure*>& others) : draft_(draft) {
    for (const Procedure* other : others) {
      names_.Add(other->parties);
      names_.Add(other->fields);
    }
    for (const char* word : kLetterPlaces) names_.Add(word);
    for (const char* word : kCasePlaces) names_.Add(word);
  }

  void Ladder(const std::vector<LadderRung>& ladder, const Path& path) const {
    for (size_t i = 0; i < ladder.size(); ++i) {
      const Path rung = With(path, absl::StrCat("#", i));
      Roles(ladder[i].tell, With(rung, "tell"));
      Roles(ladder[i].ask, With(rung, "ask"));
      if (!ladder[i].opens.has_value()) continue;
      const Path opens = With(rung, "opens");
      for (const auto& [theirs, ours] : ladder[i].opens->bind) Doubt(ours, With(With(opens, "bind"), theirs));
      for (const auto& [theirs, ours] : ladder[i].opens->set) Doubt(ours, With(With(opens, "set"), theirs));
    }
  }

  void Letter(const Template& made_of, const Path& path) const {
    const auto at = [&](const Path& inside) {
      Path whole = path;
      whole.insert(whole.end(), inside.begin(), inside.end());
      return whole;
    };
    CheckTemplate(made_of, nullptr, [&](absl::string_view rule, const Path& inside, std::string zh, std::string en) {
      draft_.findings.Error(rule, Locate(draft_.root, at(inside)), std::move(zh), std::move(en));
    });
    for (const auto& [inside, place] : CasePlacesOf(made_of)) Doubt(place, at(inside));
  }

 private:
  void Roles(const std::vector<Role>& roles, const Path& path) const {
    for (const Role& role : roles) Doubt(role.party, With(path, Written(role)));
  }

  void Doubt(const std::string& name, const Path& path) const {
    if (names_.Has(name)) return;
    const auto meant = std::find_if(names_.names().begin(), names_.names().end(),
                                    [&](const std::string& known) { return IsSlip(name, known); });
    if (meant == names_.names().end()) return;
    draft_.findings.Warn("NOT_USED", Locate(draft_.root, path),
                         absl::StrCat("没有规程用到这里，故未核对名字；“", name, "”是否应为“", *meant, "”？"),
                         absl::StrCat("No procedure uses this, so its names are not checked; did you mean \"", *meant,
                                      "\" by \"", name, "\"?"));
  }

  Draft& draft_;
  Known names_;
};

}  // namespace

void CheckDefinitions(const std::vector<std::unique_ptr<Draft>>& drafts, const Shared& shared,
                      const std::vector<const Procedure*>& others) {
  Uses uses;
  for (const auto& draft : drafts) AddUses(*draft, uses);
  for (const auto& draft : drafts) {
    for (const auto& [name, ladder] : draft->shared.ladders) {
      CheckRising(ladder, draft->root, {"ladders", name}, draft->findings);
    }
    for (const auto& [name, scheme] : draft->shared.lights) {
      CheckScheme(scheme, draft->root, {"lights", name}, draft->findings);
    }
    if (draft->is_procedure) {
      CheckOwn(*draft, shared, others);
      continue;
    }
    const Unused unused(*draft, others);
    for (const auto& [name, ladder] : draft->shared.ladders) {
      if (uses.ladders.count(name) == 0) unused.Ladder(ladder, {"ladders", name});
    }
    for (const auto& [name, made_of] : draft->shared.templates) {
      if (uses.templates.count(name) == 0) unused.Letter(made_of, {"templates", name});
    }
  }
}

}  // namespace duban::engine::language
