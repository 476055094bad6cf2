#include "duban/v1/audit_service.grpc.pb.h"
#include "services/rpc/services.h"
#include "services/rpc/stream_call.h"

namespace duban::rpc {
namespace {

class AuditService final : public v1::AuditService::CallbackService {
 public:
  explicit AuditService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* ReadEvents(grpc::CallbackServerContext* context, const v1::ReadEventsRequest* request,
                                       v1::ReadEventsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ReadEvents);
  }

  grpc::ServerWriteReactor<v1::ReplayResponse>* Replay(grpc::CallbackServerContext* context,
                                                       const v1::ReplayRequest* request) override {
    return StreamCall<v1::ReplayRequest, v1::ReplayResponse>::Start(door_, context, request, &node::Node::Replay,
                                                                    absl::InfiniteDuration());
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAuditService(const Door& door) { return std::make_unique<AuditService>(door); }

}  // namespace duban::rpc
