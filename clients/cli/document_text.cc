// A document in a terminal, and what both ways of showing one share.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "clients/cli/dates.h"
#include "clients/cli/document_page.h"
#include "clients/cli/table.h"
#include "clients/cli/utf8.h"

namespace duban::cli {
namespace {

constexpr size_t kColumns = 56;  // 28 characters of two columns (5.2.3).
constexpr size_t kWidestCell = 40;

constexpr const char* kDigits[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};

// 1 to 99 as 一, 十, 二十三.
std::string ChineseNumber(int n) {
  if (n <= 0 || n > 99) return absl::StrCat(n);
  if (n < 10) return kDigits[n];
  return absl::StrCat(n / 10 == 1 ? "" : kDigits[n / 10], "十", kDigits[n % 10]);
}

std::string Centered(absl::string_view text) {
  const size_t width = DisplayWidth(text);
  return absl::StrCat(std::string(width < kColumns ? (kColumns - width) / 2 : 0, ' '), text, "\n");
}

// Signs that never begin a line.
bool StaysBehind(absl::string_view sign) {
  static constexpr absl::string_view kSigns[] = {"，", "。", "、", "；", "：", "？", "！", "）", "”", "》", "〕", "’"};
  for (absl::string_view known : kSigns) {
    if (sign == known) return true;
  }
  return false;
}

// In lines of the type area's width; the first begins with two blank characters where it is a paragraph.
std::string Wrapped(absl::string_view text, bool indented) {
  std::string out, line = indented ? "    " : "";
  size_t width = line.size();
  while (!text.empty()) {
    const absl::string_view before = text;
    NextCharacter(&text);
    const absl::string_view character = before.substr(0, before.size() - text.size());
    if (character == "\n") {
      absl::StrAppend(&out, line, "\n");
      line = indented ? "    " : "";
      width = line.size();
      continue;
    }
    const size_t wide = DisplayWidth(character);
    if (width + wide > kColumns && !StaysBehind(character)) {
      absl::StrAppend(&out, line, "\n");
      line.clear();
      width = 0;
    }
    absl::StrAppend(&line, character);
    width += wide;
  }
  return absl::StrCat(out, line, "\n");
}

}  // namespace

std::string HeadingMark(int level, int nth) {
  switch (level) {
    case 1:
      return absl::StrCat(ChineseNumber(nth), "、");
    case 2:
      return absl::StrCat("（", ChineseNumber(nth), "）");
    case 3:
      return absl::StrCat(nth, ". ");
    default:
      return absl::StrCat("（", nth, "）");
  }
}

std::string HeadingCount::Next(int level) {
  if (level < 1 || level > 4) return "";
  for (int below = level + 1; below <= 4; ++below) counts_[below] = 0;
  return HeadingMark(level, ++counts_[level]);
}

std::string IssueDate(const v1::DocumentIssued& issued, absl::TimeZone zone) {
  const absl::CivilDay day = absl::ToCivilDay(FromTimestamp(issued.at()), zone);
  return absl::StrCat(day.year(), "年", day.month(), "月", day.day(), "日");
}

std::string DocumentText(const v1::DocumentIssued& issued, absl::TimeZone zone) {
  std::string out = issued.secrecy() == v1::SECRECY_WORK_SECRET ? "工作秘密\n" : "";
  absl::StrAppend(&out, Centered(issued.from_title()));
  absl::StrAppend(&out, Centered(issued.number()), std::string(kColumns, '-'), "\n\n", Centered(issued.title()), "\n");
  if (!issued.to().empty()) absl::StrAppend(&out, Wrapped(absl::StrCat(issued.to_title(), "："), false));
  HeadingCount headings;
  for (const v1::DocumentBlock& block : issued.blocks()) {
    if (block.has_heading()) {
      absl::StrAppend(&out,
                      Wrapped(absl::StrCat(headings.Next(block.heading().level()), block.heading().text()), true));
    } else if (block.has_table()) {
      if (!block.table().caption().empty()) absl::StrAppend(&out, Centered(block.table().caption()));
      Table table({block.table().columns().begin(), block.table().columns().end()}, kWidestCell, true);
      for (const v1::DocumentTableRow& row : block.table().rows()) {
        std::vector<Table::Cell> cells;
        for (const std::string& cell : row.cells()) cells.emplace_back(cell);
        table.Add(std::move(cells));
      }
      absl::StrAppend(&out, table.Text(false));
    } else {
      absl::StrAppend(&out, Wrapped(block.paragraph(), true));
    }
  }
  // 7.3.5.1: the date four characters from the right, the unit centred above it.
  const std::string date = IssueDate(issued, zone);
  const size_t widest = std::max(DisplayWidth(date), DisplayWidth(issued.from_title()));
  const auto signed_by = [&](const std::string& text) {
    const size_t width = DisplayWidth(text);
    const size_t right = 8 + (widest - width) / 2;
    return absl::StrCat(std::string(width + right < kColumns ? kColumns - width - right : 0, ' '), text, "\n");
  };
  absl::StrAppend(&out, "\n", signed_by(issued.from_title()), signed_by(date));
  return out;
}

}  // namespace duban::cli
