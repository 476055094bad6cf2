// A whole file.
#include "absl/strings/str_cat.h"
#include "engine/procedure/documents_language.h"
#include "engine/procedure/draft.h"
#include "engine/procedure/metrics_language.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

constexpr char kDrawsZh[] = "抽取用命令办（duban draw）；由抽取产生的参与方写 drawn: true。";
constexpr char kDrawsEn[] = "Draws are made by a command (duban draw); a party that is drawn says drawn: true.";

void ReadDefinitions(MapReader& map, Draft& draft) {
  if (const Node* codes = map.Take("codes")) draft.shared.codes = ReadCodes(*codes, draft.findings);
  if (const Node* ladders = map.Take("ladders")) draft.shared.ladders = ReadLadders(*ladders, draft.findings);
  if (const Node* registers = map.Take("registers")) {
    draft.shared.registers = ReadRegisters(*registers, draft.findings);
  }
  if (const Node* templates = map.Take("templates")) {
    draft.shared.templates = ReadTemplates(*templates, draft.findings);
  }
}

// Files of other kinds that are given here by mistake: what only they hold, and where they belong.
struct OtherFile {
  absl::string_view key;
  const char* zh;
  const char* en;
};
constexpr OtherFile kOtherFiles[] = {
    {"units", "这是名录文件，请用 duban directory apply 登记。",
     "This is a directory; apply it by duban directory apply."},
    {"posts", "这是名录文件，请用 duban directory apply 登记。",
     "This is a directory; apply it by duban directory apply."},
    {"persons", "这是名录文件，请用 duban directory apply 登记。",
     "This is a directory; apply it by duban directory apply."},
    {"keep_key_in", "这是导入的映射文件，请用在 duban import 的 --map 之后。",
     "This maps an import; give it to duban import behind --map."},
};

void ReadShared(const Node& root, Draft& draft) {
  MapReader map(root, Both("共用定义文件", "A file of shared definitions"), draft.findings);
  ReadDefinitions(map, draft);
  if (const Node* lights = map.Take("lights")) {
    for (const Node* entry : ReadEntries(*lights, {}, draft.findings)) {
      draft.shared.lights[entry->key] = ReadLights(*entry, draft.findings);
    }
  }
  // Whoever forgot `procedure:` is told so, not that `stages` is unknown.
  if (root.Find("stages") != nullptr || root.Find("parties") != nullptr) {
    draft.findings.Error("MISSING_KEY", root.at, "写了 stages 或 parties 的文件是规程，须以“procedure: 名字”开头。",
                         "A file with stages or parties is a procedure and begins with \"procedure: name\".");
    return;
  }
  if (const Node* metrics = map.Take("metrics")) draft.shared.metrics = ReadMetrics(*metrics, draft.findings);
  if (const Node* boards = map.Take("scoreboards")) {
    draft.shared.scoreboards = ReadScoreboards(*boards, draft.findings);
  }
  if (const Node* reports = map.Take("reports")) draft.shared.reports = ReadReports(*reports, draft.findings);
  map.Elsewhere("draws", kDrawsZh, kDrawsEn);
  map.Done();
}

void ReadLightsOf(const Node& node, Draft& draft) {
  if (node.kind == Node::Kind::kText) {
    draft.lights_named = ReadText(node, draft.findings);
  } else {
    draft.procedure.lights = ReadLights(node, draft.findings);
  }
}

Mandate ReadMandate(const Node& node, Findings& findings) {
  MapReader map(node, Both("授权（mandate）", "\"mandate\""), findings);
  Mandate mandate;
  if (const Node* by = map.Require("by")) mandate.by = ReadRoles(*by, findings);
  if (const Node* in = map.Require("in")) mandate.in = ReadText(*in, findings);
  if (const Node* over = map.Require("over")) mandate.over = ReadText(*over, findings);
  mandate.until = map.TakeText("until");
  map.Done();
  return mandate;
}

