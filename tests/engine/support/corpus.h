// Corpora of files that are refused: what is found in each stands beside it, and is read by whoever changes it.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/procedure/compile.h"

namespace duban::engine {

// The names in a folder without ".yaml", in order.
std::vector<std::string> NamesIn(const std::string& folder);

// The line of a finding, parted before its column (which counts characters). Both empty behind the file's end.
std::pair<std::string, std::string> LineOf(const std::vector<SourceFile>& files, const Finding& finding);

// What was found: the place, the rule, what stands at that place, and the advice in both languages.
std::string Written(const std::vector<SourceFile>& files, const std::vector<Finding>& findings);

// The words in capitals that a text holds between these marks.
std::set<std::string> Rules(const std::string& text, char before, char after);

// The literals of a source that hold Chinese, as the program sees them. Comments apart.
std::vector<std::string> ChineseLiterals(const std::string& source);

}  // namespace duban::engine
