// What an auditor's event stream says of a city, read without the engine: directory, calendar, cases, and who may see
// what; and what must hold of every event, looked at as it comes.
//
// It knows the contract (docs/*.md), the shipped procedures' own words, and nothing else. Events are handed in one by
// one in the order of the log. What is wrong is told to `fail` with the case concerned. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "duban/v1/audit_service.pb.h"
#include "tests/city/days.h"

namespace duban::city {

using Names = std::set<std::string>;
// Of a rate what is above and below, by metric or by unit.
using Counts = std::map<std::string, std::pair<int64_t, int64_t>>;

// The directory by its events. Whether somebody sees is asked upwards, from a party to the posts that reach it.
class Tree {
 public:
  // True when the event was one of the directory's.
  bool Take(const v1::Event& event);

  // Who stands in for another by a delegation's event that was taken.
  std::string StandIn(const v1::Event& event) const;

  const v1::Unit* FindUnit(const std::string& name) const;
  const v1::Post* FindPost(const std::string& name) const;
  // The unit of a unit, or of a post; empty for others.
  std::string UnitOf(const std::string& id) const;
  bool IsBelow(const std::string& unit, const std::string& above) const;
  static bool Holds(const std::string& person, const v1::Post& post);

  // Whether one id among a case's parties lets the person see it.
  bool Reaches(const std::string& person, const std::string& id) const;
  // The same by his own posts and units, with nothing below them and no contact areas.
  bool ReachesByItself(const std::string& person, const std::string& id) const;
  bool Audits(const std::string& person) const;
  // Whether the unit lies in an area of which he is a contact.
  bool IsContactOf(const std::string& person, const std::string& unit) const;
  // Units of the posts that he holds, and of those in which he stands in for another.
  Names UnitsServed(const std::string& person) const;

 private:
  bool StandsIn(const std::string& person, const v1::Post& post) const;
  // The posts that he holds, and those in which he stands in for another.
  const std::vector<const v1::Post*>& PostsOf(const std::string& person) const;

  std::map<std::string, v1::Unit> units_;
  std::map<std::string, v1::Post> posts_;
  struct Lent {
    v1::Delegation delegation;
    bool holds = false;
  };
  std::map<std::string, Lent> delegations_;
  // What was asked before, until the directory changes.
  mutable std::unordered_map<std::string, bool> asked_;
  mutable std::unordered_map<std::string, std::vector<const v1::Post*>> posts_of_;
};

struct Fired {
  std::string rung;
  absl::Time at;
  bool overdue = false;
  std::string kind;  // As an alert's; empty where none is raised.
  bool suggests = false;
  Names told;
  std::vector<std::pair<std::string, Names>> instead;  // Whom nobody hears, and who is told instead.
};

struct Clock {
  absl::Time due;
  bool running = false;
  bool stays_late = false;
  std::map<std::string, v1::Rung> rungs;  // That have not fired, by name.
  std::vector<Fired> fired;               // Since it started.
};

struct Suggestion {
  std::string suggests, clock, rung;
  std::vector<std::string> ask;
};

struct Act {
  std::string action, person, on_behalf_of, post;
};

// What a period's figures count of a case: its ends and what checks of it found.
struct Ended {
  Day day;
  v1::EndKind kind;
  bool dated, late;
};
struct Checked {
  Day day;
  bool passed;
};

// What has been collected of a case, or is being collected.
struct Rating {
  absl::Time began;
  std::vector<v1::ElectorGroup> groups;
  Names cast;
  std::optional<v1::CollectClosed> closed;
};

struct Letter {
  v1::DocumentIssued issued;
  bool received = false;
};

struct Case {
  std::string name, number, procedure, parent;
  uint32_t version = 0;  // Of the procedure.
  v1::LinkKind link = v1::LINK_KIND_UNSPECIFIED;
  bool assigned_by_superior = false;
  absl::Time opened_at, stage_since;
  absl::Time moves_at = absl::InfiniteFuture();
  std::string stage, moves_to;
  bool objected = false;  // What would move by itself waits until the objection is settled.
  std::map<std::string, std::vector<std::string>> parties;
  std::map<std::string, std::vector<v1::Value>> fields;
  std::map<std::string, Clock> clocks;
  std::map<std::string, v1::ApprovalRequested> requests;
  std::vector<Suggestion> suggestions;
  std::map<std::string, v1::RegisterEntered> entries;
  std::vector<Act> acts;  // Of this round.
  Names asked;            // What has been asked for in this round.
  std::string offered_to, offered_party;
  std::string merged_into;
  std::vector<std::string> wholes;
  std::vector<std::string> parts;
  uint32_t round = 1;
  int64_t counted = 1;
  v1::EndKind end = v1::END_KIND_UNSPECIFIED;
  bool late = false;
  absl::Time ended_at;
  std::vector<Ended> ends;
  std::vector<Checked> checks;
  bool dated = false;           // Some deadline was set in this round.
  bool filed = false;           // In a letter, since it came to its stage.
  std::vector<Rating> ratings;  // The last one may go on.
  uint64_t revision = 0;
  // Raised by all that somebody may have to act on: a stage, a request, a suggestion, an offer, a new round.
  int turn = 0;

