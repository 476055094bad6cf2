#include "engine/figures/board.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace duban::engine {
namespace {

Counts CountsOf(const BoardTerm& term, const std::string& unit) {
  const auto found = term.by_unit.groups.find({unit});
  return found == term.by_unit.groups.end() ? Counts{} : found->second;
}

}  // namespace

std::vector<BoardRow> RankUnits(const Scoreboard& board, const std::vector<BoardTerm>& terms) {
  std::set<std::string> units;
  for (const BoardTerm& term : terms) {
    for (const auto& [key, counts] : term.by_unit.groups) {
      if (!key[0].empty()) units.insert(key[0]);
    }
  }
  std::vector<BoardRow> rows;
  for (const std::string& unit : units) {
    BoardRow& row = rows.emplace_back();
    row.unit = unit;
    for (const BoardTerm& term : terms) {
      row.counts.push_back(CountsOf(term, unit));
      if (row.counts.back().below < board.at_least) row.too_few.push_back(term.metric->name);
    }
    if (!row.too_few.empty()) continue;
    for (size_t i = 0; i < terms.size(); ++i) {
      row.addends.push_back(ScoreHundredths(terms[i].weight, row.counts[i], terms[i].metric->less_is_better));
      row.hundredths += row.addends.back();
    }
    for (const StarBand& band : board.stars) {
      if (row.hundredths < int64_t{band.at_least} * 100) continue;
      row.stars = band.stars;
      break;
    }
  }
  std::sort(rows.begin(), rows.end(), [](const BoardRow& a, const BoardRow& b) {
    return std::make_tuple(!a.too_few.empty(), -a.hundredths, a.unit) <
           std::make_tuple(!b.too_few.empty(), -b.hundredths, b.unit);
  });
  for (size_t i = 0; i < rows.size() && rows[i].too_few.empty(); ++i) {
    const bool tied = i > 0 && rows[i].hundredths == rows[i - 1].hundredths;
    rows[i].rank = tied ? rows[i - 1].rank : static_cast<int>(i) + 1;
    if (tied) rows[i].tied = rows[i - 1].tied = true;
  }
  return rows;
}

}  // namespace duban::engine
