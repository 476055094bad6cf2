// Metrics and scoreboards: what is published, and how a period came out.
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/commands.h"
#include "clients/cli/csv.h"
#include "clients/cli/stated_figures.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

// "96.16%"; where nothing is below there is no rate.
std::string ShowRate(const Console& console, const v1::Rate& rate) {
  if (rate.percent().empty()) return console.Word("无（分母为 0）", "no rate (nothing below)");
  return absl::StrCat(rate.percent(), "%");
}

std::string WithCounts(const Console& console, const v1::Rate& rate) {
  return absl::StrCat(ShowRate(console, rate), " = ", rate.above(), "/", rate.below());
}

// "+1.25 个百分点".
std::string ShowPoints(const Console& console, const std::string& points) {
  return points.empty() ? console.Word("无从比较", "not comparable")
                        : absl::StrCat(points, console.Word(" 个百分点", " points"));
}

std::string ShowPercent(const Console& console, const std::string& percent) {
  return percent.empty() ? console.Word("无从比较", "not comparable") : absl::StrCat(percent, "%");
}

std::string NameOf(const Console& console, v1::Comparison comparison) {
  return comparison == v1::COMPARISON_YEAR_ON_YEAR ? console.Word("同比", "year on year")
                                                   : console.Word("环比", "on the period before");
}

std::string HeadOf(const Console& console, const v1::FigureDefinition& definition, const std::string& period,
                   bool running) {
  return absl::StrCat(console.Say(definition.title()), "（", definition.name(), " v", definition.version(), "） ",
                      period, running ? console.Word("（尚未结束）", " (not over yet)") : "");
}

// The metric or scoreboard that goes by this title.
std::string FigureNamed(Session& session, const std::string& text) {
  if (IsAscii(text)) return text;
  std::map<std::string, v1::Text> titles;
  if (const auto listed = session.client().Call(v1::ListMetricsRequest()); listed.ok()) {
    for (const v1::FigureDefinition& one : listed->definitions()) titles[one.name()] = one.title();
  }
  return cli::NameOf(titles, text);
}

std::string BrokenDownBy(Session& session, const std::string& text) {
  if (text == "单位") return "unit";
  if (text == "规程") return "procedure";
  return session.FieldNamedAnywhere(text);
}

template <typename Answer>
void PrintCircumstances(Session& session, const Answer& answer) {
  const Console& console = session.console();
  console.Print(answer.everything()
                    ? console.Say("计入全部事项。", "All cases are counted.")
                    : console.Say("只计您可以查看的事项。", "Only cases that you may see are counted."));
  if (!answer.has_timers_fired_to()) return;
  console.Print(absl::StrCat(console.Word("截至 ", "as of "), session.Show(true, answer.timers_fired_to()),
                             answer.virtual_clock() ? console.Word("（虚拟时钟）", " (virtual clock)") : ""));
}

}  // namespace

int RunMetricCheck(Session& session, const std::string& file) {
  const Console& console = session.console();
  std::optional<std::string> text = ReadFile(file);
  if (!text.has_value()) {
    return console.Fail(kExitUsage, absl::StrCat("读不了文件 ", file, "。"),
                        absl::StrCat("Cannot read the file ", file, "."));
  }
  const CsvFile table = ParseCsv(*text);
  const StatedFigures found = CheckStatedFigures(table);
  int wrong = 0;
  for (const StatedMistake& mistake : found.mistakes) {
    wrong += mistake.doubt ? 0 : 1;
    console.Print(absl::StrCat(file, ":", mistake.line, ":", mistake.column, ": ",
                               mistake.doubt ? console.Word("存疑 ", "doubt ") : console.Word("错误 ", "error "),
                               mistake.rule, " ", mistake.heading, ": ", console.Say(mistake.text)));
  }
  const int doubtful = static_cast<int>(found.mistakes.size()) - wrong;
  console.Print(console.Say(
      absl::StrCat("核对了 ", found.sums, " 个合计、", found.rates, " 个率：", wrong, " 处错误，", doubtful,
                   " 处存疑。另有 ", found.bare_rates, " 个率没有两个数、", found.approximate, " 个约数、",
                   found.masked, " 个隐去的数，未作推断。"),
      absl::StrCat(found.sums, " sums and ", found.rates, " rates recounted: ", wrong, " errors, ", doubtful,
                   " doubts. Nothing is inferred of ", found.bare_rates, " rates without counts, ", found.approximate,
                   " approximate and ", found.masked, " masked values.")));
  return wrong == 0 ? kExitOk : kExitRefused;
}

int RunMetricList(Session& session) {
  const Console& console = session.console();
  int code = kExitOk;
  auto listed = session.Call(v1::ListMetricsRequest(), &code);
  if (listed == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*listed);
    return kExitOk;
  }
  Table table({console.Say("名字", "name"), console.Say("版本", "version"), console.Say("名称", "title"),
               console.Say("分子（公式）", "above (formula)"), console.Say("分母", "below")},
              60);
  for (const v1::FigureDefinition& one : listed->definitions()) {
    table.Add({one.name(), absl::StrCat("v", one.version()), console.Say(one.title()), console.Say(one.above()),
               console.Say(one.below())});
  }
  if (table.empty()) {
    console.Print(console.Say("尚未发布指标。", "No metrics are published."));
  } else {
    console.PrintTable(table);
  }
  return kExitOk;
}

