// Giving one's parts in a case to another: who takes part, who is charged, who is told.
#include <algorithm>
#include <map>

#include "engine/cases/checks.h"
#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/evolve.h"
#include "engine/cases/roles.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;

bool HoldsPart(const v1::BoundParty& party, const std::string& id) {
  return std::any_of(party.bound().begin(), party.bound().end(), [&](const v1::BoundId& b) { return b.id() == id; });
}

// The parties in which `task.from` stands, with `task.to` in its place; a member once.
Outcome<std::vector<v1::PartyRebound>> Rebind(const Context& context, const CaseDraft& draft,
                                              const v1::HandOver& task) {
  std::vector<v1::PartyRebound> out;
  for (const v1::BoundParty& held : draft.state.parties()) {
    const Party* party = draft.procedure->FindParty(held.party());
    if (party == nullptr || !HoldsPart(held, task.from())) continue;
    Outcome<v1::BoundId> member = Bind(context.directory, *party, task.to());
    DUBAN_REQUIRE(member);
    v1::PartyRebound& rebound = out.emplace_back();
    rebound.set_party(held.party());
    for (const v1::BoundId& id : held.bound()) {
      if (id.id() != task.from()) {
        *rebound.add_bound() = id;
      } else if (!HoldsPart(held, task.to())) {
        *rebound.add_bound() = *member;
      }
    }
    *rebound.mutable_at() = ToProto(context.occurred);
    rebound.set_reason(task.reason());
  }
  return out;
}

// Somebody who never may act for the party is not given it: a person, or a post of which no holder may.
Verdict CheckTaker(const Context& context, const CaseDraft& draft, const CaseState& rebound, const Party& party,
                   const std::string& to) {
  std::vector<std::string> takers;
  if (party.kind == PartyKind::kPerson) takers.push_back(to);
  if (const v1::Post* post = context.directory.FindPost(to)) {
    takers.assign(post->holders().begin(), post->holders().end());
  }
  std::optional<Rejection> refused;
  for (const std::string& person : takers) {
    const Outcome<Capacity> capacity =
        FindCapacity(*draft.procedure, rebound, context.directory, {Role{party.name, false}}, Actor{person, "", ""});
    if (capacity.ok()) return Nothing{};
    refused = capacity.rejection();
  }
  if (refused.has_value()) return *refused;
  return Nothing{};
}

// Whether what a party never may be speaks of it or of one of those bound anew.
bool Concerns(const Party& party, const std::vector<v1::PartyRebound>& rebound) {
  const auto names = [&](const std::string& name) {
    return std::any_of(rebound.begin(), rebound.end(), [&](const v1::PartyRebound& r) { return r.party() == name; });
  };
  return names(party.name) || std::any_of(party.never_unit_of.begin(), party.never_unit_of.end(), names);
}

// The ids that go along: the one who gives, and where units change the post that heads it, unless it has a part of its
// own.
std::map<std::string, std::string> Following(const Directory& directory, const CaseState& rebound,
                                             const v1::HandOver& task) {
  std::map<std::string, std::string> follows = {{task.from(), task.to()}};
  const v1::Unit* from = directory.FindUnit(task.from());
  const v1::Unit* to = directory.FindUnit(task.to());
  if (from == nullptr || to == nullptr || from->head().empty()) return follows;
  const bool own_part = std::any_of(rebound.parties().begin(), rebound.parties().end(),
                                    [&](const v1::BoundParty& party) { return HoldsPart(party, from->head()); });
  // A unit whose head is not known is told as a whole, as everywhere.
  if (!own_part) follows[from->head()] = to->head().empty() ? to->name() : to->head();
  return follows;
}

// Puts the new ids in the places of the old; whether anything changed.
bool Follow(const std::map<std::string, std::string>& follows, google::protobuf::RepeatedPtrField<std::string>& ids) {
  bool changed = false;
  google::protobuf::RepeatedPtrField<std::string> out;
  for (const std::string& id : ids) {
    const auto other = follows.find(id);
    changed = changed || other != follows.end();
    const std::string& now = other == follows.end() ? id : other->second;
    if (std::find(out.begin(), out.end(), now) == out.end()) *out.Add() = now;
  }
  ids.Swap(&out);
  return changed;
}

// The clocks that charge or tell somebody else from now on, what has fired and stands included.
void FillClocks(const std::map<std::string, std::string>& follows, const CaseState& state, v1::PartyRebound& event) {
  for (const ClockState& clock : state.clocks()) {
    if (clock.run() == ClockState::RUN_STOPPED) continue;
    v1::ReboundClock rebound;
    rebound.set_clock(clock.clock());
    *rebound.mutable_charged_to() = clock.charged_to();
    bool changed = Follow(follows, *rebound.mutable_charged_to());
    const auto add = [&](v1::Rung rung) {
      const bool told = Follow(follows, *rung.mutable_tell());
      const bool asked = Follow(follows, *rung.mutable_ask());
      if (told || asked) *rebound.add_rungs() = std::move(rung);
      changed = changed || told || asked;
    };
    for (const v1::Rung& rung : clock.pending()) add(rung);
    for (const auto& fired : clock.fired()) {
      v1::Rung rung;
      rung.set_rung(fired.rung());
      rung.set_kind(fired.kind());
      *rung.mutable_at() = fired.at();
      *rung.mutable_tell() = fired.tell();
      for (const auto& waiting : state.suggestions()) {
        if (waiting.clock() == clock.clock() && waiting.rung() == fired.rung()) *rung.mutable_ask() = waiting.ask();
      }
      add(std::move(rung));
    }
    if (changed) *event.add_clocks() = std::move(rebound);
  }
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
  for (const Party& party : drafted.procedure->parties) {
    if (Concerns(party, *parts)) DUBAN_REQUIRE(CheckBinding(*drafted.procedure, rebound, context.directory, party));
  }
  for (const v1::PartyRebound& part : *parts) {
    const Party& party = *drafted.procedure->FindParty(part.party());
    DUBAN_REQUIRE(CheckTaker(context, drafted, rebound, party, task.to()));
  }
  FillClocks(Following(context.directory, rebound, task), state, parts->back());
  for (v1::PartyRebound& part : *parts) {
    v1::Event event;
    *event.mutable_party_rebound() = std::move(part);
    drafted.Emit(std::move(event));
  }
  return draft.Finish();
}

}  // namespace duban::engine
