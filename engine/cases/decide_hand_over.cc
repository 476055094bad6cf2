// Giving one's parts in a case to another: who takes part, who is charged, who is told.

#include "engine/cases/checks.h"
#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/evolve.h"
#include "engine/cases/rebinding.h"

namespace duban::engine {
namespace {

// The parties in which `task.from` stands, with `task.to` in its place; a member once.
Outcome<std::vector<v1::PartyRebound>> Rebind(const Context& context, const CaseDraft& draft,
                                              const v1::HandOver& task) {
  std::vector<v1::PartyRebound> out;
  for (const v1::BoundParty& held : draft.state.parties()) {
    const Party* party = draft.procedure->FindParty(held.party());
    if (party == nullptr || !Holds(held, task.from())) continue;
    Outcome<v1::BoundId> member = Bind(context.directory, *party, task.to());
    DUBAN_REQUIRE(member);
    v1::PartyRebound& rebound = out.emplace_back();
    rebound.set_party(held.party());
    for (const v1::BoundId& id : held.bound()) {
      if (id.id() != task.from()) {
        *rebound.add_bound() = id;
      } else if (!Holds(held, task.to())) {
        *rebound.add_bound() = *member;
      }
    }
    *rebound.mutable_at() = ToProto(context.occurred);
    rebound.set_reason(task.reason());
  }
  return out;
}

}  // namespace

Outcome<Decision> DecideHandOver(const Context& context, const CaseState& state, const v1::HandOver& task) {
  Draft draft(context);
  CaseDraft& drafted = draft.Take(state);
  if (state.end_kind() != v1::END_KIND_UNSPECIFIED) return draft.Finish();
  Outcome<std::vector<v1::PartyRebound>> parts = Rebind(context, drafted, task);
  DUBAN_REQUIRE(parts);
  if (parts->empty()) return draft.Finish();
  CaseState rebound = state;
  for (v1::BoundParty& party : *rebound.mutable_parties()) {
    for (const v1::PartyRebound& part : *parts) {
      if (part.party() == party.party()) *party.mutable_bound() = part.bound();
    }
  }
  DUBAN_REQUIRE(CheckRebound(*drafted.procedure, rebound, context.directory, *parts, task.to()));
  FillClocks(context, *drafted.procedure, state, rebound, parts->back());
  for (v1::PartyRebound& part : *parts) {
    v1::Event event;
    *event.mutable_party_rebound() = std::move(part);
    drafted.Emit(std::move(event));
  }
  return draft.Finish();
}

}  // namespace duban::engine
