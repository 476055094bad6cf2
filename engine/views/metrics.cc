// Counted facts by month, procedure and answering unit: what metrics are made of. A fact belongs to the month of its
// occurrence, also when it was recorded later; what proved wrong is taken out again. Beside what happened stands how
// the case is now (its category, whether it was called off), so that figures follow corrections.
// A duplicate counts as such and for nothing else, so that a matter counts once: with the case that goes on.
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/cases/evolve.h"
#include "engine/cases/on_the_way.h"
#include "engine/cases/present.h"
#include "engine/views/facts.h"
#include "engine/views/view.h"
#include "engine/views/words.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;

std::string MonthOf(Day day) { return absl::StrFormat("%04d-%02d", day.year(), day.month()); }

// How a case ended, as to its deadlines.
std::string HowEnded(const Procedure& procedure, const CaseState& state, bool late) {
  if (late) return "late";
  const bool dated = std::any_of(state.clocks().begin(), state.clocks().end(), [&](const auto& held) {
    const Clock* clock = procedure.FindClock(held.clock());
    return clock == nullptr || !clock->on_the_way();
  });
  return dated ? "on_time" : "none";
}

// When an event that may end a state of being overdue happened.
std::optional<Instant> CaughtUpAt(const v1::Event& event) {
  if (event.has_clock_stopped()) return FromProto(event.clock_stopped().at());
  if (event.has_clock_paused()) return FromProto(event.clock_paused().at());
  if (event.has_clock_moved()) return FromProto(event.clock_moved().at());
  if (event.has_case_ended()) return FromProto(event.case_ended().at());
  return std::nullopt;
}

// The facts of one case, brought up to one change.
class Facts {
 public:
  Facts(const Change& change, std::vector<Cell> cells)
      : change_(change),
        after_(*change.after),
        cells_(std::move(cells)),
        units_(UnitsOf(after_)),
        verification_(VerificationWord(after_.verification())),
        truth_(TruthWord(after_.truth())) {
    if (change.before == nullptr) return;
    for (const auto& clock : change.before->clocks()) periods_[clock.clock()] = FromProto(clock.from());
  }

  std::vector<Cell> Run() {
    for (const v1::Event& event : change_.part.events()) Happened(event);
    Stocks();
    Relabel();
    return std::move(cells_);
  }

 private:
  std::vector<std::string> UnitsOf(const CaseState& state) const {
    std::vector<std::string> units = AnsweringUnits(*change_.procedure, state);
    if (units.empty()) units.emplace_back();
    return units;
  }

  void Add(const std::string& measure, Instant at, const std::vector<std::string>& units, const std::string& how = "",
           const std::string& what = "") {
    const Day day = change_.zone.DayOf(at);
    for (size_t i = 0; i < units.size(); ++i) {
      Cell cell(fact::kPlaces);
      cell[fact::kMonth] = MonthOf(day);
      cell[fact::kMeasure] = measure;
      cell[fact::kProcedure] = after_.procedure();
      cell[fact::kUnit] = units[i];
      cell[fact::kAgain] = i == 0 ? "" : "again";
      cell[fact::kHow] = how;
      cell[fact::kVerification] = verification_;
      cell[fact::kTruth] = truth_;
      cell[fact::kWhat] = what;
      cell[fact::kDay] = FormatDay(day);
      cells_.push_back(std::move(cell));
    }
  }
  void Add(const std::string& measure, Instant at, const std::string& how = "", const std::string& what = "") {
    Add(measure, at, units_, how, what);
  }

  void Drop(const std::string& measure, Instant at, const std::string& what) {
    const std::string day = FormatDay(change_.zone.DayOf(at));
    cells_.erase(std::remove_if(cells_.begin(), cells_.end(),
                                [&](const Cell& cell) {
                                  return cell[fact::kMeasure] == measure && cell[fact::kDay] == day &&
                                         cell[fact::kWhat] == what;
                                }),
                 cells_.end());
  }

  bool IsReport(const std::string& clock) const {
    const Clock* declared = change_.procedure->FindClock(clock);
    return declared != nullptr && declared->every.has_value();
  }

