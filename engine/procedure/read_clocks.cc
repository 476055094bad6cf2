// Clocks, ladders, registers and lights.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/procedure/draft.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

constexpr int64_t kGraceDaysMax = 60;

Register ReadRegister(const Node& node, Findings& findings) {
  MapReader map(node, Both("名册", "A register"), findings);
  Register out;
  out.name = node.key;
  out.title = map.TakeTitle(node.key);
  if (const Node* kind = map.Require("kind")) {
    const int at = ReadOneOf(*kind, {"unit", "post", "person"}, findings);
    if (at >= 0) out.kind = static_cast<PartyKind>(at);
  }
  if (const Node* keeps = map.Take("keeps")) out.keeps = ReadKeeps(*keeps, findings);
  map.Done();
  return out;
}

Extension ReadExtension(const Node& node, const std::string& clock, Findings& findings) {
  MapReader map(node, Both("延期（extend）", "\"extend\""), findings);
  Extension extend;
  extend.action = absl::StrCat("extend_", clock);
  extend.title = map.TakeTitle(extend.action);
  if (const Node* by = map.Require("by")) extend.by = ReadRoles(*by, findings);
  if (const Node* approved = map.Require("approved_by")) extend.approved_by = ReadRoles(*approved, findings);
  if (const Node* cap = map.Take("at_most")) extend.at_most = ReadCap(*cap, findings);
  if (const Node* reach = map.Take("by_at_most")) extend.by_at_most = ReadSpan(*reach, findings);
  extend.needs = map.TakeNames("needs");
  map.Done();
  return extend;
}

// What a rung suggests, who decides it, and what follows when they approve.
void ReadSuggestion(MapReader& map, LadderRung& rung, Findings& findings) {
  const Node* suggest = map.Take("suggest");
  if (suggest == nullptr) {
    for (const char* key : {"ask", "register", "for", "opens"}) {
      const Node* stray = map.Take(key);
      if (stray == nullptr) continue;
      findings.Error("MISSING_KEY", stray->key_at, absl::StrCat("写了 ", key, " 却没有 suggest：只有建议才需要批准。"),
                     absl::StrCat("There is \"", key, "\" but no \"suggest\": only suggestions are approved."));
    }
    return;
  }
  rung.suggests = ReadText(*suggest, findings);
  if (suggest->kind == Node::Kind::kText && !IsName(rung.suggests)) {
    findings.Error("INVALID_NAME", suggest->at, "建议的名字只含小写字母、数字、下划线，字母开头，最多 40 个字符。",
                   "A suggestion's name has lower-case letters, digits and \"_\", a letter first, at most 40.");
  }
  if (const Node* ask = map.Require("ask")) rung.ask = ReadAsked(*ask, findings);
  rung.enters = map.TakeText("register");
  if (const Node* keeps = map.Take("for")) {
    rung.keeps = ReadKeeps(*keeps, findings);
    if (rung.enters.empty()) {
      findings.Error("MISSING_KEY", keeps->key_at, "写了 for 却没有 register。",
                     "There is \"for\" but no \"register\".");
    }
  }
  if (const Node* opens = map.Take("opens")) rung.opens = ReadOpens(*opens, findings);
}

std::vector<LadderRung> ReadLadder(const Node& node, Findings& findings) {
  std::vector<LadderRung> out;
  if (node.kind != Node::Kind::kList || node.children.empty()) {
    findings.Error("WRONG_TYPE", node.key_at, "梯级应为列表，每级如 {at: 0个工作日, raise: urge, tell: [owner]}。",
                   "A ladder is a list of rungs such as {at: 0 working days, raise: urge, tell: [owner]}.");
    return out;
  }
  if (IsTooLong(node, kEntriesMax, findings)) return out;
  for (const Node& child : node.children) {
    MapReader map(child, Both("梯级", "A rung"), findings);
    LadderRung rung;
    if (const Node* at = map.Require("at")) rung.at = ReadSpan(*at, findings);
    ReadSuggestion(map, rung, findings);
    const Node* raise = rung.suggests.empty() ? map.Require("raise") : map.Take("raise");
    if (raise != nullptr) rung.raises = ReadText(*raise, findings);
    rung.title = map.TakeTitle(rung.raises.empty() ? rung.suggests : rung.raises);
    if (const Node* tell = map.Take("tell")) rung.tell = ReadRoles(*tell, findings);
    map.Done();
    out.push_back(std::move(rung));
  }
  return out;
}

