// What is refused of letters and reports.
#include <algorithm>
#include <iterator>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/procedure/documents_language.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

constexpr size_t kNumberBytesMax = 120;

template <size_t N>
std::vector<std::string> Words(const char* const (&words)[N]) {
  return {std::begin(words), std::end(words)};
}

// The places of a text.
std::vector<std::string> PlacesOf(const std::string& text) {
  std::vector<std::string> out;
  for (const TextPiece& piece : SplitPlaces(text)) {
    if (piece.place) out.push_back(piece.text);
  }
  return out;
}

constexpr struct {
  const char* zh;
  const char* en;
} kWideBraces = {"文字中有全角花括号，填写处请用半角的 {}。",
                 "The text holds full-width braces; what is filled in stands in ASCII {}."};

// Where a piece of a template stands in it.
Path BlockPath(const TemplateBlock& block, size_t at) {
  Path path = {"text", absl::StrCat("#", at)};
  if (block.kind == TemplateBlock::Kind::kHeading) path.emplace_back("heading");
  if (block.kind == TemplateBlock::Kind::kEach) path.emplace_back("each");
  return path;
}

// A letter against the procedure whose cases stand in it.
class LetterCheck {
 public:
  LetterCheck(const Checked& c, const DocumentKind& kind) : c_(c), kind_(kind), path_({"documents", kind.name}) {}

  void Run() {
    OneUnit(kind_.per, "per");
    OneUnit(kind_.from, "from");
    if (kind_.per == kind_.from) {
      Error("DOCUMENT_PARTY", "per", "收文与发文是同一参与方，文书无处可发。",
            "The party that issues it is the one to which it is sent.");
    }
    const int errors_before = c_.findings.errors();
    CheckNumberPattern(kind_.numbers, {kind_.from}, Locate(c_.root, At("number")), c_.findings);
    const bool named = absl::c_linear_search(PlacesOf(kind_.numbers), kind_.from);
    if (c_.findings.errors() == errors_before && !named) {
      c_.Warn("NUMBER_SHARED", At("number"),
              absl::StrCat("几个发文单位会共用这个编号，彼此看得出发了多少件；建议加上 {", kind_.from, "}。"),
              absl::StrCat("Units that issue such letters share the series and see how many others issued; add {",
                           kind_.from, "}."));
    }
    Stages();
    if (!kind_.receipt.empty()) Receipt();
    CheckTemplate(kind_.made_of, &c_.procedure,
                  [&](absl::string_view rule, const Path&, std::string zh, std::string en) {
                    TemplateError(rule, std::move(zh), std::move(en));
                  });
  }

 private:
  Path At(const char* key) const {
    Path path = path_;
    path.emplace_back(key);
    return path;
  }
  void Error(absl::string_view rule, const char* key, std::string zh, std::string en) const {
    c_.Error(rule, At(key), std::move(zh), std::move(en));
  }
  // What is wrong with the template as this procedure uses it.
  void TemplateError(absl::string_view rule, std::string zh, std::string en) const {
    absl::StrAppend(&zh, "（见模板“", kind_.template_name, "”）");
    absl::StrAppend(&en, " (in the template \"", kind_.template_name, "\")");
    Error(rule, "template", std::move(zh), std::move(en));
  }

  void OneUnit(const std::string& name, const char* key) const {
    const Party& party = *c_.procedure.FindParty(name);
    if (party.kind == PartyKind::kUnit && !party.many && !party.optional) return;
    Error("DOCUMENT_PARTY", key,
          absl::StrCat("“", name, "”须是必有且单一的单位，文书才有明确的", key == std::string("per") ? "收文" : "发文",
                       "单位。"),
          absl::StrCat("\"", name, "\" must be one unit and not optional, so that the letter has an end."));
  }

