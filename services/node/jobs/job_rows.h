// What is kept of jobs: derived from the log like all rows, by the same code in a rebuild.
//
//   kJob       job name -> JobRecord
//   kJobIndex  "running", started position -> job name, while it runs
//              "newest", started position (newest first) -> job name
//              "recounted" -> the calendar's version on which every running deadline stands
#pragma once

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "duban/state/v1/library.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/base/time.h"
#include "engine/views/rows.h"
#include "services/node/batch.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/random.h"

namespace duban::node {

using JobRecord = duban::state::v1::JobRecord;

// Brings the rows up to a commit. By how many the running jobs have become more.
int FollowJobs(const v1::Commit& commit, engine::Rows& rows);

// The stream's first part, with JobStarted in it.
v1::StreamPart JobStart(Random& random, Batch& batch, const JobKind& kind, const v1::JobTask& task,
                        const std::string& person, engine::Instant at);
// A further part of it, without events. `kind`: null where this program does not know it.
v1::StreamPart JobPart(const JobRecord& record, const JobKind* kind, const Library& library);

// Prefixes of kJobIndex.
std::string RunningJobs();
std::string NewestJobs();
std::string RecountedKey();

}  // namespace duban::node
