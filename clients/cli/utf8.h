// Characters of UTF-8 text, and text that came in another encoding.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace duban::cli {

// Takes the first character off `text`. A byte that begins none is taken alone and read as U+FFFD. REQUIRES: not empty.
char32_t NextCharacter(absl::string_view* text);

// Where the first byte stands that is not UTF-8; nothing when all is well.
std::optional<size_t> FirstBrokenByte(absl::string_view text);

// Converts from an encoding by its iconv name, for example "gb18030". Bytes that mean nothing in it become U+FFFD.
// Nothing when the encoding is unknown here.
std::optional<std::string> ToUtf8(absl::string_view text, const std::string& encoding);

}  // namespace duban::cli
