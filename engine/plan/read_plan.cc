// A plan's file.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/cases/fields.h"
#include "engine/draw/draw.h"
#include "engine/plan/check_names.h"
#include "engine/plan/plan.h"
#include "engine/plan/recurrence.h"
#include "engine/procedure/draft.h"
#include "engine/procedure/parse.h"
#include "engine/procedure/reader.h"
#include "engine/views/words.h"

namespace duban::engine {
namespace {

using language::Both;
using language::Findings;
using language::Known;
using language::MapReader;
using language::Node;
using language::ReadText;

Day ReadDay(const Node& node, Findings& findings) {
  const std::string text = ReadText(node, findings);
  if (const std::optional<Day> day = ParseDay(text)) return *day;
  findings.Error("WRONG_VALUE", node.at, absl::StrCat("“", text, "”不是日期，请写作 2027-01-01。"),
                 absl::StrCat("\"", text, "\" is no date; write 2027-01-01."));
  return Day();
}

int ReadMinute(const Node& node, Findings& findings) {
  const std::string text = ReadText(node, findings);
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  int hour = 0, minute = 0;
  if (parts.size() == 2 && absl::SimpleAtoi(parts[0], &hour) && absl::SimpleAtoi(parts[1], &minute) && hour >= 0 &&
      hour < 24 && minute >= 0 && minute < 60) {
    return hour * 60 + minute;
  }
  findings.Error("WRONG_VALUE", node.at, absl::StrCat("“", text, "”不是时刻，请写作 \"09:00\"。"),
                 absl::StrCat("\"", text, "\" is no time of day; write \"09:00\"."));
  return 0;
}

// Marks of a term or a vacancy: days or months, each once.
std::vector<Span> ReadMarks(const Node& node, Findings& findings) {
  std::vector<Span> marks = language::ReadSpans(node, findings);
  if (IsTooLong(node, kMarksMax, findings)) marks.resize(1);
  for (size_t i = 0; i < marks.size(); ++i) {
    const bool twice = std::find(marks.begin(), marks.begin() + static_cast<int64_t>(i), marks[i]) !=
                       marks.begin() + static_cast<int64_t>(i);
    if (marks[i].count > 0 && marks[i].kind == v1::DAY_KIND_CALENDAR && !twice) continue;
    findings.Error("PLAN_TIME", node.kind == Node::Kind::kList ? node.children[i].at : node.at,
                   "任期、出缺只按自然日或月计，各写一次，如 6 months、30 days。",
                   "Terms and vacancies count days or months, each once: 6 months, 30 days.");
    break;
  }
  return marks;
}

void ReadRule(const Node& rule, MapReader& map, Plan& plan, Findings& findings) {
  plan.rule = ReadText(rule, findings);
  const Node* from = map.Take("from");
  const Node* until = map.Take("until");
  if (from == nullptr || until == nullptr) {
    findings.Error("MISSING_KEY", map.node().at, "重复的计划须写 from（起）和 until（止），如 2027-01-01、2027-12-31。",
                   "A plan that comes again needs from and until, for example 2027-01-01 and 2027-12-31.");
  } else {
    plan.from = ReadDay(*from, findings);
    plan.until = ReadDay(*until, findings);
    if (plan.until < plan.from) {
      findings.Error("WRONG_VALUE", until->at, "止期早于起期。", "until lies before from.");
    }
  }
  if (rule.kind != Node::Kind::kText || plan.rule.empty()) return;
  if (const v1::Text wrong = WhyWrongRule(plan.rule); !wrong.zh().empty()) {
    findings.Error("PLAN_RULE", rule.at,
                   absl::StrCat("重复规则不可用：", wrong.zh(), "写法如 FREQ=MONTHLY;BYMONTHDAY=1（每月 1 日）。"),
                   absl::StrCat("This rule cannot be used: ", wrong.en(),
                                " Write for example FREQ=MONTHLY;BYMONTHDAY=1 (the first of each month)."));
  }
}

void ReadWhen(const Node& node, Plan& plan, Findings& findings) {
  MapReader map(node, Both("时间", "A plan's time"), findings);
  const Node* on = map.Take("on");
  const Node* rule = map.Take("rrule");
  const Node* term_end = map.Take("term_end");
  const Node* vacant = map.Take("vacant");
  if ((on != nullptr) + (rule != nullptr) + (term_end != nullptr) + (vacant != nullptr) != 1) {
    findings.Error("PLAN_TIME", node.at,
                   "写 on（一次）、rrule（重复）、term_end（任期届满前多久）或 vacant（出缺满多久），只写其中之一。",
                   "Write one of on (once), rrule (again and again), term_end (so long before a term ends) and vacant "
                   "(when a post has been vacant so long).");
  }
  if (on != nullptr) plan.from = plan.until = ReadDay(*on, findings);
  if (rule != nullptr) ReadRule(*rule, map, plan, findings);
  if (term_end != nullptr) plan.term_end = ReadMarks(*term_end, findings);
  if (vacant != nullptr) plan.vacant = ReadMarks(*vacant, findings);
  if (const Node* at = map.Take("at")) plan.minute = ReadMinute(*at, findings);
  if (const Node* adjust = map.Take("adjust")) {
    const int word = language::ReadOneOf(*adjust, {"none", "next_working_day", "previous_working_day"}, findings);
    if (word >= 0) plan.adjust = static_cast<Plan::Adjust>(word);
  }
  map.Done();
}

const std::vector<std::string>& TimelinessWords() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> out;
    for (int i = v1::Timeliness_MIN + 1; i <= v1::Timeliness_MAX; ++i) {
      if (v1::Timeliness_IsValid(i)) out.push_back(TimelinessWord(static_cast<v1::Timeliness>(i)));
    }
    return out;
  }();
  return words;
}

