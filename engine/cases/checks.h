// What opening and acting share. Nobody outside engine/cases includes it.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/cases/decide.h"
#include "engine/cases/roles.h"

namespace duban::engine {

// One id bound to a party, with what the directory says of it now.
Outcome<v1::BoundId> Bind(const Directory& directory, const Party& party, const std::string& id);
Actor ActorOf(const Context& context);
// In which capacity the actor acts for one of the parties that may open such cases.
Outcome<Capacity> FindOpener(const Procedure& procedure, const CaseState& state, const Directory& directory,
                             const Actor& actor);
// Writes into an event who does what it says, in which post and for whom, when and why.
template <typename Said>
void Sign(const Context& context, const Actor& actor, const Capacity& capacity, const std::string& reason, Said& said) {
  said.set_person(actor.person);
  said.set_entered_by(actor.entered_by);
  said.set_post(capacity.post);
  said.set_on_behalf_of(capacity.on_behalf_of);
  *said.mutable_at() = ToProto(context.occurred);
  said.set_reason(reason);
}
// A case with nothing but its parties: what rules on parties are written against, before there is a case.
CaseState WithParties(const std::vector<v1::BoundParty>& parties);
// What binding asks of the parties of a new case: nobody whom a `never` forbids, no more than an audience holds.
Verdict CheckParties(const Procedure& procedure, const Directory& directory, const CaseState& bound);
Rejection UnknownField(const std::string& field);
Rejection FieldTwice(const Field& field);
// What is entered late lies before what it follows from.
Rejection OccurredTooEarly(const Zone& zone, Instant earliest);
Rejection MissingReason();
// Nothing more can be done in a case that has ended, in whatever stage it stands.
Rejection CaseIsOver(const CaseState& state);
// Bounds on reason and note; valid UTF-8 is the wire's to check.
Verdict CheckRemarks(absl::string_view reason, absl::string_view note);

}  // namespace duban::engine
