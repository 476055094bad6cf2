// Inspections that are planned through the year, and the guard of the burden that they are on those inspected
// (为基层减负): by an own reading of docs/plans.md which plan must be refused and why, what each unit is asked, and
// whom next year's special inspection is for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/city/facts.h"
#include "tests/city/fail.h"
#include "tests/city/town.h"

namespace duban::city {

class Inspections {
 public:
  Inspections(Town& town, const Facts& facts, uint64_t seed, Fail fail);

  // On which next year's special inspection is planned, and on which it comes due.
  static Day DayOfNextYear() { return Day(2019, 12, 25); }
  static Day NextYear() { return Day(2020, 1, 15); }

  // Whether one is put or stopped on that day.
  bool HasWork(Day day) const;
  // Puts and stops what is due. The facts are up to date.
  void Work(Day day);
  // The burden meter of a year, as those who plan, an auditor and those who are inspected see it on that day.
  void CheckMeter(int year, Day today);
  // "plans/… 2019-04-15" of each time that one came due up to `today`.
  std::multiset<std::string> Came(Day today) const;
  // By unit: how often it was asked in that year, and on how many topics.
  Counts Asked(int year, Day today) const;
  // For a summary: refused by reason, put against a refusal.
  std::string Told() const;
  int64_t calls() const { return calls_; }

 private:
  struct Inspection {
    std::string name, topic;  // Without "plans/".
    std::vector<Day> days;    // As its rule names them.
    std::string rule;         // Where there are several.
    int lasts = 1, at_most = 0;
    std::vector<std::string> units;  // None: all who stand on the negative list when it comes due.
    bool insists = false;            // Overrides what refuses it.
    std::optional<Day> stopped;
  };
  struct Time {
    const Inspection* of;
    Day day;
  };

  void Put(const Inspection& inspection, Day today);
  void Stop(const std::string& name, Day today);
  std::string FileOf(const Inspection& inspection) const;
  // The refusal that it must meet; empty: none.
  std::string Verdict(const Inspection& inspection, Day today) const;
  // Of each unit, all times that lie behind or are to come.
  std::map<std::string, std::vector<Time>> Times(const std::vector<const Inspection*>& all, Day today) const;
  std::vector<const Inspection*> Standing() const;

  Town& town_;
  const Facts& facts_;
  const uint64_t seed_;
  const Fail fail_;
  std::map<Day, std::vector<Inspection>> to_put_;
  std::map<Day, std::string> to_stop_;
  std::map<std::string, Inspection> standing_;
  std::map<std::string, int> refused_;
  int insisted_ = 0;
  int64_t calls_ = 0;
};

}  // namespace duban::city
