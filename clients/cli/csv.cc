#include "clients/cli/csv.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "clients/cli/utf8.h"

namespace duban::cli {
namespace {

class Reader {
 public:
  explicit Reader(absl::string_view text) : text_(text) { absl::ConsumePrefix(&text_, "\xEF\xBB\xBF"); }

  bool AtEnd() const { return at_ >= text_.size(); }

  CsvRecord Record() {
    CsvRecord record;
    record.line = line_;
    while (true) {
      record.fields.push_back(Field(&record));
      if (AtEnd()) break;
      if (text_[at_] == ',') {
        ++at_;
        continue;
      }
      LineBreak();
      break;
    }
    return record;
  }

 private:
  bool AtBreak() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

  // Passes LF, CRLF or CR and counts one line.
  void LineBreak() {
    at_ += text_.substr(at_, 2) == "\r\n" ? 2 : 1;
    ++line_;
  }

  std::string Field(CsvRecord* record) {
    std::string value;
    if (!AtEnd() && text_[at_] == '"') Quoted(record, &value);
    while (!AtEnd() && text_[at_] != ',' && !AtBreak()) {
      if (text_[at_] == '"') Fault(record, CsvFault::Kind::kStrayQuote);
      value.push_back(text_[at_++]);
    }
    if (FirstBrokenByte(value)) Fault(record, CsvFault::Kind::kEncoding);
    if (absl::StrContains(value, "\xEF\xBF\xBD")) Fault(record, CsvFault::Kind::kLostCharacter);
    return value;
  }

  void Quoted(CsvRecord* record, std::string* value) {
    size_t opened = line_;
    ++at_;
    while (!AtEnd()) {
      if (text_[at_] == '"') {
        if (text_.substr(at_, 2) != "\"\"") {
          ++at_;
          if (!AtEnd() && text_[at_] != ',' && !AtBreak()) Fault(record, CsvFault::Kind::kTextAfterQuote);
          return;
        }
        ++at_;
      }
      if (AtBreak()) {
        value->push_back('\n');
        LineBreak();
      } else {
        value->push_back(text_[at_++]);
      }
    }
    record->faults.push_back({CsvFault::Kind::kOpenQuote, opened, record->fields.size()});
  }

  void Fault(CsvRecord* record, CsvFault::Kind kind) { record->faults.push_back({kind, line_, record->fields.size()}); }

  absl::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
};

bool IsEmptyLine(const CsvRecord& record) { return record.fields.size() == 1 && record.fields[0].empty(); }

}  // namespace

int CsvFile::Column(absl::string_view name) const {
  for (size_t i = 0; i < heading.size(); ++i) {
    if (heading[i] == name) return static_cast<int>(i);
  }
  return -1;
}

CsvFile ParseCsv(absl::string_view text) {
  CsvFile file;
  Reader reader(text);
  while (!reader.AtEnd()) {
    CsvRecord record = reader.Record();
    if (IsEmptyLine(record)) continue;
    if (file.heading.empty()) {
      for (std::string& name : record.fields) file.heading.emplace_back(absl::StripAsciiWhitespace(name));
      file.heading_faults = std::move(record.faults);
      continue;
    }
    if (record.fields.size() != file.heading.size()) {
      record.faults.push_back({CsvFault::Kind::kFieldCount, record.line, record.fields.size()});
    }
    file.records.push_back(std::move(record));
  }
  return file;
}

std::string QuoteCsv(absl::string_view field) {
  if (field.find_first_of(",\"\r\n") == absl::string_view::npos) return std::string(field);
  return "\"" + absl::StrReplaceAll(field, {{"\"", "\"\""}}) + "\"";
}

}  // namespace duban::cli
