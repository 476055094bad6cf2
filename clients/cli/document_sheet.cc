// The only door to libxlsxwriter.
#include "clients/cli/document_sheet.h"

#include <xlsxwriter.h>

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/cli/document_page.h"
#include "clients/cli/table.h"
#include "clients/cli/utf8.h"

namespace duban::cli {
namespace {

constexpr size_t kSheetNameCharacters = 28;  // The format takes 31; a number may follow.
constexpr size_t kDigitsMax = 12;            // A longer run of digits is a number by which something is known.
constexpr double kWidest = 60;
constexpr double kTextWidth = 90;

// A name that the format takes: no []:*?/\ in it, not empty, not too long, each once.
std::string SheetName(absl::string_view caption, std::set<std::string>& taken) {
  std::string name;
  for (size_t characters = 0; !caption.empty() && characters < kSheetNameCharacters; ++characters) {
    const absl::string_view before = caption;
    NextCharacter(&caption);
    const absl::string_view one = before.substr(0, before.size() - caption.size());
    if (one.size() > 1 || absl::string_view("[]:*?/\\'").find(one) == absl::string_view::npos)
      absl::StrAppend(&name, one);
  }
  if (name.empty()) name = "表";
  std::string unique = name;
  for (int n = 2; !taken.insert(unique).second; ++n) unique = absl::StrCat(name, n);
  return unique;
}

// "12", "-3", "+1.25", "60.00%" and nothing else.
bool IsNumber(absl::string_view text, double* number, bool* percent) {
  *percent = absl::ConsumeSuffix(&text, "%");
  const bool is_signed = absl::StartsWith(text, "+") || absl::StartsWith(text, "-");
  const absl::string_view digits = text.substr(is_signed ? 1 : 0);
  if (digits.empty() || digits.size() > kDigitsMax || !absl::ascii_isdigit(digits[0])) return false;
  if (digits.size() > 1 && digits[0] == '0' && digits[1] != '.') return false;
  for (const char c : digits) {
    if (!absl::ascii_isdigit(c) && c != '.') return false;
  }
  return absl::SimpleAtod(text, number);
}

// What cells look like.
struct Formats {
  explicit Formats(lxw_workbook* book) : head(workbook_add_format(book)), text(workbook_add_format(book)) {
    format_set_bold(head);
    format_set_border(head, LXW_BORDER_THIN);
    format_set_text_wrap(head);
    for (lxw_format* one : {text, percent = workbook_add_format(book), change = workbook_add_format(book)}) {
      format_set_border(one, LXW_BORDER_THIN);
      format_set_text_wrap(one);
      format_set_align(one, LXW_ALIGN_VERTICAL_TOP);
    }
    format_set_num_format(percent, "0.00%");
    format_set_num_format(change, "+0.00;-0.00;0.00");
    wrapped = workbook_add_format(book);
    format_set_text_wrap(wrapped);
  }
  lxw_format* head;
  lxw_format* text;
  lxw_format* percent;
  lxw_format* change;
  lxw_format* wrapped;
};

void WriteCell(lxw_worksheet* sheet, uint32_t row, uint16_t column, const std::string& text, const Formats& formats) {
  double number = 0;
  bool percent = false;
  if (!IsNumber(text, &number, &percent)) {
    worksheet_write_string(sheet, row, column, text.c_str(), formats.text);
  } else if (percent) {
    worksheet_write_number(sheet, row, column, number / 100, formats.percent);
  } else {
    const bool change = absl::StartsWith(text, "+") || absl::StartsWith(text, "-");
    worksheet_write_number(sheet, row, column, number, change ? formats.change : formats.text);
  }
}

void WriteTable(lxw_worksheet* sheet, const v1::DocumentTable& table, const Formats& formats) {
  std::vector<double> widths;
  for (const std::string& column : table.columns()) {
    worksheet_write_string(sheet, 0, static_cast<uint16_t>(widths.size()), column.c_str(), formats.head);
    widths.push_back(static_cast<double>(DisplayWidth(column)) + 2);
  }
  for (int row = 0; row < table.rows_size(); ++row) {
    for (int column = 0; column < table.rows(row).cells_size(); ++column) {
      const std::string& cell = table.rows(row).cells(column);
      WriteCell(sheet, static_cast<uint32_t>(row) + 1, static_cast<uint16_t>(column), cell, formats);
      const double width = std::min(kWidest, static_cast<double>(DisplayWidth(cell)) + 2);
      if (static_cast<size_t>(column) < widths.size()) widths[column] = std::max(widths[column], width);
    }
  }
  for (size_t column = 0; column < widths.size(); ++column) {
    const auto at = static_cast<uint16_t>(column);
    worksheet_set_column(sheet, at, at, widths[column], nullptr);
  }
  worksheet_freeze_panes(sheet, 1, 0);
}

}  // namespace

bool WriteSheet(const v1::DocumentIssued& issued, absl::TimeZone zone, const std::string& path) {
  lxw_workbook* book = workbook_new(path.c_str());
  if (book == nullptr) return false;
  const Formats formats(book);
  std::set<std::string> taken;
  lxw_worksheet* words = workbook_add_worksheet(book, SheetName("正文", taken).c_str());
  worksheet_set_column(words, 0, 0, kTextWidth, nullptr);
  uint32_t row = 0;
  const auto line = [&](const std::string& text) {
    if (!text.empty()) worksheet_write_string(words, row++, 0, text.c_str(), formats.wrapped);
  };
  line(issued.title());
  line(issued.number());
  line(issued.to_title());
  HeadingCount headings;
  for (const v1::DocumentBlock& block : issued.blocks()) {
    if (block.has_heading()) {
      line(absl::StrCat(headings.Next(block.heading().level()), block.heading().text()));
    } else if (block.has_paragraph()) {
      line(block.paragraph());
    } else if (block.has_table()) {
      const std::string name = SheetName(block.table().caption(), taken);
      line(absl::StrCat("（见工作表“", name, "”）"));
      WriteTable(workbook_add_worksheet(book, name.c_str()), block.table(), formats);
    }
  }
  line(issued.from_title());
  line(IssueDate(issued, zone));
  return workbook_close(book) == LXW_NO_ERROR;
}

}  // namespace duban::cli
