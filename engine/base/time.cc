#include "engine/base/time.h"

#include "absl/strings/str_format.h"

namespace duban::engine {

namespace {

// 0001-01-01T00:00:00 and 9999-12-31T23:59:59 UTC.
constexpr int64_t kSecondsMin = -62'135'596'800;
constexpr int64_t kSecondsMax = 253'402'300'799;

}  // namespace

Instant ToTick(Instant t) { return absl::FromUnixMillis(absl::ToUnixMillis(t)); }

google::protobuf::Timestamp ToProto(Instant t) {
  google::protobuf::Timestamp out;
  const int64_t ms = absl::ToUnixMillis(t);
  const int64_t seconds = ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(ms - seconds * 1000) * 1'000'000);
  return out;
}

Instant FromProto(const google::protobuf::Timestamp& t) {
  return absl::FromUnixMillis(t.seconds() * 1000 + t.nanos() / 1'000'000);
}

bool IsInstant(const google::protobuf::Timestamp& t) {
  return t.seconds() >= kSecondsMin && t.seconds() <= kSecondsMax && t.nanos() >= 0 && t.nanos() < 1'000'000'000;
}

std::string Zone::Format(Instant t) const { return absl::FormatTime("%Y-%m-%d %H:%M", t, zone_); }

std::optional<Day> ParseDay(absl::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int parts[3] = {0, 0, 0};
  int part = 0;
  for (char c : text) {
    if (c == '-') {
      ++part;
    } else if (c < '0' || c > '9' || part > 2) {
      return std::nullopt;
    } else {
      parts[part] = parts[part] * 10 + (c - '0');
    }
  }
  const Day day(parts[0], parts[1], parts[2]);
  if (day.year() != parts[0] || day.month() != parts[1] || day.day() != parts[2]) return std::nullopt;
  return day;
}

std::string FormatDay(Day day) { return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day()); }

}  // namespace duban::engine
