// A mapping file: how the columns of a CSV file become cases. docs/import.md describes it for users.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clients/cli/csv.h"
#include "clients/cli/words.h"
#include "clients/cli/yaml.h"
#include "duban/v1/value.pb.h"

namespace duban::cli {

// Where a value comes from, and what becomes of it.
struct ValueRule {
  std::string name;                          // The field or the party.
  std::string column;                        // Read from here, or
  std::string value;                         // the same for every row.
  std::string type;                          // As in ReadAs; empty: the procedure's own declaration.
  std::map<std::string, std::string> table;  // `map`: what stands there -> what is meant.
  std::vector<std::pair<std::string, std::vector<std::string>>> when;  // Only where these columns hold one of these.
  std::string agrees_with;         // A column whose wording must name the same day; if not, the row is doubtful.
  std::string unknown;             // Bound when the directory does not know the text; the row is doubtful.
  std::vector<std::string> split;  // Each of these separates several values in one cell.
  int line = 0;                    // In the mapping file.
};

// A mapping.
struct Mapping {
  bool is_log = false;  // kind: log
  std::string procedure;
  std::vector<std::string> missing;  // Texts that mean "not stated"; the empty cell always does.
  std::string reason;
  std::vector<ValueRule> parties;
  std::vector<ValueRule> fields;
  std::string dated;        // The column of the paper's day: deadlines without a year are read from there on.
  std::string keep_key_in;  // The field that keeps the row's key, so that it is known again for ever.

  // kind: ledger
  std::vector<std::string> key;  // The columns that tell one matter from another.
  std::string occurred_at;       // A column: since when the matter runs; empty: since the import.

  // kind: log; columns unless said otherwise.
  std::string case_id;
  std::string opened_at;  // Empty: a case begins with its earliest row.
  std::string ended_at;   // Empty: it ends with its first row whose activity is `end_action`, if there is one.
  std::string at;
  std::string activity;
  std::map<std::string, std::string> actions;  // activity -> action; "*" stands for all others.
  std::vector<ValueRule> step_fields;
  std::string end_action;         // Empty: no case ends.
  std::vector<std::string> note;  // Columns that make the note of a late entry.
};

// Something wrong in a mapping.
struct MappingFault {
  int line = 0;
  v1::Text text;
};

// Reads a mapping file. Everything wrong is said at once; empty faults: it is good.
Mapping ReadMapping(const YamlFile& file, std::vector<MappingFault>* faults);

// Columns that the mapping names and the file lacks, each with the mapping's line.
std::vector<MappingFault> MissingColumns(const Mapping& mapping, const CsvFile& file);

// Fields, parties and actions that the mapping names and the procedure lacks: said once, not for every row.
std::vector<MappingFault> UnknownWords(const Mapping& mapping, const ProcedureWords& words);

// The column that a field or a party is read from; the name itself where it comes from none.
std::string ColumnOf(const Mapping& mapping, const std::string& name);

}  // namespace duban::cli
