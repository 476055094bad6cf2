// Copies of a whole workspace: made while it is written to, brought up to date by what is new, verified when restored.
//
// One directory holds one backup, which each CreateBackup there brings up to date; README.md gives its files. What
// makes it one is its manifest, written last: until then, and when anything fails, the backup before still stands.
// The log goes first, then files, then keys, so that whatever the log refers to is there too. Of keys only the newest
// copy is kept: a key destroyed before the last backup does not come back.
//
// Threads: any, but one CreateBackup at a time in a directory. The writer goes on beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "store/key_vault.h"
#include "store/store.h"

namespace duban::store {

// What a workspace consists of. Store and vault must be the embedded ones (FAILED_PRECONDITION otherwise).
struct BackupParts {
  const Store* store = nullptr;
  KeyVault* vault = nullptr;
  std::string directory;                 // Where the plain files lie.
  std::vector<std::string> small_files;  // Names of files there, copied each time; those that are missing are left out.
  // The name of a directory there whose files never change once they are complete and are copied once. A file with a
  // dot in its name is not complete.
  std::string immutable_files;
};

// What a backup's manifest says of it.
struct BackupSummary {
  Position commits = 0;
  std::string last_record_sha256;  // 32 bytes; zeros when there are no commits.
  int64_t made_at_ms = 0;          // As its maker said.
  uint64_t bytes_total = 0;        // Of all its files.
  uint64_t bytes_written = 0;      // By the last CreateBackup.
};

// Where long work stands. Return false to stop it: CANCELLED.
struct BackupProgress {
  enum class Step { kLog, kFiles, kKeys, kVerify, kRestore, kRead };
  Step step = Step::kLog;
  uint64_t done = 0;   // Bytes (kLog: of this run), files (kFiles), commits (kRead).
  uint64_t total = 0;  // 0: not known.
};
using OnBackupProgress = std::function<bool(const BackupProgress&)>;

// Makes or brings up to date the backup in `to`.
//   FAILED_PRECONDITION: the backup there is of another workspace, or holds what this log does not: it is left alone.
//   RESOURCE_EXHAUSTED, UNAVAILABLE, CANCELLED: the backup before, if any, still stands.
absl::StatusOr<BackupSummary> CreateBackup(const BackupParts& parts, const std::string& to, int64_t now_ms,
                                           const OnBackupProgress& progress);

// Verifies every file of the backup in `from` against its checksum, restores beside `to` ("<to>.restoring"), reads the
// whole log, compares its end with the manifest, writes the head guard, and only then gives it the name `to`. Rows are
// as they were; a store whose rows are behind its log rebuilds them when it is opened.
//   FAILED_PRECONDITION: `to` exists and is not empty; or there is no whole backup in `from`; or a newer program made
//   it. DATA_LOSS: a file is missing or is not what was written; the message names it.
absl::StatusOr<BackupSummary> RestoreBackup(const std::string& from, const std::string& to,
                                            const OnBackupProgress& progress);

// Verifies every file of the backup in `from` against its checksum, as restoring does first; changes nothing. Errors as
// RestoreBackup.
absl::StatusOr<BackupSummary> VerifyBackup(const std::string& from, const OnBackupProgress& progress);

// What the manifest in `from` says. NOT_FOUND where there is none, DATA_LOSS when it was changed.
absl::StatusOr<BackupSummary> ReadBackupSummary(const std::string& from);

}  // namespace duban::store
