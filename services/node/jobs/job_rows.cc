#include "services/node/jobs/job_rows.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/time.h"
#include "engine/directory/directory.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "store/store.h"

namespace duban::node {
namespace {

using engine::Table;

void Fold(JobRecord& record, const std::string& name, store::Position position, const v1::JobStarted& e) {
  record.set_position(position);
  v1::Job& job = *record.mutable_job();
  job.set_name(name);
  *job.mutable_task() = e.task();
  *job.mutable_title() = e.title();
  job.set_state(v1::JOB_STATE_RUNNING);
  job.set_started_by(e.person());
  *job.mutable_started_at() = e.at();
  job.set_total(e.total());
}

void Fold(JobRecord& record, const v1::JobAdvanced& e) {
  record.set_cursor(e.cursor());
  v1::Job& job = *record.mutable_job();
  job.set_looked_at(job.looked_at() + e.looked_at());
  job.set_changed(job.changed() + e.changed());
  job.set_refused(job.refused() + e.refusals_size());
  for (const v1::JobRefusal& refusal : e.refusals()) {
    if (job.refusals_size() < limits::kJobRefusalsKept) *job.add_refusals() = refusal;
  }
}

void Fold(JobRecord& record, const v1::JobEnded& e) {
  v1::Job& job = *record.mutable_job();
  job.set_state(e.state());
  *job.mutable_ended_at() = e.at();
  job.set_reason(e.reason());
}

std::string RunningKey(store::Position position) { return RunningJobs() + engine::KeyNumber(position); }

// Deadlines that nobody needs to count again.
void PutRecounted(engine::Rows& rows, uint32_t version) {
  const std::optional<std::string> held = rows.Get(Table::kJobIndex, RecountedKey());
  if (held.has_value() && engine::ParseKeyNumber(*held) >= version) return;
  rows.Put(Table::kJobIndex, RecountedKey(), engine::KeyNumber(version));
}

int FollowJob(const v1::Commit& commit, const v1::StreamPart& part, engine::Rows& rows) {
  JobRecord record;
  record.ParseFromString(rows.Get(Table::kJob, part.stream()).value_or(""));
  int more = 0;
  for (const v1::Event& event : part.events()) {
    record.set_revision(record.revision() + 1);
    if (event.has_job_started()) {
      Fold(record, part.stream(), commit.position(), event.job_started());
      rows.Put(Table::kJobIndex, RunningKey(record.position()), part.stream());
      rows.Put(Table::kJobIndex, NewestJobs() + engine::KeyNewest(record.position()), part.stream());
      ++more;
    } else if (event.has_job_advanced()) {
      Fold(record, event.job_advanced());
    } else if (event.has_job_ended()) {
      Fold(record, event.job_ended());
      rows.Delete(Table::kJobIndex, RunningKey(record.position()));
      const v1::JobTask& task = record.job().task();
      if (task.has_calendar_change() && event.job_ended().state() == v1::JOB_STATE_DONE) {
        PutRecounted(rows, task.calendar_change().calendar_version());
      }
      --more;
    }
  }
  rows.Put(Table::kJob, part.stream(), record.SerializeAsString());
  return more;
}

// Jobs are for operators and auditors; what counts nobody else's matters is also for whoever started it, and for the
// post in whose name it works. In the order of ids, as every audience.
void FillAudience(const std::string& person, const JobKind* kind, const v1::JobTask& task, const Library& library,
                  v1::StreamPart& part) {
  if (kind != nullptr && !kind->counts_cases()) {
    part.add_audience(person);
    if (std::string post = kind->Post(task, library); !post.empty()) part.add_audience(std::move(post));
  }
  for (const char* right : {engine::kRightAudit, engine::kRightOperate}) {
    part.add_audience(absl::StrCat("rights/", right));
  }
}

}  // namespace

std::string RunningJobs() { return engine::KeyText("running"); }
std::string NewestJobs() { return engine::KeyText("newest"); }
std::string RecountedKey() { return engine::KeyText("recounted"); }

int FollowJobs(const v1::Commit& commit, engine::Rows& rows) {
  int more = 0;
  uint32_t calendar = 0;
  bool counts_again = false;
  for (const v1::StreamPart& part : commit.parts()) {
    if (absl::StartsWith(part.stream(), "jobs/")) {
      more += FollowJob(commit, part, rows);
      counts_again = true;
    }
    for (const v1::Event& event : part.events()) {
      if (event.has_calendar_published()) calendar = std::max(calendar, event.calendar_published().version());
    }
  }
  // Published while no case was open.
  if (calendar != 0 && !counts_again) PutRecounted(rows, calendar);
  return more;
}

v1::StreamPart JobStart(Random& random, Batch& batch, const JobKind& kind, const v1::JobTask& task,
                        const std::string& person, engine::Instant at) {
  v1::StreamPart part;
  part.set_stream(FreshName(random, "jobs/"));
  part.set_first_revision(1);
  FillAudience(person, &kind, task, batch.library(), part);
  v1::JobStarted& started = *part.add_events()->mutable_job_started();
  *started.mutable_task() = task;
  *started.mutable_title() = kind.Title(task, batch.library());
  started.set_person(person);
  *started.mutable_at() = engine::ToProto(at);
  started.set_total(kind.Total(batch, task));
  return part;
}

v1::StreamPart JobPart(const JobRecord& record, const JobKind* kind, const Library& library) {
  v1::StreamPart part;
  part.set_stream(record.job().name());
  part.set_first_revision(record.revision() + 1);
  FillAudience(record.job().started_by(), kind, record.job().task(), library, part);
  return part;
}

}  // namespace duban::node
