// Guards, secret fields, numbers, and values that stand in the file.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/built_in.h"
#include "engine/cases/fields.h"
#include "engine/procedure/check.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

constexpr size_t kNumberBytesMax = 120;

bool IsSecret(const Field& field) { return field.sealed || !field.sees.empty(); }

void RefuseSecret(const Checked& c, const Field& field, const Path& path, const char* zh, const char* en) {
  c.Error(
      "SEALED_FIELD_USED", path,
      absl::StrCat("字段“", field.name, "”是密封的或只给部分人看，不能用作", zh, "，否则会泄露。"),
      absl::StrCat("Field \"", field.name, "\" is sealed or not for everybody; as ", en, " it would be given away."));
}

bool MayOpen(const Procedure& p, const std::string& party) { return absl::c_linear_search(p.may_open, party); }

// The value as the field takes it; reports what it is not. False when it is wrong.
bool CheckWritten(const Checked& c, const Field& field, const std::string& value, const char* rule, const Path& path) {
  const Outcome<v1::Value> parsed = ParseWritten(field, value);
  if (!parsed.ok()) {
    c.Error(rule, path, parsed.rejection().message.zh(), parsed.rejection().message.en());
    return false;
  }
  if (field.type != FieldType::kChoice || c.procedure.FindCode(field.codes, value) != nullptr) return true;
  Known known;
  for (const CodeTable& table : c.procedure.codes) {
    if (table.name != field.codes) continue;
    for (const Code& code : table.codes) known.Add(code.id, code.title.zh());
  }
  const v1::Text nearest = known.Meant(value);
  c.Error(rule, path, absl::StrCat("“", value, "”不在代码表“", field.codes, "”中。", nearest.zh()),
          absl::StrCat("\"", value, "\" is not in code table \"", field.codes, "\".", nearest.en()));
  return false;
}

// Whether some procedure enters anybody in a register, with a stage or on a suggestion.
bool IsEntered(const Checked& c, const std::string& name) {
  return std::any_of(c.others.begin(), c.others.end(), [&](const Procedure* p) {
    return std::any_of(p->stages.begin(), p->stages.end(),
                       [&](const Stage& s) { return s.enters.has_value() && s.enters->register_name == name; }) ||
           std::any_of(p->clocks.begin(), p->clocks.end(), [&](const Clock& clock) {
             return std::any_of(clock.ladder.begin(), clock.ladder.end(),
                                [&](const LadderRung& rung) { return rung.enters == name; });
           });
  });
}

void CheckGuard(const Checked& c, const Stage& stage, const Guard& guard, const Path& path) {
  const auto never = [&](std::string zh, std::string en) {
    c.Error("GUARD_NEVER_HOLDS", path, std::move(zh), std::move(en));
  };
  switch (guard.test) {
    case Guard::Test::kFieldIs: {
      const Field& field = *c.procedure.FindField(guard.subject);
      if (field.sealed) return RefuseSecret(c, field, path, "条件", "a guard");
      if (field.type == FieldType::kInstant || field.type == FieldType::kFile) {
        return never(absl::StrCat("字段“", field.name, "”是时刻或文件，不能逐字比较；可用 field_set 或 before_due。"),
                     absl::StrCat("Field \"", field.name,
                                  "\" is an instant or a file and never equals a text; use field_set or before_due."));
      }
      CheckWritten(c, field, guard.value, "GUARD_NEVER_HOLDS", path);
      return;
    }
    case Guard::Test::kFieldSet: {
      const Field& field = *c.procedure.FindField(guard.subject);
      if (field.sealed) return RefuseSecret(c, field, path, "条件", "a guard");
      if (guard.negated && field.required) {
        never(absl::StrCat("字段“", field.name, "”必填，不可能为空，这个条件永远不成立。"),
              absl::StrCat("Field \"", field.name, "\" is required and always set; this guard never holds."));
      }
      return;
    }
    case Guard::Test::kBeforeDue: {
      const Clock& clock = *c.procedure.FindClock(guard.subject);
      if (CourseOf(c.procedure, clock).Passes(stage.name)) return;
      never(absl::StrCat("时钟“", clock.name, "”在环节“", stage.name, "”不运行，这个条件没有意义。"),
            absl::StrCat("Clock \"", clock.name, "\" does not run in stage \"", stage.name,
                         "\"; this guard says nothing."));
      return;
    }
    case Guard::Test::kSuggestionOpen:
      for (const Clock& clock : c.procedure.clocks) {
        for (const LadderRung& rung : clock.ladder) {
          if (!rung.suggests.empty()) return;
        }
      }
      return never("没有任何梯级提出建议（suggest），这个条件没有意义。",
                   "No rung of a ladder suggests anything; this guard says nothing.");
    case Guard::Test::kInRegister: {
      const Register& asked = *c.procedure.FindRegister(guard.value);
      bool fits = false;
      for (const Party& party : c.procedure.parties) {
        const bool meant = guard.subject.empty() ? !MayOpen(c.procedure, party.name) : party.name == guard.subject;
        fits = fits || (meant && party.kind == asked.kind);
      }
      if (fits && IsEntered(c, asked.name)) return;
      if (fits) {
        return never(
            absl::StrCat("没有规程把谁列入名册“", asked.name,
                         "”（环节的 enters，或梯级的 register），这个条件没有意义；请写明，或一并检查列入它的规程。"),
            absl::StrCat("No procedure enters anybody in register \"", asked.name,
                         "\" (a stage's \"enters\", a rung's \"register\"); this guard says nothing. Let one do ",
                         "so, or check it together with the one that does."));
      }
      return never(absl::StrCat("名册“", asked.name, "”所列的不是这类参与方，这个条件没有意义。"),
                   absl::StrCat("Register \"", asked.name, "\" names no party of this kind; this guard says nothing."));
    }
    case Guard::Test::kObjectionOpen:
      if (MayStandIn(c.procedure, stage.name)) return;
      return never(
          "在此环节不可能有异议（没有通向这里的操作提出异议 objection: raise），这个条件没有意义。",
          "No objection can stand here: nothing that leads here raises one (objection: raise). This guard says "
          "nothing.");
    case Guard::Test::kAssignedBySuperior:
    case Guard::Test::kFirstRound:
    // Any case may be divided by hand, whether or not a procedure opens parts of it.
    case Guard::Test::kPartsOpen:
      return;
  }
}

