// Tables whose columns stand straight under each other although Chinese characters are two columns wide.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace duban::cli {

// How many columns of a terminal a UTF-8 text takes: wide characters two, combining marks none. Broken bytes count as
// one column each.
size_t DisplayWidth(absl::string_view text);

// Cuts to at most `width` columns; what is cut ends with "…". Line breaks become blanks.
std::string FitWidth(absl::string_view text, size_t width);

// Fills with blanks up to `width` columns.
std::string PadWidth(absl::string_view text, size_t width);

// Colours of a terminal.
enum class Ink { kNone, kRed, kYellow, kGreen, kGrey };

// A table that is printed once it is complete, because a column is as wide as its widest cell.
class Table {
 public:
  struct Cell {
    Cell(std::string text, Ink ink = Ink::kNone) : text(std::move(text)), ink(ink) {}  // NOLINT: meant to convert
    Cell(const char* text) : text(text) {}                                             // NOLINT: meant to convert
    std::string text;
    Ink ink = Ink::kNone;
  };

  // `widest` bounds every column; longer cells are cut. `whole_last`: but not those of the last column.
  explicit Table(std::vector<std::string> heads, size_t widest = 48, bool whole_last = false)
      : heads_(std::move(heads)), widest_(widest), whole_last_(whole_last) {}

  void Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  // Heads, a rule, the rows; without colours unless `colours`. Where a line would be wider than `room` columns of the
  // terminal, the widest cells are cut, but never the first column: it is what one types. 0: any width will do.
  std::string Text(bool colours, size_t room = 0) const;

 private:
  std::vector<size_t> Widths(size_t room) const;

  std::vector<std::string> heads_;
  size_t widest_;
  bool whole_last_;
  std::vector<std::vector<Cell>> rows_;
};

// A text in a colour.
std::string Coloured(absl::string_view text, Ink ink);

}  // namespace duban::cli
