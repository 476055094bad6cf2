// Files: bytes that arrive in chunks, lie encrypted under a key of their own, and can be forgotten.
//
// A file is begun with its size and digest, grows by whole chunks, and is complete when its digest agrees; from then on
// it never changes. Each chunk is durable when Append returns and authenticated whenever it is read: what was changed
// on the disk is DATA_LOSS, never wrong bytes. What a file is for is its owner's affair: the store keeps a note for
// him.
//
//   uploads/<name>.part   one that is not complete
//   uploads/<name>.done   an empty mark: complete, and nobody has said yet that it stays (Settle)
//   files/<xx>/<name>     complete
//
// A file's key lies in the vault as "file:<name>". Destroying it forgets the bytes wherever copies of them lie.
// README.md gives the bytes. Threads: any. Errors of the space and the vault pass through.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "store/file_space.h"
#include "store/key_vault.h"

namespace duban::store {

// Plaintext bytes of a chunk; the last one of a file may be shorter.
inline constexpr size_t kFileChunkBytes = 1 << 20;
// Bounds: beyond, INVALID_ARGUMENT.
inline constexpr size_t kFileNoteBytesMax = 4096;
inline constexpr size_t kFileNameBytesMax = 128;
// Random bytes that Begin and Append take.
inline constexpr size_t kFileRandomBytes = 12;

// What is known of a file from its beginning; kept encrypted like its bytes.
struct FileFacts {
  uint64_t bytes = 0;  // At least 1.
  std::string sha256;  // 32 bytes.
  std::string note;    // The owner's.
};

struct FileState {
  FileFacts facts;
  uint64_t received = 0;  // Durable bytes, from the beginning.
  bool complete = false;
};

class FileStore {
 public:
  // Both outlive it.
  FileStore(std::unique_ptr<FileSpace> space, KeyVault& vault) : space_(std::move(space)), vault_(vault) {}

  // Begins a file, or finds what there is of it. Names: lower-case letters and digits, at least 2.
  //   ALREADY_EXISTS: there is a file of that name with another size or digest.
  //   FAILED_PRECONDITION: it has been erased.
  absl::StatusOr<FileState> Begin(const std::string& name, const FileFacts& facts, absl::string_view randomness);

  // Adds the next bytes: a whole chunk, or the rest. The last ones complete the file. Where `offset` is not where the
  // file ends nothing is added, and the state says where it does.
  //   NOT_FOUND: no such file. INVALID_ARGUMENT: not a whole chunk.
  //   ABORTED: all is there and the digest is another: the file is gone.
  absl::StatusOr<FileState> Append(const std::string& name, uint64_t offset, absl::string_view data,
                                   absl::string_view randomness);

  // NOT_FOUND when there is no such file or its key is gone. DATA_LOSS when what is there was changed.
  absl::StatusOr<FileState> Find(const std::string& name) const;

  // The bytes of a complete file from `offset` to the end of the chunk in which it lies; empty at the file's end.
  // Errors as Find; NOT_FOUND also while it is not complete.
  absl::StatusOr<std::string> Read(const std::string& name, uint64_t offset) const;

  // Files that were begun and neither settled nor removed, by name.
  absl::StatusOr<std::vector<std::string>> Open() const;
  // It stays.
  absl::Status Settle(const std::string& name);
  // Removes a file to which nothing that lasts refers. The name may be begun anew.
  absl::Status Drop(const std::string& name);
  // Destroys the key, then removes the bytes. The name never gets another file. After an error, call again.
  absl::Status Erase(const std::string& name);
  // Whether any bytes of it are there.
  bool Holds(const std::string& name) const;

  absl::StatusOr<uint64_t> FreeBytes() const { return space_->FreeBytes(); }

 private:
  struct Opened;

  absl::StatusOr<Opened> OpenAt(const std::string& path, const std::string& name) const;
  absl::StatusOr<std::string> ReadChunk(const Opened& file, uint64_t index) const;
  absl::StatusOr<FileState> Progress(const std::string& name) const;
  absl::StatusOr<FileState> Finish(const std::string& name);
  absl::StatusOr<FileState> BeginAnew(const std::string& name, const FileFacts& facts, absl::string_view randomness);
  absl::Status RemoveAll(const std::string& name);
  std::mutex& LockOf(const std::string& name) const;

  const std::unique_ptr<FileSpace> space_;
  KeyVault& vault_;
  mutable std::array<std::mutex, 64> locks_;  // One writer of a file: a name's hash chooses.
};

}  // namespace duban::store
