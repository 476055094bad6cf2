#include "clients/cli/wall_board.h"

#include <algorithm>
#include <tuple>

namespace duban::cli {

std::vector<v1::WatchTarget> WallBoard::Targets() {
  std::vector<v1::WatchTarget> targets(2);
  targets[0].set_target(kWallUnits);
  targets[0].mutable_view()->set_view(v1::VIEW_UNITS);
  targets[1].set_target(kWallAlerts);
  targets[1].mutable_view()->set_view(v1::VIEW_ALERTS);
  return targets;
}

bool WallBoard::Apply(const v1::WatchManyResponse& message) {
  const std::string& target = message.target();
  if (message.has_ended()) {
    views_.erase(target);
    faults_[target] = {message.ended().reason(), message.ended().message()};
    return true;
  }
  if (message.view().has_begin()) virtual_clock_ = message.view().begin().virtual_clock();
  View& view = views_[target];
  if (!view.rows.Apply(message.view())) return false;
  view.there = true;
  consistent_ = consistent_ && view.rows.consistent();
  faults_.erase(target);
  as_of_ = message.view().mark().timers_fired_to();
  return true;
}

bool WallBoard::complete() const {
  const auto targets = Targets();
  return std::all_of(targets.begin(), targets.end(), [this](const v1::WatchTarget& one) {
    const auto view = views_.find(one.target());
    return faults_.count(one.target()) > 0 || (view != views_.end() && view->second.there);
  });
}

std::vector<v1::UnitProfile> WallBoard::Units() const {
  std::vector<v1::UnitProfile> units;
  if (const auto view = views_.find(kWallUnits); view != views_.end()) {
    for (const auto& [key, row] : view->second.rows.rows()) units.push_back(row.other().unit());
  }
  const auto weight = [](const v1::UnitProfile& unit) {
    return std::tuple(-unit.overdue(), -unit.due_soon(), -unit.open(), unit.unit());
  };
  std::sort(units.begin(), units.end(), [&](const auto& a, const auto& b) { return weight(a) < weight(b); });
  return units;
}

std::vector<v1::Alert> WallBoard::Alerts() const {
  std::vector<v1::Alert> alerts;
  if (const auto view = views_.find(kWallAlerts); view != views_.end()) {
    for (const auto& [key, row] : view->second.rows.rows()) alerts.push_back(row.alert());
  }
  const auto newest = [](const v1::Alert& alert) {
    return std::tuple(-alert.at().seconds(), -alert.at().nanos(), alert.name());
  };
  std::sort(alerts.begin(), alerts.end(), [&](const auto& a, const auto& b) { return newest(a) < newest(b); });
  return alerts;
}

}  // namespace duban::cli
