// What an import has to say about single rows.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "duban/v1/value.pb.h"

namespace duban::cli {

// One remark about one row.
struct Finding {
  size_t line = 0;       // In the CSV file, as an editor counts.
  std::string column;    // The column's heading; empty where the whole row is meant.
  std::string reason;    // A constant, e.g. UNKNOWN_UNIT; docs/import.md lists them.
  v1::Text text;         // What is the matter, and how the row was handled.
  bool refused = false;  // True when the row is left out; false when it goes in as stated.
  std::string about;     // The case or the key, where that helps.
};

// How many of each reason, by reason.
std::map<std::string, int> CountByReason(const std::vector<Finding>& findings);

}  // namespace duban::cli