  void Happened(const v1::Event& event) {
    if (event.has_case_opened()) {
      Add("opened", FromProto(event.case_opened().opened_at()));
    } else if (event.has_case_merged()) {
      cells_.clear();
      Add("merged", FromProto(event.case_merged().at()));
    } else if (event.has_case_ended()) {
      const v1::CaseEnded& ended = event.case_ended();
      if (ended.kind() == v1::END_KIND_MERGED) return;
      const std::string how = HowEnded(*change_.procedure, after_, ended.late());
      Add("ended", FromProto(ended.at()), how, EndWord(ended.kind()));
      if (ended.kind() == v1::END_KIND_DONE) {
        Add(ended.late() ? "ended_late" : "ended_on_time", FromProto(ended.at()), how, EndWord(ended.kind()));
      }
    } else if (event.has_case_reopened()) {
      const Instant at = FromProto(event.case_reopened().at());
      Add("reopened", at);
      if (event.case_reopened().rebounded()) Add("rebounded", at);
    } else if (event.has_action_taken()) {
      const v1::ActionTaken& taken = event.action_taken();
      if (taken.verifies() == v1::VERIFICATION_UNSPECIFIED) return;
      const std::string now = std::exchange(verification_, VerificationWord(taken.verifies()));
      Add("checked", FromProto(taken.at()));
      verification_ = now;
    } else if (event.has_suggestion_decided()) {
      // Of suggestions those that took effect: the others are not everybody's to know.
      if (event.suggestion_decided().approved()) Add("suggested", FromProto(event.suggestion_decided().at()));
    } else if (event.has_clock_moved()) {
      if (absl::StartsWith(event.clock_moved().action(), "extend_")) {
        Add("extended", FromProto(event.clock_moved().at()));
      }
    } else {
      OfClock(event);
    }
  }

  // A rung that was reached or proved wrong; a report that was made.
  void OfClock(const v1::Event& event) {
    if (event.has_clock_started()) {
      periods_[event.clock_started().clock()] = FromProto(event.clock_started().from());
    } else if (event.has_rung_fired()) {
      const v1::Rung& rung = event.rung_fired().rung();
      const std::string& clock = event.rung_fired().clock();
      if (rung.kind() == v1::RUNG_KIND_OVERDUE) Add("overdue", FromProto(rung.at()), "", clock);
      if (IsMissed(rung.rung()) && IsReport(clock)) Add("reports", periods_[clock], "missing", clock);
    } else if (event.has_rung_withdrawn()) {
      const v1::RungWithdrawn& withdrawn = event.rung_withdrawn();
      const auto* clock = change_.before == nullptr ? nullptr : FindClockState(*change_.before, withdrawn.clock());
      if (clock == nullptr) return;
      for (const auto& fired : clock->fired()) {
        if (fired.rung() != withdrawn.rung()) continue;
        if (fired.kind() == v1::RUNG_KIND_OVERDUE) {
          Drop("overdue", FromProto(fired.at()), withdrawn.clock());
          disproved_ = true;
        }
        if (IsMissed(fired.rung())) Drop("reports", periods_[withdrawn.clock()], withdrawn.clock());
      }
    } else if (event.has_clock_stopped() && !event.clock_stopped().fell_away() &&
               IsReport(event.clock_stopped().clock())) {
      Reported(event.clock_stopped().clock());
    }
  }

  // The report of the running period: late where it had been missing.
  void Reported(const std::string& clock) {
    const Instant period = periods_[clock];
    const std::string day = FormatDay(change_.zone.DayOf(period));
    bool late = false;
    for (Cell& cell : cells_) {
      if (cell[fact::kMeasure] != "reports" || cell[fact::kDay] != day || cell[fact::kWhat] != clock) continue;
      cell[fact::kHow] = "late";
      late = true;
    }
    if (!late) Add("reports", period, "on_time", clock);
  }

