// A desk for tests that read as documents: given what has happened, when somebody does something, then these events.
// Plays the node's part in memory: keeps states, fires timers before a command, gives numbers and ids.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/cases/collecting.h"
#include "engine/cases/decide.h"
#include "engine/cases/drawing.h"
#include "engine/cases/evolve.h"
#include "engine/procedure/compile.h"

namespace duban::engine {

// What somebody did, and what came of it: a line per event ("case: Event words"), or the reason of the refusal.
struct Happened {
  bool refused = false;
  std::string reason;
  std::vector<std::string> events;
};

class Desk {
 public:
  // A city with a supervision office above two bureaus, its working days of 2024 to 2026, and the given procedures.
  explicit Desk(const std::vector<SourceFile>& procedures);

  // Sets the clock; timers fire on the way, each at its own instant. Answers what fired.
  std::vector<std::string> At(const std::string& local_time);  // "2026-09-01 09:00"
  // The same after a time in which nobody was there: what has become due fires only now.
  std::vector<std::string> Wake(const std::string& local_time);

  // Opens a case and remembers it under a nickname.
  Happened Open(const std::string& nickname, const std::string& person, v1::OpenCaseRequest request);
  // Acts; fields as {name, value}, the value in the field's kind.
  Happened Act(const std::string& nickname, const std::string& person, const std::string& action,
               const std::map<std::string, std::string>& fields = {}, const std::string& reason = "");
  Happened Act(const std::string& nickname, const std::string& person, v1::ActOnCaseRequest request);

  // What a job would do to the case.
  Happened HandOver(const std::string& nickname, const v1::HandOver& task);
  Happened Migrate(const std::string& nickname, const v1::Migration& task);
  // What a changed calendar does to it.
  Happened Recount(const std::string& nickname);
  // Issues letters of that kind ("order/letter") about cases; those issued last stand in `letters`.
  Happened Issue(const std::string& person, const std::string& kind, const std::vector<std::string>& nicknames);
  // Takes one in, `action` on each of its cases; how stands in `received`.
  Happened Receive(const std::string& person, const v1::DocumentIssued& letter, const std::string& action);
  std::vector<v1::DocumentIssued> letters;
  v1::DocumentReceived received;
  // Publishes a procedure's next version; what is wrong with it stands in errors().
  void Revise(const SourceFile& procedure);

  const CaseState& State(const std::string& nickname) const;
  bool Knows(const std::string& nickname) const;
  // Gives the case that was opened last without a nickname one; when all have theirs, the last one another.
  void Name(const std::string& nickname);

  v1::FieldValue Field(const std::string& procedure, const std::string& field, const std::string& value) const;
  Instant Parse(const std::string& local_time) const;
  const Procedures& procedures() const { return procedures_; }
  Directory& directory() { return directory_; }
  // A post, and its holder who is put along; empty: it is vacant. Names serve as titles.
  void PutPost(const std::string& name, const std::string& unit, const std::string& holder);
  Calendar& calendar() { return calendar_; }
  OpenBoxes& boxes() { return boxes_; }
  const Zone& zone() const { return zone_; }
  // Draws that whoever opens a case may name, "draws/…".
  std::map<std::string, KnownDraw> draws;
  const std::vector<std::string>& errors() const { return errors_; }

  // When it happened and who typed it, where that differs; empty again after each command.
  std::string occurred;
  std::string entered_for;
  // Told what a command did to each case, `before` being null where it was opened.
  std::function<void(const CaseState* before, const CaseEvents& events)> on_events;

 private:
  void Publish(const std::vector<SourceFile>& procedures);
  Happened Take(const Outcome<Decision>& decision);
  std::vector<std::string> Fire(Instant to, bool away);
  template <typename Decide>
  auto With(const std::string& person, Instant occurred, Decide decide);
  std::string Nickname(const std::string& name) const;
  std::string Line(const std::string& name, const v1::Event& event) const;

  Zone zone_{8 * 3600};
  Directory directory_;
  Calendar calendar_;
  Procedures procedures_;
  Instant now_;
  OpenBoxes boxes_;
  std::map<std::string, CaseState> states_;
  std::map<std::string, std::string> nicknames_;  // case -> nickname
  std::map<std::string, uint64_t> series_;
  int cases_ = 0;
  int documents_ = 0;
  std::string for_next_;              // The nickname of the case that is opened next.
  std::vector<std::string> unnamed_;  // Opened without a nickname, in order.
  std::string last_named_;
  std::vector<std::string> errors_;
};

}  // namespace duban::engine
