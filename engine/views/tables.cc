#include "engine/views/tables.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

namespace duban::engine {

std::string KeyText(absl::string_view text) {
  std::string out(text);
  out.push_back('\0');
  return out;
}

std::string KeyNumber(uint64_t n) {
  std::string out(8, '\0');
  for (int i = 7; i >= 0; --i, n >>= 8) out[i] = static_cast<char>(n & 0xff);
  return out;
}

uint64_t ParseKeyNumber(absl::string_view bytes) {
  DUBAN_CHECK(bytes.size() == 8, "a number in a key has eight bytes");
  uint64_t n = 0;
  for (char c : bytes) n = (n << 8) | static_cast<uint8_t>(c);
  return n;
}

std::string KeyNewest(uint64_t n) { return KeyNumber(~n); }

std::string KeyInstant(Instant t) {
  // The offset keeps instants before 1970 in order too.
  return KeyNumber(static_cast<uint64_t>(absl::ToUnixMillis(t)) ^ (uint64_t{1} << 63));
}

std::string LedgerIndexKey(absl::string_view id, uint64_t opened_position, absl::string_view case_name) {
  return absl::StrCat(KeyText(id), KeyNewest(opened_position), case_name);
}

std::string AlertIndexKey(absl::string_view id, Instant at, uint64_t opened_position, absl::string_view alert_name) {
  return absl::StrCat(KeyText(id), KeyNewest(static_cast<uint64_t>(absl::ToUnixMillis(at)) ^ (uint64_t{1} << 63)),
                      KeyNewest(opened_position), alert_name);
}

std::string WorklistKey(absl::string_view assignee, Instant due, uint64_t opened_position,
                        absl::string_view case_name) {
  return absl::StrCat(KeyText(assignee), KeyInstant(due), KeyNumber(opened_position), case_name);
}

std::string LedgerCellKey(const LedgerCell& cell) {
  return absl::StrCat(KeyText(cell.audience), KeyText(cell.procedure), KeyText(cell.stage), KeyText(cell.light),
                      cell.open ? "o" : "e", cell.timeliness);
}

LedgerCell ParseLedgerCellKey(absl::string_view key) {
  LedgerCell cell;
  for (std::string* part : {&cell.audience, &cell.procedure, &cell.stage, &cell.light}) {
    const size_t end = key.find('\0');
    DUBAN_CHECK(end != absl::string_view::npos, "a counting cell's key has four text parts");
    *part = std::string(key.substr(0, end));
    key.remove_prefix(end + 1);
  }
  DUBAN_CHECK(!key.empty(), "a counting cell's key ends with two numbers");
  cell.open = key[0] == 'o';
  DUBAN_CHECK(absl::SimpleAtoi(key.substr(1), &cell.timeliness), "timeliness is a number");
  return cell;
}

}  // namespace duban::engine