// Two guards of one `when` that exclude each other.
bool Contradict(const Checked& c, const Guard& a, const Guard& b) {
  if (a.test != b.test || a.subject != b.subject) return false;
  if (a.test == Guard::Test::kInRegister) return a.value == b.value && a.negated != b.negated;
  if (a.test != Guard::Test::kFieldIs) return a.negated != b.negated;
  if (a.value == b.value) return a.negated != b.negated;
  return !a.negated && !b.negated && !c.procedure.FindField(a.subject)->many;
}

void CheckWhen(const Checked& c, const Stage& stage, const Action& action) {
  for (size_t i = 0; i < action.when.size(); ++i) {
    Path path = ActionPath(stage, action, "when");
    path.push_back(absl::StrCat("#", i));
    CheckGuard(c, stage, action.when[i], path);
    for (size_t k = 0; k < i; ++k) {
      if (!Contradict(c, action.when[k], action.when[i])) continue;
      c.Error("GUARD_NEVER_HOLDS", path,
              absl::StrCat("条件“", action.when[k].written, "”与“", action.when[i].written, "”不可能同时成立。"),
              absl::StrCat("The guards \"", action.when[k].written, "\" and \"", action.when[i].written,
                           "\" can never hold together."));
    }
  }
}

// What is built in keeps its name: an action of that name would hide it.
void CheckActionName(const Checked& c, const Stage& stage, const Action& action) {
  const v1::Text built_in = BuiltInTitle(action.name);
  if (built_in.zh().empty()) return;
  c.Error("RESERVED_NAME", ActionPath(stage, action),
          absl::StrCat("“", action.name, "”是内置操作（", built_in.zh(), "），请换一个名字。"),
          absl::StrCat("\"", action.name, "\" is built in (", built_in.en(), "); choose another name."));
}

void CheckSets(const Checked& c, const Stage& stage, const Action& action) {
  for (const auto& [name, value] : action.sets) {
    Path path = ActionPath(stage, action, "sets");
    path.push_back(name);
    const Field& field = *c.procedure.FindField(name);
    if (field.sealed) {
      RefuseSecret(c, field, path, "规程中写定的值", "a value written in the file");
    } else {
      CheckWritten(c, field, value, "WRONG_VALUE", path);
    }
  }
}

void CheckShown(const Checked& c) {
  const Procedure& p = c.procedure;
  if (!p.subject.empty()) {
    const Field& field = *p.FindField(p.subject);
    if (IsSecret(field)) RefuseSecret(c, field, {"subject"}, "事项主题（subject）", "the subject");
  }
  for (const std::string& name : p.columns) {
    const Field& field = *p.FindField(name);
    if (IsSecret(field)) RefuseSecret(c, field, {"columns", name}, "台账列（columns）", "a column of the ledger");
  }
}

// The names in braces; reports what is no name. Empty when the pattern is broken.
std::vector<std::string> Placeholders(const Checked& c) {
  const std::string& pattern = c.procedure.numbers;
  std::vector<std::string> out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '}') break;
    if (pattern[i] != '{') continue;
    const size_t close = pattern.find('}', i);
    if (close == std::string::npos) break;
    out.push_back(pattern.substr(i + 1, close - i - 1));
    i = close;
  }
  const auto braces = std::count_if(pattern.begin(), pattern.end(), [](char ch) { return ch == '{' || ch == '}'; });
  if (static_cast<size_t>(braces) == 2 * out.size()) return out;
  c.Error("NUMBER_PATTERN", {"numbers"}, "编号中的花括号不成对，写法如：交办〔{year}〕{owner}{seq}号。",
          "The braces of the number do not match; write for example 交办〔{year}〕{owner}{seq}号.");
  return {};
}

