#include "duban/v1/metric_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class MetricService final : public v1::MetricService::CallbackService {
 public:
  explicit MetricService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* ListMetrics(grpc::CallbackServerContext* context, const v1::ListMetricsRequest* request,
                                        v1::ListMetricsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListMetrics);
  }
  grpc::ServerUnaryReactor* QueryMetric(grpc::CallbackServerContext* context, const v1::QueryMetricRequest* request,
                                        v1::QueryMetricResponse* response) override {
    return ReadWhileWaitedFor(door_, context, request, response, &node::Node::QueryMetric);
  }
  grpc::ServerUnaryReactor* QueryScoreboard(grpc::CallbackServerContext* context,
                                            const v1::QueryScoreboardRequest* request,
                                            v1::QueryScoreboardResponse* response) override {
    return ReadWhileWaitedFor(door_, context, request, response, &node::Node::QueryScoreboard);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeMetricService(const Door& door) { return std::make_unique<MetricService>(door); }

}  // namespace duban::rpc
