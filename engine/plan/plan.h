// Plans: cases that are opened by the calendar or by the directory, for units, for a post or for cases.
//
// A plan is one YAML file (docs/plans.md). When it comes due is said by an RRULE (RFC 5545), or by posts: so long
// before their holders' term ends, when they have been vacant so long. Its days may be moved to working days, its
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
#include "duban/state/v1/state.pb.h"
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
// Marks of one term or vacancy: "6 months", "3 months" … More: TOO_MANY.
inline constexpr size_t kMarksMax = 12;

// What must not be asked of one unit too often (为基层减负): cases on one topic do not overlap, and there are at most
// so many in a year, whichever plans they are of.
struct Burden {
  std::string topic;
  int64_t lasts = 1;    // Days from the day it comes due.
  int64_t at_most = 0;  // In a calendar year; 0: no bound.
};

// Cases of the ledger. What is empty is not asked for.
struct CaseSet {
  std::string procedure;
  std::string stage, light, party, timeliness;
  std::string state;                 // "open", "ended".
  std::optional<Span> ended_within;  // Ended in so many days or months before the day on which the plan comes due.
};

// Not all are taken: so many of each group are drawn.
struct Sample {
  int64_t permille = 0, count = 0, at_least = 0;
  std::string per;  // The field by whose value cases are grouped; empty: one group.
};

struct Plan {
  enum class Adjust { kNone, kNextWorkingDay, kPreviousWorkingDay };

  std::string name;  // Without "plans/".
  v1::Text title;
  std::string by;    // The post whose holder opens the cases.
  std::string rule;  // "FREQ=MONTHLY;BYMONTHDAY=1"; empty: once, on the first day, where there are no marks either.
  Day from, until;
  std::vector<Span> term_end;  // So long before a term ends. Not empty: it comes due for posts.
  std::vector<Span> vacant;    // When a post has been vacant so long. The same.
  int minute = 9 * 60;         // Of the day.
  Adjust adjust = Adjust::kNone;
  std::vector<std::string> units;  // The population: these …
  std::string below, level;        // … or the units below one, of a level where it says so …
  std::string in_register;         // … or those that stand in a register …
  std::optional<CaseSet> cases;    // … or cases, of which
  std::optional<Sample> sample;    // some are drawn.
  std::string procedure, party;    // The party is the unit, or of a post the post or its unit; empty for cases.
  std::vector<std::pair<std::string, std::string>> bind;  // party -> unit, post or person; or a party of the case
  std::vector<std::pair<std::string, std::string>> set;   // field -> value as written
  std::vector<std::pair<std::string, std::string>> copy;  // field -> field of the case, or one of kPostFacts
  std::optional<Burden> burden;

  bool of_posts() const { return !term_end.empty() || !vacant.empty(); }
};

// What a plan may copy of a post that it comes due for: its title, its unit's, its holders', the days that the
// directory gives, and what is left or how long it has lasted.
inline constexpr const char* kPostFacts[] = {"post", "unit", "holder", "term_end", "vacant_since", "how_long"};

// Whether a file is a plan: it has the key `plan`, and not `procedure`.
bool IsPlan(const std::string& text);

// Reads a plan and checks it against what is published, or is to be published with it. Findings as of procedures: file,
// line, column, rule, advice. `directory`: null where there is none to ask; then no id is looked up.
struct ReadPlanResult {
  Plan plan;
  std::vector<Finding> findings;
  bool ok() const { return findings.empty(); }
};
ReadPlanResult ReadPlan(const SourceFile& file, const Procedures& procedures, const Directory* directory);
// The same for one that has been put: nothing is checked that was checked then.
Plan PlanOf(const std::string& source);

// When and for whom, as people read it.
v1::Text WhenOf(const Plan& plan);
v1::Text WhomOf(const Plan& plan, const Directory& directory, const Procedures& procedures);

// The days that the rule names, in order; those before `from` left out. At most kOccurrencesMax. None for posts.
std::vector<Day> NominalDays(const Plan& plan, Day from);
// When a nominal day's cases are due to be opened: on it, or on the working day to which it is moved.
Outcome<Instant> DueOn(const Plan& plan, Day nominal, const Calendar& calendar, const Zone& zone);
// The same, or the beginning of the nominal day where the calendar does not reach.
Instant DueOrNominal(const Plan& plan, Day nominal, const Calendar& calendar, const Zone& zone);

