// Stages, actions and what they ask for.
#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/procedure/draft.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

const std::vector<std::string>& GuardWords() {
  static const auto& words = *new std::vector<std::string>{
      "field_is",       "field_set",   "before_due",   "assigned_by_superior", "first_round", "suggestion_open",
      "objection_open", "in_register", "parts_closed", "parts_open",           "not"};
  return words;
}

void UnknownGuard(absl::string_view word, Place at, Findings& findings) {
  const v1::Text nearest = Suggest(word, GuardWords());
  findings.Error(
      "UNDECLARED_GUARD", at,
      absl::StrCat("没有“", word, "”这个条件。可用：", absl::StrJoin(GuardWords(), "、"), "。", nearest.zh()),
      absl::StrCat("There is no guard \"", word, "\". Known: ", absl::StrJoin(GuardWords(), ", "), ".", nearest.en()));
}

// A guard that takes an argument: field_is, field_set, before_due, in_register.
void ReadGuardWithArgument(const Node& entry, Guard& guard, Findings& findings) {
  if (entry.key == "field_is") {
    guard.test = Guard::Test::kFieldIs;
    if (entry.kind != Node::Kind::kMap || entry.children.size() != 1) {
      findings.Error("WRONG_TYPE", entry.key_at, "写法为 {field_is: {字段: 值}}，一次一个字段。",
                     "Write {field_is: {field: value}}, one field at a time.");
      return;
    }
    guard.subject = entry.children[0].key;
    guard.value = ReadText(entry.children[0], findings);
    guard.written = absl::StrCat("field_is ", guard.subject, " = ", guard.value);
  } else if (entry.key == "field_set" || entry.key == "before_due") {
    guard.test = entry.key == "field_set" ? Guard::Test::kFieldSet : Guard::Test::kBeforeDue;
    guard.subject = ReadText(entry, findings);
    guard.written = absl::StrCat(entry.key, " ", guard.subject);
  } else if (entry.key == "in_register") {
    guard.test = Guard::Test::kInRegister;
    if (entry.kind == Node::Kind::kMap && entry.children.size() == 1) {
      guard.value = entry.children[0].key;
      guard.subject = ReadText(entry.children[0], findings);
    } else {
      guard.value = ReadText(entry, findings);
    }
    guard.written = absl::StrCat("in_register ", guard.value, guard.subject.empty() ? "" : " ", guard.subject);
  } else {
    UnknownGuard(entry.key, entry.key_at, findings);
  }
}

Guard ReadGuard(const Node& node, Findings& findings) {
  Guard guard;
  if (node.kind == Node::Kind::kText) {
    guard.written = node.text;
    if (node.text == "assigned_by_superior") {
      guard.test = Guard::Test::kAssignedBySuperior;
    } else if (node.text == "first_round") {
      guard.test = Guard::Test::kFirstRound;
    } else if (node.text == "suggestion_open") {
      guard.test = Guard::Test::kSuggestionOpen;
    } else if (node.text == "objection_open") {
      guard.test = Guard::Test::kObjectionOpen;
    } else if (node.text == "parts_open" || node.text == "parts_closed") {
      guard.test = Guard::Test::kPartsOpen;
      guard.negated = node.text == "parts_closed";
    } else {
      UnknownGuard(node.text, node.at, findings);
    }
    return guard;
  }
  if (node.kind != Node::Kind::kMap || node.children.size() != 1) {
    findings.Error("WRONG_TYPE", node.at, "条件应为一个名字，或如 {field_set: 字段} 的一项。",
                   "A guard is a name, or one entry such as {field_set: field}.");
    return guard;
  }
  const Node& entry = node.children[0];
  if (entry.key == "not") {
    guard = ReadGuard(entry, findings);
    guard.negated = !guard.negated;
    guard.written = absl::StrCat("not ", guard.written);
  } else {
    ReadGuardWithArgument(entry, guard, findings);
  }
  return guard;
}

std::vector<Guard> ReadGuards(const Node& node, Findings& findings) {
  std::vector<Guard> out;
  if (node.kind != Node::Kind::kList) return {ReadGuard(node, findings)};
  if (IsTooLong(node, kEntriesMax, findings)) return out;
  for (const Node& child : node.children) out.push_back(ReadGuard(child, findings));
  return out;
}

