#include "services/node/calendar_years.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "services/node/refusals.h"

namespace duban::node {

engine::Outcome<v1::StreamPart> PartOfYears(const Library& library, const std::string& person,
                                            const v1::PublishCalendarRequest& request) {
  if (!library.directory->HasRight(person, engine::kRightAdminister)) return RightRequired(engine::kRightAdminister);
  std::set<int> named;
  v1::StreamPart part;
  part.set_stream("calendar");
  part.set_first_revision(library.calendar_revision + 1);
  uint32_t version = library.calendar->version();  // Each event publishes one year and makes one version.
  for (const v1::CalendarYear& year : request.years()) {
    if (engine::Verdict fits = engine::Calendar::Check(year); !fits.ok()) return fits.rejection();
    if (!named.insert(year.year()).second) {
      return engine::Reject(engine::Kind::kInvalid, "YEAR_TWICE", absl::StrCat(year.year(), " 年在同一请求中出现两次"),
                            absl::StrCat("the year ", year.year(), " occurs twice in one request"),
                            {{"year", absl::StrCat(year.year())}});
    }
    const v1::CalendarYear* held = library.calendar->Year(year.year());
    if (held != nullptr && held->SerializeAsString() == year.SerializeAsString()) continue;
    v1::CalendarPublished& published = *part.add_events()->mutable_calendar_published();
    published.set_version(++version);
    *published.mutable_year() = year;
  }
  return part;
}

uint32_t CalendarVersionAfter(const Library& library, const v1::StreamPart& part) {
  if (part.events().empty()) return library.calendar->version();
  return part.events(part.events_size() - 1).calendar_published().version();
}

v1::JobTask CalendarTask(uint32_t version) {
  v1::JobTask task;
  task.mutable_calendar_change()->set_calendar_version(version);
  return task;
}

}  // namespace duban::node
