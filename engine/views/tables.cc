#include "engine/views/tables.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

std::string KeyLatest(Instant t) {
  return KeyNewest(static_cast<uint64_t>(absl::ToUnixMillis(t)) ^ (uint64_t{1} << 63));
}

std::string ViewPrefix(uint32_t number, uint32_t version) {
  DUBAN_CHECK(number < 256 && version < 256, "views and their versions are numbered in a byte");
  return {static_cast<char>(number), static_cast<char>(version)};
}

std::string ViewPrefix(const Definition& view) { return ViewPrefix(static_cast<uint32_t>(view.number), view.version); }

std::string ViewIndexRun(const Definition& view, absl::string_view label, absl::string_view value) {
  return absl::StrCat(ViewPrefix(view), KeyText(label), KeyText(value));
}

std::string ViewCellKey(const Definition& view, const Ids& audience, const Cell& values) {
  std::string key = absl::StrCat(ViewPrefix(view), KeyText(absl::StrJoin(audience, "\x1f")));
  for (const std::string& value : values) absl::StrAppend(&key, KeyText(value));
  return key;
}

ParsedCell ParseViewCellKey(absl::string_view key) {
  DUBAN_CHECK(key.size() >= 2, "a cell's key begins with its view");
  key.remove_prefix(2);
  ParsedCell cell;
  for (bool first = true; !key.empty(); first = false) {
    const size_t end = key.find('\0');
    DUBAN_CHECK(end != absl::string_view::npos, "each part of a cell's key ends with a zero");
    if (first) {
      cell.audience = key.substr(0, end);
    } else {
      cell.values.emplace_back(key.substr(0, end));
    }
    key.remove_prefix(end + 1);
  }
  return cell;
}

std::string ViewCellValue(const ViewCell& cell) {
  return absl::StrCat(KeyNumber(static_cast<uint64_t>(cell.count)), KeyNumber(cell.changes));
}

ViewCell ParseViewCell(absl::string_view value) {
  ViewCell cell;
  if (value.size() >= 8) cell.count = static_cast<int64_t>(ParseKeyNumber(value.substr(0, 8)));
  if (value.size() >= 16) cell.changes = ParseKeyNumber(value.substr(8, 8));
  return cell;
}

std::string ViewGroupKey(const Definition& view, const Cell& values) {
  return absl::StrJoin(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(view.group), "\x1f");
}

}  // namespace duban::engine
