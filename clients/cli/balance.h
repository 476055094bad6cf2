// Goals of a day held against what has come of them: of rows of the ledger then, and of the rows of another time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "duban/v1/view.pb.h"

namespace duban::cli {

// One case: its goal as it stood then and as it stands later, what was done, what is missing of the goal of then.
struct Balanced {
  v1::LedgerRow row;  // As it stands later; as it stood then where it is gone.
  std::string goal, goal_later, done;
  // In millionths, less than 0 where the goal is missed; nothing where one of the two is missing or only approximate.
  std::optional<int64_t> difference;
};

// The rows of a balance and its sums, over those that can be compared.
struct Balance {
  std::vector<Balanced> rows;  // In the order of `then`, what came later behind it.
  int64_t goal = 0, done = 0;  // In millionths.
  int64_t compared = 0;        // How many rows the sums are of.
  int64_t moved = 0;           // How many goals are another now than then.
};

// `goal` and `done` are fields of the rows, by name or title.
Balance BalanceOf(const std::vector<v1::LedgerRow>& then, const std::vector<v1::LedgerRow>& later,
                  const std::string& goal, const std::string& done);

// "12", "-1.5" of millionths.
std::string ShowMillionths(int64_t millionths, bool with_sign = false);

}  // namespace duban::cli
