// What deciding and reading need beside cases: the workspace's facts, the directory, the calendar, the procedures, the
// plans.
//
// An immutable value, shared by all who read; a commit that changes it makes a new one, of which the unchanged parts
// are the same. Its rows (tables kDirectory, kCalendar, kProcedure, kWorkspace) hold the newest event of each entity,
// so that a start does not read the log.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "duban/state/v1/library.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/base/time.h"
#include "engine/calendar/calendar.h"
#include "engine/directory/directory.h"
#include "engine/plan/plan.h"
#include "engine/procedure/compile.h"
#include "engine/procedure/procedure.h"
#include "engine/views/rows.h"
#include "engine/views/view.h"
#include "store/store.h"

namespace duban::node {

using duban::state::v1::LibraryEntry;

// Of each plan that comes due for posts what lies before it, by "plans/…". It is found anew when the directory, the
// calendar or the plan changes, so that asking what is due next looks at no post; what has come due since is passed
// over.
using Agendas = std::map<std::string, std::shared_ptr<const std::vector<engine::Occasion>>, std::less<>>;

struct Library {
  v1::WorkspaceCreated workspace;
  engine::Zone zone{0};
  std::shared_ptr<const engine::Directory> directory;
  std::shared_ptr<const engine::Calendar> calendar;
  std::shared_ptr<const engine::Procedures> procedures;
  std::shared_ptr<const engine::Plans> plans;
  std::shared_ptr<const Agendas> agendas;
  std::shared_ptr<const engine::Figures> figures;
  // How often shared definitions were published without a procedure: the newest revision of the stream "definitions".
  uint32_t definitions = 0;
  // The last warning that the calendar runs out.
  std::optional<v1::CoverageWarned> coverage_warned;
  // Newest revision of the stream "calendar".
  uint64_t calendar_revision = 0;
};
using LibraryPtr = std::shared_ptr<const Library>;

// What comes next of a plan.
struct Coming {
  engine::Instant due;  // Where the calendar does not reach, the beginning of the nominal day.
  engine::Day nominal;
  std::optional<engine::Occasion> occasion;  // Of a plan for posts.
};
// Nothing where there is no such plan, or nothing comes.
std::optional<Coming> ComingOf(const Library& library, const std::string& plan);

// A workspace in which nothing has happened.
LibraryPtr EmptyLibrary();

// The library after a commit; the same pointer when it changes nothing. FAILED_PRECONDITION when a published source
// no longer compiles: this program is not the one to open that workspace.
absl::StatusOr<LibraryPtr> LibraryAfter(LibraryPtr library, const v1::Commit& commit);

// Brings the library's rows up to a commit.
void PutLibraryRows(const v1::Commit& commit, engine::Rows& rows);

// The library that the rows hold.
absl::StatusOr<LibraryPtr> LoadLibrary(const store::Snapshot& rows);

// Keys of those rows.
inline constexpr char kWorkspaceKey[] = "workspace";
std::string ProcedureKey(absl::string_view procedure, uint32_t version);

}  // namespace duban::node
