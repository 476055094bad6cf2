// The engine's context for one decision over a batch: its time and actor, and the questions that deciding may ask
// of the world. Lives on the stack while deciding; one thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/cases/decide.h"
#include "services/node/batch.h"
#include "services/node/burdens.h"
#include "services/node/draws.h"
#include "services/node/random.h"

namespace duban::node {

// Who decides, and when.
struct Circumstances {
  engine::Instant now;
  engine::Instant occurred;
  std::string actor;        // Empty when timers fire.
  std::string entered_for;  // Empty otherwise.
};

class Deciding {
 public:
  // `first_case` is the name that the first case opened gets; empty: a fresh one.
  // `boxes`: null where nobody votes and nothing is counted.
  Deciding(Batch& batch, Random& random, const Circumstances& circumstances, std::string first_case = "",
           engine::BallotBoxes* boxes = nullptr);

  const engine::Context& context() const { return context_; }

 private:
  Batch& batch_;
  Random& random_;
  std::string first_case_;
  std::map<std::string, uint64_t, std::less<>> numbers_;  // Given in this decision; forgotten when it is refused.
  std::vector<CasePtr> held_;                             // Keeps alive what the engine was shown.
  const BatchDraws draws_;
  const BatchBurdens burdens_;

  const std::function<std::string()> fresh_case_;
  const std::function<uint64_t(absl::string_view)> next_in_series_;
  const std::function<const CaseState*(absl::string_view)> find_case_;
  const std::function<std::vector<std::string>(absl::string_view, absl::string_view)> entered_by_;
  const std::function<uint64_t(absl::string_view)> open_parts_;
  const std::function<std::vector<std::string>(absl::string_view)> parts_of_;
  const engine::Context context_;
};

// A decision as a commit without its position: one part per case.
v1::Commit CommitOf(const engine::Decision& decision, Batch& batch);

}  // namespace duban::node
