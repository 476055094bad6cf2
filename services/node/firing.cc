#include "services/node/firing.h"

#include <algorithm>

#include "services/node/deciding.h"

namespace duban::node {
namespace {

int64_t CountFired(const engine::Decision& decision) {
  int64_t fired = 0;
  for (const engine::CaseEvents& changed : decision.cases) {
    for (const v1::Event& event : changed.events) {
      if (event.has_rung_fired() || event.has_stage_entered()) ++fired;
    }
  }
  return fired;
}

}  // namespace

engine::Outcome<int64_t> Firing::FireCase(Batch& batch, const std::string& name, engine::Instant recorded,
                                          engine::Instant until) {
  int64_t fired = 0;
  while (true) {
    const CasePtr state = batch.FindCase(name);
    if (state == nullptr || engine::NextDue(*state) > until) return fired;
    const Deciding deciding(batch, random_, {until, until, "", ""});
    engine::Outcome<engine::Decision> decision = engine::DecideTimers(deciding.context(), *state);
    if (!decision.ok()) return decision.rejection();
    if (decision->cases.empty()) return fired;
    v1::Commit commit = CommitOf(*decision, batch);
    commit.mutable_cause()->set_command("FireTimers");
    *commit.mutable_recorded_at() = engine::ToProto(recorded);
    if (engine::Outcome<store::Position> staged = batch.Stage(std::move(commit), ""); !staged.ok()) {
      return staged.rejection();
    }
    fired += CountFired(*decision);
  }
}

bool Firing::IsAside(const Batch& batch, const std::string& name) const {
  const auto aside = aside_.find(name);
  return aside != aside_.end() && aside->second == batch.library().calendar->version();
}

absl::StatusOr<Firing::Queue> Firing::Collect(const Batch& batch, const store::Store& store, int64_t until_ms,
                                              size_t count_max, int64_t* horizon_ms) const {
  Queue queue;
  *horizon_ms = until_ms;
  const absl::Status listed = store.DueTimers(until_ms, [&](const store::Timer& timer) {
    if (IsAside(batch, timer.name)) return true;
    const int64_t due_ms = batch.TimerOf(timer.name).value_or(timer.due_ms);
    if (due_ms != store::TimerChange::kNone && due_ms <= until_ms) queue.insert({due_ms, timer.name});
    if (queue.size() <= count_max) return true;
    *horizon_ms = timer.due_ms;
    return false;
  });
  if (!listed.ok()) return listed;
  return queue;
}

absl::StatusOr<Firing::Lot> Firing::FireDue(Batch& batch, const store::Store& store, engine::Instant recorded,
                                            engine::Instant until, bool at_own_instant, size_t commits_max) {
  Lot lot;
  int64_t horizon_ms = 0;
  absl::StatusOr<Queue> queue = Collect(batch, store, TimerMs(until), commits_max, &horizon_ms);
  if (!queue.ok()) return queue.status();
  const size_t before = batch.commits();
  while (true) {
    // What this batch has armed anew, for this case or another, may come before others that wait.
    for (const std::string& name : batch.TakeTouchedTimers()) {
      const int64_t due_ms = *batch.TimerOf(name);
      if (due_ms != store::TimerChange::kNone && due_ms <= horizon_ms && !IsAside(batch, name)) {
        queue->insert({due_ms, name});
      }
    }
    if (queue->empty() || queue->begin()->first > horizon_ms) break;
    if (batch.commits() - before >= commits_max) {
      lot.more = true;
      return lot;
    }
    const auto [due_ms, name] = *queue->begin();
    queue->erase(queue->begin());
    if (batch.TimerOf(name).value_or(due_ms) != due_ms) continue;  // It has been moved since.
    const engine::Instant due = absl::FromUnixMillis(due_ms);
    const engine::Outcome<int64_t> fired =
        FireCase(batch, CaseOfTimer(name), at_own_instant ? due : recorded, at_own_instant ? due : until);
    if (!batch.status().ok()) return batch.status();
    if (fired.ok()) {
      lot.fired += *fired;
    } else {
      aside_[name] = batch.library().calendar->version();
    }
  }
  lot.more = horizon_ms < TimerMs(until);
  return lot;
}

}  // namespace duban::node
