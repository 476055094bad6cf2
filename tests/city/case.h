// A case as its events tell it, read without the engine.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "duban/v1/event.pb.h"
#include "tests/city/days.h"
#include "tests/city/tree.h"

namespace duban::city {

// Clocks of the shipped files that ask for a report again and again: their lateness is their own.
inline bool IsReport(const std::string& clock) { return clock == "monthly" || clock == "quarterly"; }

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

// What was done, or "approve_…" of what was approved, in the order of events.
struct Act {
  std::string action, person, on_behalf_of, entered_by;
};

// What a period's figures count of a case: its ends and what checks of it found.
struct Ended {
  Day day;
  v1::EndKind kind;
  bool dated, late;
  v1::Truth truth;
};
struct Checked {
  Day day;
  bool passed;
};

// A plan that came due, and the cases that it has opened.
struct PlanCame {
  std::string plan, occurrence;
  absl::Time at;
  std::vector<std::string> population;
  std::vector<std::string> opened;
  int64_t refused = 0;
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
  std::string left;  // The stage before, and when that would have moved by itself.
  absl::Time left_moves_at = absl::InfiniteFuture();
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
  Names duplicates;  // Merged into it.
  std::vector<std::string> wholes;
  std::vector<std::string> parts;
  std::map<std::string, int64_t> weights;  // Of its parts.
  uint32_t round = 1;
  int64_t counted = 1;
  v1::EndKind end = v1::END_KIND_UNSPECIFIED;
  bool late = false;
  v1::Truth truth = v1::TRUTH_UNSPECIFIED;
  bool rebound = false;  // Some party is another than at the opening.
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

}  // namespace duban::city
