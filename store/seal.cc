#include "store/seal.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "store/aead.h"

namespace duban::store {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr absl::string_view kDomain = "duban.seal.v1";

std::string Digest(absl::string_view salted) {
  std::string input = absl::StrCat(kDomain, salted);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(input.data()), input.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  OPENSSL_cleanse(input.data(), input.size());
  return digest;
}

absl::Status CheckKey(absl::string_view key) {
  if (key.size() == kAeadKeyBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a sealing key has ", kAeadKeyBytes, " bytes, not ", key.size()));
}

absl::Status Changed() { return absl::DataLossError("a sealed value has been changed or its key is another"); }

}  // namespace

absl::StatusOr<SealedBytes> SealValue(absl::string_view key, absl::string_view plaintext,
                                      absl::string_view randomness) {
  if (absl::Status status = CheckKey(key); !status.ok()) return status;
  if (randomness.size() != kSaltBytes + kAeadNonceBytes) {
    return absl::InvalidArgumentError(absl::StrCat("sealing takes ", kSaltBytes + kAeadNonceBytes, " random bytes"));
  }
  std::string salted = absl::StrCat(randomness.substr(0, kSaltBytes), plaintext);
  const std::string digest = Digest(salted);
  absl::StatusOr<std::string> ciphertext = Encrypt(key, randomness.substr(kSaltBytes), digest, salted);
  OPENSSL_cleanse(salted.data(), salted.size());
  if (!ciphertext.ok()) return ciphertext.status();
  return SealedBytes{digest, *std::move(ciphertext)};
}

absl::StatusOr<std::string> OpenSealed(absl::string_view key, absl::string_view digest, absl::string_view ciphertext) {
  if (absl::Status status = CheckKey(key); !status.ok()) return status;
  if (ciphertext.size() < kSaltBytes + kAeadExtraBytes) return Changed();
  std::optional<std::string> salted = Decrypt(key, digest, ciphertext);
  // The tag covers the digest as bytes; that it is the digest of this very value is for whoever sealed it to keep,
  // and for us to check.
  const bool same = salted.has_value() && Digest(*salted) == digest;
  std::string plaintext = same ? salted->substr(kSaltBytes) : std::string();
  if (salted.has_value()) OPENSSL_cleanse(salted->data(), salted->size());
  if (!same) return Changed();
  return plaintext;
}

}  // namespace duban::store
