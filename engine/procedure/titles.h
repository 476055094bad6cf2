// What people call the parts of a procedure.
#pragma once

#include <string>

#include "engine/procedure/procedure.h"

namespace duban::engine {

// What a stage is called; its name where it has no title, or the procedure no stage of that name.
v1::Text StageTitle(const Procedure& procedure, const std::string& stage);

}  // namespace duban::engine
