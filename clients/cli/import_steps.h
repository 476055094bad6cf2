// What both kinds of import share: the run's circumstances, its remarks, its report.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "clients/cli/commands.h"
#include "clients/cli/csv.h"
#include "clients/cli/findings.h"
#include "clients/cli/mapping.h"

namespace duban::cli {

// One import on its way.
struct ImportRun {
  Session& session;
  const ImportOptions& options;
  const Mapping& mapping;
  const CsvFile& file;
  std::string entered_for;  // "persons/…"; empty: the caller himself.
};

// The cases of a procedure that are there already: the key kept in `field` -> the case. A field that is neither the
// procedure's subject nor one of its columns shows nothing: then `kept` is false although there are cases.
struct ExistingCases {
  std::map<std::string, std::string> by_key;
  int64_t total = 0;
  bool kept = true;
};
// False after printing why; `code` is the exit code.
bool FindExisting(Session& session, const std::string& procedure, const std::string& field, ExistingCases* existing,
                  int* code);

// A refusal by the server as a remark about a row.
Finding RefusedByServer(const Mapping& mapping, size_t line, const std::string& about, const client::Error& error);

// True for failures that will meet every further row too: no server, no sign-in.
bool IsHopeless(const client::Error& error);

// Prints remarks in the file's order, at most `options.show` of each reason, and how many of each there are. With
// --json every remark is a line of its own.
void PrintRemarks(const ImportRun& run, std::vector<Finding> findings);

// How many rows have a remark that refuses them, and how many have only others.
struct RowCounts {
  int refused = 0;
  int doubtful = 0;
};
RowCounts CountRows(const std::vector<Finding>& findings);

// Prints a summary: pairs of (name, Chinese, count). With --json one line.
struct Count {
  std::string name;
  std::string zh;
  int64_t count = 0;
};
void PrintSummary(const ImportRun& run, const v1::Text& head, const std::vector<Count>& counts);

int ImportLedger(ImportRun& run);
int ImportLog(ImportRun& run);

}  // namespace duban::cli
