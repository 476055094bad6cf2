// What reaches beyond one case, judged from outside: who may put a visit on record in another case, what a letter is
// about and to whom it goes, what its receipt does, what going on under another version leaves as it was.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/clocks.h"
#include "engine/cases/evolve.h"
#include "gtest/gtest.h"
#include "tests/engine/support/walk_judge.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;

bool Ended(const CaseState& state) { return state.end_kind() != v1::END_KIND_UNSPECIFIED; }

template <typename Repeated>
std::vector<std::string> Texts(const Repeated& all) {
  std::vector<std::string> out;
  for (const auto& one : all) out.push_back(one.SerializeAsString());
  return out;
}

std::string UnitBound(const CaseState& state, const std::string& party) {
  const v1::BoundParty* bound = FindBound(state, party);
  return bound == nullptr ? "" : bound->bound(0).id();
}

}  // namespace

bool Judge::Sees(const CaseState& state, const std::string& person) const {
  return WhoSees(state).count(person) != 0 || WhoIsCalled(state).count(person) != 0;
}

bool Judge::MayVisit(const CaseState& on, const CaseState& team, const std::string& person, Instant now) const {
  const Procedure& p = ProcedureOf(team);
  if (Ended(on) || Ended(team) || !p.mandate.has_value() || team.stage() != p.mandate->in) return false;
  if (!Sees(team, person) || !FitsOne(team, person, p.mandate->by)) return false;
  if (!p.mandate->until.empty()) {
    const auto* term = FindClockState(team, p.mandate->until);
    const bool runs = term != nullptr && term->run() == ClockState::RUN_RUNNING;
    if (!runs || now > FromProto(term->due())) return false;
  }
  const auto* scope = FindFieldState(team, p.mandate->over);
  const auto& openers = ProcedureOf(on).may_open;
  for (const v1::BoundParty& party : on.parties()) {
    if (std::find(openers.begin(), openers.end(), party.party()) != openers.end() || scope == nullptr) continue;
    for (const v1::BoundId& id : party.bound()) {
      for (const v1::Value& unit : scope->values()) {
        if (People::IsWithin(people_.HomeOf(id.id()), unit.reference())) return true;
      }
    }
  }
  return false;
}

// It stands in the history, says by which right, and is all that there is: nothing of the case changes by it.
void Judge::CheckVisit(const CaseState& before, const CaseState& after, const CaseState& team) const {
  EXPECT_EQ(after.revision(), before.revision() + 1);
  EXPECT_EQ(after.stage(), before.stage());
  EXPECT_TRUE(Texts(after.clocks()) == Texts(before.clocks())) << "other clocks than before";
  EXPECT_TRUE(Texts(after.fields()) == Texts(before.fields())) << "other fields than before";
  EXPECT_TRUE(Texts(after.parties()) == Texts(before.parties())) << "other parties than before";
  EXPECT_TRUE(Texts(after.requests()) == Texts(before.requests())) << "other requests than before";
  EXPECT_EQ(through_, team.name()) << "the record does not say which team's it is";
}

bool Judge::MayStandIn(const CaseState& state, const DocumentKind& kind, const std::string& person) const {
  const bool there = std::find(kind.at.begin(), kind.at.end(), state.stage()) != kind.at.end();
  const std::set<std::string> open_to = NamedIds(state);
  const std::string from = UnitBound(state, kind.from), to = UnitBound(state, kind.per);
  const auto issued = issued_.find({state.name(), kind.name});
  const bool once = issued == issued_.end() || issued->second < FromProto(state.stage_since());
  return there && !Ended(state) && once && open_to.count(from) != 0 && open_to.count(to) != 0 &&
         Fits(state, person, Role{kind.from});
}

// One goes to each unit from each, numbered in a row, about each case once; whoever sees one sees its cases, and it
// says nothing of what is not for everybody.
void Judge::CheckLetters(const std::vector<v1::DocumentIssued>& letters, const DocumentKind& kind,
                         const std::vector<CaseState>& about) {
  std::set<std::pair<std::string, std::string>> ends;
  size_t cases = 0;
  for (const v1::DocumentIssued& letter : letters) {
    tally_.Count("letter");
    if (letter.cases_size() > 1) tally_.Count("letter about several");
    EXPECT_TRUE(ends.insert({letter.from(), letter.to()}).second) << "two letters from and to the same";
    EXPECT_EQ(letter.sequence(), ++numbered_[letter.series()]) << letter.number();
    EXPECT_FALSE(absl::StrContains(letter.SerializeAsString(), kInner)) << "a letter says what is not for everybody";
    cases += static_cast<size_t>(letter.cases_size());
    std::set<std::string> readers = {people_.auditor()};
    readers.merge(people_.SeersOf(letter.from()));
    readers.merge(people_.SeersOf(letter.to()));
    for (const std::string& person : people_.persons()) {
      const bool reads = Admits(AudienceOfDocument(letter.from(), letter.to()), ViewerOf(person).all);
      EXPECT_EQ(reads, readers.count(person) != 0) << person << " and letter " << letter.number();
    }
    for (const v1::DocumentCase& named : letter.cases()) {
      const auto state =
          std::find_if(about.begin(), about.end(), [&](const CaseState& one) { return one.name() == named.case_(); });
      ASSERT_NE(state, about.end()) << "a letter about a case that nobody named";
      EXPECT_EQ(letter.from(), UnitBound(*state, kind.from));
      EXPECT_EQ(letter.to(), UnitBound(*state, kind.per));
      for (const std::string& reader : readers)
        EXPECT_TRUE(Sees(*state, reader)) << reader << " reads of " << named.case_();
      issued_[{state->name(), kind.name}] = FromProto(letter.at());
    }
  }
  EXPECT_EQ(cases, about.size()) << "each case stands in one letter";
}

