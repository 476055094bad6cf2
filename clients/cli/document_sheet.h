// A document as a workbook: its words on the first sheet, each of its tables on one of its own, counts and rates as
// numbers that can be reckoned with.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "duban/v1/document.pb.h"

namespace duban::cli {

// Writes an .xlsx file; false when it cannot be written.
bool WriteSheet(const v1::DocumentIssued& issued, absl::TimeZone zone, const std::string& path);

}  // namespace duban::cli
