// Files of procedures and plans checked without a server, as they would be published into an empty workspace.
#pragma once

#include <vector>

#include "duban/v1/procedure_service.pb.h"

namespace duban::offline {

// What is found, warnings included; what a server's check says of the same files, but that it knows what is published.
// Units, posts and persons that plans name are not looked up: only a server has a directory.
std::vector<v1::ProcedureFinding> Check(const std::vector<v1::ProcedureFile>& files);

}  // namespace duban::offline