  // Whoever gets a letter about a case sees the case, and so does who issues it.
  void Stages() const {
    for (const std::string& name : kind_.at) {
      const Stage& stage = *c_.procedure.FindStage(name);
      for (const std::string& party : {kind_.per, kind_.from}) {
        if (stage.sees.empty() || absl::c_linear_search(stage.sees, party)) continue;
        Error("ADDRESSEE_CANNOT_SEE", "at", absl::StrCat("环节“", name, "”对“", party, "”不可见，文书会泄露它。"),
              absl::StrCat("Stage \"", name, "\" is not for \"", party, "\" to see; the letter would give it away."));
      }
      if (stage.end == v1::END_KIND_UNSPECIFIED) continue;
      Error("DOCUMENT_AT_END", "at", absl::StrCat("环节“", name, "”是结束环节，不再交办。"),
            absl::StrCat("Stage \"", name, "\" ends the case; no letter is issued about it there."));
    }
  }

  // It is taken on many cases at once, with nothing given and nobody asked, and stays within each.
  void Receipt() const {
    bool found = false;
    for (const std::string& name : kind_.at) {
      const Action* action = c_.procedure.FindAction(name, kind_.receipt);
      if (action == nullptr) continue;
      found = true;
      const bool his =
          std::any_of(action->by.begin(), action->by.end(), [&](const Role& role) { return role.party == kind_.per; });
      const Stage* to = action->to.empty() || action->to == "previous" ? nullptr : c_.procedure.FindStage(action->to);
      const bool spreads = action->opens.has_value() || !action->rebinds_superior.empty() ||
                           (to != nullptr && (to->opens.has_value() || !to->reopens_to.empty()));
      if (his && action->needs.empty() && action->approved_by.empty() && !spreads) continue;
      Error("DOCUMENT_RECEIPT", "receipt",
            absl::StrCat("收文时逐件办理“", kind_.receipt, "”：它须由“", kind_.per,
                         "”办，无须填写、审批，也不开启别的事项。"),
            absl::StrCat("Its receipt takes \"", kind_.receipt, "\" on each case: that has to be \"", kind_.per,
                         "\"'s to take, ask for nothing, need no approval and open no other case."));
      return;
    }
    if (found) return;
    Error("DOCUMENT_RECEIPT", "receipt",
          absl::StrCat("发文的环节（at）都没有操作“", kind_.receipt, "”，收文时无从办理。"),
          absl::StrCat("No stage of \"at\" has the action \"", kind_.receipt, "\"; the receipt could never take it."));
  }

  const Checked& c_;
  const DocumentKind& kind_;
  const Path path_;
};

// A template of letters against the procedure whose cases stand in it, if that is known.
class TemplateCheck {
 public:
  using Report = absl::FunctionRef<void(absl::string_view rule, const Path& inside, std::string zh, std::string en)>;

  TemplateCheck(const Template& made_of, const Procedure* procedure, Report report)
      : made_of_(made_of), procedure_(procedure), report_(report) {}

  void Run() const {
    Filled(made_of_.heading, {"heading"}, false);
    for (size_t i = 0; i < made_of_.blocks.size(); ++i) {
      const TemplateBlock& block = made_of_.blocks[i];
      const Path path = BlockPath(block, i);
      if (block.of_reports()) {
        report_("TEMPLATE_BLOCK", path, "figures、units、overdue、register 只用于书面报告（reports）。",
                "figures, units, overdue and register are for reports only.");
        continue;
      }
      Filled(block.text, path, block.kind == TemplateBlock::Kind::kEach);
    }
    if (procedure_ == nullptr) return;
    for (const auto& [path, place] : CasePlacesOf(made_of_)) OfCase(place, path);
  }

 private:
  // What is filled in, but for what cases give.
  void Filled(const std::string& text, const Path& path, bool of_case) const {
    if (HasWideBraces(text)) report_("TEMPLATE_PLACE", path, kWideBraces.zh, kWideBraces.en);
    const std::vector<std::string> known = Words(kLetterPlaces);
    for (const std::string& place : PlacesOf(text)) {
      if (of_case || absl::c_linear_search(known, place)) continue;
      v1::Text nearest = Suggest(place, known);
      if (nearest.zh().empty()) {
        nearest = Both(absl::StrCat("可写：", absl::StrJoin(known, "、"), "。"),
                       absl::StrCat(" Known: ", absl::StrJoin(known, ", "), "."));
      }
      Nothing(place, path, nearest);
    }
  }

