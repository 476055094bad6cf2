// What the server says of its calls: all are counted; those that failed or were slow leave a line in the log under
// their id. Neither holds anything of a request or an answer but method, code and reason.
#pragma once

#include <grpcpp/support/status.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "services/node/log.h"
#include "services/node/measures.h"

namespace duban::rpc {

namespace limits {
// A read or a command that takes longer is told of in the log.
inline constexpr std::chrono::milliseconds kSlowCall{1000};
// Lines about calls within a second. The rest is counted, and the next line says how many were left out.
inline constexpr int kCallLinesPerSecondMax = 20;
// Failures to sign in are told of together, so often at most.
inline constexpr std::chrono::seconds kSignInLines{60};
}  // namespace limits

// A call under way.
struct Call {
  enum class Kind { kRead, kCommand, kStream };

  std::string id;      // The caller's own x-request-id where it is fit to be logged, otherwise a new one.
  std::string method;  // "ActOnCase".
  Kind kind = Kind::kRead;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

// Threads: any.
class Calls {
 public:
  explicit Calls(std::shared_ptr<node::Log> log) : log_(std::move(log)) {}

  // Every call that began must end, once.
  void Begin() { ++open_; }
  void End(const Call& call, const grpc::Status& status);
  // Nobody was signed in; the call ends all the same.
  void SignInFailed() { ++sign_ins_failed_; }
  // Trouble for which the caller got only general words.
  void Unexpected(const Call& call, const absl::Status& trouble);
  // Says what is said together. Called every second or so.
  void Tick();

  std::vector<node::Measure> Measures() const;

 private:
  // False when this second has had its lines.
  bool MayWrite();

  const std::shared_ptr<node::Log> log_;
  std::atomic<int64_t> open_{0};
  std::atomic<uint64_t> sign_ins_failed_{0};
  node::Durations reads_, commands_;

  mutable std::mutex mu_;
  std::map<std::pair<std::string, std::string>, uint64_t>
      ended_;                               // By method and code. Guarded by mu_, like all below.
  std::map<std::string, uint64_t> failed_;  // By reason.
  std::chrono::steady_clock::time_point second_began_;
  int lines_ = 0;  // In that second.
  int64_t left_out_ = 0;
  uint64_t left_out_ever_ = 0;
  uint64_t sign_ins_told_ = 0;
  std::chrono::steady_clock::time_point sign_ins_told_at_ = std::chrono::steady_clock::time_point::min();
};

}  // namespace duban::rpc
