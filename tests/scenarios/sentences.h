// What the sentences of a scenario mean. README.md lists them for those who write scenarios.
#pragma once

#include <string>

namespace duban::scenarios {

// Plays a scenario from its first sentence; "" when all of it is so, else what is not and in which line.
std::string Play(const std::string& text);

}  // namespace duban::scenarios
