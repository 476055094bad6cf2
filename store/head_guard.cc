#include "store/head_guard.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "absl/strings/str_cat.h"
#include "store/disk_files.h"
#include "store/keys.h"

namespace duban::store {
namespace {

constexpr size_t kSlotBytes = 4096;
constexpr absl::string_view kMagic = "DUBANHD1";
constexpr size_t kHashBytes = 32;
constexpr size_t kBodyBytes = 8 + 8 + 8 + kHashBytes;  // magic, sequence, position, hash of the record

struct Slot {
  uint64_t sequence = 0;
  Position position = 0;
  std::string record_hash;
};

std::string EncodeSlot(const Slot& slot) {
  std::string bytes(kMagic);
  AppendNumber(bytes, slot.sequence);
  AppendNumber(bytes, slot.position);
  bytes += slot.record_hash;
  bytes += Sha256(bytes);
  bytes.resize(kSlotBytes);
  return bytes;
}

std::optional<Slot> DecodeSlot(absl::string_view bytes) {
  const absl::string_view body = bytes.substr(0, kBodyBytes);
  if (body.substr(0, 8) != kMagic || bytes.substr(kBodyBytes, kHashBytes) != Sha256(body)) return std::nullopt;
  return Slot{*ParseNumber(body.substr(8, 8)), *ParseNumber(body.substr(16, 8)), std::string(body.substr(24))};
}

absl::Status Trouble(absl::string_view doing, const std::string& path) {
  return absl::UnavailableError(absl::StrCat(doing, " ", path, ": ", std::strerror(errno)));
}

bool WriteFully(int file, absl::string_view bytes, off_t offset) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file, bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(n);
    offset += n;
  }
  return true;
}

// Whole or not at all: a file beside it, synced, then renamed.
absl::Status CreateFile(const std::string& path) {
  const std::string beside = path + ".new";
  const int file = ::open(beside.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Trouble("creating", beside);
  const std::string empty = EncodeSlot({0, 0, std::string(kHashBytes, '\0')});
  const bool ok = WriteFully(file, empty + std::string(kSlotBytes, '\0'), 0) && ::fsync(file) == 0;
  ::close(file);
  if (!ok || ::rename(beside.c_str(), path.c_str()) != 0) return Trouble("writing", path);
  return SyncDirectory(std::filesystem::path(path).parent_path().string());
}

absl::string_view HowToGoOn() {
  return "请从备份恢复；若接受丢失，删除该文件后重新启动 / "
         "restore from a backup, or delete this file and start again to accept the loss";
}

}  // namespace

HeadGuard::~HeadGuard() { ::close(file_); }

absl::StatusOr<std::unique_ptr<HeadGuard>> HeadGuard::Open(const std::string& path) {
  int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) {
    if (absl::Status status = CreateFile(path); !status.ok()) return status;
    file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  }
  if (file < 0) return Trouble("opening", path);
  std::unique_ptr<HeadGuard> guard(new HeadGuard(path, file));
  if (absl::Status status = guard->Load(); !status.ok()) return status;
  return guard;
}

absl::Status HeadGuard::Load() {
  std::optional<Slot> newest;
  for (off_t offset : {off_t{0}, off_t{kSlotBytes}}) {
    std::string bytes(kSlotBytes, '\0');
    if (::pread(file_, bytes.data(), bytes.size(), offset) < 0) return Trouble("reading", path_);
    std::optional<Slot> slot = DecodeSlot(bytes);
    if (slot && (!newest || slot->sequence > newest->sequence)) newest = std::move(slot);
  }
  if (!newest) {
    return absl::DataLossError(absl::StrCat(
        path_, " 已损坏，无法核对日志是否完整 / is damaged, so that nothing says how long the log was: ", HowToGoOn()));
  }
  sequence_ = newest->sequence;
  position_ = newest->position;
  record_hash_ = newest->record_hash;
  return absl::OkStatus();
}

absl::Status HeadGuard::Check(const Store& store) const {
  if (store.head() < position_) {
    return absl::DataLossError(absl::StrCat("日志只到第 ", store.head(), " 笔，而已落盘的至少有 ", position_,
                                            " 笔 / the log holds ", store.head(), " commits, but ", position_,
                                            " were durable (", path_, "): ", HowToGoOn()));
  }
  if (position_ == 0) return absl::OkStatus();
  const auto record = store.ReadOne(position_ - 1);
  if (!record.ok()) return record.status();
  if (Sha256(*record) == record_hash_) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("位置 ", position_ - 1, " 的记录与落盘时不同 / the record at position ",
                                          position_ - 1, " of ", store.head(), " is not the one that was durable (",
                                          path_, "): ", HowToGoOn()));
}

absl::Status HeadGuard::Write(Position position, absl::string_view last_record) {
  const std::string hash = position == 0 ? std::string(kHashBytes, '\0') : Sha256(last_record);
  const uint64_t sequence = sequence_ + 1;
  const off_t offset = sequence % 2 == 0 ? 0 : kSlotBytes;
  if (!WriteFully(file_, EncodeSlot({sequence, position, hash}), offset) || ::fdatasync(file_) != 0) {
    return Trouble("writing", path_);
  }
  sequence_ = sequence;
  position_ = position;
  record_hash_ = hash;
  return absl::OkStatus();
}

}  // namespace duban::store
