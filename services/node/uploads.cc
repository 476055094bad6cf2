#include "services/node/uploads.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/node/limits.h"
#include "services/node/marks.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Kind;
using engine::Reject;
using engine::Table;

namespace {

constexpr absl::string_view kPrefix = "files/";
constexpr size_t kSha256Bytes = 32;

absl::Status DiskFull() { return absl::ResourceExhaustedError("DISK_FULL: too little room is left for files"); }

absl::Status Expiring() {
  return absl::UnavailableError(
      "FILE_EXPIRING: what was sent of it before has expired and is being removed; try again");
}

absl::Status TooManyUploads() {
  return absl::ResourceExhaustedError("TOO_MANY_UPLOADS: too many files wait to be completed or used");
}

engine::Verdict CheckTitle(const std::string& title) {
  const bool bad =
      title.empty() || title.size() > limits::kFileTitleBytesMax || title == "." || title == ".." ||
      std::any_of(title.begin(), title.end(), [](char c) { return c == '/' || c == '\\' || absl::ascii_iscntrl(c); });
  if (!bad) return engine::Nothing{};
  return Reject(Kind::kInvalid, "FILE_TITLE_INVALID",
                absl::StrCat("文件名应为 1 至 ", limits::kFileTitleBytesMax, " 字节，不含目录和控制字符"),
                absl::StrCat("a file's title has 1 to ", limits::kFileTitleBytesMax,
                             " bytes, without directories and control characters"),
                {{"field", "title"}});
}

engine::Verdict CheckContent(const v1::BeginUploadRequest& request) {
  if (request.bytes() < 1) {
    return Reject(Kind::kInvalid, "FILE_EMPTY", "文件是空的，或没有给出大小 bytes",
                  "the file is empty, or `bytes` is missing", {{"field", "bytes"}});
  }
  if (request.bytes() > limits::kFileBytesMax) {
    return Reject(Kind::kInvalid, "FILE_TOO_LARGE",
                  absl::StrCat("文件超过 ", limits::kFileBytesMax >> 20, " MiB，请压缩或拆分"),
                  absl::StrCat("the file is larger than ", limits::kFileBytesMax >> 20, " MiB; compress or split it"),
                  {{"field", "bytes"}, {"bytes_max", absl::StrCat(limits::kFileBytesMax)}});
  }
  if (request.sha256().size() != kSha256Bytes) {
    return Reject(Kind::kInvalid, "FILE_DIGEST_INVALID", "sha256 应为 32 字节", "sha256 must be 32 bytes",
                  {{"field", "sha256"}});
  }
  return engine::Nothing{};
}

// What the store keeps for us beside the bytes.
std::string NoteOf(const std::string& person, const std::string& case_name, absl::Time begun) {
  return absl::StrCat(absl::ToUnixMillis(begun), "\n", person, "\n", case_name);
}

absl::Status Told(const absl::Status& status) { return absl::IsResourceExhausted(status) ? DiskFull() : status; }

}  // namespace

bool IsFile(absl::string_view file) {
  return absl::ConsumePrefix(&file, kPrefix) && file.size() >= 2 && file.size() <= store::kFileNameBytesMax &&
         std::all_of(file.begin(), file.end(), [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); });
}

std::string StoredName(absl::string_view file) { return std::string(absl::StripPrefix(file, kPrefix)); }

engine::Rejection FileNotFound(absl::string_view file) {
  return Reject(
      Kind::kNotFound, "FILE_NOT_FOUND",
      absl::StrCat("没有您可以使用的文件“", file, "”：可能不属于此事项，或上传后久未使用已被清除，请重新上传"),
      absl::StrCat("there is no file \"", file,
                   "\" that you may use here: it is not of this case, or was not used in time; upload it again"),
      {{"file", std::string(file)}});
}

engine::Rejection FileErased(absl::string_view file) {
  return Reject(Kind::kState, "FILE_ERASED", absl::StrCat("文件“", file, "”已被擦除，不能再读取或上传"),
                absl::StrCat("the file \"", file, "\" has been erased; it cannot be read or uploaded again"),
                {{"file", std::string(file)}});
}

