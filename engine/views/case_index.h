// Rows that the sequencer itself needs to find cases and to give numbers.
#pragma once

#include "engine/views/rows.h"
#include "engine/views/view.h"

namespace duban::engine {

// Brings snapshots, numbers and series up to a change of a case.
void IndexCase(const Change& change, Rows& rows);

}  // namespace duban::engine
