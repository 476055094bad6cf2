// What a job would do, found out by the code that does it, on a snapshot and without writing anything.
//
// Counts and lists only what the viewer may see; whoever sees everything sees exactly what the job then does, if
// nothing else happens meanwhile. Takes as long as looking at everything takes, on the caller's thread.
#pragma once

#include "duban/v1/calendar_service.pb.h"
#include "duban/v1/job_service.pb.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/node.h"
#include "services/node/reading.h"

namespace duban::node {

// A job that the viewer may start.
Reply<v1::StartJobResponse> PreviewJob(const Reading& reading, const v1::StartJobRequest& request,
                                       const JobMeans& means);

// Years that the viewer may publish.
Reply<v1::PublishCalendarResponse> PreviewCalendar(const Reading& reading, const v1::PublishCalendarRequest& request,
                                                   const JobMeans& means);

}  // namespace duban::node
