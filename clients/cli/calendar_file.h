// A calendar file: date,type,name, one line per day that the yearly notices name.
#pragma once

#include <string>
#include <vector>

#include "clients/cli/csv.h"
#include "clients/cli/findings.h"
#include "duban/v1/calendar.pb.h"

namespace duban::cli {

// The years of a file, in order. Everything wrong is in the findings; a year that has any must not be published.
std::vector<v1::CalendarYear> ReadCalendar(const CsvFile& file, const std::string& source,
                                           std::vector<Finding>* findings);

}  // namespace duban::cli
