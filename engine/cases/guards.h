// The named predicates under which an action may be taken. There are no free expressions.
#pragma once

#include "engine/cases/decide.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// Whether the guard holds for the case when what is being decided happens.
bool Holds(const Guard& guard, const Procedure& procedure, const CaseState& state, const Context& context);

// The guard as people read it, where it does not hold: “反馈情况”尚未填写.
v1::Text WhyNot(const Guard& guard, const Procedure& procedure);

}  // namespace duban::engine
