#include "tests/engine/support/walk_judge.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/clocks.h"
#include "engine/cases/evolve.h"
#include "engine/cases/secrecy.h"
#include "engine/procedure/flow.h"
#include "gtest/gtest.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;

bool Contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

void Judge::Note(const CaseState* before, const CaseEvents& events, const std::string& now) {
  states_[events.name] = events.after;
  changed_.insert(events.name);
  for (const v1::Event& event : events.events) NoteEvent(events.after, event);
  CheckRows(before, events, now);
}

void Judge::NoteEvent(const CaseState& after, const v1::Event& event) {
  const auto* body = v1::Event::descriptor()->FindFieldByNumber(event.body_case());
  tally_.Count(absl::StrCat("event ", body == nullptr ? "" : body->name()));
  const auto remember = [&](const auto& said, const std::string& action) {
    for (const std::string& hand : {said.person(), said.entered_by(), said.on_behalf_of()}) {
      if (!hand.empty()) acted_[after.name()][after.round()].insert({hand, action});
    }
    if (!said.on_behalf_of().empty()) tally_.Count("somebody stood in");
  };
  if (event.has_action_taken()) {
    const v1::ActionTaken& taken = event.action_taken();
    remember(taken, taken.action());
    if (taken.verifies() != v1::VERIFICATION_UNSPECIFIED) tally_.Count("verified");
    if (taken.finds() != v1::TRUTH_UNSPECIFIED) tally_.Count("found");
    if (taken.secrecy() != v1::SECRECY_UNSPECIFIED) tally_.Count("marked secret");
    if (taken.action() == "urge") tally_.Count(taken.through().empty() ? "urged" : "urged by a team");
    through_ = taken.through();
    if (taken.action() == "close_collecting") tally_.Count("counted early");
  } else if (event.has_approval_requested()) {
    remember(event.approval_requested(), event.approval_requested().action());
  } else if (event.has_approval_decided()) {
    const v1::ApprovalDecided& decided = event.approval_decided();
    if (decided.action() == "void" && decided.approved()) tally_.Count("made void");
    remember(decided, absl::StrCat(decided.approved() ? "approve_" : "refuse_", decided.action()));
  } else if (event.has_case_opened()) {
    const v1::CaseOpened& opened = event.case_opened();
    if (opened.link() == v1::LINK_KIND_PART) parts_[opened.parent()].insert(after.name());
    if (!opened.parent().empty()) {
      EXPECT_GE(Graded(opened.secrecy()), Graded(states_[opened.parent()].secrecy())) << "less secret than its origin";
      tally_.Count(absl::StrCat("opened as ", v1::LinkKind_Name(opened.link()).substr(10)));
    }
  } else if (event.has_part_linked()) {
    parts_[event.part_linked().parent()].insert(after.name());
  } else if (event.has_transfer_answered()) {
    tally_.Count(event.transfer_answered().taken() ? "taken over" : "sent back");
  } else if (event.has_collect_closed()) {
    tally_.Count(event.collect_closed().quorum() ? "counted" : "too few rated");
  } else if (event.has_case_ended()) {
    tally_.Count(absl::StrCat("ended ", v1::EndKind_Name(event.case_ended().kind()).substr(9)));
  } else if (event.has_clock_resumed()) {
    resumed_.insert({after.name(), event.clock_resumed().clock()});
  } else if (event.has_clock_started() || event.has_clock_moved()) {
    resumed_.erase(
        {after.name(), event.has_clock_started() ? event.clock_started().clock() : event.clock_moved().clock()});
  } else if (event.has_rung_fired()) {
    tally_.Count(absl::StrCat("rung ", v1::RungKind_Name(event.rung_fired().rung().kind()).substr(10)));
    fired_under_[{after.name(), event.rung_fired().clock(), event.rung_fired().rung().rung()}] =
        after.procedure_version();
  }
}

void Judge::PeopleChanged() {
  viewers_.clear();
  for (const auto& [name, state] : states_) changed_.insert(name);
}

void Judge::CheckChanged() {
  for (const std::string& name : std::exchange(changed_, {})) {
    const CaseState& state = states_.at(name);
    CheckWaiting(state);
    CheckDates(state);
    CheckAudience(state);
  }
}

std::set<std::string> Judge::Hands(const std::string& person) const {
  std::set<std::string> hands = {person, people_.StandsInFor(person)};
  hands.erase("");
  return hands;
}

bool Judge::Acted(const CaseState& state, const std::string& person, const std::vector<std::string>& actions) const {
  const auto rounds = acted_.find(state.name());
  if (rounds == acted_.end()) return false;
  const auto round = rounds->second.find(state.round());
  if (round == rounds->second.end()) return false;
  return std::any_of(actions.begin(), actions.end(), [&](const std::string& action) {
    return round->second.count({person, action}) != 0 || round->second.count({person, "approve_" + action}) != 0;
  });
}

