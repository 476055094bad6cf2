// What a command told, held against what a scenario says of it; and all that somebody can see, so that two looks can be
// compared.
#pragma once

#include <string>
#include <vector>

#include "tests/scenarios/script.h"
#include "tests/scenarios/world.h"

namespace duban::scenarios {

// An item of a list as it was written.
std::string Whole(const Item& item);

// How many lines of the text have this; parts of it joined by “……” stand in the line in that order.
int LinesThatTell(const std::string& text, const std::string& wanted);
bool Tells(const std::string& text, const std::string& wanted);
// Whether some line has the first of these, the next line the second, and so on.
bool TellsLineByLine(const std::string& text, const std::vector<std::string>& wanted);

// All that a person sees wherever he looks: his ledger, what waits for him, alerts, registers, documents, draws, plans,
// jobs, figures, and each of his cases with its history. Without the times at which the answers were given.
std::string AllThatIsSeen(World& world, const std::string& person);
// The first line in which two such looks differ.
std::string FirstDifference(const std::string& before, const std::string& now);

}  // namespace duban::scenarios