int RunMetricShow(Session& session, const MetricOptions& options) {
  const Console& console = session.console();
  v1::QueryMetricRequest request;
  request.set_metric(FigureNamed(session, options.name));
  request.set_version(options.version);
  request.set_period(options.period);
  for (const std::string& by : options.by) request.add_by(BrokenDownBy(session, by));
  if (options.compare == "yoy") request.set_compare(v1::COMPARISON_YEAR_ON_YEAR);
  if (options.compare == "mom") request.set_compare(v1::COMPARISON_PERIOD_ON_PERIOD);
  if (!options.as_of.empty() && !session.ReadAsOf(options.as_of, request.mutable_as_of())) return kExitUsage;
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
    return kExitOk;
  }
  console.Print(HeadOf(console, answer->definition(), answer->period(), answer->running()));
  console.Print(absl::StrCat(console.Word("分子：", "above: "), console.Say(answer->definition().above())));
  console.Print(absl::StrCat(console.Word("分母：", "below: "), console.Say(answer->definition().below())));
  console.Print(WithCounts(console, answer->rate()));
  if (answer->has_change()) {
    const v1::RateChange& change = answer->change();
    console.Print(absl::StrCat(NameOf(console, answer->compared()), "（", answer->compared_period(), "：",
                               WithCounts(console, change.before()), "）：", ShowPoints(console, change.points()),
                               console.Word("；分子 ", "; above "), ShowPercent(console, change.above_percent()),
                               console.Word("，分母 ", ", below "), ShowPercent(console, change.below_percent())));
  }
  if (answer->groups_size() > 0) {
    std::vector<std::string> heads(options.by.begin(), options.by.end());
    for (std::string& head : heads) {
      if (head == "unit") head = console.Say("单位", "unit");
      if (head == "procedure") head = console.Say("规程", "procedure");
    }
    heads.insert(heads.end(), {console.Say("分子", "above"), console.Say("分母", "below"), console.Say("率", "rate")});
    if (answer->has_change()) heads.push_back(NameOf(console, answer->compared()));
    Table table(heads, 48);
    for (const v1::MetricGroup& group : answer->groups()) {
      std::vector<Table::Cell> row;
      for (const v1::Text& title : group.titles()) row.emplace_back(console.Say(title));
      row.emplace_back(absl::StrCat(group.rate().above()));
      row.emplace_back(absl::StrCat(group.rate().below()));
      row.emplace_back(ShowRate(console, group.rate()));
      if (group.has_change()) row.emplace_back(ShowPoints(console, group.change().points()));
      table.Add(std::move(row));
    }
    console.PrintTable(table);
  }
  if (answer->joint() > 0) {
    console.Print(
        console.Say(absl::StrCat("一件属于几组的，在各组各计一次：分列的分母合计比总数多 ", answer->joint(), "。"),
                    absl::StrCat("What belongs to several groups counts in each: together they have ", answer->joint(),
                                 " more below than the total.")));
  }
  if (answer->left_out() > 0) {
    console.Print(console.Say(absl::StrCat("另有 ", answer->left_out(), " 件因并案或撤销未计入。"),
                              absl::StrCat(answer->left_out(), " are left out: merged or cancelled.")));
  }
  PrintCircumstances(session, *answer);
  return kExitOk;
}

int RunScoreboardShow(Session& session, const MetricOptions& options) {
  const Console& console = session.console();
  v1::QueryScoreboardRequest request;
  request.set_scoreboard(FigureNamed(session, options.name));
  request.set_version(options.version);
  request.set_period(options.period);
  if (!options.as_of.empty() && !session.ReadAsOf(options.as_of, request.mutable_as_of())) return kExitUsage;
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
    return kExitOk;
  }
  console.Print(HeadOf(console, answer->definition(), answer->period(), answer->running()));
  console.Print(absl::StrCat(console.Word("得分 = ", "points = "), console.Say(answer->definition().above())));
  std::vector<std::string> heads = {console.Say("名次", "rank"), console.Say("单位", "unit"),
                                    console.Say("得分", "points"), console.Say("星级", "stars")};
  for (const v1::FigureDefinition& term : answer->terms()) {
    console.Print(absl::StrCat("  ", console.Say(term.title()), "（", term.name(), " v", term.version(),
                               "） = ", console.Say(term.above()), " / ", console.Say(term.below())));
    heads.push_back(console.Say(term.title()));
  }
  Table table(heads, 48);
  for (const v1::ScoreboardRow& row : answer->rows()) {
    const std::string rank = row.rank() == 0
                                 ? console.Word("不排名", "not ranked")
                                 : absl::StrCat(row.rank(), row.tied() ? console.Word("（并列）", " (tied)") : "");
    std::vector<Table::Cell> cells = {rank, row.title(), row.points(),
                                      row.stars() == 0 ? "" : absl::StrCat(row.stars())};
    for (int i = 0; i < row.rates_size(); ++i) {
      const std::string adds = i < row.addends_size() ? absl::StrCat(" → ", row.addends(i)) : "";
      cells.emplace_back(absl::StrCat(WithCounts(console, row.rates(i)), adds));
    }
    table.Add(std::move(cells));
  }
  if (table.empty()) {
    console.Print(console.Say("本期没有可比的单位。", "There are no units to compare."));
  } else {
    console.PrintTable(table);
  }
  PrintCircumstances(session, *answer);
  return kExitOk;
}

}  // namespace duban::cli
