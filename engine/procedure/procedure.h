// A compiled procedure: an immutable value that deciding reads. Names are indexes' keys no longer than a few dozen
// entries, so vectors in file order serve better than maps.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/v1/value.pb.h"
#include "engine/calendar/calendar.h"
#include "engine/procedure/documents.h"

namespace duban::engine {

enum class PartyKind { kUnit, kPost, kPerson };

// Who takes part.
struct Party {
  std::string name;
  v1::Text title;
  PartyKind kind = PartyKind::kUnit;
  bool many = false;
  bool optional = false;
  bool claimable = false;                  // Bound to candidates; the first to claim it has it alone (点单, 认领).
  bool drawn = false;                      // Bound from a recorded draw, never by hand (两随机).
  std::string right;                       // Whoever acts for it holds this right in the post through which he does.
  std::vector<std::string> never_unit_of;  // Never somebody of the unit of these parties.
  std::vector<std::string> never_person_of;   // Never one of these parties, by person.
  std::vector<std::string> never_related_to;  // Never somebody who has a relation to those of these parties.
  std::vector<std::string> never_acted_in;    // Never somebody who has taken one of these actions in this round.
};

enum class FieldType { kText, kChoice, kNumber, kDate, kInstant, kUnit, kPost, kPerson, kFile };

struct Field {
  std::string name;
  v1::Text title;
  FieldType type = FieldType::kText;
  bool required = false;  // At opening.
  bool many = false;
  bool approximate = false;        // "about" is allowed.
  std::string codes;               // Choice: the code table.
  std::optional<std::string> min;  // Number, date: bounds as written.
  std::optional<std::string> max;
  size_t max_bytes = 0;  // Text: its bound; 0 is the general one.
  bool sealed = false;
  std::vector<std::string> sees;  // Parties that see it; empty: everybody who sees the case.
};

struct Code {
  std::string id;
  v1::Text title;
};

struct CodeTable {
  std::string name;
  std::vector<Code> codes;
};

// A named predicate, or its negation.
struct Guard {
  enum class Test {
    kFieldIs,             // field == value
    kFieldSet,            // field has a value
    kBeforeDue,           // the clock is not past due
    kAssignedBySuperior,  // a superior of the owner opened it
    kFirstRound,          // round is 1
    kSuggestionOpen,      // a suggestion waits for a decision
    kInRegister,          // the party stands in the register, whichever case entered it
    kPartsOpen,           // some part directly below is open; `parts_closed` is its negation
    kObjectionOpen,       // an objection stands
  };
  Test test = Test::kFieldSet;
  bool negated = false;
  std::string subject;  // The field or the clock; kInRegister: the party, empty for all but those that may open.
  std::string value;    // kFieldIs; kInRegister: the register.
  std::string written;  // As it stands in the file, for messages.
};

// How often something may be done.
struct Cap {
  int count = 0;  // 0: no cap.
  bool per_round = false;
};

// One case opened from another, or one for each member of a party, or each value of a field, of this case.
struct Opens {
  std::string procedure;
  std::string each;                           // the new case's party that is bound to each; empty: one case
  std::string of;                             // this case's party, or where there is none its field
  std::map<std::string, std::string> bind;    // the new case's party -> this case's party
  std::map<std::string, std::string> set;     // the new case's field -> this case's field
  v1::LinkKind as = v1::LINK_KIND_FOLLOW_UP;  // What the new case is to this one.
};

// A "party" or "party.head" in `by`, `tell`; in `ask` also "party.superior".
struct Role {
  std::string party;
  bool head = false;
  bool superior = false;  // The heads of the units directly above.
  bool operator==(const Role& other) const = default;
};

struct Action {
  std::string name;
  v1::Text title;
  std::vector<Role> by;
  std::string to;                                         // Empty: stays. "previous": the stage before.
  std::vector<std::string> needs;                         // Fields, and "reason", "note".
  std::vector<std::string> takes;                         // Fields that may be given beside.
  std::vector<std::pair<std::string, std::string>> sets;  // field -> value as written
  v1::Verification verifies = v1::VERIFICATION_UNSPECIFIED;
  v1::Truth finds = v1::TRUTH_UNSPECIFIED;
  std::vector<Role> approved_by;  // Not empty: the action is a request first.
  Cap at_most;
  std::vector<Guard> when;
  v1::Objection objection = v1::OBJECTION_UNSPECIFIED;
  std::optional<Opens> opens;
  std::vector<std::string> rebinds_superior;  // Parties that pass to the superior unit, or to its head's post.
};

// One group of those who rate (评议主体).
struct RaterGroup {
  std::string name;
  v1::Text title;
  std::vector<Role> of;  // Who belongs to it: the members of these, "party.superior" included.
  int64_t weight = 0;    // Its share of the result, in hundredths of a percent.
  int quorum = 0;        // So many of it have to rate out of each `quorum_of`; one at least.
  int quorum_of = 0;
};

// What a stage collects (评议): several rate one party, each once, until the stage's timed move comes.
struct Collect {
  std::vector<RaterGroup> groups;
  std::vector<Field> asks;   // Numbers with bounds. What a ballot gives is their mean.
  Role rated;                // Who is rated: one post or person, or a unit's head; never among those who rate.
  bool renormalise = false;  // An empty group's weight goes to the others; otherwise such a stage is not entered.
  std::string below_quorum;  // Where the case goes when too few rated.
  bool secret = false;       // Ballots carry no names.
  int smallest_group = 0;    // Secret: the mean of fewer ballots is not shown.
  std::string result;        // The field that takes the weighted mean …
  int decimals = 0;          // … rounded half away from zero to so many places.
};

// Who is entered in a register, or leaves it, when a stage begins.
struct Listing {
  std::string register_name;
  std::string party;
  std::optional<Span> keeps;  // Entered: for so long, where that differs from the register's own.
};

// A move that happens by itself.
struct TimedMove {
  Span after;
  std::string to;
};

struct Stage {
  std::string name;
  v1::Text title;
  std::vector<Action> actions;
  std::optional<TimedMove> after;
  bool counts_first = false;  // `counts: both_ends` (public notices count the first and the last day).
  std::string no_deadline;    // The stated reason; empty where there is none.
  v1::EndKind end = v1::END_KIND_UNSPECIFIED;
  std::vector<std::string> sees;                   // Parties that see the case in this stage; empty: all parties.
  std::optional<Opens> opens;                      // On entry.
  std::string reopens_to;                          // On entry: the parent case is opened again at that stage.
  std::map<std::string, std::string> reopens_set;  // the parent's field -> this case's field
  std::optional<Collect> collect;
  std::optional<Listing> leaves;  // On entry, whichever cases entered the party there …
  std::optional<Listing> enters;  // … and after that.
};

// A list of those to whom something applies (负面清单), kept by entries with reason, from and until.
struct Register {
  std::string name;
  v1::Text title;
  PartyKind kind = PartyKind::kUnit;  // What its entries name.
  std::optional<Span> keeps;          // How long an entry stands; none: until somebody lifts it.
};

// An instant of a ladder, counted from the due instant on. What it suggests takes effect when one of those asked
// approves, never by itself: accountability is for whoever is competent (政府督查工作条例 arts. 19-23).
struct LadderRung {
  Span at;
  std::string raises;  // Empty where it only suggests.
  v1::Text title;
  std::vector<Role> tell;
  std::string suggests;        // Empty: nothing.
  std::vector<Role> ask;       // Who decides it.
  std::string enters;          // Approved: those charged are entered in this register …
  std::optional<Span> keeps;   // … for so long, where that differs from the register's own.
  std::optional<Opens> opens;  // Approved: this case is opened.
};

// How a clock may be extended.
struct Extension {
  std::string action;  // "extend_<clock>"
  v1::Text title;
  std::vector<Role> by;
  std::vector<Role> approved_by;
  Cap at_most;
  std::optional<Span>
      by_at_most;  // One extension reaches no further beyond the due instant that holds; none: no bound.
  std::vector<std::string> needs;
};

// How often a report recurs: weeks from Monday, months, quarters, half-years and years of the calendar.
enum class Recurrence { kWeek, kMonth, kQuarter, kHalfYear, kYear };

// A deadline of a case. One of something on the way (a recurring report, a milestone) runs beside those of the matter:
// it is met by an action that gives all its fields, and missing it does not make the matter late.
struct Clock {
  std::string name;
  v1::Text title;
  std::vector<std::string> from;   // Stages; an action is "action:<name>".
  std::vector<std::string> until;  // The same.
  bool stage_only = false;         // A `within`: runs while its stage lasts.
  std::optional<Span> budget;      // Either a budget …
  std::string due_field;           // … or a field that holds the due day or instant.
  bool counts_first = false;
  std::vector<std::string> stops_in;  // Stages in which it is suspended.
  bool restart_on_reentry = false;
  std::vector<Span> remind;
  std::vector<LadderRung> ladder;
  std::vector<std::string> charged_to;  // Parties.
  std::optional<Extension> extend;
  std::optional<Recurrence> every;  // A report for each whole period, due when it ends …
  std::optional<Span> grace;        // … or so much later.
  std::string milestone_of;         // A milestone on the course of this clock: due by `due_field`, or …
  int left_percent = 0;             // … at the end of the day on which so much of that clock's time is left.
  std::vector<std::string> needs;   // Fields that a report, or who reaches a milestone, gives.

