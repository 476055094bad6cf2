#include "services/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <mutex>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

void SetBounds(grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(limits::kRequestBytesMax);
  builder->SetResourceQuota(grpc::ResourceQuota("duban").Resize(limits::kTransportBytesMax));
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, limits::kMetadataBytesMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits::kCallsPerConnectionMax);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, limits::kHandshakeMs);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, limits::kIdleMs);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, limits::kAgeMs);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, limits::kAgeGraceMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, limits::kPingMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, limits::kPingTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, limits::kClientPingMinMs);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, limits::kClientPingStrikes);
  // Otherwise a second server could silently share the port and answer half of the calls from other data.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

class GrpcServer final : public Server {
 public:
  GrpcServer(node::Node& node, absl::Duration write_patience, std::shared_ptr<node::Log> log)
      : node_(node),
        calls_(std::move(log)),
        executor_(limits::kStreamThreads),
        disk_(limits::kDiskThreads),
        door_{node_, executor_, disk_, write_patience, calls_} {
    services_.push_back(MakeCaseService(door_));
    services_.push_back(MakeLedgerService(door_));
    services_.push_back(MakeViewService(door_));
    services_.push_back(MakeMetricService(door_));
    services_.push_back(MakeWatchService(door_));
    services_.push_back(MakeAuditService(door_));
    services_.push_back(MakeProcedureService(door_));
    services_.push_back(MakeDirectoryService(door_));
    services_.push_back(MakeCalendarService(door_));
    services_.push_back(MakeFileService(door_));
    services_.push_back(MakeJobService(door_));
    services_.push_back(MakePlanService(door_));
    services_.push_back(MakeDrawService(door_));
    services_.push_back(MakeDocumentService(door_));
    services_.push_back(MakeOperationsService(door_));
  }

  ~GrpcServer() override { Shutdown(); }

  absl::Status Listen(const std::string& address) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    SetBounds(&builder);
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    for (const auto& service : services_) builder.RegisterService(service.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
    }
    WatchHealth();
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  std::vector<node::Measure> Measures() const override {
    std::vector<node::Measure> out = calls_.Measures();
    out.push_back(node::Gauge("stream_tasks_waiting", "Pulls of streams that wait for a thread.",
                              static_cast<double>(executor_.waiting())));
    return out;
  }

  void Shutdown() override {
    if (server_ == nullptr) return;
    {
      std::lock_guard<std::mutex> lock(health_mutex_);
      if (stopped_) return;
      stopped_ = true;
      server_->GetHealthCheckService()->Shutdown();
    }
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(limits::kDrainMs));
    server_->Wait();
  }

 private:
  // SERVING while commands are taken. Asks again and again, on the executor.
  void WatchHealth() {
    calls_.Tick();
    const bool writable = node_.Writable().ok();
    std::lock_guard<std::mutex> lock(health_mutex_);
    if (stopped_) return;
    server_->GetHealthCheckService()->SetServingStatus("", writable);
    executor_.After(absl::Milliseconds(limits::kHealthMs), [this] { WatchHealth(); });
  }

  node::Node& node_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  Calls calls_;
  Executor executor_;
  Executor disk_;
  const Door door_;
  int port_ = 0;
  std::mutex health_mutex_;
  bool stopped_ = false;  // Guarded by health_mutex_.
  // Destroyed first: no call outlives it.
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(node::Node& node, const std::string& address,
                                                      absl::Duration write_patience, std::shared_ptr<node::Log> log) {
  auto server = std::make_unique<GrpcServer>(node, write_patience, std::move(log));
  absl::Status listening = server->Listen(address);
  if (!listening.ok()) return listening;
  return server;
}

}  // namespace duban::rpc
