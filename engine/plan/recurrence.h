// Recurrence rules of RFC 5545, by libical: the one file that knows it is recurrence.cc.
#pragma once

#include <string>
#include <vector>

#include "duban/v1/value.pb.h"
#include "engine/base/time.h"

namespace duban::engine {

// What is wrong with a rule, for people: which part, and what may stand there; empty when it can be used. Rules name
// days: no hours, minutes and seconds, and how long they go on is said beside them, not by COUNT or UNTIL.
v1::Text WhyWrongRule(const std::string& rule);

// The days from `from` to `until` that the rule names when it begins on `from`, in order, at most `most`.
std::vector<Day> DaysOf(const std::string& rule, Day from, Day until, size_t most);

}  // namespace duban::engine
