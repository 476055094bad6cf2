// Rows that deciding asks for: the parts of a whole, and how many of them are open. Views may be under way to a new
// version; these are there with the commit.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/views/rows.h"
#include "engine/views/view.h"

namespace duban::engine {

// Brings Table::kParts and Table::kOpenParts up to a change of a case.
void IndexParts(const Change& change, Rows& rows);

// The names in a row of Table::kParts, in the order in which they became parts.
std::vector<std::string> PartsIn(absl::string_view row);

}  // namespace duban::engine
