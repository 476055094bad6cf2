#include "engine/figures/figure.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "engine/views/facts.h"

namespace duban::engine {
namespace {

bool CalledOff(const std::string& what) { return what == "cancelled"; }

// Whether a set asks for cancelled cases by name.
bool AsksForGone(const FigureSet& set) {
  return std::any_of(set.tests.begin(), set.tests.end(), [](const FigureTest& test) {
    return test.kind == FigureTest::Kind::kEnd && !test.negated &&
           std::any_of(test.values.begin(), test.values.end(), CalledOff);
  });
}

// What a measure adds to a stock.
int StockOf(Counted stock, const std::string& measure) {
  if (stock == Counted::kOverdueAtEnd) return measure == "behind" ? 1 : measure == "caught_up" ? -1 : 0;
  if (measure == "opened" || measure == "reopened" || measure == "took") return 1;
  return measure == "ended" || measure == "left" ? -1 : 0;
}

bool Holds(const FigureTest& test, const Cell& cell) {
  switch (test.kind) {
    case FigureTest::Kind::kOnTime:
      return cell[fact::kHow] == "on_time";
    case FigureTest::Kind::kLate:
      return cell[fact::kHow] == "late";
    case FigureTest::Kind::kMissing:
      return cell[fact::kHow] == "missing";
    case FigureTest::Kind::kDated:
      return cell[fact::kHow] != "none";
    case FigureTest::Kind::kVerified:
      return absl::c_linear_search(test.values, cell[fact::kVerification]);
    case FigureTest::Kind::kFound:
      return absl::c_linear_search(test.values, cell[fact::kTruth]);
    case FigureTest::Kind::kEnd:
      return absl::c_linear_search(test.values, cell[fact::kWhat]);
    case FigureTest::Kind::kFieldIs: {
      const std::vector<std::string> held = ValuesInFact(cell[fact::kFields], test.field);
      return std::any_of(held.begin(), held.end(),
                         [&](const std::string& one) { return absl::c_linear_search(test.values, one); });
    }
  }
  return false;
}

}  // namespace

FigureCount::FigureCount(const Metric& metric, const Period& period, std::vector<Breakdown> by)
    : metric_(metric),
      period_(period),
      by_(std::move(by)),
      first_day_(FormatDay(period.first)),
      last_day_(FormatDay(period.last)) {
  by_units_ = std::any_of(by_.begin(), by_.end(), [](const Breakdown& one) { return one.by == Breakdown::By::kUnit; });
}

bool FigureCount::by_cells() const {
  return period_.whole_months() && metric_.above.also.empty() && metric_.below.also.empty();
}

std::string FigureCount::first_month() const {
  return IsStock(metric_.above.counts) || IsStock(metric_.below.counts) ? "" : period_.first_month();
}

bool FigureCount::InPeriod(const Cell& cell, bool by_day) const {
  if (by_day) return cell[fact::kDay] >= first_day_ && cell[fact::kDay] <= last_day_;
  return cell[fact::kMonth] >= period_.first_month() && cell[fact::kMonth] <= period_.last_month();
}

bool FigureCount::Gone(const Cell& cell) const {
  const std::string& gone = cell[fact::kGone];
  return !gone.empty() && gone.substr(gone.find(' ') + 1) <= period_.last_month();
}

bool FigureCount::Passes(const FigureSet& set, const Cell& cell) const {
  if (!metric_.procedures.empty() && !absl::c_linear_search(metric_.procedures, cell[fact::kProcedure])) return false;
  return std::all_of(set.tests.begin(), set.tests.end(),
                     [&](const FigureTest& test) { return Holds(test, cell) != test.negated; });
}

int FigureCount::Counting(const FigureSet& set, const Cell& cell, bool by_day) const {
  if (!IsStock(set.counts)) {
    if (cell[fact::kMeasure] != WordOf(set.counts) || !InPeriod(cell, by_day)) return 0;
    // A round that ended so before the case was opened again.
    if (set.counts == Counted::kEnded && CalledOff(cell[fact::kWhat]) && !AsksForGone(set)) return 0;
    return Passes(set, cell) ? 1 : 0;
  }
  const int adds = StockOf(set.counts, cell[fact::kMeasure]);
  if (adds == 0) return 0;
  const bool until = by_day ? cell[fact::kDay] <= last_day_ : cell[fact::kMonth] <= period_.last_month();
  return until && Passes(set, cell) ? adds : 0;
}

std::vector<std::vector<std::string>> FigureCount::KeysOf(const Cell& cell) const {
  std::vector<std::vector<std::string>> keys = {{}};
  for (const Breakdown& one : by_) {
    std::vector<std::string> values;
    if (one.by == Breakdown::By::kUnit) {
      values = {cell[fact::kUnit]};
    } else if (one.by == Breakdown::By::kProcedure) {
      values = {cell[fact::kProcedure]};
    } else {
      values = ValuesInFact(cell[fact::kFields], one.field);
      if (values.empty()) values.emplace_back();
    }
    std::vector<std::vector<std::string>> longer;
    for (const auto& key : keys) {
      for (const std::string& value : values) {
        longer.push_back(key);
        longer.back().push_back(value);
      }
    }
    keys = std::move(longer);
  }
  return keys;
}

void FigureCount::AddTo(const Cell& cell, int64_t above, int64_t below) {
  if (above == 0 && below == 0) return;
  if (cell[fact::kAgain].empty()) {
    figure_.total.above += above;
    figure_.total.below += below;
  }
  if (by_.empty() || (!by_units_ && !cell[fact::kAgain].empty())) return;
  for (const std::vector<std::string>& key : KeysOf(cell)) {
    Counts& group = figure_.groups[key];
    group.above += above;
    group.below += below;
    in_groups_ += below;
  }
}

void FigureCount::AddMerged(const Cell& cell, int64_t count, bool by_day) {
  const bool counts = metric_.procedures.empty() || absl::c_linear_search(metric_.procedures, cell[fact::kProcedure]);
  if (counts && cell[fact::kAgain].empty() && InPeriod(cell, by_day)) figure_.left_out += count;
}

void FigureCount::Add(const Cell& cell, int64_t count) {
  if (cell[fact::kMeasure] == "merged") return AddMerged(cell, count, false);
  const bool gone = Gone(cell);
  const int above = Counting(metric_.above, cell, false);
  const int below = Counting(metric_.below, cell, false);
  const bool above_in = !gone || AsksForGone(metric_.above);
  const bool below_in = !gone || AsksForGone(metric_.below);
  if (!below_in && !IsStock(metric_.below.counts) && cell[fact::kAgain].empty()) figure_.left_out += below * count;
  AddTo(cell, above_in ? above * count : 0, below_in ? below * count : 0);
}

void FigureCount::AddCase(const std::vector<Cell>& cells) {
  // By the day it was gone, not by the month.
  const bool gone = std::any_of(cells.begin(), cells.end(), [&](const Cell& cell) {
    return !cell[fact::kGone].empty() && cell[fact::kMeasure] == "ended" && CalledOff(cell[fact::kWhat]) &&
           absl::StartsWith(cell[fact::kGone], cell[fact::kWhat]) &&
           absl::EndsWith(cell[fact::kGone], cell[fact::kMonth]) && cell[fact::kDay] <= last_day_;
  });
  const auto has = [&](const FigureSet& set) {
    return std::all_of(set.also.begin(), set.also.end(), [&](Counted also) {
      return std::any_of(cells.begin(), cells.end(), [&](const Cell& cell) {
        return cell[fact::kMeasure] == WordOf(also) && InPeriod(cell, true) &&
               !(also == Counted::kEnded && CalledOff(cell[fact::kWhat]));
      });
    });
  };
  const bool above_in = (!gone || AsksForGone(metric_.above)) && has(metric_.above);
  const bool below_has = has(metric_.below);
  const bool below_in = !gone || AsksForGone(metric_.below);
  for (const Cell& cell : cells) {
    if (cell[fact::kMeasure] == "merged") AddMerged(cell, 1, true);
    const int above = above_in ? Counting(metric_.above, cell, true) : 0;
    const int below = below_has ? Counting(metric_.below, cell, true) : 0;
    if (!below_in && !IsStock(metric_.below.counts) && cell[fact::kAgain].empty()) figure_.left_out += below;
    AddTo(cell, above, below_in ? below : 0);
  }
}

Figure FigureCount::Take() {
  // Groups of a stock that has come down to nothing are not there.
  for (auto group = figure_.groups.begin(); group != figure_.groups.end();) {
    group = group->second == Counts{} ? figure_.groups.erase(group) : std::next(group);
  }
  figure_.joint = by_.empty() ? 0 : in_groups_ - figure_.total.below;
  return std::move(figure_);
}

}  // namespace duban::engine
