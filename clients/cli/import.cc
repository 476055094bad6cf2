// `duban import`: reads the files, checks them against each other, then one of the two kinds.
#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "clients/cli/import_steps.h"
#include "clients/cli/utf8.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

constexpr int kLedgerPage = 500;

// The CSV file's text in UTF-8; false after saying what is wrong.
bool ReadTable(const Console& console, const ImportOptions& options, CsvFile* file) {
  auto text = ReadFile(options.file);
  if (!text) {
    console.Remark(absl::StrCat("读不了文件 ", options.file, "。"),
                   absl::StrCat("Cannot read the file ", options.file, "."));
    return false;
  }
  if (!options.encoding.empty()) {
    auto converted = ToUtf8(*text, options.encoding);
    if (!converted) {
      console.Remark(absl::StrCat("不认识编码“", options.encoding, "”，可用 gb18030、gbk、big5、utf-16 等。"),
                     absl::StrCat("Unknown encoding \"", options.encoding, "\"; try gb18030, gbk, big5, utf-16."));
      return false;
    }
    text = std::move(converted);
  }
  *file = ParseCsv(*text);
  if (file->heading.empty()) {
    console.Remark(absl::StrCat(options.file, " 是空文件。"), absl::StrCat(options.file, " is empty."));
    return false;
  }
  std::set<std::string> seen;
  for (const std::string& column : file->heading) {
    if (column.empty() || seen.insert(column).second) continue;
    console.Remark(absl::StrCat(options.file, ":1: 表头有两列都叫“", column, "”，分不清，请改名。"),
                   absl::StrCat(options.file, ":1: two columns are called \"", column, "\"; rename one."));
    return false;
  }
  for (const CsvFault& fault : file->heading_faults) {
    if (fault.kind != CsvFault::Kind::kEncoding) continue;
    console.Remark(
        absl::StrCat(options.file, ":1: 表头不是 UTF-8；如文件是国标编码，请加 --encoding gb18030。"),
        absl::StrCat(options.file, ":1: the heading is not UTF-8; for a GB encoding add --encoding gb18030."));
    return false;
  }
  return true;
}

void SayFaults(const Console& console, const ImportOptions& options, const std::vector<MappingFault>& faults) {
  for (const MappingFault& fault : faults) {
    std::string at = absl::StrCat(options.map, ":", fault.line, ": ");
    console.Remark(at + fault.text.zh(), at + fault.text.en());
  }
}

// The mapping, checked against the file; false after saying everything that is wrong.
bool ReadMap(const Console& console, const ImportOptions& options, const CsvFile& file, Mapping* mapping) {
  auto text = ReadFile(options.map);
  if (!text) {
    console.Remark(absl::StrCat("读不了映射文件 ", options.map, "。"),
                   absl::StrCat("Cannot read the mapping ", options.map, "."));
    return false;
  }
  std::vector<MappingFault> faults;
  *mapping = ReadMapping(ParseYaml(*text), &faults);
  if (faults.empty()) faults = MissingColumns(*mapping, file);
  SayFaults(console, options, faults);
  return faults.empty();
}

google::protobuf::Value JsonText(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  return value;
}

google::protobuf::Value JsonNumber(double number) {
  google::protobuf::Value value;
  value.set_number_value(number);
  return value;
}

}  // namespace

