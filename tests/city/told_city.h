// A small city told to the facts event by event: units above one another, posts and their holders, one case.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/city/facts.h"

namespace duban::city {

inline constexpr char kCase[] = "cases/a";

class ToldCity {
 public:
  ToldCity() {
    for (const char* unit : {"shi", "ducha", "shuiwu"}) {
      v1::Unit& put = *Happens("units/" + std::string(unit)).mutable_unit_put()->mutable_unit();
      put.set_name("units/" + std::string(unit));
      if (std::string(unit) != "shi") put.add_superiors("units/shi");
    }
    Post("posts/shizhang", "units/shi", "persons/shizhang").set_scope(v1::SCOPE_SUBTREE);
    Post("posts/kezhang", "units/ducha", "persons/kezhang");
    Post("posts/yanshou", "units/ducha", "persons/yanshou");
    Post("posts/jingban", "units/shuiwu", "persons/jingban");
    Take();
  }

  // A further event of the commit at hand; taken with the others by Take.
  v1::Event& Happens(const std::string& stream = kCase) {
    v1::EventRecord& record = commit_.emplace_back();
    record.set_stream(stream);
    record.set_revision(++revisions_[stream]);
    return *record.mutable_event();
  }
  v1::Post& Post(const std::string& name, const std::string& unit, const std::string& holder) {
    v1::Post& post = *Happens(name).mutable_post_put()->mutable_post();
    post.set_name(name);
    post.set_unit(unit);
    post.add_holders(holder);
    return post;
  }
  void Take(absl::Time at = TimeOn(Day(2019, 3, 1), 9)) {
    for (v1::EventRecord& record : commit_) {
      record.set_log_position(position_);
      *record.mutable_recorded_at() = Stamp(at);
      facts.Take(record);
    }
    facts.EndCommit();
    commit_.clear();
    ++position_;
  }
  void Open(const std::string& procedure, const std::vector<std::pair<std::string, std::string>>& parties,
            uint64_t sequence = 1) {
    v1::CaseOpened& opened = *Happens().mutable_case_opened();
    opened.set_procedure(procedure);
    opened.set_number("1号");
    opened.set_series("s");
    opened.set_sequence(sequence);
    *opened.mutable_opened_at() = Stamp(TimeOn(Day(2019, 3, 1), 9));
    for (const auto& [party, id] : parties) {
      v1::BoundParty& bound = *opened.add_parties();
      bound.set_party(party);
      bound.add_bound()->set_id(id);
    }
  }
  void ComesDue(const std::string& job, const std::string& unit, Day day) {
    v1::PlanDue& due = *Happens("plans/p").mutable_plan_due();
    due.set_plan("plans/p");
    due.set_job(job);
    due.add_population(unit);
    *due.mutable_at() = Stamp(TimeOn(day, 9));
  }
  // These alone are a party from now on.
  void Bind(const std::string& party, const std::vector<std::string>& ids) {
    v1::PartyRebound& rebound = *Happens().mutable_party_rebound();
    rebound.set_party(party);
    for (const std::string& id : ids) rebound.add_bound()->set_id(id);
  }
  // The newest event of the commit at hand.
  v1::Event& commit_back() { return *commit_.back().mutable_event(); }
  // An order of the inspectors to the water bureau.
  void OpenOrder() {
    Open("rectification", {{"issuer", "units/ducha"}, {"owner", "units/shuiwu"}, {"reviewer", "posts/yanshou"}});
  }
  void Enter(const std::string& stage) {
    Happens().mutable_stage_entered()->set_stage(stage);
    *commit_.back().mutable_event()->mutable_stage_entered()->mutable_at() = Stamp(TimeOn(Day(2019, 3, 1), 9));
  }
  void Act(const std::string& action, const std::string& person) {
    v1::ActionTaken& taken = *Happens().mutable_action_taken();
    taken.set_action(action);
    taken.set_person(person);
  }
  void StartClock(Day due) {
    v1::ClockStarted& started = *Happens().mutable_clock_started();
    started.set_clock("rectify");
    *started.mutable_due() = Stamp(TimeOn(due, 23));
    v1::Rung& rung = *started.add_rungs();
    rung.set_rung("due");
    rung.set_kind(v1::RUNG_KIND_OVERDUE);
    *rung.mutable_at() = Stamp(TimeOn(due + 1, 0));
  }

  std::vector<std::string> wrong;
  Facts facts{[this](const std::string& what, const std::string& stream) {
    wrong.push_back(stream.empty() ? what : absl::StrCat(what, " (", stream, ")"));
  }};

 private:
  std::vector<v1::EventRecord> commit_;
  std::map<std::string, uint64_t> revisions_;
  uint64_t position_ = 0;
};

}  // namespace duban::city