void ReadLadderOf(const Node& node, Clock& clock, Draft& draft) {
  if (node.kind == Node::Kind::kText) {
    draft.ladder_of[clock.name] = ReadText(node, draft.findings);
  } else {
    clock.ladder = ReadLadder(node, draft.findings);
  }
}

// What a recurring report takes: how often, which fields, how long after the period's end.
void ReadReport(MapReader& map, Clock& clock, Findings& findings) {
  const Node* every = map.Take("every");
  const Node* needs = map.Take("needs");
  const Node* within = map.Take("within");
  if (every == nullptr) {
    for (const Node* stray : {needs, within}) {
      if (stray == nullptr) continue;
      findings.Error("MISSING_KEY", stray->key_at, "needs、within 只用于周期性报送，须与 every 同写。",
                     "\"needs\" and \"within\" are for recurring reports and go with \"every\".");
    }
    return;
  }
  const int at = ReadOneOf(*every, {"week", "month", "quarter", "half_year", "year"}, findings);
  clock.every = static_cast<Recurrence>(std::max(at, 0));
  if (needs == nullptr) {
    findings.Error("MISSING_KEY", every->key_at, "周期性报送须写 needs：报送时填写哪些字段。",
                   "A recurring report says in \"needs\" which fields it gives.");
  } else {
    clock.needs = ReadNames(*needs, findings);
  }
  if (within == nullptr) return;
  const Span grace = ReadSpan(*within, findings);
  if (grace.kind == v1::DAY_KIND_CALENDAR && !grace.months && grace.count >= 1 && grace.count <= kGraceDaysMax) {
    clock.grace = grace;
  } else if (grace.kind != v1::DAY_KIND_UNSPECIFIED) {
    findings.Error(
        "WRONG_VALUE", within->at, absl::StrCat("周期结束后的宽限写自然日，1 至 ", kGraceDaysMax, " 天，如 5 days。"),
        absl::StrCat("The grace after a period is 1 to ", kGraceDaysMax, " days of the calendar, such as 5 days."));
  }
}

// A dated goal on a clock's course, as a clock of its own: it starts, stops and is suspended with that one.
Clock ReadMilestone(const Node& node, const Clock& of, Findings& findings) {
  MapReader map(node, Both("节点", "A milestone"), findings);
  Clock out;
  out.name = absl::StrCat(of.name, "_", node.key);
  out.title = map.TakeTitle(node.key);
  out.milestone_of = of.name;
  out.from = of.from;
  out.until = of.until;
  out.stops_in = of.stops_in;
  out.charged_to = of.charged_to;
  out.due_field = map.TakeText("due");
  if (const Node* left = map.Take("left")) {
    absl::string_view text = left->text;
    const bool share = absl::ConsumeSuffix(&text, "%") && absl::SimpleAtoi(text, &out.left_percent) &&
                       out.left_percent >= 1 && out.left_percent <= 99;
    if (!share) {
      out.left_percent = 0;
      findings.Error("WRONG_VALUE", left->at, "节点的 left 写剩余的百分比，1% 至 99%。",
                     "A milestone's \"left\" is a share of the time, 1% to 99%.");
    }
  }
  if ((node.Find("left") != nullptr) == (node.Find("due") != nullptr)) {
    findings.Error("MILESTONE_DUE_OR_LEFT", node.key_at,
                   "节点须写 due（日期字段）或 left（剩余百分比），二者只写一个。",
                   "A milestone takes either \"due\" (a date field) or \"left\" (a share of the time).");
  }
  if (const Node* needs = map.Require("needs")) out.needs = ReadNames(*needs, findings);
  if (const Node* remind = map.Take("remind")) out.remind = ReadSpans(*remind, findings);
  map.Done();
  return out;
}

