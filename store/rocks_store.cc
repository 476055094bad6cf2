#include "store/rocks_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/cache.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/table_properties_collectors.h"
#include "rocksdb/write_batch.h"
#include "store/bounds.h"
#include "store/head_guard.h"
#include "store/keys.h"
#include "store/record.h"
#include "store/rocks_read.h"

namespace duban::store {
namespace {

constexpr uint64_t kFormat = 1;
constexpr char kFormatName[] = "format";
constexpr char kHeadName[] = "head";
constexpr char kAppliedName[] = "applied";

// The order of the column families in RocksStore::families_. RocksDB insists on one called "default"; it is empty.
enum Family { kDefault, kLog, kStreams, kRows, kTimers, kMeta, kFamilies };
constexpr std::array<const char*, kFamilies> kFamilyNames = {"default", "log", "streams", "rows", "timers", "meta"};

// When RocksDB's log is this long, all families are flushed into tables together and a new log begins. This one bound
// stands for both what is held in memory and what has to be read back at opening; no family is flushed by itself
// (RocksDB 7.8 loses count of the families when several are at once and the disk fails then).
constexpr uint64_t kWalBytesMax = 64 << 20;
constexpr size_t kMemtableBytesNeverReached = size_t{4} << 30;
constexpr size_t kProtectionBytesPerKey = 8;
// Markers of removed entries among so many neighbours at which a file is merged early.
constexpr size_t kMarkerWindow = 512;
constexpr size_t kMarkersMax = 256;
constexpr auto kGuardInterval = std::chrono::seconds(1);

rocksdb::DBOptions DbOptions(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.paranoid_checks = true;
  options.verify_sst_unique_id_in_manifest = true;
  options.recycle_log_file_num = 0;
  options.manual_wal_flush = false;
  options.max_total_wal_size = kWalBytesMax;
  // A damaged log stays as it was found, for somebody to look at, instead of being replaced by what could be read.
  options.avoid_flush_during_recovery = true;
  options.avoid_flush_during_shutdown = true;
  options.max_bgerror_resume_count = 0;             // A failed write is never tried again behind our back.
  options.allow_concurrent_memtable_write = false;  // There is one writer.
  options.max_background_jobs = 2;
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.keep_log_file_num = 4;
  options.max_log_file_size = 4 << 20;
  options.info_log_level = rocksdb::WARN_LEVEL;
  return options;
}

rocksdb::ColumnFamilyOptions FamilyOptions(Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16 << 10;
  table.max_auto_readahead_size = 2 << 20;
  if (family == kRows) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kLZ4Compression;
  options.level_compaction_dynamic_level_bytes = true;
  options.write_buffer_size = kMemtableBytesNeverReached;
  // Queues (what is due, what waits for a unit) leave runs of markers where entries were removed, and every reading of
  // their front steps over them. A file with such a run is merged soon, which drops it.
  if (family == kRows || family == kTimers) {
    options.table_properties_collector_factories.push_back(
        rocksdb::NewCompactOnDeletionCollectorFactory(kMarkerWindow, kMarkersMax));
  }
  return options;
}

// A batch that remembers its first error, for there are many calls to forget one in.
class Batch {
 public:
  explicit Batch(size_t bytes) : batch_(bytes, 0, kProtectionBytesPerKey, 0) {}

  void Put(rocksdb::ColumnFamilyHandle* family, absl::string_view key, absl::string_view value) {
    Note(batch_.Put(family, ToSlice(key), ToSlice(value)));
  }
  void Delete(rocksdb::ColumnFamilyHandle* family, absl::string_view key) { Note(batch_.Delete(family, ToSlice(key))); }
  void DeleteAll(rocksdb::ColumnFamilyHandle* family) {
    Note(batch_.DeleteRange(family, rocksdb::Slice(), ToSlice(std::string(kKeyBytesMax + 16, '\xff'))));
  }

  rocksdb::Status Write(rocksdb::DB& db, const rocksdb::WriteOptions& options) {
    return status_.ok() ? db.Write(options, &batch_) : status_;
  }

