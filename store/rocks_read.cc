#include "store/rocks_read.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/snapshot.h"
#include "store/keys.h"

namespace duban::store {
namespace {

// Scans see all keys whatever index a memtable or file keeps by prefix.
rocksdb::ReadOptions ReadAsOf(const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.verify_checksums = true;
  options.total_order_seek = true;
  return options;
}

class RocksSnapshot final : public Snapshot {
 public:
  RocksSnapshot(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* rows, rocksdb::ColumnFamilyHandle* meta,
                absl::string_view applied_name)
      : db_(db), rows_(rows), snapshot_(&db) {
    auto applied = GetNumber(db, meta, snapshot_.snapshot(), applied_name);
    if (!applied.ok()) {
      status_ = applied.status();
    } else if (!*applied) {
      status_ = absl::DataLossError("the store does not say how far its rows go");
    } else {
      applied_ = **applied;
    }
  }

  Position applied() const override { return applied_; }

  absl::StatusOr<std::string> Get(uint8_t table, absl::string_view key) const override {
    if (!status_.ok()) return status_;
    return GetEntry(db_, rows_, snapshot_.snapshot(), RowKey(table, key));
  }

  absl::Status Scan(uint8_t table, absl::string_view prefix, absl::string_view from,
                    absl::FunctionRef<bool(absl::string_view, absl::string_view)> visit) const override {
    if (!status_.ok()) return status_;
    const std::string start = RowKey(table, prefix);
    return ForEach(db_, rows_, snapshot_.snapshot(), std::max(start, RowKey(table, from)), AfterPrefix(start),
                   [&](absl::string_view key, absl::string_view value) { return visit(key.substr(1), value); });
  }

 private:
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* const rows_;
  mutable rocksdb::ManagedSnapshot snapshot_;
  absl::Status status_;  // Of making it; every reading returns it.
  Position applied_ = 0;
};

}  // namespace

absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = absl::StrCat(doing, ": ", status.ToString());
  if (status.IsCorruption()) return absl::DataLossError(text);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(text);
  if (status.IsNotFound()) return absl::NotFoundError(text);
  if (!status.IsIOError()) return absl::InternalError(text);
  // RocksDB has no code of its own for a taken lock.
  if (absl::StrContains(text, "lock file") || absl::StrContains(text, "lock hold by")) {
    return absl::FailedPreconditionError(absl::StrCat("数据目录正被另一进程使用 / the directory is in use: ", text));
  }
  return absl::UnavailableError(text);
}

absl::Status ForEach(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, const rocksdb::Snapshot* snapshot,
                     absl::string_view start, absl::string_view end,
                     absl::FunctionRef<bool(absl::string_view, absl::string_view)> visit) {
  rocksdb::ReadOptions options = ReadAsOf(snapshot);
  const rocksdb::Slice bound = ToSlice(end);
  if (!end.empty()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator(options, family));
  for (it->Seek(ToSlice(start)); it->Valid(); it->Next()) {
    if (!visit(ToView(it->key()), ToView(it->value()))) return absl::OkStatus();
  }
  return ToStatus(it->status(), absl::StrCat("reading ", family->GetName()));
}

absl::StatusOr<std::optional<Entry>> LastUpTo(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                                              absl::string_view bound) {
  const std::unique_ptr<rocksdb::Iterator> it(db.NewIterator(ReadAsOf(nullptr), family));
  it->SeekForPrev(ToSlice(bound));
  if (it->Valid()) return Entry{it->key().ToString(), it->value().ToString()};
  if (absl::Status status = ToStatus(it->status(), absl::StrCat("reading ", family->GetName())); !status.ok()) {
    return status;
  }
  return std::nullopt;
}

absl::StatusOr<std::string> GetEntry(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                                     const rocksdb::Snapshot* snapshot, absl::string_view key) {
  std::string value;
  const rocksdb::Status status = db.Get(ReadAsOf(snapshot), family, ToSlice(key), &value);
  if (status.IsNotFound()) return absl::NotFoundError(absl::StrCat("no such entry in ", family->GetName()));
  if (!status.ok()) return ToStatus(status, absl::StrCat("reading ", family->GetName()));
  return value;
}

absl::StatusOr<std::optional<uint64_t>> GetNumber(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                                                  const rocksdb::Snapshot* snapshot, absl::string_view name) {
  auto value = GetEntry(db, family, snapshot, name);
  if (absl::IsNotFound(value.status())) return std::nullopt;
  if (!value.ok()) return value.status();
  const auto number = ParseNumber(*value);
  if (!number) return absl::DataLossError(absl::StrCat(family->GetName(), "/", name, " is not a number"));
  return number;
}

std::unique_ptr<Snapshot> NewRocksSnapshot(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* rows,
                                           rocksdb::ColumnFamilyHandle* meta, absl::string_view applied_name) {
  return std::make_unique<RocksSnapshot>(db, rows, meta, applied_name);
}

}  // namespace duban::store
