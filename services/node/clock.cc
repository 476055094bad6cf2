#include "services/node/clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace duban::node {
namespace {

class WallClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace

absl::Duration Clock::Steady() const { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

std::shared_ptr<Clock> SystemClock() { return std::make_shared<WallClock>(); }

}  // namespace duban::node
