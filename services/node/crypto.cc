#include "services/node/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "engine/base/check.h"

namespace duban::node {
namespace {

constexpr size_t kNonce = 12;
constexpr size_t kTag = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher NewCipher() {
  Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  DUBAN_CHECK(cipher != nullptr, "no memory for a cipher");
  return cipher;
}

const unsigned char* In(absl::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* Out(std::string& bytes, size_t at = 0) { return reinterpret_cast<unsigned char*>(bytes.data()) + at; }

void Must(int done) { DUBAN_CHECK(done == 1, "OpenSSL refused a primitive"); }

std::string OneBlock(absl::string_view key, absl::string_view block, int encrypt) {
  DUBAN_CHECK(key.size() == 32 && block.size() == 16, "AES-256 works on 16 bytes under 32");
  Cipher cipher = NewCipher();
  Must(EVP_CipherInit_ex(cipher.get(), EVP_aes_256_ecb(), nullptr, In(key), nullptr, encrypt));
  Must(EVP_CIPHER_CTX_set_padding(cipher.get(), 0));
  std::string out(32, '\0');
  int n = 0;
  Must(EVP_CipherUpdate(cipher.get(), Out(out), &n, In(block), 16));
  out.resize(static_cast<size_t>(n));
  return out;
}

}  // namespace

std::string HmacSha256(absl::string_view key, absl::string_view message) {
  std::string out(32, '\0');
  unsigned int n = 0;
  const unsigned char* mac =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), In(message), message.size(), Out(out), &n);
  DUBAN_CHECK(mac != nullptr && n == 32, "HMAC-SHA-256 failed");
  return out;
}

uint64_t Digest64(absl::string_view text) {
  std::string out(32, '\0');
  unsigned int n = 0;
  Must(EVP_Digest(text.data(), text.size(), Out(out), &n, EVP_sha256(), nullptr));
  uint64_t first = 0;
  for (size_t i = 0; i < 8; ++i) first = first << 8 | static_cast<unsigned char>(out[i]);
  return first;
}

bool EqualInConstantTime(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string EncryptBlock(absl::string_view key, absl::string_view block) { return OneBlock(key, block, 1); }
std::string DecryptBlock(absl::string_view key, absl::string_view block) { return OneBlock(key, block, 0); }

std::string SealText(absl::string_view key, absl::string_view nonce, absl::string_view bound, absl::string_view text) {
  DUBAN_CHECK(key.size() == 32 && nonce.size() == kNonce, "AES-256-GCM takes 32 and 12 bytes");
  Cipher cipher = NewCipher();
  int n = 0;
  Must(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(key), In(nonce)));
  Must(EVP_EncryptUpdate(cipher.get(), nullptr, &n, In(bound), static_cast<int>(bound.size())));
  std::string out(kNonce + text.size() + kTag, '\0');
  nonce.copy(out.data(), kNonce);
  Must(EVP_EncryptUpdate(cipher.get(), Out(out, kNonce), &n, In(text), static_cast<int>(text.size())));
  Must(EVP_EncryptFinal_ex(cipher.get(), Out(out, kNonce + text.size()), &n));
  Must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag, Out(out, kNonce + text.size())));
  return out;
}

std::optional<std::string> OpenText(absl::string_view key, absl::string_view bound, absl::string_view sealed) {
  if (sealed.size() < kNonce + kTag) return std::nullopt;
  const absl::string_view text = sealed.substr(kNonce, sealed.size() - kNonce - kTag);
  std::string tag(sealed.substr(sealed.size() - kTag));
  Cipher cipher = NewCipher();
  int n = 0;
  Must(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, In(key), In(sealed)));
  Must(EVP_DecryptUpdate(cipher.get(), nullptr, &n, In(bound), static_cast<int>(bound.size())));
  std::string out(text.size() + kTag, '\0');
  Must(EVP_DecryptUpdate(cipher.get(), Out(out), &n, In(text), static_cast<int>(text.size())));
  Must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()));
  int rest = 0;
  if (EVP_DecryptFinal_ex(cipher.get(), Out(out, text.size()), &rest) != 1) return std::nullopt;
  out.resize(text.size());
  return out;
}

}  // namespace duban::node