std::map<std::string, std::string> ReadPairs(const Node* node, Findings& findings) {
  std::map<std::string, std::string> out;
  if (node == nullptr) return out;
  for (const Node* entry : ReadEntries(*node, {}, findings)) out[entry->key] = ReadText(*entry, findings);
  return out;
}

// `rebind: {reviewer: superior}`.
std::vector<std::string> ReadRebind(const Node* node, Findings& findings) {
  std::vector<std::string> out;
  if (node == nullptr) return out;
  for (const Node* entry : ReadEntries(*node, {}, findings)) {
    ReadOneOf(*entry, {"superior"}, findings);
    out.push_back(entry->key);
  }
  return out;
}

void CheckActionName(const Node& node, Findings& findings) {
  const bool reserved = node.key == "comment" || node.key == "urge" || absl::StartsWith(node.key, "approve_") ||
                        absl::StartsWith(node.key, "refuse_") || absl::StartsWith(node.key, "extend_");
  if (!reserved) return;
  findings.Error(
      "RESERVED_NAME", node.key_at,
      absl::StrCat("“", node.key, "”是内置操作（comment、urge、approve_…、refuse_…、extend_…），请换一个名字。"),
      absl::StrCat("\"", node.key,
                   "\" is built in (comment, urge, approve_…, refuse_…, extend_…); choose another name."));
}

Action ReadAction(const Node& node, Findings& findings) {
  MapReader map(node, Both("操作", "An action"), findings);
  CheckActionName(node, findings);
  Action action;
  action.name = node.key;
  action.title = map.TakeTitle(node.key);
  if (const Node* by = map.Require("by")) action.by = ReadRoles(*by, findings);
  action.to = map.TakeText("to");
  if (const Node* needs = map.Take("needs")) action.needs = ReadNames(*needs, findings);
  action.takes = map.TakeNames("takes");
  for (auto& [field, value] : ReadPairs(map.Take("sets"), findings)) action.sets.emplace_back(field, value);
  if (const Node* verifies = map.Take("verifies")) {
    const int at = ReadOneOf(*verifies, {"passed", "failed", "rebounded"}, findings);
    action.verifies = static_cast<v1::Verification>(at + 1);
  }
  if (const Node* finds = map.Take("finds")) {
    const int at = ReadOneOf(*finds, {"confirmed", "partly", "unfounded"}, findings);
    action.finds = static_cast<v1::Truth>(at + 1);
  }
  if (const Node* approved = map.Take("approved_by")) action.approved_by = ReadRoles(*approved, findings);
  if (const Node* cap = map.Take("at_most")) action.at_most = ReadCap(*cap, findings);
  if (const Node* when = map.Take("when")) action.when = ReadGuards(*when, findings);
  if (const Node* objection = map.Take("objection")) {
    const int at = ReadOneOf(*objection, {"raise", "settle"}, findings);
    action.objection = static_cast<v1::Objection>(at + 1);
  }
  if (const Node* opens = map.Take("opens")) action.opens = ReadOpens(*opens, findings);
  action.rebinds_superior = ReadRebind(map.Take("rebind"), findings);
  map.Elsewhere("suggest", "建议由时钟的梯级（ladder）提出。", "A rung of a clock's ladder suggests.");
  map.Elsewhere("register", "名册由环节的 enters、leaves 列入和移出，或由梯级建议列入。",
                "A stage enters and strikes off by \"enters\" and \"leaves\", or a rung of a ladder suggests it.");
  map.Done();
  return action;
}

void ReadTimedMove(const Node& node, Stage& stage, Findings& findings) {
  if (node.kind != Node::Kind::kMap || node.children.size() != 1) {
    findings.Error("WRONG_TYPE", node.key_at, "写法为 after: {10个工作日: 环节}，只能有一项。",
                   "Write after: {10 working days: stage}, one entry only.");
    return;
  }
  const Node& entry = node.children[0];
  Node span;
  span.kind = Node::Kind::kText;
  span.text = entry.key;
  span.at = entry.key_at;
  stage.after = TimedMove{ReadSpan(span, findings), ReadText(entry, findings)};
}

