#include "tests/engine/support/desk.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/cases/burden.h"
#include "engine/cases/fields.h"
#include "engine/cases/parts.h"
#include "engine/documents/letters.h"

namespace duban::engine {
namespace {

struct UnitRow {
  const char* name;
  const char* title;
  const char* code;
  const char* superior;
  const char* head;
};
struct PostRow {
  const char* name;
  const char* title;
  const char* unit;
  const char* holder;
  const char* rights;
};

constexpr UnitRow kUnits[] = {
    {"units/shi", "市政府", "市府", "", ""},
    {"units/duchashi", "市督查室", "督查", "units/shi", "posts/duchashi-zhuren"},
    {"units/zhujian", "市住建局", "住建", "units/shi", "posts/zhujian-juzhang"},
    {"units/shuiwu", "市水务局", "水务", "units/shi", "posts/shuiwu-juzhang"},
};
constexpr PostRow kPosts[] = {
    {"posts/duchashi-zhuren", "督查室主任", "units/duchashi", "persons/duchashi-zhuren", ""},
    {"posts/duchayi-kezhang", "督查一科科长", "units/duchashi", "persons/duchayi-kezhang", ""},
    {"posts/ducha-yanshou", "督查室验收岗", "units/duchashi", "persons/ducha-yanshou", ""},
    {"posts/zhujian-juzhang", "住建局局长", "units/zhujian", "persons/zhujian-juzhang", ""},
    {"posts/zhujian-jingban", "住建局经办岗", "units/zhujian", "persons/zhujian-jingban", ""},
    {"posts/shuiwu-juzhang", "水务局局长", "units/shuiwu", "persons/shuiwu-juzhang", ""},
    {"posts/shuiwu-jingban", "水务局经办岗", "units/shuiwu", "persons/shuiwu-jingban", ""},
    {"posts/luru", "录入岗", "units/duchashi", "persons/luru", "enter"},
};

// Days of the yearly notices (国办发明电〔2023〕7号, 〔2024〕12号, and that of 2025-11 for 2026).
struct Range {
  const char* from;
  const char* to;
  v1::DayType type;
};
constexpr Range kDays[] = {
    {"2025-01-01", "2025-01-01", v1::DAY_TYPE_HOLIDAY}, {"2025-01-26", "2025-01-26", v1::DAY_TYPE_WORKDAY},
    {"2025-01-28", "2025-02-04", v1::DAY_TYPE_HOLIDAY}, {"2025-02-08", "2025-02-08", v1::DAY_TYPE_WORKDAY},
    {"2025-04-04", "2025-04-06", v1::DAY_TYPE_HOLIDAY}, {"2025-04-27", "2025-04-27", v1::DAY_TYPE_WORKDAY},
    {"2025-05-01", "2025-05-05", v1::DAY_TYPE_HOLIDAY}, {"2025-05-31", "2025-06-02", v1::DAY_TYPE_HOLIDAY},
    {"2025-09-28", "2025-09-28", v1::DAY_TYPE_WORKDAY}, {"2025-10-01", "2025-10-08", v1::DAY_TYPE_HOLIDAY},
    {"2025-10-11", "2025-10-11", v1::DAY_TYPE_WORKDAY}, {"2026-01-01", "2026-01-03", v1::DAY_TYPE_HOLIDAY},
    {"2026-01-04", "2026-01-04", v1::DAY_TYPE_WORKDAY}, {"2026-02-14", "2026-02-14", v1::DAY_TYPE_WORKDAY},
    {"2026-02-15", "2026-02-23", v1::DAY_TYPE_HOLIDAY}, {"2026-02-28", "2026-02-28", v1::DAY_TYPE_WORKDAY},
    {"2026-04-04", "2026-04-06", v1::DAY_TYPE_HOLIDAY}, {"2026-05-01", "2026-05-05", v1::DAY_TYPE_HOLIDAY},
    {"2026-05-09", "2026-05-09", v1::DAY_TYPE_WORKDAY}, {"2026-06-19", "2026-06-21", v1::DAY_TYPE_HOLIDAY},
    {"2026-09-20", "2026-09-20", v1::DAY_TYPE_WORKDAY}, {"2026-09-25", "2026-09-27", v1::DAY_TYPE_HOLIDAY},
    {"2026-10-01", "2026-10-07", v1::DAY_TYPE_HOLIDAY}, {"2026-10-10", "2026-10-10", v1::DAY_TYPE_WORKDAY},
};

void FillDirectory(Directory& directory) {
  for (const UnitRow& row : kUnits) {
    v1::Event event;
    v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
    unit.set_name(row.name);
    unit.set_title(row.title);
    unit.set_code(row.code);
    unit.set_head(row.head);
    if (*row.superior != 0) unit.add_superiors(row.superior);
    directory.Evolve(event);
  }
  for (const PostRow& row : kPosts) {
    v1::Event event;
    v1::Post& post = *event.mutable_post_put()->mutable_post();
    post.set_name(row.name);
    post.set_title(row.title);
    post.set_unit(row.unit);
    post.add_holders(row.holder);
    if (*row.rights != 0) post.add_rights(row.rights);
    directory.Evolve(event);
    v1::Event person;
    person.mutable_person_put()->mutable_person()->set_name(row.holder);
    person.mutable_person_put()->mutable_person()->set_title(row.title);
    directory.Evolve(person);
  }
}

void FillCalendar(Calendar& calendar) {
  for (int year : {2025, 2026}) {
    v1::CalendarYear published;
    published.set_year(year);
    for (const Range& range : kDays) {
      const Day to = *ParseDay(range.to);
      for (Day day = *ParseDay(range.from); day <= to; ++day) {
        if (day.year() != year) continue;
        v1::CalendarDay& listed = *published.add_days();
        listed.set_date(FormatDay(day));
        listed.set_type(range.type);
      }
    }
    calendar.Put(published, calendar.version() + 1);
  }
}

class DeskDraws : public Draws {
 public:
  explicit DeskDraws(const std::map<std::string, KnownDraw>& draws) : draws_(draws) {}
  std::optional<KnownDraw> Find(absl::string_view name) const override {
    const auto found = draws_.find(std::string(name));
    return found == draws_.end() ? std::nullopt : std::optional<KnownDraw>(found->second);
  }

