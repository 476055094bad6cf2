#include "tests/store/fault_file_system.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "rocksdb/system_clock.h"

namespace duban::store {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

std::string Normal(const std::string& path) { return std::filesystem::path(path).lexically_normal().string(); }
std::string DirectoryOf(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }
std::string NormalDirectory(const std::string& path) { return DirectoryOf(Normal(path + "/file")); }

uint64_t SizeOf(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

class ImpatientClock final : public rocksdb::SystemClockWrapper {
 public:
  ImpatientClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "ImpatientClock"; }
  void SleepForMicroseconds(int) override { SystemClockWrapper::SleepForMicroseconds(100); }
};

class Env final : public rocksdb::EnvWrapper {
 public:
  explicit Env(const std::shared_ptr<rocksdb::FileSystem>& files) : EnvWrapper(rocksdb::NewCompositeEnv(files)) {
    system_clock_ = std::make_shared<ImpatientClock>();
  }
  const char* Name() const override { return "FaultEnv"; }
};

}  // namespace

class FaultFileSystem::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(FaultFileSystem& system, std::string path, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), system_(system), path_(std::move(path)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus status = system_.Change(); !status.ok()) return status;
    const IOStatus status = FSWritableFileWrapper::Append(data, options, debug);
    if (status.ok()) Wrote(data.size());
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    if (IOStatus status = system_.Change(); !status.ok()) return status;
    const IOStatus status = FSWritableFileWrapper::Append(data, options, verification, debug);
    if (status.ok()) Wrote(data.size());
    return status;
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("direct writes");
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&, const rocksdb::DataVerificationInfo&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("direct writes");
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus status = system_.Change(); !status.ok()) return status;
    const IOStatus status = FSWritableFileWrapper::Truncate(size, options, debug);
    if (status.ok()) Truncated(size);
    return status;
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return Synced(); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return Synced(); }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();  // Promises nothing.
  }

 private:
  void Wrote(uint64_t bytes) {
    std::lock_guard lock(system_.mutex_);
    system_.files_[path_].written += bytes;
  }
  void Truncated(uint64_t size) {
    std::lock_guard lock(system_.mutex_);
    Extent& extent = system_.files_[path_];
    extent.written = size;
    extent.synced = std::min(extent.synced, size);
  }
  // The real disk is not asked to sync: here only this bookkeeping decides what survives.
  IOStatus Synced() {
    if (IOStatus status = system_.Change(); !status.ok()) return status;
    std::lock_guard lock(system_.mutex_);
    Extent& extent = system_.files_[path_];
    extent.synced = extent.written;
    return IOStatus::OK();
  }

  FaultFileSystem& system_;
  const std::string path_;
};

class FaultFileSystem::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(FaultFileSystem& system, std::string path, std::unique_ptr<rocksdb::FSDirectory> directory)
      : FSDirectoryWrapper(std::move(directory)), system_(system), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return Synced(); }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*, const rocksdb::DirFsyncOptions&) override {
    return Synced();
  }

 private:
  IOStatus Synced() {
    if (IOStatus status = system_.Change(); !status.ok()) return status;
    system_.SyncDirectory(path_);
    return IOStatus::OK();
  }

  FaultFileSystem& system_;
  const std::string path_;
};

FaultFileSystem::FaultFileSystem(std::string attic, uint64_t seed)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), attic_(std::move(attic)), random_(seed) {
  std::filesystem::create_directories(attic_);
}

void FaultFileSystem::CutPowerAfter(uint64_t changes) {
  std::lock_guard lock(mutex_);
  cut_at_ = changes_ + changes;
}

void FaultFileSystem::CutPower() {
  std::lock_guard lock(mutex_);
  cut_ = true;
}

bool FaultFileSystem::power_is_cut() const {
  std::lock_guard lock(mutex_);
  return cut_;
}

uint64_t FaultFileSystem::changes() const {
  std::lock_guard lock(mutex_);
  return changes_;
}

IOStatus FaultFileSystem::Change() {
  std::lock_guard lock(mutex_);
  ++changes_;
  if (cut_at_ != 0 && changes_ >= cut_at_) cut_ = true;
  return cut_ ? IOStatus::IOError("the power is cut") : IOStatus::OK();
}

void FaultFileSystem::Record(DirectoryChange change) {
  unsynced_[DirectoryOf(change.path)].push_back(std::move(change));
}

void FaultFileSystem::PutAside(const std::string& path, DirectoryChange& change) {
  if (!std::filesystem::exists(path)) return;
  change.kept_aside = attic_ + "/" + std::to_string(++put_aside_);
  change.kept_extent = files_.contains(path) ? files_[path] : Extent{SizeOf(path), SizeOf(path)};
  std::filesystem::create_hard_link(path, change.kept_aside);
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& name, const FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (IOStatus status = Change(); !status.ok()) return status;
  const std::string path = Normal(name);
  {
    std::lock_guard lock(mutex_);
    DirectoryChange change{DirectoryChange::Kind::kCreate, path, {}, {}, {}};
    PutAside(path, change);
    std::filesystem::remove(path);  // So that what was put aside is not what is overwritten.
    Record(std::move(change));
    files_[path] = {};
  }
  std::unique_ptr<rocksdb::FSWritableFile> real;
  const IOStatus status = target()->NewWritableFile(path, options, &real, debug);
  if (status.ok()) *file = std::make_unique<File>(*this, path, std::move(real));
  return status;
}

