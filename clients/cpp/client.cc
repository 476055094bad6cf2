#include "clients/cpp/client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include "absl/strings/str_format.h"
#include "clients/cpp/attempt.h"
#include "clients/cpp/wire.h"
#include "duban/v1/audit_service.grpc.pb.h"
#include "duban/v1/watch_service.grpc.pb.h"

namespace duban::client {
namespace {

using Metadata = std::multimap<std::string, std::string>;

constexpr char kRequestIdName[] = "x-request-id";

std::shared_ptr<grpc::Channel> Dial(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(limits::kMessageBytesMax);
  // gRPC's own pauses between connections would outlast ours by minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, limits::kBackoffFirst.count());
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, limits::kBackoffMax.count());
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, limits::kBackoffMax.count());
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // A proxy of the environment must not get between a user and the server of his machine.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

// What every call carries; a fresh request id with it.
Metadata MetadataOf(const Options& options) {
  Metadata metadata{{kRequestIdName, Client::NewKey()}};
  if (!options.token.empty()) metadata.emplace("authorization", "Bearer " + options.token);
  return metadata;
}

std::string RequestIdOf(const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(kRequestIdName);
  return found == trailers.end() ? "" : std::string(found->second.data(), found->second.size());
}

// What a stream needs to be opened, and opened again.
template <typename Message>
struct Source {
  typename Attempt<Message>::Start start;
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

template <typename Request>
std::chrono::seconds PatienceOf(const Request& request) {
  const int heartbeat_s = request.heartbeat_s() != 0 ? request.heartbeat_s() : limits::kHeartbeatDefaultS;
  return std::chrono::seconds(heartbeat_s * limits::kHeartbeatsMissed);
}

class GrpcClient final : public Client {
 public:
  explicit GrpcClient(Options options) : options_(std::move(options)), channel_(Dial(options_.target)) {}

  std::unique_ptr<EventWatch> WatchEvents(v1::WatchEventsRequest request) override {
    using Message = v1::WatchEventsResponse;
    auto from = std::make_shared<v1::WatchEventsRequest>(std::move(request));
    Source<Message> source{
        .start =
            [from, stub = Stub<v1::WatchService>()](grpc::ClientContext* context,
                                                    grpc::ClientReadReactor<Message>* reactor) {
              stub->async()->WatchEvents(context, from.get(), reactor);
            },
        // A message ends with a whole commit, so its last event's position is as good a place to go on as a mark.
        .note =
            [from](const Message& message) {
              if (message.events_size() > 0) from->set_after(message.events().rbegin()->position());
              if (message.has_mark()) from->set_after(message.mark().resume_token());
            },
        .resumes = true,
        .patience = PatienceOf(*from)};
    return std::make_unique<OpenStream<Message>>(options_, std::move(source));
  }

  std::unique_ptr<ViewWatch> WatchView(v1::WatchViewRequest request) override {
    using Message = v1::WatchViewResponse;
    const std::chrono::seconds patience = PatienceOf(request);
    Source<Message> source{.start =
                               [request = std::move(request), stub = Stub<v1::WatchService>()](
                                   grpc::ClientContext* context, grpc::ClientReadReactor<Message>* reactor) {
                                 stub->async()->WatchView(context, &request, reactor);
                               },
                           .note = [](const Message&) {},
                           .resumes = true,
                           .patience = patience};
    return std::make_unique<OpenStream<Message>>(options_, std::move(source));
  }

  std::unique_ptr<Replay> ReplayEvents(v1::ReplayRequest request) override {
    using Message = v1::ReplayResponse;
    Source<Message> source{
        .start = [request = std::move(request), stub = Stub<v1::AuditService>()](
                     grpc::ClientContext* context,
                     grpc::ClientReadReactor<Message>* reactor) { stub->async()->Replay(context, &request, reactor); },
        .note = [](const Message&) {},
        .resumes = false,
        // A replay may rest as long as history did; the connection's own pings find a dead server.
        .patience = std::chrono::hours(24 * 365)};
    return std::make_unique<OpenStream<Message>>(options_, std::move(source));
  }

 private:
  template <typename Service>
  std::shared_ptr<typename Service::Stub> Stub() {
    return Service::NewStub(channel_);
  }

  Error CallRaw(const char* path, const google::protobuf::Message& request,
                google::protobuf::Message* response) override {
    const auto deadline = std::chrono::system_clock::now() + options_.call_time;
    Backoff backoff(std::min(options_.retry_for, options_.call_time));
    while (true) {
      Error error = CallOnce(path, request, response, deadline);
      if (error.ok() || !MayRetry(error)) return error;
      const auto pause = backoff.Next();
      if (!pause) return error;
      std::this_thread::sleep_for(*pause);
    }
  }

  Error CallOnce(const char* path, const google::protobuf::Message& request, google::protobuf::Message* response,
                 std::chrono::system_clock::time_point deadline) {
    grpc::ClientContext context;
    context.set_deadline(deadline);
    for (const auto& [name, value] : MetadataOf(options_)) context.AddMetadata(name, value);
    std::promise<grpc::Status> done;
    grpc::TemplatedGenericStub<google::protobuf::Message, google::protobuf::Message> stub(channel_);
    stub.UnaryCall(&context, path, {}, &request, response,
                   [&done](grpc::Status status) { done.set_value(std::move(status)); });
    const grpc::Status status = done.get_future().get();
    return ToError(status, options_.target, RequestIdOf(context));
  }

  const Options options_;
  const std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace

std::unique_ptr<Client> Client::Connect(Options options) { return std::make_unique<GrpcClient>(std::move(options)); }

std::string Client::NewKey() {
  thread_local std::random_device random;
  return absl::StrFormat("%08x%08x%08x%08x", random(), random(), random(), random());
}

}  // namespace duban::client
