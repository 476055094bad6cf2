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

// What the plan names must be there.
class Names {
 public:
  Names(const Node& root, const Procedures& procedures, const Directory* directory, Findings& findings)
      : root_(root), procedures_(procedures), directory_(directory), findings_(findings) {}

  void Check(const Plan& plan) {
    const auto unit = [&](const Path& path, const std::string& id) {
      if (directory_ != nullptr && directory_->FindUnit(id) == nullptr) Unknown(path, id, "units");
    };
    if (directory_ != nullptr && directory_->FindPost(plan.by) == nullptr) Unknown({"by"}, plan.by, "posts");
    for (const std::string& id : plan.units) unit({"for", "units", id}, id);
    if (!plan.below.empty()) unit({"for", "below"}, plan.below);
    const bool contact = plan.contact.empty() || directory_ == nullptr ||
                         directory_->FindPost(plan.contact) != nullptr ||
                         directory_->FindPerson(plan.contact) != nullptr;
    if (!contact) Unknown({"for", "contact"}, plan.contact, "");
    const Procedure* of = plan.cases ? Find({"for", "cases", "procedure"}, plan.cases->procedure) : nullptr;
    const Procedure* procedure = Find({"opens", "procedure"}, plan.procedure);
    if (procedure == nullptr || (plan.cases && of == nullptr)) return;
    if (of != nullptr) CheckCases(plan, *of);
    CheckParties(plan, *procedure, of);
    CheckSet(plan, *procedure);
    CheckCopy(plan, *procedure, of);
    CheckRequired(plan, *procedure);
    if (of != nullptr) CheckReopens(*procedure, *of);
  }

 private:
  using Path = std::vector<std::string>;

  // Where the key at a path stands, not what it says.
  static Path KeyOf(Path path) {
    path.emplace_back(language::kItsKey);
    return path;
  }

  void Error(const char* rule, const Path& path, std::string zh, std::string en) {
    findings_.Error(rule, Locate(root_, path), std::move(zh), std::move(en));
  }

  // Nothing of that id; `kind`: units, posts, persons, or all of them.
  void Unknown(const Path& path, const std::string& id, absl::string_view kind) {
    Known known;
    const auto add = [&](const char* prefix, const auto& all) {
      if (!kind.empty() && kind != prefix) return;
      for (const auto& [name, entry] : all) known.Add(name, entry.title());
    };
    add("units", directory_->units());
    add("posts", directory_->posts());
    add("persons", directory_->persons());
    const v1::Text meant = known.Meant(id);
    const char* zh = kind == "units" ? "单位" : kind == "posts" ? "岗位" : "";
    const char* en = kind == "units" ? "unit" : kind == "posts" ? "post" : "entry";
    Error("PLAN_UNKNOWN_ID", path, absl::StrCat("名录中没有", zh, "“", id, "”。", meant.zh()),
          absl::StrCat("The directory has no ", en, " \"", id, "\".", meant.en()));
  }

  // What was meant, where the procedure has nothing of that name; nothing where it has, and it does not fit.
  template <typename T>
  static v1::Text Meant(const std::vector<T>& all, const std::string& name) {
    const Known known(all);
    return known.Has(name) ? v1::Text() : known.Meant(name);
  }

  void NoField(const Path& path, const Procedure& procedure, const std::string& name, const char* zh, const char* en) {
    const v1::Text meant = Meant(procedure.fields, name);
    Error("UNDECLARED_FIELD", path,
          absl::StrCat("规程“", procedure.name, "”没有", zh, "的字段“", name, "”。", meant.zh()),
          absl::StrCat("The procedure \"", procedure.name, "\" has no field \"", name, "\" ", en, ".", meant.en()));
  }

  void NoParty(const Path& path, const Procedure& procedure, const std::string& name, const char* zh, const char* en) {
    const v1::Text meant = Meant(procedure.parties, name);
    Error("UNDECLARED_PARTY", path,
          absl::StrCat("规程“", procedure.name, "”没有", zh, "参与方“", name, "”。", meant.zh()),
          absl::StrCat("The procedure \"", procedure.name, "\" has no party \"", name, "\"", en, ".", meant.en()));
  }

