#include "store/backup.h"

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/utilities/backup_engine.h"
#include "store/backup_manifest.h"
#include "store/disk_files.h"
#include "store/keys.h"
#include "store/record.h"
#include "store/rocks_read.h"
#include "store/rocks_store.h"

namespace duban::store {
namespace {

namespace fs = std::filesystem;
using Step = BackupProgress::Step;

constexpr char kManifestName[] = "/BACKUP";
constexpr char kFilesName[] = "/FILES";
constexpr char kDbName[] = "/db";
constexpr char kKeysName[] = "/keys";
constexpr uint64_t kProgressBytes = 4 << 20;
constexpr Position kProgressCommits = 10'000;

absl::Status Stopped() { return absl::CancelledError("the backup was stopped before it was complete"); }

absl::Status NotEmbedded() {
  return absl::FailedPreconditionError("只有存放在磁盘上的工作区可以备份 / only a workspace on disk can be backed up");
}

absl::Status Damaged(const std::string& what, absl::string_view detail) {
  return absl::DataLossError(absl::StrCat("备份已损坏：", what, " / the backup is damaged: ", what, " (", detail, ")"));
}

std::string ListPath(const std::string& directory, uint32_t id) { return absl::StrCat(directory, "/meta/", id); }

rocksdb::BackupEngineOptions EngineOptions(const std::string& directory) {
  rocksdb::BackupEngineOptions options(directory);
  options.callback_trigger_interval_size = kProgressBytes;
  options.max_valid_backups_to_open = 4;
  return options;
}

// RocksDB's own backup of one database: new tables are added to those of the backup before, the log of writes is
// copied.
class Engine {
 public:
  static absl::StatusOr<Engine> Open(const std::string& directory, rocksdb::Env* env) {
    if (absl::Status status = MakeDirectories(directory); !status.ok()) return status;
    rocksdb::BackupEngine* engine = nullptr;
    const rocksdb::Status status = rocksdb::BackupEngine::Open(EngineOptions(directory), env, &engine);
    if (!status.ok()) return ToStatus(status, absl::StrCat("opening the backup ", directory));
    return Engine(directory, engine);
  }

  absl::StatusOr<EngineBackup> Create(rocksdb::DB& db, absl::FunctionRef<bool(uint64_t bytes)> going_on) {
    rocksdb::CreateBackupOptions options;
    bool stopped = false;
    uint64_t bytes = 0;
    // No family is flushed for it (rocks_store.cc says why): what is in memory only is in the log that is copied.
    options.progress_callback = [&] {
      if (stopped || going_on(bytes += kProgressBytes)) return;
      stopped = true;
      engine_->StopBackup();
    };
    if (!going_on(0)) return Stopped();
    EngineBackup out;
    const rocksdb::Status status = engine_->CreateNewBackup(options, &db, &out.id);
    if (stopped) return Stopped();
    if (!status.ok()) return ToStatus(status, absl::StrCat("backing up into ", directory_));
    auto list = ReadWholeFile(ListPath(directory_, out.id));
    if (!list.ok()) return list.status();
    out.list_sha256 = Sha256Hex(*list);
    return out;
  }

  // The files of a backup, by name.
  absl::StatusOr<std::map<std::string, uint64_t>> Files(uint32_t id) const {
    rocksdb::BackupInfo info;
    const rocksdb::Status status = engine_->GetBackupInfo(id, &info, /*include_file_details=*/true);
    if (!status.ok()) return ToStatus(status, absl::StrCat("reading the backup ", directory_));
    std::map<std::string, uint64_t> files;
    for (const rocksdb::BackupFileInfo& file : info.file_details) files[file.relative_filename] = file.size;
    return files;
  }

  absl::StatusOr<rocksdb::BackupInfo> Openable(uint32_t id) const {
    rocksdb::BackupInfo info;
    const rocksdb::Status status = engine_->GetBackupInfo(id, &info, /*include_file_details=*/true);
    if (!status.ok()) return ToStatus(status, absl::StrCat("reading the backup ", directory_));
    return info;
  }

