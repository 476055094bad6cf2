// How the node stands, as a person reads it: grouped, bounds beside values, what needs looking at marked.
#pragma once

#include <functional>
#include <string>

#include "clients/cli/console.h"
#include "duban/v1/operations_service.pb.h"

namespace duban::cli {

namespace limits {
// From here on a value is marked.
inline constexpr double kBoundFull = 0.8;                     // Of a bound.
inline constexpr double kBatchSlowS = 0.5;                    // Seconds of a batch, 99 of 100.
inline constexpr uint64_t kDiskLowBytes = uint64_t{2} << 30;  // Free.
inline constexpr int kCalendarLowDays = 90;                   // To the end of the calendar.
inline constexpr int kTimersLateS = 300;                      // Timers fired to, behind now.
}  // namespace limits

// Lines of text. `show` turns an instant into words of the workspace's zone; `colours`: a terminal's.
std::string StatsText(const Console& console, const v1::GetStatsResponse& stats,
                      const std::function<std::string(const google::protobuf::Timestamp&)>& show, bool colours);

// "1.5 GiB".
std::string ShowBytes(uint64_t bytes);

}  // namespace duban::cli
