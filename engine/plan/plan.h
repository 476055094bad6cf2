// Plans: cases that are opened by the calendar, one for each unit of a population.
//
// A plan is one YAML file (docs/plans.md). Its rule is an RRULE (RFC 5545), its days may be moved to working days, its
// population is looked up when it comes due and written down then. Pure: what is not covered by the calendar is a
// rejection, and registers are asked through a function.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "duban/v1/case_service.pb.h"
#include "duban/v1/plan.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "engine/calendar/calendar.h"
#include "engine/directory/directory.h"
#include "engine/procedure/compile.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// Times that a plan may come due in all; more is refused when it is put.
inline constexpr size_t kOccurrencesMax = 4000;
// Units that a plan may list.
inline constexpr size_t kPopulationMax = 5000;

// What must not be asked of one unit too often (为基层减负): cases on one topic do not overlap, and there are at most
// so many in a year, whichever plans they are of.
struct Burden {
  std::string topic;
  int64_t lasts = 1;    // Days from the day it comes due.
  int64_t at_most = 0;  // In a calendar year; 0: no bound.
};

struct Plan {
  enum class Adjust { kNone, kNextWorkingDay, kPreviousWorkingDay };

  std::string name;  // Without "plans/".
  v1::Text title;
  std::string by;    // The post whose holder opens the cases.
  std::string rule;  // "FREQ=MONTHLY;BYMONTHDAY=1"; empty: once, on the first day.
  Day from, until;
  int minute = 9 * 60;  // Of the day.
  Adjust adjust = Adjust::kNone;
  std::vector<std::string> units;  // The population: these …
  std::string below, level;        // … or the units below one, of a level where it says so …
  std::string in_register;         // … or those that stand in a register.
  std::string procedure, party;
  std::vector<std::pair<std::string, std::string>> bind;  // party -> unit, post or person
  std::vector<std::pair<std::string, std::string>> set;   // field -> value as written
  std::optional<Burden> burden;
};

// Reads a plan and checks it against what is published. Findings as of procedures: file, line, column, rule, advice.
struct ReadPlanResult {
  Plan plan;
  std::vector<Finding> findings;
  bool ok() const { return findings.empty(); }
};
ReadPlanResult ReadPlan(const SourceFile& file, const Procedures& procedures, const Directory& directory);
// The same for one that has been put: nothing is checked that was checked then.
Plan PlanOf(const std::string& source);

// The days that the rule names, in order; those before `from` left out. At most kOccurrencesMax.
std::vector<Day> NominalDays(const Plan& plan, Day from);
// When a nominal day's cases are due to be opened: on it, or on the working day to which it is moved.
Outcome<Instant> DueOn(const Plan& plan, Day nominal, const Calendar& calendar, const Zone& zone);

// The units of the population now, sorted.
std::vector<std::string> PopulationOf(
    const Plan& plan, const Directory& directory,
    absl::FunctionRef<std::vector<std::string>(const std::string& register_name)> members);

// The case to open for one of them.
v1::OpenCaseRequest RequestFor(const Plan& plan, const Procedure& procedure, const std::string& unit);

// A plan as it stands.
struct StandingPlan {
  std::shared_ptr<const Plan> plan;
  v1::Plan put;             // As it was put last.
  Instant put_at;           // Days before it are none of its business.
  std::optional<Day> last;  // The nominal day for which it came due last.

  // The nominal day that comes next; nothing when there is none, or it was stopped.
  std::optional<Day> Next(const Zone& zone) const;
};

// All plans by "plans/…". An immutable value while it is used.
using Plans = std::map<std::string, StandingPlan, std::less<>>;

// Folds an event of a plan's stream.
void EvolvePlans(Plans& plans, const v1::Event& event);

// One time at which something is asked of a unit.
struct Asked {
  std::string plan;  // "plans/…".
  std::string topic;
  Day day;
};
// What plans with a burden ask of each unit in a year, by unit, in the order of days: the burden meter.
std::map<std::string, std::vector<Asked>> BurdenOf(
    const Plans& plans, int year, const Directory& directory, const Calendar& calendar, const Zone& zone,
    absl::FunctionRef<std::vector<std::string>(const std::string& register_name)> members);

// Why one plan asks too much beside the others, from `from` on: PLAN_CLASH, PLAN_BURDEN, naming the first units.
Verdict CheckBurden(const Plans& plans, const std::string& name, Day from, const Directory& directory,
                    const Calendar& calendar, const Zone& zone,
                    absl::FunctionRef<std::vector<std::string>(const std::string& register_name)> members);

}  // namespace duban::engine
