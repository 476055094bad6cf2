#include "tests/city/figures.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "duban/v1/plan_service.pb.h"

namespace duban::city {
namespace {

// The formula of procedures/metrics.yaml.
struct Term {
  const char* metric;
  int64_t weight;
  bool less;  // Is better.
};
constexpr Term kQuarter[] = {{"ended_on_time", 60, false}, {"check_passed", 20, false}, {"rebound", 20, true}};

std::string Told(const std::pair<int64_t, int64_t>& counts) { return absl::StrCat(counts.first, "/", counts.second); }

// The quarter or year just before; empty for others.
std::string Before(const std::string& period) {
  if (period == "2019") return "2018";
  if (period == "2019Q1") return "2018Q4";
  const bool quarter = absl::StartsWith(period, "2019Q");
  return quarter ? absl::StrCat("2019Q", period.back() - '1') : "";
}

}  // namespace

bool Figures::Recount(const std::string& target, const std::string& data, const std::string& python) {
  if (e2e::Run({"sh", "-c", absl::StrCat("command -v '", python, "'")}).code != 0) return false;
  // A log that breaks off is no log: what stands in its place cannot be read.
  const std::string command = absl::StrCat("{ '", e2e::DubanPath(), "' --server ", target, " --token-file '", data,
                                           "/operator.token' --json replay || echo broken off; } | '", python, "' '",
                                           DUBAN_SOURCE_DIR, "/tests/city/recount.py'");
  const e2e::Ran ran = e2e::Run({"sh", "-c", command}, 3600);
  if (ran.code != 0) {
    fail_("recount.py: " + ran.output.substr(0, 2000));
    return false;
  }
  for (const auto line : absl::StrSplit(ran.output, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.size() != 5) {
      fail_(absl::StrCat("recount.py says: ", line));
      continue;
    }
    auto& counted = words[0] == "burden" ? burden_[words[1]] : counted_[{words[0], words[1]}];
    counted[words[2]] = {std::stoll(words[3]), std::stoll(words[4])};
  }
  return true;
}

Counts Figures::Of(const std::string& period) const {
  Counts out;
  for (const auto& [which, units] : counted_) {
    if (which.second == period) out[which.first] = units.at("-");
  }
  return out;
}

void Figures::Check() {
  if (counted_.empty()) return fail_("recount.py has counted nothing");
  for (const auto& [which, units] : counted_) CheckMetric(which.first, which.second, units);
  for (int quarter = 1; quarter <= 4; ++quarter) CheckBoard(absl::StrCat("2019Q", quarter));
  for (const int year : {2019, 2020}) CheckBurden(year);
}

void Figures::CheckMetric(const std::string& metric, const std::string& period, const Counts& expected) {
  v1::QueryMetricRequest request;
  const std::pair<std::string, std::string> named = absl::StrSplit(metric, absl::MaxSplits('/', 1));
  request.set_metric(named.first);
  request.set_period(period);
  if (!named.second.empty()) {
    request.add_by(named.second);
  } else if (expected.size() > 1) {
    request.add_by("unit");
  }
  if (const std::string before = Before(period); !before.empty()) {
    CheckChange(request, v1::COMPARISON_PERIOD_ON_PERIOD, before);
  }
  const std::string year_before = absl::StrReplaceAll(period, {{"2019", "2018"}});
  if (year_before != period) CheckChange(request, v1::COMPARISON_YEAR_ON_YEAR, year_before);
  const auto figure = town_.auditor().Call(request);
  if (!figure.ok()) return fail_(absl::StrCat(metric, " ", period, ": ", figure.error().reason));
  Counts shown;
  shown["-"] = {figure->rate().above(), figure->rate().below()};
  for (const v1::MetricGroup& group : figure->groups()) {
    shown[group.keys(0).empty() ? "?" : group.keys(0)] = {group.rate().above(), group.rate().below()};
  }
  for (const auto& [unit, counts] : expected) {
    if (shown[unit] == counts) continue;
    fail_(absl::StrCat(metric, " ", period, " ", unit, " is ", Told(shown[unit]), ", recounted ", Told(counts)));
  }
  for (const auto& [unit, counts] : shown) {
    if (expected.count(unit) == 0) fail_(absl::StrCat(metric, " ", period, " has ", unit, ", which was not recounted"));
  }
}

void Figures::CheckChange(v1::QueryMetricRequest request, v1::Comparison compare, const std::string& before) {
  const auto counted = counted_.find({request.metric(), before});
  if (counted == counted_.end()) return;
  if (!request.by().empty() && request.by(0) != "unit") return;
  request.clear_by();
  request.set_compare(compare);
  const auto figure = town_.auditor().Call(request);
  const std::string what = absl::StrCat(request.metric(), " ", request.period());
  if (!figure.ok()) return fail_(absl::StrCat(what, " against ", before, ": ", figure.error().reason));
  const v1::Rate& was = figure->change().before();
  if (figure->compared_period() != before || std::pair(was.above(), was.below()) != counted->second.at("-")) {
    fail_(absl::StrCat(what, " is compared with ", Told({was.above(), was.below()}), " of ", figure->compared_period(),
                       ", it was ", Told(counted->second.at("-")), " in ", before));
  }
}

// How often each unit came due to be inspected, and on how many topics.
void Figures::CheckBurden(int year) {
  v1::GetBurdenRequest request;
  request.set_year(year);
  const auto meter = town_.auditor().Call(request);
  if (!meter.ok()) return fail_(absl::StrCat("the burden of ", year, ": ", meter.error().reason));
  Counts shown;
  for (const v1::UnitBurden& unit : meter->units()) {
    Names topics;
    for (const v1::BurdenItem& item : unit.items()) topics.insert(item.topic());
    shown[unit.unit()] = {unit.items_size(), static_cast<int64_t>(topics.size())};
  }
  const Counts& counted = burden_[absl::StrCat(year)];
  for (const auto& [unit, counts] : counted) {
    if (shown[unit] != counts) {
      fail_(
          absl::StrCat("the burden on ", unit, " in ", year, " is ", Told(shown[unit]), ", recounted ", Told(counts)));
    }
  }
  for (const auto& [unit, counts] : shown) {
    if (counted.count(unit) == 0) fail_(absl::StrCat("the burden on ", unit, " in ", year, " was not recounted"));
  }
}

// An addend is rounded to hundredths before it is added, equal sums share a rank; who lacks a rate has none.
void Figures::CheckBoard(const std::string& period) {
  std::map<std::string, int64_t> points;
  for (const auto& [unit, first_counts] : counted_[{kQuarter[0].metric, period}]) {
    if (!absl::StartsWith(unit, "units/")) continue;
    int64_t sum = 0;
    const bool ranked = std::all_of(std::begin(kQuarter), std::end(kQuarter), [&, unit = unit](const Term& term) {
      const Counts& units = counted_[{term.metric, period}];
      const auto found = units.find(unit);
      if (found == units.end() || found->second.second == 0) return false;
      const auto [above, below] = found->second;
      const int64_t share = std::clamp<int64_t>(term.less ? below - above : above, 0, below);
      sum += (term.weight * 100 * share * 2 + below) / (below * 2);
      return true;
    });
    if (ranked) points[unit] = sum;
  }
  std::map<std::string, std::string> expected, shown;
  for (const auto& [unit, sum] : points) {
    const auto better = [sum = sum](const auto& other) { return other.second > sum; };
    expected[unit] =
        absl::StrFormat("%d: %d.%02d", 1 + std::count_if(points.begin(), points.end(), better), sum / 100, sum % 100);
  }
  v1::QueryScoreboardRequest request;
  request.set_scoreboard("quarter");
  request.set_period(period);
  const auto board = town_.auditor().Call(request);
  if (!board.ok()) return fail_(absl::StrCat("the ranking of ", period, ": ", board.error().reason));
  for (const v1::ScoreboardRow& row : board->rows()) {
    if (row.rank() > 0) shown[row.unit()] = absl::StrCat(row.rank(), ": ", row.points());
  }
  for (const auto& [unit, place] : expected) {
    if (shown[unit] != place) fail_(absl::StrCat(unit, " is ", shown[unit], " in ", period, ", not ", place));
  }
  if (shown.size() != expected.size()) {
    fail_(absl::StrCat(period, " ranks ", shown.size(), " units, not ", expected.size()));
  }
}

}  // namespace duban::city
