// What is looked up in a case's state by name.
#include "engine/cases/evolve.h"

namespace duban::engine {

const duban::state::v1::ClockState* FindClockState(const duban::state::v1::CaseState& state, absl::string_view clock) {
  for (const auto& c : state.clocks()) {
    if (c.clock() == clock) return &c;
  }
  return nullptr;
}

const duban::state::v1::FieldState* FindFieldState(const duban::state::v1::CaseState& state, absl::string_view field) {
  for (const auto& f : state.fields()) {
    if (f.field() == field) return &f;
  }
  return nullptr;
}

const v1::BoundParty* FindBound(const duban::state::v1::CaseState& state, absl::string_view party) {
  for (const v1::BoundParty& bound : state.parties()) {
    if (bound.party() == party) return &bound;
  }
  return nullptr;
}

}  // namespace duban::engine
