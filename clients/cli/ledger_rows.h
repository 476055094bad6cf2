// A ledger's rows as requests to open cases, without a server.
#pragma once

#include <string>
#include <vector>

#include "clients/cli/csv.h"
#include "clients/cli/findings.h"
#include "clients/cli/mapping.h"
#include "clients/cli/values.h"
#include "duban/v1/case_service.pb.h"

namespace duban::cli {

// A row that may be opened.
struct LedgerEntry {
  size_t line = 0;
  std::string key;  // What tells the matter from others, from the key columns; the same in every file.
  v1::OpenCaseRequest request;
};

// What a file gives.
struct LedgerPlan {
  std::vector<LedgerEntry> entries;
  std::vector<Finding> findings;
};

// Reads every row. Rows that cannot be read safely are refused, never guessed at; the rest go in as they are stated.
// REQUIRES: no column that the mapping names is missing.
LedgerPlan PlanLedger(const Mapping& mapping, const CsvFile& file, const Reading& reading);

// One row against rules: fills fields or parties. For both kinds of import.
class RowReader {
 public:
  RowReader(const Mapping& mapping, const CsvFile& file, const Reading& reading, std::vector<Finding>* findings)
      : mapping_(mapping), file_(file), reading_(reading), findings_(findings) {}

  // False when the record cannot be trusted as a whole (fields shifted, an open quote, broken bytes).
  bool CheckRecord(const CsvRecord& record);
  // The cell without blanks around it; what means "not stated" is empty.
  std::string Cell(const CsvRecord& record, const std::string& column) const;
  // True unless a value could not be read.
  bool Fields(const CsvRecord& record, const std::vector<ValueRule>& rules,
              google::protobuf::RepeatedPtrField<v1::FieldValue>* fields);
  bool Parties(const CsvRecord& record, const std::vector<ValueRule>& rules,
               google::protobuf::RepeatedPtrField<v1::PartyBinding>* parties);
  void Note(const CsvRecord& record, std::string column, std::string reason, v1::Text text, bool refused);

 private:
  std::vector<std::string> Texts(const CsvRecord& record, const ValueRule& rule) const;
  bool Applies(const CsvRecord& record, const ValueRule& rule) const;
  void CheckAgreement(const CsvRecord& record, const ValueRule& rule, const v1::Value& value);

  const Mapping& mapping_;
  const CsvFile& file_;
  const Reading& reading_;
  std::vector<Finding>* findings_;
};

}  // namespace duban::cli
