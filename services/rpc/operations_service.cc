#include "duban/v1/operations_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class OperationsService final : public v1::OperationsService::CallbackService {
 public:
  explicit OperationsService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* GetStats(grpc::CallbackServerContext* context, const v1::GetStatsRequest* request,
                                     v1::GetStatsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::GetStats);
  }

  grpc::ServerUnaryReactor* AdvanceClock(grpc::CallbackServerContext* context, const v1::AdvanceClockRequest* request,
                                         v1::AdvanceClockResponse* response) override {
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* IssueToken(grpc::CallbackServerContext* context, const v1::IssueTokenRequest* request,
                                       v1::IssueTokenResponse* response) override {
    return Read(door_, context, request, response, &node::Node::IssueToken);
  }

  grpc::ServerUnaryReactor* CreateBackup(grpc::CallbackServerContext* context, const v1::CreateBackupRequest* request,
                                         v1::CreateBackupResponse* response) override {
    return Work(door_, context, request, response, &node::Node::CreateBackup);
  }

  grpc::ServerUnaryReactor* GetWorkspace(grpc::CallbackServerContext* context, const v1::GetWorkspaceRequest* request,
                                         v1::GetWorkspaceResponse* response) override {
    return Read(door_, context, request, response, &node::Node::GetWorkspace);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeOperationsService(const Door& door) {
  return std::make_unique<OperationsService>(door);
}

}  // namespace duban::rpc
