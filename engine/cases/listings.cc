// Registers that a stage keeps: named with one (评定命名), struck off with another, renewed by both.
#include <algorithm>
#include <map>
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

// Whether leaving ends an entry: one that had begun by then.
bool IsMeant(const RegisterEntryState& entry, const std::string& name, const std::string& subject, Instant at) {
  return entry.register_() == name && entry.subject() == subject && FromProto(entry.from()) <= at;
}

// What stands under one name was made together, for several perhaps: of these, those who stay are entered again.
void LeaveFor(Draft& draft, CaseDraft& on, const std::string& name, const std::string& subject, Instant at) {
  std::set<std::string> entries;
  for (const RegisterEntryState& entry : on.state.entries()) {
    if (IsMeant(entry, name, subject, at)) entries.insert(entry.entry());
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

std::map<std::string, std::vector<std::string>> Draft::Listed(const CaseDraft& draft, const Listing& listing,
                                                              Instant at) const {
  std::map<std::string, std::vector<std::string>> out;
  const v1::BoundParty* bound = FindBound(draft.state, listing.party);
  if (bound == nullptr) return out;
  for (const v1::BoundId& subject : bound->bound()) {
    std::set<std::string> cases = {draft.state.name()};  // Its own may not be among those that are known yet.
    for (std::string& name : context_.entered_by(listing.register_name, subject.id())) cases.insert(std::move(name));
    for (const std::string& name : cases) {
      const CaseState* state = Look(name);
      if (state == nullptr) continue;
      const bool ends = std::any_of(state->entries().begin(), state->entries().end(), [&](const auto& entry) {
        return IsMeant(entry, listing.register_name, subject.id(), at);
      });
      if (ends) out[name].push_back(subject.id());
    }
  }
  return out;
}

Verdict Draft::LeaveListed(CaseDraft& draft, const Listing& listing, Instant at) {
  const auto listed = Listed(draft, listing, at);
  if (!by_time_ && listed.size() > limits::kEntriesLeftMax) {
    return Reject(Kind::kState, "TOO_MANY_LISTED",
                  absl::StrCat("“", draft.procedure->FindRegister(listing.register_name)->title.zh(),
                               "”中须移出的条目由 ", listed.size(), " 件事项列入，一次最多涉及 ",
                               limits::kEntriesLeftMax, " 件；请先由列入它们的事项移出一部分"),
                  absl::StrCat("the entries to be ended stand in the register by ", listed.size(), " cases; those of ",
                               limits::kEntriesLeftMax, " end at once: lift some from their own cases first"),
                  {{"register", listing.register_name}});
  }
  for (const auto& [name, subjects] : listed) {
    for (const std::string& subject : subjects) LeaveFor(*this, *Find(name), listing.register_name, subject, at);
  }
  return Nothing{};
}

bool Draft::LeaveSome(CaseDraft& draft, const Listing& listing, Instant at) {
  const auto listed = Listed(draft, listing, at);
  if (listed.size() <= limits::kEntriesLeftMax) return false;
  size_t cases = 0;
  for (const auto& [name, subjects] : listed) {
    if (++cases > limits::kEntriesLeftMax) break;
    for (const std::string& subject : subjects) LeaveFor(*this, *Find(name), listing.register_name, subject, at);
  }
  return true;
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
