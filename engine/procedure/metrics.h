// Figures as data: rates and scoreboards, as the files of a published set define them beside its procedures.
//
// A metric is a rate of two counts. What is counted are occurrences: a case that ended in two rounds ended twice, so
// that the months of a year add up to the year. There is no measure of log-ins, points or time online, and none can be
// defined: whoever asks for one is told the rule that forbids it (check_metrics.cc).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/v1/value.pb.h"
#include "engine/procedure/documents.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// What can be counted: something that happened in the period, or how a case stood at its end.
enum class Counted {
  kOpened,
  kEnded,
  kReopened,
  kRebounded,
  kOverdue,       // A clock ran past its due instant.
  kExtended,      // An extension was granted.
  kChecked,       // Somebody checked it, with whatever outcome.
  kSuggested,     // What a rung suggested took effect.
  kReports,       // A period of a recurring report that has closed, or whose report is due.
  kOpenAtEnd,     // Open when the period ended.
  kOverdueAtEnd,  // Overdue when the period ended.
};

// The word that files and counting cells use.
const char* WordOf(Counted counted);
const std::vector<Counted>& AllCounted();
inline bool IsStock(Counted counted) { return counted == Counted::kOpenAtEnd || counted == Counted::kOverdueAtEnd; }

// The fields by which occurrences can be told apart: the first few choice fields that everybody may see. More would
// make what is kept of each case grow with its procedure.
inline constexpr size_t kFiguredFieldsMax = 8;
std::vector<const Field*> FiguredFields(const Procedure& procedure);

// What must be so of an occurrence, or must not.
struct FigureTest {
  enum class Kind {
    kOnTime,    // Ended, or reported, on time.
    kLate,      // The same, late.
    kMissing,   // A report that nobody has made.
    kDated,     // Ended, and had a deadline.
    kVerified,  // What checking had found: when it ended; else as it is now.
    kFound,     // What was found true: the same.
    kEnd,       // How it ended.
    kFieldIs,   // A choice field has this value, as it is now.
  };
  Kind kind = Kind::kOnTime;
  bool negated = false;
  std::string field;                // kFieldIs.
  std::vector<std::string> values;  // One of them: words of the enum in lower case, or codes.
  bool operator==(const FigureTest& other) const = default;
};

// A set of occurrences: all that is named holds.
struct FigureSet {
  Counted counts = Counted::kOpened;
  std::vector<Counted> also;  // The same case has one of each of these in the period too.
  std::vector<FigureTest> tests;
  bool operator==(const FigureSet& other) const = default;
};

// A named rate.
struct Metric {
  std::string name;
  uint32_t version = 0;  // Dense from 1; a new one where the definition changed.
  v1::Text title;
  std::vector<std::string> procedures;  // Empty: all.
  FigureSet above;
  FigureSet below;
  bool less_is_better = false;

  // Whether every occurrence above is one below by the definition itself, so that the rate cannot exceed 100 %.
  bool is_share() const;
};

// One addend of a scoreboard's formula.
struct ScoreTerm {
  std::string metric;
  uint32_t version = 0;  // Of the metric: the one published with the scoreboard or before it.
  int32_t weight = 0;    // 1 to 100; all together 100.
  bool operator==(const ScoreTerm& other) const = default;
};

// From so many points on, so many stars.
struct StarBand {
  int32_t stars = 0;
  int32_t at_least = 0;  // Points, 0 to 100.
  bool operator==(const StarBand& other) const = default;
};

// Units compared by a weighted sum of rates.
struct Scoreboard {
  std::string name;
  uint32_t version = 0;
  v1::Text title;
  std::vector<ScoreTerm> terms;
  std::vector<StarBand> stars;  // Most stars first.
  int32_t at_least = 1;         // A unit with fewer below in any term is not ranked.
};

// Definitions by name and version. A later publication with the same meaning makes no new version.
class Figures {
 public:
  void Put(Metric metric);
  // After the metrics that it names.
  void Put(Scoreboard board);
  void Put(Report report);
  // Version 0: the newest. Null when there is none.
  const Metric* FindMetric(absl::string_view name, uint32_t version = 0) const;
  const Scoreboard* FindScoreboard(absl::string_view name, uint32_t version = 0) const;
  // The newest; null when there is none.
  const Report* FindReport(absl::string_view name) const;
  std::vector<const Report*> reports() const;
  // The newest of each, by name.
  std::vector<const Metric*> metrics() const;
  std::vector<const Scoreboard*> scoreboards() const;

 private:
  std::map<std::string, std::vector<Metric>, std::less<>> metrics_;  // Versions in order.
  std::map<std::string, std::vector<Scoreboard>, std::less<>> scoreboards_;
  std::map<std::string, Report, std::less<>> reports_;
};

}  // namespace duban::engine
