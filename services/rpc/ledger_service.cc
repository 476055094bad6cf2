#include "duban/v1/ledger_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class LedgerService final : public v1::LedgerService::CallbackService {
 public:
  explicit LedgerService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* QueryLedger(grpc::CallbackServerContext* context, const v1::QueryLedgerRequest* request,
                                        v1::QueryLedgerResponse* response) override {
    return Read(door_, context, request, response, &node::Node::QueryLedger);
  }

  grpc::ServerUnaryReactor* ListWorklist(grpc::CallbackServerContext* context, const v1::ListWorklistRequest* request,
                                         v1::ListWorklistResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListWorklist);
  }

  grpc::ServerUnaryReactor* ListAlerts(grpc::CallbackServerContext* context, const v1::ListAlertsRequest* request,
                                       v1::ListAlertsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListAlerts);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeLedgerService(const Door& door) { return std::make_unique<LedgerService>(door); }

}  // namespace duban::rpc