absl::Status Uploads::Load() {
  absl::StatusOr<std::vector<std::string>> names = files_.Open();
  if (!names.ok()) return names.status();
  std::lock_guard<std::mutex> lock(mu_);
  for (const std::string& name : *names) {
    absl::StatusOr<store::FileState> state = files_.Find(name);
    if (!state.ok()) {
      // Its beginning was torn, or its key has gone: there is nothing to go on with.
      if (!absl::IsNotFound(state.status()) && !absl::IsDataLoss(state.status())) return state.status();
      if (absl::Status dropped = files_.Drop(name); !dropped.ok()) return dropped;
      continue;
    }
    const std::vector<std::string> note = absl::StrSplit(state->facts.note, '\n');
    int64_t begun_ms = 0;
    if (note.size() != 3 || !absl::SimpleAtoi(note[0], &begun_ms)) {
      return absl::DataLossError(absl::StrCat("the upload ", name, " has a note that is none of ours"));
    }
    entries_[absl::StrCat(kPrefix, name)] = {note[1],
                                             note[2],
                                             state->facts.sha256,
                                             static_cast<int64_t>(state->facts.bytes),
                                             static_cast<int64_t>(state->received),
                                             state->complete,
                                             "",
                                             absl::FromUnixMillis(begun_ms)};
  }
  return absl::OkStatus();
}

std::string Uploads::NameFor(const Entry& wanted) {
  if (!wanted.case_name.empty()) {
    return absl::StrCat(kPrefix, tokens_.FileName(wanted.case_name, wanted.person, wanted.sha256));
  }
  for (const auto& [file, entry] : entries_) {
    if (entry.person == wanted.person && entry.case_name.empty() && entry.claimed_by.empty() && !entry.released &&
        !entry.dropping && entry.sha256 == wanted.sha256 && entry.bytes == wanted.bytes) {
      return file;
    }
  }
  // There is no case yet: a name of its own each time, so that no two cases share a file.
  return absl::StrCat(kPrefix, tokens_.FileName(random_.Bytes(kSecretBytes), wanted.person, wanted.sha256));
}

absl::Status Uploads::CheckRoom(const Entry& wanted) const {
  int64_t count = 0, bytes = 0, own_count = 0, own_bytes = 0;
  for (const auto& [file, entry] : entries_) {
    if (!entry.claimed_by.empty() || entry.released) continue;
    ++count;
    bytes += entry.bytes;
    if (entry.person != wanted.person) continue;
    ++own_count;
    own_bytes += entry.bytes;
  }
  const std::pair<bool, Bound> bounds[] = {
      {count < limits::kUploadsMax, Bound::kUploads},
      {bytes + wanted.bytes <= limits::kUploadBytesMax, Bound::kUploadBytes},
      {own_count < limits::kUploadsPerPersonMax, Bound::kUploadsPerPerson},
      {own_bytes + wanted.bytes <= limits::kUploadBytesPerPersonMax, Bound::kUploadBytesPerPerson}};
  for (const auto& [within, bound] : bounds) {
    if (within) continue;
    vitals_.Reached(bound);
    return TooManyUploads();
  }
  return absl::OkStatus();
}

absl::Status Uploads::CheckDisk(int64_t bytes) const {
  absl::StatusOr<uint64_t> free = files_.FreeBytes();
  if (!free.ok()) return free.status();
  if (*free >= static_cast<uint64_t>(bytes + limits::kDiskReserveBytes)) return absl::OkStatus();
  vitals_.Reached(Bound::kDiskReserve);
  return DiskFull();
}

void Uploads::Forget(const std::string& file) {
  std::lock_guard<std::mutex> lock(mu_);
  entries_.erase(file);
}

