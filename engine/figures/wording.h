// Definitions of figures as people read them.
#pragma once

#include <vector>

#include "duban/v1/value.pb.h"
#include "engine/figures/board.h"
#include "engine/procedure/metrics.h"

namespace duban::engine {

// "办结、有时限、按期": what a set takes in.
v1::Text TextOf(const FigureSet& set);

// "60×按期办结率 + 40×(1−反弹率)". `metrics`: of each term.
v1::Text FormulaText(const Scoreboard& board, const std::vector<const Metric*>& metrics);

}  // namespace duban::engine