 private:
  const std::map<std::string, KnownDraw>& draws_;
};

}  // namespace

Desk::Desk(const std::vector<SourceFile>& procedures) : now_(Parse("2026-09-01 09:00")) {
  FillDirectory(directory_);
  FillCalendar(calendar_);
  Publish(procedures);
}

void Desk::Publish(const std::vector<SourceFile>& procedures) {
  Compiled compiled = Compile(procedures, procedures_);
  for (const Finding& finding : compiled.findings) {
    if (!finding.warning) errors_.push_back(absl::StrCat(finding.path, ":", finding.line, " ", finding.message.en()));
  }
  for (Procedure& procedure : compiled.procedures) {
    const Procedure* before = procedures_.Newest(procedure.name);
    procedure.version = before == nullptr ? 1 : before->version + 1;
    procedures_.Put(std::make_shared<const Procedure>(std::move(procedure)));
  }
}

Instant Desk::Parse(const std::string& local_time) const {
  absl::Time t;
  std::string error;
  DUBAN_CHECK(absl::ParseTime("%Y-%m-%d %H:%M", local_time, absl::FixedTimeZone(8 * 3600), &t, &error),
              "a test's time is written 2026-09-01 09:00");
  return t;
}

namespace {

// What the cases of a desk ask of units; everybody may see it.
class DeskBurdens final : public Burdens {
 public:
  explicit DeskBurdens(const std::map<std::string, CaseState>& states) : states_(states) {}
  std::vector<Asking> Of(absl::string_view unit, absl::string_view topic, Day first, Day last) const override {
    std::vector<Asking> out;
    for (const auto& [name, state] : states_) {
      const v1::UnitsAsked& asked = state.burden();
      const bool of_it = std::find(asked.units().begin(), asked.units().end(), unit) != asked.units().end();
      if (!AsksUnits(state) || !of_it || asked.topic() != topic) continue;
      const Asking one{name, state.number(), *ParseDay(asked.first_day()), *ParseDay(asked.last_day()),
                       asked.at_most()};
      if (one.first <= last && one.last >= first) out.push_back(one);
    }
    return out;
  }