  const Procedure* Find(const Path& path, const std::string& name) {
    const Procedure* procedure = procedures_.Newest(name);
    if (procedure == nullptr) {
      Known known;
      for (const Procedure* one : procedures_.All()) known.Add(one->name, one->title.zh());
      const v1::Text meant = known.Meant(name);
      Error("UNDECLARED_PROCEDURE", path,
            absl::StrCat("没有已发布或一并发布的规程“", name, "”",
                         meant.zh().empty() ? "，请先发布。" : absl::StrCat("。", meant.zh())),
            absl::StrCat("No procedure \"", name, "\" is published, or published with it",
                         meant.en().empty() ? "; publish it first." : absl::StrCat(".", meant.en())));
    }
    return procedure;
  }

  void CheckCases(const Plan& plan, const Procedure& of) {
    const CaseSet& cases = *plan.cases;
    if (!cases.stage.empty() && of.FindStage(cases.stage) == nullptr) {
      const v1::Text meant = Known(of.stages).Meant(cases.stage);
      Error("UNDECLARED_STAGE", {"for", "cases", "stage"},
            absl::StrCat("规程“", of.name, "”没有环节“", cases.stage, "”。", meant.zh()),
            absl::StrCat("The procedure \"", of.name, "\" has no stage \"", cases.stage, "\".", meant.en()));
    }
    CheckLight(cases.light, of);
    const bool known = directory_ == nullptr || cases.party.empty() || !directory_->TitleOf(cases.party).empty();
    if (!known) Unknown({"for", "cases", "party"}, cases.party, "");
    if (!plan.sample || plan.sample->per.empty()) return;
    // Cases are grouped by what the ledger shows of them.
    const std::string& per = plan.sample->per;
    const Field* field = of.FindField(per);
    const bool shown = absl::c_linear_search(of.columns, per);
    if (field == nullptr || !shown || !IsOpen(*field))
      NoField({"for", "per"}, of, per, "台账列出", "that the ledger shows");
  }

  // A light that its cases can show.
  void CheckLight(const std::string& light, const Procedure& of) {
    std::vector<std::string> colours;
    for (const LightRule& rule : of.lights) colours.push_back(rule.light.colour());
    if (light.empty() || absl::c_linear_search(colours, light)) return;
    const v1::Text meant = language::Suggest(light, colours);
    Error("UNDECLARED_COLOUR", {"for", "cases", "light"},
          absl::StrCat("规程“", of.name, "”的灯没有“", light, "”这种颜色，只有：", absl::StrJoin(colours, "、"), "。",
                       meant.zh()),
          absl::StrCat("The lights of \"", of.name, "\" never show \"", light, "\"; they show ",
                       absl::StrJoin(colours, ", "), ".", meant.en()));
  }

  // What is opened may reopen the case that it follows up on.
  void CheckReopens(const Procedure& procedure, const Procedure& of) {
    for (const Stage& stage : procedure.stages) {
      const Stage* to = stage.reopens_to.empty() ? nullptr : of.FindStage(stage.reopens_to);
      if (stage.reopens_to.empty() || (to != nullptr && to->end == v1::END_KIND_UNSPECIFIED)) continue;
      Error("REOPENS_MISMATCH", {"opens", "procedure"},
            absl::StrCat("规程“", procedure.name, "”会把原事项重开到环节“", stage.reopens_to, "”，规程“", of.name,
                         "”没有这个可重新开始的环节。"),
            absl::StrCat("\"", procedure.name, "\" reopens the case it follows up on at \"", stage.reopens_to,
                         "\", and \"", of.name, "\" has no such open stage."));
    }
  }

  static bool IsOpen(const Field& field) { return !field.sealed && field.sees.empty(); }

