// A set of files checked without a server.
#pragma once

#include <vector>

#include "duban/v1/procedure_service.pb.h"

namespace duban::offline {

// As the server's check gives it, for a workspace in which nothing has been published: what the files name must be
// among them. Units, posts and persons that plans name are not looked up: only the server has a directory.
v1::CheckProcedureResponse Check(const std::vector<v1::ProcedureFile>& files);

}  // namespace duban::offline
