// The frame of a record in the log: a public part and a sealed part, from the first format on.
//
//   offset  size  content
//   0       1     format version, 1
//   1       4     length p of the public part, little-endian
//   5       4     length s of the sealed part, little-endian
//   9       p     public part: a serialised duban.v1.Commit
//   9+p     s     sealed part: ciphertexts of personal data; empty where the commit has none
//
// Only stored bytes are ever hashed: protobuf's encoding is not canonical. README.md describes the whole format.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace duban::store {

inline constexpr uint8_t kRecordFormat = 1;

// Views into the record that was parsed.
struct RecordParts {
  absl::string_view public_part;
  absl::string_view sealed_part;
};

std::string EncodeRecord(absl::string_view public_part, absl::string_view sealed_part);

// DATA_LOSS when the lengths do not add up; FAILED_PRECONDITION when the format is newer than this program.
absl::StatusOr<RecordParts> ParseRecord(absl::string_view record);

}  // namespace duban::store