  absl::Status KeepNewest() {
    return ToStatus(engine_->PurgeOldBackups(1), absl::StrCat("removing the backup before in ", directory_));
  }

 private:
  Engine(std::string directory, rocksdb::BackupEngine* engine) : directory_(std::move(directory)), engine_(engine) {}

  std::string directory_;
  std::unique_ptr<rocksdb::BackupEngine> engine_;
};

// The log's two ends as a database holds them.
struct LogEnds {
  Position commits = 0;
  std::string first_sha256, last_sha256;  // Hexadecimal; empty when there are no commits.
};

// Read out of the backup itself: what it really holds, not what was there when it was asked for.
absl::StatusOr<LogEnds> ReadLogEnds(const rocksdb::BackupInfo& info) {
  rocksdb::DBOptions options;
  options.env = info.env_for_open.get();
  std::vector<std::string> names;
  rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, info.name_for_open, &names);
  if (!status.ok()) return ToStatus(status, "opening the new backup");
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  status = rocksdb::DB::OpenForReadOnly(options, info.name_for_open, families, &handles, &opened);
  if (!status.ok()) return ToStatus(status, "opening the new backup");
  const std::unique_ptr<rocksdb::DB> db(opened);
  const absl::Cleanup close = [&] {
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  };
  LogEnds ends;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (handle->GetName() != "log") continue;
    auto last = LastUpTo(*db, handle, NumberKey(UINT64_MAX));
    if (!last.ok()) return last.status();
    if (!last->has_value()) return ends;
    auto first = GetEntry(*db, handle, nullptr, NumberKey(0));
    if (!first.ok()) return first.status();
    ends.commits = ParseNumber((*last)->key).value_or(UINT64_MAX - 1) + 1;
    ends.first_sha256 = Sha256Hex(*first);
    ends.last_sha256 = Sha256Hex((*last)->value);
    return ends;
  }
  return absl::InternalError("the backup has no log");
}

// Nothing where there is no manifest yet.
absl::StatusOr<std::optional<Manifest>> ReadManifest(const std::string& directory) {
  auto text = ReadWholeFile(directory + kManifestName);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  if (!text.ok()) return text.status();
  auto manifest = DecodeManifest(*text);
  if (!manifest.ok()) return manifest.status();
  return *std::move(manifest);
}

absl::StatusOr<FileList> ReadFileList(const std::string& directory, const Manifest& manifest) {
  auto text = ReadWholeFile(directory + kFilesName + absl::StrCat("-", manifest.db.id));
  if (absl::IsNotFound(text.status())) return Damaged("FILES", "missing");
  if (!text.ok()) return text.status();
  if (Sha256Hex(*text) != manifest.files_sha256) return Damaged("FILES", "its hash differs");
  return DecodeFileList(*text);
}

// A backup is never replaced by one that holds less or something else.
absl::Status CheckContinues(const Manifest& before, const Store& store) {
  if (before.commits == 0) return absl::OkStatus();
  const auto refused = [](absl::string_view zh, absl::string_view en) {
    return absl::FailedPreconditionError(
        absl::StrCat(zh, "，为保护它未作改动；请换一个备份名称 / ", en, ", so it was left alone: choose another name"));
  };
  auto first = store.ReadOne(0);
  if (!first.ok() || Sha256Hex(*first) != before.first_record_sha256) {
    return refused("该处的备份属于另一个工作区", "the backup there is of another workspace");
  }
  auto last = store.ReadOne(before.commits - 1);
  if (last.ok() && Sha256Hex(*last) == before.last_record_sha256) return absl::OkStatus();
  return refused("该处的备份含有本工作区没有的历史", "the backup there holds history that this workspace does not");
}

class Maker {
 public:
  Maker(const BackupParts& parts, std::string to, const OnBackupProgress& progress)
      : parts_(parts), to_(std::move(to)), progress_(progress) {}

