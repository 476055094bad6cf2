#include "clients/cli/utf8.h"

#include <iconv.h>

#include <cerrno>
#include <cstdint>

namespace duban::cli {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr absl::string_view kReplacementBytes = "\xEF\xBF\xBD";

// The length of a well-formed character at the start of `text`, 0 when there is none (Unicode, table 3-7: no overlong
// forms, no surrogates, nothing above U+10FFFF).
size_t LengthOf(absl::string_view text) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  auto tail = [&](size_t i, uint8_t low = 0x80, uint8_t high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
    uint8_t high = first == 0xED ? 0x9F : 0xBF;
    return tail(1, low, high) && tail(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    uint8_t low = first == 0xF0 ? 0x90 : 0x80;
    uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
    return tail(1, low, high) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

char32_t NextCharacter(absl::string_view* text) {
  size_t length = LengthOf(*text);
  if (length == 0) {
    text->remove_prefix(1);
    return kReplacement;
  }
  constexpr uint8_t kLeadBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t c = static_cast<uint8_t>((*text)[0]) & kLeadBits[length];
  for (size_t i = 1; i < length; ++i) c = (c << 6) | (static_cast<uint8_t>((*text)[i]) & 0x3F);
  text->remove_prefix(length);
  return c;
}

std::optional<size_t> FirstBrokenByte(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    size_t length = LengthOf(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

std::optional<std::string> ToUtf8(absl::string_view text, const std::string& encoding) {
  iconv_t converter = iconv_open("UTF-8", encoding.c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  std::string out;
  std::string bytes(text);
  char* in = bytes.data();
  size_t in_left = bytes.size();
  char buffer[4096];
  while (in_left > 0) {
    char* to = buffer;
    size_t to_left = sizeof(buffer);
    size_t result = iconv(converter, &in, &in_left, &to, &to_left);
    out.append(buffer, sizeof(buffer) - to_left);
    if (result != static_cast<size_t>(-1) || errno == E2BIG) continue;
    out.append(kReplacementBytes.data(), kReplacementBytes.size());
    ++in;  // An unknown or cut-off byte: leave it out and go on with the next.
    --in_left;
  }
  iconv_close(converter);
  return out;
}

}  // namespace duban::cli
