// What must hold when the year is over (年终对账).
#pragma once

#include <string>

#include "tests/city/facts.h"
#include "tests/city/fail.h"
#include "tests/city/inspections.h"
#include "tests/city/town.h"

namespace duban::city {

class YearEnd {
 public:
  YearEnd(Town& town, const Facts& facts, Fail fail) : town_(town), facts_(facts), fail_(std::move(fail)) {}

  void Check();
  // After the plans of January have come due too.
  void CheckPlans(const Inspections& inspections, Day today);

 private:
  void CheckBaseline();
  void CheckRegisters();
  void CheckRollUps();
  void CheckMerged();
  void CheckAlike();

  Town& town_;
  const Facts& facts_;
  const Fail fail_;
};

}  // namespace duban::city
