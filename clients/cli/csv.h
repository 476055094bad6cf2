// CSV as RFC 4180 has it, and as spreadsheets really write it.
//
// Quoted fields may hold commas, doubled quotes and line breaks; records end with LF, CRLF or CR; a byte order mark is
// passed over; the last record needs no line end; empty lines are passed over. What is wrong is said per record and
// the reading goes on, so that one bad line never hides the others.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace duban::cli {

// Something wrong in a record.
struct CsvFault {
  enum class Kind {
    kStrayQuote,      // A quote inside an unquoted field; kept as it stands.
    kTextAfterQuote,  // Text behind a closing quote; kept as it stands.
    kOpenQuote,       // A quoted field that never ends: the record reaches to the end of the file.
    kFieldCount,      // More or fewer fields than the heading.
    kEncoding,        // Bytes that are not UTF-8.
    kLostCharacter,   // U+FFFD: something was lost before the file came here.
  };
  Kind kind = Kind::kFieldCount;
  size_t line = 0;   // Where, in the file as an editor counts, from 1.
  size_t field = 0;  // The field's place in the record, from 0.
};

// One record.
struct CsvRecord {
  size_t line = 0;  // The line on which it begins.
  std::vector<std::string> fields;
  std::vector<CsvFault> faults;
};

// A file with its heading.
struct CsvFile {
  std::vector<std::string> heading;
  std::vector<CsvRecord> records;
  std::vector<CsvFault> heading_faults;

  // The place of a column; -1 when there is none of this name.
  int Column(absl::string_view name) const;
};

// Reads a whole text. Never fails: what is wrong stands in the faults.
CsvFile ParseCsv(absl::string_view text);

// A field as it must be written: quoted where it has to be.
std::string QuoteCsv(absl::string_view field);

}  // namespace duban::cli
