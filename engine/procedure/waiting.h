// Where a case may come to wait while no clock runs: asked of a procedure that is to be published, and of a case that
// is to go on under another version.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/procedure/procedure.h"

namespace duban::engine {

// A case as far as its clocks go.
struct Situation {
  std::string stage;
  std::vector<bool> running;  // By clock, in the procedure's order; suspended ones too.
  bool objection = false;     // Whether one stands.
};

// A case, or a further round of it, that begins in a stage.
Situation BeginsIn(const Procedure& procedure, const std::string& stage);

// A stage in which a case may wait with no clock running, no timed move to come and no reason stated.
struct Untimed {
  std::string stage;
  bool objection = false;  // Its timed move would come, but for an objection.
  std::string way;         // "a → b → c": how a case came there.
};

// All of them that can be come to from there, each once, the nearest first. More than kSituationsMax situations are not
// followed: what is left out is not found. REQUIRES: what the procedure names is there.
inline constexpr size_t kSituationsMax = 20'000;
std::vector<Untimed> FindUntimed(const Procedure& procedure, const std::vector<Situation>& from);

}  // namespace duban::engine
