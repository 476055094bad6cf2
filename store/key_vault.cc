#include "store/key_vault.h"

#include <openssl/rand.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "store/rocks_read.h"

namespace duban::store {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr char kKeyMark = 'K';        // A key follows.
constexpr char kDestroyedMark = 'D';  // Nothing follows, ever.

absl::Status NeverWas(absl::string_view id) { return absl::NotFoundError(absl::StrCat("no key ", id)); }
absl::Status Destroyed(absl::string_view id) {
  return absl::FailedPreconditionError(absl::StrCat("密钥 ", id, " 已销毁 / the key ", id, " has been destroyed"));
}

absl::StatusOr<std::string> NewKey() {
  std::string key(kKeyBytes, '\0');
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(key.data()), kKeyBytes) != 1) {
    return absl::UnavailableError("the system has no random bytes to give");
  }
  return key;
}

absl::Status CheckId(absl::string_view id) {
  if (!id.empty() && id.size() <= kKeyBytesMax) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a key's id has 1 to ", kKeyBytesMax, " bytes, not ", id.size()));
}

class RocksKeyVault final : public KeyVault {
 public:
  explicit RocksKeyVault(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}
  ~RocksKeyVault() override { db_->Close().PermitUncheckedError(); }  // All that was answered is durable.

  absl::StatusOr<std::string> Create(absl::string_view id) override {
    if (absl::Status status = CheckId(id); !status.ok()) return status;
    std::lock_guard lock(mutex_);
    auto entry = Find(id);
    if (entry.ok() && entry->front() == kDestroyedMark) return Destroyed(id);
    if (entry.ok()) return entry->substr(1);
    if (!absl::IsNotFound(entry.status())) return entry.status();
    auto key = NewKey();
    if (!key.ok()) return key;
    if (absl::Status status = Put(id, absl::StrCat(std::string(1, kKeyMark), *key)); !status.ok()) return status;
    return key;
  }

  absl::StatusOr<std::string> Get(absl::string_view id) const override {
    auto entry = Find(id);
    if (!entry.ok()) return absl::IsNotFound(entry.status()) ? NeverWas(id) : entry.status();
    if (entry->front() == kDestroyedMark) return absl::NotFoundError(Destroyed(id).message());
    return entry->substr(1);
  }

  absl::Status WithDatabase(absl::FunctionRef<absl::Status(rocksdb::DB* db)> use) {
    std::lock_guard lock(files_mutex_);
    return use(db_.get());
  }

  // May be repeated after an error: the mark is there, the files are rewritten again.
  absl::Status DestroyAll(const std::vector<std::string>& ids) override {
    rocksdb::WriteBatch marks;
    for (const std::string& id : ids) {
      if (absl::Status status = CheckId(id); !status.ok()) return status;
      const rocksdb::Status put = marks.Put(ToSlice(id), std::string(1, kDestroyedMark));
      if (!put.ok()) return ToStatus(put, "writing to the key vault");
    }
    std::lock_guard files_lock(files_mutex_);
    {
      std::lock_guard lock(mutex_);
      const absl::Status marked =
          Change([&](const rocksdb::WriteOptions& options) { return db_->Write(options, &marks); });
      if (!marked.ok()) return marked;
    }
    return RewriteFiles();
  }

 private:
  absl::StatusOr<std::string> Find(absl::string_view id) const {
    auto entry = GetEntry(*db_, db_->DefaultColumnFamily(), nullptr, id);
    if (!entry.ok()) return entry;
    const bool key = entry->size() == 1 + kKeyBytes && entry->front() == kKeyMark;
    if (key || *entry == std::string(1, kDestroyedMark)) return entry;
    return absl::DataLossError(absl::StrCat("the key vault holds an entry for ", id, " that is none"));
  }

  absl::Status Put(absl::string_view id, const std::string& value) {
    return Change([&](const rocksdb::WriteOptions& options) { return db_->Put(options, ToSlice(id), value); });
  }

