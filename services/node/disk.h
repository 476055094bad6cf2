// How much room the workspace takes on its disk, and how much is left there.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "services/node/clock.h"

namespace duban::node {

// Threads: any.
class Disk {
 public:
  struct Room {
    uint64_t used_bytes = 0;  // All files below the directory.
    uint64_t free_bytes = 0;  // What an unprivileged process may still write.
  };

  // An empty directory: in memory, takes no room. `clock` outlives it.
  Disk(std::string directory, const Clock& clock) : directory_(std::move(directory)), clock_(clock) {}

  // At most kOld out of date: walking many files costs.
  Room room();

  static constexpr absl::Duration kOld = absl::Seconds(10);

 private:
  const std::string directory_;
  const Clock& clock_;
  std::mutex mu_;
  absl::Duration looked_at_ = -absl::InfiniteDuration();  // Guarded by mu_, like the next.
  Room room_;
};

}  // namespace duban::node
