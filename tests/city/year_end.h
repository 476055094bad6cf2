// What must hold when the year is over (年终对账).
#pragma once

#include <string>

#include "tests/city/facts.h"
#include "tests/city/fail.h"
#include "tests/city/town.h"

namespace duban::city {

class YearEnd {
 public:
  YearEnd(Town& town, const Facts& facts, Fail fail) : town_(town), facts_(facts), fail_(std::move(fail)) {}

  void Check();

 private:
  void CheckBaseline();
  void CheckRegisters();

  Town& town_;
  const Facts& facts_;
  const Fail fail_;
};

}  // namespace duban::city
