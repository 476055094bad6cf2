// Values of a filter that name something published: procedures, stages, colours of lights, registers. Whoever misspells
// one is told so, and what there is, instead of finding an empty list. What is published is for all members to read, so
// nothing is given away; what was published once stays, so that a watch that was opened can always be resumed.
#pragma once

#include "duban/v1/view_service.pb.h"
#include "engine/base/rejection.h"
#include "engine/procedure/metrics.h"
#include "engine/procedure/procedure.h"

namespace duban::node {

// Refuses the first such value that no version of any procedure has, nor of registers any report:
// UNKNOWN_FILTER_VALUE.
engine::Verdict CheckFilterWords(const engine::Procedures& procedures, const engine::Figures& figures,
                                 const v1::ViewFilter& filter);

}  // namespace duban::node
