// Who may act for which party, and who never may.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "duban/state/v1/state.pb.h"
#include "engine/base/rejection.h"
#include "engine/directory/directory.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// The one who acts: the person signed in, or the one for whom that person types.
struct Actor {
  std::string person;      // Who acts.
  std::string entered_by;  // Who typed it for the other; empty otherwise.
  std::string lent_by;     // Whose right to enter that is, where who types has it by delegation; empty otherwise.
};

// In which capacity somebody acts.
struct Capacity {
  std::string party;
  std::string post;          // The post through which the person belongs to it; empty for a party that is a person.
  std::string on_behalf_of;  // Whose post it is, where the person has it by delegation; empty otherwise.
};

// The first of the roles that the person fits: a holder of a post in the bound unit, the head of it, a holder of the
// bound post, the bound person. Where he fits none himself, the first that he fits by a delegation that holds, through
// the posts of the one for whom he stands in. NOT_YOUR_PART when none; then FORBIDDEN_SAME_UNIT, FORBIDDEN_SAME_PERSON,
// FORBIDDEN_RELATED when the party's `never` forbids it, for everybody alike who has a hand in it: the person, who
// typed it, and those for whom either stands in. While somebody stands in for a post he counts as one of its unit.
Outcome<Capacity> FindCapacity(const Procedure& procedure, const duban::state::v1::CaseState& state,
                               const Directory& directory, const std::vector<Role>& roles, const Actor& actor);

// Who has a hand in what somebody does in a capacity: he, who typed it, the one for whom he stands in.
using Hands = std::set<std::string>;
Hands HandsIn(const Actor& actor, const Capacity& capacity);

// Whether somebody is left to act for each party of persons that must not have had a hand in `action`, once these have
// taken or approved it: persons are bound by name, nobody can be appointed in their place. LEAVES_NOBODY.
Verdict CheckSomebodyLeft(const Procedure& procedure, const duban::state::v1::CaseState& state,
                          const std::string& action, const Hands& hands);

// Whether somebody else than these could decide what they ask for. A vacant post waits for whoever is appointed, and a
// unit has more people than one can name here: both count as somebody. SOLE_DECIDER.
Verdict CheckDeciderLeft(const Procedure& procedure, const duban::state::v1::CaseState& state,
                         const Directory& directory, const std::vector<Role>& deciders, const Hands& hands);

// Whether a party waits for one of its candidates to claim it: until then nobody acts for it.
bool Unclaimed(const Party& party, const duban::state::v1::CaseState& state);

// Whether the one to be bound to `party` is forbidden by its `never` against the parties bound so far.
Verdict CheckBinding(const Procedure& procedure, const duban::state::v1::CaseState& state, const Directory& directory,
                     const Party& party);

}  // namespace duban::engine
