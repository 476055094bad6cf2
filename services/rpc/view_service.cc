#include "duban/v1/view_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class ViewService final : public v1::ViewService::CallbackService {
 public:
  explicit ViewService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* QueryView(grpc::CallbackServerContext* context, const v1::QueryViewRequest* request,
                                      v1::QueryViewResponse* response) override {
    return ReadWhileWaitedFor(door_, context, request, response, &node::Node::QueryView);
  }
  grpc::ServerUnaryReactor* CompareView(grpc::CallbackServerContext* context, const v1::CompareViewRequest* request,
                                        v1::CompareViewResponse* response) override {
    return ReadWhileWaitedFor(door_, context, request, response, &node::Node::CompareView);
  }
  grpc::ServerUnaryReactor* ListViews(grpc::CallbackServerContext* context, const v1::ListViewsRequest* request,
                                      v1::ListViewsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListViews);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeViewService(const Door& door) { return std::make_unique<ViewService>(door); }

}  // namespace duban::rpc
