// Reading jobs. Whoever started one sees it, whoever serves in the post in whose name it works (of a plan: the one that
// it names), and those with the right `administer`, `operate` or `audit` see all; a job that somebody may not see and
// one that does not exist give the same answer.
#pragma once

#include "duban/v1/job_service.pb.h"
#include "services/node/node.h"
#include "services/node/reading.h"

namespace duban::node {

Reply<v1::GetJobResponse> GetJob(const Reading& reading, const v1::GetJobRequest& request);
Reply<v1::ListJobsResponse> ListJobs(const Reading& reading, const v1::ListJobsRequest& request);

// Whether that person may see the job.
bool MaySeeJob(const Library& library, const std::string& person, const v1::Job& job);
// Whether he may cancel it: it is his, or he has the right `administer`. REQUIRES: he may see it.
bool MayCancelJob(const Library& library, const std::string& person, const v1::Job& job);
// Takes out the numbers of a job that counts other people's matters, unless the person may know them.
void HideNumbers(const engine::Directory& directory, const std::string& person, v1::Job& job);
// Takes out the refusals of cases that the viewer may not see.
absl::Status HideRefusals(const Reading& reading, google::protobuf::RepeatedPtrField<v1::JobRefusal>& refusals);

}  // namespace duban::node
