#include "services/node/metric_reads.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/directory/directory.h"
#include "engine/figures/board.h"
#include "engine/figures/figure.h"
#include "engine/figures/wording.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "services/node/view_reads.h"

namespace duban::node {

using engine::Breakdown;
using engine::Counts;
using engine::Figure;
using engine::FigureCount;
using engine::Kind;
using engine::Metric;
using engine::Outcome;
using engine::Period;
using engine::Reject;
using engine::Scoreboard;

namespace {

constexpr int kBreakdownsMax = 2;

// What a figure is counted over: the view, and where it asks about the past its rows of then.
struct FigureGround {
  const PastSource* source = nullptr;
  const engine::View* view = nullptr;
  std::optional<Then> then;
};

absl::StatusOr<Outcome<FigureGround>> FigureGroundOf(const Reading& reading, const PastSource& source,
                                                     const v1::AsOf& as_of) {
  const Outcome<ViewQuery> query = ViewQuery::From(reading, v1::VIEW_METRICS, {});
  if (!query.ok()) return Outcome<FigureGround>(query.rejection());
  FigureGround ground;
  ground.source = &source;
  ground.view = &query->view();
  if (as_of.when_case() == v1::AsOf::WHEN_NOT_SET) return Outcome<FigureGround>(std::move(ground));
  absl::StatusOr<Outcome<Then>> then = ThenOf(reading, source, *ground.view, as_of);
  if (!then.ok()) return then.status();
  if (!then->ok()) return Outcome<FigureGround>(then->rejection());
  ground.then = **std::move(then);
  return Outcome<FigureGround>(std::move(ground));
}

// Counts all of them in one walk over the cells, where sums will do, and one over the cases.
absl::Status CountAll(const Reading& reading, const FigureGround& ground, std::vector<FigureCount>& counts) {
  std::vector<FigureCount*> over_cells, over_cases;
  CellRange months;
  for (FigureCount& count : counts) {
    const bool sums = count.by_cells() && !ground.then.has_value();
    (sums ? over_cells : over_cases).push_back(&count);
    if (!sums) continue;
    months.first = over_cells.size() == 1 ? count.first_month() : std::min(months.first, count.first_month());
    months.last = std::max(months.last, count.last_month());
  }
  const engine::Definition& is = ground.view->definition();
  if (!over_cells.empty()) {
    const absl::Status visited =
        VisitCells(reading, is, months, [&](const engine::ParsedCell& cell, const engine::ViewCell& held) {
          if (held.count == 0) return;
          for (FigureCount* count : over_cells) count->Add(cell.values, held.count);
        });
    if (!visited.ok()) return visited;
  }
  if (over_cases.empty()) return absl::OkStatus();
  constexpr char kTooLarge[] = "METRIC_TOO_LARGE: figures";
  const auto add = [&](const std::vector<engine::Cell>& cells) {
    for (FigureCount* count : over_cases) count->AddCase(cells);
  };
  return ground.then.has_value() ? VisitCounted(reading, *ground.source, is, ground.then->rows, kTooLarge, add)
                                 : VisitCountedNow(reading, *ground.source, is, kTooLarge, add);
}

v1::Rate RateOf(const Counts& counts) {
  v1::Rate out;
  out.set_above(counts.above);
  out.set_below(counts.below);
  out.set_percent(engine::PercentText(counts));
  return out;
}

v1::RateChange ChangeOf(const Counts& now, const Counts& before) {
  v1::RateChange out;
  *out.mutable_before() = RateOf(before);
  out.set_points(engine::PointsText(now, before));
  out.set_above_percent(engine::GrowthText(now.above, before.above));
  out.set_below_percent(engine::GrowthText(now.below, before.below));
  return out;
}

v1::FigureDefinition DefinitionOf(const Metric& metric) {
  v1::FigureDefinition out;
  out.set_name(metric.name);
  out.set_version(metric.version);
  *out.mutable_title() = metric.title;
  *out.mutable_above() = engine::TextOf(metric.above);
  *out.mutable_below() = engine::TextOf(metric.below);
  for (const std::string& procedure : metric.procedures) out.add_procedures(procedure);
  out.set_less_is_better(metric.less_is_better);
  out.set_share(metric.is_share());
  return out;
}

std::vector<const Metric*> TermsOf(const engine::Figures& figures, const Scoreboard& board) {
  std::vector<const Metric*> out;
  for (const engine::ScoreTerm& term : board.terms) out.push_back(figures.FindMetric(term.metric, term.version));
  return out;
}

v1::FigureDefinition DefinitionOf(const Scoreboard& board, const std::vector<const Metric*>& metrics) {
  v1::FigureDefinition out;
  out.set_name(board.name);
  out.set_version(board.version);
  *out.mutable_title() = board.title;
  out.set_scoreboard(true);
  *out.mutable_above() = engine::FormulaText(board, metrics);
  return out;
}

engine::Rejection NoSuchFigure(const char* reason, const std::string& name, uint32_t version) {
  return Reject(Kind::kNotFound, reason, absl::StrCat("没有“", name, "”或该版本；duban metric list 可查看"),
                absl::StrCat("there is no \"", name, "\", or not that version; see duban metric list"),
                {{"name", name}, {"version", absl::StrCat(version)}});
}

// The field in one of the procedures whose cases a metric counts; null where none has it.
const engine::Field* FieldIn(const Reading& reading, const Metric& metric, const std::string& name,
                             const engine::Procedure** in) {
  for (const engine::Procedure* procedure : reading.library().procedures->All()) {
    const auto& counted = metric.procedures;
    if (!counted.empty() && std::find(counted.begin(), counted.end(), procedure->name) == counted.end()) continue;
    for (const engine::Field* field : engine::FiguredFields(*procedure)) {
      if (field->name != name) continue;
      *in = procedure;
      return field;
    }
  }
  return nullptr;
}

Outcome<std::vector<Breakdown>> BreakdownsOf(const Reading& reading, const Metric& metric,
                                             const v1::QueryMetricRequest& request) {
  std::vector<Breakdown> out;
  const auto refused = [](const std::string& zh, const std::string& en) {
    return Reject(Kind::kInvalid, "BREAKDOWN_INVALID", zh, en, {{"field", "by"}});
  };
  if (request.by_size() > kBreakdownsMax) {
    return refused(absl::StrCat("最多按 ", kBreakdownsMax, " 项分列"),
                   absl::StrCat("broken down by at most ", kBreakdownsMax));
  }
  for (const std::string& by : request.by()) {
    const engine::Procedure* in = nullptr;
    if (by == "unit") {
      out.push_back({Breakdown::By::kUnit, ""});
    } else if (by == "procedure") {
      out.push_back({Breakdown::By::kProcedure, ""});
    } else if (FieldIn(reading, metric, by, &in) != nullptr) {
      out.push_back({Breakdown::By::kField, by});
    } else {
      return refused(
          absl::StrCat("不能按“", by, "”分列：可按 unit（单位）、procedure（规程）或人人可见的选择字段"),
          absl::StrCat("cannot break down by \"", by, "\": unit, procedure, or a choice field for everybody"));
    }
  }
  return out;
}

v1::Text TitleOf(const Reading& reading, const Metric& metric, const Breakdown& by, const std::string& key) {
  v1::Text out;
  if (by.by == Breakdown::By::kUnit) {
    const v1::Unit* unit = reading.library().directory->FindUnit(key);
    out.set_zh(unit != nullptr ? unit->title() : key);
    if (key.empty()) out.set_zh("无责任单位"), out.set_en("no unit");
  } else if (by.by == Breakdown::By::kProcedure) {
    const engine::Procedure* procedure = reading.library().procedures->Newest(key);
    if (procedure != nullptr) out = procedure->title;
  } else if (key.empty()) {
    out.set_zh("未填");
    out.set_en("not stated");
  } else {
    const engine::Procedure* in = nullptr;
    const engine::Field* field = FieldIn(reading, metric, by.field, &in);
    const engine::Code* code = field == nullptr ? nullptr : in->FindCode(field->codes, key);
    if (code != nullptr) out = code->title;
  }
  if (out.zh().empty()) out.set_zh(key);
  return out;
}

// The period with which a figure is compared; nothing where none is.
Outcome<std::optional<Period>> Compared(const Period& period, v1::Comparison compare) {
  switch (compare) {
    case v1::COMPARISON_YEAR_ON_YEAR:
      return std::optional<Period>(engine::YearBefore(period));
    case v1::COMPARISON_PERIOD_ON_PERIOD:
      if (std::optional<Period> before = engine::PeriodBefore(period)) return before;
      return Reject(Kind::kInvalid, "COMPARISON_INVALID",
                    "起止日期没有“上一期”，不能环比；可同比，或改用月、季、半年、年",
                    "free dates have no period before them; compare year on year, or take a month, quarter or year",
                    {{"field", "compare"}});
    default:
      return std::optional<Period>();
  }
}

bool Running(const Reading& reading, const Period& period) {
  return reading.library().zone.EndOf(period.last) >= reading.fired_to();
}

template <typename Answer>
void StampFigure(const Reading& reading, FigureGround ground, Answer& out) {
  out.set_everything(reading.HasRight(engine::kRightAudit));
  if (!ground.then.has_value()) return Stamp(reading, out);
  out.set_position(ground.then->how.position());
  out.set_virtual_clock(reading.library().workspace.virtual_clock());
  *out.mutable_past() = std::move(ground.then->how);
}

void AddGroups(const Reading& reading, const Metric& metric, const std::vector<Breakdown>& by, const Figure& now,
               const Figure* before, v1::QueryMetricResponse& out) {
  std::map<std::vector<std::string>, std::pair<Counts, Counts>> groups;
  for (const auto& [key, counts] : now.groups) groups[key].first = counts;
  if (before != nullptr) {
    for (const auto& [key, counts] : before->groups) groups[key].second = counts;
  }
  std::vector<const decltype(groups)::value_type*> sorted;
  for (const auto& group : groups) sorted.push_back(&group);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->second.first.below > b->second.first.below; });
  for (const auto* group : sorted) {
    v1::MetricGroup& shown = *out.add_groups();
    for (size_t i = 0; i < by.size(); ++i) {
      shown.add_keys(group->first[i]);
      *shown.add_titles() = TitleOf(reading, metric, by[i], group->first[i]);
    }
    *shown.mutable_rate() = RateOf(group->second.first);
    if (before != nullptr) *shown.mutable_change() = ChangeOf(group->second.first, group->second.second);
  }
}

}  // namespace