bool FindExisting(Session& session, const std::string& procedure, const std::string& field, ExistingCases* existing,
                  int* code) {
  v1::QueryLedgerRequest request;
  request.mutable_filter()->set_procedure(procedure);
  request.set_page_size(kLedgerPage);
  while (true) {
    auto page = session.Call(request, code);
    if (page == nullptr) return false;
    for (const v1::LedgerRow& row : page->rows()) {
      ++existing->total;
      auto column = std::find_if(row.columns().begin(), row.columns().end(),
                                 [&](const auto& shown) { return shown.field() == field; });
      if (column != row.columns().end() && column->shown_size() > 0) {
        existing->by_key[column->shown(0)] = row.case_();
      } else if (!row.subject().empty()) {
        existing->by_key[row.subject()] = row.case_();  // The key may be what the procedure calls its subject.
      }
    }
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  return true;
}

Finding RefusedByServer(const Mapping& mapping, size_t line, const std::string& about, const client::Error& error) {
  Finding finding;
  finding.line = line;
  finding.reason = error.reason.empty() ? std::string(absl::StatusCodeToString(error.code)) : error.reason;
  for (const char* fact : {"party", "field"}) {
    auto named = error.facts.find(fact);
    if (named != error.facts.end()) {
      finding.column = ColumnOf(mapping, std::string(absl::StripPrefix(named->second, "fields.")));
    }
  }
  finding.text = Both(absl::StrCat(error.message.zh(), "（未导入）"), absl::StrCat(error.message.en(), " (left out)"));
  finding.refused = true;
  finding.about = about;
  return finding;
}

bool IsHopeless(const client::Error& error) {
  return error.code == absl::StatusCode::kUnavailable || error.code == absl::StatusCode::kDeadlineExceeded ||
         error.code == absl::StatusCode::kUnauthenticated;
}

void PrintRemarks(const ImportRun& run, std::vector<Finding> findings) {
  const Console& console = run.session.console();
  std::stable_sort(findings.begin(), findings.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  std::map<std::string, int> shown;
  for (const Finding& finding : findings) {
    if (run.session.json()) {
      google::protobuf::Struct json;
      auto& fields = *json.mutable_fields();
      fields["line"] = JsonNumber(static_cast<double>(finding.line));
      fields["column"] = JsonText(finding.column);
      fields["reason"] = JsonText(finding.reason);
      fields["handling"] = JsonText(finding.refused ? "left_out" : "imported");
      fields["zh"] = JsonText(finding.text.zh());
      fields["en"] = JsonText(finding.text.en());
      fields["about"] = JsonText(finding.about);
      console.PrintJson(json);
      continue;
    }
    if (run.options.show > 0 && ++shown[finding.reason] > run.options.show) continue;
    std::vector<std::string> parts;
    for (const std::string& part : {finding.about, finding.column}) {
      if (!part.empty()) parts.push_back(part);
    }
    std::string where = parts.empty() ? "" : absl::StrCat("[", absl::StrJoin(parts, " "), "] ");
    console.Print(
        absl::StrCat(run.options.file, ":", finding.line, ": ",
                     finding.refused ? console.Word("不导入 ", "left out ") : console.Word("存疑 ", "doubtful "),
                     finding.reason, " ", where, console.Say(finding.text)));
  }
  if (run.session.json() || findings.empty()) return;
  std::map<std::string, std::set<std::string>> cases;
  for (const Finding& finding : findings) {
    if (run.mapping.is_log) cases[finding.reason].insert(finding.about);
  }
  for (const auto& [reason, count] : CountByReason(findings)) {
    bool cut = run.options.show > 0 && count > run.options.show;
    std::string line =
        absl::StrCat("  ", reason, "  ", console.Word(absl::StrCat(count, " 行"), absl::StrCat(count, " rows")));
    if (run.mapping.is_log) {
      size_t of = cases[reason].size();
      absl::StrAppend(&line, console.Word(absl::StrCat("，", of, " 件"), absl::StrCat(", ", of, " cases")));
    }
    if (cut) {
      absl::StrAppend(&line, console.Word(absl::StrCat("（列出 ", run.options.show, " 条，--show 0 列出全部）"),
                                          absl::StrCat(" (", run.options.show, " shown; --show 0 lists all)")));
    }
    console.Print(line);
  }
}

RowCounts CountRows(const std::vector<Finding>& findings) {
  std::map<size_t, bool> refused;
  for (const Finding& finding : findings) refused[finding.line] = refused[finding.line] || finding.refused;
  RowCounts counts;
  for (const auto& [line, left_out] : refused) ++(left_out ? counts.refused : counts.doubtful);
  return counts;
}

void PrintSummary(const ImportRun& run, const v1::Text& head, const std::vector<Count>& counts) {
  const Console& console = run.session.console();
  if (run.session.json()) {
    google::protobuf::Struct json;
    for (const Count& count : counts)
      (*json.mutable_fields())[count.name] = JsonNumber(static_cast<double>(count.count));
    console.PrintJson(json);
    return;
  }
  std::vector<std::string> zh, en;
  for (const Count& count : counts) {
    zh.push_back(absl::StrCat(count.zh, " ", count.count));
    en.push_back(absl::StrCat(count.name, " ", count.count));
  }
  console.Print(absl::StrCat(head.zh(), "：", absl::StrJoin(zh, "，")));
  console.Print(absl::StrCat(head.en(), ": ", absl::StrJoin(en, ", ")));
}

int RunImport(Session& session, const ImportOptions& options) {
  const Console& console = session.console();
  CsvFile file;
  Mapping mapping;
  if (!ReadTable(console, options, &file) || !ReadMap(console, options, file, &mapping)) return kExitUsage;
  // Asked for aloud first: without the procedure's own words every value would be read as text.
  v1::GetProcedureRequest which;
  which.set_name(mapping.procedure);
  int code = kExitOk;
  if (session.Call(which, &code) == nullptr) return code;
  const std::vector<MappingFault> faults = UnknownWords(mapping, session.words(mapping.procedure));
  SayFaults(console, options, faults);
  if (!faults.empty()) return kExitUsage;
  ImportRun run{session, options, mapping, file, ""};
  if (!options.entered_for.empty()) {
    ReadValue person = ReadReference(options.entered_for, "person", session.names());
    if (!person.ok()) return console.Fail(kExitUsage, person.fault.zh(), person.fault.en());
    run.entered_for = person.value->reference();
  }
  if (options.limit > 0 && !mapping.is_log && file.records.size() > static_cast<size_t>(options.limit)) {
    file.records.resize(options.limit);
  }
  return mapping.is_log ? ImportLog(run) : ImportLedger(run);
}

}  // namespace duban::cli
