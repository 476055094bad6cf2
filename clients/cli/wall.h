// The wall (大屏): how matters stand, kept up by itself. Several views live on one stream, drawn anew whenever
// something changes; on a terminal in place, elsewhere as lines that are added.
#pragma once

#include <chrono>

#include "clients/cli/session.h"

namespace duban::cli {

namespace limits {
inline constexpr std::chrono::milliseconds kWallPause{
    200};                                                 // Between two pictures: who changes much is not drawn more.
inline constexpr std::chrono::seconds kWallTick{1};       // How soon a lost connection shows.
inline constexpr std::chrono::seconds kWallAskAgain{10};  // A view that cannot be watched is asked for again.
inline constexpr std::chrono::seconds kWallCall{3};       // A question beside the stream; later: without its answer.
inline constexpr std::chrono::seconds kWallFirst{30};     // With `once`: until all views are there; later: fails.
inline constexpr int kWallHeartbeatS = 5;                 // Totals are asked for at least so often.
inline constexpr int kWallAlertsAsked = 50;               // Where alerts are too many to be watched: the newest.
}  // namespace limits

struct WallOptions {
  bool once = false;   // One picture, once everything is there.
  double seconds = 0;  // Ends after so many; 0: when interrupted.
};

// Goes on over broken connections and restarts of the server. Fails at once where the server cannot be reached, or does
// not know the caller, when it begins.
int RunWall(Session& session, const WallOptions& options);

}  // namespace duban::cli
