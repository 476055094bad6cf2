// AES-256-GCM over whole texts: what sealed values and files are kept with. Pure functions; OpenSSL does the work.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace duban::store {

inline constexpr size_t kAeadKeyBytes = 32;
inline constexpr size_t kAeadNonceBytes = 12;
inline constexpr size_t kAeadTagBytes = 16;
// What a text grows by.
inline constexpr size_t kAeadExtraBytes = kAeadNonceBytes + kAeadTagBytes;

// nonce | ciphertext | tag; `bound` is authenticated beside. A nonce must never be used twice under one key.
// INVALID_ARGUMENT when key or nonce have another length.
absl::StatusOr<std::string> Encrypt(absl::string_view key, absl::string_view nonce, absl::string_view bound,
                                    absl::string_view text);

// Nothing when it was changed, made under another key, or bound to something else.
std::optional<std::string> Decrypt(absl::string_view key, absl::string_view bound, absl::string_view sealed);

}  // namespace duban::store
