#include "engine/cases/rebinding.h"

#include <algorithm>
#include <optional>

#include "absl/algorithm/container.h"
#include "engine/cases/checks.h"
#include "engine/cases/evolve.h"
#include "engine/cases/roles.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;

// Somebody who never may act for the party is not given it: a person, or a post of which no holder may.
Verdict CheckTaker(const Procedure& procedure, const CaseState& rebound, const Directory& directory, const Party& party,
                   const std::string& to) {
  std::vector<std::string> takers;
  if (party.kind == PartyKind::kPerson) takers.push_back(to);
  if (const v1::Post* post = directory.FindPost(to)) {
    takers.assign(post->holders().begin(), post->holders().end());
  }
  std::optional<Rejection> refused;
  for (const std::string& person : takers) {
    const Outcome<Capacity> capacity =
        FindCapacity(procedure, rebound, directory, {Role{party.name, false}}, Actor{person, "", ""});
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

// Puts the new ids in the places of the old; whether anything changed.
bool Follow(const Passing& follows, google::protobuf::RepeatedPtrField<std::string>& ids) {
  bool changed = false;
  google::protobuf::RepeatedPtrField<std::string> out;
  for (const std::string& id : ids) {
    const auto other = follows.find(id);
    changed = changed || other != follows.end();
    const std::string& now = other == follows.end() ? id : other->second;
    if (!absl::c_linear_search(out, now)) *out.Add() = now;
  }
  ids.Swap(&out);
  return changed;
}

}  // namespace

bool Holds(const v1::BoundParty& party, const std::string& id) {
  return std::any_of(party.bound().begin(), party.bound().end(), [&](const v1::BoundId& b) { return b.id() == id; });
}

Passing FollowingOf(const Directory& directory, const CaseState& rebound, const std::string& from,
                    const std::string& to) {
  Passing follows = {{from, to}};
  const v1::Unit* left = directory.FindUnit(from);
  const v1::Unit* taker = directory.FindUnit(to);
  if (left == nullptr || taker == nullptr || left->head().empty()) return follows;
  const bool own_part = std::any_of(rebound.parties().begin(), rebound.parties().end(),
                                    [&](const v1::BoundParty& party) { return Holds(party, left->head()); });
  // A unit whose head is not known is told as a whole, as everywhere.
  if (!own_part) follows[left->head()] = taker->head().empty() ? taker->name() : taker->head();
  return follows;
}

void FillClocks(const Passing& follows, const CaseState& state, v1::PartyRebound& event) {
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

Verdict CheckRebound(const Procedure& procedure, const CaseState& rebound, const Directory& directory,
                     const std::vector<v1::PartyRebound>& parts, const std::string& to) {
  for (const Party& party : procedure.parties) {
    if (Concerns(party, parts)) DUBAN_REQUIRE(CheckBinding(procedure, rebound, directory, party));
  }
  for (const v1::PartyRebound& part : parts) {
    DUBAN_REQUIRE(CheckTaker(procedure, rebound, directory, *procedure.FindParty(part.party()), to));
  }
  return Nothing{};
}

CaseState AsIfBound(const CaseState& state, const std::string& party, const v1::BoundId& to) {
  CaseState rebound = state;
  for (v1::BoundParty& held : *rebound.mutable_parties()) {
    if (held.party() != party) continue;
    held.clear_bound();
    *held.add_bound() = to;
  }
  return rebound;
}

Verdict BindAlone(const Context& context, CaseDraft& draft, const Party& party, const std::string& to,
                  const std::string& reason) {
  Outcome<v1::BoundId> member = Bind(context.directory, party, to);
  DUBAN_REQUIRE(member);
  const CaseState rebound = AsIfBound(draft.state, party.name, *member);
  std::vector<v1::PartyRebound> parts(1);
  v1::PartyRebound& part = parts.front();
  part.set_party(party.name);
  *part.add_bound() = *member;
  *part.mutable_at() = ToProto(context.occurred);
  part.set_reason(reason);
  DUBAN_REQUIRE(CheckRebound(*draft.procedure, rebound, context.directory, parts, to));
  Passing follows;
  if (const v1::BoundParty* held = FindBound(draft.state, party.name)) {
    for (const v1::BoundId& left : held->bound()) {
      if (left.id() != to) follows.merge(FollowingOf(context.directory, rebound, left.id(), to));
    }
  }
  FillClocks(follows, draft.state, part);
  v1::Event event;
  *event.mutable_party_rebound() = std::move(part);
  draft.Emit(std::move(event));
  return Nothing{};
}

}  // namespace duban::engine
