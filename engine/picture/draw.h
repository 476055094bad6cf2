// A picture of a procedure that those who work by it understand, as SVG: its stages from top to bottom, on the arrows
// what is done and by whom, what time does dashed, what goes back in another colour, the ends by kind. With a case's
// trail, the way it has gone.
//
// Pure, and deterministic: the same procedure gives the same bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/picture/wording.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// One step of a case.
struct TrailStep {
  std::string from;    // A stage; empty: the case was opened.
  std::string action;  // Empty: by time, or by another case.
  std::string to;      // The stage it led to; `from` where it stayed.
  std::string day;     // When, as people read it.
  std::string who;     // As people read it; may be empty.
};

// The way of one case, in its order.
struct Trail {
  std::string title;  // Its number and what it is about.
  std::vector<TrailStep> steps;
};

// Nothing where the procedure is too large for a picture (picture/layers.h).
std::optional<std::string> Draw(const Procedure& procedure, const Titles& others, const Trail* trail = nullptr);

}  // namespace duban::engine