 private:
  const std::map<std::string, CaseState>& states_;
};

}  // namespace

template <typename Decide>
auto Desk::With(const std::string& person, Instant occurred_at, Decide decide) {
  const auto fresh = [&] { return absl::StrCat("cases/c", ++cases_); };
  // A decision may take several numbers of one series.
  std::map<std::string, uint64_t> given = series_;
  const auto next = [&](absl::string_view series) { return ++given[std::string(series)]; };
  const auto find = [&](absl::string_view name) -> const CaseState* {
    const auto it = states_.find(std::string(name));
    return it == states_.end() ? nullptr : &it->second;
  };
  const auto listed = [&](absl::string_view name, absl::string_view subject) {
    std::vector<std::string> cases;
    for (const auto& [case_name, state] : states_) {
      const auto& entries = state.entries();
      const bool stands = std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
        return entry.register_() == name && entry.subject() == subject;
      });
      if (stands) cases.push_back(case_name);
    }
    return cases;
  };
  const auto parts = [&](absl::string_view whole) {
    std::vector<std::string> names;
    for (const auto& [name, state] : states_) {
      for (const Whole& one : WholesOf(state)) {
        if (one.name == whole) names.push_back(name);
      }
    }
    return names;
  };
  const auto open_parts = [&](absl::string_view whole) {
    uint64_t open = 0;
    for (const std::string& part : parts(whole)) open += states_[part].end_kind() == v1::END_KIND_UNSPECIFIED ? 1 : 0;
    return open;
  };
  const DeskDraws known(draws);
  const DeskBurdens burdens(states_);
  const Context context{now_, occurred_at, person, entered_for, directory_, calendar_, procedures_, zone_,   fresh,
                        next, find,        listed, open_parts,  parts,      &boxes_,   &known,      &burdens};
  return decide(context);
}

Happened Desk::Take(const Outcome<Decision>& decision) {
  Happened out;
  occurred.clear();
  entered_for.clear();
  if (!decision.ok()) {
    out.refused = true;
    out.reason = decision.rejection().reason;
    return out;
  }
  for (const CaseEvents& events : decision->cases) {
    const bool fresh = states_.count(events.name) == 0;
    if (fresh && for_next_.empty()) unnamed_.push_back(events.name);
    if (fresh && !for_next_.empty()) nicknames_[events.name] = std::exchange(for_next_, "");
    CaseState before;
    if (on_events != nullptr && !fresh) before = states_[events.name];
    CaseState& state = states_[events.name];
    state.set_name(events.name);
    for (const v1::Event& event : events.events) {
      Evolve(state, event);
      if (event.has_case_opened() && !event.case_opened().series().empty()) {
        series_[event.case_opened().series()] = event.case_opened().sequence();
      }
      out.events.push_back(Line(events.name, event));
    }
    // What deciding folded on its way is what folding its events gives: anything else would be a second truth.
    DUBAN_CHECK(state.SerializeAsString() == events.after.SerializeAsString(), "decided state equals folded state");
    if (on_events != nullptr) on_events(fresh ? nullptr : &before, events);
  }
  return out;
}

std::vector<std::string> Desk::At(const std::string& local_time) { return Fire(Parse(local_time), false); }
std::vector<std::string> Desk::Wake(const std::string& local_time) { return Fire(Parse(local_time), true); }

std::vector<std::string> Desk::Fire(Instant to, bool away) {
  std::vector<std::string> fired;
  for (;;) {
    const CaseState* first = nullptr;
    for (const auto& [name, state] : states_) {
      if (first == nullptr || NextDue(state) < NextDue(*first)) first = &state;
    }
    if (first == nullptr || NextDue(*first) > to) break;
    now_ = away ? to : std::max(now_, NextDue(*first));
    const Happened happened =
        Take(With("", now_, [&](const Context& context) { return DecideTimers(context, *first); }));
    DUBAN_CHECK(!happened.refused && !happened.events.empty(), "what is due fires");
    for (const std::string& line : happened.events) {
      fired.push_back(absl::StrCat(zone_.Format(now_), " ", line));
    }
  }
  now_ = to;
  return fired;
}

