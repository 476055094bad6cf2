// Parts of a whole. A case may be a part of several wholes (a joint item), of each with a weight; wholes may be parts
// themselves. What the parts come to is rolled up in views (views/part_sums.h), never by events on the whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "engine/base/rejection.h"
#include "engine/cases/decide.h"

namespace duban::engine {

// A whole, and what the part counts for in it, at least 1.
struct Whole {
  std::string name;
  int64_t weight = 1;
};

// The wholes of which a case is a part, in the order in which it became so.
std::vector<Whole> WholesOf(const CaseState& state);

// Finds a case's state, those that are being decided included; null when there is none.
using LookUp = absl::FunctionRef<const CaseState*(absl::string_view name)>;

// Whether `part` may become a part of `whole`; `part` is null while it is being opened. Refused: a whole that has
// ended, a ring, what is a part of it already, a duplicate or what was called off, and what exceeds the bounds on
// wholes above a case, on parts of a whole and on what is moved at once. So is a case whose procedure hides it in some
// stage: the sums, which everybody sees who sees the whole, would give it away.
Verdict CheckPart(const Context& context, const Procedure& procedure, const CaseState* part, const CaseState& whole,
                  int64_t weight, LookUp look);

}  // namespace duban::engine