  absl::StatusOr<Manifest> Make(int64_t now_ms) {
    if (absl::Status status = MakeDirectories(to_); !status.ok()) return status;
    auto before = ReadManifest(to_);
    if (!before.ok()) return before.status();
    before_ = *std::move(before);
    if (before_) {
      if (absl::Status status = CheckContinues(*before_, *parts_.store); !status.ok()) return status;
    }
    manifest_.made_at_ms = now_ms;
    if (absl::Status status = CopyLog(); !status.ok()) return status;
    if (absl::Status status = CopyFiles(); !status.ok()) return status;
    if (absl::Status status = CopyKeys(); !status.ok()) return status;
    if (absl::Status status = WriteWholeFile(to_ + kManifestName, EncodeManifest(manifest_)); !status.ok()) {
      return status;
    }
    Tidy();
    return manifest_;
  }

 private:
  bool GoOn(Step step, uint64_t done) const { return progress_ == nullptr || progress_({step, done, 0}); }

  absl::Status CopyLog() {
    rocksdb::DB* db = DatabaseOf(*parts_.store);
    if (db == nullptr) return NotEmbedded();
    const Position head = parts_.store->head();
    auto engine = Engine::Open(to_ + kDbName, db->GetEnv());
    if (!engine.ok()) return engine.status();
    auto made = engine->Create(*db, [this](uint64_t bytes) { return GoOn(Step::kLog, bytes); });
    if (!made.ok()) return made.status();
    manifest_.db = *made;
    if (absl::Status status = Count(*engine, made->id, before_ ? before_->db.id : 0); !status.ok()) return status;
    auto openable = engine->Openable(made->id);
    if (!openable.ok()) return openable.status();
    auto ends = ReadLogEnds(*openable);
    if (!ends.ok()) return ends.status();
    if (ends->commits < head) {
      return absl::DataLossError(absl::StrCat("备份只有 ", ends->commits, " 笔，而日志有 ", head,
                                              " 笔 / the backup holds ", ends->commits, " commits of ", head));
    }
    manifest_.commits = ends->commits;
    manifest_.first_record_sha256 = ends->first_sha256;
    manifest_.last_record_sha256 = ends->last_sha256;
    return absl::OkStatus();
  }

  absl::Status CopyKeys() {
    return WithDatabase(*parts_.vault, [this](rocksdb::DB* db) -> absl::Status {
      if (db == nullptr) return NotEmbedded();
      auto engine = Engine::Open(to_ + kKeysName, db->GetEnv());
      if (!engine.ok()) return engine.status();
      std::error_code error;  // Nobody else may read keys.
      fs::permissions(to_ + kKeysName, fs::perms::owner_all, error);
      auto made = engine->Create(*db, [this](uint64_t bytes) { return GoOn(Step::kKeys, bytes); });
      if (!made.ok()) return made.status();
      manifest_.keys = *made;
      return Count(*engine, made->id, before_ ? before_->keys.id : 0);
    });
  }

  // Adds what a backup holds, and what of it the one before did not hold.
  absl::Status Count(const Engine& engine, uint32_t id, uint32_t id_before) {
    auto now = engine.Files(id);
    if (!now.ok()) return now.status();
    auto before = id_before == 0 ? std::map<std::string, uint64_t>() : engine.Files(id_before);
    for (const auto& [name, bytes] : *now) {
      manifest_.bytes_total += bytes;
      if (!before.ok() || before->count(name) == 0) manifest_.bytes_written += bytes;
    }
    return absl::OkStatus();
  }

  absl::Status CopyFiles() {
    if (before_) {
      auto list = ReadFileList(to_, *before_);
      if (!list.ok()) return list.status();
      known_ = *std::move(list);
    }
    for (const std::string& name : parts_.small_files) {
      if (absl::Status status = CopyOne(name, SmallName(name)); !status.ok()) return status;
    }
    std::error_code error;
    const fs::path root = fs::path(parts_.directory) / parts_.immutable_files;
    if (!parts_.immutable_files.empty() && fs::exists(root, error)) {
      for (auto entry = fs::recursive_directory_iterator(root, error); !error && entry != fs::end(entry);
           entry.increment(error)) {
        if (!entry->is_regular_file(error) || entry->path().has_extension()) continue;
        const std::string path = fs::relative(entry->path(), parts_.directory).string();
        const auto found = known_.find(path);
        if (found != known_.end() && fs::file_size(to_ + "/" + path, error) == found->second.bytes) {
          Keep(path, found->second);
        } else if (absl::Status status = CopyOne(path, path); !status.ok()) {
          return status;
        }
        if (!GoOn(Step::kFiles, files_.size())) return Stopped();
      }
      if (error) return absl::UnavailableError(absl::StrCat("listing ", root.string(), ": ", error.message()));
    }
    const std::string text = EncodeFileList(files_);
    manifest_.files_sha256 = Sha256Hex(text);
    return WriteWholeFile(to_ + kFilesName + absl::StrCat("-", manifest_.db.id), text);
  }

