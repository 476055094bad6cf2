// Rows that the sequencer itself needs: to find cases, to give numbers, to know who stands in a register.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/views/rows.h"
#include "engine/views/view.h"

namespace duban::engine {

// Brings snapshots, open cases, numbers, series, entries of registers, what is asked of units and ballot boxes up to a
// change of a case.
void IndexCase(const Change& change, Rows& rows);

// The key of an open case's row: cases in the order of their opening commits.
std::string OpenCaseKey(const duban::state::v1::CaseState& state);
std::string CaseOfOpenKey(absl::string_view key);

// The key under Table::kRegistered of somebody who stands in a register.
std::string RegisteredKey(absl::string_view register_name, absl::string_view subject);
// The cases by which he does, as such a row names them.
std::vector<std::string> CasesIn(absl::string_view row);

// The key under Table::kUnitAsked: what a unit is asked about a topic, by first days ("2026-03-02"; a prefix of them
// gives where they begin), then by cases.
std::string UnitAskedKey(absl::string_view unit, absl::string_view topic, absl::string_view first_day,
                         absl::string_view case_name);
// What such a key says.
struct UnitAskedAt {
  std::string unit, topic, first_day, case_name;
};
UnitAskedAt ParseUnitAskedKey(absl::string_view key);

// Of a row under Table::kBallotBox: the revisions of those of the case's events that sealed a box which has been
// replaced or counted since.
std::vector<uint64_t> SpentBoxes(absl::string_view row);

}  // namespace duban::engine
