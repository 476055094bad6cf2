#include "duban/v1/directory_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class DirectoryService final : public v1::DirectoryService::CallbackService {
 public:
  explicit DirectoryService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* ApplyDirectory(grpc::CallbackServerContext* context,
                                           const v1::ApplyDirectoryRequest* request,
                                           v1::ApplyDirectoryResponse* response) override {
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* ListUnits(grpc::CallbackServerContext* context, const v1::ListUnitsRequest* request,
                                      v1::ListUnitsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListUnits);
  }

  grpc::ServerUnaryReactor* ListPosts(grpc::CallbackServerContext* context, const v1::ListPostsRequest* request,
                                      v1::ListPostsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListPosts);
  }

  grpc::ServerUnaryReactor* ListPersons(grpc::CallbackServerContext* context, const v1::ListPersonsRequest* request,
                                        v1::ListPersonsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListPersons);
  }

  grpc::ServerUnaryReactor* ListRelations(grpc::CallbackServerContext* context, const v1::ListRelationsRequest* request,
                                          v1::ListRelationsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListRelations);
  }

  grpc::ServerUnaryReactor* ListDelegations(grpc::CallbackServerContext* context,
                                            const v1::ListDelegationsRequest* request,
                                            v1::ListDelegationsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListDelegations);
  }

  grpc::ServerUnaryReactor* WhoAmI(grpc::CallbackServerContext* context, const v1::WhoAmIRequest* request,
                                   v1::WhoAmIResponse* response) override {
    return Read(door_, context, request, response, &node::Node::WhoAmI);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDirectoryService(const Door& door) {
  return std::make_unique<DirectoryService>(door);
}

}  // namespace duban::rpc
