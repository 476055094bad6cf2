// Stages as a graph: what can be reached, what can be left, what has a deadline.
#include <algorithm>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/procedure/check.h"

namespace duban::engine::language {
namespace {

void CheckReached(const Checked& c) {
  const Procedure& p = c.procedure;
  std::vector<std::string> starts = ReopenedAt(c);
  starts.push_back(p.stages.front().name);
  const std::set<std::string> reached = ReachedFrom(p, starts);
  for (const Stage& stage : p.stages) {
    if (reached.count(stage.name) != 0) continue;
    c.Error("UNREACHABLE_STAGE", {"stages", stage.name},
            absl::StrCat("没有任何操作或到时流转能到达环节“", stage.name, "”；请让某个操作的 to 指向它，或删去。"),
            absl::StrCat("No action and no timed move leads to stage \"", stage.name,
                         "\"; point a \"to\" at it or remove it."));
  }
}

void CheckEnds(const Checked& c) {
  const Procedure& p = c.procedure;
  const auto ends = [](const Stage* stage) { return stage->end != v1::END_KIND_UNSPECIFIED; };
  if (std::none_of(p.stages.begin(), p.stages.end(), [&](const Stage& stage) { return ends(&stage); })) {
    c.Error("NO_END", {"stages"}, "没有任何结束环节；请给至少一个环节写 end: done。",
            "No stage ends the case; give at least one stage \"end: done\".");
    return;
  }
  for (const Stage& stage : p.stages) {
    const std::set<std::string> reached = ReachedFrom(p, {stage.name});
    if (std::any_of(reached.begin(), reached.end(), [&](const std::string& name) { return ends(p.FindStage(name)); })) {
      continue;
    }
    c.Error("DEAD_END", {"stages", stage.name}, absl::StrCat("从环节“", stage.name, "”出发到不了任何结束环节。"),
            absl::StrCat("From stage \"", stage.name, "\" no end can be reached."));
  }
}

void CheckTimedLoops(const Checked& c) {
  for (const Stage& start : c.procedure.stages) {
    std::vector<std::string> seen;
    const Stage* stage = &start;
    while (stage->after.has_value() && !absl::c_linear_search(seen, stage->name)) {
      seen.push_back(stage->name);
      stage = c.procedure.FindStage(stage->after->to);
    }
    // Once for a loop: at the member that stands first in the file.
    if (stage != &start || seen.empty()) continue;
    const bool first = std::all_of(c.procedure.stages.data(), &start,
                                   [&](const Stage& s) { return !absl::c_linear_search(seen, s.name); });
    if (!first) continue;
    c.Error("TIMED_LOOP", {"stages", start.name, "after"},
            absl::StrCat("只靠到时流转就会永远循环（", absl::StrJoin(seen, " → "), "）；环中至少要有一步由人办理。"),
            absl::StrCat("Timed moves alone go round for ever (", absl::StrJoin(seen, " → "),
                         "); some step of the loop has to be a person's."));
  }
}

// Stages in which some clock runs and is not suspended.
std::set<std::string> Timed(const Procedure& p) {
  std::set<std::string> out;
  for (const Clock& clock : p.clocks) {
    if (clock.on_the_way()) continue;  // A report recurs without end.
    for (const std::string& stage : CourseOf(p, clock).passed) {
      if (!absl::c_linear_search(clock.stops_in, stage)) out.insert(stage);
    }
  }
  return out;
}

void CheckStageAlone(const Checked& c, const Stage& stage, bool timed) {
  const Path path = {"stages", stage.name};
  if (stage.end != v1::END_KIND_UNSPECIFIED) {
    const bool waits = stage.after.has_value() || !stage.no_deadline.empty() ||
                       c.root.Find("stages")->Find(stage.name)->Find("within");
    if (!stage.actions.empty() || waits) {
      c.Error("END_STAGE_ACTS", path, absl::StrCat("环节“", stage.name, "”是结束环节，不能再有操作或时限。"),
              absl::StrCat("Stage \"", stage.name, "\" ends the case; it has no actions and no deadlines."));
    }
    return;
  }
  if (!timed && !stage.after.has_value() && stage.no_deadline.empty()) {
    c.Error("NO_DEADLINE", path,
            absl::StrCat("环节“", stage.name,
                         "”没有任何时限；请写 within、after，让某个时钟在此运行，或写明 no_deadline 的理由。"),
            absl::StrCat("Stage \"", stage.name,
                         "\" has no deadline: write \"within\" or \"after\", let a clock run here, or state why not "
                         "in \"no_deadline\"."));
  }
  if (stage.no_deadline == "true" || stage.no_deadline == "false" || stage.no_deadline == "yes") {
    c.Error("WRONG_VALUE", {"stages", stage.name, "no_deadline"},
            "no_deadline 写为什么没有时限，如：no_deadline: 中止期间不计时。",
            "\"no_deadline\" says why there is none, such as: no_deadline: suspended.");
  }
  for (const Action& action : stage.actions) {
    if (action.to != "previous" || !StagesBefore(c.procedure, stage).empty()) continue;
    c.Error("NO_PREVIOUS", ActionPath(stage, action, "to"),
            absl::StrCat("没有环节通向“", stage.name, "”，previous 无处可回。"),
            absl::StrCat("No stage leads to \"", stage.name, "\", so there is no previous one."));
  }
}

}  // namespace

std::vector<std::string> ReopenedAt(const Checked& c) { return ReopenedAt(c.procedure, c.others); }

void CheckFlow(const Checked& c) {
  CheckReached(c);
  CheckEnds(c);
  CheckTimedLoops(c);
  const std::set<std::string> timed = Timed(c.procedure);
  for (const Stage& stage : c.procedure.stages) CheckStageAlone(c, stage, timed.count(stage.name) != 0);
}

}  // namespace duban::engine::language
