// Keys that seal personal data: one 256-bit key per id, kept apart from the log so that destroying a key forgets
// what it sealed, in backups of the log too.
//
// Threads: any. A key is durable when Create returns, so it always is before the commit that uses it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace duban::store {

class KeyVault {
 public:
  virtual ~KeyVault() = default;
  // The key of `id`; made and synced when there is none. 32 bytes. FAILED_PRECONDITION after Destroy.
  virtual absl::StatusOr<std::string> Create(absl::string_view id) = 0;
  // NOT_FOUND when there never was one or it has been destroyed.
  virtual absl::StatusOr<std::string> Get(absl::string_view id) const = 0;
  // Destroys them: afterwards no file of the vault holds their bytes. A destroyed id never gets a key again, nor does
  // one destroyed before it had a key. Rewrites the whole vault, once. After an error, call again.
  virtual absl::Status DestroyAll(const std::vector<std::string>& ids) = 0;
  absl::Status Destroy(absl::string_view id) { return DestroyAll({std::string(id)}); }
};

absl::StatusOr<std::unique_ptr<KeyVault>> OpenKeyVault(const std::string& directory);
std::unique_ptr<KeyVault> NewMemoryKeyVault();

}  // namespace duban::store
