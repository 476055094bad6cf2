// What can be read off a case's picture (`duban procedure draw --case`).
#pragma once

#include <set>
#include <string>
#include <utility>

namespace duban::scenarios {

struct Picture {
  std::set<std::pair<std::string, std::string>> taken;  // The arrows gone, from stage to stage; from "": opened.
  std::string words;                                    // All that is written in it, in the order of the file.
};

Picture ReadPicture(const std::string& svg);

}  // namespace duban::scenarios