  void OfCase(const std::string& name, const Path& path) const {
    if (const Field* field = procedure_->FindField(name)) {
      if (!field->sealed && field->sees.empty()) return;
      return report_("SEALED_FIELD_USED", path, absl::StrCat("字段“", name, "”是密封的或只给部分人看，不能写进文书。"),
                     absl::StrCat("Field \"", name, "\" is sealed or not for everybody; a letter would give it away."));
    }
    Known known(procedure_->fields);
    known.Add(procedure_->parties);
    for (const char* word : kCasePlaces) known.Add(word);
    if (path.back() == "each") {
      for (const char* word : kLetterPlaces) known.Add(word);
    }
    if (!known.Has(name)) Nothing(name, path, known.Meant(name));
  }

  void Nothing(const std::string& name, const Path& path, const v1::Text& meant) const {
    report_("TEMPLATE_PLACE", path, absl::StrCat("没有“", name, "”可填。", meant.zh()),
            absl::StrCat("There is nothing called \"", name, "\" to fill in.", meant.en()));
  }

  const Template& made_of_;
  const Procedure* procedure_;
  const Report report_;
};

// Reports a name that is not among those known.
void Undeclared(const std::string& name, const Known& known, const char* rule, const char* zh, const char* en, Place at,
                Findings& findings) {
  if (known.Has(name)) return;
  const v1::Text nearest = known.Meant(name);
  findings.Error(rule, at, absl::StrCat("没有名为“", name, "”的", zh, "。", nearest.zh()),
                 absl::StrCat("There is no ", en, " \"", name, "\".", nearest.en()));
}

// Under which key a list of names stands.
const char* KeyOf(TemplateBlock::Kind kind) {
  switch (kind) {
    case TemplateBlock::Kind::kFigures:
      return "figures";
    case TemplateBlock::Kind::kUnits:
      return "units";
    case TemplateBlock::Kind::kOverdue:
      return "overdue";
    case TemplateBlock::Kind::kRegister:
      return "register";
    case TemplateBlock::Kind::kTable:
      return "table";
    case TemplateBlock::Kind::kParagraph:
    case TemplateBlock::Kind::kHeading:
    case TemplateBlock::Kind::kEach:
      return "text";
  }
  return "";
}

}  // namespace

void CheckNumberPattern(const std::string& pattern, const std::vector<std::string>& allowed, Place at,
                        Findings& findings) {
  const auto error = [&](std::string zh, std::string en) {
    findings.Error("NUMBER_PATTERN", at, std::move(zh), std::move(en));
  };
  if (HasWideBraces(pattern)) return error(kWideBraces.zh, kWideBraces.en);
  if (SplitPlaces(pattern).empty()) {
    return error("编号中的花括号不成对，写法如：督交〔{year}〕{seq}号。",
                 "The braces of the number do not match; write for example 督交〔{year}〕{seq}号.");
  }
  const std::vector<std::string> used = PlacesOf(pattern);
  std::vector<std::string> known = {"year", "seq"};
  known.insert(known.end(), allowed.begin(), allowed.end());
  bool unknown = false;
  for (const std::string& name : used) {
    if (absl::c_linear_search(known, name)) continue;
    unknown = true;
    const v1::Text nearest = Suggest(name, known);
    error(absl::StrCat("编号中的“{", name, "}”不可用，可写：", absl::StrJoin(known, "、"), "。", nearest.zh()),
          absl::StrCat("\"{", name, "}\" cannot stand in this number; known: ", absl::StrJoin(known, ", "), ".",
                       nearest.en()));
  }
  const auto seqs = std::count(used.begin(), used.end(), "seq");
  if (seqs > 1 || (seqs == 0 && !unknown)) {  // An unknown word may well stand where {seq} should.
    error("编号中 {seq} 须恰好出现一次。", "A number holds {seq} exactly once.");
  }
  if (pattern.size() > kNumberBytesMax) {
    error(absl::StrCat("编号的样式超过 ", kNumberBytesMax, " 字节（约 ", kNumberBytesMax / 3, " 个汉字），请缩短。"),
          absl::StrCat("The number's pattern is longer than ", kNumberBytesMax, " bytes; shorten it."));
  }
}

