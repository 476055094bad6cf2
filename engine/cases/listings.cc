// Registers that a stage keeps: named with one (评定命名), struck off with another, renewed by both.
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/clocks.h"
#include "engine/cases/draft.h"
#include "engine/cases/evolve.h"

namespace duban::engine {
namespace {

using duban::state::v1::RegisterEntryState;

// What stands under one name was made together, for several perhaps: of these, those who stay are entered again.
void LeaveFor(Draft& draft, CaseDraft& on, const std::string& name, const std::string& subject, Instant at) {
  std::set<std::string> entries;
  for (const RegisterEntryState& entry : on.state.entries()) {
    const bool meant = entry.register_() == name && entry.subject() == subject && FromProto(entry.from()) <= at;
    if (meant) entries.insert(entry.entry());
  }
  for (const std::string& called : entries) {
    std::vector<RegisterEntryState> staying;
    RegisterEntryState leaving;
    for (const RegisterEntryState& entry : on.state.entries()) {
      if (entry.register_() != name || entry.entry() != called) continue;
      if (entry.subject() == subject) {
        leaving = entry;
      } else {
        staying.push_back(entry);
      }
    }
    draft.LeaveRegister(on, leaving, at);
    for (const RegisterEntryState& entry : staying) {
      v1::Event event;
      v1::RegisterEntered& entered = *event.mutable_register_entered();
      entered.set_register_(name);
      entered.set_entry(called);
      entered.set_subject(entry.subject());
      entered.set_subject_title(entry.subject_title());
      *entered.mutable_reason() = entry.reason();
      *entered.mutable_from() = entry.from();
      if (entry.has_until()) *entered.mutable_until() = entry.until();
      on.Emit(std::move(event));
    }
  }
}

}  // namespace

Verdict Draft::LeaveListed(CaseDraft& draft, const Listing& listing, Instant at) {
  const v1::BoundParty* bound = FindBound(draft.state, listing.party);
  if (bound == nullptr) return Nothing{};
  const v1::BoundParty party = *bound;
  for (const v1::BoundId& subject : party.bound()) {
    std::set<std::string> cases = {draft.state.name()};  // Its own may not be among those that are known yet.
    for (std::string& name : context_.entered_by(listing.register_name, subject.id())) cases.insert(std::move(name));
    if (cases.size() > limits::kEntriesLeftMax) {
      return Reject(Kind::kState, "TOO_MANY_LISTED",
                    absl::StrCat("“", subject.title(), "”在名册中有 ", cases.size(), " 件事项列入的条目，一次最多移出 ",
                                 limits::kEntriesLeftMax, " 件；请先由列入它的事项移出一部分"),
                    absl::StrCat(subject.id(), " stands in the register by ", cases.size(), " cases; at most ",
                                 limits::kEntriesLeftMax, " entries end at once: lift some from their own cases first"),
                    {{"register", listing.register_name}});
    }
    for (const std::string& name : cases) {
      CaseDraft* on = Find(name);
      if (on != nullptr) LeaveFor(*this, *on, listing.register_name, subject.id(), at);
    }
  }
  return Nothing{};
}

Verdict Draft::EnterListed(CaseDraft& draft, const Stage& stage, Instant at) {
  const Listing& listing = *stage.enters;
  const Register& listed = *draft.procedure->FindRegister(listing.register_name);
  const v1::BoundParty* bound = FindBound(draft.state, listing.party);
  if (bound == nullptr) return Nothing{};
  const std::optional<Span>& keeps = listing.keeps.has_value() ? listing.keeps : listed.keeps;
  std::optional<Instant> until;
  if (keeps.has_value()) {
    const Outcome<Instant> last = context_.calendar.DueAfter(at, *keeps, false, context_.zone);
    DUBAN_REQUIRE(last);
    until = *last;
  }
  for (const v1::BoundId& subject : bound->bound()) {
    const std::string name = absl::StrCat(listing.register_name, ":", stage.name, ":", subject.id());
    const auto& entries = draft.state.entries();
    const auto old = std::find_if(entries.begin(), entries.end(),
                                  [&](const RegisterEntryState& entry) { return entry.entry() == name; });
    if (old != entries.end()) LeaveRegister(draft, RegisterEntryState(*old), at);
    v1::Event event;
    v1::RegisterEntered& entered = *event.mutable_register_entered();
    entered.set_register_(listing.register_name);
    entered.set_entry(name);
    entered.set_subject(subject.id());
    entered.set_subject_title(context_.directory.TitleOf(subject.id()));
    *entered.mutable_reason() = stage.title;
    *entered.mutable_from() = ToProto(at);
    if (until.has_value()) *entered.mutable_until() = ToProto(*until);
    draft.Emit(std::move(event));
  }
  return Nothing{};
}

}  // namespace duban::engine
