// Parties, fields and code tables.
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/base/time.h"
#include "engine/cases/fields.h"
#include "engine/directory/directory.h"
#include "engine/procedure/draft.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

// A code's id may be Chinese: it is a value, not a name that other files spell.
constexpr size_t kCodeBytesMax = 60;
constexpr size_t kCodesMax = 5000;

void ReadNever(const Node& node, Party& party, Findings& findings) {
  MapReader map(node, Both("回避（never）", "\"never\""), findings);
  party.never_unit_of = map.TakeNames("unit_of");
  party.never_person_of = map.TakeNames("person_of");
  party.never_related_to = map.TakeNames("related_to");
  party.never_acted_in = map.TakeNames("acted_in");
  map.Done();
}

Party ReadParty(const Node& node, Findings& findings) {
  MapReader map(node, Both("参与方", "A party"), findings);
  Party party;
  party.name = node.key;
  party.title = map.TakeTitle(node.key);
  if (const Node* kind = map.Require("kind")) {
    const int at = ReadOneOf(*kind, {"unit", "post", "person"}, findings);
    if (at >= 0) party.kind = static_cast<PartyKind>(at);
  }
  party.many = map.TakeBool("many");
  party.optional = map.TakeBool("optional");
  if (const Node* right = map.Take("right")) {
    const int at = ReadOneOf(*right, {std::begin(kRights), std::end(kRights)}, findings);
    if (at >= 0) party.right = kRights[at];
  }
  if (const Node* never = map.Take("never")) ReadNever(*never, party, findings);
  party.claimable = map.TakeBool("claimable");
  party.drawn = map.TakeBool("drawn");
  map.Done();
  return party;
}

void ReadBounds(MapReader& map, Field& field, Findings& findings) {
  const auto read = [&](absl::string_view key, std::optional<std::string>& bound) {
    const Node* node = map.Take(key);
    if (node == nullptr) return;
    const std::string text = ReadText(*node, findings);
    const bool good = (field.type == FieldType::kNumber && IsDecimal(text)) ||
                      (field.type == FieldType::kDate && ParseDay(text).has_value());
    if (good) {
      bound = text;
    } else if (node->kind == Node::Kind::kText && field.type == FieldType::kNumber) {
      findings.Error("WRONG_VALUE", node->at, absl::StrCat("“", text, "”不是数字，写法如 12.5。"),
                     absl::StrCat("\"", text, "\" is no number; write for example 12.5."));
    } else if (node->kind == Node::Kind::kText && field.type == FieldType::kDate) {
      findings.Error("WRONG_VALUE", node->at, absl::StrCat("“", text, "”不是存在的日期，写法如 2026-12-31。"),
                     absl::StrCat("\"", text, "\" is no date; write for example 2026-12-31."));
    } else if (node->kind == Node::Kind::kText) {
      findings.Error("WRONG_VALUE", node->key_at, "只有数字（number）和日期（date）字段才写上下限。",
                     "Bounds are for number and date fields only.");
    }
  };
  read("min", field.min);
  read("max", field.max);
  if (!field.min.has_value() || !field.max.has_value()) return;
  const bool wrong =
      field.type == FieldType::kNumber ? CompareDecimals(*field.min, *field.max) > 0 : *field.min > *field.max;
  if (!wrong) return;
  findings.Error("WRONG_VALUE", map.node().Find("max")->at, "上限小于下限。",
                 "The upper bound is below the lower one.");
}

// `sealed: {sees: [issuer]}` seals the values; a plain `sees` only limits who reads them.
void ReadSecrecy(MapReader& map, Field& field, Findings& findings) {
  field.sees = map.TakeNames("sees");
  const Node* sealed = map.Take("sealed");
  if (sealed == nullptr) return;
  field.sealed = true;
  MapReader inner(*sealed, Both("密封（sealed）", "\"sealed\""), findings);
  if (const Node* sees = inner.Require("sees")) field.sees = ReadNames(*sees, findings);
  inner.Done();
  if (field.type != FieldType::kText) {
    findings.Error("SEALED_NOT_TEXT", sealed->key_at, "只有文本（text）字段可以密封。",
                   "Only text fields can be sealed.");
  }
}

