#include "clients/cli/ledger_rows.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "clients/cli/dates.h"

namespace duban::cli {
namespace {

// The server's own bound on one text value; said here with the row's line, before anything is sent.
constexpr size_t kTextBytesMax = 16 * 1024;

// Also takes off the full-width blank that Chinese spreadsheets like.
absl::string_view Trim(absl::string_view text) {
  constexpr absl::string_view kWideBlank = "\u3000";
  while (true) {
    absl::string_view before = text;
    text = absl::StripAsciiWhitespace(text);
    absl::ConsumePrefix(&text, kWideBlank);
    absl::ConsumeSuffix(&text, kWideBlank);
    if (text.size() == before.size()) return text;
  }
}

v1::Text FaultText(CsvFault::Kind kind, bool* refused) {
  *refused = true;
  switch (kind) {
    case CsvFault::Kind::kFieldCount:
      return Both("列数与表头不符，分不清哪一格属于哪一列，本行不导入。",
                  "The number of fields differs from the heading; the row is left out.");
    case CsvFault::Kind::kOpenQuote:
      return Both("引号没有收尾，吞掉了其后的内容，本行不导入。",
                  "A quote is never closed and swallows what follows; the row is left out.");
    case CsvFault::Kind::kStrayQuote:
      *refused = false;
      return Both("格中有未成对的引号，按原样导入。", "A quote stands inside an unquoted field; taken as it stands.");
    case CsvFault::Kind::kTextAfterQuote:
      *refused = false;
      return Both("收尾引号之后还有文字，按原样导入。", "Text follows a closing quote; taken as it stands.");
    case CsvFault::Kind::kLostCharacter:
      *refused = false;
      return Both("有在来此之前就已丢失的字符（�），按原样导入，请对照原件补正。",
                  "Characters were lost before the file came here (�); taken as it stands, please compare.");
    case CsvFault::Kind::kEncoding:
      break;
  }
  return Both("不是 UTF-8，本行不导入；如文件是国标编码，请加 --encoding gb18030。",
              "Not UTF-8, the row is left out; if the file is in a GB encoding, add --encoding gb18030.");
}

const char* FaultReason(CsvFault::Kind kind) {
  switch (kind) {
    case CsvFault::Kind::kStrayQuote:
    case CsvFault::Kind::kTextAfterQuote:
    case CsvFault::Kind::kOpenQuote:
      return "BAD_QUOTES";
    case CsvFault::Kind::kFieldCount:
      return "WRONG_FIELD_COUNT";
    case CsvFault::Kind::kEncoding:
    case CsvFault::Kind::kLostCharacter:
      return "DAMAGED_TEXT";
  }
  return "";
}

}  // namespace

std::map<std::string, int> CountByReason(const std::vector<Finding>& findings) {
  std::map<std::string, int> counts;
  for (const Finding& finding : findings) ++counts[finding.reason];
  return counts;
}

void RowReader::Note(const CsvRecord& record, std::string column, std::string reason, v1::Text text, bool refused) {
  findings_->push_back({record.line, std::move(column), std::move(reason), std::move(text), refused, ""});
}

bool RowReader::CheckRecord(const CsvRecord& record) {
  bool good = true;
  for (const CsvFault& fault : record.faults) {
    bool refused = true;
    v1::Text text = FaultText(fault.kind, &refused);
    std::string column = fault.field < file_.heading.size() ? file_.heading[fault.field] : "";
    if (fault.kind == CsvFault::Kind::kFieldCount) {
      column = "";
      text.set_zh(absl::StrCat("表头 ", file_.heading.size(), " 列，本行 ", record.fields.size(), " 列。", text.zh()));
      text.set_en(absl::StrCat(file_.heading.size(), " headings, ", record.fields.size(), " fields. ", text.en()));
    }
    findings_->push_back({fault.line, column, FaultReason(fault.kind), std::move(text), refused, ""});
    good = good && !refused;
  }
  return good;
}

std::string RowReader::Cell(const CsvRecord& record, const std::string& column) const {
  int at = file_.Column(column);
  if (at < 0 || static_cast<size_t>(at) >= record.fields.size()) return "";
  absl::string_view text = Trim(record.fields[at]);
  for (const std::string& missing : mapping_.missing) {
    if (text == missing) return "";
  }
  return std::string(text);
}

bool RowReader::Applies(const CsvRecord& record, const ValueRule& rule) const {
  return std::all_of(rule.when.begin(), rule.when.end(), [&](const auto& condition) {
    std::string cell = Cell(record, condition.first);
    return std::find(condition.second.begin(), condition.second.end(), cell) != condition.second.end();
  });
}

std::vector<std::string> RowReader::Texts(const CsvRecord& record, const ValueRule& rule) const {
  if (!Applies(record, rule)) return {};
  if (rule.column.empty()) return {rule.value};
  std::string cell = Cell(record, rule.column);
  std::vector<std::string> texts;
  if (rule.split.empty()) {
    texts.push_back(cell);
  } else {
    for (const std::string& separator : rule.split) cell = absl::StrReplaceAll(cell, {{separator, rule.split[0]}});
    for (absl::string_view part : absl::StrSplit(cell, rule.split[0])) texts.emplace_back(Trim(part));
  }
  for (std::string& text : texts) {
    if (auto meant = rule.table.find(text); meant != rule.table.end()) text = meant->second;
  }
  texts.erase(std::remove(texts.begin(), texts.end(), ""), texts.end());
  return texts;
}

void RowReader::CheckAgreement(const CsvRecord& record, const ValueRule& rule, const v1::Value& value) {
  if (rule.agrees_with.empty()) return;
  std::string wording = Cell(record, rule.agrees_with);
  auto named = ReadDeadline(wording);
  if (!named || !named->day || ShowDay(*named->day) == value.date()) return;
  Note(record, rule.column, "DEADLINES_DISAGREE",
       Both(absl::StrCat("本列是 ", value.date(), "，而“", rule.agrees_with, "”写的是“", wording,
                         "”；按本列导入，请核对。"),
            absl::StrCat("This column says ", value.date(), ", \"", rule.agrees_with, "\" says \"", wording,
                         "\"; taken from this column, please check.")),
       false);
}

bool RowReader::Fields(const CsvRecord& record, const std::vector<ValueRule>& rules,
                       google::protobuf::RepeatedPtrField<v1::FieldValue>* fields) {
  bool good = true;
  Reading reading = reading_;
  if (!mapping_.dated.empty()) reading.document = ReadDay(Cell(record, mapping_.dated));
  for (const ValueRule& rule : rules) {
    v1::FieldValue field;
    field.set_field(rule.name);
    for (const std::string& text : Texts(record, rule)) {
      auto known = reading_.words.fields.find(rule.name);
      std::string codes = known == reading_.words.fields.end() ? "" : known->second.codes;
      ReadValue read =
          rule.type.empty() ? ReadForField(rule.name, text, reading) : ReadAs(rule.type, text, codes, reading);
      if (read.ok() && read.value->has_text() && text.size() > kTextBytesMax) {
        read.value.reset();
        read.fault = Both(absl::StrCat("文字过长（", text.size(), " 字节，上限 ", kTextBytesMax, "）。"),
                          absl::StrCat("The text is too long (", text.size(), " bytes of ", kTextBytesMax, ")."));
      }
      if (!read.ok()) {
        Note(record, rule.column, "BAD_VALUE",
             Both(absl::StrCat(rule.name, ":", read.fault.zh(), "本行不导入。"),
                  absl::StrCat(rule.name, ": ", read.fault.en(), " The row is left out.")),
             true);
        good = false;
        continue;
      }
      CheckAgreement(record, rule, *read.value);
      *field.add_values() = *read.value;
    }
    if (field.values_size() > 0) *fields->Add() = std::move(field);
  }
  return good;
}

bool RowReader::Parties(const CsvRecord& record, const std::vector<ValueRule>& rules,
                        google::protobuf::RepeatedPtrField<v1::PartyBinding>* parties) {
  bool good = true;
  for (const ValueRule& rule : rules) {
    v1::PartyBinding party;
    party.set_party(rule.name);
    for (const std::string& text : Texts(record, rule)) {
      auto declared = reading_.words.party_kinds.find(rule.name);
      std::string kind = !rule.type.empty()                             ? rule.type
                         : declared != reading_.words.party_kinds.end() ? declared->second
                                                                        : "";
      ReadValue read = ReadReference(text, kind, reading_.names);
      if (read.ok()) {
        party.add_ids(read.value->reference());
      } else if (!rule.unknown.empty()) {
        party.add_ids(rule.unknown);
        Note(record, rule.column, "UNKNOWN_UNIT",
             Both(absl::StrCat(read.fault.zh(), "按映射文件暂记在 ", rule.unknown, " 名下。"),
                  absl::StrCat(read.fault.en(), " Bound to ", rule.unknown, ", as the mapping says.")),
             false);
      } else {
        Note(
            record, rule.column, "UNKNOWN_UNIT",
            Both(absl::StrCat(read.fault.zh(), "本行不导入。"), absl::StrCat(read.fault.en(), " The row is left out.")),
            true);
        good = false;
      }
    }
    if (party.ids_size() > 0) *parties->Add() = std::move(party);
  }
  return good;
}

namespace {

// The key of a row: its key columns, what is not stated standing as an empty part.
std::string KeyOf(const RowReader& reader, const Mapping& mapping, const CsvRecord& record) {
  std::vector<std::string> parts;
  bool any = false;
  for (const std::string& column : mapping.key) {
    parts.push_back(reader.Cell(record, column));
    any = any || !parts.back().empty();
  }
  return any ? absl::StrJoin(parts, "|") : "";
}

bool ReadBegin(RowReader& reader, const Mapping& mapping, const CsvRecord& record, const Reading& reading,
               v1::OpenCaseRequest* request) {
  std::string text = reader.Cell(record, mapping.occurred_at);
  if (mapping.occurred_at.empty() || text.empty()) return true;
  auto instant = ReadInstant(text, reading.zone);
  if (auto day = ReadDay(text)) instant = absl::FromCivil(*day, reading.zone);
  if (!instant) {
    reader.Note(record, mapping.occurred_at, "BAD_VALUE",
                Both(absl::StrCat("“", text, "”不是日期，本行不导入。"),
                     absl::StrCat("\"", text, "\" is not a date; the row is left out.")),
                true);
    return false;
  }
  *request->mutable_occurred_at() = ToTimestamp(*instant);
  return true;
}

}  // namespace

LedgerPlan PlanLedger(const Mapping& mapping, const CsvFile& file, const Reading& reading) {
  LedgerPlan plan;
  RowReader reader(mapping, file, reading, &plan.findings);
  std::map<std::string, size_t> first_line;
  for (const CsvRecord& record : file.records) {
    if (!reader.CheckRecord(record)) continue;
    std::string key = KeyOf(reader, mapping, record);
    if (key.empty()) {
      reader.Note(record, absl::StrJoin(mapping.key, "、"), "NO_KEY",
                  Both("区分事项的列全为空，本行不导入。", "All key columns are empty; the row is left out."), true);
      continue;
    }
    auto [first, is_new] = first_line.emplace(key, record.line);
    if (!is_new) {
      reader.Note(record, absl::StrJoin(mapping.key, "、"), "DUPLICATE_KEY",
                  Both(absl::StrCat("与第 ", first->second, " 行是同一事项（", key, "），本行不导入。"),
                       absl::StrCat("The same matter as line ", first->second, " (", key, "); the row is left out.")),
                  true);
      continue;
    }
    LedgerEntry entry{record.line, key, {}};
    v1::OpenCaseRequest& request = entry.request;
    request.set_procedure(mapping.procedure);
    request.set_reason(mapping.reason);
    request.set_idempotency_key(absl::StrCat("import:", mapping.procedure, ":", Digest(key).substr(7)));
    bool good = reader.Parties(record, mapping.parties, request.mutable_parties());
    good = reader.Fields(record, mapping.fields, request.mutable_fields()) && good;
    good = ReadBegin(reader, mapping, record, reading, &request) && good;
    if (!mapping.keep_key_in.empty()) {
      v1::FieldValue* kept = request.add_fields();
      kept->set_field(mapping.keep_key_in);
      kept->add_values()->set_text(key);
    }
    if (good) plan.entries.push_back(std::move(entry));
  }
  return plan;
}

}  // namespace duban::cli