CaseSet ReadCases(const Node& node, Findings& findings) {
  CaseSet cases;
  MapReader map(node, Both("事项范围", "A set of cases"), findings);
  if (const Node* procedure = map.Require("procedure")) cases.procedure = ReadText(*procedure, findings);
  cases.stage = map.TakeText("stage");
  cases.light = map.TakeText("light");
  cases.party = map.TakeText("party");
  if (const Node* timeliness = map.Take("timeliness")) {
    const int word = language::ReadOneOf(*timeliness, TimelinessWords(), findings);
    if (word >= 0) cases.timeliness = TimelinessWords()[static_cast<size_t>(word)];
  }
  if (const Node* state = map.Take("state")) {
    const int word = language::ReadOneOf(*state, {"open", "ended"}, findings);
    if (word >= 0) cases.state = word == 0 ? "open" : "ended";
  }
  if (const Node* within = map.Take("ended_within")) {
    const Span span = language::ReadSpan(*within, findings);
    cases.ended_within = span;
    if (span.count == 0 || span.kind != v1::DAY_KIND_CALENDAR) {
      findings.Error("PLAN_TIME", within->at, "ended_within 只按自然日或月计，如 3 months、30 days。",
                     "ended_within counts days or months: 3 months, 30 days.");
    }
  }
  map.Done();
  return cases;
}

// "20%" or "12.5%" in thousandths.
int64_t ReadPermille(const Node& node, Findings& findings) {
  const std::string text = ReadText(node, findings);
  absl::string_view digits = text;
  if (absl::ConsumeSuffix(&digits, "%")) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(digits, absl::MaxSplits('.', 1));
    const bool tenth = parts.second.size() == 1 && absl::ascii_isdigit(parts.second[0]);
    int64_t percent = 0;
    if ((tenth || !absl::StrContains(digits, '.')) && absl::SimpleAtoi(parts.first, &percent) && percent >= 0 &&
        percent <= 100) {
      const int64_t permille = percent * 10 + (tenth ? parts.second[0] - '0' : 0);
      if (permille >= 1 && permille <= 1000) return permille;
    }
  }
  findings.Error("WRONG_VALUE", node.at, absl::StrCat("“", text, "”不是比例，请写作 20%。"),
                 absl::StrCat("\"", text, "\" is no share; write 20%."));
  return 1000;
}

