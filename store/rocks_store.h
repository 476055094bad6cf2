// The embedded store: RocksDB with a fixed set of options. Files and keys are described in store/README.md.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "store/store.h"

namespace rocksdb {
class Env;
}

namespace duban::store {

struct RocksOptions {
  // Files and clock of the caller's own, for fault tests; null: the operating system's.
  std::shared_ptr<rocksdb::Env> env;
  // Bytes of cache for blocks read.
  size_t block_cache_bytes = 64 << 20;
#ifdef DUBAN_TEST_HOOKS
  // Only for fault tests, never in the product.
  bool unsafe_no_sync = false;     // Writes without sync: the test of the fault tests.
  uint64_t wal_bytes_max = 0;      // A short one, so that tables are written and merged often; 0: the usual.
  bool guard_every_write = false;  // The head guard follows each write, not each second.
#endif
};

// Opens or creates. FAILED_PRECONDITION: the directory was written by a newer format or is in use.
// DATA_LOSS: what is there contradicts itself.
absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(const std::string& directory, const RocksOptions& options = {});

// Whether a log lies there without its head guard (HEAD), so that opening it cannot tell whether anything is missing at
// its end. Ask before opening, which writes a new one.
bool LacksHeadGuard(const std::string& directory);

}  // namespace duban::store
