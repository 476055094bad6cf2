#include "engine/views/words.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "engine/cases/evolve.h"

namespace duban::engine {

std::string TimelinessWord(v1::Timeliness timeliness) {
  const std::string& name = v1::Timeliness_Name(timeliness);
  return absl::AsciiStrToLower(name.substr(name.find('_') + 1));
}

std::vector<std::string> AnsweringParties(const Procedure& procedure) {
  // Those of the clocks that span stages; whoever has but a stage's own time to check or decide answers for that stage,
  // not for the case.
  std::vector<std::string> parties;
  for (const bool stage_only : {false, true}) {
    if (!parties.empty()) break;
    for (const Clock& clock : procedure.clocks) {
      if (clock.stage_only == stage_only) {
        parties.insert(parties.end(), clock.charged_to.begin(), clock.charged_to.end());
      }
    }
  }
  if (parties.empty()) {
    for (const Clock& clock : procedure.clocks) {
      for (const std::string& from : clock.from) {
        const Stage* stage = procedure.FindStage(from);
        if (stage == nullptr) continue;
        for (const Action& action : stage->actions) {
          for (const Role& role : action.by) parties.push_back(role.party);
        }
      }
    }
  }
  return parties;
}

std::vector<std::string> AnsweringUnits(const Procedure& procedure, const duban::state::v1::CaseState& state) {
  std::vector<std::string> units;
  for (const std::string& party : AnsweringParties(procedure)) {
    const v1::BoundParty* bound = FindBound(state, party);
    if (bound == nullptr) continue;
    for (const v1::BoundId& member : bound->bound()) units.push_back(member.unit());
  }
  std::sort(units.begin(), units.end());
  units.erase(std::unique(units.begin(), units.end()), units.end());
  return units;
}

}  // namespace duban::engine
