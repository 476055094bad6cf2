// Bringing a workspace back from a backup, and looking whether that would work; no node runs then.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace duban::node {

// Where long work stands.
struct BackupStep {
  std::pair<const char*, const char*> what;  // In Chinese and English.
  uint64_t done = 0;
  uint64_t total = 0;  // 0: not known.
};
using OnBackupStep = std::function<void(const BackupStep&)>;

// What a backup holds.
struct BackupFacts {
  uint64_t commits = 0;
  absl::Time made_at;
  uint64_t bytes = 0;
};

// Restores the backup in `from` as the data directory `to`, which must not exist or be empty; nothing is there unless
// everything was whole. FAILED_PRECONDITION, DATA_LOSS: as store/backup.h says; messages are in Chinese and English and
// name the file at fault.
absl::StatusOr<BackupFacts> RestoreWorkspace(const std::string& from, const std::string& to, const OnBackupStep& tell);

// Checks every file of a backup against its checksum. Errors as above.
absl::StatusOr<BackupFacts> VerifyBackup(const std::string& from, const OnBackupStep& tell);

}  // namespace duban::node