Reply<v1::BeginUploadResponse> Uploads::Begin(const Reading& reading, const v1::BeginUploadRequest& request) {
  if (request.title().size() > limits::kFileTitleBytesMax) vitals_.Reached(Bound::kFileTitle);
  if (request.bytes() > limits::kFileBytesMax) vitals_.Reached(Bound::kFileBytes);
  if (engine::Verdict title = CheckTitle(request.title()); !title.ok()) return title.rejection();
  if (engine::Verdict mark = CheckMark(request.title(), "title"); !mark.ok()) return mark.rejection();
  if (engine::Verdict content = CheckContent(request); !content.ok()) return content.rejection();
  Entry wanted;
  wanted.person = reading.person();
  wanted.sha256 = request.sha256();
  wanted.bytes = request.bytes();
  wanted.touched = clock_.Now();
  if (!request.case_().empty()) {
    const absl::StatusOr<std::string> named = reading.CaseNamed(request.case_());
    if (!named.ok()) return named.status();
    const absl::StatusOr<bool> sees = named->empty() ? absl::StatusOr<bool>(false) : reading.SeesNow(*named);
    if (!sees.ok()) return sees.status();
    if (!*sees) return CaseNotFound(request.case_());
    wanted.case_name = *named;
  }
  std::string file;
  {
    std::lock_guard<std::mutex> lock(mu_);
    file = NameFor(wanted);
  }
  const absl::StatusOr<std::optional<std::string>> erased = reading.Row(Table::kFileErased, file);
  if (!erased.ok()) return erased.status();
  if (erased->has_value()) return FileErased(file);
  const absl::StatusOr<std::optional<std::string>> claimed = reading.Row(Table::kFile, file);
  if (!claimed.ok()) return claimed.status();
  if (claimed->has_value()) wanted.claimed_by = wanted.case_name;
  bool is_new = false;
  {
    std::lock_guard<std::mutex> lock(mu_);
    const auto found = entries_.find(file);
    if (found != entries_.end()) {
      if (found->second.dropping) return Expiring();
      found->second.touched = wanted.touched;
      found->second.released = false;
    } else {
      if (wanted.claimed_by.empty()) {
        if (absl::Status room = CheckRoom(wanted); !room.ok()) return room;
        if (absl::Status room = CheckDisk(wanted.bytes); !room.ok()) return room;
      }
      entries_[file] = wanted;
      is_new = true;
    }
  }
  const store::FileFacts facts{static_cast<uint64_t>(wanted.bytes), wanted.sha256,
                               NoteOf(wanted.person, wanted.case_name, wanted.touched)};
  const absl::StatusOr<store::FileState> state =
      files_.Begin(StoredName(file), facts, random_.Bytes(store::kFileRandomBytes));
  if (!state.ok()) {
    if (is_new) Forget(file);  // What was there before stays, and stays counted.
    if (absl::IsAlreadyExists(state.status())) {
      return Reject(Kind::kInvalid, "FILE_DIGEST_INVALID", "同一 sha256 的文件大小不同，请重新计算",
                    "a file with this sha256 has another size; compute both again", {{"field", "bytes"}});
    }
    return Told(state.status());
  }
  {
    std::lock_guard<std::mutex> lock(mu_);
    const auto found = entries_.find(file);
    if (found == entries_.end() || found->second.dropping) return FileNotFound(file);
    found->second.received = static_cast<int64_t>(state->received);
    found->second.complete = state->complete;
  }
  v1::BeginUploadResponse out;
  out.set_file(file);
  out.set_received(static_cast<int64_t>(state->received));
  out.set_chunk_bytes_max(static_cast<int64_t>(store::kFileChunkBytes));
  return out;
}

Reply<v1::UploadChunkResponse> Uploads::Add(const std::string& person, const v1::UploadChunkRequest& request) {
  const std::string& file = request.file();
  if (request.offset() < 0) return WrongNumber("offset", request.offset(), 0, limits::kFileBytesMax);
  {
    std::lock_guard<std::mutex> lock(mu_);
    const auto found = entries_.find(file);
    if (found == entries_.end() || found->second.person != person || found->second.dropping) return FileNotFound(file);
    found->second.touched = clock_.Now();
  }
  if (absl::Status room = CheckDisk(static_cast<int64_t>(request.data().size())); !room.ok()) return room;
  const absl::StatusOr<store::FileState> state =
      files_.Append(StoredName(file), static_cast<uint64_t>(request.offset()), request.data(),
                    random_.Bytes(store::kFileRandomBytes));
  if (absl::IsInvalidArgument(state.status())) {
    return Reject(Kind::kInvalid, "FILE_CHUNK_SIZE",
                  absl::StrCat("除最后一块外，每块应为 ", store::kFileChunkBytes, " 字节"),
                  absl::StrCat("every chunk but the last has ", store::kFileChunkBytes, " bytes"),
                  {{"field", "data"}, {"chunk_bytes_max", absl::StrCat(store::kFileChunkBytes)}});
  }
  if (absl::IsAborted(state.status())) {
    Forget(file);
    return Reject(
        Kind::kInvalid, "FILE_DIGEST_WRONG", "收到的内容与 sha256 不符，已丢弃；文件可能在上传中被改动，请重新上传",
        "what arrived has another sha256 and was dropped; the file may have changed on the way: upload it again",
        {{"file", file}});
  }
  if (absl::IsNotFound(state.status())) {
    Forget(file);
    return FileNotFound(file);
  }
  if (!state.ok()) {
    if (absl::IsDataLoss(state.status())) Forget(file);
    return Told(state.status());
  }
  {
    std::lock_guard<std::mutex> lock(mu_);
    const auto found = entries_.find(file);
    if (found != entries_.end()) {
      found->second.received = static_cast<int64_t>(state->received);
      found->second.complete = state->complete;
    }
  }
  // The same chunk once more, because its answer was lost, is answered as before.
  if (state->received != static_cast<uint64_t>(request.offset()) + request.data().size()) {
    return Reject(Kind::kState, "FILE_OFFSET", absl::StrCat("应从第 ", state->received, " 字节接着上传"),
                  absl::StrCat("go on from byte ", state->received),
                  {{"field", "offset"}, {"received", absl::StrCat(state->received)}});
  }
  v1::UploadChunkResponse out;
  out.set_received(static_cast<int64_t>(state->received));
  out.set_complete(state->complete);
  return out;
}