Clock ReadClock(const Node& node, Draft& draft) {
  Findings& findings = draft.findings;
  MapReader map(node, Both("时钟", "A clock"), findings);
  Clock clock;
  clock.name = node.key;
  clock.title = map.TakeTitle(node.key);
  if (const Node* from = map.Require("from")) clock.from = ReadNames(*from, findings);
  if (const Node* until = map.Require("until")) clock.until = ReadNames(*until, findings);
  if (const Node* budget = map.Take("budget")) clock.budget = ReadSpan(*budget, findings);
  clock.due_field = map.TakeText("due");
  ReadReport(map, clock, findings);
  const int lengths = (clock.budget.has_value() ? 1 : 0) + (clock.due_field.empty() ? 0 : 1) + (clock.every ? 1 : 0);
  if (lengths != 1) {
    findings.Error(
        "CLOCK_BUDGET_OR_DUE", node.key_at,
        absl::StrCat("时钟“", node.key, "”须写 budget（多长）、due（哪个字段）或 every（多久报一次），只写一个。"),
        absl::StrCat("Clock \"", node.key,
                     "\" takes one of \"budget\" (how long), \"due\" (which field), \"every\" (how often)."));
  }
  if (const Node* counts = map.Take("counts")) clock.counts_first = ReadOneOf(*counts, {"both_ends"}, findings) == 0;
  clock.stops_in = map.TakeNames("stops_in");
  if (const Node* reentry = map.Take("on_reentry")) {
    clock.restart_on_reentry = ReadOneOf(*reentry, {"continue", "restart"}, findings) == 1;
  }
  if (const Node* remind = map.Take("remind")) clock.remind = ReadSpans(*remind, findings);
  if (const Node* ladder = map.Take("ladder")) ReadLadderOf(*ladder, clock, draft);
  clock.charged_to = map.TakeNames("charged_to");
  if (const Node* extend = map.Take("extend")) clock.extend = ReadExtension(*extend, clock.name, findings);
  map.Take("milestones");
  map.Done();
  if (clock.every.has_value()) {
    for (const char* key : {"ladder", "extend", "counts", "on_reentry", "milestones"}) {
      const Node* stray = node.Find(key);
      if (stray == nullptr) continue;
      findings.Error("UNKNOWN_KEY", stray->key_at, absl::StrCat("周期性报送没有“", key, "”这一项。"),
                     absl::StrCat("A recurring report has no \"", key, "\"."));
    }
  }
  return clock;
}

// `left` is a length of time or a share: "3 working days", "30%".
void ReadLeft(const Node& node, LightRule& rule, Findings& findings) {
  absl::string_view text = node.text;
  if (!absl::ConsumeSuffix(&text, "%")) {
    rule.when = LightRule::When::kLeft;
    rule.span = ReadSpan(node, findings);
    return;
  }
  rule.when = LightRule::When::kLeftPercent;
  if (absl::SimpleAtoi(text, &rule.percent) && rule.percent >= 1 && rule.percent <= 99) return;
  findings.Error("WRONG_VALUE", node.at, "百分比应为 1% 至 99%。", "A share is 1% to 99%.");
}

