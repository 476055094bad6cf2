// A period that figures are of, and the ones with which it is compared.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"

namespace duban::engine {

struct Period {
  enum class Kind { kMonth, kQuarter, kHalfYear, kYear, kDates };
  Kind kind = Kind::kMonth;
  Day first;
  Day last;  // Not before `first`.

  // "2026-09", "2026Q3", "2026H1", "2026", "2026-03-05..2026-04-10": what ParsePeriod reads.
  std::string Name() const;
  // Whether it begins and ends with a month.
  bool whole_months() const;
  std::string first_month() const;  // "2026-07"
  std::string last_month() const;
};

// Reads a name; of dates also from month to month, "2026-01..2026-08". Years 2000 to 2200. A rejection PERIOD_INVALID.
Outcome<Period> ParsePeriod(absl::string_view text);

// The same period of the year before, with which 同比 compares. 29 February becomes 28.
Period YearBefore(const Period& period);
// The period just before, with which 环比 compares; nothing for free dates: no period comes before them.
std::optional<Period> PeriodBefore(const Period& period);

}  // namespace duban::engine
