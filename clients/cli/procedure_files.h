// Files of procedures as commands take them, and what is found in them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/cli/console.h"
#include "duban/v1/procedure_service.pb.h"

namespace duban::cli {

// A set of files read; nothing after saying which cannot be read.
std::optional<std::vector<v1::ProcedureFile>> ReadProcedureFiles(const Console& console,
                                                                 const std::vector<std::string>& paths);

// The same with the other *.yaml of the first file's folder: those with which it is published, where it leans on them.
std::optional<std::vector<v1::ProcedureFile>> ReadWithFolder(const Console& console,
                                                             const std::vector<std::string>& paths);

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
