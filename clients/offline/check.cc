#include "clients/offline/check.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "clients/offline/compiled.h"
#include "engine/plan/plan.h"

namespace duban::offline {

v1::CheckProcedureResponse Check(const std::vector<v1::ProcedureFile>& files) {
  v1::CheckProcedureResponse out;
  const auto add = [&](const std::vector<engine::Finding>& findings) {
    for (v1::ProcedureFinding& finding : Findings(findings, false)) *out.add_findings() = std::move(finding);
  };
  const engine::Compiled compiled = engine::Compile(Sources(files), engine::Procedures());
  add(compiled.findings);
  if (!compiled.ok()) return out;
  engine::Procedures procedures;
  for (const engine::Procedure& procedure : compiled.procedures) {
    out.add_procedures(procedure.name);
    procedures.Put(std::make_shared<const engine::Procedure>(procedure));
  }
  for (const v1::ProcedureFile& file : files) {
    if (!engine::IsPlan(file.text())) continue;
    const engine::ReadPlanResult read = engine::ReadPlan({file.path(), file.text()}, procedures, nullptr);
    add(read.findings);
    if (read.ok()) out.add_plans(absl::StrCat("plans/", read.plan.name));
  }
  return out;
}

}  // namespace duban::offline