  bool on_the_way() const { return every.has_value() || !milestone_of.empty(); }
};

// What a case asks of units (为基层减负): on one topic nobody asks the same unit twice at the same time, nor more often
// in a year than is allowed, however the cases were opened.
struct Burden {
  std::string topic;
  std::string topic_from;  // Instead of `topic`: the choice field whose code's title is the topic.
  std::string party;       // The units of those bound to it are asked.
  int64_t lasts = 1;       // Days from the one on which the case is opened.
  int64_t at_most = 0;     // In a calendar year; 0: no bound.
};

// What a case of this procedure lets some do to other cases (督查组): visits, hearings and urges on record.
struct Mandate {
  std::vector<Role> by;
  std::string in;     // The stage in which it holds.
  std::string over;   // The field with the units of its scope; units below them are covered.
  std::string until;  // The clock of its term; empty: as long as the stage lasts.
};

// One rule of a light scheme; the last that holds gives the colour.
struct LightRule {
  // The last two are for clocks of something on the way, the others for those of the matter; kAlways for both.
  enum class When { kAlways, kLeft, kLeftPercent, kOverdue, kOverdueBy, kMilestoneMissed, kReportsMissed };
  When when = When::kAlways;
  Span span;        // kLeft, kOverdueBy.
  int percent = 0;  // kLeftPercent.
  int times = 0;    // kReportsMissed: so many in a row.
  v1::Light light;
};

struct Procedure {
  std::string name;
  uint32_t version = 0;
  v1::Text title;
  std::vector<std::string> may_open;              // Parties.
  v1::Secrecy secrecy = v1::SECRECY_UNSPECIFIED;  // How secret its cases are where nobody says.
  std::string numbers;                            // The pattern; empty: cases have no number.
  std::string subject;                            // The field that says what a case is about.
  std::vector<std::string> columns;               // Fields shown in the ledger.
  std::vector<Party> parties;
  std::vector<Field> fields;
  std::vector<Stage> stages;  // The first is where a case begins.
  std::vector<Clock> clocks;  // Those of `within` included.
  std::vector<LightRule> lights;
  std::vector<CodeTable> codes;
  std::vector<Register> registers;  // Those that it names.
  std::optional<Mandate> mandate;
  std::optional<Burden> burden;
  std::vector<DocumentKind> documents;

  const Party* FindParty(absl::string_view name) const;
  const Field* FindField(absl::string_view name) const;
  const Stage* FindStage(absl::string_view name) const;
  const Clock* FindClock(absl::string_view name) const;
  // An action of a stage, or null.
  const Action* FindAction(absl::string_view stage, absl::string_view name) const;
  // The extension with that action's name, or null.
  const Clock* FindExtension(absl::string_view action) const;
  const Code* FindCode(absl::string_view table, absl::string_view id) const;
  const Register* FindRegister(absl::string_view name) const;
  const DocumentKind* FindDocument(absl::string_view name) const;
};

// Procedures by name and version. A case keeps its version.
class Procedures {
 public:
  void Put(std::shared_ptr<const Procedure> procedure);
  // Null when there is none.
  const Procedure* Newest(absl::string_view name) const;
  const Procedure* Find(absl::string_view name, uint32_t version) const;
  std::vector<const Procedure*> All() const;  // The newest of each, by name.

 private:
  std::map<std::string, std::map<uint32_t, std::shared_ptr<const Procedure>>, std::less<>> versions_;
};

}  // namespace duban::engine