Happened Desk::Open(const std::string& nickname, const std::string& person, v1::OpenCaseRequest request) {
  const Instant at = occurred.empty() ? now_ : Parse(occurred);
  for_next_ = nickname;
  Happened happened = Take(With(person, at, [&](const Context& context) { return DecideOpen(context, request); }));
  for_next_.clear();
  return happened;
}

Happened Desk::Act(const std::string& nickname, const std::string& person, v1::ActOnCaseRequest request) {
  const Instant at = occurred.empty() ? now_ : Parse(occurred);
  const CaseState& state = State(nickname);
  return Take(With(person, at, [&](const Context& context) { return DecideAct(context, state, request); }));
}

Happened Desk::Act(const std::string& nickname, const std::string& person, const std::string& action,
                   const std::map<std::string, std::string>& fields, const std::string& reason) {
  v1::ActOnCaseRequest request;
  request.set_action(action);
  request.set_reason(reason);
  if (action == "comment") request.set_note(reason);
  for (const auto& [name, value] : fields) *request.add_fields() = Field(State(nickname).procedure(), name, value);
  return Act(nickname, person, std::move(request));
}

Happened Desk::HandOver(const std::string& nickname, const v1::HandOver& task) {
  const CaseState& state = State(nickname);
  return Take(With("", now_, [&](const Context& context) { return DecideHandOver(context, state, task); }));
}

Happened Desk::Migrate(const std::string& nickname, const v1::Migration& task) {
  const CaseState& state = State(nickname);
  return Take(With("", now_, [&](const Context& context) { return DecideMigration(context, state, task); }));
}

Happened Desk::Recount(const std::string& nickname) {
  const CaseState& state = State(nickname);
  return Take(With("", now_, [&](const Context& context) { return DecideRecount(context, state); }));
}

Happened Desk::Issue(const std::string& person, const std::string& kind, const std::vector<std::string>& nicknames) {
  const LetterKind letter = FindLetterKind(procedures_, kind);
  DUBAN_CHECK(letter.kind != nullptr, "the test names a letter that its procedure has");
  return With(person, now_, [&](const Context& context) {
    std::vector<const CaseState*> cases;
    for (const std::string& nickname : nicknames) {
      const Outcome<Capacity> may = MayStandIn(context, letter, State(nickname));
      if (!may.ok()) return Take(may.rejection());
      cases.push_back(&State(nickname));
    }
    const auto fresh = [&] { return absl::StrCat("documents/d", ++documents_); };
    Outcome<Letters> issued = DecideLetters(context, fresh, letter, cases);
    if (!issued.ok()) return Take(issued.rejection());
    letters = std::move(issued->letters);
    for (const v1::DocumentIssued& one : letters) series_[SeriesKey(one.series())] = one.sequence();
    return Take(std::move(issued->filed));
  });
}

Happened Desk::Receive(const std::string& person, const v1::DocumentIssued& letter, const std::string& action) {
  const Instant at = occurred.empty() ? now_ : Parse(occurred);
  return With(person, at, [&](const Context& context) {
    std::vector<LetterCase> cases;
    for (const v1::DocumentCase& named : letter.cases()) {
      cases.push_back({named, &states_.at(named.case_()), ""});
    }
    Outcome<Receipt> receipt = DecideReceipt(context, letter, action, "", cases);
    if (!receipt.ok()) return Take(receipt.rejection());
    received = std::move(receipt->received);
    return Take(std::move(receipt->taken));
  });
}

void Desk::Revise(const SourceFile& procedure) { Publish({procedure}); }

void Desk::PutPost(const std::string& name, const std::string& unit, const std::string& holder) {
  v1::Event event;
  v1::Post& post = *event.mutable_post_put()->mutable_post();
  post.set_name(name);
  post.set_title(name);
  post.set_unit(unit);
  if (!holder.empty()) post.add_holders(holder);
  directory_.Evolve(event);
  if (holder.empty()) return;
  v1::Event person;
  person.mutable_person_put()->mutable_person()->set_name(holder);
  person.mutable_person_put()->mutable_person()->set_title(holder);
  directory_.Evolve(person);
}

