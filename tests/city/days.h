// Working days in this test's own reading: Monday to Friday but for what the published years list. Shares no code with
// the engine.
#pragma once

#include <cstdlib>
#include <map>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "duban/v1/calendar.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace duban::city {

using Day = absl::CivilDay;

inline absl::TimeZone Zone() { return absl::FixedTimeZone(8 * 3600); }
inline absl::Time At(const google::protobuf::Timestamp& t) {
  return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
}
inline google::protobuf::Timestamp Stamp(absl::Time t) {
  google::protobuf::Timestamp out;
  out.set_seconds(absl::ToUnixSeconds(t));
  return out;
}
inline Day DayOf(absl::Time t) { return absl::ToCivilDay(t, Zone()); }
inline absl::Time TimeOn(Day day, int hour) {
  return absl::FromCivil(absl::CivilHour(day.year(), day.month(), day.day(), hour), Zone());
}
inline std::string Text(Day day) { return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day()); }
inline std::string Text(absl::Time t) { return absl::FormatTime("%Y-%m-%d %H:%M:%E3S", t, Zone()); }
inline Day ParseDay(const std::string& text) {
  return Day(std::atoi(text.substr(0, 4).c_str()), std::atoi(text.substr(5, 2).c_str()),
             std::atoi(text.substr(8, 2).c_str()));
}

class Days {
 public:
  // A year replaces what was there of it.
  void Put(const v1::CalendarYear& year) {
    for (auto day = listed_.begin(); day != listed_.end();) {
      day = day->first.year() == year.year() ? listed_.erase(day) : std::next(day);
    }
    for (const v1::CalendarDay& day : year.days()) listed_[ParseDay(day.date())] = day.type() == v1::DAY_TYPE_WORKDAY;
  }

  bool IsWorking(Day day) const {
    const auto listed = listed_.find(day);
    if (listed != listed_.end()) return listed->second;
    const absl::Weekday weekday = absl::GetWeekday(day);
    return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday;
  }

  // So many working days after `day`, which does not count; of 0 the next one from `day` on, itself included.
  Day After(Day day, int working) const {
    if (working == 0) {
      while (!IsWorking(day)) ++day;
      return day;
    }
    while (working > 0) {
      ++day;
      if (IsWorking(day)) --working;
    }
    return day;
  }

 private:
  std::map<Day, bool> listed_;
};

}  // namespace duban::city
