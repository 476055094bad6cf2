#include "clients/cpp/client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <functional>
#include <future>
#include <random>
#include <thread>

#include "absl/strings/str_format.h"
#include "clients/cpp/open_stream.h"
#include "clients/cpp/whole_views.h"
#include "clients/cpp/wire.h"
#include "duban/v1/audit_service.grpc.pb.h"
#include "duban/v1/file_service.grpc.pb.h"
#include "duban/v1/watch_service.grpc.pb.h"

namespace duban::client {
namespace {

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
    auto from = std::make_shared<v1::WatchViewRequest>(std::move(request));
    Source<Message> source{.start =
                               [from, stub = Stub<v1::WatchService>()](grpc::ClientContext* context,
                                                                       grpc::ClientReadReactor<Message>* reactor) {
                                 stub->async()->WatchView(context, from.get(), reactor);
                               },
                           .note = [from](const Message& message) { NoteToken(message, from.get()); },
                           .resumes = true,
                           .patience = PatienceOf(*from)};
    return std::make_unique<WholeViews>(std::make_unique<OpenStream<Message>>(options_, std::move(source)));
  }

  std::unique_ptr<ManyWatch> WatchMany(std::vector<v1::WatchTarget> targets, uint32_t heartbeat_s) override {
    using Message = v1::WatchManyResponse;
    auto wanted = std::make_shared<WantedTargets>(std::move(targets), heartbeat_s);
    Source<Message> source{.start =
                               [wanted, stub = Stub<v1::WatchService>()](grpc::ClientContext* context,
                                                                         grpc::ClientReadReactor<Message>* reactor) {
                                 stub->async()->WatchMany(context, &wanted->NextConnection(), reactor);
                               },
                           .note = [wanted](const Message& message) { wanted->Note(message); },
                           .resumes = true,
                           .patience = PatienceOf(wanted->NextConnection())};
    const auto set = [this](const v1::SetTargetsRequest& request) {
      const auto done = Call(request);
      return done.ok() ? Error() : done.error();
    };
    return std::make_unique<WholeMany>(std::make_unique<OpenStream<Message>>(options_, std::move(source)), wanted, set);
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

  std::unique_ptr<Download> DownloadFile(v1::DownloadFileRequest request) override {
    using Message = v1::DownloadFileResponse;
    auto from = std::make_shared<v1::DownloadFileRequest>(std::move(request));
    Source<Message> source{.start =
                               [from, stub = Stub<v1::FileService>()](grpc::ClientContext* context,
                                                                      grpc::ClientReadReactor<Message>* reactor) {
                                 stub->async()->DownloadFile(context, from.get(), reactor);
                               },
                           .note =
                               [from](const Message& message) {
                                 from->set_offset(from->offset() + static_cast<int64_t>(message.data().size()));
                               },
                           .resumes = true,
                           .patience = limits::kSilenceMax};
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
