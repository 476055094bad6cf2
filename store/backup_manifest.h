// The manifest of a backup and the list of its plain files; private to backup.cc. Their text is in README.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "store/disk_files.h"
#include "store/store.h"

namespace duban::store {

// Plain files of a backup, by path below it.
using FileList = std::map<std::string, FileSum>;
std::string EncodeFileList(const FileList& files);
absl::StatusOr<FileList> DecodeFileList(absl::string_view text);

// One of RocksDB's backups: its number, and the hash of the file that lists its files with their checksums.
struct EngineBackup {
  uint32_t id = 0;
  std::string list_sha256;  // Hexadecimal.
};

struct Manifest {
  Position commits = 0;
  std::string first_record_sha256;  // Hexadecimal, as are all hashes here; empty when there are no commits.
  std::string last_record_sha256;
  int64_t made_at_ms = 0;
  uint64_t bytes_total = 0;
  uint64_t bytes_written = 0;
  EngineBackup db;
  EngineBackup keys;
  std::string files_sha256;  // Of the encoded list of plain files.
};

std::string EncodeManifest(const Manifest& manifest);
// DATA_LOSS when it is not what was written; FAILED_PRECONDITION when a newer program wrote it.
absl::StatusOr<Manifest> DecodeManifest(absl::string_view text);

}  // namespace duban::store
