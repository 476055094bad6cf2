// What a city's figures are, counted again from the exported log by a program of its own (recount.py), and compared
// with what the server says: every metric of every period, in all and by unit and by choice fields and against the
// period and the year before, each quarter's ranking, and how often each unit was inspected.
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

  // Counts the log of the server there, by that interpreter. False where there is none, or where counting failed, which
  // is told.
  bool Recount(const std::string& target, const std::string& data, const std::string& python);
  // REQUIRES: it has been counted.
  void Check();
  // Of one period, all units together, by metric; empty where nothing was counted.
  Counts Of(const std::string& period) const;

 private:
  void CheckMetric(const std::string& metric, const std::string& period, const Counts& expected);
  void CheckBoard(const std::string& period);
  void CheckBurden(int year);
  // What was said of the period with which a figure is compared.
  void CheckChange(v1::QueryMetricRequest request, v1::Comparison compare, const std::string& before);

  Town& town_;
  const Fail fail_;
  // By metric and period: by unit, "-" for all together, "?" where none answers; by "metric/field" by its values.
  std::map<std::pair<std::string, std::string>, Counts> counted_;
  std::map<std::string, Counts> burden_;  // By year: by unit how often, and on how many topics.
};

}  // namespace duban::city
