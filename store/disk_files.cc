#include "store/disk_files.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace duban::store {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

absl::Status Trouble(absl::string_view doing, const std::string& path) {
  const std::string text = absl::StrCat(doing, " ", path, ": ", std::strerror(errno));
  if (errno == ENOSPC || errno == EDQUOT) return absl::ResourceExhaustedError(text);
  if (errno == ENOENT) return absl::NotFoundError(text);
  return absl::UnavailableError(text);
}

// A descriptor that closes itself.
class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool ok() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  const int fd_;
};

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void Add(absl::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string Finish() {
    std::string out(32, '\0');
    EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
    return out;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

// A piece at most; empty at the end.
absl::StatusOr<absl::string_view> ReadPiece(const File& file, const std::string& path, std::vector<char>& space) {
  while (true) {
    const ssize_t n = ::read(file.fd(), space.data(), space.size());
    if (n >= 0) return absl::string_view(space.data(), static_cast<size_t>(n));
    if (errno != EINTR) return Trouble("reading", path);
  }
}

bool WriteFully(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

std::string ParentOf(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

// `write` fills the new file.
absl::Status WriteBeside(const std::string& path, absl::FunctionRef<absl::Status(const File&)> write) {
  const std::string beside = path + ".new";
  {
    const File file(beside, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.ok()) return Trouble("creating", beside);
    if (absl::Status status = write(file); !status.ok()) return status;
    if (::fsync(file.fd()) != 0) return Trouble("syncing", beside);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return Trouble("naming", path);
  return SyncDirectory(ParentOf(path));
}

}  // namespace

std::string Sha256(absl::string_view bytes) {
  Digest digest;
  digest.Add(bytes);
  return digest.Finish();
}

std::string Sha256Hex(absl::string_view bytes) { return absl::BytesToHexString(Sha256(bytes)); }

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.ok()) return Trouble("opening", path);
  std::vector<char> space(kPieceBytes);
  std::string out;
  while (true) {
    auto piece = ReadPiece(file, path, space);
    if (!piece.ok()) return piece.status();
    if (piece->empty()) return out;
    out.append(piece->data(), piece->size());
  }
}

absl::Status WriteWholeFile(const std::string& path, absl::string_view bytes) {
  return WriteBeside(path, [&](const File& file) {
    return WriteFully(file.fd(), bytes) ? absl::OkStatus() : Trouble("writing", path);
  });
}

absl::StatusOr<FileSum> CopyWholeFile(const std::string& from, const std::string& to,
                                      absl::FunctionRef<bool()> going_on) {
  const File source(from, O_RDONLY);
  if (!source.ok()) return Trouble("opening", from);
  FileSum sum;
  Digest digest;
  std::vector<char> space(kPieceBytes);
  absl::Status copied = WriteBeside(to, [&](const File& target) -> absl::Status {
    while (true) {
      if (!going_on()) return absl::CancelledError(absl::StrCat("copying ", from, " was stopped"));
      auto piece = ReadPiece(source, from, space);
      if (!piece.ok()) return piece.status();
      if (piece->empty()) return absl::OkStatus();
      if (!WriteFully(target.fd(), *piece)) return Trouble("writing", to);
      digest.Add(*piece);
      sum.bytes += piece->size();
    }
  });
  if (!copied.ok()) return copied;
  sum.sha256 = absl::BytesToHexString(digest.Finish());
  return sum;
}

absl::StatusOr<FileSum> SumOfFile(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.ok()) return Trouble("opening", path);
  std::vector<char> space(kPieceBytes);
  FileSum sum;
  Digest digest;
  while (true) {
    auto piece = ReadPiece(file, path, space);
    if (!piece.ok()) return piece.status();
    if (piece->empty()) break;
    digest.Add(*piece);
    sum.bytes += piece->size();
  }
  sum.sha256 = absl::BytesToHexString(digest.Finish());
  return sum;
}

absl::StatusOr<std::string> ReadFileAt(const std::string& path, uint64_t offset, size_t n) {
  const File file(path, O_RDONLY);
  if (!file.ok()) return Trouble("opening", path);
  std::string out(n, '\0');
  size_t got = 0;
  while (got < n) {
    const ssize_t one = ::pread(file.fd(), out.data() + got, n - got, static_cast<off_t>(offset + got));
    if (one < 0 && errno == EINTR) continue;
    if (one < 0) return Trouble("reading", path);
    if (one == 0) break;
    got += static_cast<size_t>(one);
  }
  out.resize(got);
  return out;
}

absl::Status WriteFileAt(const std::string& path, uint64_t offset, absl::string_view bytes) {
  struct stat known;
  const bool is_new = ::stat(path.c_str(), &known) != 0;
  {
    const File file(path, O_WRONLY | O_CREAT);
    if (!file.ok()) return Trouble("creating", path);
    if (::ftruncate(file.fd(), static_cast<off_t>(offset)) != 0 ||
        ::lseek(file.fd(), static_cast<off_t>(offset), SEEK_SET) < 0 || !WriteFully(file.fd(), bytes)) {
      return Trouble("writing", path);
    }
    if (::fsync(file.fd()) != 0) return Trouble("syncing", path);
  }
  return is_new ? SyncDirectory(ParentOf(path)) : absl::OkStatus();
}

absl::StatusOr<uint64_t> FileSize(const std::string& path) {
  struct stat known;
  if (::stat(path.c_str(), &known) != 0) return Trouble("looking at", path);
  return static_cast<uint64_t>(known.st_size);
}

absl::Status RenameFile(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return Trouble("naming", to);
  if (absl::Status status = SyncDirectory(ParentOf(to)); !status.ok()) return status;
  return SyncDirectory(ParentOf(from));
}

absl::Status RemoveFile(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return SyncDirectory(ParentOf(path));
  return errno == ENOENT ? absl::OkStatus() : Trouble("removing", path);
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return absl::OkStatus();
  errno = error.value();
  return Trouble("creating", path);
}

absl::Status SyncDirectory(const std::string& path) {
  const File directory(path, O_RDONLY | O_DIRECTORY);
  if (!directory.ok()) return Trouble("opening", path);
  return ::fsync(directory.fd()) == 0 ? absl::OkStatus() : Trouble("syncing", path);
}

absl::Status SyncFileSystem(const std::string& path) {
  const File directory(path, O_RDONLY | O_DIRECTORY);
  if (!directory.ok()) return Trouble("opening", path);
  return ::syncfs(directory.fd()) == 0 ? absl::OkStatus() : Trouble("syncing", path);
}

}  // namespace duban::store
