#include "duban/v1/watch_service.grpc.pb.h"
#include "services/rpc/services.h"
#include "services/rpc/stream_call.h"

namespace duban::rpc {
namespace {

constexpr uint32_t kHeartbeatDefaultS = 15;
constexpr uint32_t kHeartbeatMaxS = 60;  // More asked for: cut to this.

// How long a watch may be quiet, as the request asks.
template <typename Request>
absl::Duration HeartbeatOf(const Request& request) {
  const uint32_t asked = request.heartbeat_s();
  return absl::Seconds(asked == 0 ? kHeartbeatDefaultS : std::min(asked, kHeartbeatMaxS));
}

class WatchService final : public v1::WatchService::CallbackService {
 public:
  explicit WatchService(const Door& door) : door_(door) {}

  grpc::ServerWriteReactor<v1::WatchEventsResponse>* WatchEvents(grpc::CallbackServerContext* context,
                                                                 const v1::WatchEventsRequest* request) override {
    return StreamCall<v1::WatchEventsRequest, v1::WatchEventsResponse>::Start(
        door_, context, request, &node::Node::WatchEvents, HeartbeatOf(*request));
  }

  grpc::ServerWriteReactor<v1::WatchViewResponse>* WatchView(grpc::CallbackServerContext* context,
                                                             const v1::WatchViewRequest* request) override {
    return StreamCall<v1::WatchViewRequest, v1::WatchViewResponse>::Start(
        door_, context, request, &node::Node::WatchView, HeartbeatOf(*request));
  }

  grpc::ServerWriteReactor<v1::WatchManyResponse>* WatchMany(grpc::CallbackServerContext* context,
                                                             const v1::WatchManyRequest* request) override {
    // Each target has marks of its own, which the node times.
    return StreamCall<v1::WatchManyRequest, v1::WatchManyResponse>::Start(
        door_, context, request, &node::Node::WatchMany, absl::InfiniteDuration());
  }

  grpc::ServerUnaryReactor* SetTargets(grpc::CallbackServerContext* context, const v1::SetTargetsRequest* request,
                                       v1::SetTargetsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::SetTargets);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeWatchService(const Door& door) { return std::make_unique<WatchService>(door); }

}  // namespace duban::rpc