engine::Verdict Uploads::Check(const std::string& file, const std::string& case_name, const std::string& person) {
  std::lock_guard<std::mutex> lock(mu_);
  const auto found = entries_.find(file);
  if (found == entries_.end() || found->second.released || found->second.dropping) return FileNotFound(file);
  Entry& entry = found->second;
  const bool own = entry.person == person;
  // Once it stands in a case, perhaps in a field that others do not see, it is its sender's alone to name again.
  const bool usable = !entry.claimed_by.empty() ? own && entry.claimed_by == case_name
                      : entry.case_name.empty() ? own
                                                : entry.case_name == case_name;
  if (!usable) return FileNotFound(file);
  if (!entry.complete) {
    return Reject(Kind::kState, "FILE_INCOMPLETE",
                  absl::StrCat("文件尚未传完：已收到 ", entry.received, "/", entry.bytes, " 字节，请接着上传"),
                  absl::StrCat("the file is not complete: ", entry.received, " of ", entry.bytes,
                               " bytes are there; go on uploading"),
                  {{"file", file}, {"received", absl::StrCat(entry.received)}, {"bytes", absl::StrCat(entry.bytes)}});
  }
  entry.touched = clock_.Now();
  return engine::Nothing{};
}

void Uploads::Claim(const std::string& file, const std::string& case_name) {
  std::lock_guard<std::mutex> lock(mu_);
  const auto found = entries_.find(file);
  if (found != entries_.end()) found->second.claimed_by = case_name;
}

void Uploads::Release(const std::string& file) {
  std::lock_guard<std::mutex> lock(mu_);
  const auto found = entries_.find(file);
  if (found != entries_.end() && found->second.claimed_by.empty()) found->second.released = true;
}

absl::Status Uploads::Erase(const std::string& file) {
  Forget(file);
  return files_.Erase(StoredName(file));
}

absl::Status Uploads::Sweep(const store::Snapshot& rows) {
  std::vector<std::string> files;
  {
    std::lock_guard<std::mutex> lock(mu_);
    for (const auto& [file, entry] : entries_) files.push_back(file);
  }
  const absl::Time now = clock_.Now();
  for (const std::string& file : files) {
    const absl::StatusOr<std::string> row = rows.Get(static_cast<uint8_t>(Table::kFile), file);
    if (!row.ok() && !absl::IsNotFound(row.status())) return row.status();
    if (row.ok()) {
      if (absl::Status settled = files_.Settle(StoredName(file)); !settled.ok()) return settled;
    }
    {
      std::lock_guard<std::mutex> lock(mu_);
      const auto found = entries_.find(file);
      if (found == entries_.end()) continue;
      if (row.ok() && found->second.claimed_by.empty()) {  // Since before a restart.
        found->second.claimed_by = row->substr(0, row->find('\n'));
      }
      const absl::Duration life = absl::FromChrono(row.ok() ? limits::kUploadKnown : limits::kUploadLife);
      // A command that refers to it has touched it: what is dropped here, no batch is about to claim.
      const bool goes = found->second.released || found->second.dropping;
      if (now - found->second.touched <= life && !goes) continue;
      if (row.ok()) {
        entries_.erase(found);
        continue;
      }
      found->second.dropping = true;
    }
    if (absl::Status dropped = files_.Drop(StoredName(file)); !dropped.ok()) return dropped;
    vitals_.Reached(Bound::kUploadLife);
    Forget(file);
  }
  std::vector<std::string> erased;
  const absl::Status scanned =
      rows.Scan(static_cast<uint8_t>(Table::kFileErased), "", "", [&](absl::string_view file, absl::string_view) {
        if (files_.Holds(StoredName(file))) erased.emplace_back(file);
        return true;
      });
  if (!scanned.ok()) return scanned;
  for (const std::string& file : erased) {
    if (absl::Status done = Erase(file); !done.ok()) return done;
  }
  return absl::OkStatus();
}

int64_t Uploads::open() const {
  std::lock_guard<std::mutex> lock(mu_);
  return std::count_if(entries_.begin(), entries_.end(), [](const auto& held) { return !held.second.complete; });
}

}  // namespace duban::node