  void CheckParties(const Plan& plan, const Procedure& procedure, const Procedure* of) {
    for (const Party& party : procedure.parties) {
      const bool bound = party.name == plan.party || Gives(plan.bind, party.name);
      const bool drawn = plan.draws_units() && (party.name == plan.party || FindDraw(plan, party.name) != nullptr);
      if (!party.drawn || drawn || (party.optional && !bound)) continue;
      Error(
          "PARTY_DRAWN", {"opens"},
          absl::StrCat("规程“", procedure.name, "”的参与方“", party.name,
                       "”由抽取产生，不能指定：单位由 for 的 share 或 count 抽取，其余写在 opens 的 draw 中。"),
          absl::StrCat("The party \"", party.name, "\" of \"", procedure.name,
                       "\" is drawn and cannot be named: units are drawn by share or count under \"for\", others under "
                       "\"draw\" of \"opens\"."));
    }
    CheckDraws(plan, procedure);
    const Party* each = procedure.FindParty(plan.party);
    const bool fits =
        each != nullptr && (each->kind == PartyKind::kUnit || (plan.of_posts() && each->kind == PartyKind::kPost));
    if (of == nullptr && !fits) {
      plan.of_posts() ? NoParty({"opens", "party"}, procedure, plan.party, "单位或岗位", " that is a unit or a post")
                      : NoParty({"opens", "party"}, procedure, plan.party, "单位", " that is a unit");
    }
    for (const auto& [party, id] : plan.bind) {
      const Path path = {"opens", "bind", party};
      const Party* bound = procedure.FindParty(party);
      if (bound == nullptr) {
        NoParty(KeyOf(path), procedure, party, "", "");
      } else if (of != nullptr && !absl::StrContains(id, '/')) {
        const Party* theirs = of->FindParty(id);
        if (theirs == nullptr || theirs->kind != bound->kind || (theirs->many && !bound->many)) {
          NoParty(path, *of, id, "同类的", " of that kind");
        }
      } else if (directory_ != nullptr && directory_->TitleOf(id).empty()) {
        Unknown(path, id, "");
      }
    }
  }

  static const PartyDraw* FindDraw(const Plan& plan, const std::string& party) {
    const auto found =
        std::find_if(plan.draws.begin(), plan.draws.end(), [&](const PartyDraw& draw) { return draw.party == party; });
    return found == plan.draws.end() ? nullptr : &*found;
  }

  void CheckDraws(const Plan& plan, const Procedure& procedure) {
    for (const PartyDraw& draw : plan.draws) {
      const Path path = {"opens", "draw", draw.party};
      const Party* party = procedure.FindParty(draw.party);
      if (party == nullptr || !party->drawn || draw.party == plan.party) {
        NoParty(path, procedure, draw.party, "由抽取产生（drawn）的", " that is drawn");
        continue;
      }
      if (!party->many && draw.count > 1) {
        Error("WRONG_VALUE", {"opens", "draw", draw.party, "count"},
              absl::StrCat("“", party->title.zh(), "”只能有一个，请写 count: 1。"),
              absl::StrCat("\"", draw.party, "\" takes one; write count: 1."));
      }
      const char* prefix = party->kind == PartyKind::kUnit ? "units/" : "posts/";
      for (const std::string& id : draw.from) {
        const bool kind =
            absl::StartsWith(id, prefix) || (party->kind == PartyKind::kPerson && absl::StartsWith(id, "persons/"));
        const bool known = kind && (directory_ == nullptr || !directory_->TitleOf(id).empty());
        if (!known) Unknown({"opens", "draw", draw.party, "from", id}, id, party->kind == PartyKind::kUnit ? "units" : "");
      }
    }
  }

  // As opening a case checks it; whom it names only where there is a directory.
  Verdict CheckWritten(const Procedure& procedure, const Field& field, const std::string& written) {
    Outcome<v1::Value> value = ParseWritten(field, written);
    if (!value.ok()) return value.rejection();
    if (value->has_reference() && directory_ == nullptr) return Nothing{};
    v1::FieldValue given;
    given.set_field(field.name);
    *given.add_values() = std::move(*value);
    static const auto& nobody = *new Directory();
    return CheckValues(procedure, field, given, directory_ == nullptr ? nobody : *directory_);
  }

