#include "clients/cpp/files.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "duban/v1/file_service.pb.h"

namespace duban::client {
namespace {

// A mishap on this side, not the server's.
Error Local(std::string zh, std::string en) {
  Error error;
  error.code = absl::StatusCode::kFailedPrecondition;
  error.reason = "LOCAL_FILE";
  error.message.set_zh(std::move(zh));
  error.message.set_en(std::move(en));
  return error;
}

Error CannotRead(const std::string& path) {
  return Local(absl::StrCat("读不了文件“", path, "”。"), absl::StrCat("Cannot read the file \"", path, "\"."));
}
Error CannotWrite(const std::string& path) {
  return Local(absl::StrCat("写不了文件“", path, "”。"), absl::StrCat("Cannot write the file \"", path, "\"."));
}

struct Content {
  int64_t bytes = 0;
  std::string sha256;
};

std::optional<Content> Measure(std::istream& in) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  Content out;
  std::vector<char> piece(1 << 20);
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
    EVP_DigestUpdate(digest.get(), piece.data(), static_cast<size_t>(in.gcount()));
    out.bytes += in.gcount();
  }
  if (in.bad() || !in.eof()) return std::nullopt;
  out.sha256.resize(32);
  EVP_DigestFinal_ex(digest.get(), reinterpret_cast<unsigned char*>(out.sha256.data()), nullptr);
  return out;
}

Result<std::string> Send(Client& client, const std::string& case_name, std::istream& in, const std::string& title,
                         const OnBytes& on_bytes) {
  const std::optional<Content> content = Measure(in);
  if (!content) return CannotRead(title);
  v1::BeginUploadRequest begin;
  begin.set_case_(case_name);
  begin.set_title(title);
  begin.set_bytes(content->bytes);
  begin.set_sha256(content->sha256);
  auto begun = client.Call(begin);
  if (!begun.ok()) return begun.error();
  int64_t at = begun->received();
  std::string piece;
  while (at < content->bytes) {
    if (on_bytes != nullptr) on_bytes(at, content->bytes);
    piece.resize(static_cast<size_t>(std::min(begun->chunk_bytes_max(), content->bytes - at)));
    in.clear();
    in.seekg(at);
    if (!in.read(piece.data(), static_cast<std::streamsize>(piece.size()))) return CannotRead(title);
    v1::UploadChunkRequest chunk;
    chunk.set_file(begun->file());
    chunk.set_offset(at);
    chunk.set_data(piece);
    auto taken = client.Call(std::move(chunk));
    if (!taken.ok()) return taken.error();
    at = taken->received();
  }
  if (on_bytes != nullptr) on_bytes(at, content->bytes);
  return absl::StrCat(begun->file(), "#", title);
}

}  // namespace

Result<std::string> UploadFile(Client& client, const std::string& case_name, const std::string& path,
                               const std::string& title, const OnBytes& on_bytes) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return CannotRead(path);
  std::ifstream in(path, std::ios::binary);
  return Send(client, case_name, in, title, on_bytes);
}

Result<std::string> UploadText(Client& client, const std::string& text, const std::string& title,
                               const OnBytes& on_bytes) {
  std::istringstream in(text);
  return Send(client, "", in, title, on_bytes);
}

Error DownloadFile(Client& client, const std::string& case_name, const std::string& file, const std::string& path,
                   const OnBytes& on_bytes) {
  v1::DownloadFileRequest request;
  request.set_case_(case_name);
  request.set_file(file);
  const std::string half = path + ".part";
  std::ofstream out(half, std::ios::binary | std::ios::trunc);
  if (!out) return CannotWrite(half);
  const auto stream = client.DownloadFile(request);
  v1::DownloadFileResponse message;
  int64_t done = 0, total = 0;
  while (stream->Next(&message)) {
    if (message.bytes() > 0) total = message.bytes();
    out.write(message.data().data(), static_cast<std::streamsize>(message.data().size()));
    done += static_cast<int64_t>(message.data().size());
    if (on_bytes != nullptr) on_bytes(done, total);
  }
  out.close();
  std::error_code error;
  if (!stream->error().ok() || !out || done != total) {
    std::filesystem::remove(half, error);
    return stream->error().ok() ? CannotWrite(half) : stream->error();
  }
  std::filesystem::rename(half, path, error);
  return error ? CannotWrite(path) : Error();
}

}  // namespace duban::client
