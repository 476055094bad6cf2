// The year-end appraisal: heads are rated from above, beside and below, secretly; what comes of it is reckoned here
// once more from what each gave.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "duban/v1/case_service.pb.h"
#include "tests/city/facts.h"
#include "tests/city/fail.h"
#include "tests/city/town.h"

namespace duban::city {

class Ratings {
 public:
  Ratings(Town& town, const Facts& facts, uint64_t seed, size_t callers, Fail fail)
      : town_(town), facts_(facts), seed_(seed), callers_(callers), fail_(std::move(fail)) {}

  struct Opening {
    std::string identity;
    v1::OpenCaseRequest open;
  };
  // The appraisals of some departments' heads.
  std::vector<Opening> Openings() const;
  // Whether somebody is being rated on that day.
  bool HasWork(Day day) const;
  // Those whose day it is rate: most once, some try it twice; whoever is rated and whoever is not asked may not.
  void Vote(Day day, absl::Time now);
  // Every result is what the ballots make, and nobody is shown one.
  void Check();
  // For a summary.
  std::string Told() const;
  int64_t calls() const { return calls_; }

 private:
  using Votes = std::map<std::string, int64_t>;  // By person.
  void CheckResult(const Case& c, const Rating& rating);
  void CheckShown(const Case& c, const std::string& person);

  Town& town_;
  const Facts& facts_;
  const uint64_t seed_;
  const size_t callers_;
  const Fail fail_;
  std::map<std::pair<std::string, absl::Time>, Votes> votes_;  // By case, and when its rating began.
  int64_t calls_ = 0;
  int64_t counted_ = 0, short_ = 0;  // Ratings with a result, and without.
};

}  // namespace duban::city
