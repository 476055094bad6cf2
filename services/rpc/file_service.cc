#include "duban/v1/file_service.grpc.pb.h"
#include "services/rpc/services.h"
#include "services/rpc/stream_call.h"

namespace duban::rpc {
namespace {

class FileService final : public v1::FileService::CallbackService {
 public:
  explicit FileService(const Door& door) : door_(door) {}

  grpc::ServerUnaryReactor* BeginUpload(grpc::CallbackServerContext* context, const v1::BeginUploadRequest* request,
                                        v1::BeginUploadResponse* response) override {
    return Work(door_, context, request, response, &node::Node::BeginUpload);
  }

  grpc::ServerUnaryReactor* UploadChunk(grpc::CallbackServerContext* context, const v1::UploadChunkRequest* request,
                                        v1::UploadChunkResponse* response) override {
    return Work(door_, context, request, response, &node::Node::UploadChunk);
  }

  grpc::ServerWriteReactor<v1::DownloadFileResponse>* DownloadFile(grpc::CallbackServerContext* context,
                                                                   const v1::DownloadFileRequest* request) override {
    return StreamCall<v1::DownloadFileRequest, v1::DownloadFileResponse>::Start(
        door_, context, request, &node::Node::DownloadFile, absl::InfiniteDuration());
  }

  grpc::ServerUnaryReactor* EraseFile(grpc::CallbackServerContext* context, const v1::EraseFileRequest* request,
                                      v1::EraseFileResponse* response) override {
    return Submit(door_, context, request, response);
  }

 private:
  const Door door_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeFileService(const Door& door) { return std::make_unique<FileService>(door); }

}  // namespace duban::rpc
