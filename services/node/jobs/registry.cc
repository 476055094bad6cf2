// Which kinds of job there are.
#include "services/node/jobs/job_kind.h"

namespace duban::node {

const JobKind* KindOf(const v1::JobTask& task) {
  switch (task.kind_case()) {
    case v1::JobTask::kCalendarChange:
      return &CalendarChangeKind();
    case v1::JobTask::kHandOver:
      return &HandOverKind();
    case v1::JobTask::kMigration:
      return &MigrationKind();
    case v1::JobTask::kOpenForEach:
      return &OpenForEachKind();
    case v1::JobTask::kImport:
      return &ImportKind();
    case v1::JobTask::kPlanRun:
      return &PlanRunKind();
    case v1::JobTask::KIND_NOT_SET:
      return nullptr;
  }
  return nullptr;
}

v1::JobRefusal JobRefusalOf(const std::string& item, const engine::Rejection& rejection) {
  v1::JobRefusal out;
  out.set_item(item);
  *out.mutable_message() = rejection.message;
  out.set_reason(rejection.reason);
  return out;
}

engine::Outcome<const JobKind*> OfferedKind(Batch& batch, const JobMeans& means, const std::string& person,
                                            const v1::JobTask& task) {
  const JobKind* kind = KindOf(task);
  if (kind == nullptr) {
    return engine::Reject(engine::Kind::kInvalid, "JOB_TASK_UNKNOWN", "请给出要做的事 task；本服务器没有这种作业",
                          "task: say what to do; this server has no such kind of job", {{"field", "task"}});
  }
  if (engine::Verdict may = kind->MayStart(batch, means, person, task); !may.ok()) return may.rejection();
  return kind;
}

}  // namespace duban::node