std::vector<std::pair<Path, std::string>> CasePlacesOf(const Template& made_of) {
  std::vector<std::pair<Path, std::string>> out;
  for (size_t i = 0; i < made_of.blocks.size(); ++i) {
    const TemplateBlock& block = made_of.blocks[i];
    Path path = BlockPath(block, i);
    if (block.kind == TemplateBlock::Kind::kEach) {
      for (const std::string& place : PlacesOf(block.text)) out.emplace_back(path, place);
    } else if (block.kind == TemplateBlock::Kind::kTable) {
      path.emplace_back("table");
      for (const std::string& column : block.names) {
        out.emplace_back(path, column);
        out.back().first.push_back(column);
      }
    }
  }
  return out;
}

void CheckTemplate(
    const Template& made_of, const Procedure* procedure,
    absl::FunctionRef<void(absl::string_view rule, const Path& inside, std::string zh, std::string en)> report) {
  TemplateCheck(made_of, procedure, report).Run();
}

void CheckDocuments(const Checked& c) {
  for (const DocumentKind& kind : c.procedure.documents) LetterCheck(c, kind).Run();
}

void CheckReports(const std::map<std::string, Report>& reports, const Node& root,
                  const std::vector<const Procedure*>& procedures, const std::map<std::string, Metric>& metrics,
                  const std::map<std::string, Register>& registers, Findings& findings) {
  Known known_procedures, known_metrics, known_registers;
  for (const Procedure* one : procedures) known_procedures.Add(one->name, one->title.zh());
  for (const auto& [name, metric] : metrics) known_metrics.Add(name, metric.title.zh());
  for (const auto& [name, one] : registers) known_registers.Add(name, one.title.zh());
  const std::vector<std::string> words = Words(kReportPlaces);
  for (const auto& [name, report] : reports) {
    CheckNumberPattern(report.numbers, {"from"}, Locate(root, {"reports", name, "number"}), findings);
    const auto places = [&](const std::string& text, const Path& path) {
      if (HasWideBraces(text)) findings.Error("TEMPLATE_PLACE", Locate(root, path), kWideBraces.zh, kWideBraces.en);
      for (const std::string& place : PlacesOf(text)) {
        if (absl::c_linear_search(words, place)) continue;
        const v1::Text nearest = Suggest(place, words);
        findings.Error("TEMPLATE_PLACE", Locate(root, path),
                       absl::StrCat("没有“", place, "”可填，可写：", absl::StrJoin(words, "、"), "。", nearest.zh()),
                       absl::StrCat("There is nothing called \"", place,
                                    "\" to fill in; known: ", absl::StrJoin(words, ", "), ".", nearest.en()));
      }
    };
    places(report.made_of.heading, {"reports", name, "heading"});
    for (size_t i = 0; i < report.made_of.blocks.size(); ++i) {
      const TemplateBlock& block = report.made_of.blocks[i];
      const Path path = {"reports", name, "text", absl::StrCat("#", i)};
      places(block.text, path);
      if (block.of_letters()) {
        findings.Error("TEMPLATE_BLOCK", Locate(root, path), "each、table 只用于关于事项的文书，报告中没有。",
                       "each and table are for letters about cases only.");
      }
      for (const std::string& named : block.names) {
        using Kind = TemplateBlock::Kind;
        Path word = path;
        word.insert(word.end(), {KeyOf(block.kind), named});
        const Place at = Locate(root, word);
        if (block.kind == Kind::kFigures || block.kind == Kind::kUnits) {
          Undeclared(named, known_metrics, "UNDECLARED_METRIC", "指标", "metric", at, findings);
        } else if (block.kind == Kind::kOverdue && named != kAllProcedures) {
          Undeclared(named, known_procedures, "UNDECLARED_PROCEDURE", "规程", "procedure", at, findings);
        } else if (block.kind == Kind::kRegister) {
          Undeclared(named, known_registers, "UNDECLARED_REGISTER", "名册", "register", at, findings);
        }
      }
    }
  }
}

}  // namespace duban::engine::language
