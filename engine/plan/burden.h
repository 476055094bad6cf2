// What plans will ask of units (为基层减负). Of a plan for units that takes all of them it is known beforehand: it
// counts for the guard (engine/cases/burden.h) and in the meter until it comes due, and the cases that it then opens
// count from there on. Of plans that draw, or that come due for posts or cases, only those cases count.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/cases/burden.h"
#include "engine/plan/plan.h"

namespace duban::engine {

// In what plans are counted ahead. What it refers to must outlive it.
struct PlanWorld {
  const Plans& plans;
  const Procedures& procedures;
  const Directory& directory;
  const Calendar& calendar;
  const Zone& zone;
  // Those who stand in a register.
  std::function<std::vector<std::string>(const std::string& register_name)> members;
};

// What each case of a plan asks of the unit that it is for, where that is known beforehand: as the plan says, else as
// the procedure does whose cases it opens. The topic is filled in.
std::optional<Burden> BurdenAhead(const Plan& plan, const Procedures& procedures);

// Plans as they ask of units ahead, each worked out once, when it is first asked for. One thread.
class PlansAhead {
 public:
  explicit PlansAhead(PlanWorld world) : world_(std::move(world)) {}

  // One plan.
  struct Asks {
    std::string plan, title;  // "plans/…"
    Burden burden;
    std::vector<std::string> units;  // Sorted.
    std::vector<Day> days;           // On which it opens its cases; never empty.
  };
  // Null where it is not known beforehand, or nothing lies ahead.
  const Asks* Find(absl::string_view plan) const;
  // Those about a topic, by name.
  const std::vector<const Asks*>& On(absl::string_view topic) const;

  const PlanWorld& world() const { return world_; }

 private:
  const PlanWorld world_;
  mutable std::map<std::string, std::optional<Asks>, std::less<>> asks_;
  mutable std::map<std::string, std::vector<const Asks*>, std::less<>> by_topic_;
};

// What plans ahead ask of units, by all but one of them (`except`, "plans/…"; empty: by all).
class PlannedBurdens final : public Burdens {
 public:
  explicit PlannedBurdens(std::shared_ptr<const PlansAhead> ahead, std::string except = "")
      : ahead_(std::move(ahead)), except_(std::move(except)) {}
  std::vector<Asking> Of(absl::string_view unit, absl::string_view topic, Day first, Day last) const override;

 private:
  const std::shared_ptr<const PlansAhead> ahead_;
  const std::string except_;
};

// One time at which a plan will ask something of a unit.
struct Planned {
  std::string plan;  // "plans/…".
  std::string topic;
  Day first, last;
};
// What plans will ask of each unit in a year, by unit, in the order of days.
std::map<std::string, std::vector<Planned>> PlannedIn(int year, const PlansAhead& ahead);

// Why a plan asks too much beside what is asked already and by other plans (`others`, which must leave it out):
// PLAN_CLASH, PLAN_BURDEN, naming the first units, and what it clashes with as far as `others` names it.
Verdict CheckBurden(const PlansAhead& ahead, const std::string& name, const Burdens& others);

}  // namespace duban::engine
