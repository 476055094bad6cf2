#include "services/node/clock.h"

#include "absl/time/clock.h"

namespace duban::node {
namespace {

class WallClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace

std::shared_ptr<Clock> SystemClock() { return std::make_shared<WallClock>(); }

}  // namespace duban::node