Field ReadField(const Node& node, Findings& findings) {
  MapReader map(node, Both("字段", "A field"), findings);
  Field field;
  field.name = node.key;
  field.title = map.TakeTitle(node.key);
  if (const Node* type = map.Require("type")) {
    const int at =
        ReadOneOf(*type, {"text", "choice", "number", "date", "instant", "unit", "post", "person", "file"}, findings);
    if (at >= 0) field.type = static_cast<FieldType>(at);
  }
  field.required = map.TakeBool("required");
  field.many = map.TakeBool("many");
  field.approximate = map.TakeBool("approximate");
  const bool choice = field.type == FieldType::kChoice;
  if (const Node* of = choice ? map.Require("of") : map.Take("of")) {
    field.codes = ReadText(*of, findings);
    if (!choice) {
      findings.Error("WRONG_VALUE", of->key_at, "只有选择（choice）字段才写 of。", "\"of\" is for choice fields only.");
    }
  }
  if (const Node* bytes = map.Take("max_bytes")) {
    field.max_bytes = static_cast<size_t>(ReadCount(*bytes, 1, limits::kTextBytesMax, findings));
    if (field.type != FieldType::kText) {
      findings.Error("WRONG_VALUE", bytes->key_at, "只有文本（text）字段才写 max_bytes。",
                     "\"max_bytes\" is for text fields only.");
    }
  }
  ReadBounds(map, field, findings);
  ReadSecrecy(map, field, findings);
  map.Done();
  return field;
}

CodeTable ReadCodeTable(const Node& node, Findings& findings) {
  CodeTable table;
  table.name = node.key;
  std::map<std::string, bool> seen;
  const auto add = [&](const std::string& id, v1::Text title, Place at) {
    if (id.empty() || id.size() > kCodeBytesMax) {
      findings.Error("WRONG_VALUE", at,
                     absl::StrCat("代码应为 1 至 ", kCodeBytesMax, " 字节（约 ", kCodeBytesMax / 3, " 个汉字）。"),
                     absl::StrCat("A code has 1 to ", kCodeBytesMax, " bytes."));
    } else if (std::exchange(seen[id], true)) {
      findings.Error("DUPLICATE_NAME", at, absl::StrCat("代码“", id, "”重复，请删去一个。"),
                     absl::StrCat("Code \"", id, "\" is written twice; remove one."));
    }
    table.codes.push_back({id, std::move(title)});
  };
  if (IsTooLong(node, kCodesMax, findings)) return table;
  if (node.kind == Node::Kind::kMap) {
    for (const Node& code : node.children) add(code.key, ReadTitle(code, findings), code.key_at);
  } else {
    for (const std::string& code : ReadNames(node, findings, kCodesMax)) {
      add(code, Both(code, ""), Locate(node, {code}));
    }
  }
  return table;
}

}  // namespace

std::vector<Party> ReadParties(const Node& node, Findings& findings) {
  std::vector<Party> out;
  if (node.kind == Node::Kind::kMap && node.children.empty()) {
    findings.Error("WRONG_VALUE", node.at, "参与方是空的：至少写一个，如 issuer: {kind: unit, title: {zh: 交办单位}}。",
                   "There are no parties: write at least one, such as issuer: {kind: unit, title: {zh: 交办单位}}.");
  }
  // Words that numbers use beside parties.
  for (const Node* entry : ReadEntries(node, {"year", "seq"}, findings)) out.push_back(ReadParty(*entry, findings));
  return out;
}

std::vector<Field> ReadFields(const Node& node, Findings& findings) {
  std::vector<Field> out;
  // Every action has these two anyway.
  for (const Node* entry : ReadEntries(node, {"reason", "note"}, findings)) out.push_back(ReadField(*entry, findings));
  return out;
}

std::map<std::string, CodeTable> ReadCodes(const Node& node, Findings& findings) {
  std::map<std::string, CodeTable> out;
  for (const Node* entry : ReadEntries(node, {}, findings)) out[entry->key] = ReadCodeTable(*entry, findings);
  return out;
}

}  // namespace duban::engine::language
