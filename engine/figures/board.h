// Units ranked by a weighted sum of rates. Each addend is rounded to hundredths of a point and then added up, so that
// whoever has the printed counts and a calculator comes to the same sum, and equal sums are equal ranks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/figures/figure.h"
#include "engine/procedure/metrics.h"

namespace duban::engine {

// A term with its metric, counted by unit alone.
struct BoardTerm {
  const Metric* metric = nullptr;
  int32_t weight = 0;
  Figure by_unit;
};

struct BoardRow {
  std::string unit;
  int rank = 0;            // From 1; the same where the sums are, and as many are then left out. 0: not ranked.
  bool tied = false;       // Others have the same rank.
  int64_t hundredths = 0;  // Of a point.
  int32_t stars = 0;
  std::vector<Counts> counts;        // For each term.
  std::vector<int64_t> addends;      // For each term, hundredths of a point; empty where it is not ranked.
  std::vector<std::string> too_few;  // Metrics of which it has fewer below than it takes.
};

// Ranked units first, best first, equal ones by unit; then those that are not ranked, by unit.
std::vector<BoardRow> RankUnits(const Scoreboard& board, const std::vector<BoardTerm>& terms);

}  // namespace duban::engine
