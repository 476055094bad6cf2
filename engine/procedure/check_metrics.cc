// What is refused of metrics and scoreboards.
#include <algorithm>
#include <iterator>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/procedure/metrics_language.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

using Path = std::vector<std::string>;

Path With(Path path, const std::string& step) {
  path.push_back(step);
  return path;
}

// Where a key stands below a node; null where it does not.
const Node* FindBelow(const Node* node, const std::string& key) {
  if (node == nullptr) return nullptr;
  for (const Node& child : node->children) {
    if (child.key == key) return &child;
    if (const Node* found = FindBelow(&child, key)) return found;
  }
  return nullptr;
}

class MetricCheck {
 public:
  MetricCheck(const Metric& metric, const Node& root, const std::vector<const Procedure*>& procedures,
              Findings& findings)
      : metric_(metric), root_(root), procedures_(procedures), findings_(findings), path_({"metrics", metric.name}) {}

  void Run() {
    const Place at = Locate(root_, path_);
    if (!ReportForbidden(metric_.name, at, findings_)) ReportForbidden(metric_.title.zh(), at, findings_);
    Known known;
    for (const Procedure* one : procedures_) known.Add(one->name, one->title.zh());
    for (const std::string& name : metric_.procedures) {
      if (known.Has(name)) {
        counted_.push_back(*std::find_if(procedures_.begin(), procedures_.end(),
                                         [&](const Procedure* one) { return one->name == name; }));
        continue;
      }
      const v1::Text nearest = known.Meant(name);
      Error("UNDECLARED_PROCEDURE", With(With(path_, "procedures"), name),
            absl::StrCat("没有名为“", name, "”的规程。", nearest.zh()),
            absl::StrCat("There is no procedure \"", name, "\".", nearest.en()));
    }
    if (metric_.procedures.empty()) counted_ = procedures_;
    Set(metric_.above, "above");
    Set(metric_.below, "below");
    if (metric_.above == metric_.below) {
      Error("METRIC_ALWAYS_ONE", path_, "分子与分母相同，比率总是 100%。",
            "The set above is the set below: the rate is always 100 %.");
    }
  }

 private:
  void Error(absl::string_view rule, const Path& path, std::string zh, std::string en) {
    findings_.Error(rule, Locate(root_, path), std::move(zh), std::move(en));
  }

  void Set(const FigureSet& set, const std::string& key) {
    const Path path = With(path_, key);
    const bool stock = IsStock(set.counts) || std::any_of(set.also.begin(), set.also.end(), IsStock);
    if (stock && !set.also.empty()) {
      Error("MEASURES_MIXED", path, "期末数（open_at_end、overdue_at_end）不能与期间发生数写在同一集合。",
            "What stands at the end of the period and what happened within it are not of one set.");
    }
    const bool ended = set.counts == Counted::kEnded;
    const bool reports = set.counts == Counted::kReports;
    for (const FigureTest& test : set.tests) {
      switch (test.kind) {
        case FigureTest::Kind::kOnTime:
        case FigureTest::Kind::kLate:
          if (!ended && !reports) Never(path, "on_time、late", "on_time, late", "ended、reports", "ended, reports");
          break;
        case FigureTest::Kind::kMissing:
          if (!reports) Never(path, "missing", "missing", "reports", "reports");
          break;
        case FigureTest::Kind::kDated:
          if (!ended) Never(path, "dated", "dated", "ended", "ended");
          break;
        case FigureTest::Kind::kEnd:
          if (!ended) Never(path, "end", "end", "ended", "ended");
          break;
        case FigureTest::Kind::kFieldIs:
          Field(test, path);
          break;
        case FigureTest::Kind::kVerified:
        case FigureTest::Kind::kFound:
          break;
      }
    }
  }

