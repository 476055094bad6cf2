// What the sentences of a scenario mean. README.md lists them for those who write scenarios.
#pragma once

#include <string>
#include <vector>

namespace duban::scenarios {

// Plays a scenario from its first sentence; "" when all of it is so, else what is not and in which line.
std::string Play(const std::string& text);
// Plays the beginning once, and each of the ends after it in the same world: what it stops at, one after the other. The
// beginning itself must be so.
std::vector<std::string> PlayEach(const std::string& beginning, const std::vector<std::string>& ends);

}  // namespace duban::scenarios
