// Names of the directory, and refusals that name them. Nobody outside engine/directory includes it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "engine/base/rejection.h"

namespace duban::engine {

// Lower-case letters, digits and "-" alone.
bool IsWord(absl::string_view text);
// The prefix and such a word, at most limits::kIdBytesMax bytes.
bool IsId(absl::string_view name, absl::string_view prefix);

// What is wrong with an entry; the texts go on after its name. `value` is the word that is wrong in it.
Rejection Wrong(absl::string_view reason, absl::string_view name, const std::string& zh, const std::string& en,
                absl::string_view value = "");
Rejection WrongId(absl::string_view name, absl::string_view prefix);
Rejection Twice(absl::string_view name);
// It names what is neither there nor comes along.
Rejection Unknown(absl::string_view name, absl::string_view what);

}  // namespace duban::engine
