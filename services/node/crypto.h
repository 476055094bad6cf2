// The few primitives that tokens are made of. Pure functions; OpenSSL does the work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace duban::node {

// HMAC-SHA-256, 32 bytes.
std::string HmacSha256(absl::string_view key, absl::string_view message);

// The first 8 bytes, big-endian, of SHA-256.
uint64_t Digest64(absl::string_view text);

// Whether two texts are equal, in a time that does not depend on where they differ.
bool EqualInConstantTime(absl::string_view a, absl::string_view b);

// One block of AES-256. REQUIRES: key of 32 bytes, block of 16.
std::string EncryptBlock(absl::string_view key, absl::string_view block);
std::string DecryptBlock(absl::string_view key, absl::string_view block);

// AES-256-GCM: nonce | ciphertext | tag. `bound` is authenticated beside. REQUIRES: key of 32 bytes, nonce of 12.
std::string SealText(absl::string_view key, absl::string_view nonce, absl::string_view bound, absl::string_view text);
// Nothing when it was changed, made under another key, or bound to something else.
std::optional<std::string> OpenText(absl::string_view key, absl::string_view bound, absl::string_view sealed);

}  // namespace duban::node
