// The gRPC server over a node: bounds, health, reflection, orderly stop.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/node/node.h"

namespace duban::rpc {

namespace limits {
// A larger request: RESOURCE_EXHAUSTED before it is parsed.
inline constexpr int kRequestBytesMax = 4 << 20;
// Metadata of one call. More: RESOURCE_EXHAUSTED.
inline constexpr int kMetadataBytesMax = 8 << 10;
// Calls open at once on one connection, streams included. More wait in the client.
inline constexpr int kCallsPerConnectionMax = 256;
// Memory that gRPC may hold for all connections. Beyond: it stops reading from them until some is free.
inline constexpr size_t kTransportBytesMax = size_t{256} << 20;
// A connection that has not finished its HTTP/2 greeting by then is closed.
inline constexpr int kHandshakeMs = 10'000;
// A connection without calls is closed after so long; any is asked to reconnect after an hour and given half a minute
// for what is open. Watches resume from their last mark.
inline constexpr int kIdleMs = 10 * 60'000;
inline constexpr int kAgeMs = 60 * 60'000;
inline constexpr int kAgeGraceMs = 30'000;
// Our pings find dead peers; theirs may come this often while calls are open.
inline constexpr int kPingMs = 30'000;
inline constexpr int kPingTimeoutMs = 10'000;
inline constexpr int kClientPingMinMs = 10'000;
inline constexpr int kClientPingStrikes = 2;
// Threads that pull from the node for streams.
inline constexpr int kStreamThreads = 4;
// How long a reader may leave one message of a stream waiting. Longer: RESOURCE_EXHAUSTED (READER_STALLED).
inline constexpr absl::Duration kWritePatience = absl::Seconds(60);
// Threads for calls that write to the disk themselves: a backup, which may take minutes, and uploads beside it.
inline constexpr int kDiskThreads = 3;
// How long a stop waits for open calls before it cancels them.
inline constexpr int kDrainMs = 5'000;
// How often the node is asked whether it still takes commands.
inline constexpr int kHealthMs = 1'000;
}  // namespace limits

class Server {
 public:
  // Serves on `address`, "host:port"; port 0 takes a free one. `node` outlives the server. UNAVAILABLE when the address
  // cannot be taken. What is told to `log` of calls, and how much of it: services/rpc/calls.h.
  static absl::StatusOr<std::unique_ptr<Server>> Start(node::Node& node, const std::string& address,
                                                       absl::Duration write_patience = limits::kWritePatience,
                                                       std::shared_ptr<node::Log> log = node::Silence());
  // Shuts down.
  virtual ~Server() = default;

  // The port that was taken.
  virtual int port() const = 0;
  // Numbers of its calls.
  virtual std::vector<node::Measure> Measures() const = 0;
  // Says NOT_SERVING, stops accepting, waits for open calls at most limits::kDrainMs and cancels the rest. End the
  // node's streams first (Node::Shutdown), or they are cut.
  virtual void Shutdown() = 0;
};

}  // namespace duban::rpc
