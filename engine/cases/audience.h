// Who may see a case, a field, an alert.
//
// An audience is a short sorted list of ids ("units/…", "posts/…", "persons/…", "rights/…") and is never expanded: a
// change of the directory touches no row. A viewer is the sorted list Directory::ViewerIds. The two are compared at
// every read and at every item of a watch.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "engine/directory/directory.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// A viewer's or an audience's ids, sorted, without repetition.
using Ids = std::vector<std::string>;

// The case in its present stage: the parties that the stage's `sees` names (all parties where it names none), and
// those with the right to audit, and whoever is offered the case while the offer waits. A party that is a post or a
// person is also seen by itself, not by its unit.
Ids AudienceOf(const Procedure& procedure, const duban::state::v1::CaseState& state);

// The same as if it stood in that stage.
Ids AudienceIn(const Procedure& procedure, absl::string_view stage, const duban::state::v1::CaseState& state);

// Those who see one field: the parties of its `sees` and nobody else, auditors included; everybody who sees the
// case where it names none.
Ids AudienceOfField(const Procedure& procedure, const Field& field, const duban::state::v1::CaseState& state);

// Those who see a document: the unit that issued it, the unit to which it was sent (which may be empty), and those with
// the right to audit.
Ids AudienceOfDocument(const std::string& from, const std::string& to);

// Whether a viewer may look at the case: its audience admits him, or he is asked to decide a suggestion that waits, or
// to rate in what is being collected, though he be no party (the head above a vacant post). Those asked stand in no
// audience: that they are asked, and have decided, must not move a row that others watch. So such a guest reads the
// case, and neither lists nor history.
bool SeesCase(const Procedure& procedure, const duban::state::v1::CaseState& state, const Ids& viewer);

// Whether an id called for or told sees with that audience: by itself, or as a post of a unit that does (a unit's head
// is no party of the case).
bool Includes(const Ids& audience, const std::string& id, const Directory& directory);

// Whether the two share an id. Both sorted.
bool Admits(const Ids& audience, const Ids& viewer);

}  // namespace duban::engine
