// Rows as views and the sequencer keep them: the door to what is derived from the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace duban::engine {

// Which family of rows a key belongs to. The numbers are stored: never reuse one (10 to 15 were the first views').
enum class Table : uint8_t {
  kCaseSnapshot = 1,  // case name -> CaseState, every so many revisions
  kCaseNumber = 2,    // number -> case name
  kSeries = 3,        // series -> last number given (8 bytes, big-endian)
  kDedup = 4,         // actor, key -> where the first answer is found
  kFile = 5,          // file -> the cases that refer to it, a line each
  kFileErased = 6,    // file -> nothing: it has been erased
  kOpenCase = 7,      // position of the opening commit, case name -> nothing; cases that have not ended
  kRowsFormat = 8,    // "rows" -> the version of all rows but the views' (8 bytes, big-endian)
  kRegistered = 9,    // register, subject -> the cases by which it stands there, a line each; what `in_register` asks
  kParts = 16,        // whole -> its parts, a line each, in the order in which they became so
  kOpenParts = 17,    // whole -> how many of them are open (8 bytes, big-endian); what `parts_open` asks
  kBallotBox = 28,    // case that collects, or did last -> the boxes it has sealed (views/case_index.h)
  kUnitAsked = 29,    // unit, topic, first day, case -> UnitAsked; what the guard on burdens asks
  kDraw = 12,         // draw name -> Draw; "newest", position (newest first) -> draw name
  kDirectory = 20,    // entity -> newest UnitPut, PostPut, PersonPut, RelationPut, Delegation… event
  kCalendar = 21,     // year -> newest CalendarPublished event
  kProcedure = 22,    // name, version -> ProcedurePublished event
  kWorkspace = 23,    // "workspace" -> WorkspaceCreated event
  kJob = 24,          // job name -> JobRecord
  kJobIndex = 25,     // which jobs run, which is newest, how far deadlines are recounted (services/node/jobs)
  kDocument = 26,     // document -> Document; "number/", number -> document
  kViewRow = 30,      // view, key -> ViewEntry
  kViewIndex = 31,    // view, label, value, audience id, place, key -> key
  kViewCount = 32,    // view, audience, counted labels -> count (8 bytes, two's complement); cells also their changes
  kViewKept = 33,     // view, case -> ViewKeys or ViewCounts: what the case has in the view
  kViewBuild = 34,    // view -> ViewBuild
  kChanged = 35,      // position -> ChangedRows
  kViewPart = 36,     // view, case, zero -> PartNode; and "below" -> PartNames: what is rolled up (part_sums.h)

  // From here on: written beside the log by a follower of it, not by Batch::Follow (services/node/past_rows.h).
  kPastRow = 64,    // view, key, zero, position -> the ViewEntry that commit replaced; empty: there was none
  kPastCount = 65,  // view, case, zero, position -> the same of ViewCounts
  kPastIndex = 66,  // as kViewIndex -> position of the last commit that removed it, key
  kPastKept = 67,   // view -> the position from which its past is kept; empty key: up to which
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

}  // namespace duban::engine
