// How keys are spelled so that their byte order is the order of what they say. Numbers are big-endian.
// README.md lists every key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "store/store.h"

namespace duban::store {

// 8 bytes, big-endian.
void AppendNumber(std::string& out, uint64_t number);
std::string NumberKey(uint64_t number);
// Nothing when `bytes` is not exactly 8 bytes.
std::optional<uint64_t> ParseNumber(absl::string_view bytes);

// table (1) | key
std::string RowKey(uint8_t table, absl::string_view key);

// stream | 0 | first revision (8). A stream's name holds no zero byte, so no name's keys lie among another's.
std::string StreamPrefix(absl::string_view stream);
std::string StreamKey(absl::string_view stream, uint64_t first_revision);

// due (8, its sign bit turned so that past and future sort) | name
std::string TimerKey(int64_t due_ms, absl::string_view name);
std::optional<Timer> ParseTimerKey(absl::string_view key);

// The first key after all keys that start with `prefix`; empty when there is none.
std::string AfterPrefix(absl::string_view prefix);

}  // namespace duban::store
