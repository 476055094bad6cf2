#include "duban/v1/document_service.grpc.pb.h"
#include "services/rpc/services.h"

namespace duban::rpc {
namespace {

class DocumentService final : public v1::DocumentService::CallbackService {
 public:
  explicit DocumentService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* IssueDocuments(grpc::CallbackServerContext* context,
                                           const v1::IssueDocumentsRequest* request,
                                           v1::IssueDocumentsResponse* response) override {
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* ReceiveDocument(grpc::CallbackServerContext* context,
                                            const v1::ReceiveDocumentRequest* request,
                                            v1::ReceiveDocumentResponse* response) override {
    return Submit(door_, context, request, response);
  }

  grpc::ServerUnaryReactor* GetDocument(grpc::CallbackServerContext* context, const v1::GetDocumentRequest* request,
                                        v1::GetDocumentResponse* response) override {
    return Read(door_, context, request, response, &node::Node::GetDocument);
  }

  grpc::ServerUnaryReactor* ListDocuments(grpc::CallbackServerContext* context, const v1::ListDocumentsRequest* request,
                                          v1::ListDocumentsResponse* response) override {
    return Read(door_, context, request, response, &node::Node::ListDocuments);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDocumentService(const Door& door) { return std::make_unique<DocumentService>(door); }

}  // namespace duban::rpc