const CaseState& Desk::State(const std::string& nickname) const {
  for (const auto& [name, nick] : nicknames_) {
    if (nick == nickname) return states_.at(name);
  }
  DUBAN_CHECK(false, "the test names a case that it has not opened");
  std::abort();
}

bool Desk::Knows(const std::string& nickname) const {
  return std::any_of(nicknames_.begin(), nicknames_.end(), [&](const auto& one) { return one.second == nickname; });
}

void Desk::Name(const std::string& nickname) {
  if (!unnamed_.empty()) {
    last_named_ = unnamed_.back();
    unnamed_.pop_back();
  }
  nicknames_[last_named_] = nickname;
}

v1::FieldValue Desk::Field(const std::string& procedure, const std::string& name, const std::string& value) const {
  v1::FieldValue out;
  out.set_field(name);
  const engine::Field* field = procedures_.Newest(procedure)->FindField(name);
  if (field == nullptr && IsDecimal(value)) {
    out.add_values()->set_number(value);  // What a ballot is asked.
  } else if (field == nullptr) {
    out.add_values()->set_text(value);
  } else if (field->sealed) {
    v1::Sealed& sealed = *out.add_values()->mutable_sealed();
    sealed.set_key_id("case:test");
    sealed.set_digest(std::string(32, value.empty() ? '?' : value[0]));
  } else if (field->type == FieldType::kInstant) {
    *out.add_values()->mutable_instant() = ToProto(Parse(value));
  } else {
    const Outcome<v1::Value> parsed = ParseWritten(*field, value);
    *out.add_values() = parsed.ok() ? *parsed : v1::Value();
  }
  return out;
}

std::string Desk::Nickname(const std::string& name) const {
  const auto it = nicknames_.find(name);
  return it == nicknames_.end() ? "?" : it->second;
}

