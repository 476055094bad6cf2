// How much room a text takes, and how it is parted into lines. Fonts differ; the measure is generous.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace duban::engine {

// In pixels: Chinese takes a whole em, other letters 0.6.
int TextWidth(absl::string_view text, int font_size);

// Lines of at most that width. Chinese breaks anywhere but before a closing mark and behind an opening one, other words
// only where they are too long. REQUIRES: valid UTF-8.
std::vector<std::string> Wrap(absl::string_view text, int font_size, int width);

// With what XML escapes.
std::string Escaped(absl::string_view text);

}  // namespace duban::engine
