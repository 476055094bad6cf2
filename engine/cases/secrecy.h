// How secret a case is (密级). Open, internal, or a work secret: what is above that is a state secret, and those must
// not be kept in a system that is not built for them (保守国家秘密法 2024 art. 31; work secrets: art. 64).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/roles.h"

namespace duban::engine {

// What was not said is internal.
v1::Secrecy Graded(v1::Secrecy secrecy);
// The higher of two, each read as Graded reads it.
v1::Secrecy Higher(v1::Secrecy a, v1::Secrecy b);
// 公开, 内部, 工作秘密; as Graded reads it.
v1::Text SecrecyTitle(v1::Secrecy secrecy);
// STATE_SECRET for every grade that may not be kept here.
Verdict CheckSecrecy(v1::Secrecy secrecy);

// The built-in action "mark_secrecy": the case has another grade from now on, and its parts at least that grade. For
// those who may open such cases, with a reason, after its end too. A part is not marked below its wholes.
Verdict DecideSecrecy(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor,
                      const v1::ActOnCaseRequest& command);

// Raises to the grade of `whole` what is less secret among `parts` and all below them, each in its own history, signed
// by whoever acts on the whole. Refused where they are more than one commit takes (SECRECY_TOO_MANY_PARTS).
Verdict RaiseParts(const Context& context, Draft& draft, const CaseState& whole, std::vector<std::string> parts,
                   const Actor& actor, const Capacity& capacity);

// The mark of a state secret that a text bears, as papers carry it ("机密★10年", GB/T 9704-2012 art. 7.2.2); nothing
// where it bears none. "工作秘密★" is none.
std::optional<std::string> StateSecretMark(absl::string_view text);

}  // namespace duban::engine
