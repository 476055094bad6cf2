#include "services/node/tokens.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/check.h"
#include "engine/views/tables.h"
#include "services/node/crypto.h"

namespace duban::node {
namespace {

constexpr absl::string_view kBearerForm = "duban1";
// The half of a position's block that proves it was made here.
constexpr absl::string_view kPositionSeal("position", 8);

std::string DerivedKey(absl::string_view secret, absl::string_view purpose) {
  DUBAN_CHECK(secret.size() == kSecretBytes, "a workspace's secret has 32 bytes");
  return HmacSha256(secret, absl::StrCat("duban.", purpose, ".v1"));
}

std::string Text(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

// Only what Text makes: base64 has several spellings of the same bytes, and a token has one.
std::optional<std::string> Bytes(absl::string_view text) {
  std::string out;
  if (!absl::WebSafeBase64Unescape(text, &out) || Text(out) != text) return std::nullopt;
  return out;
}

}  // namespace

Tokens::Tokens(absl::string_view secret, std::shared_ptr<Random> random)
    : position_key_(DerivedKey(secret, "position")),
      page_key_(DerivedKey(secret, "page")),
      mark_key_(DerivedKey(secret, "mark")),
      bearer_key_(DerivedKey(secret, "bearer")),
      request_key_(DerivedKey(secret, "request")),
      file_key_(DerivedKey(secret, "file")),
      random_(std::move(random)) {}

std::string Tokens::Position(uint64_t position) const {
  return Text(EncryptBlock(position_key_, absl::StrCat(engine::KeyNumber(position), kPositionSeal)));
}

std::optional<uint64_t> Tokens::ParsePosition(absl::string_view token) const {
  const std::optional<std::string> block = Bytes(token);
  if (!block || block->size() != 16) return std::nullopt;
  const std::string opened = DecryptBlock(position_key_, *block);
  if (!EqualInConstantTime(absl::string_view(opened).substr(8), kPositionSeal)) return std::nullopt;
  return engine::ParseKeyNumber(absl::string_view(opened).substr(0, 8));
}

std::string Tokens::Page(absl::string_view bound, absl::string_view place) const {
  return Text(SealText(page_key_, random_->Bytes(12), bound, place));
}

std::optional<std::string> Tokens::ParsePage(absl::string_view bound, absl::string_view token) const {
  const std::optional<std::string> sealed = Bytes(token);
  if (!sealed) return std::nullopt;
  return OpenText(page_key_, bound, *sealed);
}

std::string Tokens::Mark(absl::string_view person, absl::string_view state) const {
  return Text(SealText(mark_key_, random_->Bytes(12), person, state));
}

std::optional<std::string> Tokens::ParseMark(absl::string_view person, absl::string_view token) const {
  const std::optional<std::string> sealed = Bytes(token);
  if (!sealed) return std::nullopt;
  return OpenText(mark_key_, person, *sealed);
}

std::string Tokens::Bearer(absl::string_view person, absl::Time expires_at) const {
  const std::string body = Text(absl::StrCat(absl::ToUnixMillis(expires_at), " ", person));
  const std::string signed_part = absl::StrCat(kBearerForm, ".", body);
  return absl::StrCat(signed_part, ".", Text(HmacSha256(bearer_key_, signed_part)));
}

absl::StatusOr<std::string> Tokens::ParseBearer(absl::string_view token, absl::Time now) const {
  const absl::Status invalid = absl::UnauthenticatedError("TOKEN_INVALID: the token is wrong or has expired");
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3 || parts[0] != kBearerForm) return invalid;
  const std::optional<std::string> mac = Bytes(parts[2]);
  const std::string signed_part = absl::StrCat(parts[0], ".", parts[1]);
  if (!mac || !EqualInConstantTime(*mac, HmacSha256(bearer_key_, signed_part))) return invalid;
  const std::optional<std::string> body = Bytes(parts[1]);
  if (!body) return invalid;
  const std::pair<absl::string_view, absl::string_view> fields = absl::StrSplit(*body, absl::MaxSplits(' ', 1));
  int64_t expires_ms = 0;
  if (!absl::SimpleAtoi(fields.first, &expires_ms) || now >= absl::FromUnixMillis(expires_ms)) return invalid;
  return std::string(fields.second);
}

std::string Tokens::FileName(absl::string_view owner, absl::string_view person, absl::string_view sha256) const {
  constexpr absl::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr size_t kLetters = 26;  // 130 bits.
  const std::string mac = HmacSha256(HmacSha256(HmacSha256(file_key_, owner), person), sha256);
  std::string name;
  for (char c : mac.substr(0, kLetters)) name.push_back(kAlphabet[static_cast<uint8_t>(c) % kAlphabet.size()]);
  return name;
}

std::string Tokens::RequestMac(absl::string_view request) const { return HmacSha256(request_key_, request); }

}  // namespace duban::node