  // What a stock gains and loses: cases that go to others, and those that fall behind or catch up.
  void Stocks() {
    if (after_.end_kind() == v1::END_KIND_MERGED) return;
    const CaseState* before = change_.before;
    const std::vector<std::string> had = before == nullptr ? units_ : UnitsOf(*before);
    const bool was_open = before != nullptr && before->end_kind() == v1::END_KIND_UNSPECIFIED;
    const bool open = after_.end_kind() == v1::END_KIND_UNSPECIFIED;
    const bool was = before != nullptr && TimelinessOf(*before) == v1::TIMELINESS_OVERDUE;
    const bool is = TimelinessOf(after_) == v1::TIMELINESS_OVERDUE;
    const bool moved = had != units_;
    const Instant rebound = When([](const v1::Event& event) -> std::optional<Instant> {
      if (!event.has_party_rebound()) return {};
      return FromProto(event.party_rebound().at());
    });
    if (moved && was_open && open) {
      Add("left", rebound, had);
      Add("took", rebound, units_);
    }
    if (was && (!is || moved)) {
      if (disproved_ && !is) {
        DropLastBehind();
      } else {
        Add("caught_up", When(CaughtUpAt), had);
      }
    }
    if (is && (!was || moved)) {
      Add("behind", When([](const v1::Event& event) -> std::optional<Instant> {
            if (!event.has_rung_fired() || event.rung_fired().rung().kind() != v1::RUNG_KIND_OVERDUE) return {};
            return FromProto(event.rung_fired().rung().at());
          }));
    }
  }

  template <typename Of>
  Instant When(Of of) const {
    for (const v1::Event& event : change_.part.events()) {
      if (const std::optional<Instant> at = of(event)) return *at;
    }
    return change_.recorded;
  }

  void DropLastBehind() {
    std::string last;
    for (const Cell& cell : cells_) {
      if (cell[fact::kMeasure] == "behind") last = std::max(last, cell[fact::kDay]);
    }
    // Of each unit one: it may have fallen behind, caught up and fallen behind again on one day.
    std::vector<std::string> dropped;
    for (auto cell = cells_.begin(); cell != cells_.end();) {
      const bool one = (*cell)[fact::kMeasure] == "behind" && (*cell)[fact::kDay] == last &&
                       !absl::c_linear_search(dropped, (*cell)[fact::kUnit]);
      if (one) dropped.push_back((*cell)[fact::kUnit]);
      cell = one ? cells_.erase(cell) : std::next(cell);
    }
  }

  // What is so of the case now.
  void Relabel() {
    const std::string fields = FieldsFact(*change_.procedure, after_);
    const bool gone = after_.end_kind() == v1::END_KIND_CANCELLED;
    const std::string went =
        gone ? absl::StrCat(EndWord(after_.end_kind()), " ", MonthOf(change_.zone.DayOf(FromProto(after_.ended_at()))))
             : "";
    for (Cell& cell : cells_) {
      cell[fact::kFields] = fields;
      cell[fact::kGone] = went;
      if (cell[fact::kMeasure] == "checked" || absl::StartsWith(cell[fact::kMeasure], "ended")) continue;
      cell[fact::kVerification] = verification_;
      cell[fact::kTruth] = truth_;
    }
  }

  const Change& change_;
  const CaseState& after_;
  std::vector<Cell> cells_;
  const std::vector<std::string> units_;
  std::string verification_, truth_;        // Of the case now; while a check is added, that check's.
  std::map<std::string, Instant> periods_;  // Since when each clock runs.
  bool disproved_ = false;                  // A due instant turned out not to have been passed.
};

class Metrics : public View {
 public:
  const Definition& definition() const override {
    static const Definition is = [] {
      Definition d;
      d.number = v1::VIEW_METRICS;
      d.name = "metrics";
      d.version = 4;  // 1 had whoever checks answer for a case too, 2 counted duplicates, 3 had four labels.
      d.labels = {"month", "measure", "procedure", "unit"};
      d.cells = {"month",        "measure", "procedure", "unit", "again", "how",
                 "verification", "truth",   "what",      "gone", "fields"};
      d.beside = 1;  // The day.
      d.group = 4;
      return d;
    }();
    return is;
  }

  void Apply(const Change& change, ViewRows& rows) const override {
    if (change.after == nullptr) return;
    const std::string& name = change.after->name();
    rows.Count(name, AudienceOf(*change.procedure, *change.after), Facts(change, rows.Counted(name)).Run());
  }

  void Add(const Cell& cell, int64_t count, v1::ViewRow& row) const override {
    v1::MetricCount& metric = *row.mutable_count();
    metric.set_measure(cell[fact::kMeasure]);
    metric.set_procedure(cell[fact::kProcedure]);
    metric.set_unit(cell[fact::kUnit]);
    metric.set_month(cell[fact::kMonth]);
    metric.set_count(metric.count() + count);
  }
};

}  // namespace

const View& MetricsView() {
  static const Metrics view;
  return view;
}

}  // namespace duban::engine