bool Judge::Excluded(const CaseState& state, const std::string& person, const Party& party) const {
  const std::set<std::string> hands = Hands(person);
  const auto any_bound = [&](const std::vector<std::string>& parties, auto&& is) {
    return std::any_of(parties.begin(), parties.end(), [&](const std::string& other) {
      const v1::BoundParty* bound = FindBound(state, other);
      return bound != nullptr && std::any_of(bound->bound().begin(), bound->bound().end(),
                                             [&](const v1::BoundId& id) { return is(id.id()); });
    });
  };
  if (any_bound(party.never_unit_of, [&](const std::string& id) {
        const std::set<std::string> colleagues = people_.ColleaguesOf(id);
        return std::any_of(hands.begin(), hands.end(), [&](const auto& hand) { return colleagues.count(hand) != 0; });
      })) {
    return true;
  }
  if (any_bound(party.never_person_of, [&](const std::string& id) {
        const std::set<std::string> all = people_.AllOf(id);
        return std::any_of(hands.begin(), hands.end(), [&](const auto& hand) { return all.count(hand) != 0; });
      })) {
    return true;
  }
  if (any_bound(party.never_related_to, [&](const std::string& id) {
        return std::any_of(hands.begin(), hands.end(), [&](const auto& hand) { return people_.Related(hand, id); });
      })) {
    return true;
  }
  return std::any_of(hands.begin(), hands.end(),
                     [&](const std::string& hand) { return Acted(state, hand, party.never_acted_in); });
}

bool Judge::Fits(const CaseState& state, const std::string& person, const Role& role) const {
  return people_.Filling(state, role).count(person) != 0 &&
         !Excluded(state, person, *ProcedureOf(state).FindParty(role.party));
}

std::vector<std::string> Judge::Fitting(const CaseState& state, const std::vector<Role>& roles) const {
  std::vector<std::string> out;
  for (const Role& role : roles) {
    for (const std::string& person : people_.Filling(state, role)) {
      if (Fits(state, person, role)) out.push_back(person);
    }
  }
  return out;
}

bool Judge::FitsOne(const CaseState& state, const std::string& person, const std::vector<Role>& roles) const {
  return std::any_of(roles.begin(), roles.end(), [&](const Role& role) { return Fits(state, person, role); });
}

// A party of persons whom an act would leave without anybody.
bool Judge::LeavesSomebody(const CaseState& state, const std::string& person, const std::string& action) const {
  const std::set<std::string> hands = Hands(person);
  for (const Party& party : ProcedureOf(state).parties) {
    const v1::BoundParty* bound = FindBound(state, party.name);
    if (party.kind != PartyKind::kPerson || bound == nullptr || !Contains(party.never_acted_in, action)) continue;
    bool left = false, touched = false;
    for (const v1::BoundId& id : bound->bound()) {
      touched = touched || hands.count(id.id()) != 0;
      left = left || (hands.count(id.id()) == 0 && !Acted(state, id.id(), party.never_acted_in));
    }
    if (touched && !left) return false;
  }
  return true;
}

bool Judge::CanDecide(const CaseState& state, const std::set<std::string>& hands,
                      const std::vector<Role>& deciders) const {
  const std::vector<std::string> able = Fitting(state, deciders);
  return std::any_of(able.begin(), able.end(), [&](const std::string& person) {
    const std::set<std::string> his = Hands(person);
    return std::none_of(his.begin(), his.end(), [&](const auto& hand) { return hands.count(hand) != 0; });
  });
}

Judge::Asking Judge::AskingOf(const CaseState& state, const duban::state::v1::RequestState& request) const {
  const Procedure& p = ProcedureOf(state);
  const Action* first = nullptr;
  int stages = 0;
  for (const Stage& stage : p.stages) {
    const Action* action = p.FindAction(stage.name, request.action());
    if (action == nullptr) continue;
    ++stages;
    if (first == nullptr && !action->approved_by.empty()) first = action;
  }
  const Action* here = p.FindAction(state.stage(), request.action());
  const bool before = stages > 1 && FromProto(request.at()) < FromProto(state.stage_since());
  if (here != nullptr && !here->approved_by.empty() && !before) return {here, false};
  return {first, first != nullptr};
}

