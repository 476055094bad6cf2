#include "store/file_store.h"

#include <openssl/evp.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "store/aead.h"
#include "store/disk_files.h"
#include "store/keys.h"

namespace duban::store {
namespace {

// The head of a file: mark, length of the facts, facts (encrypted, bound to the file's name).
constexpr absl::string_view kMark = "DUBANFL1";
constexpr size_t kHeadBytes = 16;
constexpr size_t kDigestBytes = 32;
constexpr size_t kFixedFactsBytes = 8 + kDigestBytes;
constexpr size_t kSealedFactsBytesMax = kFixedFactsBytes + kFileNoteBytesMax + kAeadExtraBytes;
constexpr char kPart[] = ".part";
constexpr char kDone[] = ".done";

std::string PartOf(const std::string& name) { return absl::StrCat("uploads/", name, kPart); }
std::string DoneOf(const std::string& name) { return absl::StrCat("uploads/", name, kDone); }
std::string PlaceOf(const std::string& name) { return absl::StrCat("files/", name.substr(0, 2), "/", name); }
std::string KeyOf(const std::string& name) { return absl::StrCat("file:", name); }

absl::Status CheckName(absl::string_view name) {
  const bool good =
      name.size() >= 2 && name.size() <= kFileNameBytesMax &&
      std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); });
  return good ? absl::OkStatus() : absl::InvalidArgumentError("a file's name is lower-case letters and digits");
}

absl::Status Changed(const std::string& path) {
  return absl::DataLossError(
      absl::StrCat("文件 ", path, " 已被改动或损坏 / the file ", path, " was changed or damaged"));
}

std::string EncodeFacts(const FileFacts& facts) {
  return absl::StrCat(NumberKey(facts.bytes), facts.sha256, facts.note);
}

