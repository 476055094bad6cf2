// Filling templates: places become text, day by day and case by case.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "engine/base/time.h"
#include "engine/cases/decide.h"
#include "engine/procedure/documents.h"

namespace duban::engine {

// A text with its places filled.
std::string Filled(absl::string_view text, absl::FunctionRef<std::string(const std::string& place)> value);

// "2026年9月1日": 成文日期 in Arabic numerals, without leading zeros (GB/T 9704-2012, 7.3.5.4).
std::string LongDay(Day day);

// What a document may say of a case under that name: its number, its stage, a field, a party. Empty where it says
// nothing, and for what is sealed or not for everybody.
std::string PlaceOfCase(const Procedure& procedure, const CaseState& state, const Directory& directory,
                        const Zone& zone, const std::string& name);

// What a column of that name is headed.
std::string HeadOfPlace(const Procedure& procedure, const std::string& name);

}  // namespace duban::engine
