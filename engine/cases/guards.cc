#include "engine/cases/guards.h"

#include "engine/cases/evolve.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;

// A value as procedures write it.
std::string Written(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kText:
      return value.text();
    case v1::Value::kChoice:
      return value.choice();
    case v1::Value::kNumber:
      return value.number();
    case v1::Value::kDate:
      return value.date();
    case v1::Value::kReference:
      return value.reference();
    case v1::Value::kInstant:
    case v1::Value::kFile:
    case v1::Value::kSealed:
    case v1::Value::kStanding:
    case v1::Value::KIND_NOT_SET:
      return "";
  }
  return "";
}

bool Test(const Guard& guard, const duban::state::v1::CaseState& state, Instant at) {
  switch (guard.test) {
    case Guard::Test::kFieldSet:
      return FindFieldState(state, guard.subject) != nullptr;
    case Guard::Test::kFieldIs: {
      const auto* field = FindFieldState(state, guard.subject);
      if (field == nullptr) return false;
      for (const v1::Value& value : field->values()) {
        if (Written(value) == guard.value) return true;
      }
      return false;
    }
    case Guard::Test::kBeforeDue: {
      const ClockState* clock = FindClockState(state, guard.subject);
      if (clock == nullptr || clock->run() == ClockState::RUN_STOPPED) return false;
      return !clock->has_due() ? !clock->late() : at <= FromProto(clock->due());
    }
    case Guard::Test::kAssignedBySuperior:
      return state.assigned_by_superior();
    case Guard::Test::kFirstRound:
      return state.round() == 1;
  }
  return false;
}

}  // namespace

bool Holds(const Guard& guard, const duban::state::v1::CaseState& state, Instant at) {
  return Test(guard, state, at) != guard.negated;
}

}  // namespace duban::engine
