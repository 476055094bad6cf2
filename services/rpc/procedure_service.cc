#include "duban/v1/procedure_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class ProcedureService final : public v1::ProcedureService::CallbackService {
 public:
  explicit ProcedureService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* CheckProcedure(grpc::CallbackServerContext* context,
                                           const v1::CheckProcedureRequest* request,
                                           v1::CheckProcedureResponse* response) override {
    return Read(door_, context, request, response, &node::Node::CheckProcedure);
  }

  grpc::ServerUnaryReactor* PublishProcedure(grpc::CallbackServerContext* context,
                                             const v1::PublishProcedureRequest* request,
                                             v1::PublishProcedureResponse* response) override {
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* GetProcedure(grpc::CallbackServerContext* context, const v1::GetProcedureRequest* request,
                                         v1::GetProcedureResponse* response) override {
    return Read(door_, context, request, response, &node::Node::GetProcedure);
  }

  grpc::ServerUnaryReactor* ListProcedures(grpc::CallbackServerContext* context,
                                           const v1::ListProceduresRequest* request,
                                           v1::ListProceduresResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListProcedures);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeProcedureService(const Door& door) {
  return std::make_unique<ProcedureService>(door);
}

}  // namespace duban::rpc
