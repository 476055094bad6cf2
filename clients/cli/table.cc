#include "clients/cli/table.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

#include "clients/cli/utf8.h"

namespace duban::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// East Asian wide and full-width characters (Unicode UAX #11), as terminals draw them.
constexpr std::array<Range, 14> kWide = {{{0x1100, 0x115F},
                                          {0x2E80, 0x303E},
                                          {0x3041, 0x33FF},
                                          {0x3400, 0x4DBF},
                                          {0x4E00, 0x9FFF},
                                          {0xA000, 0xA4CF},
                                          {0xA960, 0xA97F},
                                          {0xAC00, 0xD7A3},
                                          {0xF900, 0xFAFF},
                                          {0xFE30, 0xFE6F},
                                          {0xFF00, 0xFF60},
                                          {0xFFE0, 0xFFE6},
                                          {0x1F300, 0x1FAFF},
                                          {0x20000, 0x3FFFD}}};
// Marks that stand on the character before, joiners and variation selectors.
constexpr std::array<Range, 6> kZero = {
    {{0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}}};

template <size_t N>
bool In(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(), [c](const Range& r) { return r.first <= c && c <= r.last; });
}

size_t WidthOf(char32_t c) {
  if (In(kZero, c)) return 0;
  return In(kWide, c) ? 2 : 1;
}

const char* Escape(Ink ink) {
  switch (ink) {
    case Ink::kNone:
      return "";
    case Ink::kRed:
      return "\x1b[31m";
    case Ink::kYellow:
      return "\x1b[33m";
    case Ink::kGreen:
      return "\x1b[32m";
    case Ink::kGrey:
      return "\x1b[90m";
  }
  return "";
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) width += WidthOf(NextCharacter(&text));
  return width;
}

std::string FitWidth(absl::string_view text, size_t width) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  if (DisplayWidth(line) <= width) return line;
  absl::string_view rest = line;
  size_t used = 0;
  while (!rest.empty()) {
    absl::string_view after = rest;
    size_t next = WidthOf(NextCharacter(&after));
    if (used + next + 1 > width) break;  // One column is left for the "…".
    used += next;
    rest = after;
  }
  return line.substr(0, line.size() - rest.size()) + "…";
}

std::string PadWidth(absl::string_view text, size_t width) {
  std::string padded(text);
  size_t used = DisplayWidth(text);
  if (used < width) padded.append(width - used, ' ');
  return padded;
}

std::string Coloured(absl::string_view text, Ink ink) {
  if (ink == Ink::kNone) return std::string(text);
  return std::string(Escape(ink)) + std::string(text) + "\x1b[0m";
}

std::vector<size_t> Table::Widths(size_t room) const {
  constexpr size_t kNarrowest = 16;  // An instant stays whole; below this a cut cell says little.
  constexpr size_t kGap = 2;
  std::vector<size_t> widths;
  for (const std::string& head : heads_) widths.push_back(DisplayWidth(head));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], std::min(widest_, DisplayWidth(row[i].text)));
    }
  }
  size_t line = std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
  while (room > 0 && line > room && widths.size() > 1) {
    size_t& widest = *std::max_element(widths.begin() + 1, widths.end());
    if (widest <= kNarrowest) break;
    --widest;
    --line;
  }
  return widths;
}

std::string Table::Text(bool colours, size_t room) const {
  const std::vector<size_t> widths = Widths(room);
  std::string out;
  auto line = [&](size_t i, const std::string& text, Ink ink) {
    bool last = i + 1 == widths.size();
    std::string fitted = FitWidth(text, last && whole_last_ ? std::string::npos : widths[i]);
    std::string padded = last ? fitted : PadWidth(fitted, widths[i]) + "  ";
    out += colours ? Coloured(padded, ink) : padded;
    if (last) out += "\n";
  };
  for (size_t i = 0; i < heads_.size(); ++i) line(i, heads_[i], Ink::kNone);
  for (size_t i = 0; i < widths.size(); ++i) line(i, std::string(widths[i], '-'), Ink::kGrey);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < widths.size(); ++i)
      line(i, i < row.size() ? row[i].text : "", i < row.size() ? row[i].ink : Ink::kNone);
  }
  return out;
}

}  // namespace duban::cli
