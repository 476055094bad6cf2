#include "services/node/library_reads.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/cases/audience.h"
#include "engine/directory/delegation.h"
#include "services/node/decider.h"
#include "services/node/limits.h"
#include "services/node/plans.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Kind;
using engine::Outcome;
using engine::Reject;

namespace {

// A page of entries by name; the token holds the last name.
template <typename Answer, typename R, typename T, typename Add, typename Shows>
Reply<Answer> PageOf(const Reading& reading, const R& request, const std::map<std::string, T, std::less<>>& entries,
                     Add add, Shows shows) {
  const Outcome<int> size = PageSize(reading, request.page_size(), limits::kDirectoryPageMax, limits::kDirectoryPageMax,
                                     Bound::kDirectoryPage);
  if (!size.ok()) return size.rejection();
  const std::string bound = PageBound(reading, request);
  auto entry = entries.begin();
  if (!request.page_token().empty()) {
    const std::optional<std::string> last = reading.source().tokens.ParsePage(bound, request.page_token());
    if (!last) return ForeignPageToken();
    entry = entries.upper_bound(*last);
  }
  Answer out;
  std::string last;
  for (int shown = 0; entry != entries.end(); ++entry) {
    if (!shows(entry->second)) continue;
    if (shown++ == *size) {
      out.set_next_page_token(reading.source().tokens.Page(bound, last));
      break;
    }
    last = entry->first;
    add(out, entry->second);
  }
  return out;
}

template <typename Answer, typename R, typename T, typename Add>
Reply<Answer> PageOf(const Reading& reading, const R& request, const std::map<std::string, T, std::less<>>& entries,
                     Add add) {
  return PageOf<Answer>(
      reading, request, entries, [&](Answer& out, const T& entry) { *add(out) = entry; },
      [](const T&) { return true; });
}

Outcome<engine::Day> DayIn(const char* field, const std::string& text) {
  const std::optional<engine::Day> day = engine::ParseDay(text);
  if (!day) return WrongDate(field, text);
  return *day;
}

v1::DayKind KindOr(v1::DayKind kind) { return kind == v1::DAY_KIND_UNSPECIFIED ? v1::DAY_KIND_WORKING : kind; }

engine::Rejection HoursAreNotDays() {
  return Reject(Kind::kInvalid, "DAY_KIND_INVALID", "kind 应为自然日或工作日", "kind must be calendar or working days",
                {{"field", "kind"}});
}

absl::StatusOr<std::optional<LibraryEntry>> ProcedureEntry(const Reading& reading, const engine::Procedure& procedure) {
  absl::StatusOr<std::optional<std::string>> row =
      reading.Row(engine::Table::kProcedure, ProcedureKey(procedure.name, procedure.version));
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::optional<LibraryEntry>();
  LibraryEntry entry;
  if (!entry.ParseFromString(**row)) return absl::DataLossError("a procedure's row cannot be read");
  return std::optional<LibraryEntry>(std::move(entry));
}

v1::ProcedureVersion VersionOf(const engine::Procedure& procedure, const LibraryEntry& entry) {
  v1::ProcedureVersion out;
  out.set_name(absl::StrCat("procedures/", procedure.name));
  out.set_version(procedure.version);
  *out.mutable_title() = procedure.title;
  *out.mutable_published_at() = entry.recorded_at();
  return out;
}

}  // namespace

Reply<v1::ListUnitsResponse> ListUnits(const Reading& reading, const v1::ListUnitsRequest& request) {
  return PageOf<v1::ListUnitsResponse>(reading, request, reading.library().directory->units(),
                                       [](auto& out) { return out.add_units(); });
}

Reply<v1::ListPostsResponse> ListPosts(const Reading& reading, const v1::ListPostsRequest& request) {
  return PageOf<v1::ListPostsResponse>(reading, request, reading.library().directory->posts(),
                                       [](auto& out) { return out.add_posts(); });
}

Reply<v1::ListPersonsResponse> ListPersons(const Reading& reading, const v1::ListPersonsRequest& request) {
  return PageOf<v1::ListPersonsResponse>(reading, request, reading.library().directory->persons(),
                                         [](auto& out) { return out.add_persons(); });
}

Reply<v1::ListRelationsResponse> ListRelations(const Reading& reading, const v1::ListRelationsRequest& request) {
  if (!reading.HasRight(engine::kRightAdminister) && !reading.HasRight(engine::kRightAudit)) {
    return RightRequired(engine::kRightAdminister);
  }
  return PageOf<v1::ListRelationsResponse>(reading, request, reading.library().directory->relations(),
                                           [](auto& out) { return out.add_relations(); });
}

Reply<v1::ListDelegationsResponse> ListDelegations(const Reading& reading, const v1::ListDelegationsRequest& request) {
  return PageOf<v1::ListDelegationsResponse>(
      reading, request, reading.library().directory->delegations(),
      [](v1::ListDelegationsResponse& out, const engine::Standing& standing) {
        *out.add_delegations() = standing.delegation;
        out.add_holds(standing.holds);
      },
      [&](const engine::Standing& standing) {
        return engine::Admits(engine::AudienceOf(standing.delegation), reading.viewer());
      });
}

Reply<v1::WhoAmIResponse> WhoAmI(const Reading& reading) {
  const engine::Directory& directory = *reading.library().directory;
  v1::WhoAmIResponse out;
  if (const v1::Person* person = directory.FindPerson(reading.person())) *out.mutable_person() = *person;
  for (const v1::Post* post : directory.PostsOf(reading.person())) *out.add_posts() = *post;
  for (const std::string& name : directory.UnitsOf(reading.person())) {
    if (const v1::Unit* unit = directory.FindUnit(name)) *out.add_units() = *unit;
  }
  for (const char* right : engine::kRights) {
    if (reading.HasRight(right)) out.add_rights(right);
  }
  return out;
}

