// What each event of a case changes.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/city/facts.h"

namespace duban::city {

// --- A case ---------------------------------------------------------------------------------------------------------

void Facts::TakeCase(const v1::EventRecord& record, Case& c) {
  const v1::Event& event = record.event();
  c.revision = record.revision();
  if (event.has_case_opened()) {
    const v1::CaseOpened& opened = event.case_opened();
    c.name = record.stream();
    c.number = opened.number();
    c.procedure = opened.procedure();
    c.version = opened.procedure_version();
    c.parent = opened.parent();
    c.link = opened.link();
    c.assigned_by_superior = opened.assigned_by_superior();
    c.opened_at = At(opened.opened_at());
    for (const v1::BoundParty& party : opened.parties()) {
      for (const v1::BoundId& id : party.bound()) c.parties[party.party()].push_back(id.id());
    }
    for (const auto& [party, ids] : c.parties) CheckBound(c, party);
    if (!opened.number().empty() && opened.sequence() != ++series_[opened.series()]) {
      fail_(absl::StrCat("number ", opened.number(), " is ", opened.sequence(), " of ", opened.series(), ", but ",
                         series_[opened.series()], " is next"),
            c.name);
    }
    if (c.link == v1::LINK_KIND_PART && !c.parent.empty()) {
      c.wholes.push_back(c.parent);
      cases_[c.parent].parts.push_back(c.name);
      cases_[c.parent].weights[c.name] = std::max<int64_t>(1, opened.weight());
      Remember(cases_[c.parent]);
    }
    opened_.push_back(c.name);
    Remember(c);
  } else if (event.has_fields_set()) {
    CheckMasked(c, event.fields_set().fields());
    for (const v1::FieldValue& field : event.fields_set().fields()) {
      c.fields[field.field()] = {field.values().begin(), field.values().end()};
      if (field.values().empty()) c.fields.erase(field.field());
    }
  } else if (event.has_stage_entered()) {
    const v1::StageEntered& entered = event.stage_entered();
    c.left = c.stage;
    c.left_moves_at = c.moves_at;
    c.stage = entered.stage();
    c.filed = false;
    c.stage_since = At(entered.at());
    c.moves_at = entered.has_moves_at() ? At(entered.moves_at()) : absl::InfiniteFuture();
    c.moves_to = entered.moves_to();
    CheckTimed(c, entered);
    Remember(c);
  } else if (event.has_move_rescheduled()) {
    c.moves_at = At(event.move_rescheduled().moves_at());
  } else if (event.has_case_migrated()) {
    const v1::CaseMigrated& migrated = event.case_migrated();
    if (migrated.from_version() != c.version) fail_("it is taken from a version that it does not have", c.name);
    c.version = migrated.to_version();
    c.stage = migrated.stage();
    c.moves_at = migrated.has_moves_at() ? At(migrated.moves_at()) : absl::InfiniteFuture();
    c.moves_to = migrated.moves_to();
    Remember(c);
  } else if (event.has_case_ended()) {
    c.end = event.case_ended().kind();
    c.late = event.case_ended().late();
    c.ended_at = At(event.case_ended().at());
    c.ends.push_back({DayOf(c.ended_at), c.end, c.dated, c.late, c.truth});
    if (c.objected && c.end == v1::END_KIND_DONE) fail_("it is done while an objection stands", c.name);
    c.objected = false;
    c.requests.clear();
    c.suggestions.clear();
    c.offered_to.clear();
    ended_.push_back(c.name);
    Remember(c);
    for (const std::string& whole : c.wholes) Remember(cases_[whole]);
  } else if (event.has_case_reopened()) {
    if (event.case_reopened().round() != ++c.round) fail_("rounds are not dense", c.name);
    c.end = v1::END_KIND_UNSPECIFIED;
    c.late = false;
    c.clocks.clear();
    c.dated = false;
    c.acts.clear();
    c.asked.clear();
    Remember(c);
  } else if (event.has_part_linked()) {
    c.wholes.push_back(event.part_linked().parent());
    cases_[event.part_linked().parent()].parts.push_back(c.name);
    cases_[event.part_linked().parent()].weights[c.name] = event.part_linked().weight();
    Remember(cases_[event.part_linked().parent()]);
  } else if (event.has_case_merged()) {
    c.merged_into = event.case_merged().into();
  } else if (event.has_duplicate_taken()) {
    c.counted += event.duplicate_taken().counted();
    c.duplicates.insert(event.duplicate_taken().duplicate());
  } else if (event.has_register_entered()) {
    c.entries[event.register_entered().entry()] = event.register_entered();
  } else if (event.has_register_left()) {
    c.entries.erase(event.register_left().entry());
  } else if (event.has_document_filed()) {
    c.filed = true;
  } else {
    TakePeople(record, c);
    TakeClocks(record, c);
    TakeRating(record, c);
  }
}

void Facts::Remember(Case& c) {
  ++c.turn;
  touched_.insert(c.name);
}

void Facts::TakePeople(const v1::EventRecord& record, Case& c) {
  const v1::Event& event = record.event();
  if (event.has_action_taken()) {
    const v1::ActionTaken& taken = event.action_taken();
    // What was asked for takes effect as done by whoever asked, who need not be in his post any more.
    const bool asked_before = !c.acts.empty() && c.acts.back().action == "approve_" + taken.action();
    c.acts.push_back({taken.action(), taken.person(), taken.on_behalf_of(), taken.entered_by()});
    CheckStep(c, c.acts.back(), asked_before);
    if (taken.finds() != v1::TRUTH_UNSPECIFIED) c.truth = taken.finds();
    if (!taken.through().empty()) CheckMandate(c, taken);
    if (taken.objection() != v1::OBJECTION_UNSPECIFIED) c.objected = taken.objection() == v1::OBJECTION_RAISED;
    if (taken.verifies() != v1::VERIFICATION_UNSPECIFIED) {
      c.checks.push_back({DayOf(At(taken.at())), taken.verifies() == v1::VERIFICATION_PASSED});
    }
    Remember(c);
  } else if (event.has_approval_requested()) {
    const v1::ApprovalRequested& asked = event.approval_requested();
    c.requests[asked.action()] = asked;
    c.asked.insert(asked.action());
    CheckMasked(c, asked.proposed());
    CheckStep(c, {asked.action(), asked.person(), asked.on_behalf_of(), asked.entered_by()}, false);
    Remember(c);
  } else if (event.has_approval_decided()) {
    const v1::ApprovalDecided& decided = event.approval_decided();
    const auto asked = c.requests.find(decided.action());
    if (asked == c.requests.end()) return fail_("a decision on what nobody asked for", c.name);
    const Names askers = {asked->second.person(), asked->second.on_behalf_of()};
    for (const std::string& person : {decided.person(), decided.on_behalf_of()}) {
      if (!person.empty() && askers.count(person) > 0) fail_(person + " decides on his own request", c.name);
    }
    const Act act = {"approve_" + decided.action(), decided.person(), decided.on_behalf_of(), decided.entered_by()};
    CheckStep(c, act, false);
    if (decided.approved()) c.acts.push_back(act);
    c.requests.erase(asked);
    Remember(c);
  } else if (event.has_suggestion_decided()) {
    const v1::SuggestionDecided& decided = event.suggestion_decided();
    const auto same = [&](const Suggestion& s) { return s.clock == decided.clock() && s.rung == decided.rung(); };
    const auto found = std::find_if(c.suggestions.begin(), c.suggestions.end(), same);
    if (found == c.suggestions.end()) return fail_("a decision on what no rung suggested", c.name);
    const bool asked = std::any_of(found->ask.begin(), found->ask.end(),
                                   [&](const std::string& id) { return tree_.ReachesByItself(decided.person(), id); });
    if (!asked) fail_(decided.person() + " decides on a suggestion and was not asked", c.name);
    c.suggestions.erase(found);
    Remember(c);
  } else if (event.has_transfer_offered()) {
    c.offered_to = event.transfer_offered().to();
    c.offered_party = event.transfer_offered().party();
    Remember(c);
  } else if (event.has_transfer_answered()) {
    c.offered_to.clear();
    Remember(c);
  } else if (event.has_party_rebound()) {
    const v1::PartyRebound& rebound = event.party_rebound();
    std::vector<std::string>& bound = c.parties[rebound.party()];
    bound.clear();
    for (const v1::BoundId& id : rebound.bound()) bound.push_back(id.id());
    c.rebound = true;
    CheckBound(c, rebound.party());
    for (const v1::ReboundClock& moved : rebound.clocks()) {
      Clock& clock = c.clocks[moved.clock()];
      for (const v1::Rung& rung : moved.rungs()) {
        if (clock.rungs.count(rung.rung()) > 0) clock.rungs[rung.rung()] = rung;
        for (Fired& fired : clock.fired) {
          if (fired.rung == rung.rung()) fired.told = {rung.tell().begin(), rung.tell().end()};
        }
        for (Suggestion& suggestion : c.suggestions) {
          if (suggestion.clock == moved.clock() && suggestion.rung == rung.rung()) {
            suggestion.ask = {rung.ask().begin(), rung.ask().end()};
          }
        }
      }
    }
    Remember(c);
  }
}

// --- Clocks ---------------------------------------------------------------------------------------------------------

void Facts::TakeClocks(const v1::EventRecord& record, Case& c) {
  const v1::Event& event = record.event();
  const auto plan = [](Clock& clock, const auto& rungs) {
    clock.rungs.clear();
    for (const v1::Rung& rung : rungs) {
      if (rung.has_at()) clock.rungs[rung.rung()] = rung;
    }
  };
  const auto forget = [&](const std::string& clock) {
    const auto of = [&](const Suggestion& s) { return s.clock == clock; };
    c.suggestions.erase(std::remove_if(c.suggestions.begin(), c.suggestions.end(), of), c.suggestions.end());
  };
  if (event.has_clock_started()) {
    Clock& clock = c.clocks[event.clock_started().clock()] = Clock();
    forget(event.clock_started().clock());
    clock.running = true;
    c.dated = c.dated || !IsReport(event.clock_started().clock());
    clock.due = At(event.clock_started().due());
    plan(clock, event.clock_started().rungs());
  } else if (event.has_clock_resumed()) {
    Clock& clock = c.clocks[event.clock_resumed().clock()];
    clock.running = true;
    clock.due = At(event.clock_resumed().due());
    plan(clock, event.clock_resumed().rungs());
  } else if (event.has_clock_moved()) {
    const v1::ClockMoved& moved = event.clock_moved();
    Clock& clock = c.clocks[moved.clock()];
    if (At(moved.due()) != clock.due && moved.action() != "calendar") {
      clock.fired.clear();
      forget(moved.clock());
    }
    clock.due = At(moved.due());
    clock.stays_late = clock.stays_late || moved.stays_late();
    plan(clock, moved.rungs());
  } else if (event.has_clock_paused()) {
    Clock& clock = c.clocks[event.clock_paused().clock()];
    CheckDue(c, event.clock_paused().clock(), clock, At(event.clock_paused().at()));
    clock.running = false;
    clock.rungs.clear();
  } else if (event.has_clock_stopped()) {
    const v1::ClockStopped& stopped = event.clock_stopped();
    Clock& clock = c.clocks[stopped.clock()];
    if (clock.running && !stopped.fell_away()) {
      CheckDue(c, stopped.clock(), clock, At(stopped.at()));
      const bool overdue =
          std::any_of(clock.fired.begin(), clock.fired.end(), [](const Fired& fired) { return fired.overdue; });
      if (stopped.late() != (overdue || clock.stays_late)) {
        fail_(absl::StrCat("clock ", stopped.clock(), " stops ", stopped.late() ? "late" : "on time", " at ",
                           Text(At(stopped.at())), ", due ", Text(clock.due)),
              c.name);
      }
    }
    if (stopped.fell_away()) forget(stopped.clock());
    clock.running = false;
    clock.rungs.clear();
  } else if (event.has_rung_fired()) {
    const v1::Rung& rung = event.rung_fired().rung();
    Clock& clock = c.clocks[event.rung_fired().clock()];
    if (clock.rungs.erase(rung.rung()) == 0) {
      fail_(absl::StrCat("rung ", rung.rung(), " of ", event.rung_fired().clock(), " fires and was not planned"),
            c.name);
    }
    if (At(record.recorded_at()) < At(rung.at())) fail_("a rung fires before its time", c.name);
    Fired fired;
    fired.rung = rung.rung();
    fired.at = At(rung.at());
    fired.overdue = rung.kind() == v1::RUNG_KIND_OVERDUE;
    if (rung.kind() != v1::RUNG_KIND_LIGHT) {
      const bool reminds = rung.kind() == v1::RUNG_KIND_REMINDER;
      fired.kind = !rung.raises().empty() ? rung.raises() : reminds ? "reminder" : "overdue";
    }
    fired.suggests = !rung.suggests().empty();
    fired.told.insert(rung.tell().begin(), rung.tell().end());
    for (const v1::ToldInstead& instead : rung.instead()) {
      fired.instead.emplace_back(instead.vacant(), Names(instead.told().begin(), instead.told().end()));
    }
    clock.fired.push_back(std::move(fired));
    if (!rung.suggests().empty()) {
      c.suggestions.push_back(
          {rung.suggests(), event.rung_fired().clock(), rung.rung(), {rung.ask().begin(), rung.ask().end()}});
      Remember(c);
    }
    if (rung.kind() == v1::RUNG_KIND_OVERDUE) Remember(c);
  } else if (event.has_rung_suppressed()) {
    c.clocks[event.rung_suppressed().clock()].rungs.erase(event.rung_suppressed().rung());
  } else if (event.has_rung_withdrawn()) {
    Clock& clock = c.clocks[event.rung_withdrawn().clock()];
    const auto same = [&](const Fired& fired) { return fired.rung == event.rung_withdrawn().rung(); };
    clock.fired.erase(std::remove_if(clock.fired.begin(), clock.fired.end(), same), clock.fired.end());
    const auto of = [&](const Suggestion& s) {
      return s.clock == event.rung_withdrawn().clock() && s.rung == event.rung_withdrawn().rung();
    };
    c.suggestions.erase(std::remove_if(c.suggestions.begin(), c.suggestions.end(), of), c.suggestions.end());
  }
}

// --- Ratings --------------------------------------------------------------------------------------------------------

// Each rates once, in one group, and never himself; of secret ballots none is told.
void Facts::TakeRating(const v1::EventRecord& record, Case& c) {
  const v1::Event& event = record.event();
  if (event.has_collect_began()) {
    Rating& rating = c.ratings.emplace_back();
    rating.began = At(event.collect_began().at());
    rating.groups = {event.collect_began().groups().begin(), event.collect_began().groups().end()};
    Names all;
    for (const v1::ElectorGroup& group : rating.groups) {
      for (const std::string& elector : group.electors()) {
        if (!all.insert(elector).second) fail_(elector + " may rate in two groups", c.name);
        const v1::Post* rated = tree_.FindPost(c.Party("reporter"));
        if (rated != nullptr && Tree::Holds(elector, *rated)) fail_(elector + " may rate himself", c.name);
      }
    }
  } else if (event.has_ballot_cast()) {
    if (c.ratings.empty()) return fail_("a ballot where nothing is collected", c.name);
    Rating& rating = c.ratings.back();
    const std::string& person = event.ballot_cast().person();
    const bool may = std::any_of(rating.groups.begin(), rating.groups.end(),
                                 [&](const v1::ElectorGroup& group) { return Contains(group.electors(), person); });
    if (!may) fail_(person + " rates and may not", c.name);
    if (!rating.cast.insert(person).second) fail_(person + " rates twice", c.name);
  } else if (event.has_collect_closed()) {
    if (c.ratings.empty()) return fail_("it closes what has not begun", c.name);
    c.ratings.back().closed = event.collect_closed();
    if (!event.collect_closed().ballots().empty()) fail_("secret ballots are told", c.name);
  }
}

}  // namespace duban::city
