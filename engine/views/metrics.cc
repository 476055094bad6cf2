// Counted facts by procedure, answering unit and the month in which they happened: what metrics are made of. A fact
// belongs to the month of its occurrence, also when it was recorded later; a rung that proved wrong is taken out again.
// A duplicate counts as such and for nothing else, so that a matter counts once: with the case that goes on.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "engine/cases/evolve.h"
#include "engine/views/view.h"
#include "engine/views/words.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;

struct Fact {
  std::string measure;
  Instant at;
};

// The instant at which an overdue rung that is withdrawn now had fired.
std::optional<Instant> FiredAt(const CaseState* before, const v1::RungWithdrawn& withdrawn) {
  const auto* clock = before == nullptr ? nullptr : FindClockState(*before, withdrawn.clock());
  if (clock == nullptr) return std::nullopt;
  for (const auto& fired : clock->fired()) {
    if (fired.rung() == withdrawn.rung() && fired.kind() == v1::RUNG_KIND_OVERDUE) return FromProto(fired.at());
  }
  return std::nullopt;
}

std::vector<Fact> FactsOf(const v1::Event& event) {
  if (event.has_case_merged()) return {{"merged", FromProto(event.case_merged().at())}};
  if (event.has_case_opened()) return {{"opened", FromProto(event.case_opened().opened_at())}};
  if (event.has_case_ended()) {
    const v1::CaseEnded& ended = event.case_ended();
    if (ended.kind() == v1::END_KIND_MERGED) return {};
    std::vector<Fact> facts = {{"ended", FromProto(ended.at())}};
    if (ended.kind() == v1::END_KIND_DONE) {
      facts.push_back({ended.late() ? "ended_late" : "ended_on_time", FromProto(ended.at())});
    }
    return facts;
  }
  if (event.has_case_reopened()) {
    const Instant at = FromProto(event.case_reopened().at());
    std::vector<Fact> facts = {{"reopened", at}};
    if (event.case_reopened().rebounded()) facts.push_back({"rebounded", at});
    return facts;
  }
  if (event.has_rung_fired()) {
    const v1::Rung& rung = event.rung_fired().rung();
    if (rung.kind() == v1::RUNG_KIND_OVERDUE) return {{"overdue", FromProto(rung.at())}};
  }
  // Of suggestions those that took effect: the others are not everybody's to know.
  if (event.has_suggestion_decided() && event.suggestion_decided().approved()) {
    return {{"suggested", FromProto(event.suggestion_decided().at())}};
  }
  if (event.has_clock_moved() && event.clock_moved().action().rfind("extend_", 0) == 0) {
    return {{"extended", FromProto(event.clock_moved().at())}};
  }
  return {};
}

class Metrics : public View {
 public:
  const Definition& definition() const override {
    static const Definition is = [] {
      Definition d;
      d.number = v1::VIEW_METRICS;
      d.name = "metrics";
      d.version = 3;  // 1 had whoever checks or decides answer for a case too, 2 counted duplicates.
      d.labels = {"measure", "procedure", "unit", "month"};
      d.cells = {"measure", "procedure", "unit", "month"};
      d.group = 4;
      return d;
    }();
    return is;
  }

  void Apply(const Change& change, ViewRows& rows) const override {
    if (change.after == nullptr) return;
    const CaseState& state = *change.after;
    std::vector<Cell> cells = rows.Counted(state.name());
    std::vector<std::string> units = AnsweringUnits(*change.procedure, state);
    if (units.empty()) units.emplace_back();
    const auto cell = [&](const Fact& fact, const std::string& unit) {
      const Day day = change.zone.DayOf(fact.at);
      return Cell{fact.measure, state.procedure(), unit, absl::StrFormat("%04d-%02d", day.year(), day.month())};
    };
    for (const v1::Event& event : change.part.events()) {
      if (event.has_case_merged()) cells.clear();
      for (const Fact& fact : FactsOf(event)) {
        for (const std::string& unit : units) cells.push_back(cell(fact, unit));
      }
      if (!event.has_rung_withdrawn()) continue;
      const std::optional<Instant> at = FiredAt(change.before, event.rung_withdrawn());
      for (const std::string& unit : at.has_value() ? units : std::vector<std::string>()) {
        const auto wrong = std::find(cells.begin(), cells.end(), cell({"overdue", *at}, unit));
        if (wrong != cells.end()) cells.erase(wrong);
      }
    }
    rows.Count(state.name(), AudienceOf(*change.procedure, state), std::move(cells));
  }

  void Add(const Cell& cell, int64_t count, v1::ViewRow& row) const override {
    v1::MetricCount& metric = *row.mutable_count();
    metric.set_measure(cell[0]);
    metric.set_procedure(cell[1]);
    metric.set_unit(cell[2]);
    metric.set_month(cell[3]);
    metric.set_count(metric.count() + count);
  }
};

}  // namespace

const View& MetricsView() {
  static const Metrics view;
  return view;
}

}  // namespace duban::engine
