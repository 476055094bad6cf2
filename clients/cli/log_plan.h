// A past event log as operations in the order of its own time, without a server.
//
// The importer sets the workspace's virtual clock to each operation's `at` and then does it, so that timers fire as
// they would have. At one instant cases open before steps are taken, steps before ends, ends before late entries; then
// the file's order holds. What does not fit the life of a case is not dropped:
//   a row before its case's start      entered right after the opening, with its own time as the time it occurred
//   a row after its case's end         entered as `comment` on the ended case, at its own time
//   a case that ends before it starts  ended right after its opening, with the stated end as the time it occurred
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "clients/cli/csv.h"
#include "clients/cli/findings.h"
#include "clients/cli/mapping.h"
#include "clients/cli/values.h"
#include "duban/v1/case_service.pb.h"

namespace duban::cli {

// One thing to do. The numbers are the order at one instant.
struct LogOperation {
  enum class Kind { kOpen = 0, kStep = 1, kEnd = 2, kLateEntry = 3 };
  Kind kind = Kind::kStep;
  absl::Time at;        // To which instant the clock is set before.
  absl::Time occurred;  // When it happened; before `at` only for oddities.
  uint32_t case_index = 0;
  size_t line = 0;                     // Of the row it comes from; for openings and ends the case's first row.
  std::string action;                  // Not for kOpen.
  std::vector<v1::FieldValue> fields;  // kStep.
  std::string note;                    // kLateEntry.
  std::string key;                     // Idempotency: the same for the same row of the same case.
};

// One case of the log.
struct LogCase {
  std::string id;  // In the log.
  v1::OpenCaseRequest open;
};

// The log.
struct LogPlan {
  std::vector<LogCase> cases;
  std::vector<LogOperation> operations;  // In order.
  std::vector<Finding> findings;
  absl::Time last = absl::InfinitePast();  // The last instant of the log.
};

// Reads the whole log. REQUIRES: no column that the mapping names is missing.
LogPlan PlanLog(const Mapping& mapping, const CsvFile& file, const Reading& reading);

}  // namespace duban::cli
