// Rates as people of every kind see them: each counts what he may see, and nothing else. Counted once more from the
// facts at the end of every quarter, in all and by the values of choice fields.
#pragma once

#include <string>
#include <vector>

#include "tests/city/facts.h"
#include "tests/city/fail.h"
#include "tests/city/town.h"

namespace duban::city {

class Rates {
 public:
  Rates(Town& town, const Facts& facts, Fail fail) : town_(town), facts_(facts), fail_(std::move(fail)) {}

  // The facts are up to date.
  void Check(const std::string& period, Day first, Day last);
  // For a summary.
  std::string Told() const;
  int64_t calls() const { return calls_; }

 private:
  std::vector<std::string> Viewers() const;
  void CheckMetric(const std::string& person, const std::string& period, const std::string& metric,
                   const std::pair<int64_t, int64_t>& expected);
  void CheckBy(const std::string& person, const std::string& period, const std::string& metric,
               const std::string& field, const Counts& expected);

  Town& town_;
  const Facts& facts_;
  const Fail fail_;
  int64_t calls_ = 0, compared_ = 0, something_ = 0;  // Of what was compared, where anything was below.
};

}  // namespace duban::city
