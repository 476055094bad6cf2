// Keys of the views' rows. Parts are joined so that byte order is the order wanted: text parts end with a zero byte
// (no id contains one), numbers are 8 bytes big-endian, complemented where newest comes first.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/base/time.h"

namespace duban::engine {

// `text` and a zero byte.
std::string KeyText(absl::string_view text);
// 8 bytes, big-endian.
std::string KeyNumber(uint64_t n);
uint64_t ParseKeyNumber(absl::string_view bytes);  // REQUIRES: 8 bytes.
// Complemented: greater numbers come first.
std::string KeyNewest(uint64_t n);
// Milliseconds since 1970 in ascending order.
std::string KeyInstant(Instant t);

// Ledger index: `id` sees the case that was opened at `position`, as the n-th case of that commit.
std::string LedgerIndexKey(absl::string_view id, uint64_t opened_position, absl::string_view case_name);
// Alert index: newest first; of one instant, the case that was opened last first.
std::string AlertIndexKey(absl::string_view id, Instant at, uint64_t opened_position, absl::string_view alert_name);
// Worklist: earliest due first, then the case that was opened first.
std::string WorklistKey(absl::string_view assignee, Instant due, uint64_t opened_position, absl::string_view case_name);
// Counting cell of the ledger.
struct LedgerCell {
  std::string audience;  // The sorted ids joined by '\x1f'.
  std::string procedure;
  std::string stage;
  std::string light;
  int timeliness = 0;
  bool open = true;
};
std::string LedgerCellKey(const LedgerCell& cell);
LedgerCell ParseLedgerCellKey(absl::string_view key);

}  // namespace duban::engine
