#include "services/node/jobs/job_runner.h"

#include <utility>

#include "absl/strings/match.h"
#include "engine/base/check.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"

namespace duban::node {
namespace {

using engine::Table;

// Visits the running jobs, the oldest first: place and name.
template <typename Visit>
void EachRunning(Batch& batch, Visit visit) {
  batch.Scan(Table::kJobIndex, RunningJobs(), [&](absl::string_view place, absl::string_view name) {
    return absl::StartsWith(place, RunningJobs()) && visit(std::string(place), std::string(name));
  });
}

v1::Commit CommitOf(const Library& library, const JobRecord& record, const JobKind& kind, const Lot& lot,
                    engine::Instant now) {
  v1::Commit commit;
  *commit.mutable_cause() = lot.cause;
  commit.mutable_cause()->set_actor(record.job().started_by());
  commit.mutable_cause()->set_command(kind.command());
  *commit.mutable_recorded_at() = engine::ToProto(now);
  for (const v1::StreamPart& part : lot.parts) *commit.add_parts() = part;
  v1::StreamPart& part = *commit.add_parts() = JobPart(record, &kind, library);
  if (!lot.items.empty()) {
    v1::JobAdvanced& advanced = *part.add_events()->mutable_job_advanced();
    advanced.set_cursor(lot.cursor);
    advanced.set_looked_at(static_cast<int64_t>(lot.items.size()));
    for (const JobItem& item : lot.items) {
      if (item.changed()) advanced.set_changed(advanced.changed() + 1);
      if (item.refusal.has_value()) *advanced.add_refusals() = *item.refusal;
    }
    *advanced.mutable_at() = engine::ToProto(now);
  }
  if (lot.done || !lot.failed.empty()) {
    v1::JobEnded& ended = *part.add_events()->mutable_job_ended();
    ended.set_state(lot.failed.empty() ? v1::JOB_STATE_DONE : v1::JOB_STATE_FAILED);
    *ended.mutable_at() = engine::ToProto(now);
    ended.set_reason(lot.failed);
  }
  return commit;
}

// For a task of a later program that an earlier one finds in the log.
v1::Commit Failed(const Library& library, const JobRecord& record, engine::Instant now) {
  v1::Commit commit;
  commit.mutable_cause()->set_actor(record.job().started_by());
  commit.mutable_cause()->set_command("EndJob");
  *commit.mutable_recorded_at() = engine::ToProto(now);
  v1::StreamPart& part = *commit.add_parts() = JobPart(record, nullptr, library);
  v1::JobEnded& ended = *part.add_events()->mutable_job_ended();
  ended.set_state(v1::JOB_STATE_FAILED);
  *ended.mutable_at() = engine::ToProto(now);
  ended.set_reason("本版本的服务器不认识这种作业 this version of the server does not know this kind of job");
  return commit;
}

// The refusal takes the place of what a commit cannot hold.
Lot Without(Lot lot, const engine::Rejection& rejection) {
  JobItem& only = lot.items.front();
  only.change.Clear();
  only.refusal = JobRefusalOf(only.name, rejection);
  lot.parts.clear();
  lot.sealed_part.clear();
  lot.cause.Clear();
  return lot;
}

}  // namespace

int64_t JobRunner::Running(Batch& batch) {
  int64_t running = 0;
  EachRunning(batch, [&](const std::string&, const std::string&) {
    ++running;
    return true;
  });
  return running;
}

void JobRunner::Work(Batch& batch, engine::Instant now) {
  std::string place, name;
  EachRunning(batch, [&](const std::string& at, const std::string& job) {
    if (!name.empty() && at <= last_) return true;
    const bool next = at > last_;
    if (name.empty() || next) std::tie(place, name) = std::make_pair(at, job);
    return !next;
  });
  if (name.empty()) return;
  last_ = place;
  size_t items = 0;
  while (items < items_max_ && batch.bytes() < limits::kJobLotBytesMax) {
    const size_t more = WorkOn(batch, name, now);
    if (more == 0) return;
    items += more;
  }
  means_.vitals.Reached(items >= items_max_ ? Bound::kJobLotItems : Bound::kJobLotBytes);
}

size_t JobRunner::WorkOn(Batch& batch, const std::string& name, engine::Instant now) {
  JobRecord record;
  DUBAN_CHECK(record.ParseFromString(batch.Row(Table::kJob, name).value_or("")), "a job's row can be read");
  const JobKind* kind = KindOf(record.job().task());
  if (kind == nullptr) {
    batch.Stage(Failed(batch.library(), record, now), "");
    return 0;
  }
  const auto lot_of = [&](size_t items_max) {
    return kind->Next({batch, means_, now, record.job().task(), record.job().started_by(), record.position(),
                       record.cursor(), items_max});
  };
  const auto staged = [&](const Lot& lot) {
    return batch.Stage(CommitOf(batch.library(), record, *kind, lot, now), lot.sealed_part);
  };
  Lot lot = lot_of(items_max_);
  if (!batch.status().ok()) return 0;
  engine::Outcome<store::Position> position = staged(lot);
  if (!position.ok()) {
    // Too large for a commit: one by one, and what is too large by itself is refused.
    lot = lot_of(1);
    if (!batch.status().ok()) return 0;
    position = staged(lot);
    if (!position.ok()) position = staged(Without(std::move(lot), position.rejection()));
    DUBAN_CHECK(position.ok(), "a refusal fits into a commit");
    return 0;
  }
  if (!lot.done && lot.failed.empty()) return lot.items.size();
  kind->End(means_, record.job().task());
  return 0;
}

}  // namespace duban::node
