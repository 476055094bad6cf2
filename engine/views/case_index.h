// Rows that the sequencer itself needs: to find cases, to give numbers, to know who stands in a register.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "engine/views/rows.h"
#include "engine/views/view.h"

namespace duban::engine {

// Brings snapshots, open cases, numbers, series and entries of registers up to a change of a case.
void IndexCase(const Change& change, Rows& rows);

// The key of an open case's row: cases in the order of their opening commits.
std::string OpenCaseKey(const duban::state::v1::CaseState& state);
std::string CaseOfOpenKey(absl::string_view key);

// The key under Table::kRegistered of somebody who stands in a register.
std::string RegisteredKey(absl::string_view register_name, absl::string_view subject);

}  // namespace duban::engine
