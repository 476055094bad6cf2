// Reports about a period (书面报告): who may issue one, and what it says. Figures and lists come from outside, as those
// that its template asks for; its words are filled here.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "duban/v1/document.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/base/rejection.h"
#include "engine/cases/decide.h"
#include "engine/figures/period.h"
#include "engine/procedure/documents.h"

namespace duban::engine {

// Who issues one, and to whom.
struct ReportEnds {
  std::string from;  // "units/…"; empty: the actor's unit, where there is one only in which he may issue.
  std::string to;    // Empty: to nobody.
};

// Its words and, in their places, `data`: a block for each that the template asks for, in its order; what is left of it
// stands at the end. Whoever issues it
// serves in a post of the unit that does, and that post carries the right `issue`.
Outcome<v1::DocumentIssued> DecideReport(const Context& context, absl::FunctionRef<std::string()> fresh_document,
                                         const Report& report, const Period& period, const ReportEnds& ends,
                                         const std::vector<v1::DocumentBlock>& data);

}  // namespace duban::engine