  absl::Status Change(absl::FunctionRef<rocksdb::Status(const rocksdb::WriteOptions&)> change) {
    if (!failed_.ok()) return failed_;
    rocksdb::WriteOptions options;
    options.sync = true;
    options.protection_bytes_per_key = 8;
    failed_ = ToStatus(change(options), "writing to the key vault");
    return failed_;
  }

  // Leaves no file that holds an overwritten value: the log of writes is closed by the flush, every table is merged
  // anew, and what that made obsolete is deleted before this returns, not when RocksDB gets round to it.
  absl::Status RewriteFiles() {
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    rocksdb::Status status = db_->Flush(rocksdb::FlushOptions());
    if (status.ok()) status = db_->CompactRange(all, nullptr, nullptr);
    if (status.ok()) status = db_->DisableFileDeletions();
    if (status.ok()) status = db_->EnableFileDeletions(/*force=*/true);  // Looks for obsolete files and deletes them.
    return ToStatus(status, "destroying a key");
  }

  std::mutex
      files_mutex_;   // Held by Destroy and a backup: one deletes files that the other may be copying. Before mutex_.
  std::mutex mutex_;  // Held while a key is looked for and written: nobody who needs one waits for a rewriting.
  absl::Status failed_;  // Why nothing is written any more.
  std::unique_ptr<rocksdb::DB> db_;
};

class MemoryKeyVault final : public KeyVault {
 public:
  absl::StatusOr<std::string> Create(absl::string_view id) override {
    if (absl::Status status = CheckId(id); !status.ok()) return status;
    std::lock_guard lock(mutex_);
    if (const auto found = keys_.find(std::string(id)); found != keys_.end()) {
      if (found->second.empty()) return Destroyed(id);
      return found->second;
    }
    auto key = NewKey();
    if (key.ok()) keys_[std::string(id)] = *key;
    return key;
  }

  absl::StatusOr<std::string> Get(absl::string_view id) const override {
    std::lock_guard lock(mutex_);
    const auto found = keys_.find(std::string(id));
    if (found == keys_.end()) return NeverWas(id);
    if (found->second.empty()) return absl::NotFoundError(Destroyed(id).message());
    return found->second;
  }

  absl::Status DestroyAll(const std::vector<std::string>& ids) override {
    for (const std::string& id : ids) {
      if (absl::Status status = CheckId(id); !status.ok()) return status;
    }
    std::lock_guard lock(mutex_);
    for (const std::string& id : ids) keys_[id].clear();
    return absl::OkStatus();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> keys_;  // Empty: destroyed.
};

}  // namespace

absl::Status WithDatabase(KeyVault& vault, absl::FunctionRef<absl::Status(rocksdb::DB* db)> use) {
  auto* rocks = dynamic_cast<RocksKeyVault*>(&vault);
  return rocks == nullptr ? use(nullptr) : rocks->WithDatabase(use);
}

absl::StatusOr<std::unique_ptr<KeyVault>> OpenKeyVault(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);  // Nobody else may read it.
  }
  if (error) return absl::UnavailableError(absl::StrCat("creating ", directory, ": ", error.message()));
  rocksdb::Options options;
  options.create_if_missing = true;
  options.paranoid_checks = true;
  options.recycle_log_file_num = 0;
  options.max_bgerror_resume_count = 0;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = 1 << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.keep_log_file_num = 2;
  options.info_log_level = rocksdb::WARN_LEVEL;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, directory, &db);
  if (!status.ok()) return ToStatus(status, absl::StrCat("opening the key vault ", directory));
  return std::make_unique<RocksKeyVault>(std::unique_ptr<rocksdb::DB>(db));
}

std::unique_ptr<KeyVault> NewMemoryKeyVault() { return std::make_unique<MemoryKeyVault>(); }

}  // namespace duban::store
