#include "services/rpc/calls.h"

#include <optional>

#include "absl/time/time.h"
#include "services/rpc/status_map.h"

namespace duban::rpc {
namespace {

using node::Level;
using node::Measure;
using std::chrono::steady_clock;

std::string CodeOf(const grpc::Status& status) {
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code()));
}

// A client that leaves, and a server that stops while it streams, are no failures.
bool IsOrdinary(const Call& call, const grpc::Status& status, const std::string& reason) {
  if (status.ok() || status.error_code() == grpc::StatusCode::CANCELLED) return true;
  return call.kind == Call::Kind::kStream && reason == "SHUTTING_DOWN";
}

}  // namespace

void Calls::End(const Call& call, const grpc::Status& status) {
  const steady_clock::duration took = steady_clock::now() - call.began;
  if (call.kind == Call::Kind::kRead) reads_.Add(absl::FromChrono(took));
  if (call.kind == Call::Kind::kCommand) commands_.Add(absl::FromChrono(took));
  --open_;
  const std::string code = CodeOf(status);
  const std::string reason = status.ok() ? "" : ReasonOf(status);
  const bool failed = !IsOrdinary(call, status, reason);
  {
    std::lock_guard<std::mutex> lock(mu_);
    ++ended_[{call.method, code}];
    if (failed) ++failed_[reason];
  }
  // Failures to sign in are told of together: anybody can cause any number.
  if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED) return;
  const bool slow = call.kind != Call::Kind::kStream && took > limits::kSlowCall;
  if ((!failed && !slow) || !MayWrite()) return;
  std::vector<node::Fact> facts = {{"request_id", call.id},
                                   {"method", call.method},
                                   {"code", code},
                                   {"seconds", absl::ToDoubleSeconds(absl::FromChrono(took))}};
  if (failed) facts.push_back({"reason", reason});
  log_->Write(slow ? Level::kWarning : Level::kInfo, failed ? "call_failed" : "call_slow", facts);
}

void Calls::Unexpected(const Call& call, const absl::Status& trouble) {
  if (!MayWrite()) return;
  log_->Write(Level::kError, "internal_error",
              {{"request_id", call.id}, {"method", call.method}, {"trouble", trouble.ToString()}});
}

bool Calls::MayWrite() {
  int64_t left_out = 0;
  {
    std::lock_guard<std::mutex> lock(mu_);
    const auto now = steady_clock::now();
    if (now - second_began_ >= std::chrono::seconds(1)) {
      second_began_ = now;
      lines_ = 0;
      left_out = std::exchange(left_out_, 0);
    }
    if (lines_ >= limits::kCallLinesPerSecondMax) {
      ++left_out_;
      ++left_out_ever_;
      return false;
    }
    ++lines_;
  }
  if (left_out > 0) log_->Write(Level::kWarning, "lines_left_out", {{"count", left_out}});
  return true;
}

void Calls::Tick() {
  int64_t count;
  {
    std::lock_guard<std::mutex> lock(mu_);
    const auto now = steady_clock::now();
    const uint64_t failed = sign_ins_failed_;
    const bool told = sign_ins_told_at_ != steady_clock::time_point::min();
    if (failed == sign_ins_told_ || (told && now - sign_ins_told_at_ < limits::kSignInLines)) return;
    count = static_cast<int64_t>(failed - sign_ins_told_);
    sign_ins_told_ = failed;
    sign_ins_told_at_ = now;
  }
  log_->Write(Level::kWarning, "sign_in_failures", {{"count", count}});
}

std::vector<Measure> Calls::Measures() const {
  std::lock_guard<std::mutex> lock(mu_);
  Measure ended{"calls_total", "Calls that have ended, by method and gRPC code.", Measure::Kind::kCounter, {}};
  for (const auto& [which, count] : ended_) {
    ended.samples.push_back({{{"method", which.first}, {"code", which.second}}, static_cast<double>(count), {}});
  }
  Measure failed{"call_failures_total", "Calls that failed, by reason (docs/errors.md).", Measure::Kind::kCounter, {}};
  for (const auto& [reason, count] : failed_) {
    failed.samples.push_back({{{"reason", reason}}, static_cast<double>(count), {}});
  }
  Measure took{"call_seconds", "How long calls took, streams left out.", Measure::Kind::kDurations, {}};
  took.samples.push_back({{{"kind", "read"}}, 0, reads_.counts()});
  took.samples.push_back({{{"kind", "command"}}, 0, commands_.counts()});
  return {std::move(ended),
          std::move(failed),
          std::move(took),
          node::Gauge("calls_open", "Calls under way, streams included.", static_cast<double>(open_.load())),
          node::Counter("sign_in_failures_total", "Calls without a token that holds.",
                        static_cast<double>(sign_ins_failed_.load())),
          node::Counter("log_lines_left_out_total", "Lines about calls that their bound kept out of the log.",
                        static_cast<double>(left_out_ever_))};
}

}  // namespace duban::rpc
