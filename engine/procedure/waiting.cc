#include "engine/procedure/waiting.h"

#include <cstdint>
#include <set>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/procedure/flow.h"

namespace duban::engine {
namespace {

// The clocks that run once the stage has been entered.
std::vector<bool> Entered(const Procedure& procedure, const std::string& stage, std::vector<bool> running) {
  for (size_t i = 0; i < procedure.clocks.size(); ++i) {
    const Clock& clock = procedure.clocks[i];
    const bool starts = absl::c_linear_search(clock.from, stage);
    const bool stops = absl::c_linear_search(clock.until, stage) || (clock.stage_only && !starts);
    running[i] = running[i] ? !stops : starts;
  }
  return running;
}

// Follows a case through its stages with the clocks that run, as entering stages and taking actions turns them.
class Waiting {
 public:
  Waiting(const Procedure& procedure, const std::vector<Situation>& from) : p_(procedure) {
    for (const Situation& situation : from) Add(situation, kNone);
  }

  // Nearest first, so that the way that is told is a short one.
  std::vector<Untimed> Run() {
    for (size_t i = 0; i < steps_.size() && i < kSituationsMax; ++i) {
      const Situation at = steps_[i].at;
      const Stage& stage = *p_.FindStage(at.stage);
      if (!IsTimed(stage, at) && told_.insert(stage.name).second) {
        out_.push_back({stage.name, stage.after.has_value() && at.objection, WayTo(i)});
      }
      for (const Action& action : stage.actions) {
        if (!action.to.empty()) continue;
        std::vector<bool> running = at.running;
        Turn(action, running);
        Add({at.stage, std::move(running), StandsAfter(action, at.objection)}, steps_[i].before);
      }
      for (const Way& way : WaysOut(p_, stage)) {
        const Action* action = p_.FindAction(stage.name, way.action);
        if (action == nullptr && at.objection) continue;  // Time waits.
        std::vector<bool> running = at.running;
        if (action != nullptr) Turn(*action, running);
        const bool objection = action == nullptr ? at.objection : StandsAfter(*action, at.objection);
        Add({way.to, Entered(p_, way.to, std::move(running)), objection}, i);
      }
    }
    return std::move(out_);
  }

 private:
  static constexpr size_t kNone = SIZE_MAX;
  static constexpr size_t kStagesTold = 8;  // Of the way, in a message.

  struct Step {
    Situation at;
    size_t before;  // The situation in the stage before, or kNone.
  };

  void Add(Situation at, size_t before) {
    if (p_.FindStage(at.stage)->end != v1::END_KIND_UNSPECIFIED) return;
    if (!seen_.insert({at.stage, at.running, at.objection}).second) return;
    steps_.push_back({std::move(at), before});
  }

  static bool StandsAfter(const Action& action, bool before) {
    if (action.objection == v1::OBJECTION_UNSPECIFIED) return before;
    return action.objection == v1::OBJECTION_RAISED;
  }

  void Turn(const Action& action, std::vector<bool>& running) const {
    const std::string name = absl::StrCat("action:", action.name);
    for (size_t i = 0; i < p_.clocks.size(); ++i) {
      if (running[i] ? absl::c_linear_search(p_.clocks[i].until, name) : absl::c_linear_search(p_.clocks[i].from, name))
        running[i] = !running[i];
    }
  }

  bool IsTimed(const Stage& stage, const Situation& at) const {
    if ((stage.after.has_value() && !at.objection) || !stage.no_deadline.empty()) return true;
    for (size_t i = 0; i < p_.clocks.size(); ++i) {
      const Clock& clock = p_.clocks[i];
      if (clock.on_the_way()) continue;  // A report recurs without end.
      if (at.running[i] && !absl::c_linear_search(clock.stops_in, stage.name)) return true;
    }
    return false;
  }

  std::string WayTo(size_t step) const {
    std::vector<std::string> stages;
    for (; step != kNone && stages.size() < kStagesTold; step = steps_[step].before) {
      stages.insert(stages.begin(), steps_[step].at.stage);
    }
    return absl::StrCat(step == kNone ? "" : "… → ", absl::StrJoin(stages, " → "));
  }

  const Procedure& p_;
  std::vector<Step> steps_;
  std::set<std::tuple<std::string, std::vector<bool>, bool>> seen_;
  std::set<std::string> told_;
  std::vector<Untimed> out_;
};

}  // namespace

Situation BeginsIn(const Procedure& procedure, const std::string& stage) {
  return {stage, Entered(procedure, stage, std::vector<bool>(procedure.clocks.size())), false};
}

std::vector<Untimed> FindUntimed(const Procedure& procedure, const std::vector<Situation>& from) {
  return Waiting(procedure, from).Run();
}

}  // namespace duban::engine
