// Keys of the views' rows. Parts are joined so that byte order is the order wanted: text parts end with a zero byte
// (no id contains one), numbers are 8 bytes big-endian, complemented where newest comes first.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/base/time.h"
#include "engine/views/view.h"

namespace duban::engine {

// `text` and a zero byte.
std::string KeyText(absl::string_view text);
// 8 bytes, big-endian.
std::string KeyNumber(uint64_t n);
uint64_t ParseKeyNumber(absl::string_view bytes);  // REQUIRES: 8 bytes.
// Complemented: greater numbers come first.
std::string KeyNewest(uint64_t n);
// Milliseconds since 1970 in ascending order; complemented: the latest first.
std::string KeyInstant(Instant t);
std::string KeyLatest(Instant t);

// What all keys of one version of a view begin with: its number and its version, a byte each.
std::string ViewPrefix(const Definition& view);
std::string ViewPrefix(uint32_t number, uint32_t version);

// The run of index entries of one label's value; the id and a zero byte, place and key follow. Empty name: all rows.
std::string ViewIndexRun(const Definition& view, absl::string_view label, absl::string_view value);

// A counting cell: prefix, the sorted ids joined by '\x1f', zero, each value and a zero.
std::string ViewCellKey(const Definition& view, const Ids& audience, const Cell& values);
struct ParsedCell {
  absl::string_view audience;  // As in the key.
  Cell values;
};
ParsedCell ParseViewCellKey(absl::string_view key);

// What a counting cell holds.
struct ViewCell {
  int64_t count = 0;
  uint64_t changes = 0;  // How often it changed: what the version of a summed row is made of.
};
std::string ViewCellValue(const ViewCell& cell);
ViewCell ParseViewCell(absl::string_view value);  // Empty: a cell that was never counted for.

// The key of the row that a cell is summed into.
std::string ViewGroupKey(const Definition& view, const Cell& values);

}  // namespace duban::engine
