#include "engine/plan/recurrence.h"

#include <libical/ical.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace duban::engine {
namespace {

icaltimetype DateOf(Day day) {
  icaltimetype date = icaltime_null_date();
  date.year = static_cast<int>(day.year());
  date.month = day.month();
  date.day = day.day();
  date.hour = date.minute = date.second = 0;  // A null date has none, and a rule would count on from there.
  return date;
}

}  // namespace

std::string WhyWrongRule(const std::string& rule) {
  const std::string upper = absl::AsciiStrToUpper(rule);
  for (const char* word : {"COUNT=", "UNTIL=", "BYHOUR", "BYMINUTE", "BYSECOND", "HOURLY", "MINUTELY", "SECONDLY"}) {
    if (absl::StrContains(upper, word)) return word;
  }
  const icalrecurrencetype parsed = icalrecurrencetype_from_string(rule.c_str());
  if (parsed.freq == ICAL_NO_RECURRENCE) return icalerror_strerror(icalerrno);
  return "";
}

std::vector<Day> DaysOf(const std::string& rule, Day from, Day until, size_t most) {
  std::vector<Day> out;
  const icalrecurrencetype parsed = icalrecurrencetype_from_string(rule.c_str());
  if (parsed.freq == ICAL_NO_RECURRENCE) return out;
  const std::unique_ptr<icalrecur_iterator, decltype(&icalrecur_iterator_free)> days(
      icalrecur_iterator_new(parsed, DateOf(from)), &icalrecur_iterator_free);
  if (days == nullptr) return out;
  while (out.size() < most) {
    const icaltimetype next = icalrecur_iterator_next(days.get());
    if (icaltime_is_null_time(next)) break;
    const Day day(next.year, next.month, next.day);
    if (day > until) break;
    if (day >= from) out.push_back(day);
  }
  return out;
}

}  // namespace duban::engine
