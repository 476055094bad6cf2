#include "services/node/filter_words.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/procedure/reader.h"
#include "engine/views/words.h"

namespace duban::node {
namespace {

// What there is, as far as a refusal lists it.
constexpr size_t kNamedMax = 20;

using engine::Procedure;
using engine::language::Known;

// All versions of all procedures: rows of cases show what was in force when they were opened.
void VisitVersions(const engine::Procedures& procedures, absl::FunctionRef<void(const Procedure&)> visit) {
  for (const Procedure* newest : procedures.All()) {
    for (uint32_t version = newest->version; version > 0; --version) {
      if (const Procedure* one = procedures.Find(newest->name, version)) visit(*one);
    }
  }
}

engine::Rejection Unknown(const char* zh, const char* en, const std::string& label, const std::string& value,
                          const Known& known) {
  std::vector<std::string> names = known.names();
  const size_t all = names.size();
  names.resize(std::min(all, kNamedMax));
  const std::string more_zh = names.size() < all ? absl::StrCat("等 ", all, " 个") : "";
  const std::string more_en = names.size() < all ? absl::StrCat(" and more, ", all, " in all") : "";
  const v1::Text meant = known.Meant(value);
  return engine::Reject(
      engine::Kind::kInvalid, "UNKNOWN_FILTER_VALUE",
      absl::StrCat("没有", zh, "“", value, "”。", meant.zh(),
                   all == 0 ? "现在一个也没有" : absl::StrCat("现有：", absl::StrJoin(names, "、"), more_zh)),
      absl::StrCat(
          "there is no ", en, " \"", value, "\".", meant.en(),
          all == 0 ? " There is none at all" : absl::StrCat(" There are: ", absl::StrJoin(names, ", "), more_en)),
      {{"field", "filter.labels"}, {"label", label}, {"value", value}, {"known", absl::StrJoin(names, ", ")}});
}

// A name that a procedure has, and its title.
using Named = absl::FunctionRef<void(const std::string& name, const std::string& title)>;

// One label of which the values are names that procedures have.
struct FilterWord {
  const char* label;
  const char* zh;
  const char* en;
  void (*each)(const Procedure& of, Named named);
};
constexpr FilterWord kFilterWords[] = {
    {"procedure", "规程", "procedure", [](const Procedure& of, Named named) { named(of.name, of.title.zh()); }},
    {"stage", "环节", "stage",
     [](const Procedure& of, Named named) {
       for (const engine::Stage& stage : of.stages) named(stage.name, stage.title.zh());
     }},
    {"light", "灯色", "colour of light",
     [](const Procedure& of, Named named) {
       for (const engine::LightRule& rule : of.lights) named(rule.light.colour(), "");
     }},
    {"register", "名册", "register",
     [](const Procedure& of, Named named) {
       for (const engine::Register& one : of.registers) named(one.name, one.title.zh());
     }},
};

// Labels of which the values are words of our own.
engine::Verdict CheckOwnWords(const v1::ViewFilter& filter) {
  Known states, timeliness;
  states.Add("open");
  states.Add("ended");
  for (int i = v1::Timeliness_MIN + 1; i <= v1::Timeliness_MAX; ++i) {
    if (v1::Timeliness_IsValid(i)) timeliness.Add(engine::TimelinessWord(static_cast<v1::Timeliness>(i)));
  }
  const auto unknown = [&](const char* label, const Known& known) {
    const auto given = filter.labels().find(label);
    return given != filter.labels().end() && !given->second.empty() && !known.Has(given->second);
  };
  if (unknown("state", states)) return Unknown("状态", "state", "state", filter.labels().at("state"), states);
  if (unknown("timeliness", timeliness)) {
    return Unknown("时限情况", "timeliness", "timeliness", filter.labels().at("timeliness"), timeliness);
  }
  return engine::Nothing{};
}

// Registers that reports list.
void VisitListed(const engine::Figures& figures, Named named) {
  for (const engine::Report* report : figures.reports()) {
    for (const engine::TemplateBlock& block : report->made_of.blocks) {
      if (block.kind != engine::TemplateBlock::Kind::kRegister) continue;
      for (const std::string& name : block.names) named(name, "");
    }
  }
}

}  // namespace

engine::Verdict CheckFilterWords(const engine::Procedures& procedures, const engine::Figures& figures,
                                 const v1::ViewFilter& filter) {
  std::string procedure;  // Whose names are meant: of the one that the filter names, or of all.
  for (const FilterWord& word : kFilterWords) {
    const auto given = filter.labels().find(word.label);
    if (given == filter.labels().end() || given->second.empty()) continue;
    const std::string& value = given->second;
    const auto visit = [&](Named named) {
      VisitVersions(procedures, [&](const Procedure& one) {
        if (procedure.empty() || one.name == procedure) word.each(one, named);
      });
      if (absl::string_view(word.label) == "register") VisitListed(figures, named);
    };
    bool found = false;
    visit([&](const std::string& name, const std::string&) { found = found || name == value; });
    if (!found) {
      Known known;
      visit([&](const std::string& name, const std::string& title) {
        if (!known.Has(name)) known.Add(name, title);
      });
      return Unknown(word.zh, word.en, word.label, value, known);
    }
    if (absl::string_view(word.label) == "procedure") procedure = value;
  }
  return CheckOwnWords(filter);
}

}  // namespace duban::node