  // Small files change: this backup's must not replace what the manifest before vouches for.
  std::string SmallName(const std::string& name) const { return absl::StrCat("small-", manifest_.db.id, "/", name); }

  void Keep(const std::string& path, const FileSum& sum) {
    files_[path] = sum;
    manifest_.bytes_total += sum.bytes;
  }

  // A file that went away meanwhile is none of the workspace's.
  absl::Status CopyOne(const std::string& from, const std::string& as) {
    const std::string target = to_ + "/" + as;
    if (absl::Status status = MakeDirectories(fs::path(target).parent_path().string()); !status.ok()) return status;
    auto sum =
        CopyWholeFile(parts_.directory + "/" + from, target, [this] { return GoOn(Step::kFiles, files_.size()); });
    if (absl::IsNotFound(sum.status())) return absl::OkStatus();
    if (!sum.ok()) return sum.status();
    Keep(as, *sum);
    manifest_.bytes_written += sum->bytes;
    return absl::OkStatus();
  }

  // What the manifest no longer names. What cannot be removed now is removed by the next backup.
  void Tidy() {
    for (const char* part : {kDbName, kKeysName}) {
      auto engine = Engine::Open(to_ + part, rocksdb::Env::Default());
      if (engine.ok()) engine->KeepNewest().IgnoreError();
    }
    const std::string files = absl::StrCat("FILES-", manifest_.db.id), small = absl::StrCat("small-", manifest_.db.id);
    std::error_code error;
    for (const auto& [path, sum] : known_) {  // Files erased since.
      if (files_.count(path) == 0) fs::remove(to_ + "/" + path, error);
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(to_, error)) {
      const std::string name = entry.path().filename().string();
      const bool old_files = name.rfind("FILES-", 0) == 0 && name != files;
      const bool old_small = name.rfind("small-", 0) == 0 && name != small;
      std::error_code ignored;
      if (old_files || old_small) fs::remove_all(entry.path(), ignored);
    }
  }

  const BackupParts& parts_;
  const std::string to_;
  const OnBackupProgress& progress_;
  std::optional<Manifest> before_;
  Manifest manifest_;
  FileList known_;  // Of the backup before.
  FileList files_;
};

// Verifies one database's backup; with `to`, restores it there.
absl::Status RestoreEngine(const std::string& from, const EngineBackup& backup, const std::string& to) {
  auto list = ReadWholeFile(ListPath(from, backup.id));
  if (absl::IsNotFound(list.status())) return Damaged(ListPath(from, backup.id), "missing");
  if (!list.ok()) return list.status();
  if (Sha256Hex(*list) != backup.list_sha256) return Damaged(ListPath(from, backup.id), "its hash differs");
  rocksdb::BackupEngineReadOnly* opened = nullptr;
  rocksdb::Status status = rocksdb::BackupEngineReadOnly::Open(EngineOptions(from), rocksdb::Env::Default(), &opened);
  if (!status.ok()) return Damaged(from, status.ToString());
  const std::unique_ptr<rocksdb::BackupEngineReadOnly> engine(opened);
  status = engine->VerifyBackup(backup.id, /*verify_with_checksum=*/true);
  if (!status.ok()) return Damaged(from, status.ToString());
  if (to.empty()) return absl::OkStatus();
  if (absl::Status made = MakeDirectories(to); !made.ok()) return made;
  status = engine->RestoreDBFromBackup(backup.id, to, to);
  return ToStatus(status, absl::StrCat("restoring ", from));
}

