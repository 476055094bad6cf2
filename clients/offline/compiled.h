// From files as clients hold them to compiled procedures. Nobody outside clients/offline includes it.
#pragma once

#include <vector>

#include "duban/v1/procedure_service.pb.h"
#include "engine/procedure/compile.h"

namespace duban::offline {

std::vector<engine::SourceFile> Sources(const std::vector<v1::ProcedureFile>& files);

// As the server's check gives them. `errors_only` leaves warnings out.
std::vector<v1::ProcedureFinding> Findings(const std::vector<engine::Finding>& found, bool errors_only);

}  // namespace duban::offline
