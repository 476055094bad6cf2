// How the people of the city deal with a matter: what is done next, by whom and when, decided by the matter's own name
// and the seed alone, never by timing. Mostly what a good office does; now and then somebody is late, asks for more
// time, sends back, passes on, merges, or tries what he may not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duban/v1/case_service.pb.h"
#include "tests/city/facts.h"
#include "tests/city/town.h"

namespace duban::city {

// A matter in the eyes of those who deal with it.
struct Matter {
  std::string identity;  // The same in every run with the seed; names and numbers are not.
  std::string name;      // "cases/…".
  int planned_turn = -1;
  int tries = 0;  // Refused attempts in this turn.
  int reports = 0;
};

// What somebody will do.
struct Move {
  absl::Time at;
  std::string who;  // As Town::ActorFor.
  v1::ActOnCaseRequest act;
  std::string expect;  // The reason for which it must be refused; empty: it must be done.
  bool alone = false;  // Another matter changes too: nothing else happens at the same time.
};

class Matters {
 public:
  Matters(const Town& town, const Facts& facts, uint64_t seed) : town_(town), facts_(facts), seed_(seed) {}

  // A new matter of some kind, decided by its place in the year's list. `day_off`: nobody but the hotline works.
  v1::OpenCaseRequest Open(const std::string& identity, bool day_off, Day today, std::string* who) const;
  // The next thing that is done about it, from `now` on; nothing while it waits for time alone.
  std::optional<Move> Next(const Matter& matter, absl::Time now) const;
  // Who applies for a name in January.
  std::vector<v1::OpenCaseRequest> Namings() const;
  // Parts that a matter is to be divided into once it stands: openings with their identities.
  struct Part {
    std::string identity, who;
    v1::OpenCaseRequest open;
  };
  std::vector<Part> PartsOf(const Matter& matter, Day today) const;
  // Another matter of the same kind, unit and issuer that this one repeats; set before moves are asked for.
  void SetTwin(const std::string& identity, const std::string& twin_name) { twins_[identity] = twin_name; }
  bool WantsTwin(const std::string& identity) const;
  // A problem of which departments are asked whether they have it too.
  v1::OpenCaseRequest Alike(const std::string& identity) const;
  // The team that goes round in spring.
  v1::OpenCaseRequest Team() const;
  void SetTeam(const std::string& name) { team_ = name; }
  // Units drawn for unannounced visits in this quarter.
  void SetDrawn(Names units) { drawn_ = std::move(units); }

 private:
  struct Deed;  // A move under way.
  uint64_t Roll(const std::string& identity, const std::string& what) const {
    return city::Roll(seed_, identity + " " + what);
  }
  bool Chance(const std::string& identity, const std::string& what, int permille) const {
    return static_cast<int>(Roll(identity, what) % 1000) < permille;
  }
  absl::Time Working(absl::Time from, int days, uint64_t roll) const;

  std::optional<Move> Rectification(Deed& d) const;
  std::optional<Move> Hotline(Deed& d) const;
  std::optional<Move> Petition(Deed& d) const;
  std::optional<Move> Opinion(Deed& d) const;
  std::optional<Move> Task(Deed& d) const;
  std::optional<Move> FourHaves(Deed& d) const;
  std::optional<Move> Joint(Deed& d) const;
  std::optional<Move> JointPart(Deed& d) const;
  std::optional<Move> Review(Deed& d) const;
  std::optional<Move> Talk(Deed& d) const;
  std::optional<Move> Lookback(Deed& d) const;
  std::optional<Move> Accountability(Deed& d) const;
  std::optional<Move> DutyReport(Deed& d) const;
  std::optional<Move> Rhythm(Deed& d) const;
  std::optional<Move> Card(Deed& d) const;
  std::optional<Move> Term(Deed& d) const;
  std::optional<Move> Appraisal(Deed& d) const;
  std::optional<Move> Naming(Deed& d) const;
  std::optional<Move> Recheck(Deed& d) const;
  std::optional<Move> Supervise(Deed& d) const;
  std::optional<Move> AskAlike(Deed& d) const;
  std::optional<Move> SelfCheck(Deed& d) const;
  std::optional<Move> TermNotice(Deed& d) const;
  // Of a matter that is over: its unit is struck off the negative list before its time.
  std::optional<Move> Lift(Deed& d) const;
  // What the team does about an order: a visit where it may, an attempt where it may not.
  std::optional<Move> Visit(Deed& d) const;
  // What waits beside the stage: an offer, a request, a suggestion.
  std::optional<Move> Beside(Deed& d) const;

  const Town& town_;
  const Facts& facts_;
  const uint64_t seed_;
  std::map<std::string, std::string> twins_;
  Names drawn_;
  std::string team_;
};

}  // namespace duban::city