 private:
  void Note(rocksdb::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }

  rocksdb::WriteBatch batch_;
  rocksdb::Status status_;
};

size_t ApproximateBytes(const Append& append, const Apply& apply) {
  size_t bytes = 256;
  for (const CommitBytes& commit : append.commits) bytes += commit.record.size() + 64 * (1 + commit.streams.size());
  for (const RowChange& row : apply.rows) bytes += row.key.size() + row.value.size() + 16;
  for (const TimerChange& timer : apply.timers) bytes += 2 * (timer.name.size() + 32);
  return bytes;
}

// Where a scan for due timers begins: no armed timer lies before it. Without it every scan would step over all timers
// that ever fired, which RocksDB keeps as markers until it merges its files.
class TimerFloor {
 public:
  struct Place {
    std::string key;
    uint64_t change = 0;  // Of the floor, when it was read.
  };

  Place Read() const {
    std::lock_guard lock(mutex_);
    return {key_, change_};
  }

  // After a write that armed a timer at `key`.
  void Lower(std::string key) {
    std::lock_guard lock(mutex_);
    key_ = std::min(key_, std::move(key));
    ++change_;
  }

  // After a scan from `place` whose first timer was at `key`; a write since then may have armed an earlier one.
  void Raise(const Place& place, std::string key) {
    std::lock_guard lock(mutex_);
    if (change_ == place.change) key_ = std::max(key_, std::move(key));
  }

 private:
  mutable std::mutex mutex_;
  std::string key_;
  uint64_t change_ = 0;
};

class RocksStore final : public Store {
 public:
  RocksStore(std::string directory, const RocksOptions& options)
      : directory_(std::move(directory)),
        options_(options),
        env_(options_.env != nullptr ? options_.env.get() : rocksdb::Env::Default()) {}
  ~RocksStore() override;

  absl::Status Open();

  absl::Status Write(const Append& append, const Apply& apply) override;
  absl::Status WriteBeside(const std::vector<RowChange>& rows) override;
  absl::Status Rebuild(bool begin, const Apply& apply) override;
  Position head() const override { return head_.load(std::memory_order_acquire); }
  Position applied() const override { return applied_.load(std::memory_order_acquire); }
  absl::Status Read(Position from,
                    absl::FunctionRef<bool(Position position, absl::string_view record)> visit) const override;
  absl::StatusOr<std::string> ReadOne(Position position) const override;
  absl::Status ReadStream(absl::string_view stream, uint64_t from_revision,
                          absl::FunctionRef<bool(uint64_t first_revision, Position position)> visit) const override;
  absl::Status DueTimers(int64_t until_ms, absl::FunctionRef<bool(const Timer&)> visit) const override;
  rocksdb::DB* database() const { return db_.get(); }
  absl::Status DueTimersFrom(const Timer& from, int64_t until_ms,
                             absl::FunctionRef<bool(const Timer&)> visit) const override;
  std::unique_ptr<Snapshot> NewSnapshot() const override {
    return NewRocksSnapshot(*db_, families_[kRows], families_[kMeta], kAppliedName);
  }

 private:
  absl::Status OpenDatabase();
  absl::Status CheckFamilies(const std::string& path) const;
  absl::Status LoadHeads();
  absl::Status CheckLogEnd() const;
  absl::Status OpenGuard();
  absl::Status CheckOpenForWriting() const;
  void PutCommits(Batch& batch, const Append& append) const;
  void PutRows(Batch& batch, const std::vector<RowChange>& rows) const;
  void PutChanges(Batch& batch, const Apply& apply) const;
  void LowerTimerFloor(const Apply& apply);
  // Timers from a key on; `first` becomes the key of the first that is there, due or not.
  absl::Status ScanTimers(const std::string& from, int64_t until_ms, std::optional<std::string>* first,
                          absl::FunctionRef<bool(const Timer&)> visit) const;
  absl::Status Commit(Batch& batch, Position head, Position applied);
  void GuardHead(absl::string_view last_record);

