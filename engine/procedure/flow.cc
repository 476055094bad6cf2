#include "engine/procedure/flow.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace duban::engine {
namespace {

bool ByAction(const std::vector<std::string>& all, const std::string& action) {
  return !action.empty() && absl::c_linear_search(all, absl::StrCat("action:", action));
}

}  // namespace

std::vector<std::string> StagesBefore(const Procedure& p, const Stage& stage) {
  std::vector<std::string> out;
  for (const Stage& other : p.stages) {
    if (other.name == stage.name) continue;
    bool leads = (other.after.has_value() && other.after->to == stage.name) ||
                 (other.collect.has_value() && other.collect->below_quorum == stage.name);
    for (const Action& action : other.actions) leads = leads || action.to == stage.name;
    if (leads) out.push_back(other.name);
  }
  return out;
}

std::vector<Way> WaysOut(const Procedure& procedure, const Stage& stage) {
  std::vector<Way> out;
  const bool back =
      std::any_of(stage.actions.begin(), stage.actions.end(), [](const Action& a) { return a.to == "previous"; });
  const std::vector<std::string> before = back ? StagesBefore(procedure, stage) : std::vector<std::string>();
  for (const Action& action : stage.actions) {
    if (action.to == "previous") {
      for (const std::string& name : before) out.push_back({action.name, name});
    } else if (!action.to.empty()) {
      out.push_back({action.name, action.to});
    }
  }
  if (stage.after.has_value()) out.push_back({"", stage.after->to});
  if (stage.collect.has_value()) out.push_back({"", stage.collect->below_quorum});
  return out;
}

std::set<std::string> ReachedFrom(const Procedure& procedure, std::vector<std::string> stages) {
  std::set<std::string> reached(stages.begin(), stages.end());
  while (!stages.empty()) {
    const Stage* stage = procedure.FindStage(stages.back());
    stages.pop_back();
    for (const Way& way : WaysOut(procedure, *stage)) {
      if (reached.insert(way.to).second) stages.push_back(way.to);
    }
  }
  return reached;
}

std::vector<std::string> ReopenedAt(const Procedure& procedure, const std::vector<const Procedure*>& others) {
  std::vector<std::string> out;
  for (const Procedure* other : others) {
    for (const Stage& stage : other->stages) {
      if (!stage.reopens_to.empty() && procedure.FindStage(stage.reopens_to) != nullptr) {
        out.push_back(stage.reopens_to);
      }
    }
  }
  return out;
}

bool MayStandIn(const Procedure& procedure, const std::string& stage) {
  std::vector<std::string> raised;
  for (const Stage& from : procedure.stages) {
    for (const Action& action : from.actions) {
      if (action.objection != v1::OBJECTION_RAISED) continue;
      if (action.to.empty()) raised.push_back(from.name);
      for (const Way& way : WaysOut(procedure, from)) {
        if (way.action == action.name) raised.push_back(way.to);
      }
    }
  }
  return ReachedFrom(procedure, raised).count(stage) != 0;
}

bool Course::Passes(const std::string& stage) const { return passed.count(stage) != 0; }

Course CourseOf(const Procedure& procedure, const Clock& clock) {
  Course course;
  std::vector<std::string> next;
  const auto enter = [&](const std::string& name) {
    if (absl::c_linear_search(clock.until, name)) {
      if (!absl::c_linear_search(course.stops, name)) course.stops.push_back(name);
    } else if (course.passed.insert(name).second) {
      next.push_back(name);
    }
  };
  for (const Stage& stage : procedure.stages) {
    if (absl::c_linear_search(clock.from, stage.name)) enter(stage.name);
    for (const Action& action : stage.actions) {
      if (!absl::c_linear_search(clock.from, absl::StrCat("action:", action.name))) continue;
      if (action.to.empty()) enter(stage.name);
      for (const Way& way : WaysOut(procedure, stage)) {
        if (way.action == action.name) enter(way.to);
      }
    }
  }
  if (clock.stage_only) return course;
  while (!next.empty()) {
    const Stage* stage = procedure.FindStage(next.back());
    next.pop_back();
    for (const Action& action : stage->actions) {
      const std::string written = absl::StrCat("action:", action.name);
      if (absl::c_linear_search(clock.until, written) && !absl::c_linear_search(course.stops, written))
        course.stops.push_back(written);
    }
    for (const Way& way : WaysOut(procedure, *stage)) {
      if (course.Passes(way.to)) continue;
      if (way.action.empty() || !absl::c_linear_search(clock.until, absl::StrCat("action:", way.action))) enter(way.to);
    }
  }
  return course;
}

bool RunsSurely(const Procedure& procedure, const Clock& clock, const std::string& stage, const std::string& begin) {
  if (!CourseOf(procedure, clock).Passes(stage)) return false;
  // Where a case may be without having come through the start: from its beginning, or from an end of the clock.
  std::set<std::string> doubtful;
  std::vector<std::string> next;
  const auto doubt = [&](const std::string& name) {
    if (procedure.FindStage(name) == nullptr || absl::c_linear_search(clock.from, name)) return;
    if (doubtful.insert(name).second) next.push_back(name);
  };
  if (!begin.empty()) doubt(begin);
  for (const std::string& end : clock.until) doubt(end);
  for (const Stage& from : procedure.stages) {
    for (const Action& action : from.actions) {
      if (ByAction(clock.until, action.name) && action.to.empty()) doubt(from.name);
    }
    for (const Way& way : WaysOut(procedure, from)) {
      if (ByAction(clock.until, way.action)) doubt(way.to);
    }
  }
  while (!next.empty()) {
    const Stage* at = procedure.FindStage(next.back());
    next.pop_back();
    for (const Way& way : WaysOut(procedure, *at)) {
      if (!ByAction(clock.from, way.action)) doubt(way.to);
    }
  }
  return doubtful.count(stage) == 0;
}

}  // namespace duban::engine
