#include "clients/offline/check.h"

#include "clients/offline/compiled.h"

namespace duban::offline {

std::vector<v1::ProcedureFinding> Check(const std::vector<v1::ProcedureFile>& files) {
  return Findings(engine::Compile(Sources(files), engine::Procedures()), false);
}

}  // namespace duban::offline
