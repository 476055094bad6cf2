// Numbers that people know cases by.
//
// A pattern such as 交办〔{year}〕{owner}{seq}号 gives one gapless series per everything in it but {seq}: with the
// owner's short name in it, a unit that sees 1 and 3 of its own learns nothing of another's 2. A short name that ends
// in a digit is kept apart from the sequence by "-", so that 住建1's first (住建1-1) is not 住建's eleventh (住建11).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/v1/event.pb.h"
#include "engine/cases/decide.h"

namespace duban::engine {

// What stands in a place of a pattern: {owner} -> 住建.
struct NumberPlace {
  std::string name;
  std::string code;
};
// A pattern with all but {seq} filled in; the number of that place in it.
std::string SeriesOf(const std::string& pattern, int year, const std::vector<NumberPlace>& places);
std::string NumberIn(const std::string& series, uint64_t sequence);
// A unit's short name; its title where it has none; empty where there is no such unit.
std::string CodeOf(const Directory& directory, absl::string_view unit);

// Fills number, series and sequence of a case being opened, from its parties and the year in which it opens. Nothing
// where the procedure gives no numbers.
void GiveNumber(const Procedure& procedure, const Context& context, v1::CaseOpened& opened);

}  // namespace duban::engine
