// Published figures, recounted: sums that do not add up, rates that do not follow from their counts, 同比 said of the
// period before. Nothing is filled in: what is missing, approximate or masked stays so and is counted apart.
//
// Which columns belong together is read from the headings that such tables have (docs/metrics.md lists them). Knows no
// server.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "clients/cli/csv.h"
#include "duban/v1/value.pb.h"

namespace duban::cli {

// Something stated that cannot be so, or that is doubtful.
struct StatedMistake {
  size_t line = 0;      // Of the record, as an editor counts, from 1.
  size_t column = 0;    // The field's place in the record, from 1.
  std::string heading;  // The column's.
  std::string rule;     // A constant, e.g. RATE_MISMATCH; docs/metrics.md lists them.
  v1::Text text;
  bool doubt = false;  // Only doubtful.
};

struct StatedFigures {
  std::vector<StatedMistake> mistakes;  // By line, column.
  int sums = 0;                         // Sums that could be checked.
  int rates = 0;                        // Rates that could be checked.
  int bare_rates = 0;                   // Rates that come without two counts.
  int approximate = 0;                  // Values that say "about".
  int masked = 0;                       // Values that are hidden.
};

StatedFigures CheckStatedFigures(const CsvFile& file);

}  // namespace duban::cli