void ReadProcedure(const Node& root, Draft& draft) {
  Findings& findings = draft.findings;
  MapReader map(root, Both("规程", "A procedure"), findings);
  Procedure& out = draft.procedure;
  const Node* name = map.Take("procedure");
  out.name = ReadText(*name, findings);
  if (name->kind == Node::Kind::kText && !IsName(out.name)) {
    findings.Error("INVALID_NAME", name->at, "规程名只含小写字母、数字、下划线，字母开头，最多 40 个字符。",
                   "A procedure's name has lower-case letters, digits and \"_\", a letter first, at most 40.");
  }
  if (const Node* title = map.Require("title")) out.title = ReadTitle(*title, findings);
  if (const Node* may_open = map.Require("may_open")) out.may_open = ReadNames(*may_open, findings);
  if (const Node* secrecy = map.Take("secrecy")) {
    const int at = ReadOneOf(*secrecy, {"public", "internal", "work_secret"}, findings);
    if (at >= 0) out.secrecy = static_cast<v1::Secrecy>(v1::SECRECY_PUBLIC + at);
  }
  out.numbers = map.TakeText("numbers");
  out.subject = map.TakeText("subject");
  out.columns = map.TakeNames("columns");
  if (const Node* parties = map.Require("parties")) out.parties = ReadParties(*parties, findings);
  if (const Node* fields = map.Take("fields")) out.fields = ReadFields(*fields, findings);
  std::vector<Clock> of_stages;
  if (const Node* stages = map.Require("stages")) out.stages = ReadStages(*stages, of_stages, findings);
  if (const Node* clocks = map.Take("clocks")) ReadClocks(*clocks, draft);
  out.clocks.insert(out.clocks.end(), of_stages.begin(), of_stages.end());
  ReadDefinitions(map, draft);
  if (const Node* lights = map.Take("lights")) ReadLightsOf(*lights, draft);
  if (const Node* mandate = map.Take("mandate")) out.mandate = ReadMandate(*mandate, findings);
  if (const Node* burden = map.Take("burden")) out.burden = ReadBurden(*burden, /*of_plan=*/false, findings);
  if (const Node* documents = map.Take("documents")) out.documents = ReadDocuments(*documents, findings);
  for (const char* key : {"metrics", "scoreboards", "reports"}) {
    const Node* found = map.Take(key);
    if (found == nullptr) continue;
    findings.Error("UNKNOWN_KEY", found->key_at,
                   absl::StrCat("“", key, "”写在共用文件中，不写在规程里：指标可以跨规程。"),
                   absl::StrCat("\"", key, "\" belongs into a shared file: figures may span procedures."));
  }
  map.Elsewhere("draws", kDrawsZh, kDrawsEn);
  map.Elsewhere("plan", "计划另写成文件，可与规程一并发布。",
                "A plan is a file of its own, published with procedures.");
  map.Elsewhere("collect", "评议写在收集它的环节里。", "A rating stands under the stage that collects it.");
  map.Elsewhere("parts", "组成部分由环节或操作的 opens 开启，写 as: part；汇总数自动得出。",
                "Parts are opened by \"opens\" of a stage or an action with as: part; their sums come by themselves.");
  map.Done();
}

std::string TextAt(const Node& root, const std::vector<std::string>& path) {
  const Node* node = &root;
  for (const std::string& key : path) {
    node = node == nullptr ? nullptr : node->Find(key);
  }
  return node == nullptr ? "" : node->text;
}

}  // namespace

void ReadFile(Draft& draft) {
  const bool has_stages = draft.root.Find("stages") != nullptr;
  for (const OtherFile& other : kOtherFiles) {
    const Node* found = draft.root.Find(other.key);
    if (found == nullptr || has_stages) continue;
    draft.findings.Error("UNKNOWN_KEY", found->key_at, absl::StrCat("“", other.key, "”不是规程里的：", other.zh),
                         absl::StrCat("\"", other.key, "\" is none of a procedure's. ", other.en));
    return;
  }
  draft.is_procedure = draft.root.Find("procedure") != nullptr;
  if (draft.is_procedure) {
    ReadProcedure(draft.root, draft);
  } else if (draft.root.Find("plan") != nullptr) {
    draft.planned = {TextAt(draft.root, {"opens", "procedure"}), TextAt(draft.root, {"for", "cases", "procedure"})};
    if (draft.planned.of.empty()) draft.planned.opens.clear();  // Units and posts are no parents.
  } else {
    ReadShared(draft.root, draft);
  }
}

}  // namespace duban::engine::language
