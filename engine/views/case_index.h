// Rows that the sequencer itself needs to find cases and to give numbers.
#pragma once

#include "engine/views/rows.h"
#include "engine/views/view.h"

namespace duban::engine {

// Brings snapshots, open cases, numbers and series up to a change of a case.
void IndexCase(const Change& change, Rows& rows);

// The key of an open case's row: cases in the order of their opening commits.
std::string OpenCaseKey(const duban::state::v1::CaseState& state);
std::string CaseOfOpenKey(absl::string_view key);

}  // namespace duban::engine
