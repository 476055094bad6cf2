#include "duban/v1/case_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class CaseService final : public v1::CaseService::CallbackService {
 public:
  explicit CaseService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* OpenCase(grpc::CallbackServerContext* context, const v1::OpenCaseRequest* request,
                                     v1::OpenCaseResponse* response) override {
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* ActOnCase(grpc::CallbackServerContext* context, const v1::ActOnCaseRequest* request,
                                      v1::ActOnCaseResponse* response) override {
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* GetCase(grpc::CallbackServerContext* context, const v1::GetCaseRequest* request,
                                    v1::GetCaseResponse* response) override {
    return Read(door_, context, request, response, &node::Node::GetCase);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCaseService(const Door& door) { return std::make_unique<CaseService>(door); }

}  // namespace duban::rpc