  bool open() const { return end == v1::END_KIND_UNSPECIFIED; }
  const std::string& Party(const std::string& party) const;
  std::string Date(const std::string& field) const;
};

class Facts {
 public:
  using Fail = std::function<void(const std::string& what, const std::string& stream)>;
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
  Names Visible(const std::string& person, bool open_only = false) const;
  // The alerts that stand for a person, by name; of each its kind, when it fired and when its clock is due.
  std::map<std::string, std::string> Alerts(const std::string& person) const;
  // Open cases that are late.
  Names Overdue() const;
  // Both counts of metrics of procedures/metrics.yaml over the days from first to last, both included.
  Counts Count(Day first, Day last) const;
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
  int64_t plan_cases() const { return plan_cases_; }
  // Whom the yearly re-check was for.
  const Names& rechecked() const { return rechecked_; }

 private:
  struct Followed {
    std::unordered_set<uint64_t> rows;    // Case and stage.
    std::unordered_set<uint64_t> events;  // Stream and revision.
  };

  bool Sees(const std::string& person, const Case& c, const std::string& stage) const;
  // The parties for whom the stage is shown, and whoever is offered the case.
  Names Audience(const Case& c) const;
  bool IsTold(const std::string& person, const Names& audience, const Fired& fired) const;
  void TakePlanDue(const v1::PlanDue& due);
  void TakeDocument(const v1::EventRecord& record);
  void CheckReceipt(const v1::DocumentReceived& received);
  void TakeRating(const v1::EventRecord& record, Case& c);
  void TakeCase(const v1::EventRecord& record, Case& c);
  void TakePeople(const v1::EventRecord& record, Case& c);
  void TakeClocks(const v1::EventRecord& record, Case& c);
  void CheckDue(const Case& c, const std::string& name, const Clock& clock, absl::Time at);
  void CheckEnd(const Case& c);
  void CheckDifferent(const Case& c, const std::string& action, const std::string& earlier);
  void CheckMandate(const Case& c, const v1::ActionTaken& taken);
  void CheckNotice(const Case& c, const v1::StageEntered& entered);
  const Act* Last(const Case& c, const std::string& action) const;
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
  Names looks_again_;                                    // Those followed for whom the directory changed in it.
  bool by_plan_ = false;                                 // The commit at hand is of a plan's job.
  std::set<std::string> plan_jobs_;
  uint64_t position_ = 0;
  absl::Time recorded_ = absl::InfinitePast();
  bool any_ = false;
  int64_t plan_cases_ = 0;
  Names rechecked_;
};

}  // namespace duban::city
