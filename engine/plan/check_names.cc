#include "engine/plan/check_names.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/limits.h"
#include "engine/cases/fields.h"
#include "engine/procedure/draft.h"
#include "engine/procedure/reader.h"
#include "engine/views/words.h"

namespace duban::engine {
namespace {

using language::Findings;
using language::Known;
using language::Node;

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
    CheckUnitsDrawn(plan, procedure);
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

  // A party has so many members, however they are drawn.
  void CheckMost(const Path& path, const Party& party, int64_t drawn) {
    if (drawn <= static_cast<int64_t>(limits::kIdsPerPartyMax)) return;
    Error("WRONG_VALUE", path,
          absl::StrCat("“", party.title.zh(), "”最多有 ", limits::kIdsPerPartyMax, " 个成员，不能抽 ", drawn, " 个。"),
          absl::StrCat("\"", party.name, "\" has at most ", limits::kIdsPerPartyMax, " members, not ", drawn, "."));
  }

  // Units that take part in one case together are as many as their party takes.
  void CheckUnitsDrawn(const Plan& plan, const Procedure& procedure) {
    const Party* each = procedure.FindParty(plan.party);
    if (!plan.draws_units() || each == nullptr || !each->drawn) return;
    const Sample& sample = *plan.sample;
    if (each->many) {
      CheckMost({"for", sample.count > sample.at_least ? "count" : "at_least"}, *each,
                std::max(sample.count, sample.at_least));
      return;
    }
    const char* wrong = sample.permille > 0   ? "share"
                        : !sample.per.empty() ? "per"
                        : sample.at_least > 1 ? "at_least"
                        : sample.count > 1    ? "count"
                                              : nullptr;
    if (wrong == nullptr) return;
    Error("WRONG_VALUE", {"for", wrong},
          absl::StrCat("“", each->title.zh(), "”由抽取产生，只能有一个：请写 count: 1，不写 share、per、at_least。"),
          absl::StrCat("\"", each->name, "\" is drawn and takes one: write count: 1, without share, per or at_least."));
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
      const Path count = {"opens", "draw", draw.party, "count"};
      if (!party->many && draw.count > 1) {
        Error("WRONG_VALUE", count, absl::StrCat("“", party->title.zh(), "”只能有一个，请写 count: 1。"),
              absl::StrCat("\"", draw.party, "\" takes one; write count: 1."));
      }
      if (party->many) CheckMost(count, *party, draw.count);
      const char* prefix = party->kind == PartyKind::kUnit ? "units/" : "posts/";
      for (const std::string& id : draw.from) {
        const bool kind =
            absl::StartsWith(id, prefix) || (party->kind == PartyKind::kPerson && absl::StartsWith(id, "persons/"));
        const bool known = kind && (directory_ == nullptr || !directory_->TitleOf(id).empty());
        if (!known)
          Unknown({"opens", "draw", draw.party, "from", id}, id, party->kind == PartyKind::kUnit ? "units" : "");
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

}  // namespace

void CheckNames(const Plan& plan, const Node& root, const Procedures& procedures, const Directory* directory,
                Findings& findings) {
  Names(root, procedures, directory, findings).Check(plan);
}

}  // namespace duban::engine
