// One server stream over one connection, read by blocking. Inside the client only.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

namespace duban::client {

// Reads one message ahead. One thread reads; Cancel may come from any other while the attempt lives.
template <typename Message>
class Attempt final : public grpc::ClientReadReactor<Message> {
 public:
  enum class Read { kMessage, kEnded, kSilent };
  using Start = std::function<void(grpc::ClientContext*, grpc::ClientReadReactor<Message>*)>;

  Attempt(const Start& start, const std::multimap<std::string, std::string>& metadata) {
    for (const auto& [name, value] : metadata) context_.AddMetadata(name, value);
    start(&context_, this);
    this->AddHold();  // Reads are asked for from outside reactions: without it the call could end between two of them.
    this->StartRead(&incoming_);
    this->StartCall();
  }

  // Cancels, and waits until gRPC has let go.
  ~Attempt() override {
    context_.TryCancel();
    std::unique_lock<std::mutex> lock(mutex_);
    closing_ = true;
    if (std::exchange(arrived_, false)) this->RemoveHold();
    changed_.wait(lock, [this] { return done_; });
  }

  // Waits for a message at most so long.
  Read Next(Message* message, std::chrono::milliseconds patience) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return arrived_ || done_; })) return Read::kSilent;
    if (!arrived_) return Read::kEnded;
    message->Swap(&incoming_);
    arrived_ = false;
    this->StartRead(&incoming_);
    return Read::kMessage;
  }

  void Cancel() { context_.TryCancel(); }

  // Why it ended; after kEnded.
  const grpc::Status& status() const { return status_; }
  const grpc::ClientContext& context() const { return context_; }

 private:
  void OnReadDone(bool ok) override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!ok || closing_) return this->RemoveHold();  // No further read: OnDone may come.
    arrived_ = true;
    changed_.notify_all();
  }

  void OnDone(const grpc::Status& status) override {
    std::lock_guard<std::mutex> lock(mutex_);
    status_ = status;
    done_ = true;
    changed_.notify_all();
  }

  grpc::ClientContext context_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Message incoming_;      // gRPC's while a read is open: until arrived_.
  bool arrived_ = false;  // Guarded by mutex_, like all below.
  bool closing_ = false;
  bool done_ = false;
  grpc::Status status_;  // Constant once done_.
};

}  // namespace duban::client
