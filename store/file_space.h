// Where a file store's bytes lie: files by path, written in order, each write durable when it returns.
//
// Two of them: a directory on disk, and memory for tests. Paths are relative, their directories exist.
// Errors: NOT_FOUND where there is no such file; RESOURCE_EXHAUSTED for a full disk; UNAVAILABLE for what else the
// system refuses. Threads: any; one at a time for one path.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace duban::store {

class FileSpace {
 public:
  virtual ~FileSpace() = default;
  virtual absl::StatusOr<uint64_t> Size(const std::string& path) const = 0;
  // At most `n` bytes from `offset` on; fewer where the file ends.
  virtual absl::StatusOr<std::string> Read(const std::string& path, uint64_t offset, size_t n) const = 0;
  // Puts bytes at `offset`, where what is there must not be shorter, and cuts off what lay there and behind. Makes the
  // file when it is not there. Torn by a crash, any beginning of the bytes may be there.
  virtual absl::Status Write(const std::string& path, uint64_t offset, absl::string_view bytes) = 0;
  // Atomic.
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  // Fine when there is none.
  virtual absl::Status Remove(const std::string& path) = 0;
  // Names of the files in a directory, sorted.
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& directory) const = 0;
  // Bytes that may still be written.
  virtual absl::StatusOr<uint64_t> FreeBytes() const = 0;
};

// Below `directory`, which is made when missing; so are the directories of the paths written.
absl::StatusOr<std::unique_ptr<FileSpace>> OpenDiskSpace(const std::string& directory);
std::unique_ptr<FileSpace> NewMemorySpace();

}  // namespace duban::store
