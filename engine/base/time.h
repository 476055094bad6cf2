// Instants and civil days.
//
// The engine never asks what time it is: every instant reaches it through a command or an event. Instants have a
// resolution of one millisecond (kTick) so that they survive storage unchanged. A deadline's `due` is the last
// moment that is on time; its lateness begins one tick later.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace duban::engine {

using Instant = absl::Time;
using Day = absl::CivilDay;

// The smallest difference between two instants.
inline constexpr absl::Duration kTick = absl::Milliseconds(1);

// Cuts off what is finer than a tick.
Instant ToTick(Instant t);

// To and from the stored form. Check has_… before: an unset message reads as 1970.
google::protobuf::Timestamp ToProto(Instant t);
Instant FromProto(const google::protobuf::Timestamp& t);

// Whether it lies where google.protobuf.Timestamp may: in the years 1 to 9999 of UTC. What a caller hands in is checked
// before FromProto.
bool IsInstant(const google::protobuf::Timestamp& t);

// A workspace's zone: a fixed offset, so that results never depend on a machine's zone database.
class Zone {
 public:
  explicit Zone(int offset_s) : zone_(absl::FixedTimeZone(offset_s)) {}

  // The day to which an instant belongs.
  Day DayOf(Instant t) const { return absl::ToCivilDay(t, zone_); }
  // The first instant of a day.
  Instant StartOf(Day day) const { return absl::FromCivil(day, zone_); }
  // The last instant of a day: one tick before the next begins.
  Instant EndOf(Day day) const { return StartOf(day + 1) - kTick; }
  // "2026-10-08 17:30" as people in the zone read it.
  std::string Format(Instant t) const;

 private:
  absl::TimeZone zone_;
};

// "2026-10-08" and back; nothing else is accepted, and the day must exist.
std::optional<Day> ParseDay(absl::string_view text);
std::string FormatDay(Day day);

}  // namespace duban::engine