void ReadSample(MapReader& map, Plan& plan, Findings& findings) {
  const Node* share = map.Take("share");
  const Node* count = map.Take("count");
  if (share == nullptr && count == nullptr) return;  // `per` and `at_least` are then unknown keys.
  Sample& sample = plan.sample.emplace();
  if (share != nullptr) sample.permille = ReadPermille(*share, findings);
  if (count != nullptr) sample.count = language::ReadCount(*count, 1, kCandidatesMax, findings);
  if (const Node* least = map.Take("at_least")) {
    sample.at_least = language::ReadCount(*least, 1, kCandidatesMax, findings);
  }
  const Node* per = map.Take("per");
  if (per == nullptr) return;
  if (plan.cases) {
    sample.per = ReadText(*per, findings);
  } else if (language::ReadOneOf(*per, {"level"}, findings) == 0) {
    sample.per = "level";
  }
}

void ReadFor(const Node& node, Plan& plan, Findings& findings) {
  MapReader map(node, Both("范围", "A population"), findings);
  const Node* units = map.Take("units");
  const Node* below = map.Take("below");
  const Node* contact = map.Take("contact");
  const Node* reg = map.Take("register");
  const Node* cases = map.Take("cases");
  if ((units != nullptr) + (below != nullptr) + (contact != nullptr) + (reg != nullptr) + (cases != nullptr) != 1) {
    findings.Error(
        "PLAN_FOR", node.at,
        "写 units（列出单位）、below（某单位以下）、contact（某岗位或某人联系的片区）、register（名册中的单位）"
        "或 cases（台账中的事项），只写其中之一。",
        "Write one of units (a list), below (all units below one), contact (the area of a contact), register "
        "(those that stand in one) and cases (of the ledger).");
  }
  if (plan.of_posts() && (reg != nullptr || cases != nullptr)) {
    findings.Error("PLAN_FOR", node.at, "任期、出缺的计划按 units、below 或 contact 选岗位所在的单位。",
                   "For terms and vacancies the posts' units are named by units, below or contact.");
  }
  if (units != nullptr) plan.units = language::ReadNames(*units, findings, kPopulationMax);
  if (below != nullptr) plan.below = ReadText(*below, findings);
  if (contact != nullptr) plan.contact = ReadText(*contact, findings);
  if (reg != nullptr) plan.in_register = ReadText(*reg, findings);
  if (cases != nullptr) {
    plan.cases = ReadCases(*cases, findings);
  } else {
    plan.level = map.TakeText("level");
  }
  if (!plan.of_posts()) ReadSample(map, plan, findings);
  map.Done();
}

std::vector<std::pair<std::string, std::string>> ReadPairs(const Node& node, const char* zh, const char* en,
                                                           Findings& findings) {
  MapReader map(node, Both(zh, en), findings);
  std::vector<std::pair<std::string, std::string>> out;
  for (const Node& child : node.children) {
    if (const Node* value = map.Take(child.key)) out.emplace_back(child.key, ReadText(*value, findings));
  }
  return out;
}

// Who is drawn beside the units: {inspectors: {from: [persons/…], count: 2}}.
std::vector<PartyDraw> ReadDraws(const Node& node, Findings& findings) {
  MapReader map(node, Both("抽取", "Draws"), findings);
  std::vector<PartyDraw> out;
  for (const Node& child : node.children) {
    const Node* value = map.Take(child.key);
    if (value == nullptr) continue;
    MapReader one(*value, Both("抽取", "A draw"), findings);
    PartyDraw draw;
    draw.party = child.key;
    if (const Node* from = one.Require("from")) draw.from = language::ReadNames(*from, findings, kPopulationMax);
    if (const Node* count = one.Require("count")) draw.count = language::ReadCount(*count, 1, kCandidatesMax, findings);
    one.Done();
    out.push_back(std::move(draw));
  }
  return out;
}

