#include "duban/v1/job_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class JobService final : public v1::JobService::CallbackService {
 public:
  explicit JobService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* StartJob(grpc::CallbackServerContext* context, const v1::StartJobRequest* request,
                                     v1::StartJobResponse* response) override {
    if (request->validate_only()) return Read(door_, context, request, response, &node::Node::PreviewJob);
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* context, const v1::GetJobRequest* request,
                                   v1::GetJobResponse* response) override {
    return Read(door_, context, request, response, &node::Node::GetJob);
  }

  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* context, const v1::ListJobsRequest* request,
                                     v1::ListJobsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListJobs);
  }

  grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext* context, const v1::CancelJobRequest* request,
                                      v1::CancelJobResponse* response) override {
    return Submit(door_, context, request, response);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeJobService(const Door& door) { return std::make_unique<JobService>(door); }

}  // namespace duban::rpc
