#include "clients/cli/mapping.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

using Faults = std::vector<MappingFault>;

void Refuse(Faults* faults, int line, std::string zh, std::string en) {
  faults->push_back({line, Both(std::move(zh), std::move(en))});
}

// Names every entry that nobody reads: a misspelt word must not pass for a wish that was granted.
void RefuseOthers(const Yaml& node, const std::set<std::string>& known, Faults* faults) {
  for (const auto& [name, value] : node.entries) {
    if (known.count(name) > 0) continue;
    std::string list = absl::StrJoin(known, "、");
    Refuse(faults, value.line, absl::StrCat("不认识“", name, "”，这里可写：", list, "。"),
           absl::StrCat("\"", name, "\" is unknown; here may stand: ", absl::StrJoin(known, ", "), "."));
  }
}

ValueRule ReadRule(const std::string& name, const Yaml& node, Faults* faults) {
  ValueRule rule;
  rule.name = name;
  rule.line = node.line;
  if (node.IsScalar()) {
    rule.column = node.text;  // `problem: 问题摘要` is short for `problem: {column: 问题摘要}`.
    return rule;
  }
  RefuseOthers(node, {"column", "value", "type", "map", "when", "agrees_with", "unknown", "split", "lookup"}, faults);
  rule.column = node.Get("column");
  rule.value = node.Get("value");
  rule.type = node.Find("lookup") != nullptr ? node.Get("lookup") : node.Get("type");
  rule.agrees_with = node.Get("agrees_with");
  rule.unknown = node.Get("unknown");
  if (const Yaml* split = node.Find("split")) rule.split = split->Texts();
  for (const std::string& separator : rule.split) {
    if (separator.empty()) Refuse(faults, node.line, "split 不能为空。", "split must not be empty.");
  }
  if (rule.column.empty() == rule.value.empty()) {
    Refuse(faults, node.line, absl::StrCat(name, " 须写明 column 或 value 之一。"),
           absl::StrCat(name, " needs either column or value."));
  }
  if (const Yaml* table = node.Find("map")) {
    for (const auto& [from, to] : table->entries) rule.table[from] = to.text;
  }
  if (const Yaml* when = node.Find("when")) {
    for (const auto& [column, texts] : when->entries) rule.when.emplace_back(column, texts.Texts());
  }
  return rule;
}

std::vector<ValueRule> ReadRules(const Yaml& root, absl::string_view name, Faults* faults) {
  std::vector<ValueRule> rules;
  const Yaml* node = root.Find(name);
  if (node == nullptr) return rules;
  if (!node->IsMap()) {
    Refuse(faults, node->line, absl::StrCat(name, " 应写作 名称: {column: 列名}。"),
           absl::StrCat("Write ", name, " as name: {column: heading}."));
  }
  for (const auto& [key, value] : node->entries) rules.push_back(ReadRule(key, value, faults));
  return rules;
}

std::string Demand(const Yaml& root, absl::string_view name, Faults* faults) {
  std::string text = root.Get(name);
  if (text.empty()) {
    Refuse(faults, root.line, absl::StrCat("缺少 ", name, "。"), absl::StrCat(name, " is missing."));
  }
  return text;
}

void ReadLedgerPart(const Yaml& root, Mapping* mapping, Faults* faults) {
  RefuseOthers(
      root,
      {"kind", "procedure", "missing", "reason", "parties", "fields", "keep_key_in", "key", "occurred_at", "dated"},
      faults);
  if (const Yaml* key = root.Find("key")) mapping->key = key->Texts();
  if (mapping->key.empty()) {
    Refuse(faults, root.line, "缺少 key：请列出能区分一事一项的列。",
           "key is missing: name the columns that tell one matter from another.");
  }
  mapping->occurred_at = root.Get("occurred_at");
  mapping->dated = root.Get("dated");
}

void ReadLogPart(const Yaml& root, Mapping* mapping, Faults* faults) {
  RefuseOthers(root,
               {"kind", "procedure", "missing", "reason", "parties", "fields", "keep_key_in", "case", "opened_at",
                "ended_at", "at", "activity", "actions", "step_fields", "end_action", "note"},
               faults);
  mapping->case_id = Demand(root, "case", faults);
  mapping->opened_at = root.Get("opened_at");
  mapping->ended_at = root.Get("ended_at");
  mapping->at = Demand(root, "at", faults);
  mapping->activity = Demand(root, "activity", faults);
  mapping->end_action = mapping->ended_at.empty() ? root.Get("end_action") : Demand(root, "end_action", faults);
  mapping->step_fields = ReadRules(root, "step_fields", faults);
  if (mapping->keep_key_in.empty()) {
    Refuse(faults, root.line, "缺少 keep_key_in：请写明保存原案号的字段。",
           "keep_key_in is missing: name the field that keeps the log's own case id.");
  }
  if (const Yaml* actions = root.Find("actions")) {
    for (const auto& [activity, action] : actions->entries) mapping->actions[activity] = action.text;
  }
  if (mapping->actions.empty()) {
    Refuse(faults, root.line, "缺少 actions：请写明每种活动对应的办理操作，\"*\" 代表其余。",
           "actions is missing: say which action each activity is; \"*\" stands for all others.");
  }
  if (const Yaml* note = root.Find("note")) mapping->note = note->Texts();
}

}  // namespace

