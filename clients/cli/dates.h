// Days and instants as people type them, as ledgers write them, and as they are shown.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace duban::cli {

// "2026-03-01", "2026/3/1", "2026.3.1", "20260301", "2026年3月1日"; the day must exist.
std::optional<absl::CivilDay> ReadDay(absl::string_view text);

// "2011-10-11 13:42:22.688+02:00", with "T" for the blank, with or without seconds and fraction. Without an offset, in
// `zone`. "Z" is UTC.
std::optional<absl::Time> ReadInstant(absl::string_view text, absl::TimeZone zone);

// What the wording of a deadline names.
struct Deadline {
  enum class Precision { kDay, kMonth, kQuarter, kHalfYear, kYear };
  std::optional<absl::CivilDay> day;  // The last day of what is named.
  Precision precision = Precision::kDay;
  bool standing = false;  // No end by its nature (长期坚持、常态化): then there is no day.
};

// Reads the wording of a deadline: "2025年9月底前", "2024年年底", "2025年12月31日前", "2025年", "三季度末", "年底前",
// "9月1日至9月30日" (its end), "立行立改、长期坚持". What leaves out its year is the first such day that does not lie
// before `document`, the day of the paper in which it stands; without it nothing. Nothing where no day is named (近期,
// 尽快, 6.2%左右), or more than one (6月底前开工、12月底前完工): it is never guessed.
std::optional<Deadline> ReadDeadline(absl::string_view text, std::optional<absl::CivilDay> document = std::nullopt);

// "2026-03-01".
std::string ShowDay(absl::CivilDay day);
// "2026-03-01 09:30" in the zone; with seconds where they are not zero and `precise`.
std::string ShowInstant(absl::Time t, absl::TimeZone zone, bool precise = false);

google::protobuf::Timestamp ToTimestamp(absl::Time t);  // Cut to milliseconds.
absl::Time FromTimestamp(const google::protobuf::Timestamp& t);

}  // namespace duban::cli
