// Firing due timers: ordinary commands without an actor, one case and one commit at a time.
//
// A case whose timers cannot fire (a timed move needs a year of the calendar that is not published) is set aside until
// the calendar changes; its due instant goes on holding back "timers fired to", so nobody is told more than is true.
// The sequencer's thread only.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "services/node/batch.h"
#include "services/node/random.h"
#include "store/store.h"

namespace duban::node {

class Firing {
 public:
  explicit Firing(Random& random) : random_(random) {}

  // Fires what one case has due at or before `until`, recorded at `recorded` or later: one commit for each bounded
  // lot of rungs. How many rungs and timed moves fired; a rejection when the next cannot.
  engine::Outcome<int64_t> FireCase(Batch& batch, const std::string& name, engine::Instant recorded,
                                    engine::Instant until);

  // Fires over all cases what is due at or before `until`, in the order of due instants, until the batch holds
  // `commits_max` more commits. With `at_own_instant` each commit is recorded when its timer was due (a virtual
  // clock), otherwise at `recorded`.
  struct Lot {
    int64_t fired = 0;
    bool more = false;  // The bound was reached.
  };
  absl::StatusOr<Lot> FireDue(Batch& batch, const store::Store& store, engine::Instant recorded, engine::Instant until,
                              bool at_own_instant, size_t commits_max);

 private:
  using Queue = std::set<std::pair<int64_t, std::string>>;

  // The due timers in order, as they stand in the batch: at most `count_max` of the store's. `horizon_ms` is as far as
  // they are complete.
  absl::StatusOr<Queue> Collect(const Batch& batch, const store::Store& store, int64_t until_ms, size_t count_max,
                                int64_t* horizon_ms) const;

  bool IsAside(const Batch& batch, const std::string& name) const;

  Random& random_;
  std::map<std::string, uint32_t> aside_;  // Timers set aside, and the calendar's version that did not do.
};

}  // namespace duban::node