uint64_t Chunks(uint64_t bytes) { return (bytes + kFileChunkBytes - 1) / kFileChunkBytes; }
// Plaintext bytes of a chunk.
size_t ChunkBytes(const FileFacts& facts, uint64_t index) {
  return std::min<uint64_t>(kFileChunkBytes, facts.bytes - index * kFileChunkBytes);
}

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void Add(absl::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string Finish() {
    std::string out(kDigestBytes, '\0');
    EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
    return out;
  }

 private:
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

// A file's head, read and opened.
struct FileStore::Opened {
  std::string path;
  std::string key;
  FileFacts facts;
  uint64_t head_bytes = 0;
  std::string bound;  // SHA-256 of the head: every chunk is bound to it and to its index.

  uint64_t PlaceOfChunk(uint64_t index) const { return head_bytes + index * (kFileChunkBytes + kAeadExtraBytes); }
  std::string BoundOf(uint64_t index) const { return absl::StrCat(bound, NumberKey(index)); }
};

std::mutex& FileStore::LockOf(const std::string& name) const {
  return locks_[std::hash<std::string>()(name) % locks_.size()];
}

absl::StatusOr<FileStore::Opened> FileStore::OpenAt(const std::string& path, const std::string& name) const {
  Opened out;
  out.path = path;
  auto head = space_->Read(path, 0, kHeadBytes);
  if (!head.ok()) return head.status();
  if (head->size() < kHeadBytes || !absl::StartsWith(*head, kMark)) return Changed(path);
  const uint64_t sealed_bytes = ParseNumber(absl::string_view(*head).substr(kMark.size())).value_or(0);
  if (sealed_bytes > kSealedFactsBytesMax) return Changed(path);
  auto sealed = space_->Read(path, kHeadBytes, sealed_bytes);
  if (!sealed.ok()) return sealed.status();
  auto key = vault_.Get(KeyOf(name));
  if (!key.ok()) return key.status();
  out.key = *std::move(key);
  const std::optional<std::string> facts = Decrypt(out.key, name, *sealed);
  if (!facts.has_value() || facts->size() < kFixedFactsBytes) return Changed(path);
  out.facts.bytes = ParseNumber(absl::string_view(*facts).substr(0, 8)).value_or(0);
  out.facts.sha256 = facts->substr(8, kDigestBytes);
  out.facts.note = facts->substr(kFixedFactsBytes);
  out.head_bytes = kHeadBytes + sealed_bytes;
  out.bound = Sha256(absl::StrCat(*head, *sealed));
  return out;
}

absl::StatusOr<std::string> FileStore::ReadChunk(const Opened& file, uint64_t index) const {
  auto sealed = space_->Read(file.path, file.PlaceOfChunk(index), ChunkBytes(file.facts, index) + kAeadExtraBytes);
  if (!sealed.ok()) return sealed.status();
  std::optional<std::string> chunk = Decrypt(file.key, file.BoundOf(index), *sealed);
  if (!chunk.has_value() || chunk->size() != ChunkBytes(file.facts, index)) return Changed(file.path);
  return *std::move(chunk);
}

// How far a part has come. A chunk is synced before the next one is taken, so a crash can have torn the last one only.
absl::StatusOr<FileState> FileStore::Progress(const std::string& name) const {
  auto file = OpenAt(PartOf(name), name);
  if (!file.ok()) return file.status();
  auto size = space_->Size(file->path);
  if (!size.ok()) return size.status();
  const uint64_t body = *size - file->head_bytes;
  uint64_t chunks = body / (kFileChunkBytes + kAeadExtraBytes);
  const uint64_t rest = body % (kFileChunkBytes + kAeadExtraBytes);
  const uint64_t all = Chunks(file->facts.bytes);
  if (chunks + 1 == all && rest == ChunkBytes(file->facts, chunks) + kAeadExtraBytes) ++chunks;
  if (chunks > 0) {
    auto last = ReadChunk(*file, chunks - 1);
    if (absl::IsDataLoss(last.status())) {
      --chunks;
    } else if (!last.ok()) {
      return last.status();
    }
  }
  FileState out;
  out.received = std::min(chunks * kFileChunkBytes, file->facts.bytes);
  out.facts = std::move(file->facts);
  return out;
}

absl::StatusOr<FileState> FileStore::Find(const std::string& name) const {
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  auto file = OpenAt(PlaceOf(name), name);
  if (file.ok()) return FileState{file->facts, file->facts.bytes, true};
  if (!absl::IsNotFound(file.status())) return file.status();
  return Progress(name);
}

absl::StatusOr<FileState> FileStore::Begin(const std::string& name, const FileFacts& facts,
                                           absl::string_view randomness) {
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  if (facts.bytes == 0 || facts.sha256.size() != kDigestBytes || facts.note.size() > kFileNoteBytesMax) {
    return absl::InvalidArgumentError("a file has at least one byte, a digest of 32 and a short note");
  }
  std::lock_guard lock(LockOf(name));
  auto found = Find(name);
  const auto torn = [&] {  // While its head was written: it holds nothing yet.
    auto size = space_->Size(PartOf(name));
    return absl::IsDataLoss(found.status()) && !space_->Size(PlaceOf(name)).ok() && size.ok() &&
           *size <= kHeadBytes + kSealedFactsBytesMax;
  };
  if (absl::IsNotFound(found.status()) || torn()) return BeginAnew(name, facts, randomness);
  if (!found.ok()) return found;
  if (found->facts.bytes != facts.bytes || found->facts.sha256 != facts.sha256) {
    return absl::AlreadyExistsError("a file of that name has another content");
  }
  // All had arrived, and a crash came before the end.
  if (!found->complete && found->received == found->facts.bytes) return Finish(name);
  return found;
}

absl::StatusOr<FileState> FileStore::BeginAnew(const std::string& name, const FileFacts& facts,
                                               absl::string_view randomness) {
  auto key = vault_.Create(KeyOf(name));
  if (!key.ok()) return key.status();
  auto sealed = Encrypt(*key, randomness, name, EncodeFacts(facts));
  if (!sealed.ok()) return sealed.status();
  const std::string head = absl::StrCat(kMark, NumberKey(sealed->size()), *sealed);
  if (absl::Status status = space_->Write(PartOf(name), 0, head); !status.ok()) return status;
  return FileState{facts, 0, false};
}

absl::StatusOr<FileState> FileStore::Append(const std::string& name, uint64_t offset, absl::string_view data,
                                            absl::string_view randomness) {
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  std::lock_guard lock(LockOf(name));
  auto state = Find(name);
  if (!state.ok() || state->complete || state->received != offset) return state;
  auto file = OpenAt(PartOf(name), name);
  if (!file.ok()) return file.status();
  const uint64_t index = offset / kFileChunkBytes;
  if (offset == file->facts.bytes) return Finish(name);
  if (data.size() != ChunkBytes(file->facts, index)) {
    return absl::InvalidArgumentError(absl::StrCat("the next chunk has ", ChunkBytes(file->facts, index), " bytes"));
  }
  auto sealed = Encrypt(file->key, randomness, file->BoundOf(index), data);
  if (!sealed.ok()) return sealed.status();
  if (absl::Status status = space_->Write(file->path, file->PlaceOfChunk(index), *sealed); !status.ok()) return status;
  state->received += data.size();
  return state->received == state->facts.bytes ? Finish(name) : state;
}

// Reads back what lies there: the digest is of the disk's bytes, not of those that came by.
absl::StatusOr<FileState> FileStore::Finish(const std::string& name) {
  auto file = OpenAt(PartOf(name), name);
  if (!file.ok()) return file.status();
  Digest digest;
  for (uint64_t i = 0; i < Chunks(file->facts.bytes); ++i) {
    auto chunk = ReadChunk(*file, i);
    if (absl::IsDataLoss(chunk.status())) RemoveAll(name).IgnoreError();  // It would never end; it may begin anew.
    if (!chunk.ok()) return chunk.status();
    digest.Add(*chunk);
  }
  if (digest.Finish() != file->facts.sha256) {
    if (absl::Status status = RemoveAll(name); !status.ok()) return status;
    return absl::AbortedError("the bytes received have another digest");
  }
  // The mark first: what is complete and has none is taken to be settled.
  if (absl::Status status = space_->Write(DoneOf(name), 0, ""); !status.ok()) return status;
  if (absl::Status status = space_->Rename(file->path, PlaceOf(name)); !status.ok()) return status;
  return FileState{file->facts, file->facts.bytes, true};
}

absl::StatusOr<std::string> FileStore::Read(const std::string& name, uint64_t offset) const {
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  auto file = OpenAt(PlaceOf(name), name);
  if (!file.ok()) return file.status();
  if (offset >= file->facts.bytes) return std::string();
  auto chunk = ReadChunk(*file, offset / kFileChunkBytes);
  if (!chunk.ok()) return chunk.status();
  return chunk->substr(offset % kFileChunkBytes);
}

absl::StatusOr<std::vector<std::string>> FileStore::Open() const {
  auto listed = space_->List("uploads");
  if (!listed.ok()) return listed.status();
  std::vector<std::string> names;
  for (const std::string& entry : *listed) {
    const std::string name = entry.substr(0, entry.find('.'));
    if (CheckName(name).ok() && (names.empty() || names.back() != name)) names.push_back(name);
  }
  return names;
}

absl::Status FileStore::Settle(const std::string& name) {
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  std::lock_guard lock(LockOf(name));
  return space_->Remove(DoneOf(name));
}

// The key stays: the same name is the same bytes, and a backup may hold them as they were sealed the first time.
absl::Status FileStore::RemoveAll(const std::string& name) {
  if (absl::Status status = space_->Remove(PlaceOf(name)); !status.ok()) return status;
  // Last what makes Open name it: a crash on the way leaves something to find.
  if (absl::Status status = space_->Remove(PartOf(name)); !status.ok()) return status;
  return space_->Remove(DoneOf(name));
}

absl::Status FileStore::Drop(const std::string& name) {
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  std::lock_guard lock(LockOf(name));
  return RemoveAll(name);
}

absl::Status FileStore::Erase(const std::string& name) {
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  std::lock_guard lock(LockOf(name));
  if (absl::Status status = vault_.Destroy(KeyOf(name)); !status.ok()) return status;
  return RemoveAll(name);
}

bool FileStore::Holds(const std::string& name) const {
  return space_->Size(PlaceOf(name)).ok() || space_->Size(PartOf(name)).ok();
}

}  // namespace duban::store
