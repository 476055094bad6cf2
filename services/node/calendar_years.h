// Years of the calendar that somebody publishes: what of them is new. Shared by publishing and by its preview.
#pragma once

#include <string>

#include "duban/v1/calendar_service.pb.h"
#include "duban/v1/event.pb.h"
#include "duban/v1/job.pb.h"
#include "engine/base/rejection.h"
#include "services/node/library.h"

namespace duban::node {

// The events that publishing causes in the stream "calendar", one for each year that differs from what is there; none
// when nothing differs. Needs the right `administer`.
engine::Outcome<v1::StreamPart> PartOfYears(const Library& library, const std::string& person,
                                            const v1::PublishCalendarRequest& request);

// The calendar's version after that.
uint32_t CalendarVersionAfter(const Library& library, const v1::StreamPart& part);

// The task of the job that brings running deadlines to that version.
v1::JobTask CalendarTask(uint32_t version);

}  // namespace duban::node
