#include "store/keys.h"

namespace duban::store {
namespace {

constexpr uint64_t kSignBit = uint64_t{1} << 63;

}  // namespace

void AppendNumber(std::string& out, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((number >> shift) & 0xff));
}

std::string NumberKey(uint64_t number) {
  std::string out;
  AppendNumber(out, number);
  return out;
}

std::optional<uint64_t> ParseNumber(absl::string_view bytes) {
  if (bytes.size() != 8) return std::nullopt;
  uint64_t number = 0;
  for (char byte : bytes) number = (number << 8) | static_cast<uint8_t>(byte);
  return number;
}

std::string RowKey(uint8_t table, absl::string_view key) {
  std::string out;
  out.reserve(1 + key.size());
  out.push_back(static_cast<char>(table));
  out.append(key.data(), key.size());
  return out;
}

std::string StreamPrefix(absl::string_view stream) {
  std::string out;
  out.reserve(stream.size() + 9);
  out.append(stream.data(), stream.size());
  out.push_back('\0');
  return out;
}

std::string StreamKey(absl::string_view stream, uint64_t first_revision) {
  std::string out = StreamPrefix(stream);
  AppendNumber(out, first_revision);
  return out;
}

std::string TimerKey(int64_t due_ms, absl::string_view name) {
  std::string out;
  out.reserve(8 + name.size());
  AppendNumber(out, static_cast<uint64_t>(due_ms) ^ kSignBit);
  out.append(name.data(), name.size());
  return out;
}

std::optional<Timer> ParseTimerKey(absl::string_view key) {
  const auto due = ParseNumber(key.substr(0, 8));
  if (!due) return std::nullopt;
  return Timer{static_cast<int64_t>(*due ^ kSignBit), std::string(key.substr(8))};
}

std::string AfterPrefix(absl::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<uint8_t>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<uint8_t>(end.back()) + 1);
  return end;
}

}  // namespace duban::store
