// Plain files, written so that they are whole and durable or not there: what uploads and backups are made of.
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

// At most `n` bytes from `offset` on; fewer where the file ends.
absl::StatusOr<std::string> ReadFileAt(const std::string& path, uint64_t offset, size_t n);
// Puts bytes at `offset`, cuts off what lay there and behind, and syncs; makes the file (mode 0600) when it is not
// there.
absl::Status WriteFileAt(const std::string& path, uint64_t offset, absl::string_view bytes);
absl::StatusOr<uint64_t> FileSize(const std::string& path);
// Renames within one file system, or removes; durable. Removing what is not there is fine.
absl::Status RenameFile(const std::string& from, const std::string& to);
absl::Status RemoveFile(const std::string& path);

absl::StatusOr<FileSum> SumOfFile(const std::string& path);

// Makes a directory and those above it.
absl::Status MakeDirectories(const std::string& path);
absl::Status SyncDirectory(const std::string& path);
// All that was written to the file system on which `path` lies.
absl::Status SyncFileSystem(const std::string& path);

}  // namespace duban::store