void CheckPlaceholder(const Checked& c, const std::string& name) {
  if (name == "year" || name == "seq") return;
  if (const Field* field = c.procedure.FindField(name); field != nullptr && IsSecret(*field)) {
    RefuseSecret(c, *field, {"numbers"}, "编号", "part of a number");
    return;
  }
  const Party* party = c.procedure.FindParty(name);
  if (party != nullptr && party->kind == PartyKind::kUnit && !party->many && !party->optional) return;
  Known known(c.procedure.parties);
  known.Add("year");
  known.Add("seq");
  const v1::Text meant = party != nullptr ? v1::Text() : known.Meant(name);
  c.Error(
      "NUMBER_PATTERN", {"numbers"},
      absl::StrCat("编号中的“{", name, "}”不可用：只能是 {year}、{seq}，或必有且单一的单位参与方。", meant.zh()),
      absl::StrCat("\"{", name,
                   "}\" cannot stand in a number: only {year}, {seq} and parties that are one unit and not optional.",
                   meant.en()));
}

// A gapless series that several units see parts of tells each how many matters the others have.
void WarnOfGaps(const Checked& c, const std::vector<std::string>& used) {
  const Procedure& p = c.procedure;
  const auto other_unit = [&](const Party& party) {
    return party.kind == PartyKind::kUnit && !party.many && !absl::c_linear_search(p.may_open, party.name);
  };
  const Party* suggested = nullptr;
  for (const Party& party : p.parties) {
    if (!other_unit(party)) continue;
    const auto& sees = p.stages.front().sees;
    const bool named = absl::c_linear_search(used, party.name);
    const bool hidden = !sees.empty() && !absl::c_linear_search(sees, party.name);
    if (named && !hidden) return;
    if (hidden) {
      c.Warn("NUMBER_GAPS", {"numbers"},
             absl::StrCat("事项开始时对“", party.name, "”不可见，但连续编号的缺口会让它察觉；建议不编号。"),
             absl::StrCat("Cases begin unseen by \"", party.name,
                          "\", but gaps in their numbers give them away; better no number."));
      return;
    }
    if (suggested == nullptr && !party.optional) suggested = &party;
  }
  if (suggested == nullptr) return;
  c.Warn("NUMBER_GAPS", {"numbers"},
         absl::StrCat("各单位共用一个连续编号，会从缺口推知他人事项的数量；建议加上 {", suggested->name, "}。"),
         absl::StrCat("Units share one gapless series and can infer others' matters from its gaps; add {",
                      suggested->name, "}."));
}

void CheckNumbers(const Checked& c) {
  if (c.procedure.numbers.empty()) return;
  if (HasWideBraces(c.procedure.numbers)) {
    return c.Error("NUMBER_PATTERN", {"numbers"}, "编号中有全角花括号，请改为半角：{year}、{seq}。",
                   "The number holds full-width braces; write ASCII ones: {year}, {seq}.");
  }
  const int errors_before = c.findings.errors();
  const std::vector<std::string> used = Placeholders(c);
  if (used.empty() && c.procedure.numbers.find_first_of("{}") != std::string::npos) return;
  for (const std::string& name : used) CheckPlaceholder(c, name);
  const auto seqs = std::count(used.begin(), used.end(), "seq");
  // An unknown word may well stand where {seq} should.
  if (seqs > 1 || (seqs == 0 && c.findings.errors() == errors_before)) {
    c.Error("NUMBER_PATTERN", {"numbers"}, "编号中 {seq} 须恰好出现一次。", "A number holds {seq} exactly once.");
  }
  if (c.procedure.numbers.size() > kNumberBytesMax) {
    c.Error("NUMBER_PATTERN", {"numbers"},
            absl::StrCat("编号的样式超过 ", kNumberBytesMax, " 字节（约 ", kNumberBytesMax / 3, " 个汉字），请缩短。"),
            absl::StrCat("The number's pattern is longer than ", kNumberBytesMax, " bytes; shorten it."));
  }
  if (c.findings.errors() == errors_before) WarnOfGaps(c, used);
}

}  // namespace

void CheckFields(const Checked& c) {
  CheckShown(c);
  CheckNumbers(c);
  for (const Stage& stage : c.procedure.stages) {
    for (const Action& action : stage.actions) {
      CheckActionName(c, stage, action);
      CheckWhen(c, stage, action);
      CheckSets(c, stage, action);
    }
  }
}

}  // namespace duban::engine::language
