// A file's bytes, as a stream, to whoever sees its name.
//
// One rule decides: a viewer may have the bytes of a file that some event of the case, shown to him as history shows
// it, names. So a field's and a stage's audience, of then and of now, hold for files as for everything else.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "services/node/node.h"
#include "services/node/streams.h"
#include "store/file_store.h"

namespace duban::node {

// What downloads need of the node; outlives them.
struct DownloadSource {
  const StreamSource& streams;
  const store::FileStore& files;
  std::atomic<int> open{0};  // At most limits::kDownloadsMax.
};

Reply<std::unique_ptr<DownloadStream>> OpenDownload(DownloadSource& source, const std::string& viewer,
                                                    const v1::DownloadFileRequest& request);

// The file of a value that refers to an upload, "files/…"; empty for any other.
std::string FileOf(const v1::Value& value);

// Takes the titles of erased files out of what is about to be shown.
absl::Status ForgetErased(const Reading& reading, google::protobuf::RepeatedPtrField<v1::FieldValue>& fields);
absl::Status ForgetErased(const Reading& reading, google::protobuf::RepeatedPtrField<v1::Value>& values);
absl::Status ForgetErased(const Reading& reading, std::string& file);  // As Value.file.

}  // namespace duban::node
