// Files of procedures as commands take them, and what is found in them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/console.h"
#include "duban/v1/procedure_service.pb.h"

namespace duban::cli {

// A set of files read; nothing after saying which cannot be read.
std::optional<std::vector<v1::ProcedureFile>> ReadProcedureFiles(const Console& console,
                                                                 const std::vector<std::string>& paths);

// What is found in a set of files.
using FindingsOf = std::function<std::vector<v1::ProcedureFinding>(const std::vector<v1::ProcedureFile>&)>;

// What is found in the files read from these paths, leaning on the other *.yaml of the first one's folder where they
// need them: those are added to `files`, but for what is no file of a set, or is itself wrong.
std::vector<v1::ProcedureFinding> LeanOnFolder(const std::vector<std::string>& paths, const FindingsOf& findings_of,
                                               std::vector<v1::ProcedureFile>* files);

// The name of the procedure that a file defines; empty where it is none.
std::string ProcedureIn(const v1::ProcedureFile& file);

// The name of the plan that a file defines; empty where it is none.
std::string PlanIn(const v1::ProcedureFile& file);

// "rectification.yaml:12:5: 错误 UNREACHABLE_STAGE: …", as editors jump to. 1 where it is an error, else 0.
int PrintFinding(const Console& console, const v1::ProcedureFinding& finding);
// All of them; how many are errors.
template <typename Findings>
int PrintFindings(const Console& console, const Findings& findings) {
  int errors = 0;
  for (const v1::ProcedureFinding& finding : findings) errors += PrintFinding(console, finding);
  return errors;
}

}  // namespace duban::cli
