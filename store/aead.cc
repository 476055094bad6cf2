#include "store/aead.h"

#include <openssl/evp.h>

#include <memory>

#include "absl/strings/str_cat.h"

namespace duban::store {
namespace {

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* In(absl::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* Out(std::string& bytes, size_t at) { return reinterpret_cast<unsigned char*>(bytes.data()) + at; }
int Length(absl::string_view bytes) { return static_cast<int>(bytes.size()); }

}  // namespace

absl::StatusOr<std::string> Encrypt(absl::string_view key, absl::string_view nonce, absl::string_view bound,
                                    absl::string_view text) {
  if (key.size() != kAeadKeyBytes || nonce.size() != kAeadNonceBytes) {
    return absl::InvalidArgumentError(absl::StrCat("AES-256-GCM takes a key of ", kAeadKeyBytes, " bytes and ",
                                                   kAeadNonceBytes, " random ones, not ", key.size(), " and ",
                                                   nonce.size()));
  }
  std::string out(kAeadExtraBytes + text.size(), '\0');
  nonce.copy(out.data(), kAeadNonceBytes);
  const size_t tag = kAeadNonceBytes + text.size();
  int n = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const bool ok = cipher != nullptr &&
                  EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(key), In(nonce)) == 1 &&
                  EVP_EncryptUpdate(cipher.get(), nullptr, &n, In(bound), Length(bound)) == 1 &&
                  EVP_EncryptUpdate(cipher.get(), Out(out, kAeadNonceBytes), &n, In(text), Length(text)) == 1 &&
                  EVP_EncryptFinal_ex(cipher.get(), Out(out, tag), &n) == 1 &&
                  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes, Out(out, tag)) == 1;
  if (!ok) return absl::InternalError("AES-256-GCM failed");
  return out;
}

std::optional<std::string> Decrypt(absl::string_view key, absl::string_view bound, absl::string_view sealed) {
  if (key.size() != kAeadKeyBytes || sealed.size() < kAeadExtraBytes) return std::nullopt;
  const absl::string_view text = sealed.substr(kAeadNonceBytes, sealed.size() - kAeadExtraBytes);
  std::string tag(sealed.substr(sealed.size() - kAeadTagBytes));
  std::string out(text.size() + kAeadTagBytes, '\0');  // Room for what the last step may write.
  int n = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const bool ok = cipher != nullptr &&
                  EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(key), In(sealed)) == 1 &&
                  EVP_DecryptUpdate(cipher.get(), nullptr, &n, In(bound), Length(bound)) == 1 &&
                  EVP_DecryptUpdate(cipher.get(), Out(out, 0), &n, In(text), Length(text)) == 1 &&
                  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, tag.data()) == 1 &&
                  EVP_DecryptFinal_ex(cipher.get(), Out(out, text.size()), &n) == 1;
  if (!ok) return std::nullopt;
  out.resize(text.size());
  return out;
}

}  // namespace duban::store
