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

// The day that a deadline's wording names: "2025年9月底前", "2024年年底", "2025年12月31日前", "2025年12月",
// "2025年上半年". Nothing when the wording names none (立行立改, 长期坚持), or one without its year.
std::optional<absl::CivilDay> ReadDeadline(absl::string_view text);

// "2026-03-01".
std::string ShowDay(absl::CivilDay day);
// "2026-03-01 09:30" in the zone; with seconds where they are not zero and `precise`.
std::string ShowInstant(absl::Time t, absl::TimeZone zone, bool precise = false);

google::protobuf::Timestamp ToTimestamp(absl::Time t);  // Cut to milliseconds.
absl::Time FromTimestamp(const google::protobuf::Timestamp& t);

}  // namespace duban::cli
