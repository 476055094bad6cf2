// What cases ask of units (为基层减负): the guard that refuses to ask one unit about one topic twice at the same time,
// or more often in a year than is allowed, whichever way the cases are opened.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// One asking of a unit: by a case that was opened, or by one that a plan will open.
struct Asking {
  std::string by;       // "cases/…", "plans/…"; empty: whoever asks may not know by what.
  std::string called;   // The case's number or the plan's title; empty where there is none, or `by` is.
  Day first, last;      // The days on which it takes the unit's time, both included.
  int64_t at_most = 0;  // How often in a calendar year it lets the unit be asked about that; 0: no bound.
};

// What a refusal calls it: the number or the title, else the name; empty where it may not be named.
inline const std::string& CalledOf(const Asking& asking) { return asking.called.empty() ? asking.by : asking.called; }

// What is asked of the units of a workspace.
class Burdens {
 public:
  virtual ~Burdens() = default;
  // What is asked of a unit about a topic on days that share one with [first, last], by first days: by cases that stand
  // and by plans ahead.
  virtual std::vector<Asking> Of(absl::string_view unit, absl::string_view topic, Day first, Day last) const = 0;
};

// Those of `askings` whose days share one with [first, last].
std::vector<const Asking*> Clashes(const std::vector<Asking>& askings, Day first, Day last);

// How often a unit is asked in a year, and how often the strictest of those who ask would let it be.
struct YearOf {
  std::vector<const Asking*> asked;
  int64_t at_most = 0;  // 0: no bound.
};
YearOf AskedIn(int year, const std::vector<Asking>& askings, int64_t at_most);

// The span of days that the guard looks at for something on [first, last]: those, and the year in which it begins.
struct DaySpan {
  Day first, last;
};
DaySpan LookedAt(Day first, Day last);

// Why a unit cannot be asked once more on [first, last] (BURDEN_CLASH, BURDEN_QUOTA), given what is asked of it already
// in LookedAt. `title`: the unit's name. Names what stands in the way as far as `askings` do, at most kAskingsNamedMax.
Verdict CheckAsking(const std::string& unit, const std::string& title, const v1::UnitsAsked& asked,
                    const std::vector<Asking>& askings);
inline constexpr size_t kAskingsNamedMax = 5;

// The topic on which a case with these fields asks; empty where its field is not set.
std::string TopicOf(const Burden& burden, const Procedure& procedure, const std::vector<v1::FieldValue>& fields);

// Whether what a case asks of units stands: not of one that was called off or merged into another.
bool AsksUnits(const duban::state::v1::CaseState& state);

}  // namespace duban::engine
