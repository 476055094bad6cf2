// Words that labels and counts share.
#pragma once

#include <string>
#include <vector>

#include "duban/state/v1/state.pb.h"
#include "duban/v1/value.pb.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// "on_time", "overdue" …: the enum's word in lower case, without its prefix.
std::string TimelinessWord(v1::Timeliness timeliness);

// The parties that some clock is charged to; where no clock says, those who act where clocks start. May repeat.
std::vector<std::string> AnsweringParties(const Procedure& procedure);
// The units that answer for a case: those of the parties that some clock is charged to; where no clock says, of those
// who act where clocks start. By what was bound, so that it stays the same while the case runs. Sorted.
std::vector<std::string> AnsweringUnits(const Procedure& procedure, const duban::state::v1::CaseState& state);

}  // namespace duban::engine