Reply<v1::ListMetricsResponse> ListMetrics(const Reading& reading) {
  const engine::Figures& figures = *reading.library().figures;
  v1::ListMetricsResponse out;
  for (const Metric* metric : figures.metrics()) *out.add_definitions() = DefinitionOf(*metric);
  for (const Scoreboard* board : figures.scoreboards()) {
    *out.add_definitions() = DefinitionOf(*board, TermsOf(figures, *board));
  }
  return out;
}

Reply<v1::QueryMetricResponse> QueryMetric(const Reading& reading, const PastSource& source,
                                           const v1::QueryMetricRequest& request) {
  const Metric* metric = reading.library().figures->FindMetric(request.metric(), request.version());
  if (metric == nullptr) return NoSuchFigure("METRIC_NOT_FOUND", request.metric(), request.version());
  const Outcome<Period> period = engine::ParsePeriod(request.period());
  if (!period.ok()) return period.rejection();
  const Outcome<std::vector<Breakdown>> by = BreakdownsOf(reading, *metric, request);
  if (!by.ok()) return by.rejection();
  const Outcome<std::optional<Period>> compared = Compared(*period, request.compare());
  if (!compared.ok()) return compared.rejection();
  absl::StatusOr<Outcome<FigureGround>> ground = FigureGroundOf(reading, source, request.as_of());
  if (!ground.ok()) return ground.status();
  if (!ground->ok()) return ground->rejection();

  std::vector<FigureCount> counts;
  counts.emplace_back(*metric, *period, *by);
  if (compared->has_value()) counts.emplace_back(*metric, **compared, *by);
  if (absl::Status counted = CountAll(reading, **ground, counts); !counted.ok()) return counted;
  const Figure figure = counts[0].Take();
  v1::QueryMetricResponse out;
  *out.mutable_definition() = DefinitionOf(*metric);
  out.set_period(period->Name());
  out.set_first_day(engine::FormatDay(period->first));
  out.set_last_day(engine::FormatDay(period->last));
  out.set_running(Running(reading, *period));
  *out.mutable_rate() = RateOf(figure.total);
  out.set_left_out(figure.left_out);
  out.set_joint(figure.joint);
  if (!compared->has_value()) {
    AddGroups(reading, *metric, *by, figure, nullptr, out);
  } else {
    const Figure before = counts[1].Take();
    out.set_compared(request.compare());
    out.set_compared_period((*compared)->Name());
    *out.mutable_change() = ChangeOf(figure.total, before.total);
    AddGroups(reading, *metric, *by, figure, &before, out);
  }
  StampFigure(reading, **std::move(ground), out);
  return out;
}