Mapping ReadMapping(const YamlFile& file, Faults* faults) {
  Mapping mapping;
  if (!file.ok) {
    faults->push_back({file.line, file.fault});
    return mapping;
  }
  const Yaml& root = file.root;
  if (!root.IsMap()) {
    Refuse(faults, 1, "映射文件应是“名称: 值”的形式（半角冒号，后面留一个空格），见 docs/import.md。",
           "A mapping file is made of \"name: value\"; see docs/import.md.");
    return mapping;
  }
  std::string kind = Demand(root, "kind", faults);
  mapping.is_log = kind == "log";
  if (!kind.empty() && kind != "log" && kind != "ledger") {
    Refuse(faults, root.Find("kind")->line, absl::StrCat("kind 只有 ledger 和 log，没有“", kind, "”。"),
           absl::StrCat("kind is ledger or log, not \"", kind, "\"."));
    return mapping;
  }
  mapping.procedure = Demand(root, "procedure", faults);
  mapping.reason = root.Get("reason");
  mapping.keep_key_in = root.Get("keep_key_in");
  if (const Yaml* missing = root.Find("missing")) mapping.missing = missing->Texts();
  mapping.parties = ReadRules(root, "parties", faults);
  mapping.fields = ReadRules(root, "fields", faults);
  mapping.is_log ? ReadLogPart(root, &mapping, faults) : ReadLedgerPart(root, &mapping, faults);
  return mapping;
}

Faults MissingColumns(const Mapping& mapping, const CsvFile& file) {
  Faults faults;
  auto demand = [&](const std::string& column, int line) {
    if (column.empty() || file.Column(column) >= 0) return;
    Refuse(&faults, line,
           absl::StrCat("文件中没有“", column, "”一列。文件的列：", absl::StrJoin(file.heading, "、"), "。"),
           absl::StrCat("The file has no column \"", column, "\". It has: ", absl::StrJoin(file.heading, ", "), "."));
  };
  auto rules = [&](const std::vector<ValueRule>& all) {
    for (const ValueRule& rule : all) {
      demand(rule.column, rule.line);
      demand(rule.agrees_with, rule.line);
      for (const auto& [column, texts] : rule.when) demand(column, rule.line);
    }
  };
  for (const std::string& column : mapping.key) demand(column, 1);
  for (const std::string& column : mapping.note) demand(column, 1);
  for (const std::string* column : {&mapping.occurred_at, &mapping.dated, &mapping.case_id, &mapping.opened_at,
                                    &mapping.ended_at, &mapping.at, &mapping.activity}) {
    demand(*column, 1);
  }
  rules(mapping.parties);
  rules(mapping.fields);
  rules(mapping.step_fields);
  return faults;
}

Faults UnknownWords(const Mapping& mapping, const ProcedureWords& words) {
  Faults faults;
  auto demand = [&](const auto& known, const std::string& name, int line, const char* zh, const char* en) {
    if (name.empty() || known.count(name) > 0) return;
    std::vector<std::string> names;
    for (const auto& [one, what] : known) names.push_back(one);
    Refuse(&faults, line, absl::StrCat("规程没有", zh, "“", name, "”，有：", absl::StrJoin(names, "、"), "。"),
           absl::StrCat("The procedure has no ", en, " \"", name, "\"; it has: ", absl::StrJoin(names, ", "), "."));
  };
  for (const ValueRule& rule : mapping.parties) demand(words.parties, rule.name, rule.line, "参与方", "party");
  for (const auto* rules : {&mapping.fields, &mapping.step_fields}) {
    for (const ValueRule& rule : *rules) demand(words.fields, rule.name, rule.line, "字段", "field");
  }
  demand(words.fields, mapping.keep_key_in, 1, "字段", "field");
  std::map<std::string, v1::Text> actions = words.actions;
  actions["comment"];  // Built in for every procedure.
  for (const auto& [activity, action] : mapping.actions) demand(actions, action, 1, "操作", "action");
  demand(actions, mapping.end_action, 1, "操作", "action");
  return faults;
}

std::string ColumnOf(const Mapping& mapping, const std::string& name) {
  for (const auto* rules : {&mapping.fields, &mapping.parties, &mapping.step_fields}) {
    for (const ValueRule& rule : *rules) {
      if (rule.name == name && !rule.column.empty()) return rule.column;
    }
  }
  return name;
}

}  // namespace duban::cli