absl::Status RestoreFiles(const std::string& from, const FileList& files, const std::string& to,
                          const std::string& small_prefix, const OnBackupProgress& progress) {
  uint64_t done = 0;
  for (const auto& [path, expected] : files) {
    const bool small = path.rfind(small_prefix, 0) == 0;
    const std::string target = absl::StrCat(to, "/", small ? path.substr(small_prefix.size()) : path);
    if (absl::Status status = MakeDirectories(fs::path(target).parent_path().string()); !status.ok()) return status;
    const auto going_on = [&] { return progress == nullptr || progress({Step::kFiles, done, files.size()}); };
    auto sum = CopyWholeFile(from + "/" + path, target, going_on);
    if (absl::IsNotFound(sum.status())) return Damaged(from + "/" + path, "missing");
    if (!sum.ok()) return sum.status();
    if (!(*sum == expected)) return Damaged(from + "/" + path, "its size or hash differs");
    ++done;
  }
  return absl::OkStatus();
}

absl::Status VerifyFiles(const std::string& from, const FileList& files, const OnBackupProgress& progress) {
  uint64_t done = 0;
  for (const auto& [path, expected] : files) {
    if (progress != nullptr && !progress({Step::kFiles, done++, files.size()})) return Stopped();
    auto sum = SumOfFile(from + "/" + path);
    if (absl::IsNotFound(sum.status())) return Damaged(from + "/" + path, "missing");
    if (!sum.ok()) return sum.status();
    if (!(*sum == expected)) return Damaged(from + "/" + path, "its size or hash differs");
  }
  return absl::OkStatus();
}

// The store opens, ends where the manifest says, and every record of its log is there and whole.
absl::Status CheckLog(const std::string& directory, const Manifest& manifest, const OnBackupProgress& progress) {
  auto store = OpenRocksStore(directory);
  if (!store.ok()) return store.status();
  std::string last;
  if ((*store)->head() > 0) {
    auto record = (*store)->ReadOne((*store)->head() - 1);
    if (!record.ok()) return record.status();
    last = Sha256Hex(*record);
  }
  if ((*store)->head() != manifest.commits || last != manifest.last_record_sha256) {
    return Damaged("log", absl::StrCat("it ends at ", (*store)->head(), ", the manifest says ", manifest.commits));
  }
  absl::Status broken;
  const absl::Status read = (*store)->Read(0, [&](Position position, absl::string_view record) {
    if (auto parts = ParseRecord(record); !parts.ok()) {
      broken = absl::Status(parts.status().code(), absl::StrCat("position ", position, ": ", parts.status().message()));
    } else if (position % kProgressCommits == 0 && progress != nullptr &&
               !progress({Step::kRead, position, manifest.commits})) {
      broken = Stopped();
    }
    return broken.ok();
  });
  return read.ok() ? broken : read;
}

absl::Status CheckTarget(const std::string& to, const std::string& half) {
  std::error_code error;
  if (fs::exists(half, error)) {
    return absl::FailedPreconditionError(absl::StrCat(
        half, " 是上次恢复中断留下的，请先删除 / is what an interrupted restore has left: delete it first"));
  }
  if (!fs::exists(to, error) || (fs::is_directory(to, error) && fs::is_empty(to, error))) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      to, " 已存在且不是空目录，不在其上恢复 / exists and is no empty directory: nothing is restored over it"));
}

BackupSummary SummaryOf(const Manifest& manifest) {
  BackupSummary out;
  out.commits = manifest.commits;
  out.last_record_sha256 =
      manifest.commits == 0 ? std::string(32, '\0') : absl::HexStringToBytes(manifest.last_record_sha256);
  out.made_at_ms = manifest.made_at_ms;
  out.bytes_total = manifest.bytes_total;
  out.bytes_written = manifest.bytes_written;
  return out;
}

absl::StatusOr<Manifest> RequireManifest(const std::string& from) {
  auto manifest = ReadManifest(from);
  if (!manifest.ok()) return manifest.status();
  if (*manifest) return **std::move(manifest);
  return absl::NotFoundError(absl::StrCat(from,
                                          " 没有完整的备份：缺少清单 BACKUP / holds no whole backup: there is no ",
                                          "manifest BACKUP; a backup that was interrupted has none"));
}

