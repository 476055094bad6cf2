// The only place that reads the wall clock.
#pragma once

#include <memory>

#include "absl/time/time.h"

namespace duban::node {

// What time it is outside. A workspace on a virtual clock never asks.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

std::shared_ptr<Clock> SystemClock();

}  // namespace duban::node
