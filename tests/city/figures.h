// What a city's figures are, counted again from the exported log by a program of its own (recount.py), and compared
// with what the server says: every metric of every period, in all and by unit, and each quarter's ranking.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "tests/city/facts.h"
#include "tests/city/fail.h"
#include "tests/city/town.h"

namespace duban::city {

class Figures {
 public:
  Figures(Town& town, Fail fail) : town_(town), fail_(std::move(fail)) {}

  // Counts the log of the server there. False where there is no python3.
  bool Recount(const std::string& target, const std::string& data);
  // REQUIRES: it has been counted.
  void Check();
  // Of one period, all units together, by metric; empty where nothing was counted.
  Counts Of(const std::string& period) const;

 private:
  void CheckMetric(const std::string& metric, const std::string& period, const Counts& expected);
  void CheckBoard(const std::string& period);

  Town& town_;
  const Fail fail_;
  // By metric and period: by unit, "-" for all together, "?" where none answers.
  std::map<std::pair<std::string, std::string>, Counts> counted_;
};

}  // namespace duban::city