absl::Status RestoreInto(const std::string& from, const Manifest& manifest, const std::string& half,
                         const OnBackupProgress& progress) {
  auto files = ReadFileList(from, manifest);
  if (!files.ok()) return files.status();
  if (progress != nullptr && !progress({Step::kVerify, 0, manifest.bytes_total})) return Stopped();
  if (absl::Status status = RestoreEngine(from + kDbName, manifest.db, half + "/db/db"); !status.ok()) return status;
  if (absl::Status status = RestoreEngine(from + kKeysName, manifest.keys, half + "/keys"); !status.ok()) return status;
  std::error_code error;
  fs::permissions(half, fs::perms::owner_all, error);
  if (!error) fs::permissions(half + "/keys", fs::perms::owner_all, error);
  if (error) return absl::UnavailableError(absl::StrCat("closing ", half, " to others: ", error.message()));
  const std::string small = absl::StrCat("small-", manifest.db.id, "/");
  if (absl::Status status = RestoreFiles(from, *files, half, small, progress); !status.ok()) return status;
  if (absl::Status status = CheckLog(half + "/db", manifest, progress); !status.ok()) return status;
  if (auto keys = OpenKeyVault(half + "/keys"); !keys.ok()) return keys.status();
  return SyncFileSystem(half);
}

}  // namespace

absl::StatusOr<BackupSummary> CreateBackup(const BackupParts& parts, const std::string& to, int64_t now_ms,
                                           const OnBackupProgress& progress) {
  auto manifest = Maker(parts, to, progress).Make(now_ms);
  if (!manifest.ok()) return manifest.status();
  return SummaryOf(*manifest);
}

absl::StatusOr<BackupSummary> RestoreBackup(const std::string& from, const std::string& to,
                                            const OnBackupProgress& progress) {
  const fs::path target = fs::absolute(fs::path(to) / "").parent_path();  // Without a slash at its end.
  const std::string half = target.string() + ".restoring";
  if (absl::Status status = CheckTarget(target.string(), half); !status.ok()) return status;
  auto manifest = RequireManifest(from);
  if (absl::IsNotFound(manifest.status())) return absl::FailedPreconditionError(manifest.status().message());
  if (!manifest.ok()) return manifest.status();
  if (absl::Status status = MakeDirectories(half); !status.ok()) return status;
  const absl::Status restored = RestoreInto(from, *manifest, half, progress);
  std::error_code error;
  if (!restored.ok()) {
    fs::remove_all(half, error);
    return restored;
  }
  fs::rename(half, target, error);
  if (error) return absl::UnavailableError(absl::StrCat("naming ", target.string(), ": ", error.message()));
  if (absl::Status status = SyncDirectory(target.parent_path().string()); !status.ok()) return status;
  return SummaryOf(*manifest);
}

absl::StatusOr<BackupSummary> VerifyBackup(const std::string& from, const OnBackupProgress& progress) {
  auto manifest = RequireManifest(from);
  if (absl::IsNotFound(manifest.status())) return absl::FailedPreconditionError(manifest.status().message());
  if (!manifest.ok()) return manifest.status();
  if (progress != nullptr && !progress({Step::kVerify, 0, manifest->bytes_total})) return Stopped();
  auto files = ReadFileList(from, *manifest);
  if (!files.ok()) return files.status();
  if (absl::Status status = RestoreEngine(from + kDbName, manifest->db, ""); !status.ok()) return status;
  if (absl::Status status = RestoreEngine(from + kKeysName, manifest->keys, ""); !status.ok()) return status;
  if (absl::Status status = VerifyFiles(from, *files, progress); !status.ok()) return status;
  return SummaryOf(*manifest);
}

absl::StatusOr<BackupSummary> ReadBackupSummary(const std::string& from) {
  auto manifest = RequireManifest(from);
  if (!manifest.ok()) return manifest.status();
  return SummaryOf(*manifest);
}

}  // namespace duban::store