// Each case is either taken on by somebody who may, or left as it was.
void Judge::CheckReceipt(const v1::DocumentIssued& letter, const v1::DocumentReceived& received,
                         const std::string& person, const std::string& action,
                         const std::vector<CaseState>& before) const {
  tally_.Count(action.empty() ? "received" : "received with a receipt");
  EXPECT_EQ(static_cast<size_t>(letter.cases_size()), before.size());
  for (const CaseState& was : before) {
    const CaseState& is = states_.at(was.name());
    const bool left = std::any_of(received.left().begin(), received.left().end(),
                                  [&](const v1::DocumentCaseLeft& one) { return one.case_() == was.name(); });
    if (left || action.empty()) {
      EXPECT_EQ(is.revision(), was.revision()) << was.name() << " was left in a letter, and has changed";
      continue;
    }
    tally_.Count("taken on by a receipt");
    const Action* taken = Ended(was) ? nullptr : ProcedureOf(was).FindAction(was.stage(), action);
    ASSERT_NE(taken, nullptr) << action << " of " << was.name() << " in " << was.stage();
    EXPECT_GT(is.revision(), was.revision());
    EXPECT_TRUE(FitsOne(was, person, taken->by)) << person << " may never do " << action << " of " << was.name();
    EXPECT_TRUE(taken->needs.empty() && taken->approved_by.empty()) << action << " was taken and given nothing";
  }
}

// The stage that the mapping names, or the same; who takes part and what is filled in as before. A deadline that there
// is in both keeps its day, and nothing that was in time is late.
void Judge::CheckMigrated(const CaseState& before, const CaseState& after,
                          const std::map<std::string, std::string>& stages, bool only_names, Instant now) {
  const auto mapped = stages.find(before.stage());
  EXPECT_EQ(after.stage(), mapped == stages.end() ? before.stage() : mapped->second);
  EXPECT_GT(after.procedure_version(), before.procedure_version());
  EXPECT_EQ(after.round(), before.round());
  EXPECT_EQ(after.number(), before.number());
  EXPECT_FALSE(Ended(after));
  EXPECT_EQ(after.stage_since().SerializeAsString(), before.stage_since().SerializeAsString());
  EXPECT_TRUE(Texts(after.parties()) == Texts(before.parties())) << "other parties than before";
  EXPECT_TRUE(Texts(after.fields()) == Texts(before.fields())) << "other fields than before";
  EXPECT_TRUE(Texts(after.requests()) == Texts(before.requests())) << "other requests than before";
  EXPECT_TRUE(Texts(after.acts()) == Texts(before.acts())) << "other acts than before";
  const auto runs = [](const ClockState* clock) { return clock != nullptr && clock->run() == ClockState::RUN_RUNNING; };
  bool late_before = before.late();
  for (const ClockState& was : before.clocks()) {
    late_before = late_before || was.late() || (runs(&was) && FromProto(was.due()) < now);
    const ClockState* is = FindClockState(after, was.clock());
    const bool in_both = ProcedureOf(after).FindClock(was.clock()) != nullptr;
    if (!runs(&was) || !in_both || !runs(is)) continue;
    EXPECT_EQ(FromProto(is->due()), FromProto(was.due())) << was.clock();
    for (const auto& fired : was.fired()) {
      const bool kept = std::any_of(is->fired().begin(), is->fired().end(),
                                    [&](const auto& one) { return one.rung() == fired.rung(); });
      EXPECT_TRUE(kept) << was.clock() << " has forgotten " << fired.rung();
    }
  }
  for (const ClockState& is : after.clocks()) {
    const Clock* clock = ProcedureOf(after).FindClock(is.clock());
    const bool late = runs(&is) && clock != nullptr && !clock->on_the_way() && FromProto(is.due()) < now;
    EXPECT_TRUE(!late || late_before) << is.clock() << " is late in the moment of the change";
  }
  // Of a stage with another name the deadline is counted as its version has it, which for a case that came from an
  // earlier one may be another than it runs to.
  if (!migrated_.insert(after.name()).second || !only_names) return;
  std::vector<Instant> due, due_now;
  for (const ClockState& was : before.clocks()) {
    if (runs(&was)) due.push_back(FromProto(was.due()));
  }
  for (const ClockState& is : after.clocks()) {
    if (runs(&is)) due_now.push_back(FromProto(is.due()));
  }
  std::sort(due.begin(), due.end());
  std::sort(due_now.begin(), due_now.end());
  EXPECT_EQ(due, due_now) << "only a name has changed, and other deadlines run";
  EXPECT_EQ(after.has_moves_at(), before.has_moves_at());
  EXPECT_EQ(after.moves_at().SerializeAsString(), before.moves_at().SerializeAsString());
}

}  // namespace duban::engine