// `within` is a clock of its stage, charged to those who may act there.
void ReadWithin(MapReader& map, const Stage& stage, std::vector<Clock>& clocks, Findings& findings) {
  const Node* within = map.Take("within");
  const Node* remind = map.Take("within_remind");
  if (within == nullptr) {
    // Where it is only misspelt, that is said already.
    const auto meant = [](const Node& entry) {
      return entry.key != "within_remind" && !Suggest(entry.key, {"within"}).zh().empty();
    };
    const std::vector<Node>& entries = map.node().children;
    if (remind != nullptr && std::none_of(entries.begin(), entries.end(), meant)) {
      findings.Error("MISSING_KEY", remind->key_at, "写了 within_remind 却没有 within。",
                     "There is \"within_remind\" but no \"within\".");
    }
    return;
  }
  Clock clock;
  clock.name = absl::StrCat("within_", stage.name);
  clock.title = Both(absl::StrCat(stage.title.zh(), "时限"),
                     stage.title.en().empty() ? "" : absl::StrCat(stage.title.en(), ": deadline"));
  clock.from = {stage.name};
  clock.stage_only = true;
  clock.budget = ReadSpan(*within, findings);
  clock.counts_first = stage.counts_first;
  clock.restart_on_reentry = true;
  if (remind != nullptr) clock.remind = ReadSpans(*remind, findings);
  for (const Action& action : stage.actions) {
    for (const Role& role : action.by) {
      if (!absl::c_linear_search(clock.charged_to, role.party)) {
        clock.charged_to.push_back(role.party);
      }
    }
  }
  clocks.push_back(std::move(clock));
}

void ReadReopens(const Node& node, Stage& stage, Findings& findings) {
  MapReader map(node, Both("重开（reopens）", "\"reopens\""), findings);
  if (const Node* which = map.Require("case")) ReadOneOf(*which, {"parent"}, findings);
  if (const Node* to = map.Require("to")) stage.reopens_to = ReadText(*to, findings);
  stage.reopens_set = ReadPairs(map.Take("set"), findings);
  map.Done();
}

// `enters: {register, party, keeps}`, `leaves: {register, party}`.
Listing ReadListing(const Node& node, bool enters, Findings& findings) {
  MapReader map(node, enters ? Both("列入（enters）", "\"enters\"") : Both("移出（leaves）", "\"leaves\""), findings);
  Listing listing;
  if (const Node* name = map.Require("register")) listing.register_name = ReadText(*name, findings);
  if (const Node* party = map.Require("party")) listing.party = ReadText(*party, findings);
  const Node* keeps = enters ? map.Take("keeps") : nullptr;
  if (keeps != nullptr) listing.keeps = ReadKeeps(*keeps, findings);
  map.Done();
  return listing;
}

Stage ReadStage(const Node& node, std::vector<Clock>& clocks, Findings& findings) {
  MapReader map(node, Both("环节", "A stage"), findings);
  Stage stage;
  stage.name = node.key;
  stage.title = map.TakeTitle(node.key);
  if (const Node* actions = map.Take("actions")) {
    for (const Node* entry : ReadEntries(*actions, {}, findings)) stage.actions.push_back(ReadAction(*entry, findings));
  }
  if (const Node* counts = map.Take("counts")) stage.counts_first = ReadOneOf(*counts, {"both_ends"}, findings) == 0;
  if (const Node* after = map.Take("after")) ReadTimedMove(*after, stage, findings);
  ReadWithin(map, stage, clocks, findings);
  stage.no_deadline = map.TakeText("no_deadline");
  if (const Node* end = map.Take("end")) {
    const int at = ReadOneOf(*end, {"done", "cancelled", "failed", "transferred", "merged"}, findings);
    stage.end = static_cast<v1::EndKind>(at + 1);
  }
  stage.sees = map.TakeNames("sees");
  if (const Node* opens = map.Take("opens")) stage.opens = ReadOpens(*opens, findings);
  if (const Node* reopens = map.Take("reopens")) ReadReopens(*reopens, stage, findings);
  if (const Node* collect = map.Take("collect")) stage.collect = ReadCollect(*collect, findings);
  if (const Node* leaves = map.Take("leaves")) stage.leaves = ReadListing(*leaves, false, findings);
  if (const Node* enters = map.Take("enters")) stage.enters = ReadListing(*enters, true, findings);
  map.Elsewhere("documents", "文书写在规程的 documents 里，用 at 写明环节。",
                "Letters stand under the procedure's \"documents\", with the stage in \"at\".");
  map.Elsewhere("rolls_up", "组成部分自动汇总，不必写。", "Parts are rolled up by themselves; nothing is written.");
  map.Elsewhere("milestones", "节点写在时钟之下。", "Milestones belong under a clock.");
  map.Done();
  return stage;
}

