#include "tests/scenarios/picture.h"

#include <regex>

namespace duban::scenarios {

Picture ReadPicture(const std::string& svg) {
  Picture picture;
  static const auto& arrow = *new std::regex("class=\"arrow taken[^\"]*\" data-from=\"([^\"]*)\" data-to=\"([^\"]*)\"");
  for (std::sregex_iterator it(svg.begin(), svg.end(), arrow), end; it != end; ++it) {
    picture.taken.emplace((*it)[1], (*it)[2]);
  }
  static const auto& text = *new std::regex("<text[^>]*>([^<]*)</text>");
  for (std::sregex_iterator it(svg.begin(), svg.end(), text), end; it != end; ++it) picture.words += (*it)[1];
  return picture;
}

}  // namespace duban::scenarios
