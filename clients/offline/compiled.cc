#include "clients/offline/compiled.h"

namespace duban::offline {

std::vector<engine::SourceFile> Sources(const std::vector<v1::ProcedureFile>& files) {
  std::vector<engine::SourceFile> out;
  for (const v1::ProcedureFile& file : files) out.push_back({file.path(), file.text()});
  return out;
}

std::vector<v1::ProcedureFinding> Findings(const std::vector<engine::Finding>& found, bool errors_only) {
  std::vector<v1::ProcedureFinding> out;
  for (const engine::Finding& finding : found) {
    if (errors_only && finding.warning) continue;
    v1::ProcedureFinding& said = out.emplace_back();
    said.set_path(finding.path);
    said.set_line(finding.line);
    said.set_column(finding.column);
    said.set_rule(finding.rule);
    *said.mutable_message() = finding.message;
    said.set_warning(finding.warning);
  }
  return out;
}

}  // namespace duban::offline