void ReadOpens(const Node& node, Plan& plan, Findings& findings) {
  MapReader map(node, Both("开启", "What a plan opens"), findings);
  if (const Node* procedure = map.Require("procedure")) plan.procedure = ReadText(*procedure, findings);
  if (!plan.cases) {
    if (const Node* party = map.Require("party")) plan.party = ReadText(*party, findings);
  }
  if (const Node* bind = map.Take("bind")) plan.bind = ReadPairs(*bind, "参与方", "Parties", findings);
  if (const Node* set = map.Take("set")) plan.set = ReadPairs(*set, "字段", "Fields", findings);
  if (plan.cases || plan.of_posts()) {
    if (const Node* copy = map.Take("copy")) plan.copy = ReadPairs(*copy, "照抄", "What is copied", findings);
  }
  if (plan.draws_units()) {
    if (const Node* draws = map.Take("draw")) plan.draws = ReadDraws(*draws, findings);
  }
  map.Done();
}

Plan Read(const Node& root, Findings& findings) {
  Plan plan;
  MapReader map(root, Both("计划", "A plan"), findings);
  if (const Node* name = map.Require("plan")) {
    plan.name = ReadText(*name, findings);
    if (!language::IsName(plan.name)) {
      findings.Error("INVALID_NAME", name->at, "计划名只含小写字母、数字、下划线，字母开头，最多 40 个字符。",
                     "A plan's name has lower-case letters, digits and \"_\", a letter first, at most 40.");
    }
  }
  if (const Node* title = map.Require("title")) plan.title = language::ReadTitle(*title, findings);
  if (const Node* by = map.Require("by")) plan.by = ReadText(*by, findings);
  if (const Node* when = map.Require("when")) ReadWhen(*when, plan, findings);
  if (const Node* population = map.Require("for")) ReadFor(*population, plan, findings);
  if (const Node* opens = map.Require("opens")) ReadOpens(*opens, plan, findings);
  // What is asked of units is known beforehand of units alone.
  const bool of_units = !plan.cases && !plan.of_posts();
  if (const Node* burden = of_units ? map.Take("burden") : nullptr) {
    plan.burden = language::ReadBurden(*burden, /*of_plan=*/true, findings);
    plan.burden->party = plan.party;
  }
  map.Done();
  return plan;
}

}  // namespace

ReadPlanResult ReadPlan(const SourceFile& file, const Procedures& procedures, const Directory* directory) {
  ReadPlanResult out;
  Findings findings(file.path);
  if (const std::optional<Node> root = language::Parse(file.text, /*strict=*/true, findings)) {
    out.plan = Read(*root, findings);
    if (findings.errors() == 0) language::CheckNothingEmpty(*root, findings);
    if (findings.errors() == 0) CheckNames(out.plan, *root, procedures, directory, findings);
    const size_t days = findings.errors() == 0 ? NominalDays(out.plan, out.plan.from).size() : 1;
    if (days == 0 && !out.plan.of_posts()) {
      findings.Error("PLAN_RULE", Locate(*root, {"when", "rrule"}), "从 from 到 until，这条规则一次也不会到期。",
                     "From its first to its last day this rule never comes due.");
    }
    if (days >= kOccurrencesMax) {
      findings.Error("TOO_MANY", Locate(*root, {"when"}),
                     absl::StrCat("到期次数达到 ", kOccurrencesMax, "，请缩短起止。"),
                     absl::StrCat("It would come due ", kOccurrencesMax, " times; shorten it."));
    }
  }
  for (Finding& finding : findings.all()) {
    if (!finding.warning) out.findings.push_back(std::move(finding));
  }
  return out;
}

bool IsPlan(const std::string& text) {
  Findings ignored("");
  if (const std::optional<Node> root = language::Parse(text, /*strict=*/false, ignored)) {
    return root->Find("plan") != nullptr && root->Find("procedure") == nullptr;
  }
  // What cannot be read is reported by whoever reads that sort of file.
  return absl::StartsWith(text, "plan:") || absl::StrContains(text, "\nplan:");
}

Plan PlanOf(const std::string& source) {
  Findings ignored("");
  const std::optional<Node> root = language::Parse(source, /*strict=*/false, ignored);
  return root.has_value() ? Read(*root, ignored) : Plan();
}

}  // namespace duban::engine