std::string Desk::Line(const std::string& name, const v1::Event& event) const {
  const auto at = [&](const google::protobuf::Timestamp& t) { return zone_.Format(FromProto(t)); };
  const auto behalf = [](const auto& e) { return e.on_behalf_of().empty() ? "" : " for " + e.on_behalf_of(); };
  std::string words;
  if (event.has_case_opened()) {
    words = absl::StrCat("CaseOpened ", event.case_opened().procedure(), " ", event.case_opened().number(),
                         behalf(event.case_opened()));
  } else if (event.has_fields_set()) {
    std::vector<std::string> names;
    for (const auto& f : event.fields_set().fields()) names.push_back(f.field());
    words = absl::StrCat("FieldsSet ", absl::StrJoin(names, ","));
  } else if (event.has_stage_entered()) {
    words = absl::StrCat("StageEntered ", event.stage_entered().stage());
    if (event.stage_entered().has_moves_at()) {
      absl::StrAppend(&words, " until ", at(event.stage_entered().moves_at()));
    }
  } else if (event.has_action_taken()) {
    words = absl::StrCat("ActionTaken ", event.action_taken().action(), behalf(event.action_taken()));
  } else if (event.has_approval_requested()) {
    words = absl::StrCat("ApprovalRequested ", event.approval_requested().action(),
                         event.approval_requested().after_due() ? " too late" : "", behalf(event.approval_requested()));
  } else if (event.has_approval_decided()) {
    words = absl::StrCat("ApprovalDecided ", event.approval_decided().action(),
                         event.approval_decided().approved() ? " yes" : " no", behalf(event.approval_decided()));
  } else if (event.has_clock_started()) {
    words = absl::StrCat("ClockStarted ", event.clock_started().clock(), " due ", at(event.clock_started().due()));
  } else if (event.has_clock_paused()) {
    words = absl::StrCat("ClockPaused ", event.clock_paused().clock(), " left ", event.clock_paused().remaining());
  } else if (event.has_clock_resumed()) {
    words = absl::StrCat("ClockResumed ", event.clock_resumed().clock(), " due ", at(event.clock_resumed().due()));
  } else if (event.has_clock_moved()) {
    words = absl::StrCat("ClockMoved ", event.clock_moved().clock(), " due ", at(event.clock_moved().due()));
  } else if (event.has_clock_stopped()) {
    words = absl::StrCat("ClockStopped ", event.clock_stopped().clock(), event.clock_stopped().late() ? " late" : "",
                         event.clock_stopped().fell_away() ? " fell away" : "");
  } else if (event.has_rung_fired()) {
    words = absl::StrCat("RungFired ", event.rung_fired().clock(), " ", event.rung_fired().rung().rung());
    for (const v1::ToldInstead& instead : event.rung_fired().rung().instead()) {
      absl::StrAppend(&words, " ", instead.vacant(), " vacant: ", absl::StrJoin(instead.told(), ","));
    }
  } else if (event.has_rung_suppressed()) {
    words = absl::StrCat("RungSuppressed ", event.rung_suppressed().clock(), " ", event.rung_suppressed().rung());
  } else if (event.has_rung_withdrawn()) {
    words = absl::StrCat("RungWithdrawn ", event.rung_withdrawn().clock(), " ", event.rung_withdrawn().rung());
  } else if (event.has_document_filed()) {
    words = absl::StrCat("DocumentFiled ", event.document_filed().number());
  } else if (event.has_case_ended()) {
    words = absl::StrCat("CaseEnded ", v1::EndKind_Name(event.case_ended().kind()).substr(9),
                         event.case_ended().late() ? " late" : "");
  } else if (event.has_case_reopened()) {
    words = absl::StrCat("CaseReopened round ", event.case_reopened().round());
  } else if (event.has_suggestion_decided()) {
    words = absl::StrCat("SuggestionDecided ", event.suggestion_decided().suggests(),
                         event.suggestion_decided().approved() ? " yes" : " no");
  } else if (event.has_register_entered()) {
    words =
        absl::StrCat("RegisterEntered ", event.register_entered().register_(), " ", event.register_entered().subject());
    if (event.register_entered().has_until()) absl::StrAppend(&words, " until ", at(event.register_entered().until()));
  } else if (event.has_register_left()) {
    words = absl::StrCat("RegisterLeft ", event.register_left().entry());
  } else if (event.has_party_rebound()) {
    std::vector<std::string> bound;
    for (const v1::BoundId& id : event.party_rebound().bound()) bound.push_back(id.id());
    words = absl::StrCat("PartyRebound ", event.party_rebound().party(), " ", absl::StrJoin(bound, ","));
  } else if (event.has_case_migrated()) {
    words = absl::StrCat("CaseMigrated ", event.case_migrated().to_version(), " ", event.case_migrated().stage());
  } else if (event.has_transfer_offered()) {
    words = absl::StrCat("TransferOffered ", event.transfer_offered().party(), " ", event.transfer_offered().to());
  } else if (event.has_transfer_answered()) {
    words = absl::StrCat("TransferAnswered ", event.transfer_answered().taken() ? "yes" : "no");
  } else if (event.has_collect_began()) {
    words = "CollectBegan";
    for (const auto& group : event.collect_began().groups()) {
      absl::StrAppend(&words, " ", group.group(), " ", group.electors_size());
    }
  } else if (event.has_ballot_cast()) {
    words = absl::StrCat("BallotCast ", event.ballot_cast().person());
  } else if (event.has_collect_closed()) {
    const v1::CollectClosed& closed = event.collect_closed();
    words = closed.quorum() ? absl::StrCat("CollectClosed ", closed.result()) : "CollectClosed too few";
    for (const auto& group : closed.groups()) {
      absl::StrAppend(&words, " ", group.group(), " ", group.cast(), "/", group.electors(), " ",
                      group.withheld() ? "withheld" : group.mean());
    }
  } else if (event.has_part_linked()) {
    words = "PartLinked";
  } else if (event.has_case_merged()) {
    words = absl::StrCat("CaseMerged into ", Nickname(event.case_merged().into()));
  } else if (event.has_duplicate_taken()) {
    words = absl::StrCat("DuplicateTaken ", event.duplicate_taken().counted());
  }
  return absl::StrCat(Nickname(name), ": ", words);
}

}  // namespace duban::engine