Reply<v1::GetCalendarYearResponse> GetCalendarYear(const Reading& reading, const v1::GetCalendarYearRequest& request) {
  const engine::Calendar& calendar = *reading.library().calendar;
  const v1::CalendarYear* year = calendar.Year(request.year());
  if (year == nullptr) {
    return Reject(Kind::kNotFound, "YEAR_NOT_PUBLISHED",
                  absl::StrCat(request.year(), " 年的工作日历尚未发布；已覆盖 ", calendar.first_year(), " 至 ",
                               calendar.last_year(), " 年"),
                  absl::StrCat("the calendar of ", request.year(), " has not been published; covered are ",
                               calendar.first_year(), " to ", calendar.last_year()),
                  {{"year", absl::StrCat(request.year())}});
  }
  v1::GetCalendarYearResponse out;
  *out.mutable_year() = *year;
  out.set_version(calendar.version());
  out.set_first_year(calendar.first_year());
  out.set_last_year(calendar.last_year());
  const Outcome<int64_t> days = calendar.Count(engine::Day(request.year(), 1, 1), engine::Day(request.year(), 12, 31),
                                               v1::DAY_KIND_WORKING, /*count_first=*/true);
  if (days.ok()) out.set_working_days(static_cast<int32_t>(*days));
  return out;
}

Reply<v1::AddDaysResponse> AddDays(const Reading& reading, const v1::AddDaysRequest& request) {
  const Outcome<engine::Day> from = DayIn("date", request.date());
  if (!from.ok()) return from.rejection();
  if (request.kind() == v1::DAY_KIND_HOURS) return HoursAreNotDays();
  const engine::Calendar& calendar = *reading.library().calendar;
  const Outcome<engine::Day> day = calendar.Add(*from, request.days(), KindOr(request.kind()), request.count_first());
  if (!day.ok()) return day.rejection();
  v1::AddDaysResponse out;
  out.set_date(engine::FormatDay(*day));
  out.set_version(calendar.version());
  return out;
}

Reply<v1::CountDaysResponse> CountDays(const Reading& reading, const v1::CountDaysRequest& request) {
  const Outcome<engine::Day> from = DayIn("from", request.from());
  if (!from.ok()) return from.rejection();
  const Outcome<engine::Day> to = DayIn("to", request.to());
  if (!to.ok()) return to.rejection();
  if (request.kind() == v1::DAY_KIND_HOURS) return HoursAreNotDays();
  const engine::Calendar& calendar = *reading.library().calendar;
  const Outcome<int64_t> days = calendar.Count(*from, *to, KindOr(request.kind()), request.count_first());
  if (!days.ok()) return days.rejection();
  v1::CountDaysResponse out;
  out.set_days(static_cast<int32_t>(*days));
  out.set_version(calendar.version());
  return out;
}

Reply<v1::CheckProcedureResponse> CheckProcedure(const Reading& reading, const v1::CheckProcedureRequest& request) {
  const Library& library = reading.library();
  const PublishedSet set(FilesOf(request.files()), *library.plans);
  const engine::Compiled compiled = engine::Compile(set.compiled, *library.procedures);
  v1::CheckProcedureResponse out;
  for (const engine::Finding& finding : compiled.findings) *out.add_findings() = FindingOf(finding);
  for (const engine::Procedure& procedure : compiled.procedures) out.add_procedures(procedure.name);
  // What plans say of procedures can be checked when these are right.
  if (!compiled.ok()) return out;
  const engine::Procedures procedures = PublishedSet::With(compiled, *library.procedures);
  for (const engine::SourceFile& file : set.plans) {
    const engine::ReadPlanResult read = engine::ReadPlan(file, procedures, library.directory.get());
    for (const engine::Finding& finding : read.findings) *out.add_findings() = FindingOf(finding);
    if (read.ok()) out.add_plans(absl::StrCat("plans/", read.plan.name));
  }
  return out;
}

Reply<v1::GetProcedureResponse> GetProcedure(const Reading& reading, const v1::GetProcedureRequest& request) {
  const std::string name(absl::StripPrefix(request.name(), "procedures/"));
  const engine::Procedures& procedures = *reading.library().procedures;
  const engine::Procedure* procedure =
      request.version() == 0 ? procedures.Newest(name) : procedures.Find(name, request.version());
  absl::StatusOr<std::optional<LibraryEntry>> entry = std::optional<LibraryEntry>();
  if (procedure != nullptr) entry = ProcedureEntry(reading, *procedure);
  if (!entry.ok()) return entry.status();
  if (!entry->has_value()) {
    return Reject(Kind::kNotFound, "PROCEDURE_NOT_FOUND", absl::StrCat("没有规程“", request.name(), "”或该版本"),
                  absl::StrCat("there is no procedure \"", request.name(), "\", or not that version"),
                  {{"procedure", request.name()}, {"version", absl::StrCat(request.version())}});
  }
  v1::GetProcedureResponse out;
  *out.mutable_version() = VersionOf(*procedure, **entry);
  const v1::ProcedurePublished& published = (*entry)->event().procedure_published();
  out.set_source(published.source());
  *out.mutable_shared() = published.shared();
  return out;
}

Reply<v1::ListProceduresResponse> ListProcedures(const Reading& reading) {
  v1::ListProceduresResponse out;
  for (const engine::Procedure* procedure : reading.library().procedures->All()) {
    absl::StatusOr<std::optional<LibraryEntry>> entry = ProcedureEntry(reading, *procedure);
    if (!entry.ok()) return entry.status();
    if (entry->has_value()) *out.add_procedures() = VersionOf(*procedure, **entry);
  }
  return out;
}

}  // namespace duban::node