  const std::string directory_;
  const RocksOptions options_;
  rocksdb::Env* const env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::atomic<Position> head_{0};
  std::atomic<Position> applied_{0};
  mutable TimerFloor timer_floor_;

  std::atomic<bool> beside_failed_{false};  // A write beside failed: the store is closed for writing.

  // The writer's own.
  absl::Status failed_;  // Why the store is closed for writing.
  std::unique_ptr<HeadGuard> guard_;
  std::chrono::steady_clock::time_point guarded_at_;
};

RocksStore::~RocksStore() {
  if (guard_ != nullptr && failed_.ok() && guard_->position() != head()) {
    if (auto record = ReadOne(head() - 1); record.ok()) GuardHead(*record);
  }
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();  // All that was acknowledged is durable.
}

absl::Status RocksStore::Open() {
  if (absl::Status status = OpenDatabase(); !status.ok()) return status;
  if (absl::Status status = LoadHeads(); !status.ok()) return status;
  if (absl::Status status = CheckLogEnd(); !status.ok()) return status;
  return OpenGuard();
}

absl::Status RocksStore::OpenDatabase() {
  const std::string path = directory_ + "/db";
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  if (error) return absl::UnavailableError(absl::StrCat("creating ", directory_, ": ", error.message()));
  if (absl::Status status = CheckFamilies(path); !status.ok()) return status;

  rocksdb::DBOptions db_options = DbOptions(env_);
#ifdef DUBAN_TEST_HOOKS
  if (options_.wal_bytes_max != 0) db_options.max_total_wal_size = options_.wal_bytes_max;
#endif
  const auto cache = rocksdb::NewLRUCache(options_.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (int family = 0; family < kFamilies; ++family) {
    families.emplace_back(kFamilyNames[family], FamilyOptions(static_cast<Family>(family), cache));
  }
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(db_options, path, families, &families_, &db);
  db_.reset(db);
  return ToStatus(status, absl::StrCat("opening ", path));
}

// A newer program may have families of its own; opening without them would be refused in words nobody understands.
absl::Status RocksStore::CheckFamilies(const std::string& path) const {
  std::vector<std::string> names;
  if (env_->FileExists(path + "/CURRENT").IsNotFound()) return absl::OkStatus();
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(DbOptions(env_), path, &names);
  if (!status.ok()) return ToStatus(status, absl::StrCat("opening ", path));
  for (const std::string& name : names) {
    if (std::find(kFamilyNames.begin(), kFamilyNames.end(), name) != kFamilyNames.end()) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(path, " 由更新的版本写成 / was written by a newer version: family ", name));
  }
  return absl::OkStatus();
}

absl::Status RocksStore::LoadHeads() {
  std::array<std::optional<uint64_t>, 3> numbers;
  const std::array<const char*, 3> names = {kFormatName, kHeadName, kAppliedName};
  for (size_t i = 0; i < names.size(); ++i) {
    auto number = GetNumber(*db_, families_[kMeta], nullptr, names[i]);
    if (!number.ok()) return number.status();
    numbers[i] = *number;
  }
  const auto [format, head, applied] = numbers;
  if (!format && !head && !applied) {  // New, or its creator was interrupted before the first commit.
    Batch batch(256);
    batch.Put(families_[kMeta], kFormatName, NumberKey(kFormat));
    return Commit(batch, 0, 0);
  }
  if (format && *format > kFormat) {
    return absl::FailedPreconditionError(absl::StrCat(directory_, " 的格式是 ", *format, "，本程序只认识到 ", kFormat,
                                                      " / has format ", *format, "; this program knows up to ", kFormat,
                                                      ": use a newer program"));
  }
  if (!format || *format == 0 || !head || !applied || *applied > *head) {
    return absl::DataLossError(absl::StrCat(directory_, " 的元数据自相矛盾 / has heads that contradict each other"));
  }
  head_ = *head;
  applied_ = *applied;
  return absl::OkStatus();
}

absl::Status RocksStore::CheckLogEnd() const {
  auto last = LastUpTo(*db_, families_[kLog], NumberKey(UINT64_MAX));
  if (!last.ok()) return last.status();
  const auto position = *last ? ParseNumber((*last)->key) : std::nullopt;
  if (last->has_value() && !position) return absl::DataLossError("the log holds a key that is no position");
  const Position end = position ? *position + 1 : 0;
  if (end != head()) {
    return absl::DataLossError(absl::StrCat("日志到第 ", end, " 笔，元数据说是 ", head(),
                                            " 笔，请从备份恢复 / the log ends at ", end, ", its head says ", head(),
                                            ": restore from a backup"));
  }
  if (end == 0) return absl::OkStatus();
  return ParseRecord((*last)->value).status();
}

absl::Status RocksStore::OpenGuard() {
  auto guard = HeadGuard::Open(directory_ + "/HEAD");
  if (!guard.ok()) return guard.status();
  if (absl::Status status = (*guard)->Check(*this); !status.ok()) return status;
  guard_ = std::move(*guard);
  if (guard_->position() == head()) return absl::OkStatus();
  const auto record = ReadOne(head() - 1);
  if (!record.ok()) return record.status();
  GuardHead(*record);
  return failed_;
}

absl::Status RocksStore::CheckOpenForWriting() const {
  if (beside_failed_.load(std::memory_order_acquire)) {
    return absl::FailedPreconditionError(
        "存储已停止写入，排除故障后请重新启动 / the store is closed for writing: rows could not be written beside");
  }
  if (failed_.ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "存储已停止写入，排除故障后请重新启动 / the store is closed for writing since: ", failed_.message()));
}

absl::Status RocksStore::Write(const Append& append, const Apply& apply) {
  if (absl::Status status = CheckOpenForWriting(); !status.ok()) return status;
  if (absl::Status status = CheckWrite({head(), applied()}, append, apply); !status.ok()) return status;
  if (append.commits.empty() && apply.rows.empty() && apply.timers.empty()) return absl::OkStatus();

  Batch batch(ApproximateBytes(append, apply));
  PutCommits(batch, append);
  PutChanges(batch, apply);
  if (absl::Status status = Commit(batch, apply.position, apply.position); !status.ok()) return status;
  LowerTimerFloor(apply);

  bool guard_now = std::chrono::steady_clock::now() - guarded_at_ >= kGuardInterval;
#ifdef DUBAN_TEST_HOOKS
  guard_now |= options_.guard_every_write;
#endif
  if (guard_now && !append.commits.empty()) GuardHead(append.commits.back().record);
  return absl::OkStatus();
}

// Into the same write-ahead log, so that the sync of a later Write makes it durable and none outlives the one before.
absl::Status RocksStore::WriteBeside(const std::vector<RowChange>& rows) {
  if (beside_failed_.load(std::memory_order_acquire)) {
    return absl::FailedPreconditionError("a write beside failed: the store is closed for writing");
  }
  if (absl::Status status = CheckWriteBeside({head(), applied()}, rows); !status.ok()) return status;
  if (rows.empty()) return absl::OkStatus();
  Batch batch(ApproximateBytes({}, {0, rows, {}}));
  PutRows(batch, rows);
  absl::Status written = ToStatus(batch.Write(*db_, rocksdb::WriteOptions()), "writing beside");
  if (!written.ok()) beside_failed_.store(true, std::memory_order_release);
  return written;
}

absl::Status RocksStore::Rebuild(bool begin, const Apply& apply) {
  if (absl::Status status = CheckOpenForWriting(); !status.ok()) return status;
  if (absl::Status status = CheckRebuild({head(), applied()}, begin, apply); !status.ok()) return status;
  Batch batch(ApproximateBytes({}, apply));
  if (begin) {
    batch.DeleteAll(families_[kRows]);
    batch.DeleteAll(families_[kTimers]);
  }
  PutChanges(batch, apply);
  if (absl::Status status = Commit(batch, head(), apply.position); !status.ok()) return status;
  LowerTimerFloor(apply);
  if (!begin) return absl::OkStatus();
  // The marks that delete everything are slow to read while they are in memory.
  failed_ =
      ToStatus(db_->Flush(rocksdb::FlushOptions(), {families_[kRows], families_[kTimers]}), "beginning a rebuild");
  return failed_;
}

void RocksStore::PutCommits(Batch& batch, const Append& append) const {
  Position position = append.expected_head;
  for (const CommitBytes& commit : append.commits) {
    batch.Put(families_[kLog], NumberKey(position), commit.record);
    for (const StreamSpan& span : commit.streams) {
      std::string place = NumberKey(position);
      AppendNumber(place, span.count);
      batch.Put(families_[kStreams], StreamKey(span.stream, span.first_revision), place);
    }
    ++position;
  }
}

void RocksStore::PutRows(Batch& batch, const std::vector<RowChange>& rows) const {
  for (const RowChange& row : rows) {
    if (row.deleted) {
      batch.Delete(families_[kRows], RowKey(row.table, row.key));
    } else {
      batch.Put(families_[kRows], RowKey(row.table, row.key), row.value);
    }
  }
}

void RocksStore::PutChanges(Batch& batch, const Apply& apply) const {
  PutRows(batch, apply.rows);
  for (const TimerChange& timer : apply.timers) {
    if (timer.old_due_ms != TimerChange::kNone) {
      batch.Delete(families_[kTimers], TimerKey(timer.old_due_ms, timer.name));
    }
    if (timer.new_due_ms != TimerChange::kNone) {
      batch.Put(families_[kTimers], TimerKey(timer.new_due_ms, timer.name), "");
    }
  }
}

void RocksStore::LowerTimerFloor(const Apply& apply) {
  std::optional<std::string> earliest;
  for (const TimerChange& timer : apply.timers) {
    if (timer.new_due_ms == TimerChange::kNone) continue;
    std::string key = TimerKey(timer.new_due_ms, timer.name);
    if (!earliest || key < *earliest) earliest = std::move(key);
  }
  if (earliest) timer_floor_.Lower(std::move(*earliest));
}

// The one place that writes: one batch, one sync; the first failure is the last write.
absl::Status RocksStore::Commit(Batch& batch, Position head, Position applied) {
  batch.Put(families_[kMeta], kHeadName, NumberKey(head));
  batch.Put(families_[kMeta], kAppliedName, NumberKey(applied));
  rocksdb::WriteOptions options;
  options.sync = true;
#ifdef DUBAN_TEST_HOOKS
  options.sync = !options_.unsafe_no_sync;
#endif
  failed_ = ToStatus(batch.Write(*db_, options), "writing");
  if (!failed_.ok()) return failed_;
  // Applied first: to whoever reads the head first the rows of a Write are never behind.
  applied_.store(applied, std::memory_order_release);
  head_.store(head, std::memory_order_release);
  return absl::OkStatus();
}

// What was written is durable by now, so a guard that cannot follow stops the next write, not this one.
void RocksStore::GuardHead(absl::string_view last_record) {
  failed_ = guard_->Write(head(), last_record);
  guarded_at_ = std::chrono::steady_clock::now();
}

absl::Status RocksStore::Read(Position from,
                              absl::FunctionRef<bool(Position position, absl::string_view record)> visit) const {
  const Position head_before = head();
  Position next = from;
  bool stopped = false;
  absl::Status status = ForEach(*db_, families_[kLog], nullptr, NumberKey(from), "",
                                [&](absl::string_view key, absl::string_view record) {
                                  if (ParseNumber(key) != next) return false;
                                  stopped = !visit(next++, record);
                                  return !stopped;
                                });
  if (!status.ok() || stopped || next >= head_before) return status;
  return absl::DataLossError(
      absl::StrCat("日志缺少位置 ", next, " / the log lacks position ", next, " of ", head_before));
}

absl::StatusOr<std::string> RocksStore::ReadOne(Position position) const {
  const bool within = position < head();
  auto record = GetEntry(*db_, families_[kLog], nullptr, NumberKey(position));
  if (!absl::IsNotFound(record.status())) return record;
  if (within)
    return absl::DataLossError(absl::StrCat("日志缺少位置 ", position, " / the log lacks position ", position));
  return absl::NotFoundError(absl::StrCat("the log ends before position ", position));
}

absl::Status RocksStore::ReadStream(absl::string_view stream, uint64_t from_revision,
                                    absl::FunctionRef<bool(uint64_t first_revision, Position position)> visit) const {
  const std::string prefix = StreamPrefix(stream);
  // The span that holds `from_revision` may begin before it.
  auto before = LastUpTo(*db_, families_[kStreams], StreamKey(stream, from_revision));
  if (!before.ok()) return before.status();
  const bool same_stream = before->has_value() && absl::StartsWith((*before)->key, prefix);
  const std::string start = same_stream ? (*before)->key : prefix;

  absl::Status damage;
  absl::Status status = ForEach(
      *db_, families_[kStreams], nullptr, start, AfterPrefix(prefix),
      [&](absl::string_view key, absl::string_view value) {
        const auto first_revision = ParseNumber(key.substr(prefix.size()));
        const auto position = ParseNumber(value.substr(0, 8));
        const auto count = ParseNumber(value.substr(std::min<size_t>(8, value.size())));
        if (!first_revision || !position || !count) {
          damage = absl::DataLossError(absl::StrCat("the index of stream ", stream, " holds an entry that is none"));
          return false;
        }
        if (*first_revision + *count <= from_revision) return true;
        return visit(*first_revision, *position);
      });
  return status.ok() ? damage : status;
}

absl::Status RocksStore::DueTimers(int64_t until_ms, absl::FunctionRef<bool(const Timer&)> visit) const {
  const TimerFloor::Place floor = timer_floor_.Read();
  std::optional<std::string> first;
  absl::Status status = ScanTimers(floor.key, until_ms, &first, visit);
  // Beyond the last there is none armed.
  if (first || status.ok()) timer_floor_.Raise(floor, first.value_or(TimerKey(INT64_MAX, "")));
  return status;
}

absl::Status RocksStore::DueTimersFrom(const Timer& from, int64_t until_ms,
                                       absl::FunctionRef<bool(const Timer&)> visit) const {
  std::optional<std::string> first;
  return ScanTimers(std::max(TimerKey(from.due_ms, from.name), timer_floor_.Read().key), until_ms, &first, visit);
}

absl::Status RocksStore::ScanTimers(const std::string& from, int64_t until_ms, std::optional<std::string>* first,
                                    absl::FunctionRef<bool(const Timer&)> visit) const {
  absl::Status damage;
  absl::Status status =
      ForEach(*db_, families_[kTimers], nullptr, from, "", [&](absl::string_view key, absl::string_view) {
        if (!*first) *first = std::string(key);
        const auto timer = ParseTimerKey(key);
        if (!timer) {
          damage = absl::DataLossError("the timers hold a key that is none");
          return false;
        }
        return timer->due_ms <= until_ms && visit(*timer);
      });
  return status.ok() ? damage : status;
}

}  // namespace

rocksdb::DB* DatabaseOf(const Store& store) {
  const auto* rocks = dynamic_cast<const RocksStore*>(&store);
  return rocks == nullptr ? nullptr : rocks->database();
}

bool LacksHeadGuard(const std::string& directory) {
  std::error_code error;
  return std::filesystem::exists(directory + "/db/CURRENT", error) &&
         !std::filesystem::exists(directory + "/HEAD", error);
}

absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(const std::string& directory, const RocksOptions& options) {
  auto store = std::make_unique<RocksStore>(directory, options);
  if (absl::Status status = store->Open(); !status.ok()) return status;
  return store;
}

}  // namespace duban::store
