// Templates, the letters of a procedure, reports.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/procedure/documents_language.h"
#include "engine/procedure/reader.h"

namespace duban::engine {

std::vector<TextPiece> SplitPlaces(absl::string_view text) {
  std::vector<TextPiece> out;
  while (!text.empty()) {
    const size_t open = text.find_first_of("{}");
    if (open != 0) out.push_back({std::string(text.substr(0, open)), false});
    if (open == absl::string_view::npos) return out;
    const size_t close = text.find_first_of("{}", open + 1);
    if (text[open] == '}' || close == absl::string_view::npos || text[close] == '{') return {};
    out.push_back({std::string(text.substr(open + 1, close - open - 1)), true});
    text.remove_prefix(close + 1);
  }
  return out;
}

namespace language {
namespace {

constexpr size_t kTemplateTextBytesMax = 4096;

std::string ReadPlacedText(const Node& node, Findings& findings) {
  std::string text = ReadText(node, findings);
  if (text.size() > kTemplateTextBytesMax) {
    findings.Error("WRONG_VALUE", node.at,
                   absl::StrCat("文字超过 ", kTemplateTextBytesMax, " 字节（约 ", kTemplateTextBytesMax / 3,
                                " 个汉字），请分段。"),
                   absl::StrCat("The text is longer than ", kTemplateTextBytesMax, " bytes; divide it."));
  } else if (!text.empty() && SplitPlaces(text).empty()) {
    findings.Error("TEMPLATE_PLACE", node.at, "文字中的花括号不成对，写法如：现将{count}个问题交你单位办理。",
                   "The braces of the text do not match; write for example {count}.");
  }
  return text;
}

struct BlockKey {
  const char* key;
  TemplateBlock::Kind kind;
};
constexpr BlockKey kBlockKeys[] = {
    {"heading", TemplateBlock::Kind::kHeading},  {"each", TemplateBlock::Kind::kEach},
    {"table", TemplateBlock::Kind::kTable},      {"figures", TemplateBlock::Kind::kFigures},
    {"units", TemplateBlock::Kind::kUnits},      {"overdue", TemplateBlock::Kind::kOverdue},
    {"register", TemplateBlock::Kind::kRegister}};

void ReadCompare(const Node& node, TemplateBlock& block, Findings& findings) {
  for (const std::string& word : ReadNames(node, findings)) {
    if (word == "mom") {
      block.period_before = true;
    } else if (word == "yoy") {
      block.year_before = true;
    } else {
      findings.Error("WRONG_VALUE", Locate(node, {word}),
                     absl::StrCat("“", word, "”不可用，只能是：mom（环比）、yoy（同比）。"),
                     absl::StrCat("\"", word, "\" is none of: mom (the period before), yoy (the year before)."));
    }
  }
}

TemplateBlock ReadBlock(const Node& node, Findings& findings) {
  using Kind = TemplateBlock::Kind;
  TemplateBlock block;
  if (node.kind == Node::Kind::kText) {
    block.text = ReadPlacedText(node, findings);
    return block;
  }
  MapReader map(node, Both("模板的一段", "A piece of a template"), findings);
  const Node* body = nullptr;
  for (const BlockKey& known : kBlockKeys) {
    if (body != nullptr || node.Find(known.key) == nullptr) continue;
    body = map.Take(known.key);
    block.kind = known.kind;
  }
  if (body == nullptr) {
    if (node.kind != Node::Kind::kMap) return block;
    findings.Error("WRONG_TYPE", node.at,
                   "一段应为文字，或 heading、each、table、figures、units、overdue、register 之一。",
                   "A piece is a text, or one of heading, each, table, figures, units, overdue, register.");
    return block;
  }
  if (block.kind == Kind::kHeading || block.kind == Kind::kEach) {
    block.text = ReadPlacedText(*body, findings);
  } else {
    block.names = ReadNames(*body, findings);
    if (const Node* title = map.Take("title")) block.text = ReadPlacedText(*title, findings);
  }
  if (block.kind == Kind::kHeading) {
    if (const Node* level = map.Take("level")) block.level = static_cast<int>(ReadCount(*level, 1, 4, findings));
  }
  if (block.kind == Kind::kFigures || block.kind == Kind::kUnits) {
    if (const Node* compare = map.Take("compare")) ReadCompare(*compare, block, findings);
  }
  map.Done();
  return block;
}

std::vector<TemplateBlock> ReadBlocks(const Node& node, Findings& findings) {
  std::vector<TemplateBlock> out;
  if (node.kind != Node::Kind::kList || node.children.empty()) {
    findings.Error("WRONG_TYPE", node.key_at, "正文（text）应为列表，每段一项。",
                   "The text is a list, an entry for each piece.");
    return out;
  }
  if (IsTooLong(node, kEntriesMax, findings)) return out;
  for (const Node& child : node.children) out.push_back(ReadBlock(child, findings));
  return out;
}

Template ReadTemplate(MapReader& map, Findings& findings) {
  Template out;
  out.name = map.node().key;
  out.title = map.TakeTitle(out.name);
  if (const Node* heading = map.Require("heading")) out.heading = ReadPlacedText(*heading, findings);
  if (const Node* text = map.Require("text")) out.blocks = ReadBlocks(*text, findings);
  return out;
}

DocumentKind ReadDocument(const Node& node, Findings& findings) {
  MapReader map(node, Both("文书", "A document"), findings);
  DocumentKind out;
  out.name = node.key;
  if (const Node* title = map.Take("title")) out.title = ReadTitle(*title, findings);
  if (const Node* name = map.Require("template")) out.template_name = ReadText(*name, findings);
  if (const Node* number = map.Require("number")) out.numbers = ReadText(*number, findings);
  if (const Node* per = map.Require("per")) out.per = ReadText(*per, findings);
  if (const Node* from = map.Require("from")) out.from = ReadText(*from, findings);
  if (const Node* at = map.Require("at")) out.at = ReadNames(*at, findings);
  out.receipt = map.TakeText("receipt");
  map.Done();
  return out;
}

}  // namespace

std::map<std::string, Template> ReadTemplates(const Node& node, Findings& findings) {
  std::map<std::string, Template> out;
  for (const Node* entry : ReadEntries(node, {}, findings)) {
    MapReader map(*entry, Both("模板", "A template"), findings);
    out[entry->key] = ReadTemplate(map, findings);
    map.Done();
  }
  return out;
}

std::map<std::string, Report> ReadReports(const Node& node, Findings& findings) {
  std::map<std::string, Report> out;
  for (const Node* entry : ReadEntries(node, {}, findings)) {
    MapReader map(*entry, Both("书面报告", "A report"), findings);
    Report& report = out[entry->key];
    report.name = entry->key;
    report.made_of = ReadTemplate(map, findings);
    if (const Node* number = map.Require("number")) report.numbers = ReadText(*number, findings);
    map.Done();
  }
  return out;
}

std::vector<DocumentKind> ReadDocuments(const Node& node, Findings& findings) {
  std::vector<DocumentKind> out;
  for (const Node* entry : ReadEntries(node, {}, findings)) out.push_back(ReadDocument(*entry, findings));
  return out;
}

}  // namespace language
}  // namespace duban::engine
