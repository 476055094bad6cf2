// The numbers of a node and its server as Prometheus reads them: GET /metrics, text exposition.
//
// Whoever reaches the address reads it: there is no viewer, and the numbers count everybody's matters. So it is off
// unless asked for, and duband keeps it on the machine itself.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/node/measures.h"

namespace duban::observe {

namespace limits {
// Threads that answer. More readers wait.
inline constexpr int kMetricsThreads = 2;
// A reader that has not sent its request by then is dropped.
inline constexpr int kMetricsRequestMs = 5000;
}  // namespace limits

// The measures of this process: memory, files, threads.
std::vector<node::Measure> ProcessMeasures();

class MetricsPage {
 public:
  // Serves on "host:port" (port 0 takes a free one); every measure's name gets "duban_" before it. `collect` is called
  // for every reading, on any thread, until the page is destroyed. UNAVAILABLE when the address cannot be taken.
  static absl::StatusOr<std::unique_ptr<MetricsPage>> Serve(const std::string& address,
                                                            std::function<std::vector<node::Measure>()> collect);
  virtual ~MetricsPage() = default;
  // The port that was taken.
  virtual int port() const = 0;
};

}  // namespace duban::observe
