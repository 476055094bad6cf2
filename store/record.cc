#include "store/record.h"

#include <cstdint>

namespace duban::store {
namespace {

constexpr size_t kHeader = 9;

void PutLength(std::string& out, size_t n) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>((n >> shift) & 0xff));
}

size_t GetLength(absl::string_view bytes) {
  size_t n = 0;
  for (int i = 3; i >= 0; --i) n = (n << 8) | static_cast<uint8_t>(bytes[i]);
  return n;
}

}  // namespace

std::string EncodeRecord(absl::string_view public_part, absl::string_view sealed_part) {
  std::string out;
  out.reserve(kHeader + public_part.size() + sealed_part.size());
  out.push_back(static_cast<char>(kRecordFormat));
  PutLength(out, public_part.size());
  PutLength(out, sealed_part.size());
  out.append(public_part.data(), public_part.size());
  out.append(sealed_part.data(), sealed_part.size());
  return out;
}

absl::StatusOr<RecordParts> ParseRecord(absl::string_view record) {
  if (record.empty()) return absl::DataLossError("empty record");
  const uint8_t format = static_cast<uint8_t>(record[0]);
  if (format > kRecordFormat) return absl::FailedPreconditionError("record of a newer format");
  if (format == 0 || record.size() < kHeader) return absl::DataLossError("record without a header");
  const size_t p = GetLength(record.substr(1, 4));
  const size_t s = GetLength(record.substr(5, 4));
  if (record.size() != kHeader + p + s) return absl::DataLossError("record's lengths do not add up");
  return RecordParts{record.substr(kHeader, p), record.substr(kHeader + p, s)};
}

}  // namespace duban::store
