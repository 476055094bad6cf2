// What is raised against a case has to come to an end: somebody settles it, or the stage's time stands still for ever.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/procedure/check.h"

namespace duban::engine::language {
namespace {

bool SettlesIn(const Stage& stage) {
  return std::any_of(stage.actions.begin(), stage.actions.end(),
                     [](const Action& action) { return action.objection == v1::OBJECTION_SETTLED; });
}

void CheckRaised(const Checked& c, const Stage& stage, const Action& action) {
  std::vector<std::string> after;
  if (action.to.empty()) after.push_back(stage.name);
  for (const Way& way : WaysOut(c.procedure, stage)) {
    if (way.action == action.name) after.push_back(way.to);
  }
  for (const std::string& reached : ReachedFrom(c.procedure, after)) {
    if (SettlesIn(*c.procedure.FindStage(reached))) return;
  }
  c.Error(
      "OBJECTION_MISMATCH", ActionPath(stage, action, "objection"),
      absl::StrCat("“", action.name, "”提出的异议，此后没有任何操作能处理（objection: settle），到时流转将一直暂停。"),
      absl::StrCat(
          "Nothing that follows \"", action.name,
          "\" settles the objection that it raises (objection: settle), and timed moves would wait for ever."));
}

}  // namespace

void CheckObjections(const Checked& c) {
  for (const Stage& stage : c.procedure.stages) {
    for (const Action& action : stage.actions) {
      if (action.objection == v1::OBJECTION_RAISED) CheckRaised(c, stage, action);
      if (action.objection != v1::OBJECTION_SETTLED || MayStandIn(c.procedure, stage.name)) continue;
      c.Error("OBJECTION_MISMATCH", ActionPath(stage, action, "objection"),
              absl::StrCat("在环节“", stage.name, "”不可能有异议：没有通向这里的操作提出异议（objection: raise）。"),
              absl::StrCat("No objection can stand in stage \"", stage.name,
                           "\": nothing that leads here raises one (objection: raise)."));
    }
  }
}

}  // namespace duban::engine::language
