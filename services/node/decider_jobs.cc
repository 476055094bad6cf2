// Starting and cancelling jobs. What they then do is decided lot by lot (jobs/job_runner.h).
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "services/node/causes.h"
#include "services/node/decider.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/jobs/job_reads.h"
#include "services/node/jobs/job_rows.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Kind;
using engine::Outcome;
using engine::Reject;

namespace {

Outcome<JobRecord> FindJob(Batch& batch, const std::string& person, const std::string& name) {
  JobRecord record;
  const std::optional<std::string> row = batch.Row(engine::Table::kJob, name);
  if (!row.has_value() || !record.ParseFromString(*row) || !MaySeeJob(batch.library(), person, record.job())) {
    return JobNotFound(name);
  }
  return record;
}

engine::Verdict CheckReason(const std::string& reason) {
  if (reason.empty()) {
    return Reject(Kind::kInvalid, "REASON_REQUIRED", "请写明原因 reason", "say why: reason", {{"field", "reason"}});
  }
  if (reason.size() > engine::limits::kReasonBytesMax) {
    return Reject(
        Kind::kInvalid, "TEXT_TOO_LONG", absl::StrCat("原因超过 ", engine::limits::kReasonBytesMax, " 字节，请缩短"),
        absl::StrCat("reason takes at most ", engine::limits::kReasonBytesMax, " bytes"), {{"field", "reason"}});
  }
  return engine::Nothing{};
}

}  // namespace

Reply<Response> Decider::StartJob(Batch& batch, const Asked& asked, const v1::StartJobRequest& request,
                                  const std::string& mac) {
  const Outcome<const JobKind*> kind = OfferedKind(batch, means_, asked.actor, request.task());
  if (!kind.ok()) return kind.rejection();
  v1::Commit commit;
  *commit.add_parts() = JobStart(random_, batch, **kind, request.task(), asked.actor, asked.now);
  v1::StartJobResponse out;
  out.set_job(commit.parts(0).stream());
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOf("StartJob", request, mac), "");
  if (!position.ok()) return position.rejection();
  out.set_position(tokens_.Position(*position));
  return Response(std::move(out));
}

Reply<Response> Decider::CancelJob(Batch& batch, const Asked& asked, const v1::CancelJobRequest& request,
                                   const std::string& mac) {
  const Outcome<JobRecord> record = FindJob(batch, asked.actor, request.job());
  if (!record.ok()) return record.rejection();
  const v1::Job& job = record->job();
  if (!MayCancelJob(batch.library(), asked.actor, job)) return RightRequired(engine::kRightAdminister);
  if (engine::Verdict reason = CheckReason(request.reason()); !reason.ok()) return reason.rejection();
  if (job.state() != v1::JOB_STATE_RUNNING) {
    return Reject(Kind::kState, "JOB_ENDED", "作业已经结束，无需取消", "the job has ended; there is nothing to cancel",
                  {{"job", job.name()}});
  }
  const JobKind* kind = KindOf(job.task());
  v1::Commit commit;
  v1::StreamPart& part = *commit.add_parts() = JobPart(*record, kind, batch.library());
  v1::JobEnded& ended = *part.add_events()->mutable_job_ended();
  ended.set_state(v1::JOB_STATE_CANCELLED);
  *ended.mutable_at() = engine::ToProto(asked.now);
  ended.set_reason(request.reason());
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOf("CancelJob", request, mac), "");
  if (!position.ok()) return position.rejection();
  if (kind != nullptr) kind->End(means_, job.task());
  absl::StatusOr<v1::Commit> staged = batch.CommitAt(*position);
  if (!staged.ok()) return staged.status();
  return Cancelled(batch, *staged, asked.actor);
}

Reply<Response> Decider::Cancelled(Batch& batch, const v1::Commit& commit, const std::string& person) const {
  const Outcome<JobRecord> record = FindJob(batch, person, commit.parts(0).stream());
  if (!record.ok()) return record.rejection();
  v1::CancelJobResponse out;
  *out.mutable_job() = record->job();
  HideNumbers(*batch.library().directory, person, *out.mutable_job());
  // Which cases those are is asked through GetJob, which knows who sees them.
  out.mutable_job()->clear_refusals();
  out.set_position(tokens_.Position(commit.position()));
  return Response(std::move(out));
}

}  // namespace duban::node
