// One server stream: pulls messages from the node's stream and writes them, one at a time.
//
// At most one message is in flight: the next is pulled after gRPC took the one before, so a slow watcher costs itself
// only; one who takes nothing for Door::write_patience is cut off. Pulling happens on the executor; gRPC's threads and
// the node's (which wake us) only change the state below.
//
//   kIdle --wake, timer, cancel--> kQueued --> kPulling --message--> kWriting --written--> kQueued
//                                                 |--nothing now--> kIdle (or kQueued when woken meanwhile)
//                                                 |--end, cancelled--> kFinished
//
// Lifetime: the call owns itself until gRPC's OnDone; tasks on the executor own it too; wakers know it weakly. gRPC
// calls OnDone only after Finish, and only kPulling leads there, so nobody touches a finished call.
#pragma once

#include <grpc/grpc.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <memory>
#include <mutex>

#include "services/node/clock.h"
#include "services/rpc/handler.h"

namespace duban::rpc {

template <typename Request, typename Message>
class StreamCall final : public grpc::ServerWriteReactor<Message>,
                         public std::enable_shared_from_this<StreamCall<Request, Message>> {
 public:
  using Opened = node::Reply<std::unique_ptr<node::Stream<Message>>>;
  using Open = Opened (node::Node::*)(const std::string&, const Request&, std::function<void()>);

  // The reactor for a call. `heartbeat`: how long the stream may be quiet; infinite: for ever.
  static grpc::ServerWriteReactor<Message>* Start(const Door& door, grpc::CallbackServerContext* context,
                                                  const Request* request, Open open, absl::Duration heartbeat) {
    auto call = std::make_shared<StreamCall>(door, context, request, open, heartbeat);
    call->self_ = call;
    call->call_ = Begin<Request>(door, context, Call::Kind::kStream);
    auto caller = SignedIn(door, call->call_, *context, [&](const grpc::Status& refused) { call->End(refused); });
    if (caller) {
      call->caller_ = *std::move(caller);
      call->Wake();
    }
    return call.get();
  }

  StreamCall(const Door& door, grpc::CallbackServerContext* context, const Request* request, Open open,
             absl::Duration heartbeat)
      : door_(door), context_(context), request_(request), open_(open), heartbeat_(heartbeat) {}

 private:
  enum class State { kIdle, kQueued, kPulling, kWriting, kFinished };

  void OnWriteDone(bool ok) override {
    std::lock_guard<std::mutex> lock(mutex_);
    cancelled_ = cancelled_ || !ok;
    Queue();
  }

  void OnCancel() override {
    std::lock_guard<std::mutex> lock(mutex_);
    cancelled_ = true;
    if (state_ == State::kIdle) Queue();
  }

  void OnDone() override {
    auto last = std::move(self_);  // Frees the call here, or with the task that still holds it.
  }

  void Wake() {
    std::lock_guard<std::mutex> lock(mutex_);
    woken_ = true;
    if (state_ == State::kIdle) Queue();
  }

  // Requires mutex_ and a state other than kQueued, kPulling, kFinished.
  void Queue() {
    state_ = State::kQueued;
    door_.executor.Post([call = this->shared_from_this()] { call->Pull(); });
  }

  std::function<void()> Waker() {
    return [weak = this->weak_from_this()] {
      if (auto call = weak.lock()) call->Wake();
    };
  }

  // On the executor; never two at once.
  void Pull() {
    bool cancelled;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      state_ = State::kPulling;
      woken_ = false;
      cancelled = cancelled_;
      door_.executor.Cancel(timer_);
    }
    if (cancelled) return End(grpc::Status::CANCELLED);
    if (stream_ == nullptr) {
      grpc::Status opened = Settle(door_, call_, (door_.node.*open_)(caller_.person, *request_, Waker()),
                                   [this](auto&& stream) { stream_ = std::move(stream); });
      if (!opened.ok()) return End(opened);
      Quiet();
    }
    message_.Clear();
    switch (stream_->Next(&message_)) {
      case node::Stream<Message>::Step::kMessage:
        return Write();
      case node::Stream<Message>::Step::kEnd:
        return End(Settle(door_, call_, stream_->status(), [](bool) {}));
      case node::Stream<Message>::Step::kNothingNow:
        break;
    }
    if (std::chrono::steady_clock::now() >= heartbeat_at_) {
      message_ = stream_->Heartbeat();
      if (message_.ByteSizeLong() > 0) return Write();
      Quiet();
    }
    Rest();
  }

  // The heartbeat counts from now.
  void Quiet() {
    heartbeat_at_ = heartbeat_ == absl::InfiniteDuration()
                        ? std::chrono::steady_clock::time_point::max()
                        : std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(heartbeat_);
  }

  void Write() {
    Quiet();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      state_ = State::kWriting;
      timer_ = door_.executor.After(door_.write_patience, [weak = this->weak_from_this(), write = ++writes_] {
        if (auto call = weak.lock()) call->CutOff(write);
      });
    }
    this->StartWrite(&message_);
  }

  // The reader has left that write waiting for too long. The write then fails, which ends the stream.
  void CutOff(uint64_t write) {
    grpc_call* call;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (state_ != State::kWriting || writes_ != write) return;
      call = context_->c_call();
      grpc_call_ref(call);  // Cancelling may run our own reactions, which take the lock and may end the call.
    }
    grpc_call_cancel_with_status(call, GRPC_STATUS_RESOURCE_EXHAUSTED,
                                 "READER_STALLED: no message was taken for too long; resume from the last mark",
                                 nullptr);
    grpc_call_unref(call);
  }

  void Rest() {
    absl::Duration wait = stream_->NextAt() - node::SystemClock()->Now();
    if (heartbeat_ != absl::InfiniteDuration()) {
      wait = std::min(wait, absl::FromChrono(heartbeat_at_ - std::chrono::steady_clock::now()));
    }
    std::lock_guard<std::mutex> lock(mutex_);
    if (woken_ || cancelled_) return Queue();
    state_ = State::kIdle;
    timer_ = door_.executor.After(wait, Waker());
  }

  void End(const grpc::Status& status) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      state_ = State::kFinished;
    }
    stream_.reset();
    door_.calls.End(call_, status);
    this->Finish(status);
  }

  const Door door_;
  grpc::CallbackServerContext* const context_;  // gRPC's, until Finish, like the next.
  const Request* const request_;
  const Open open_;
  const absl::Duration heartbeat_;
  Call call_;  // Constant after Start, like the next.
  Caller caller_;
  std::shared_ptr<StreamCall> self_;                    // Until OnDone.
  std::unique_ptr<node::Stream<Message>> stream_;       // Used while kPulling only, like the next two.
  std::chrono::steady_clock::time_point heartbeat_at_;  // When a mark is due.
  Message message_;                                     // gRPC's while kWriting.

  std::mutex mutex_;
  State state_ = State::kIdle;  // Guarded by mutex_, like all below.
  bool woken_ = false;          // Since the last pull began.
  bool cancelled_ = false;
  uint64_t writes_ = 0;    // Begun.
  Executor::Timer timer_;  // The next look, or the end of a write's time.
};

}  // namespace duban::rpc
