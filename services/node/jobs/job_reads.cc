#include "services/node/jobs/job_reads.h"

#include "absl/strings/match.h"
#include "engine/views/tables.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/jobs/job_rows.h"
#include "services/node/limits.h"
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
  if (!MaySeeJob(directory, reading.person(), job)) return std::optional<v1::Job>();
  HideNumbers(directory, reading.person(), job);
  if (absl::Status hidden = HideRefusals(reading, *job.mutable_refusals()); !hidden.ok()) return hidden;
  return std::optional<v1::Job>(std::move(job));
}

}  // namespace

bool MaySeeJob(const engine::Directory& directory, const std::string& person, const v1::Job& job) {
  return job.started_by() == person || directory.HasRight(person, engine::kRightAdminister) ||
         directory.HasRight(person, engine::kRightOperate) || directory.HasRight(person, engine::kRightAudit);
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
  const engine::Outcome<int> size = PageSize(reading, request.page_size(), limits::kPageDefault, limits::kPageMax);
  if (!size.ok()) return size.rejection();
  // A page token holds the place to go on with.
  const std::string bound = PageBound(reading, request);
  std::string from;
  if (!request.page_token().empty()) {
    const std::optional<std::string> place = reading.source().tokens.ParsePage(bound, request.page_token());
    if (!place) return ForeignPageToken();
    from = *place;
  }
  v1::ListJobsResponse out;
  absl::Status trouble;
  int looked = 0;
  const absl::Status scanned = reading.rows().Scan(
      static_cast<uint8_t>(Table::kJobIndex), NewestJobs(), from, [&](absl::string_view place, absl::string_view name) {
        absl::StatusOr<std::optional<v1::Job>> job = Shown(reading, std::string(name));
        if (!job.ok()) {
          trouble = job.status();
          return false;
        }
        // A full page looks on for the next visible job: whether there is a next page tells nothing of hidden ones.
        const bool full = out.jobs_size() == *size;
        if ((full && job->has_value()) || looked++ >= limits::kScanBudget) {
          out.set_next_page_token(reading.source().tokens.Page(bound, std::string(place)));
          return false;
        }
        if (job->has_value()) *out.add_jobs() = **std::move(job);
        return true;
      });
  if (!trouble.ok()) return trouble;
  if (!scanned.ok()) return scanned;
  return out;
}

}  // namespace duban::node
