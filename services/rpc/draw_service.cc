#include "duban/v1/draw_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class DrawService final : public v1::DrawService::CallbackService {
 public:
  explicit DrawService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* FreezeDraw(grpc::CallbackServerContext* context, const v1::FreezeDrawRequest* request,
                                       v1::FreezeDrawResponse* response) override {
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* SeedDraw(grpc::CallbackServerContext* context, const v1::SeedDrawRequest* request,
                                     v1::SeedDrawResponse* response) override {
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* GetDraw(grpc::CallbackServerContext* context, const v1::GetDrawRequest* request,
                                    v1::GetDrawResponse* response) override {
    return Read(door_, context, request, response, &node::Node::GetDraw);
  }

  grpc::ServerUnaryReactor* ListDraws(grpc::CallbackServerContext* context, const v1::ListDrawsRequest* request,
                                      v1::ListDrawsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListDraws);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDrawService(const Door& door) { return std::make_unique<DrawService>(door); }

}  // namespace duban::rpc