  void Never(const Path& path, const char* zh, const char* en, const char* with_zh, const char* with_en) {
    Error("MEASURES_MIXED", path, absl::StrCat("条件 ", zh, " 只用于 ", with_zh, "。"),
          absl::StrCat("The test ", en, " goes with ", with_en, " only."));
  }

  // The place of a field that a set names.
  Place At(const Path& path, const std::string& field) const {
    const Node* set = root_.Find(path[0])->Find(path[1])->Find(path[2]);
    const Node* named = FindBelow(set, field);
    return named == nullptr ? Locate(root_, path) : named->key_at;
  }
  void ErrorAt(absl::string_view rule, Place at, std::string zh, std::string en) {
    findings_.Error(rule, at, std::move(zh), std::move(en));
  }

  // The field stands in every procedure that the metric names; in some, where it names none.
  void Field(const FigureTest& test, const Path& path) {
    const Procedure* with = nullptr;
    for (const Procedure* one : counted_) {
      if (const engine::Field* field = one->FindField(test.field)) {
        with = one;
        Value(test, *one, *field, path);
      } else if (!metric_.procedures.empty()) {
        const v1::Text nearest = Known(one->fields).Meant(test.field);
        ErrorAt("UNDECLARED_FIELD", At(path, test.field),
                absl::StrCat("规程“", one->name, "”没有字段“", test.field, "”。", nearest.zh()),
                absl::StrCat("Procedure \"", one->name, "\" has no field \"", test.field, "\".", nearest.en()));
        return;
      }
    }
    if (with != nullptr || !metric_.procedures.empty()) return;
    Known known;
    for (const Procedure* one : counted_) known.Add(one->fields);
    const v1::Text nearest = known.Meant(test.field);
    ErrorAt("UNDECLARED_FIELD", At(path, test.field), absl::StrCat("没有规程有字段“", test.field, "”。", nearest.zh()),
            absl::StrCat("No procedure has a field \"", test.field, "\".", nearest.en()));
  }

  void Value(const FigureTest& test, const Procedure& procedure, const engine::Field& field, const Path& path) {
    if (field.sealed || !field.sees.empty()) {
      ErrorAt("SEALED_FIELD_USED", At(path, test.field),
              absl::StrCat("字段“", field.name, "”并非人人可见，不能用于统计。"),
              absl::StrCat("Field \"", field.name, "\" is not for everybody; a figure would give it away."));
      return;
    }
    const std::vector<const engine::Field*> figured = FiguredFields(procedure);
    if (!absl::c_linear_search(figured, &field)) {
      ErrorAt("FIELD_NOT_FIGURED", At(path, test.field),
              absl::StrCat("只有选择（choice）字段可用于统计，每个规程限最前面的 ", kFiguredFieldsMax, " 个；“",
                           field.name, "”不在其中。"),
              absl::StrCat("Figures go by choice fields, the first ", kFiguredFieldsMax, " of a procedure; \"",
                           field.name, "\" is not among them."));
      return;
    }
    for (const std::string& value : test.values) {
      if (procedure.FindCode(field.codes, value) != nullptr) continue;
      Known known;
      for (const CodeTable& table : procedure.codes) {
        if (table.name != field.codes) continue;
        for (const Code& code : table.codes) known.Add(code.id, code.title.zh());
      }
      const v1::Text nearest = known.Meant(value);
      ErrorAt("GUARD_NEVER_HOLDS", At(path, test.field),
              absl::StrCat("代码表“", field.codes, "”没有“", value, "”。", nearest.zh()),
              absl::StrCat("Code table \"", field.codes, "\" has no \"", value, "\".", nearest.en()));
    }
  }

  const Metric& metric_;
  const Node& root_;
  const std::vector<const Procedure*>& procedures_;
  Findings& findings_;
  const Path path_;
  std::vector<const Procedure*> counted_;
};

}  // namespace