Reply<v1::QueryScoreboardResponse> QueryScoreboard(const Reading& reading, const PastSource& source,
                                                   const v1::QueryScoreboardRequest& request) {
  const engine::Figures& figures = *reading.library().figures;
  const Scoreboard* board = figures.FindScoreboard(request.scoreboard(), request.version());
  if (board == nullptr) return NoSuchFigure("SCOREBOARD_NOT_FOUND", request.scoreboard(), request.version());
  const Outcome<Period> period = engine::ParsePeriod(request.period());
  if (!period.ok()) return period.rejection();
  absl::StatusOr<Outcome<FigureGround>> ground = FigureGroundOf(reading, source, request.as_of());
  if (!ground.ok()) return ground.status();
  if (!ground->ok()) return ground->rejection();

  const std::vector<const Metric*> metrics = TermsOf(figures, *board);
  std::vector<FigureCount> counts;
  for (const Metric* metric : metrics) {
    counts.emplace_back(*metric, *period, std::vector<Breakdown>{{Breakdown::By::kUnit, ""}});
  }
  if (absl::Status counted = CountAll(reading, **ground, counts); !counted.ok()) return counted;
  std::vector<engine::BoardTerm> terms;
  v1::QueryScoreboardResponse out;
  *out.mutable_definition() = DefinitionOf(*board, metrics);
  for (size_t i = 0; i < metrics.size(); ++i) {
    terms.push_back({metrics[i], board->terms[i].weight, counts[i].Take()});
    *out.add_terms() = DefinitionOf(*metrics[i]);
    out.add_weights(board->terms[i].weight);
  }
  out.set_period(period->Name());
  out.set_running(Running(reading, *period));
  for (const engine::BoardRow& row : engine::RankUnits(*board, terms)) {
    v1::ScoreboardRow& shown = *out.add_rows();
    shown.set_unit(row.unit);
    const v1::Unit* unit = reading.library().directory->FindUnit(row.unit);
    shown.set_title(unit != nullptr ? unit->title() : row.unit);
    shown.set_rank(row.rank);
    shown.set_tied(row.tied);
    if (row.rank > 0) shown.set_points(engine::HundredthsText(row.hundredths));
    shown.set_stars(row.stars);
    for (const Counts& counts : row.counts) *shown.add_rates() = RateOf(counts);
    for (const int64_t addend : row.addends) shown.add_addends(engine::HundredthsText(addend));
    for (const std::string& name : row.too_few) shown.add_too_few(name);
  }
  StampFigure(reading, **std::move(ground), out);
  return out;
}

}  // namespace duban::node
