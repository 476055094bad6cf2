#include "engine/procedure/compile.h"

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/procedure/check.h"
#include "engine/procedure/documents_language.h"
#include "engine/procedure/draft.h"
#include "engine/procedure/metrics_language.h"
#include "engine/procedure/parse.h"
#include "engine/procedure/reader.h"

namespace duban::engine {
namespace language {
namespace {

using Drafts = std::vector<std::unique_ptr<Draft>>;

constexpr char kThreeColours[] = "three_colours";

// Green; yellow when three working days are left; red when overdue.
std::vector<LightRule> ThreeColours() {
  std::vector<LightRule> rules(3);
  rules[0].light.set_colour("green");
  rules[1].when = LightRule::When::kLeft;
  rules[1].span = Span{v1::DAY_KIND_WORKING, 3, false};
  rules[1].light.set_colour("yellow");
  rules[1].light.set_severity(1);
  rules[2].when = LightRule::When::kOverdue;
  rules[2].light.set_colour("red");
  rules[2].light.set_severity(2);
  return rules;
}

Drafts ReadAll(const std::vector<SourceFile>& files, bool strict) {
  Drafts drafts;
  for (const SourceFile& file : files) {
    drafts.push_back(std::make_unique<Draft>(file.path));
    Draft& draft = *drafts.back();
    std::optional<Node> root = Parse(file.text, strict, draft.findings);
    if (!root.has_value()) continue;
    draft.root = std::move(*root);
    ReadFile(draft);
  }
  return drafts;
}

int ErrorsIn(const Drafts& drafts) {
  int errors = 0;
  for (const auto& draft : drafts) errors += draft->findings.errors();
  return errors;
}

// Takes definitions over into the set's; a name has one meaning in a set.
template <typename T>
void Gather(const std::map<std::string, T>& from, const char* key, Draft& draft, std::map<std::string, T>& into) {
  for (const auto& [name, definition] : from) {
    if (into.emplace(name, definition).second) continue;
    draft.findings.Error("DUPLICATE_NAME", Locate(draft.root, {key, name}),
                         absl::StrCat("“", name, "”在另一个文件中已有定义，请改名或删去一处。"),
                         absl::StrCat("\"", name, "\" is defined in another file of the set; rename or remove one."));
  }
}

Shared GatherShared(Drafts& drafts) {
  Shared all;
  std::map<std::string, bool> procedures;
  for (auto& draft : drafts) {
    // What a procedure's own file defines is its own; but it must not hide what others share.
    if (draft->is_procedure) continue;
    Gather(draft->shared.codes, "codes", *draft, all.codes);
    Gather(draft->shared.ladders, "ladders", *draft, all.ladders);
    Gather(draft->shared.lights, "lights", *draft, all.lights);
    Gather(draft->shared.registers, "registers", *draft, all.registers);
    Gather(draft->shared.metrics, "metrics", *draft, all.metrics);
    Gather(draft->shared.scoreboards, "scoreboards", *draft, all.scoreboards);
    Gather(draft->shared.templates, "templates", *draft, all.templates);
    Gather(draft->shared.reports, "reports", *draft, all.reports);
  }
  for (auto& draft : drafts) {
    if (!draft->is_procedure) continue;
    if (std::exchange(procedures[draft->procedure.name], true)) {
      draft->findings.Error("DUPLICATE_NAME", Locate(draft->root, {"procedure"}),
                            absl::StrCat("规程“", draft->procedure.name, "”在本组文件中定义了两次。"),
                            absl::StrCat("Procedure \"", draft->procedure.name, "\" is defined twice in this set."));
    }
    Shared scratch = all;
    Gather(draft->shared.codes, "codes", *draft, scratch.codes);
    Gather(draft->shared.ladders, "ladders", *draft, scratch.ladders);
    Gather(draft->shared.registers, "registers", *draft, scratch.registers);
    Gather(draft->shared.templates, "templates", *draft, scratch.templates);
  }
  return all;
}

// The definition a name stands for: the file's own, then the set's. Reports when there is none.
template <typename T>
const T* Resolve(const std::map<std::string, T>& own, const std::map<std::string, T>& all, const std::string& name,
                 const char* rule, const char* zh, const char* en, const Path& path, Draft& draft) {
  if (const auto found = own.find(name); found != own.end()) return &found->second;
  if (const auto found = all.find(name); found != all.end()) return &found->second;
  std::vector<std::string> known;
  for (const auto& [one, definition] : own) known.push_back(one);
  for (const auto& [one, definition] : all) known.push_back(one);
  const v1::Text nearest = Suggest(name, known);
  draft.findings.Error(
      rule, Locate(draft.root, path),
      absl::StrCat("没有名为“", name, "”的", zh, "；请在本文件或一同发布的共用文件中定义。", nearest.zh()),
      absl::StrCat("There is no ", en, " \"", name, "\"; define it in this file or in a shared file of the set.",
                   nearest.en()));
  return nullptr;
}

// Copies the registers that rungs and stages enter and guards ask for.
void LinkRegisters(Draft& draft, const Shared& all) {
  Procedure& p = draft.procedure;
  const auto link = [&](const std::string& name, const Path& path) {
    if (name.empty() || p.FindRegister(name) != nullptr) return;
    const Register* found =
        Resolve(draft.shared.registers, all.registers, name, "UNDECLARED_REGISTER", "名册", "register", path, draft);
    if (found != nullptr) p.registers.push_back(*found);
  };
  for (const Clock& clock : p.clocks) {
    for (size_t i = 0; i < clock.ladder.size(); ++i) {
      link(clock.ladder[i].enters, {"clocks", clock.name, "ladder", absl::StrCat("#", i), "register"});
    }
  }
  for (const Stage& stage : p.stages) {
    if (stage.leaves.has_value()) link(stage.leaves->register_name, {"stages", stage.name, "leaves", "register"});
    if (stage.enters.has_value()) link(stage.enters->register_name, {"stages", stage.name, "enters", "register"});
    for (const Action& action : stage.actions) {
      for (size_t i = 0; i < action.when.size(); ++i) {
        if (action.when[i].test != Guard::Test::kInRegister) continue;
        Path path = GuardPath(draft.root, stage, action, i);
        if (!action.when[i].subject.empty()) path.emplace_back(kItsKey);
        link(action.when[i].value, path);
      }
    }
  }
}

// Copies into the procedure what it names.
void Link(Draft& draft, const Shared& all) {
  Procedure& p = draft.procedure;
  for (const Field& field : p.fields) {
    const bool there =
        std::any_of(p.codes.begin(), p.codes.end(), [&](const CodeTable& t) { return t.name == field.codes; });
    if (field.codes.empty() || there) continue;
    const CodeTable* table = Resolve(draft.shared.codes, all.codes, field.codes, "UNDECLARED_CODES", "代码表",
                                     "code table", {"fields", field.name, "of"}, draft);
    if (table != nullptr) p.codes.push_back(*table);
  }
  for (Clock& clock : p.clocks) {
    const auto named = draft.ladder_of.find(clock.name);
    if (named == draft.ladder_of.end()) continue;
    const auto* ladder = Resolve(draft.shared.ladders, all.ladders, named->second, "UNDECLARED_LADDER", "梯级",
                                 "ladder", {"clocks", clock.name, "ladder"}, draft);
    if (ladder != nullptr) clock.ladder = *ladder;
  }
  LinkRegisters(draft, all);
  for (DocumentKind& kind : p.documents) {
    const Template* made_of = Resolve(draft.shared.templates, all.templates, kind.template_name, "UNDECLARED_TEMPLATE",
                                      "模板", "template", {"documents", kind.name, "template"}, draft);
    if (made_of == nullptr) continue;
    kind.made_of = *made_of;
    if (kind.title.zh().empty()) kind.title = made_of->title;
  }
  if (!p.lights.empty()) return;
  std::map<std::string, std::vector<LightRule>> built_in = {{kThreeColours, ThreeColours()}};
  const std::string name = draft.lights_named.empty() ? kThreeColours : draft.lights_named;
  const auto* lights =
      Resolve(all.lights, built_in, name, "UNDECLARED_LIGHTS", "灯色方案", "light scheme", {"lights"}, draft);
  if (lights != nullptr) p.lights = *lights;
}

// The first required text that everybody may read says what a case is about.
void ChooseSubject(Procedure& p) {
  if (!p.subject.empty()) return;
  for (const Field& field : p.fields) {
    if (field.type != FieldType::kText || !field.required || field.sealed || !field.sees.empty()) continue;
    p.subject = field.name;
    return;
  }
}

std::vector<const Procedure*> Others(const Drafts& drafts, const Procedures& published) {
  std::vector<const Procedure*> others;
  for (const auto& draft : drafts) {
    if (draft->is_procedure) others.push_back(&draft->procedure);
  }
  const size_t own = others.size();
  for (const Procedure* old : published.All()) {
    const bool replaced =
        std::any_of(others.begin(), others.begin() + own, [&](const Procedure* p) { return p->name == old->name; });
    if (!replaced) others.push_back(old);
  }
  return others;
}

// What the plans of a set open. A plan has one file.
std::vector<Planned> PlannedBy(const Drafts& drafts) {
  std::vector<Planned> planned;
  std::set<std::string> names;
  for (const auto& draft : drafts) {
    const Node* name = draft->is_procedure ? nullptr : draft->root.Find("plan");
    if (name == nullptr) continue;
    if (!names.insert(name->text).second) {
      draft->findings.Error("DUPLICATE_NAME", name->at, absl::StrCat("计划“", name->text, "”有两个文件，请删去一个。"),
                            absl::StrCat("The plan \"", name->text, "\" has two files; remove one."));
    }
    if (!draft->planned.opens.empty()) planned.push_back(draft->planned);
  }
  return planned;
}

// Runs the waves; each only when the one before found no error.
void CheckAll(Drafts& drafts, const Procedures& published, bool meaning, Shared& shared) {
  if (ErrorsIn(drafts) > 0) return;
  shared = GatherShared(drafts);
  for (auto& draft : drafts) {
    if (draft->is_procedure) Link(*draft, shared);
  }
  const std::vector<const Procedure*> others = Others(drafts, published);
  const std::vector<Planned> planned = PlannedBy(drafts);
  const auto each = [&](auto&& check) {
    for (auto& draft : drafts) {
      if (draft->is_procedure) check(Checked{draft->procedure, draft->root, others, planned, draft->findings});
    }
  };
  each(CheckNames);
  if (ErrorsIn(drafts) > 0) return;
  for (auto& draft : drafts) ChooseSubject(draft->procedure);
  if (!meaning) return;
  for (auto& draft : drafts) {
    // Plans are read by themselves.
    if (draft->is_procedure || draft->root.Find("plan") == nullptr) CheckNothingEmpty(draft->root, draft->findings);
  }
  if (ErrorsIn(drafts) > 0) return;
  each([](const Checked& c) {
    CheckFlow(c);
    CheckTimes(c);
    CheckPeople(c);
    CheckFields(c);
    CheckLinks(c);
    CheckSuggestions(c);
    CheckCollecting(c);
    CheckListings(c);
    CheckBurden(c);
    CheckObjections(c);
    CheckSure(c);
    CheckDocuments(c);
  });
  CheckDefinitions(drafts, shared, others);
  for (auto& draft : drafts) {
    CheckMetrics(draft->shared.metrics, draft->root, others, draft->findings);
    CheckScoreboards(draft->shared.scoreboards, draft->root, shared.metrics, draft->findings);
    CheckReports(draft->shared.reports, draft->root, others, shared.metrics, shared.registers, draft->findings);
  }
}

Compiled CompileSet(const std::vector<SourceFile>& files, const Procedures& published, bool meaning) {
  Drafts drafts = ReadAll(files, meaning);
  Shared shared;
  CheckAll(drafts, published, meaning, shared);
  Compiled out;
  for (auto& draft : drafts) {
    std::vector<Finding>& found = draft->findings.all();
    std::stable_sort(found.begin(), found.end(), [](const Finding& a, const Finding& b) {
      return std::tie(a.line, a.column, a.rule) < std::tie(b.line, b.column, b.rule);
    });
    std::move(found.begin(), found.end(), std::back_inserter(out.findings));
  }
  if (!out.ok()) return out;
  for (auto& draft : drafts) {
    if (draft->is_procedure) out.procedures.push_back(std::move(draft->procedure));
  }
  for (auto& [name, metric] : shared.metrics) out.metrics.push_back(std::move(metric));
  for (auto& [name, board] : shared.scoreboards) out.scoreboards.push_back(std::move(board));
  for (auto& [name, report] : shared.reports) out.reports.push_back(std::move(report));
  return out;
}

}  // namespace
}  // namespace language

bool Compiled::ok() const {
  return std::none_of(findings.begin(), findings.end(), [](const Finding& finding) { return !finding.warning; });
}

Compiled Compile(const std::vector<SourceFile>& files, const Procedures& published) {
  return language::CompileSet(files, published, true);
}

Compiled CompilePublished(const std::vector<SourceFile>& files, const Procedures& published) {
  return language::CompileSet(files, published, false);
}

}  // namespace duban::engine
