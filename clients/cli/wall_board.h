// What a wall knows: the rows of its views, each at its last mark, and which of them cannot be had and why.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "clients/cpp/view_map.h"
#include "duban/v1/watch_service.pb.h"

namespace duban::cli {

// Why a view is not shown.
struct WallFault {
  std::string reason;  // As in docs/errors.md.
  std::string said;    // What the server said of it.
};

// Threads: one at a time.
class WallBoard {
 public:
  // What a wall watches: units in figures, and alerts.
  static std::vector<v1::WatchTarget> Targets();

  // Takes a message in; true when there may be something new to show.
  bool Apply(const v1::WatchManyResponse& message);

  // Whether each view is there, or has said why it is not.
  bool complete() const;
  // False is a defect of the stream: to be watched anew.
  bool consistent() const { return consistent_; }
  // By target.
  const std::map<std::string, WallFault>& faults() const { return faults_; }

  // The worst first: most overdue, then most due soon, most open.
  std::vector<v1::UnitProfile> Units() const;
  // The newest first.
  std::vector<v1::Alert> Alerts() const;
  // Up to which instant timers have fired, as the newest mark says.
  const google::protobuf::Timestamp& as_of() const { return as_of_; }
  bool virtual_clock() const { return virtual_clock_; }

 private:
  struct View {
    client::ViewMap rows;
    bool there = false;  // Its first mark has come.
  };
  std::map<std::string, View> views_;  // By target.
  std::map<std::string, WallFault> faults_;
  google::protobuf::Timestamp as_of_;
  bool virtual_clock_ = false;
  bool consistent_ = true;
};

// Targets' names.
inline constexpr char kWallUnits[] = "units";
inline constexpr char kWallAlerts[] = "alerts";

}  // namespace duban::cli