LightRule ReadLightRule(const Node& node, int place, Findings& findings) {
  MapReader map(node, Both("灯色规则", "A light rule"), findings);
  LightRule rule;
  if (const Node* colour = map.Require("colour")) rule.light.set_colour(ReadText(*colour, findings));
  rule.light.set_severity(place);
  if (const Node* severity = map.Take("severity")) {
    rule.light.set_severity(static_cast<int32_t>(ReadCount(*severity, 0, 100, findings)));
  }
  int conditions = 0;
  if (const Node* left = map.Take("left")) {
    ReadLeft(*left, rule, findings);
    ++conditions;
  }
  if (map.TakeBool("overdue")) {
    rule.when = LightRule::When::kOverdue;
    ++conditions;
  }
  if (const Node* by = map.Take("overdue_by")) {
    rule.when = LightRule::When::kOverdueBy;
    rule.span = ReadSpan(*by, findings);
    ++conditions;
  }
  if (map.TakeBool("milestones_missed")) {
    rule.when = LightRule::When::kMilestoneMissed;
    ++conditions;
  }
  if (const Node* times = map.Take("reports_missed")) {
    rule.when = LightRule::When::kReportsMissed;
    rule.times = static_cast<int>(ReadCount(*times, 1, 100, findings));
    ++conditions;
  }
  map.Done();
  if (conditions > 1) {
    findings.Error("WRONG_VALUE", node.at,
                   "一条灯色规则只写一个条件：left、overdue、overdue_by、milestones_missed 或 reports_missed。",
                   "A light rule has one condition: left, overdue, overdue_by, milestones_missed or reports_missed.");
  }
  return rule;
}

}  // namespace

Span ReadKeeps(const Node& node, Findings& findings) {
  const Span span = ReadSpan(node, findings);
  if (span.count == 0 && span.kind != v1::DAY_KIND_UNSPECIFIED) {
    findings.Error("WRONG_VALUE", node.at, "期限须大于零；不写则直到有人移出为止。",
                   "It is longer than nothing; leave it out for until somebody lifts it.");
  }
  return span;
}

void ReadClocks(const Node& node, Draft& draft) {
  for (const Node* entry : ReadEntries(node, {}, draft.findings)) {
    if (absl::StartsWith(entry->key, "within_")) {
      draft.findings.Error("RESERVED_NAME", entry->key_at, "within_ 开头的名字留给环节的 within，请换一个。",
                           "Names that begin with within_ belong to stages' \"within\"; choose another.");
    }
    draft.procedure.clocks.push_back(ReadClock(*entry, draft));
    const Node* milestones = entry->Find("milestones");
    if (milestones == nullptr) continue;
    const Clock of = draft.procedure.clocks.back();
    for (const Node* milestone : ReadEntries(*milestones, {}, draft.findings)) {
      draft.procedure.clocks.push_back(ReadMilestone(*milestone, of, draft.findings));
    }
  }
}

std::map<std::string, Register> ReadRegisters(const Node& node, Findings& findings) {
  std::map<std::string, Register> out;
  for (const Node* entry : ReadEntries(node, {}, findings)) out[entry->key] = ReadRegister(*entry, findings);
  return out;
}

std::map<std::string, std::vector<LadderRung>> ReadLadders(const Node& node, Findings& findings) {
  std::map<std::string, std::vector<LadderRung>> out;
  for (const Node* entry : ReadEntries(node, {}, findings)) out[entry->key] = ReadLadder(*entry, findings);
  return out;
}

std::vector<LightRule> ReadLights(const Node& node, Findings& findings) {
  std::vector<LightRule> out;
  if (node.kind != Node::Kind::kList || node.children.empty()) {
    findings.Error("WRONG_TYPE", node.key_at, "灯色方案应为列表，如 [{colour: green}, {colour: red, overdue: true}]。",
                   "A light scheme is a list such as [{colour: green}, {colour: red, overdue: true}].");
    return out;
  }
  if (IsTooLong(node, kEntriesMax, findings)) return out;
  for (const Node& child : node.children) {
    out.push_back(ReadLightRule(child, static_cast<int>(out.size()), findings));
  }
  return out;
}

}  // namespace duban::engine::language