IOStatus FaultFileSystem::ReopenWritableFile(const std::string& name, const FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (IOStatus status = Change(); !status.ok()) return status;
  const std::string path = Normal(name);
  {
    std::lock_guard lock(mutex_);
    if (!std::filesystem::exists(path)) {
      Record({DirectoryChange::Kind::kCreate, path, {}, {}, {}});
      files_[path] = {};
    } else if (!files_.contains(path)) {
      files_[path] = {SizeOf(path), SizeOf(path)};
    }
  }
  std::unique_ptr<rocksdb::FSWritableFile> real;
  const IOStatus status = target()->ReopenWritableFile(path, options, &real, debug);
  if (status.ok()) *file = std::make_unique<File>(*this, path, std::move(real));
  return status;
}

IOStatus FaultFileSystem::ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                                            std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("files written anew in place");
}

IOStatus FaultFileSystem::NewRandomRWFile(const std::string&, const FileOptions&,
                                          std::unique_ptr<rocksdb::FSRandomRWFile>*, IODebugContext*) {
  return IOStatus::NotSupported("files written anywhere");
}

IOStatus FaultFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                       std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> real;
  const IOStatus status = target()->NewDirectory(path, options, &real, debug);
  if (status.ok()) *directory = std::make_unique<Directory>(*this, NormalDirectory(path), std::move(real));
  return status;
}

IOStatus FaultFileSystem::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  if (IOStatus status = Change(); !status.ok()) return status;
  const std::string path = Normal(name);
  std::lock_guard lock(mutex_);
  DirectoryChange change{DirectoryChange::Kind::kDelete, path, {}, {}, {}};
  PutAside(path, change);
  const IOStatus status = target()->DeleteFile(path, options, debug);
  if (!status.ok()) return status;
  Record(std::move(change));
  files_.erase(path);
  return status;
}

IOStatus FaultFileSystem::RenameFile(const std::string& from_name, const std::string& to_name, const IOOptions& options,
                                     IODebugContext* debug) {
  if (IOStatus status = Change(); !status.ok()) return status;
  const std::string from = Normal(from_name);
  const std::string to = Normal(to_name);
  std::lock_guard lock(mutex_);
  DirectoryChange change{DirectoryChange::Kind::kRename, from, to, {}, {}};
  PutAside(to, change);
  const IOStatus status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  Record(std::move(change));
  files_.erase(to);
  if (const auto moved = files_.extract(from); !moved.empty()) files_[to] = moved.mapped();
  return status;
}

IOStatus FaultFileSystem::LinkFile(const std::string& from_name, const std::string& to_name, const IOOptions& options,
                                   IODebugContext* debug) {
  if (IOStatus status = Change(); !status.ok()) return status;
  const std::string from = Normal(from_name);
  const std::string to = Normal(to_name);
  std::lock_guard lock(mutex_);
  const IOStatus status = target()->LinkFile(from, to, options, debug);
  if (!status.ok()) return status;
  Record({DirectoryChange::Kind::kCreate, to, {}, {}, {}});
  if (files_.contains(from)) files_[to] = files_[from];
  return status;
}

IOStatus FaultFileSystem::Truncate(const std::string& name, size_t size, const IOOptions& options,
                                   IODebugContext* debug) {
  if (IOStatus status = Change(); !status.ok()) return status;
  const IOStatus status = target()->Truncate(name, size, options, debug);
  std::lock_guard lock(mutex_);
  if (const auto file = files_.find(Normal(name)); status.ok() && file != files_.end()) {
    file->second.written = size;
    file->second.synced = std::min<uint64_t>(file->second.synced, size);
  }
  return status;
}

void FaultFileSystem::SyncDirectory(const std::string& path) {
  std::lock_guard lock(mutex_);
  const auto found = unsynced_.find(path);
  if (found == unsynced_.end()) return;
  for (const DirectoryChange& change : found->second) {
    if (!change.kept_aside.empty()) std::filesystem::remove(change.kept_aside);
  }
  unsynced_.erase(found);
}

void FaultFileSystem::Undo(const DirectoryChange& change) {
  const bool renamed = change.kind == DirectoryChange::Kind::kRename;
  const std::string& now_at = renamed ? change.new_path : change.path;
  if (renamed) {
    std::filesystem::rename(now_at, change.path);
    if (const auto moved = files_.extract(now_at); !moved.empty()) files_[change.path] = moved.mapped();
  } else if (change.kind == DirectoryChange::Kind::kCreate) {
    std::filesystem::remove(now_at);
    files_.erase(now_at);
  }
  if (change.kept_aside.empty()) return;
  std::filesystem::rename(change.kept_aside, now_at);
  files_[now_at] = change.kept_extent;
}

void FaultFileSystem::Restore() {
  std::lock_guard lock(mutex_);
  const auto some_of = [this](uint64_t n) { return random_() % 2 == 0 ? 0 : random_() % (n + 1); };
  for (auto& [directory, changes] : unsynced_) {
    const size_t survive = some_of(changes.size());
    for (size_t i = changes.size(); i > survive; --i) Undo(changes[i - 1]);
    for (size_t i = 0; i < survive; ++i) {
      if (!changes[i].kept_aside.empty()) std::filesystem::remove(changes[i].kept_aside);
    }
  }
  for (const auto& [path, extent] : files_) {
    std::filesystem::resize_file(path, extent.synced + some_of(extent.written - extent.synced));
  }
  unsynced_.clear();
  files_.clear();
  cut_at_ = 0;
  cut_ = false;
}

std::shared_ptr<rocksdb::Env> FaultEnv(std::shared_ptr<FaultFileSystem> files) { return std::make_shared<Env>(files); }

}  // namespace duban::store
