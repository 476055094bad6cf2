#include "services/node/jobs/job_reads.h"

#include "absl/strings/match.h"
#include "engine/cases/audience.h"
#include "engine/views/tables.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/jobs/job_rows.h"
#include "services/node/newest_page.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Table;

namespace {

// The job as the viewer may see it; nothing when there is none for him.
absl::StatusOr<std::optional<v1::Job>> Shown(const Reading& reading, const std::string& name) {
  absl::StatusOr<std::optional<std::string>> row = reading.Row(Table::kJob, name);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::optional<v1::Job>();
  JobRecord record;
  if (!record.ParseFromString(**row)) return absl::DataLossError("a job's row cannot be read");
  v1::Job& job = *record.mutable_job();
  const engine::Directory& directory = *reading.library().directory;
  if (!MaySeeJob(reading.library(), reading.person(), job)) return std::optional<v1::Job>();
  HideNumbers(directory, reading.person(), job);
  if (absl::Status hidden = HideRefusals(reading, *job.mutable_refusals()); !hidden.ok()) return hidden;
  return std::optional<v1::Job>(std::move(job));
}

// Whether he started it, or serves in the post in whose name it works: what was begun for a post is its holder's.
bool IsHis(const Library& library, const std::string& person, const v1::Job& job) {
  if (job.started_by() == person) return true;
  const JobKind* kind = KindOf(job.task());
  const std::string post = kind == nullptr ? "" : kind->Post(job.task(), library);
  return !post.empty() && engine::Admits({post}, library.directory->OwnIds(person));
}

}  // namespace

bool MaySeeJob(const Library& library, const std::string& person, const v1::Job& job) {
  const engine::Directory& directory = *library.directory;
  return directory.HasRight(person, engine::kRightAdminister) || directory.HasRight(person, engine::kRightOperate) ||
         directory.HasRight(person, engine::kRightAudit) || IsHis(library, person, job);
}

bool MayCancelJob(const Library& library, const std::string& person, const v1::Job& job) {
  return library.directory->HasRight(person, engine::kRightAdminister) || IsHis(library, person, job);
}

void HideNumbers(const engine::Directory& directory, const std::string& person, v1::Job& job) {
  const JobKind* kind = KindOf(job.task());
  if (kind != nullptr && !kind->counts_cases()) return;
  if (directory.HasRight(person, engine::kRightOperate) || directory.HasRight(person, engine::kRightAudit)) return;
  job.clear_looked_at();
  job.clear_changed();
  job.clear_refused();
  job.clear_total();
}

absl::Status HideRefusals(const Reading& reading, google::protobuf::RepeatedPtrField<v1::JobRefusal>& refusals) {
  for (int i = refusals.size() - 1; i >= 0; --i) {
    if (!IsCase(refusals[i].item())) continue;
    absl::StatusOr<bool> sees = reading.SeesNow(refusals[i].item());
    if (!sees.ok()) return sees.status();
    if (!*sees) refusals.DeleteSubrange(i, 1);
  }
  return absl::OkStatus();
}

Reply<v1::GetJobResponse> GetJob(const Reading& reading, const v1::GetJobRequest& request) {
  absl::StatusOr<std::optional<v1::Job>> job = Shown(reading, request.job());
  if (!job.ok()) return job.status();
  if (!job->has_value()) return JobNotFound(request.job());
  v1::GetJobResponse out;
  *out.mutable_job() = **std::move(job);
  return out;
}

Reply<v1::ListJobsResponse> ListJobs(const Reading& reading, const v1::ListJobsRequest& request) {
  return NewestPage<v1::ListJobsResponse>(
      reading, request, Table::kJobIndex, NewestJobs(), [&](const std::string& name) { return Shown(reading, name); },
      [](v1::ListJobsResponse& out, v1::Job job) { *out.add_jobs() = std::move(job); });
}

}  // namespace duban::node
