#include "engine/cases/audience.h"

#include <algorithm>

#include "engine/cases/evolve.h"
#include "engine/directory/directory.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;

void AddParty(const CaseState& state, absl::string_view party, Ids& ids) {
  const v1::BoundParty* bound = FindBound(state, party);
  if (bound == nullptr) return;
  for (const v1::BoundId& id : bound->bound()) ids.push_back(id.id());
}

Ids Sorted(Ids ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace

Ids AudienceOf(const Procedure& procedure, const CaseState& state) {
  return AudienceIn(procedure, state.stage(), state);
}

Ids AudienceIn(const Procedure& procedure, absl::string_view stage, const CaseState& state) {
  Ids ids;
  const Stage* at = procedure.FindStage(stage);
  if (at != nullptr && !at->sees.empty()) {
    for (const std::string& party : at->sees) AddParty(state, party, ids);
  } else {
    for (const Party& party : procedure.parties) AddParty(state, party.name, ids);
  }
  // Whoever is offered the case has to see what he decides on, until he has answered.
  if (state.has_offer()) ids.push_back(state.offer().to());
  ids.push_back(std::string("rights/") + kRightAudit);
  return Sorted(std::move(ids));
}

Ids AudienceOfField(const Procedure& procedure, const Field& field, const CaseState& state) {
  if (field.sees.empty()) return AudienceOf(procedure, state);
  Ids ids;
  for (const std::string& party : field.sees) AddParty(state, party, ids);
  return Sorted(std::move(ids));
}

Ids AudienceOfDocument(const std::string& from, const std::string& to) {
  Ids ids = {from, std::string("rights/") + kRightAudit};
  if (!to.empty()) ids.push_back(to);
  return Sorted(std::move(ids));
}

bool SeesCase(const Procedure& procedure, const CaseState& state, const Ids& viewer) {
  if (Admits(AudienceOf(procedure, state), viewer)) return true;
  for (const auto& suggestion : state.suggestions()) {
    for (const std::string& id : suggestion.ask()) {
      if (std::binary_search(viewer.begin(), viewer.end(), id)) return true;
    }
  }
  for (const v1::ElectorGroup& group : state.collecting().began().groups()) {
    for (const std::string& id : group.electors()) {
      if (std::binary_search(viewer.begin(), viewer.end(), id)) return true;
    }
  }
  return false;
}

bool Includes(const Ids& audience, const std::string& id, const Directory& directory) {
  if (std::binary_search(audience.begin(), audience.end(), id)) return true;
  const v1::Post* post = directory.FindPost(id);
  return post != nullptr && std::binary_search(audience.begin(), audience.end(), post->unit());
}

bool Admits(const Ids& audience, const Ids& viewer) {
  auto a = audience.begin();
  auto v = viewer.begin();
  while (a != audience.end() && v != viewer.end()) {
    if (*a == *v) return true;
    *a < *v ? ++a : ++v;
  }
  return false;
}

}  // namespace duban::engine
