#include "services/node/firing.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/calendar/coverage.h"
#include "engine/directory/delegation.h"
#include "engine/views/tables.h"
#include "services/node/ballot_boxes.h"
#include "services/node/deciding.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/jobs/job_rows.h"
#include "services/node/library.h"
#include "services/node/limits.h"
#include "services/node/plan_due.h"

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
  Recount(batch, name, recorded, until);
  while (true) {
    const CasePtr state = batch.FindCase(name);
    if (state == nullptr || engine::NextDue(*state) > until) return fired;
    SealedBoxes boxes(batch, vault_, random_);
    const Deciding deciding(batch, random_, {until, until, "", ""}, "", &boxes);
    engine::Outcome<engine::Decision> decision = engine::DecideTimers(deciding.context(), *state);
    if (!decision.ok()) return decision.rejection();
    if (!batch.status().ok()) return fired;  // Nothing of this batch will be written.
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

engine::Outcome<int64_t> Firing::FireDelegation(Batch& batch, const std::string& name, engine::Instant recorded,
                                                engine::Instant until) {
  const engine::Standing* standing = batch.library().directory->FindDelegation(name);
  std::optional<v1::Event> event = standing == nullptr ? std::nullopt : engine::DueEvent(*standing, until);
  if (!event.has_value()) return 0;
  LibraryEntry held;
  held.ParseFromString(batch.Row(engine::Table::kDirectory, name).value_or(""));
  v1::Commit commit;
  v1::StreamPart& part = *commit.add_parts();
  part.set_stream(name);
  part.set_first_revision(held.revision() + 1);
  for (const std::string& id : engine::AudienceOf(standing->delegation)) part.add_audience(id);
  *part.add_events() = *std::move(event);
  commit.mutable_cause()->set_command("FireTimers");
  *commit.mutable_recorded_at() = engine::ToProto(recorded);
  if (engine::Outcome<store::Position> staged = batch.Stage(std::move(commit), ""); !staged.ok()) {
    return staged.rejection();
  }
  return 0;
}

engine::Verdict Firing::FireDelegationsTo(Batch& batch, const std::string& person, engine::Instant now) {
  for (const std::string& name : batch.library().directory->DelegationsTo(person)) {
    const auto is_due = [&] {
      const engine::Standing* standing = batch.library().directory->FindDelegation(name);
      return standing != nullptr && engine::NextDue(*standing) <= now;
    };
    while (is_due()) {
      if (const auto fired = FireDelegation(batch, name, now, now); !fired.ok()) return fired.rejection();
    }
  }
  return engine::Nothing{};
}

void Firing::Recount(Batch& batch, const std::string& name, engine::Instant recorded, engine::Instant at) {
  const CasePtr state = batch.FindCase(name);
  const uint32_t version = batch.library().calendar->version();
  if (state == nullptr || !engine::MayNeedRecount(*state, version)) return;
  const std::optional<std::string> row = batch.Row(engine::Table::kJobIndex, RecountedKey());
  if (row.has_value() && engine::ParseKeyNumber(*row) >= version) return;
  const Deciding deciding(batch, random_, {at, at, "", ""});
  const engine::Outcome<engine::Decision> decision = engine::DecideRecount(deciding.context(), *state);
  // What cannot be counted stays as it was planned; the job says so.
  if (!decision.ok() || decision->cases.empty()) return;
  v1::Commit commit = CommitOf(*decision, batch);
  commit.mutable_cause()->set_command(CalendarChangeKind().command());
  *commit.mutable_recorded_at() = engine::ToProto(recorded);
  batch.Stage(std::move(commit), "");
}

engine::Outcome<int64_t> Firing::WarnOfCoverage(Batch& batch, engine::Instant recorded, engine::Instant until) {
  const Library& library = batch.library();
  const auto& last = library.coverage_warned;
  const auto due = engine::NextCoverageWarning(*library.calendar, last ? &*last : nullptr, library.zone);
  if (!due.has_value() || *due > until) return 0;
  v1::Commit commit;
  commit.mutable_cause()->set_command("FireTimers");
  *commit.mutable_recorded_at() = engine::ToProto(recorded);
  v1::StreamPart& part = *commit.add_parts();
  part.set_stream("calendar");
  part.set_first_revision(library.calendar_revision + 1);
  for (const char* right : {engine::kRightAdminister, engine::kRightAudit, engine::kRightOperate}) {
    part.add_audience(absl::StrCat("rights/", right));
  }
  v1::CoverageWarned& warned = *part.add_events()->mutable_coverage_warned();
  warned.set_last_day(engine::FormatDay(*engine::LastDayCovered(*library.calendar)));
  *warned.mutable_at() = engine::ToProto(std::max(until, batch.recorded()));
  if (engine::Outcome<store::Position> staged = batch.Stage(std::move(commit), ""); !staged.ok()) {
    return staged.rejection();
  }
  return 0;
}

engine::Outcome<int64_t> Firing::FirePlan(Batch& batch, const std::string& name, engine::Instant recorded,
                                          engine::Instant until) {
  engine::Outcome<std::optional<v1::Commit>> due = PlanComingDue(batch, random_, name, recorded, until);
  if (!due.ok()) return due.rejection();
  if (!due->has_value()) return 0;
  if (engine::Outcome<store::Position> staged = batch.Stage(**std::move(due), ""); !staged.ok()) {
    return staged.rejection();
  }
  return 1;
}

engine::Outcome<int64_t> Firing::Fire(Batch& batch, const std::string& stream, engine::Instant recorded,
                                      engine::Instant until) {
  if (IsCase(stream)) return FireCase(batch, stream, recorded, until);
  if (stream == "calendar") return WarnOfCoverage(batch, recorded, until);
  if (absl::StartsWith(stream, "plans/")) return FirePlan(batch, stream, recorded, until);
  return FireDelegation(batch, stream, recorded, until);
}

bool Firing::TriedWith(const Library& library, const ViewSetPtr& views) const {
  return calendar_ == library.calendar && procedures_ == library.procedures && views_ == views;
}

void Firing::LookAt(const Library& library, const ViewSetPtr& views) {
  if (TriedWith(library, views)) return;
  calendar_ = library.calendar;
  procedures_ = library.procedures;
  views_ = views;
  next_ = kFirst;
}

absl::StatusOr<Firing::Queue> Firing::Collect(const Batch& batch, const store::Store& store, int64_t until_ms,
                                              size_t count_max, store::Timer* horizon) const {
  Queue queue;
  *horizon = {until_ms + 1, ""};
  const absl::Status listed = store.DueTimersFrom(next_, until_ms, [&](const store::Timer& timer) {
    const int64_t due_ms = batch.TimerOf(timer.name).value_or(timer.due_ms);
    if (due_ms != store::TimerChange::kNone && due_ms <= until_ms) queue.insert({due_ms, timer.name});
    if (queue.size() < count_max) return true;
    *horizon = {timer.due_ms, timer.name + '\0'};
    return false;
  });
  if (!listed.ok()) return listed;
  return queue;
}

absl::StatusOr<Firing::Lot> Firing::FireDue(Batch& batch, const store::Store& store, engine::Instant recorded,
                                            engine::Instant until, bool at_own_instant, size_t commits_max) {
  Lot lot;
  LookAt(batch.library(), batch.views());
  store::Timer horizon;
  absl::StatusOr<Queue> queue = Collect(batch, store, TimerMs(until), commits_max, &horizon);
  if (!queue.ok()) return queue.status();
  const size_t before = batch.commits();
  while (true) {
    // What this batch has armed anew, for this case or another, may come before others that wait.
    for (const std::string& name : batch.TakeTouchedTimers()) {
      const store::Timer timer{*batch.TimerOf(name), name};
      if (timer.due_ms != store::TimerChange::kNone && timer < horizon) queue->insert(timer);
    }
    if (queue->empty() || *queue->begin() >= horizon) break;
    const store::Timer timer = *queue->begin();
    if (batch.commits() - before >= commits_max) {
      next_ = std::max(next_, timer);
      lot.more = true;
      return lot;
    }
    queue->erase(queue->begin());
    if (batch.TimerOf(timer.name).value_or(timer.due_ms) != timer.due_ms) continue;  // It has been moved since.
    const engine::Instant due = absl::FromUnixMillis(timer.due_ms);
    const std::string stream = StreamOfTimer(timer.name);
    const bool is_plan = absl::StartsWith(stream, "plans/");
    const engine::Instant at = at_own_instant ? due : recorded;
    const engine::Instant to = at_own_instant ? due : until;
    const engine::Outcome<int64_t> fired = Fire(batch, stream, at, to);
    if (!batch.status().ok()) return batch.status();
    if (fired.ok()) lot.fired += *fired;
    if (is_plan && fired.ok() && *fired > 0) {
      lot.more = true;
      return lot;
    }
  }
  next_ = std::max(next_, horizon);
  lot.more = horizon.due_ms <= TimerMs(until);
  return lot;
}

void Firing::Notice(const Batch& batch) {
  for (const store::Timer& timer : batch.MovedTimers()) next_ = std::min(next_, timer);
}

absl::StatusOr<bool> Firing::AnyToTry(const store::Store& store, const Library& library, const ViewSetPtr& views,
                                      engine::Instant until) const {
  bool any = false;
  const absl::Status looked = store.DueTimersFrom(TriedWith(library, views) ? next_ : kFirst, TimerMs(until),
                                                  [&](const store::Timer&) { return !(any = true); });
  if (!looked.ok()) return looked;
  return any;
}

absl::StatusOr<engine::Instant> Firing::FirstAble(const store::Store& store, absl::FunctionRef<Batch()> new_batch,
                                                  engine::Instant until) {
  engine::Instant able = absl::InfiniteFuture();
  bool more = true;
  for (next_ = kFirst; more && able == absl::InfiniteFuture();) {
    Batch batch = new_batch();
    store::Timer horizon;
    const absl::StatusOr<Queue> queue = Collect(batch, store, TimerMs(until), limits::kBatchTimersMax, &horizon);
    if (!queue.ok()) return queue.status();
    for (const store::Timer& timer : *queue) {
      const std::string stream = StreamOfTimer(timer.name);
      // Counting its deadlines again, on the way, is not firing.
      if (IsCase(stream)) Recount(batch, stream, until, until);
      const size_t before = batch.commits();
      // Whether it goes through is seen from what it staged: a rung may fire before the move that waits.
      Fire(batch, stream, until, until);
      if (!batch.status().ok()) return batch.status();
      if (batch.commits() == before) continue;
      able = absl::FromUnixMillis(timer.due_ms);
      break;
    }
    next_ = horizon;
    more = horizon.due_ms <= TimerMs(until);
  }
  next_ = kFirst;  // Nothing was written: all is tried again.
  return able;
}

}  // namespace duban::node
