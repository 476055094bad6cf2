// One moment of a wall as text: a picture for a terminal, or lines that are added to what was printed before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/console.h"
#include "clients/cli/wall_board.h"
#include "duban/v1/view.pb.h"

namespace duban::cli {

// Of all cases that the viewer may see, each counted once.
struct WallTotals {
  int64_t open = 0;
  int64_t overdue = 0;
  int64_t due_soon = 0;
};

// What is shown at one moment.
struct WallMoment {
  std::string who;                            // The viewer.
  std::string as_of;                          // Up to when; with a remark where the clock is virtual.
  std::vector<v1::Text> faults;               // What is wrong, in whole sentences.
  std::optional<WallTotals> totals;           // Absent while they cannot be had.
  std::vector<v1::UnitProfile> units;         // In the order in which they are shown.
  std::map<std::string, std::string> titles;  // Of units, by id.
  std::vector<v1::Alert> alerts;              // The newest first.
  bool alerts_whole = true;                   // False: these are the newest alone.
};

// Why a view is not on the wall, and what becomes of it. `built`: how far its build is, where that can be told.
v1::Text WallFaultText(const std::string& target, const WallFault& fault, const std::string& built);

// An instant as people read it.
using ShowInstants = std::function<std::string(const google::protobuf::Timestamp&)>;

// At most so many lines, none wider than so many columns: alerts take what they need up to a third, units the rest;
// what has no room is counted.
std::string WallPicture(const Console& console, const WallMoment& moment, const ShowInstants& show, size_t columns,
                        size_t lines, bool colours);

// The same as lines, each for itself.
class WallLines {
 public:
  // What is new since the last moment, and what is there no more ("撤下 …"); under a line that says as of when.
  std::vector<std::string> Next(const Console& console, const WallMoment& moment, const ShowInstants& show);

 private:
  std::map<std::string, std::string> printed_;  // By what they are about.
};

}  // namespace duban::cli