bool ReportForbidden(absl::string_view text, Place at, Findings& findings) {
  static const auto& words =
      *new std::vector<std::string>{"login",    "logins", "logon",  "signin", "signins", "checkin",
                                    "checkins", "points", "online", "likes",  "clicks",  "attendance"};
  static const auto& phrases = *new std::vector<std::string>{"log_in", "sign_in", "check_in", "time_online"};
  static const auto& chinese = *new std::vector<std::string>{
      "登录", "登陆", "打卡", "签到", "积分", "在线时长", "在线时间", "学习时长", "点赞", "转发", "活跃率", "活跃度"};
  const std::string lower = absl::AsciiStrToLower(text);
  const std::vector<std::string> parts = absl::StrSplit(lower, absl::ByAnyChar("_ -"));
  const auto in = [&](const std::vector<std::string>& list) {
    return std::any_of(list.begin(), list.end(), [&](const std::string& one) { return absl::StrContains(lower, one); });
  };
  const bool word = std::any_of(parts.begin(), parts.end(),
                                [&](const std::string& part) { return absl::c_linear_search(words, part); });
  if (!word && !in(phrases) && !in(chinese)) return false;
  findings.Error(
      "FORBIDDEN_MEASURE", at,
      absl::StrCat("“", text,
                   "”不能作为指标：登录、打卡签到、积分、在线时长一类不得用于排名考核（国办《政务移动互联网应用程序规范"
                   "化管理办法》；"
                   "《整治形式主义为基层减负若干规定》）。请改用办理的结果。"),
      absl::StrCat(
          "\"", text,
          "\" cannot be measured: ranking by log-ins, check-ins, points or time online is forbidden (the State "
          "Council's rules on government apps; the rules against formalism). Measure what was achieved."));
  return true;
}

void CheckMetrics(const std::map<std::string, Metric>& metrics, const Node& root,
                  const std::vector<const Procedure*>& procedures, Findings& findings) {
  for (const auto& [name, metric] : metrics) MetricCheck(metric, root, procedures, findings).Run();
}

void CheckScoreboards(const std::map<std::string, Scoreboard>& boards, const Node& root,
                      const std::map<std::string, Metric>& metrics, Findings& findings) {
  Known known;
  for (const auto& [name, metric] : metrics) known.Add(name, metric.title.zh());
  for (const auto& [name, board] : boards) {
    const Path path = {"scoreboards", name};
    const auto error = [&](absl::string_view rule, const Path& at, std::string zh, std::string en) {
      findings.Error(rule, Locate(root, at), std::move(zh), std::move(en));
    };
    if (!ReportForbidden(name, Locate(root, path), findings)) {
      ReportForbidden(board.title.zh(), Locate(root, path), findings);
    }
    int64_t weights = 0;
    for (const ScoreTerm& term : board.terms) {
      weights += term.weight;
      if (metrics.count(term.metric) != 0) continue;
      const v1::Text nearest = known.Meant(term.metric);
      error("UNDECLARED_METRIC", With(With(With(path, "formula"), term.metric), kItsKey),
            absl::StrCat("没有名为“", term.metric, "”的指标；请在一同发布的文件中定义。", nearest.zh()),
            absl::StrCat("There is no metric \"", term.metric, "\"; define it in a file of the set.", nearest.en()));
    }
    if (!board.terms.empty() && weights != 100) {
      error("WEIGHTS_NOT_WHOLE", With(path, "formula"), absl::StrCat("权重合计应为 100，现在是 ", weights, "。"),
            absl::StrCat("The weights add up to ", weights, ", not to 100."));
    }
    for (size_t i = 1; i < board.stars.size(); ++i) {
      if (board.stars[i].at_least < board.stars[i - 1].at_least && board.stars[i].stars < board.stars[i - 1].stars) {
        continue;
      }
      error("STARS_NOT_FALLING", With(With(path, "stars"), absl::StrCat("#", i)), "星级应由多到少，分数线由高到低。",
            "Star bands go from most to fewest, from high to low.");
    }
  }
}

}  // namespace duban::engine::language
