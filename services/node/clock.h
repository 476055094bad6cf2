// The only place that reads the machine's clocks.
#pragma once

#include <memory>

#include "absl/time/time.h"

namespace duban::node {

// What time it is outside. A workspace on a virtual clock never asks.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
  // How long something takes: never steps back, from an arbitrary beginning. Nothing that is recorded depends on it.
  virtual absl::Duration Steady() const;
};

std::shared_ptr<Clock> SystemClock();

}  // namespace duban::node
