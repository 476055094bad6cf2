// YAML text to our own tree. The only door to yaml-cpp.
#pragma once

#include <optional>
#include <string>

#include "engine/procedure/findings.h"
#include "engine/procedure/node.h"

namespace duban::engine::language {

// The tree, or nothing and a finding that says why. Anchors, aliases, tags, several documents and keys that are not
// text are refused: a procedure is read aloud by people, and an alias can make a small file grow without bound.
// `strict`: a quotation mark that the file never closes is refused too; what was published once is not asked again.
std::optional<Node> Parse(const std::string& text, bool strict, Findings& findings);

}  // namespace duban::engine::language
