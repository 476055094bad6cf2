// A case and its events as one viewer may see them: titles from the procedure, values as people read them, masked
// fields masked. The caller has checked that the viewer may see the case at all.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "duban/state/v1/state.pb.h"
#include "duban/v1/case_service.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/cases/audience.h"
#include "engine/directory/directory.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// What is shown of a value that has been forgotten.
inline constexpr char kErasedShown[] = "(已擦除 erased)";

// Opens a sealed value of the case for a viewer who may see it; nullopt when its key has been destroyed.
using Unseal =
    absl::FunctionRef<std::optional<std::string>(const duban::state::v1::FieldState& field, const v1::Sealed& sealed)>;

// The whole case. `actions` and what binds it to other cases are the caller's to fill. Sealed fields are opened to
// `own` alone (Directory::OwnIds): a superior's subtree and a contact's area reach no personal data.
v1::Case PresentCase(const Procedure& procedure, const duban::state::v1::CaseState& state, const Ids& viewer,
                     const Ids& own, const Directory& directory, Unseal unseal);

// How the case stands with its deadlines, and its light: the worst of its running clocks.
v1::Timeliness TimelinessOf(const duban::state::v1::CaseState& state);
v1::Light LightOf(const duban::state::v1::CaseState& state);

// The earliest due instant of its running clocks, or null.
const google::protobuf::Timestamp* DueOf(const duban::state::v1::CaseState& state);

// What the case is about, from the field that the procedure names; empty when unset or not for everybody.
std::string SubjectOf(const Procedure& procedure, const duban::state::v1::CaseState& state);

// One value as people read it: a choice by its title, a unit by its name of now.
std::string Shown(const Procedure& procedure, const Field& field, const v1::Value& value, const Directory& directory);

// An event with the values that the viewer may not see replaced by an empty Sealed, and without the other cases that it
// names, which are the caller's to fill. `state` is the case now.
v1::Event MaskEvent(const Procedure& procedure, const duban::state::v1::CaseState& state, const Ids& viewer,
                    const v1::Event& event);

}  // namespace duban::engine
