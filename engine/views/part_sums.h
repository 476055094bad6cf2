// Rolling parts up: what all parts below a case come to, current with the commit that changed any of them.
//
// A change of a part adds its difference once to each distinct whole above it (at most limits::kWholesAboveMax),
// however many ways lead there. Links are only ever added, so a row for each case and one for each whole's list of
// parts do; a case that is neither costs nothing. Progress rises level by level and stops where it does not move a
// whole's.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "duban/state/v1/parts.pb.h"
#include "duban/state/v1/state.pb.h"
#include "duban/v1/view.pb.h"
#include "engine/views/rows.h"
#include "engine/views/view.h"

namespace duban::engine {

// The sums of one view. Lives for one change.
class PartSums {
 public:
  PartSums(const Definition& view, Rows& rows) : view_(view), rows_(rows) {}

  // Takes a part as it is after a change. The wholes whose sums are others than before, with their sums.
  std::vector<std::pair<std::string, v1::PartsSum>> Take(const duban::state::v1::CaseState& part);

 private:
  using Node = duban::state::v1::PartNode;

  Node& Get(const std::string& name);
  std::vector<std::string> Below(const std::string& name) const;
  std::set<std::string> Above(const std::string& name);
  void Link(const std::string& part, const std::string& whole, int64_t weight);
  void AddOnce(const Node& part, int64_t sign, const std::set<std::string>& wholes);
  // Adds to the weights directly below a whole, and carries on upwards what that changes.
  void Weigh(const std::string& whole, int64_t weight, int64_t weighted);
  void Progress(const std::string& name, int32_t progress);

  const Definition& view_;
  Rows& rows_;
  std::map<std::string, Node> nodes_;          // Read so far, as they are now.
  std::map<std::string, std::string> before_;  // Their bytes as they were; empty: there was none.
};

}  // namespace duban::engine
