// One stream over any number of connections. Inside the client only.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "clients/cpp/attempt.h"
#include "clients/cpp/client.h"
#include "clients/cpp/wire.h"

namespace duban::client {

using Metadata = std::multimap<std::string, std::string>;
inline constexpr char kRequestIdName[] = "x-request-id";

// What every call carries; a fresh request id with it.
inline Metadata MetadataOf(const Options& options) {
  Metadata metadata{{kRequestIdName, Client::NewKey()}};
  if (!options.token.empty()) metadata.emplace("authorization", "Bearer " + options.token);
  return metadata;
}

inline std::string RequestIdOf(const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(kRequestIdName);
  return found == trailers.end() ? "" : std::string(found->second.data(), found->second.size());
}

// What a stream needs to be opened, and opened again.
template <typename Message>
struct Source {
  typename Attempt<Message>::Start start;    // Called for each connection.
  std::function<void(const Message&)> note;  // Remembers where to go on.
  bool resumes;                              // Whether it may be opened again.
  std::chrono::seconds patience;             // A connection silent for so long is dead.
};

template <typename Message>
class OpenStream final : public Stream<Message> {
 public:
  OpenStream(Options options, Source<Message> source) : options_(std::move(options)), source_(std::move(source)) {}

  bool Next(Message* message) override {
    while (Attempt<Message>* attempt = Current()) {
      switch (attempt->Next(message, source_.patience)) {
        case Attempt<Message>::Read::kMessage:
          outage_.reset();
          source_.note(*message);
          return true;
        case Attempt<Message>::Read::kSilent:
          // Nothing came for several heartbeats.
          Recover(ToError({grpc::StatusCode::UNAVAILABLE, "silent"}, options_.target, ""));
          break;
        case Attempt<Message>::Read::kEnded:
          Recover(ToError(attempt->status(), options_.target, RequestIdOf(attempt->context())));
          break;
      }
    }
    return false;
  }

  void Cancel() override {
    std::lock_guard<std::mutex> lock(mutex_);
    cancelled_ = true;
    if (attempt_ != nullptr) attempt_->Cancel();
    changed_.notify_all();
  }

  Error error() const override {
    std::lock_guard<std::mutex> lock(mutex_);
    return error_;
  }

  int reconnects() const override {
    std::lock_guard<std::mutex> lock(mutex_);
    return reconnects_;
  }

 private:
  // The connection to read from, made if there is none; null once the stream has ended.
  Attempt<Message>* Current() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (ended_ || cancelled_) return nullptr;
    if (attempt_ == nullptr) attempt_ = std::make_unique<Attempt<Message>>(source_.start, MetadataOf(options_));
    return attempt_.get();
  }

  // After a connection ended: waits until the next may be tried, or ends the stream.
  void Recover(const Error& error) {
    std::unique_ptr<Attempt<Message>> finished;  // Destroyed after the lock: it waits for gRPC.
    std::unique_lock<std::mutex> lock(mutex_);
    finished = std::move(attempt_);
    if (cancelled_) return;
    std::optional<std::chrono::milliseconds> pause;
    if (source_.resumes && MayRetry(error)) {
      if (!outage_) outage_.emplace(options_.reconnect_for);
      pause = outage_->Next();
    }
    if (!pause) {
      ended_ = true;
      error_ = error;
      return;
    }
    ++reconnects_;
    changed_.wait_for(lock, *pause, [this] { return cancelled_; });
  }

  const Options options_;
  const Source<Message> source_;
  std::optional<Backoff> outage_;  // Since the last message; the reader's.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Attempt<Message>> attempt_;  // Guarded by mutex_, like all below; replaced by the reader only.
  bool cancelled_ = false;
  bool ended_ = false;
  Error error_;
  int reconnects_ = 0;
};

}  // namespace duban::client
