// A procedure stepped through by hand before it is published: the engine in the caller's process, on a virtual clock,
// with posts made up after the procedure's parties. Nothing is kept, and no server is asked.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "duban/v1/audit_service.pb.h"
#include "duban/v1/calendar.pb.h"
#include "duban/v1/case_service.pb.h"
#include "duban/v1/directory.pb.h"
#include "duban/v1/procedure_service.pb.h"

namespace duban::offline {

// So many steps can be taken back; older ones stand.
inline constexpr size_t kUndoMax = 1000;

// What is rehearsed.
struct Setting {
  std::vector<v1::ProcedureFile> files;  // A set, as it would be published.
  std::string procedure;                 // The one of them that is rehearsed.
  std::vector<v1::CalendarYear> years;   // Of working days; years that are not there have Monday to Friday.
  absl::Time start;
};

// What came of a step.
struct Stepped {
  std::vector<v1::EventRecord> events;  // In order; with all that followed.
  std::string refused;                  // The reason where it was refused; then nothing has happened, except that what
  v1::Text message;                     // became due on the way has fired.
};

// An action, and those who may take it now.
struct OpenAction {
  v1::CaseAction action;
  std::vector<std::string> persons;
};

// One rehearsal. Made-up people: a unit has a head and two clerks, a post two holders, a party of several two members;
// above all units stands one more. Days are of the zone +08:00. Not thread-safe.
class Rehearsal {
 public:
  explicit Rehearsal(const Setting& setting);
  ~Rehearsal();

  // What keeps the procedure from being rehearsed, as the server's check says it; empty: the rest may be called.
  const std::vector<v1::ProcedureFinding>& findings() const;

  const std::vector<v1::Unit>& units() const;
  const std::vector<v1::Post>& posts() const;
  const std::vector<v1::Person>& persons() const;  // In the parties' order, clerks before heads.

  // Opens a case, every party bound but the optional ones left out. `from_above`: the unit that opens it stands above
  // the others' (上级交办).
  Stepped Open(const std::vector<v1::FieldValue>& fields, const std::set<std::string>& left_out, bool from_above);
  // Acts as a person; "" : as whoever may. Of several refusals the one that says most.
  Stepped Act(const std::string& case_name, const std::string& person, v1::ActOnCaseRequest request);
  // Moves the clock, never back; what becomes due fires at its own instant.
  Stepped AdvanceTo(absl::Time to);
  // When that much time has passed: "5wd" working days, "10d" days, "2mo" months, "3h" hours, or as procedures write
  // it, "5个工作日". Days keep the time of day. Nothing where that is no length of time.
  std::optional<absl::Time> After(const std::string& span) const;
  // When something becomes due next; nothing when nothing will.
  std::optional<absl::Time> NextDue() const;
  // Takes the last step back that was not refused; false when there is none (any more).
  bool Undo();

  absl::Time now() const;
  absl::TimeZone zone() const;
  // The case and those that came of it, in the order in which they were opened.
  const std::vector<std::string>& cases() const;
  // As somebody would see it who sees everything.
  v1::Case Show(const std::string& case_name) const;
  // What anybody could do now, in the order of the file.
  std::vector<OpenAction> OpenTo(const std::string& case_name) const;
  // The parties that see it in its stage, by title; empty where all do.
  std::vector<v1::Text> SeenBy(const std::string& case_name) const;
  // All that has happened and was not taken back.
  const std::vector<v1::EventRecord>& history() const;
  // Working days of (from, to].
  int64_t WorkingDays(absl::Time from, absl::Time to) const;

 private:
  class World;
  std::unique_ptr<World> world_;
};

}  // namespace duban::offline
