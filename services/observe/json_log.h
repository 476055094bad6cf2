// The log as lines of JSON, one event each:
//
//   {"time":"2026-09-01T01:00:00.123Z","level":"warning","event":"slow_batch","seconds":0.61,"commits":12,"bytes":40960}
//
// A line is written whole and at once, so that programs may follow the file and logrotate may copy and truncate it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/node/clock.h"
#include "services/node/log.h"

namespace duban::observe {

// Text facts are cut to this.
inline constexpr size_t kFactBytesMax = 512;

// To the end of a file, made with mode 0640 when it is not there; to stderr when `path` is empty. What is below `least`
// is left out. UNAVAILABLE when the file cannot be opened.
absl::StatusOr<std::shared_ptr<node::Log>> OpenJsonLog(const std::string& path, node::Level least,
                                                       std::shared_ptr<node::Clock> clock);

}  // namespace duban::observe
