// How the embedded store reads RocksDB; private to rocks_store.cc, key_vault.cc and backup.cc.
//
// A RocksDB iterator that meets a bad block stops like one that has reached the end, and says so only when asked.
// So nobody here holds an iterator: ranges are read through the two functions below, which ask.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "rocksdb/db.h"
#include "store/key_vault.h"
#include "store/store.h"

namespace duban::store {

// DATA_LOSS for what contradicts its checksum, RESOURCE_EXHAUSTED for a full disk, UNAVAILABLE for a failing one,
// FAILED_PRECONDITION for a directory that another process has open. `doing` begins the message.
absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing);

inline rocksdb::Slice ToSlice(absl::string_view bytes) { return rocksdb::Slice(bytes.data(), bytes.size()); }
inline absl::string_view ToView(const rocksdb::Slice& bytes) { return absl::string_view(bytes.data(), bytes.size()); }

struct Entry {
  std::string key;
  std::string value;
};

// Entries from `start` to before `end` (empty: to the last), in key order, until `visit` returns false; as of
// `snapshot` when it is not null.
[[nodiscard]] absl::Status ForEach(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                                   const rocksdb::Snapshot* snapshot, absl::string_view start, absl::string_view end,
                                   absl::FunctionRef<bool(absl::string_view key, absl::string_view value)> visit);

// The last entry whose key is not after `bound`; none when there is none.
[[nodiscard]] absl::StatusOr<std::optional<Entry>> LastUpTo(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                                                            absl::string_view bound);

// NOT_FOUND when there is no such entry.
[[nodiscard]] absl::StatusOr<std::string> GetEntry(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                                                   const rocksdb::Snapshot* snapshot, absl::string_view key);

// A number kept under a name; nothing when it is not there.
[[nodiscard]] absl::StatusOr<std::optional<uint64_t>> GetNumber(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                                                                const rocksdb::Snapshot* snapshot,
                                                                absl::string_view name);

// The rows as they are now, and the number `applied_name` of the family `meta` at the same instant.
std::unique_ptr<Snapshot> NewRocksSnapshot(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* rows,
                                           rocksdb::ColumnFamilyHandle* meta, absl::string_view applied_name);

// The database under a store or a vault, for a backup; null when it is of another kind. A vault's is given to `use`,
// during which no key is made or destroyed.
rocksdb::DB* DatabaseOf(const Store& store);
[[nodiscard]] absl::Status WithDatabase(KeyVault& vault, absl::FunctionRef<absl::Status(rocksdb::DB* db)> use);

}  // namespace duban::store
