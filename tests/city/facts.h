// What an auditor's event stream says of a city, read without the engine: directory, calendar, cases, and who may see
// what; and what must hold of every event, looked at as it comes.
//
// It knows the contract (docs/*.md), the shipped procedures' own words (rules.h), and nothing else. Events are handed
// in one by one in the order of the log. What is wrong is told to `fail` with the case concerned. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "duban/v1/audit_service.pb.h"
#include "tests/city/case.h"
#include "tests/city/days.h"
#include "tests/city/fail.h"
#include "tests/city/rules.h"
#include "tests/city/tree.h"

namespace duban::city {

// Of a rate what is above and below, by metric or by unit.
using Counts = std::map<std::string, std::pair<int64_t, int64_t>>;

class Facts {
 public:
  explicit Facts(Fail fail) : fail_(std::move(fail)) {}

  // People whose lists or events are watched: what they may be shown is kept from now on.
  void Follow(const std::string& person) { followed_[person]; }

  void Take(const v1::EventRecord& record);
  // All records of the last commit have been taken.
  void EndCommit();
  // Timers have fired up to here: every clock that runs has shown what was due.
  void CheckTimers(absl::Time fired_to);

  const std::map<std::string, Case>& cases() const { return cases_; }
  const Case* FindCase(const std::string& name) const;
  const Tree& tree() const { return tree_; }
  const Days& days() const { return days_; }
  // Cases opened since the last call, in the log's order; and those that somebody may have to act on now.
  std::vector<std::string> TakeOpened() { return std::exchange(opened_, {}); }
  Names TakeTouched() { return std::exchange(touched_, {}); }

  bool Sees(const std::string& person, const Case& c) const { return Sees(person, c, c.stage); }
  // Whether a field that is not for everybody is for him. REQUIRES: he sees the case.
  bool SeesField(const std::string& person, const Case& c, const Hidden& field) const;
  Names Visible(const std::string& person, bool open_only = false) const;
  // The alerts that stand for a person, by name; of each its kind, when it fired and when its clock is due.
  std::map<std::string, std::string> Alerts(const std::string& person) const;
  // Open cases that are late.
  Names Overdue() const;
  // Both counts of metrics of procedures/metrics.yaml over the days from first to last, both included: of all cases, or
  // of those that a person sees.
  Counts Count(Day first, Day last, const std::string& person = "") const;
  // The same by the values of a choice field: "metric value", and "metric " where it is not stated.
  Counts CountBy(const std::string& field, Day first, Day last, const std::string& person = "") const;
  const std::map<std::string, Letter>& letters() const { return letters_; }
  // The newest number of a series; 0 where there is none.
  uint64_t LastOfSeries(const std::string& series) const;
  absl::Time last_recorded() const { return recorded_; }
  // Whether a row of that case in that stage may ever have been shown to one who is followed; the same of an event.
  bool MayHaveSeen(const std::string& person, const std::string& name, const std::string& stage) const;
  bool MayHaveHeard(const std::string& person, const std::string& stream, uint64_t revision) const;

  // Of the whole log: kinds of events, the highest number of each series, commits.
  const std::map<std::string, int64_t>& kinds() const { return kinds_; }
  const std::map<std::string, uint64_t>& series() const { return series_; }
  uint64_t log_position() const { return position_; }
  // Plans that came due, by the name of the job that opens their cases.
  const std::map<std::string, PlanCame>& plans_came() const { return plans_came_; }
  // Who stands in a register.
  Names Listed(const std::string& reg) const;

 private:
  struct Followed {
    std::unordered_set<uint64_t> rows;    // Case and stage.
    std::unordered_set<uint64_t> events;  // Stream and revision.
  };

  bool Sees(const std::string& person, const Case& c, const std::string& stage) const;
  // The parties for whom the stage is shown, and whoever is offered the case.
  Names Audience(const Case& c) const;
  bool IsTold(const std::string& person, const Names& audience, const Fired& fired) const;
  void TakePlan(const v1::EventRecord& record);
  void CheckPlanDue(const v1::PlanDue& due);
  void TakeDocument(const v1::EventRecord& record);
  void CheckReceipt(const v1::DocumentReceived& received);
  void TakeRating(const v1::EventRecord& record, Case& c);
  void TakeCase(const v1::EventRecord& record, Case& c);
  void TakePeople(const v1::EventRecord& record, Case& c);
  void TakeClocks(const v1::EventRecord& record, Case& c);
  void CheckDue(const Case& c, const std::string& name, const Clock& clock, absl::Time at);
  void CheckPlanJob(const PlanCame& came);
  // Each way to count the case with both numbers of a metric.
  template <typename Add>
  void Occur(const Case& c, Day first, Day last, const Add& add) const;
  // By the procedures' rules (facts_rules.cc).
  void CheckStep(const Case& c, const Act& act, bool asked_before);
  void CheckNever(const Case& c, const Never& never, const Act& act);
  void CheckBound(const Case& c, const std::string& party);
  void CheckMasked(const Case& c, const google::protobuf::RepeatedPtrField<v1::FieldValue>& fields);
  void CheckEnd(const Case& c);
  std::vector<std::string> LacksOf(const Case& c, const Ending& ending) const;
  void CheckMandate(const Case& c, const v1::ActionTaken& taken);
  void CheckTimed(const Case& c, const v1::StageEntered& entered);
  void Remember(Case& c);

  const Fail fail_;
  Tree tree_;
  Days days_;
  std::map<std::string, Case> cases_;
  std::map<std::string, uint64_t> revisions_;  // Of all streams.
  std::map<std::string, uint64_t> series_;
  std::map<std::string, int64_t> kinds_;
  std::map<std::string, Followed> followed_;
  std::vector<std::string> opened_;
  Names touched_;
  std::map<std::string, Letter> letters_;
  std::vector<v1::DocumentReceived> receipts_;           // Of the commit at hand.
  std::map<std::string, std::vector<uint64_t>> commit_;  // Streams of the commit at hand, and their revisions.
  std::vector<std::string> ended_;                       // Cases that end in it.
  Names looks_again_;                                    // Those followed for whom the directory changed in it.
  std::string by_plan_;                                  // The plan's job of which the commit at hand is.
  std::string plan_ended_;                               // That ends in it.
  std::map<std::string, std::string> plan_sources_;
  std::map<std::string, PlanCame> plans_came_;
  uint64_t position_ = 0;
  absl::Time recorded_ = absl::InfinitePast();
  bool any_ = false;
};

}  // namespace duban::city
