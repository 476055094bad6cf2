// Views: rows computed from events. Disposable: a function of the log alone, under the view's version.
//
// A view turns what happened to a case into changes of rows. It reads and writes rows through Rows, knows nothing of
// how they are kept, and is called for every change in the log's order, inside the batch that makes the change
// durable. Rows of one view live in tables of their own (views/tables.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/cases/audience.h"
#include "engine/directory/directory.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// Which family of rows a key belongs to. The numbers are stored: never reuse one.
enum class Table : uint8_t {
  kCaseSnapshot = 1,  // case name -> CaseState, every so many revisions
  kCaseNumber = 2,    // number -> case name
  kSeries = 3,        // series -> last number given (8 bytes, big-endian)
  kDedup = 4,         // actor, key -> where the first answer is found
  kLedger = 10,       // case name -> LedgerEntry
  kLedgerIndex = 11,  // audience id, newest first -> case name
  kLedgerCount = 12,  // audience, procedure, stage, light, timeliness, open -> count
  kWorklist = 13,     // assignee, due, opened, case -> WorklistItem
  kAlert = 14,        // alert name -> AlertEntry
  kAlertIndex = 15,   // audience id, newest first -> alert name
  kDirectory = 20,    // entity -> newest UnitPut, PostPut, PersonPut, RelationPut event
  kCalendar = 21,     // year -> newest CalendarPublished event
  kProcedure = 22,    // name, version -> ProcedurePublished event
  kWorkspace = 23,    // "workspace" -> WorkspaceCreated event
};

// Rows as they stand at this point of the log.
class Rows {
 public:
  virtual ~Rows() = default;
  // The value, or nullopt.
  virtual std::optional<std::string> Get(Table table, absl::string_view key) = 0;
  virtual void Put(Table table, absl::string_view key, std::string value) = 0;
  virtual void Delete(Table table, absl::string_view key) = 0;
};

// What happened to one case in one commit.
struct CaseChange {
  const Procedure& procedure;
  const duban::state::v1::CaseState* before;  // Null when it was opened here.
  const duban::state::v1::CaseState& after;
  const v1::StreamPart& part;
  const Directory& directory;
};

// One view. Stateless: everything it remembers is in its rows.
class View {
 public:
  virtual ~View() = default;
  // Its name and the version of its definition: a change of meaning is a new version.
  virtual absl::string_view name() const = 0;
  virtual uint32_t version() const = 0;
  // Brings the rows from `before` to `after`.
  virtual void Apply(const CaseChange& change, Rows& rows) const = 0;
};

// The views, each in a file of its own.
const View& LedgerView();
const View& WorklistView();
const View& AlertView();

// Rows that the sequencer itself needs: snapshots every so many revisions, numbers, series.
const View& CaseIndexView();

}  // namespace duban::engine