// The units of the population now, sorted.
std::vector<std::string> PopulationOf(
    const Plan& plan, const Directory& directory,
    absl::FunctionRef<std::vector<std::string>(const std::string& register_name)> members);
// The posts of these units for which such a plan may come due, as the directory is now; sorted.
std::vector<const v1::Post*> PostsOf(const Plan& plan, const Directory& directory);

// A time at which a plan comes due for one post.
struct Occasion {
  Instant due;
  Day nominal;
  std::string post;  // "posts/…".
  Day day;           // The last day of the term; the first of the vacancy.
  Span mark;         // What is left of it; how long it has lasted.

  // As PlanDue has it: "2027-06-30 posts/zhuren 3 months".
  std::string Name() const;
};
// What one such name says; nothing where it names a day of the calendar.
std::optional<Occasion> ParseOccasion(absl::string_view occurrence);
v1::Text OccasionText(const Plan& plan, const Directory& directory, const Occasion& occasion);

// The case to open for a unit, for a post, for a case that the plan came due for.
v1::OpenCaseRequest RequestFor(const Plan& plan, const Procedure& procedure, const std::string& unit);
v1::OpenCaseRequest RequestFor(const Plan& plan, const Procedure& procedure, const Directory& directory,
                               const Occasion& occasion);
v1::OpenCaseRequest RequestFor(const Plan& plan, const Procedure& procedure, const Procedure& of,
                               const duban::state::v1::CaseState& state);

// A time at which a plan with a burden came due: what was asked then stays asked, whatever becomes of the plan.
struct CameDue {
  Instant at;
  uint32_t version = 0;
  std::vector<std::string> units;
};

// A plan as it stands.
struct StandingPlan {
  std::shared_ptr<const Plan> plan;
  std::map<uint32_t, std::shared_ptr<const Plan>> versions;
  v1::Plan put;      // As it was put last.
  Instant put_at;    // Days before it are none of its business.
  std::string last;  // The occurrence for which it came due last; empty: never.
  // Of each term and vacancy ("2027-06-30 posts/zhuren") the nominal day for which it came due last.
  std::shared_ptr<const std::map<std::string, Day, std::less<>>> reached;
  std::vector<std::shared_ptr<const CameDue>> came;  // In order; without a burden none.

  // The nominal day that comes next; nothing when there is none, it was stopped, or it comes due for posts.
  std::optional<Day> Next(const Zone& zone) const;
  // Whether it has come due for that, or for a later one of the same term.
  bool Reached(const Occasion& occasion) const;
  // A version; the newest where it is not known.
  const Plan& Version(uint32_t version) const;
};

// All plans by "plans/…". An immutable value while it is used.
using Plans = std::map<std::string, StandingPlan, std::less<>>;

// Folds an event of a plan's stream.
void EvolvePlans(Plans& plans, const v1::Event& event);

// The occasions that lie before a plan for posts, by due instant, post and mark. A mark that had passed when the plan
// was put, or when the directory learnt of the day, is left out; but the last of these comes due at once, as long as
// the term runs or the post is vacant: nobody's term ends unannounced because it was written down late.
std::vector<Occasion> OccasionsOf(const StandingPlan& standing, const Directory& directory, const Calendar& calendar,
                                  const Zone& zone);

// One time at which something is asked of a unit.
struct Asked {
  std::string plan;  // "plans/…".
  std::string topic;
  Day day;
  int64_t lasts = 1, at_most = 0;  // As in Burden.
};
// What plans with a burden ask of each unit in a year, by unit, in the order of days: the burden meter. What lies
// behind is what came due, for those for whom it did; what lies ahead is for whom the plans are now.
std::map<std::string, std::vector<Asked>> BurdenOf(
    const Plans& plans, int year, const Directory& directory, const Calendar& calendar, const Zone& zone,
    absl::FunctionRef<std::vector<std::string>(const std::string& register_name)> members);

// Why one plan asks too much beside the others, from `from` on: PLAN_CLASH, PLAN_BURDEN, naming the first units. What
// lies before that day counts, but is not itself refused any more.
Verdict CheckBurden(const Plans& plans, const std::string& name, Day from, const Directory& directory,
                    const Calendar& calendar, const Zone& zone,
                    absl::FunctionRef<std::vector<std::string>(const std::string& register_name)> members);

}  // namespace duban::engine
