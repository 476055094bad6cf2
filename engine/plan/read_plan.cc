// A plan's file.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/cases/fields.h"
#include "engine/plan/plan.h"
#include "engine/plan/recurrence.h"
#include "engine/procedure/parse.h"
#include "engine/procedure/reader.h"

namespace duban::engine {
namespace {

using language::Both;
using language::Findings;
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

void ReadWhen(const Node& node, Plan& plan, Findings& findings) {
  MapReader map(node, Both("时间", "A plan's time"), findings);
  const Node* on = map.Take("on");
  const Node* rule = map.Take("rrule");
  const Node* from = map.Take("from");
  const Node* until = map.Take("until");
  if ((on != nullptr) == (rule != nullptr)) {
    findings.Error("PLAN_TIME", node.at, "写 on（一次）或 rrule（重复），只写其中之一。",
                   "Write either on (once) or rrule (again and again).");
  }
  if (on != nullptr) plan.from = plan.until = ReadDay(*on, findings);
  if (rule != nullptr) {
    plan.rule = ReadText(*rule, findings);
    if (from == nullptr || until == nullptr) {
      findings.Error("MISSING_KEY", node.at, "重复的计划须写 from（起）和 until（止），如 2027-01-01、2027-12-31。",
                     "A plan that comes again needs from and until, for example 2027-01-01 and 2027-12-31.");
    } else {
      plan.from = ReadDay(*from, findings);
      plan.until = ReadDay(*until, findings);
      if (plan.until < plan.from) {
        findings.Error("WRONG_VALUE", until->at, "止期早于起期。", "until lies before from.");
      }
    }
    if (const std::string wrong = WhyWrongRule(plan.rule); !wrong.empty()) {
      findings.Error(
          "PLAN_RULE", rule->at,
          absl::StrCat("“", plan.rule, "”不是可用的 RRULE（RFC 5545），如 FREQ=MONTHLY;BYMONTHDAY=1：", wrong),
          absl::StrCat("\"", plan.rule, "\" is no RRULE (RFC 5545) that can be used here: ", wrong));
      plan.rule.clear();
    }
  }
  if (const Node* at = map.Take("at")) plan.minute = ReadMinute(*at, findings);
  if (const Node* adjust = map.Take("adjust")) {
    const int word = language::ReadOneOf(*adjust, {"none", "next_working_day", "previous_working_day"}, findings);
    if (word >= 0) plan.adjust = static_cast<Plan::Adjust>(word);
  }
  map.Done();
}

void ReadFor(const Node& node, Plan& plan, Findings& findings) {
  MapReader map(node, Both("范围", "A population"), findings);
  const Node* units = map.Take("units");
  const Node* below = map.Take("below");
  const Node* reg = map.Take("register");
  if ((units != nullptr) + (below != nullptr) + (reg != nullptr) != 1) {
    findings.Error("PLAN_FOR", node.at,
                   "写 units（列出单位）、below（某单位以下）或 register（名册中的单位），只写其中之一。",
                   "Write one of units (a list), below (all units below one) and register (those that stand in one).");
  }
  if (units != nullptr) plan.units = language::ReadNames(*units, findings, kPopulationMax);
  if (below != nullptr) plan.below = ReadText(*below, findings);
  if (reg != nullptr) plan.in_register = ReadText(*reg, findings);
  plan.level = map.TakeText("level");
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

void ReadOpens(const Node& node, Plan& plan, Findings& findings) {
  MapReader map(node, Both("开启", "What a plan opens"), findings);
  if (const Node* procedure = map.Require("procedure")) plan.procedure = ReadText(*procedure, findings);
  if (const Node* party = map.Require("party")) plan.party = ReadText(*party, findings);
  if (const Node* bind = map.Take("bind")) plan.bind = ReadPairs(*bind, "参与方", "Parties", findings);
  if (const Node* set = map.Take("set")) plan.set = ReadPairs(*set, "字段", "Fields", findings);
  map.Done();
}

void ReadBurden(const Node& node, Plan& plan, Findings& findings) {
  MapReader map(node, Both("负担", "A burden"), findings);
  Burden& burden = plan.burden.emplace();
  if (const Node* topic = map.Require("topic")) burden.topic = ReadText(*topic, findings);
  if (const Node* lasts = map.Take("lasts_days")) burden.lasts = language::ReadCount(*lasts, 1, 366, findings);
  if (const Node* most = map.Take("at_most_per_year")) burden.at_most = language::ReadCount(*most, 1, 366, findings);
  map.Done();
}

// What the plan names must be there.
class Names {
 public:
  Names(const Node& root, const Procedures& procedures, const Directory& directory, Findings& findings)
      : root_(root), procedures_(procedures), directory_(directory), findings_(findings) {}

  void Check(const Plan& plan) {
    if (directory_.FindPost(plan.by) == nullptr) Unknown({"by"}, plan.by, "岗位", "post");
    for (const std::string& unit : plan.units) {
      if (directory_.FindUnit(unit) == nullptr) Unknown({"for", "units", unit}, unit, "单位", "unit");
    }
    if (!plan.below.empty() && directory_.FindUnit(plan.below) == nullptr) {
      Unknown({"for", "below"}, plan.below, "单位", "unit");
    }
    const Procedure* procedure = procedures_.Newest(plan.procedure);
    if (procedure == nullptr) {
      findings_.Error("UNDECLARED_PROCEDURE", Locate(root_, {"opens", "procedure"}),
                      absl::StrCat("没有已发布的规程“", plan.procedure, "”，请先发布。"),
                      absl::StrCat("No procedure \"", plan.procedure, "\" is published; publish it first."));
      return;
    }
    CheckParties(plan, *procedure);
    CheckFields(plan, *procedure);
  }

 private:
  void Unknown(const std::vector<std::string>& path, const std::string& id, const char* zh, const char* en) {
    findings_.Error("PLAN_UNKNOWN_ID", Locate(root_, path), absl::StrCat("名录中没有", zh, "“", id, "”。"),
                    absl::StrCat("The directory has no ", en, " \"", id, "\"."));
  }

  void CheckParties(const Plan& plan, const Procedure& procedure) {
    for (const Party& party : procedure.parties) {
      const bool bound = party.name == plan.party || std::any_of(plan.bind.begin(), plan.bind.end(),
                                                                 [&](const auto& b) { return b.first == party.name; });
      if (!party.drawn || (party.optional && !bound)) continue;
      findings_.Error("PARTY_DRAWN", Locate(root_, {"opens"}),
                      absl::StrCat("规程“", procedure.name, "”的参与方“", party.name,
                                   "”由抽取产生，计划不能指定它，也就不能开启这样的事项。"),
                      absl::StrCat("The party \"", party.name, "\" of \"", procedure.name,
                                   "\" is drawn; a plan cannot bind it, and so opens no such cases."));
    }
    const Party* each = procedure.FindParty(plan.party);
    if (each == nullptr || each->kind != PartyKind::kUnit) {
      findings_.Error(
          "UNDECLARED_PARTY", Locate(root_, {"opens", "party"}),
          absl::StrCat("规程“", procedure.name, "”没有单位参与方“", plan.party, "”。"),
          absl::StrCat("The procedure \"", procedure.name, "\" has no party \"", plan.party, "\" that is a unit."));
    }
    for (const auto& [party, id] : plan.bind) {
      if (procedure.FindParty(party) == nullptr) {
        findings_.Error("UNDECLARED_PARTY", Locate(root_, {"opens", "bind", party}),
                        absl::StrCat("规程“", procedure.name, "”没有参与方“", party, "”。"),
                        absl::StrCat("The procedure \"", procedure.name, "\" has no party \"", party, "\"."));
      } else if (directory_.TitleOf(id).empty()) {
        Unknown({"opens", "bind", party}, id, "", "entry");
      }
    }
  }

  void CheckFields(const Plan& plan, const Procedure& procedure) {
    for (const auto& [name, written] : plan.set) {
      const Field* field = procedure.FindField(name);
      const language::Place at = Locate(root_, {"opens", "set", name});
      if (field == nullptr || field->sealed) {
        findings_.Error(
            "UNDECLARED_FIELD", at, absl::StrCat("规程“", procedure.name, "”没有可由计划填写的字段“", name, "”。"),
            absl::StrCat("The procedure \"", procedure.name, "\" has no field \"", name, "\" that a plan may fill."));
        continue;
      }
      if (const Outcome<v1::Value> value = ParseWritten(*field, written); !value.ok()) {
        findings_.Error("WRONG_VALUE", at, value.rejection().message.zh(), value.rejection().message.en());
      }
    }
    for (const Field& field : procedure.fields) {
      const bool given =
          std::any_of(plan.set.begin(), plan.set.end(), [&](const auto& s) { return s.first == field.name; });
      if (!field.required || given) continue;
      findings_.Error("MISSING_KEY", Locate(root_, {"opens"}),
                      absl::StrCat("规程“", procedure.name, "”立项必填“", field.title.zh(), "”（", field.name,
                                   "），请写在 set 中。"),
                      absl::StrCat("The procedure \"", procedure.name, "\" requires the field \"", field.name,
                                   "\"; give it under set."));
    }
  }

  const Node& root_;
  const Procedures& procedures_;
  const Directory& directory_;
  Findings& findings_;
};

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
  if (const Node* burden = map.Take("burden")) ReadBurden(*burden, plan, findings);
  map.Done();
  return plan;
}

}  // namespace

ReadPlanResult ReadPlan(const SourceFile& file, const Procedures& procedures, const Directory& directory) {
  ReadPlanResult out;
  Findings findings(file.path);
  if (const std::optional<Node> root = language::Parse(file.text, /*strict=*/true, findings)) {
    out.plan = Read(*root, findings);
    if (findings.errors() == 0) Names(*root, procedures, directory, findings).Check(out.plan);
    if (findings.errors() == 0 && NominalDays(out.plan, out.plan.from).size() >= kOccurrencesMax) {
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

Plan PlanOf(const std::string& source) {
  Findings ignored("");
  const std::optional<Node> root = language::Parse(source, /*strict=*/false, ignored);
  return root.has_value() ? Read(*root, ignored) : Plan();
}

}  // namespace duban::engine
