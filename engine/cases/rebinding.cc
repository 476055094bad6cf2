#include "engine/cases/rebinding.h"

#include <algorithm>
#include <optional>

#include "absl/algorithm/container.h"
#include "engine/cases/checks.h"
#include "engine/cases/evolve.h"
#include "engine/cases/roles.h"
#include "engine/cases/suggestions.h"

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

using Told = google::protobuf::RepeatedPtrField<std::string>;

// Those who are meant no longer give way to those who are now; whoever was told for another reason stays. Whether
// anything changed.
bool Follow(const std::vector<std::string>& before, const std::vector<std::string>& after, Told& ids) {
  Told out;
  const auto add_new = [&] {
    for (const std::string& id : after) {
      if (!absl::c_linear_search(before, id) && !absl::c_linear_search(out, id)) *out.Add() = id;
    }
  };
  for (const std::string& id : ids) {
    if (absl::c_linear_search(before, id) && !absl::c_linear_search(after, id)) {
      add_new();
    } else if (!absl::c_linear_search(out, id)) {
      *out.Add() = id;
    }
  }
  add_new();
  const bool changed = !absl::c_equal(out, ids);
  ids.Swap(&out);
  return changed;
}

// How ids that a clock charges, or a rung tells or asks, pass on when parties are bound anew.
class Passing {
 public:
  Passing(const Context& context, const Procedure& procedure, const CaseState& state, const CaseState& rebound)
      : before{procedure, state, context.calendar, context.directory, context.zone},
        after{procedure, rebound, context.calendar, context.directory, context.zone} {}

  // `was` and `is`: whom the procedure means before and after. Ids beside them stand there because an earlier version
  // said so, or since a hand-over: they pass on with the part that they have. Whether anything changed.
  bool Pass(const std::vector<std::string>& was, const std::vector<std::string>& is, Told& ids) const {
    Told meant, others;
    for (const std::string& id : ids) *(absl::c_linear_search(was, id) ? meant : others).Add() = id;
    bool changed = Follow(was, is, meant);
    for (const Party& party : before.procedure.parties) {
      for (const bool head : {false, true}) {
        const std::vector<Role> role = {Role{party.name, head}};
        const std::vector<std::string> held = ResolveRoles(role, before.state, before.directory);
        const bool his = absl::c_any_of(others, [&](const auto& id) { return absl::c_linear_search(held, id); });
        changed = (his && Follow(held, ResolveRoles(role, after.state, after.directory), others)) || changed;
      }
    }
    if (!changed) return false;
    for (const std::string& id : others) {
      if (!absl::c_linear_search(meant, id)) *meant.Add() = id;
    }
    ids.Swap(&meant);
    return true;
  }

  const PlanInput before, after;
};

}  // namespace

bool Holds(const v1::BoundParty& party, const std::string& id) {
  return std::any_of(party.bound().begin(), party.bound().end(), [&](const v1::BoundId& b) { return b.id() == id; });
}

void FillClocks(const Context& context, const Procedure& procedure, const CaseState& state, const CaseState& rebound,
                v1::PartyRebound& event) {
  const Passing passing(context, procedure, state, rebound);
  for (const ClockState& clock : state.clocks()) {
    const Clock* declared = procedure.FindClock(clock.clock());
    if (clock.run() == ClockState::RUN_STOPPED || declared == nullptr) continue;
    v1::ReboundClock changes;
    changes.set_clock(clock.clock());
    *changes.mutable_charged_to() = clock.charged_to();
    bool changed = passing.Pass(ChargedTo(passing.before, *declared), ChargedTo(passing.after, *declared),
                                *changes.mutable_charged_to());
    const auto add = [&](v1::Rung rung) {
      bool other = passing.Pass(ToldBy(passing.before, *declared, rung.rung()),
                                ToldBy(passing.after, *declared, rung.rung()), *rung.mutable_tell());
      const LadderRung* step = rung.ask().empty() ? nullptr : FindRung(procedure, clock.clock(), rung.rung());
      if (step != nullptr) {
        const std::vector<std::string> asked = ResolveAsked(step->ask, rebound, context.directory);
        // Where there is nobody to ask instead, who was asked decides.
        other = (!asked.empty() &&
                 passing.Pass(ResolveAsked(step->ask, state, context.directory), asked, *rung.mutable_ask())) ||
                other;
      }
      if (other) *changes.add_rungs() = std::move(rung);
      changed = changed || other;
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
    if (changed) *event.add_clocks() = std::move(changes);
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
  FillClocks(context, *draft.procedure, draft.state, rebound, part);
  v1::Event event;
  *event.mutable_party_rebound() = std::move(part);
  draft.Emit(std::move(event));
  return Nothing{};
}

}  // namespace duban::engine
