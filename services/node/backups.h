// Backups of a workspace, made while it works.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "duban/v1/operations_service.pb.h"
#include "services/node/clock.h"
#include "services/node/node.h"
#include "services/node/reading.h"
#include "services/node/workspace.h"

namespace duban::node {

// Threads: any; one backup at a time (BACKUP_RUNNING).
class Backups {
 public:
  // `workspace` and `clock` outlive it. `parent` is the only directory in which backups are made; empty: none are.
  Backups(const Workspace& workspace, std::string directory, std::string parent, const Clock& clock)
      : workspace_(workspace), directory_(std::move(directory)), parent_(std::move(parent)), clock_(clock) {}

  // On the caller's thread, for as long as it takes.
  Reply<v1::CreateBackupResponse> Create(const Reading& reading, const v1::CreateBackupRequest& request);
  // Ends the one under way; the backup before it stands.
  void Stop() { stopping_ = true; }
  // When the last one was made since the start.
  std::optional<absl::Time> last() const;

 private:
  const Workspace& workspace_;
  const std::string directory_;
  const std::string parent_;
  const Clock& clock_;
  std::atomic<bool> stopping_{false};
  std::mutex running_;  // Held while one is made.
  mutable std::mutex mu_;
  std::optional<absl::Time> last_;  // Guarded by mu_.
};

}  // namespace duban::node
