// What gRPC says, as the client's own words; and when to try again. Inside the client only.
#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <optional>
#include <random>
#include <string>

#include "clients/cpp/client.h"

namespace duban::client {

// An error from a status and its google.rpc.Status details. Failures that are not the server's own get words here.
Error ToError(const grpc::Status& status, const std::string& target, std::string request_id);

// Whether the same call may succeed in a moment: the server is away, stopping or has a full queue. A server that says
// it is read-only will go on to be so.
bool MayRetry(const Error& error);

// Growing pauses, until it is time to give up.
class Backoff {
 public:
  explicit Backoff(std::chrono::milliseconds give_up_after);
  // The next pause; nothing when the time is used up.
  std::optional<std::chrono::milliseconds> Next();

 private:
  const std::chrono::steady_clock::time_point give_up_at_;
  std::chrono::milliseconds pause_ = limits::kBackoffFirst;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace duban::client
