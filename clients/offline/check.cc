#include "clients/offline/check.h"

#include <memory>
#include <utility>

#include "clients/offline/compiled.h"
#include "engine/plan/plan.h"

namespace duban::offline {

std::vector<v1::ProcedureFinding> Check(const std::vector<v1::ProcedureFile>& files) {
  const engine::Compiled compiled = engine::Compile(Sources(files), engine::Procedures());
  std::vector<v1::ProcedureFinding> out = Findings(compiled.findings, false);
  if (!compiled.ok()) return out;
  engine::Procedures procedures;
  for (const engine::Procedure& procedure : compiled.procedures) {
    procedures.Put(std::make_shared<const engine::Procedure>(procedure));
  }
  for (const v1::ProcedureFile& file : files) {
    if (!engine::IsPlan(file.text())) continue;
    const engine::ReadPlanResult read = engine::ReadPlan({file.path(), file.text()}, procedures, nullptr);
    for (v1::ProcedureFinding& finding : Findings(read.findings, false)) out.push_back(std::move(finding));
  }
  return out;
}

}  // namespace duban::offline
