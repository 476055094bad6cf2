// Plain files, written so that they are whole and durable or not there; what backups are made of beside RocksDB.
//
// Errors: RESOURCE_EXHAUSTED for a full disk, NOT_FOUND for a file that is not there, UNAVAILABLE for what else the
// system refuses. Each message names the file. Threads: any.
#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace duban::store {

// What a file holds.
struct FileSum {
  uint64_t bytes = 0;
  std::string sha256;  // Hexadecimal.

  friend bool operator==(const FileSum&, const FileSum&) = default;
};

// SHA-256, as 32 bytes and in hexadecimal.
std::string Sha256(absl::string_view bytes);
std::string Sha256Hex(absl::string_view bytes);

absl::StatusOr<std::string> ReadWholeFile(const std::string& path);
// Beside its place (".new"), synced, renamed, its directory synced; mode 0600.
absl::Status WriteWholeFile(const std::string& path, absl::string_view bytes);
// The same with what another file holds, read piece by piece; `going_on` is asked between pieces, false: CANCELLED.
absl::StatusOr<FileSum> CopyWholeFile(const std::string& from, const std::string& to,
                                      absl::FunctionRef<bool()> going_on);

// Makes a directory and those above it.
absl::Status MakeDirectories(const std::string& path);
absl::Status SyncDirectory(const std::string& path);
// All that was written to the file system on which `path` lies.
absl::Status SyncFileSystem(const std::string& path);

}  // namespace duban::store
