// Counting a metric over what the counting view holds (views/facts.h): by cells of whole months, which is fast, or case
// by case, which knows days and what else happened to a case.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/figures/period.h"
#include "engine/figures/rate.h"
#include "engine/procedure/metrics.h"
#include "engine/views/view.h"

namespace duban::engine {

// By what a figure is broken down.
struct Breakdown {
  enum class By { kUnit, kProcedure, kField };
  By by = By::kUnit;
  std::string field;  // kField: a figured field. Occurrences without a value have the empty text.
};

struct Figure {
  Counts total;                                       // Each occurrence once, however many units answer for it.
  std::map<std::vector<std::string>, Counts> groups;  // A value for each breakdown.
  // Occurrences below that are left out, because their case was called off by the end of the period, and duplicates
  // that were merged within it.
  int64_t left_out = 0;
  // By how much the groups' counts below exceed the total: joint matters count with each unit, several values in each.
  int64_t joint = 0;
};

class FigureCount {
 public:
  FigureCount(const Metric& metric, const Period& period, std::vector<Breakdown> by);

  // Whether cells of whole months say all that it takes.
  bool by_cells() const;
  // The months whose cells count.
  std::string first_month() const;
  std::string last_month() const { return period_.last_month(); }

  // Cells of whole months. REQUIRES: by_cells().
  void Add(const Cell& cell, int64_t count);
  // All cells of one case, with their days.
  void AddCase(const std::vector<Cell>& cells);

  Figure Take();

 private:
  // How often a cell counts in a set: 1, 0, and of a stock also -1.
  int Counting(const FigureSet& set, const Cell& cell, bool by_day) const;
  bool Passes(const FigureSet& set, const Cell& cell) const;
  bool InPeriod(const Cell& cell, bool by_day) const;
  // Whether its case was called off by then.
  bool Gone(const Cell& cell) const;
  void AddMerged(const Cell& cell, int64_t count, bool by_day);
  void AddTo(const Cell& cell, int64_t above, int64_t below);
  std::vector<std::vector<std::string>> KeysOf(const Cell& cell) const;

  const Metric metric_;
  const Period period_;
  const std::vector<Breakdown> by_;
  const std::string first_day_, last_day_;
  bool by_units_ = false;
  Figure figure_;
  int64_t in_groups_ = 0;
};

}  // namespace duban::engine
