#include "store/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <memory>

#include "absl/strings/str_cat.h"

namespace duban::store {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSaltBytes = 16;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr absl::string_view kDomain = "duban.seal.v1";

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* Bytes(absl::string_view view) { return reinterpret_cast<const unsigned char*>(view.data()); }
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string Digest(absl::string_view salted) {
  std::string input = absl::StrCat(kDomain, salted);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(Bytes(input), input.size(), Bytes(digest));
  OPENSSL_cleanse(input.data(), input.size());
  return digest;
}

absl::Status CheckKey(absl::string_view key) {
  if (key.size() == kKeyBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a sealing key has ", kKeyBytes, " bytes, not ", key.size()));
}

absl::Status Changed() { return absl::DataLossError("a sealed value has been changed or its key is another"); }

}  // namespace

absl::StatusOr<SealedBytes> SealValue(absl::string_view key, absl::string_view plaintext,
                                      absl::string_view randomness) {
  if (absl::Status status = CheckKey(key); !status.ok()) return status;
  if (randomness.size() != kSaltBytes + kNonceBytes) {
    return absl::InvalidArgumentError(absl::StrCat("sealing takes ", kSaltBytes + kNonceBytes, " random bytes"));
  }
  std::string salted = absl::StrCat(randomness.substr(0, kSaltBytes), plaintext);
  const absl::string_view nonce = randomness.substr(kSaltBytes);
  const std::string digest = Digest(salted);

  std::string body(salted.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int n = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const bool ok =
      cipher != nullptr &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &n, Bytes(digest), static_cast<int>(digest.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), Bytes(body), &n, Bytes(salted), static_cast<int>(salted.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), nullptr, &n) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag.data()) == 1;
  OPENSSL_cleanse(salted.data(), salted.size());
  if (!ok) return absl::InternalError("AES-256-GCM failed");
  return SealedBytes{digest, absl::StrCat(nonce, body, tag)};
}

absl::StatusOr<std::string> OpenSealed(absl::string_view key, absl::string_view digest, absl::string_view ciphertext) {
  if (absl::Status status = CheckKey(key); !status.ok()) return status;
  if (ciphertext.size() < kNonceBytes + kSaltBytes + kTagBytes) return Changed();
  const absl::string_view nonce = ciphertext.substr(0, kNonceBytes);
  const absl::string_view body = ciphertext.substr(kNonceBytes, ciphertext.size() - kNonceBytes - kTagBytes);
  std::string tag(ciphertext.substr(ciphertext.size() - kTagBytes));

  std::string salted(body.size(), '\0');
  int n = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const bool ok = cipher != nullptr &&
                  EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) == 1 &&
                  EVP_DecryptUpdate(cipher.get(), nullptr, &n, Bytes(digest), static_cast<int>(digest.size())) == 1 &&
                  EVP_DecryptUpdate(cipher.get(), Bytes(salted), &n, Bytes(body), static_cast<int>(body.size())) == 1 &&
                  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
                  EVP_DecryptFinal_ex(cipher.get(), nullptr, &n) == 1;
  // The tag covers the digest as bytes; that it is the digest of this very value is for whoever sealed it to keep,
  // and for us to check.
  const bool same = ok && Digest(salted) == digest;
  std::string plaintext = same ? salted.substr(kSaltBytes) : std::string();
  OPENSSL_cleanse(salted.data(), salted.size());
  if (!same) return Changed();
  return plaintext;
}

}  // namespace duban::store