std::vector<Judge::Short> Judge::Missing(const CaseState& state) const {
  const Procedure& p = ProcedureOf(state);
  std::vector<Short> out;
  for (const auto& request : state.requests()) {
    const Action* asked = AskingOf(state, request).action;
    std::set<std::string> hands = {request.person(), request.entered_by(), request.on_behalf_of()};
    if (asked != nullptr && !CanDecide(state, hands, asked->approved_by)) {
      out.push_back({"", asked->approved_by, request.action()});
    }
  }
  for (const Action& action : p.FindStage(state.stage())->actions) {
    std::vector<std::string> able = Fitting(state, action.by);
    able.erase(std::remove_if(able.begin(), able.end(),
                              [&](const std::string& one) { return !LeavesSomebody(state, one, action.name); }),
               able.end());
    if (able.empty()) {
      out.push_back({action.name, action.by, ""});
    } else if (!action.approved_by.empty() && std::none_of(able.begin(), able.end(), [&](const std::string& one) {
                 return CanDecide(state, Hands(one), action.approved_by);
               })) {
      Short& pair = out.emplace_back(Short{"", action.approved_by, action.name});
      pair.roles.insert(pair.roles.end(), action.by.begin(), action.by.end());
    }
  }
  return out;
}

bool Judge::IsShort(const CaseState& state, const Short& of) const {
  const std::vector<Short> missing = Missing(state);
  return std::any_of(missing.begin(), missing.end(), [&](const Short& one) {
    return one.action == of.action && one.asked == of.asked && one.roles == of.roles;
  });
}

bool Judge::Holds(const Guard& guard, const CaseState& state) const {
  bool so = false;
  if (guard.test == Guard::Test::kPartsOpen) {
    so = !OpenParts(state.name()).empty();
  } else if (guard.test == Guard::Test::kInRegister) {
    const auto& openers = ProcedureOf(state).may_open;
    for (const v1::BoundParty& party : state.parties()) {
      if (guard.subject.empty() ? Contains(openers, party.party()) : party.party() != guard.subject) continue;
      for (const v1::BoundId& id : party.bound()) {
        for (const auto& [name, other] : states_) {
          for (const auto& entry : other.entries()) {
            so = so || (entry.register_() == guard.value && entry.subject() == id.id());
          }
        }
      }
    }
  } else {
    return true;
  }
  return so != guard.negated;
}

std::vector<std::string> Judge::OpenParts(const std::string& whole) const {
  std::vector<std::string> out;
  const auto parts = parts_.find(whole);
  if (parts == parts_.end()) return out;
  for (const std::string& part : parts->second) {
    const auto state = states_.find(part);
    if (state != states_.end() && state->second.end_kind() == v1::END_KIND_UNSPECIFIED) out.push_back(part);
  }
  return out;
}

size_t Judge::PartsOf(const std::string& whole) const {
  const auto parts = parts_.find(whole);
  return parts == parts_.end() ? 0 : parts->second.size();
}

// An open stage has a clock that runs, a move to come, a stated reason, or a deadline that nobody has stated.
void Judge::CheckWaiting(const CaseState& state) const {
  const Procedure& p = ProcedureOf(state);
  const Stage& stage = *p.FindStage(state.stage());
  const bool moves = state.has_moves_at() && state.objections() == 0;
  if (state.end_kind() != v1::END_KIND_UNSPECIFIED || moves || !stage.no_deadline.empty()) return;
  for (const Clock& clock : p.clocks) {
    if (clock.on_the_way()) continue;
    const auto* known = FindClockState(state, clock.name);
    if (known != nullptr && known->run() == ClockState::RUN_RUNNING) return;
    const auto* stated = clock.due_field.empty() ? nullptr : FindFieldState(state, clock.due_field);
    const bool open_end = !clock.due_field.empty() && (stated == nullptr || stated->values(0).standing());
    if (open_end && (known == nullptr || known->fell_away()) && CourseOf(p, clock).Passes(stage.name)) return;
  }
  ADD_FAILURE() << state.name() << " waits in stage " << stage.name << " and no clock runs";
}

// What a field says is what the clocks that count to it run to, whoever set it and however.
void Judge::CheckDates(const CaseState& state) const {
  for (const Clock& clock : ProcedureOf(state).clocks) {
    if (clock.due_field.empty() || !clock.stops_in.empty() || clock.on_the_way()) continue;
    const auto* known = FindClockState(state, clock.name);
    const auto* field = FindFieldState(state, clock.due_field);
    if (known == nullptr || known->run() != ClockState::RUN_RUNNING || !known->has_due() || field == nullptr) continue;
    // A clock that goes on after it had stopped has what was left of its time.
    if (resumed_.count({state.name(), clock.name}) != 0) continue;
    const bool same = FromProto(known->due()) == DueOfValue(field->values(0), desk_.zone());
    EXPECT_TRUE(same) << state.name() << ": clock " << clock.name << " runs to another day than its field says";
  }
}

}  // namespace duban::engine
