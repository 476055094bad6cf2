#include "store/file_space.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "store/disk_files.h"

namespace duban::store {
namespace {

namespace fs = std::filesystem;

class DiskSpace final : public FileSpace {
 public:
  explicit DiskSpace(std::string directory) : directory_(std::move(directory)) {}

  absl::StatusOr<uint64_t> Size(const std::string& path) const override { return FileSize(At(path)); }

  absl::StatusOr<std::string> Read(const std::string& path, uint64_t offset, size_t n) const override {
    return ReadFileAt(At(path), offset, n);
  }

  absl::Status Write(const std::string& path, uint64_t offset, absl::string_view bytes) override {
    if (absl::Status status = MakeParent(path); !status.ok()) return status;
    return WriteFileAt(At(path), offset, bytes);
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    if (absl::Status status = MakeParent(to); !status.ok()) return status;
    return RenameFile(At(from), At(to));
  }

  absl::Status Remove(const std::string& path) override { return RemoveFile(At(path)); }

  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) const override {
    std::vector<std::string> names;
    std::error_code error;
    auto entry = fs::directory_iterator(At(directory), error);
    for (; !error && entry != fs::end(entry); entry.increment(error))
      names.push_back(entry->path().filename().string());
    if (error == std::errc::no_such_file_or_directory) return names;
    if (error) return absl::UnavailableError(absl::StrCat("listing ", At(directory), ": ", error.message()));
    std::sort(names.begin(), names.end());
    return names;
  }

  absl::StatusOr<uint64_t> FreeBytes() const override {
    std::error_code error;
    const fs::space_info space = fs::space(directory_, error);
    if (error) return absl::UnavailableError(absl::StrCat("looking at ", directory_, ": ", error.message()));
    return space.available;
  }

 private:
  std::string At(const std::string& path) const { return absl::StrCat(directory_, "/", path); }

  // A new directory's name must be as durable as what is written into it.
  absl::Status MakeParent(const std::string& path) const {
    const fs::path parent = fs::path(At(path)).parent_path();
    std::error_code error;
    if (fs::is_directory(parent, error)) return absl::OkStatus();
    if (absl::Status status = MakeDirectories(parent.string()); !status.ok()) return status;
    for (fs::path made = parent; made != directory_; made = made.parent_path()) {
      if (absl::Status status = SyncDirectory(made.parent_path().string()); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  const std::string directory_;
};

class MemorySpace final : public FileSpace {
 public:
  absl::StatusOr<uint64_t> Size(const std::string& path) const override {
    std::lock_guard lock(mutex_);
    const auto found = files_.find(path);
    if (found == files_.end()) return absl::NotFoundError(path);
    return found->second.size();
  }

  absl::StatusOr<std::string> Read(const std::string& path, uint64_t offset, size_t n) const override {
    std::lock_guard lock(mutex_);
    const auto found = files_.find(path);
    if (found == files_.end()) return absl::NotFoundError(path);
    return offset >= found->second.size() ? std::string() : found->second.substr(offset, n);
  }

  absl::Status Write(const std::string& path, uint64_t offset, absl::string_view bytes) override {
    std::lock_guard lock(mutex_);
    std::string& file = files_[path];
    file.resize(offset);
    file.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    std::lock_guard lock(mutex_);
    const auto found = files_.find(from);
    if (found == files_.end()) return absl::NotFoundError(from);
    std::string bytes = std::move(found->second);
    files_.erase(found);
    files_[to] = std::move(bytes);
    return absl::OkStatus();
  }

  absl::Status Remove(const std::string& path) override {
    std::lock_guard lock(mutex_);
    files_.erase(path);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) const override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [path, bytes] : files_) {
      absl::string_view name = path;
      if (absl::ConsumePrefix(&name, directory + "/") && name.find('/') == name.npos) names.emplace_back(name);
    }
    return names;
  }

  absl::StatusOr<uint64_t> FreeBytes() const override { return uint64_t{1} << 40; }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> files_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FileSpace>> OpenDiskSpace(const std::string& directory) {
  if (absl::Status status = MakeDirectories(directory); !status.ok()) return status;
  return std::unique_ptr<FileSpace>(std::make_unique<DiskSpace>(directory));
}

std::unique_ptr<FileSpace> NewMemorySpace() { return std::make_unique<MemorySpace>(); }

}  // namespace duban::store