// `for_each: {owner: helpers}`: for each owner among the helpers.
void ReadForEach(const Node& node, Opens& opens, Findings& findings) {
  if (node.kind != Node::Kind::kMap || node.children.size() != 1) {
    findings.Error("WRONG_TYPE", node.key_at, "写法为 for_each: {对方的参与方: 本规程的参与方或字段}，只能有一项。",
                   "Write for_each: {their party: our party or field}, one entry only.");
    return;
  }
  opens.each = node.children[0].key;
  opens.of = ReadText(node.children[0], findings);
}

}  // namespace

Opens ReadOpens(const Node& node, Findings& findings) {
  MapReader map(node, Both("开启（opens）", "\"opens\""), findings);
  Opens opens;
  if (const Node* procedure = map.Require("procedure")) opens.procedure = ReadText(*procedure, findings);
  opens.bind = ReadPairs(map.Take("bind"), findings);
  opens.set = ReadPairs(map.Take("set"), findings);
  if (const Node* as = map.Take("as")) {
    const int at = ReadOneOf(*as, {"follow_up", "part", "self_check", "measure"}, findings);
    opens.as = static_cast<v1::LinkKind>(at + 1);
  }
  if (const Node* each = map.Take("for_each")) ReadForEach(*each, opens, findings);
  map.Done();
  return opens;
}

std::vector<Role> ReadRoles(const Node& node, Findings& findings) {
  std::vector<Role> out;
  for (std::string& name : ReadNames(node, findings)) {
    absl::string_view party = name;
    const bool head = absl::ConsumeSuffix(&party, ".head");
    out.push_back(Role{std::string(party), head});
  }
  return out;
}

std::vector<Role> ReadAsked(const Node& node, Findings& findings) {
  std::vector<Role> out = ReadRoles(node, findings);
  for (Role& role : out) {
    absl::string_view party = role.party;
    role.superior = !role.head && absl::ConsumeSuffix(&party, ".superior");
    role.party = std::string(party);
  }
  return out;
}

std::string Written(const Role& role) {
  return absl::StrCat(role.party, role.head ? ".head" : role.superior ? ".superior" : "");
}

// "1 per round", "2 per case"; 每轮1次, 每件2次.
Cap ReadCap(const Node& node, Findings& findings) {
  Cap cap;
  absl::string_view text = node.text;
  bool good = node.kind == Node::Kind::kText;
  if (absl::ConsumePrefix(&text, "每轮") || absl::ConsumePrefix(&text, "每件")) {
    cap.per_round = absl::StartsWith(node.text, "每轮");
    good = good && absl::ConsumeSuffix(&text, "次");
  } else {
    cap.per_round = absl::ConsumeSuffix(&text, " per round");
    good = good && (cap.per_round || absl::ConsumeSuffix(&text, " per case"));
  }
  if (good && absl::SimpleAtoi(text, &cap.count) && cap.count >= 1 && cap.count <= 100) return cap;
  const std::string written = node.kind == Node::Kind::kText ? node.text : "";
  findings.Error(
      "WRONG_VALUE", node.at,
      absl::StrCat("“", written, "”不是次数：写作 1 per round（每轮1次）或 2 per case（每件2次），1 至 100 次。"),
      absl::StrCat("\"", written, "\" is no cap: write 1 per round or 2 per case, 1 to 100."));
  return {};
}

std::vector<Stage> ReadStages(const Node& node, std::vector<Clock>& clocks, Findings& findings) {
  std::vector<Stage> out;
  for (const Node* entry : ReadEntries(node, {"previous"}, findings))
    out.push_back(ReadStage(*entry, clocks, findings));
  return out;
}

}  // namespace duban::engine::language