  void CheckSet(const Plan& plan, const Procedure& procedure) {
    for (const auto& [name, written] : plan.set) {
      const Field* field = procedure.FindField(name);
      const Path path = {"opens", "set", name};
      if (field == nullptr || field->sealed) {
        NoField(KeyOf(path), procedure, name, "可由计划填写", "that a plan may fill");
      } else if (const Verdict right = CheckWritten(procedure, *field, written); !right.ok()) {
        Error("WRONG_VALUE", path, right.rejection().message.zh(), right.rejection().message.en());
      }
    }
  }

  void CheckCopy(const Plan& plan, const Procedure& procedure, const Procedure* of) {
    for (const auto& [name, source] : plan.copy) {
      const Path path = {"opens", "copy", name};
      const Field* field = procedure.FindField(name);
      if (Gives(plan.set, name)) {
        Error("DUPLICATE_NAME", KeyOf(path), absl::StrCat("字段“", name, "”在 set 和 copy 中各写了一次，请删去一处。"),
              absl::StrCat("The field \"", name, "\" is given by set and by copy; remove one."));
      } else if (field == nullptr || field->sealed) {
        NoField(KeyOf(path), procedure, name, "可由计划填写", "that a plan may fill");
      } else if (of != nullptr) {
        const Field* theirs = of->FindField(source);
        if (theirs == nullptr || !IsOpen(*theirs) || theirs->type != field->type || (theirs->many && !field->many)) {
          NoField(path, *of, source, "可以照抄", "that can be copied there");
        }
      } else if (!IsFact(plan, source) || !Holds(*field, source)) {
        Error(
            "PLAN_COPY", path,
            absl::StrCat("“", source, "”不能抄入“", field->title.zh(),
                         "”；可抄入文字字段的有 post、unit、holder、how_long，"
                         "任期计划还有 term_end，出缺计划还有 vacant_since（也可抄入日期字段）。"),
            absl::StrCat("\"", source, "\" cannot be copied into \"", name,
                         "\"; text fields take post, unit, holder, how_long, and term_end of a term or vacant_since of "
                         "a vacancy, which date fields take too."));
      }
    }
  }

  static bool IsFact(const Plan& plan, const std::string& fact) {
    if (fact == "term_end") return !plan.term_end.empty();
    if (fact == "vacant_since") return !plan.vacant.empty();
    return std::find(std::begin(kPostFacts), std::end(kPostFacts), fact) != std::end(kPostFacts);
  }

  static bool Holds(const Field& field, const std::string& fact) {
    const bool day = fact == "term_end" || fact == "vacant_since";
    return field.type == FieldType::kText || (day && field.type == FieldType::kDate);
  }

  static bool Gives(const std::vector<std::pair<std::string, std::string>>& pairs, const std::string& name) {
    return std::any_of(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == name; });
  }

  // Whether the field is meant by a name that no field has: that is one mistake, and told already.
  static bool Misspells(const std::vector<std::pair<std::string, std::string>>& pairs, const Procedure& procedure,
                        const Field& field) {
    return std::any_of(pairs.begin(), pairs.end(), [&](const auto& pair) {
      return absl::StrContains(Meant(procedure.fields, pair.first).zh(), absl::StrCat("“", field.name, "”"));
    });
  }

  void CheckRequired(const Plan& plan, const Procedure& procedure) {
    for (const Field& field : procedure.fields) {
      if (!field.required || Gives(plan.set, field.name) || Gives(plan.copy, field.name)) continue;
      if (Misspells(plan.set, procedure, field) || Misspells(plan.copy, procedure, field)) continue;
      Error("MISSING_KEY", {"opens"},
            absl::StrCat("规程“", procedure.name, "”立项必填“", field.title.zh(), "”（", field.name, "），请写在 set ",
                         plan.cases || plan.of_posts() ? "或 copy " : "", "中。"),
            absl::StrCat("The procedure \"", procedure.name, "\" requires the field \"", field.name,
                         "\"; give it under set", plan.cases || plan.of_posts() ? " or copy." : "."));
    }
  }

  const Node& root_;
  const Procedures& procedures_;
  const Directory* directory_;
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
    if (findings.errors() == 0) Names(*root, procedures, directory, findings).Check(out.plan);
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
