#include "engine/picture/text.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace duban::engine {
namespace {

// Marks that begin no line, and those that end none.
constexpr absl::string_view kClosing[] = {"，", "。", "、", "；", "：", "）", "”",
                                          "〕", "》", "！", "？", ")",  ",",  ";"};
constexpr absl::string_view kOpening[] = {"（", "“", "〔", "《", "("};

// The first character of a text.
absl::string_view First(absl::string_view text) {
  size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) ++length;
  return text.substr(0, length);
}

bool IsWide(absl::string_view character) { return static_cast<unsigned char>(character[0]) >= 0xE2; }

bool IsOneOf(absl::string_view character, const absl::string_view* begin, const absl::string_view* end) {
  return std::find(begin, end, character) != end;
}
bool IsClosing(absl::string_view c) { return IsOneOf(c, std::begin(kClosing), std::end(kClosing)); }
bool IsOpening(absl::string_view c) { return IsOneOf(c, std::begin(kOpening), std::end(kOpening)); }

// What is not parted: a Chinese character with the marks that cling to it, or a word.
std::vector<std::string> Pieces(absl::string_view text) {
  std::vector<std::string> pieces;
  bool clings = false;  // To what comes next.
  bool word = false;    // The last piece is one, and goes on.
  while (!text.empty()) {
    const absl::string_view c = First(text);
    text.remove_prefix(c.size());
    const bool in_word = !IsWide(c) && c != " ";
    const bool joins = !pieces.empty() && (clings || IsClosing(c) || (word && in_word) || c == " ");
    if (joins) {
      absl::StrAppend(&pieces.back(), c);
    } else {
      pieces.emplace_back(c);
    }
    clings = IsOpening(c);
    word = in_word;
  }
  return pieces;
}

// A word that is too long alone, cut.
std::vector<std::string> Cut(const std::string& piece, int font_size, int width) {
  std::vector<std::string> out(1);
  for (absl::string_view rest = piece; !rest.empty();) {
    const absl::string_view c = First(rest);
    rest.remove_prefix(c.size());
    if (!out.back().empty() && TextWidth(absl::StrCat(out.back(), c), font_size) > width) out.emplace_back();
    absl::StrAppend(&out.back(), c);
  }
  return out;
}

}  // namespace

int TextWidth(absl::string_view text, int font_size) {
  int tenths = 0;
  while (!text.empty()) {
    const absl::string_view c = First(text);
    text.remove_prefix(c.size());
    tenths += IsWide(c) ? 10 : 6;
  }
  return (tenths * font_size + 9) / 10;
}

std::vector<std::string> Wrap(absl::string_view text, int font_size, int width) {
  std::vector<std::string> lines;
  std::string line;
  const auto end_line = [&] {
    while (!line.empty() && line.back() == ' ') line.pop_back();
    if (!line.empty()) lines.push_back(std::exchange(line, ""));
  };
  for (const std::string& piece : Pieces(text)) {
    if (TextWidth(absl::StrCat(line, piece), font_size) <= width) {
      absl::StrAppend(&line, piece);
      continue;
    }
    end_line();
    std::vector<std::string> parts = Cut(piece, font_size, width);
    lines.insert(lines.end(), parts.begin(), parts.end() - 1);
    line = parts.back();
  }
  end_line();
  return lines;
}

std::string Escaped(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
      case '\r':
      case '\t':
        out += ' ';
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace duban::engine
