// Sealing one value: AES-256-GCM with a fresh nonce over salt and plaintext; the public side keeps a salted digest.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace duban::store {

// What sealing yields.
struct SealedBytes {
  std::string digest;      // 32 bytes: SHA-256("duban.seal.v1" | salt | plaintext). Public.
  std::string ciphertext;  // nonce (12) | AES-256-GCM(salt (16) | plaintext) | tag (16); the digest is authenticated.
};

// `randomness` must be 28 fresh random bytes: salt, then nonce.
absl::StatusOr<SealedBytes> SealValue(absl::string_view key, absl::string_view plaintext, absl::string_view randomness);

// DATA_LOSS when it has been changed or the key is another.
absl::StatusOr<std::string> OpenSealed(absl::string_view key, absl::string_view digest, absl::string_view ciphertext);

}  // namespace duban::store
