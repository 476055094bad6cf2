#include "duban/v1/plan_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class PlanService final : public v1::PlanService::CallbackService {
 public:
  explicit PlanService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* PutPlan(grpc::CallbackServerContext* context, const v1::PutPlanRequest* request,
                                    v1::PutPlanResponse* response) override {
    if (request->validate_only()) return Read(door_, context, request, response, &node::Node::PreviewPlan);
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* StopPlan(grpc::CallbackServerContext* context, const v1::StopPlanRequest* request,
                                     v1::StopPlanResponse* response) override {
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* ListPlans(grpc::CallbackServerContext* context, const v1::ListPlansRequest* request,
                                      v1::ListPlansResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListPlans);
  }

  grpc::ServerUnaryReactor* GetBurden(grpc::CallbackServerContext* context, const v1::GetBurdenRequest* request,
                                      v1::GetBurdenResponse* response) override {
    return Read(door_, context, request, response, &node::Node::GetBurden);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakePlanService(const Door& door) { return std::make_unique<PlanService>(door); }

}  // namespace duban::rpc
