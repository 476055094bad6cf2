#include "clients/offline/rehearsal.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/offline/compiled.h"
#include "engine/base/check.h"
#include "engine/cases/collecting.h"
#include "engine/cases/decide.h"
#include "engine/cases/drawing.h"
#include "engine/cases/parts.h"
#include "engine/cases/present.h"
#include "engine/procedure/span.h"

namespace duban::offline {
namespace {

using engine::CaseState;
using engine::Instant;

constexpr int kYearsBefore = 2;  // Of working days, around the start, where no file gives them.
constexpr int kYearsAfter = 30;
constexpr int kOffset_s = 8 * 3600;
const char* const kMembers[] = {"甲", "乙"};

// Refusals that say only that it was the wrong person say least.
int Weight(const std::string& reason) {
  return reason == "NOT_YOUR_PART" ? 0 : absl::StartsWith(reason, "FORBIDDEN_") ? 1 : 2;
}

// A length of time as it is typed beside those that procedures write.
std::optional<engine::Span> ReadSpan(absl::string_view text) {
  const std::pair<const char*, const char*> kShort[] = {
      {"wd", " working days"}, {"mo", " months"}, {"d", " days"}, {"h", " hours"}};
  for (const auto& [typed, written] : kShort) {
    if (absl::ConsumeSuffix(&text, typed)) return engine::ParseSpan(absl::StrCat(text, written));
  }
  return engine::ParseSpan(text);
}

// The people that a procedure's parties need.
class Cast {
 public:
  Cast(const engine::Procedure& procedure, engine::Directory& directory) : directory_(directory) {
    Unit("上级单位", "units/above");
    std::vector<v1::Person> heads;
    for (const engine::Party& party : procedure.parties) {
      for (int i = 0; i < (party.many ? 2 : 1); ++i) {
        Add(party,
            absl::StrCat(party.title.zh().empty() ? party.name : party.title.zh(), party.many ? kMembers[i] : ""),
            heads);
      }
    }
    heads.push_back(Head("上级单位", "units/above", ""));
    persons.insert(persons.end(), heads.begin(), heads.end());
    for (const v1::Unit& unit : units) Tell([&](v1::Event& e) { *e.mutable_unit_put()->mutable_unit() = unit; });
    for (const v1::Post& post : posts) Tell([&](v1::Event& e) { *e.mutable_post_put()->mutable_post() = post; });
    for (const v1::Person& one : persons) {
      Tell([&](v1::Event& e) { *e.mutable_person_put()->mutable_person() = one; });
    }
  }

  // Puts the units of these below another, or all of them below the one above all.
  void Place(const std::set<std::string>& below, const std::string& above) {
    for (v1::Unit& unit : units) {
      if (unit.name() == "units/above") continue;
      unit.clear_superiors();
      unit.add_superiors(below.count(unit.name()) != 0 ? above : "units/above");
      Tell([&](v1::Event& e) { *e.mutable_unit_put()->mutable_unit() = unit; });
    }
  }

  std::vector<v1::Unit> units;
  std::vector<v1::Post> posts;
  std::vector<v1::Person> persons;
  std::map<std::string, std::vector<std::string>> bound;  // party -> ids
  std::map<std::string, std::vector<std::string>> home;   // party -> units

 private:
  template <typename Fill>
  void Tell(Fill fill) {
    v1::Event event;
    fill(event);
    directory_.Evolve(event);
  }

  std::string Unit(const std::string& title, std::string name = "") {
    v1::Unit& unit = units.emplace_back();
    unit.set_name(name.empty() ? absl::StrCat("units/u", units.size()) : name);
    unit.set_title(title);
    unit.set_code(title);
    if (name.empty()) unit.add_superiors("units/above");
    return unit.name();
  }

  v1::Person Person(const std::string& title) {
    v1::Person person;
    person.set_name(absl::StrCat("persons/p", ++people_));
    person.set_title(title);
    return person;
  }

  std::string Post(const std::string& title, const std::string& unit, const std::string& right,
                   const std::vector<std::string>& holders) {
    v1::Post& post = posts.emplace_back();
    post.set_name(absl::StrCat("posts/q", posts.size()));
    post.set_title(title);
    post.set_unit(unit);
    if (!right.empty()) post.add_rights(right);
    for (const std::string& holder : holders) post.add_holders(holder);
    return post.name();
  }

  v1::Person Head(const std::string& title, const std::string& unit, const std::string& right) {
    v1::Person head = Person(title + "负责人");
    const std::string post = Post(head.title(), unit, right, {head.name()});
    for (v1::Unit& one : units) {
      if (one.name() == unit) one.set_head(post);
    }
    return head;
  }

  void Add(const engine::Party& party, const std::string& title, std::vector<v1::Person>& heads) {
    std::string id;
    std::string unit;
    if (party.kind == engine::PartyKind::kUnit) {
      id = unit = Unit(title);
      for (const char* which : kMembers) {
        persons.push_back(Person(absl::StrCat(title, "经办岗", which)));
        Post(persons.back().title(), unit, party.right, {persons.back().name()});
      }
      heads.push_back(Head(title, unit, party.right));
    } else {
      unit = Unit(title + "所在单位");
      const bool post = party.kind == engine::PartyKind::kPost;
      std::vector<std::string> holders;
      for (int i = 0; i < (post ? 2 : 1); ++i) {
        persons.push_back(Person(absl::StrCat(title, post ? kMembers[i] : "")));
        holders.push_back(persons.back().name());
      }
      id = Post(title, unit, party.right, holders);
      if (!post) id = holders.front();
    }
    bound[party.name].push_back(id);
    home[party.name].push_back(unit);
  }

  engine::Directory& directory_;
  int people_ = 0;
};

constexpr char kDraws[] = "draws/";

// Whoever is to be drawn is taken to have been: "draws/<party>" drew the party's members.
class CastDraws : public engine::Draws {
 public:
  explicit CastDraws(const Cast& cast) : cast_(cast) {}
  std::optional<engine::KnownDraw> Find(absl::string_view name) const override {
    const auto bound = cast_.bound.find(std::string(absl::StripPrefix(name, kDraws)));
    if (bound == cast_.bound.end()) return std::nullopt;
    return engine::KnownDraw{true, bound->second, ""};
  }

 private:
  const Cast& cast_;
};

engine::Calendar Around(const Setting& setting) {
  engine::Calendar calendar;
  uint32_t version = 0;
  std::map<int, v1::CalendarYear> years;
  const int first = static_cast<int>(engine::Zone(kOffset_s).DayOf(setting.start).year());
  for (int year = first - kYearsBefore; year <= first + kYearsAfter; ++year) years[year].set_year(year);
  for (const v1::CalendarYear& year : setting.years) years[year.year()] = year;
  for (const auto& [number, year] : years) calendar.Put(year, ++version);
  return calendar;
}

}  // namespace

class Rehearsal::World {
 public:
  explicit World(const Setting& setting) : calendar_(Around(setting)) {
    engine::Compiled compiled = engine::Compile(Sources(setting.files), engine::Procedures());
    findings = Findings(compiled.findings, true);
    for (engine::Procedure& one : compiled.procedures) {
      one.version = 1;
      procedures_.Put(std::make_shared<const engine::Procedure>(std::move(one)));
    }
    at_.now = setting.start;
    procedure_ = procedures_.Newest(setting.procedure);
    if (procedure_ != nullptr) cast = std::make_unique<Cast>(*procedure_, directory_);
  }

  Stepped Open(const std::vector<v1::FieldValue>& fields, const std::set<std::string>& left_out, bool from_above) {
    const std::string& opener = procedure_->may_open.front();
    std::set<std::string> below;
    for (const auto& [party, homes] : cast->home) {
      if (from_above && party != opener) below.insert(homes.begin(), homes.end());
    }
    cast->Place(below, cast->home.at(opener).front());
    v1::OpenCaseRequest request;
    request.set_procedure(procedure_->name);
    for (const engine::Party& party : procedure_->parties) {
      if (left_out.count(party.name) != 0) continue;
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party.name);
      if (party.drawn) {
        binding.set_draw(absl::StrCat(kDraws, party.name));
      } else {
        for (const std::string& id : cast->bound.at(party.name)) binding.add_ids(id);
      }
    }
    for (const v1::FieldValue& field : fields) *request.add_fields() = Sealed(*procedure_, field);
    return ByWhoever("", [&](const engine::Context& context) { return engine::DecideOpen(context, request); });
  }

  Stepped Act(const std::string& name, const std::string& person, v1::ActOnCaseRequest request) {
    const CaseState& state = at_.states.at(name);
    for (v1::FieldValue& field : *request.mutable_fields()) field = Sealed(ProcedureOf(state), field);
    return ByWhoever(person,
                     [&](const engine::Context& context) { return engine::DecideAct(context, state, request); });
  }

  Stepped AdvanceTo(Instant to) {
    Remember();
    Stepped out;
    to = std::max(engine::ToTick(to), at_.now);
    for (;;) {
      const CaseState* first = EarliestDue();
      if (first == nullptr || engine::NextDue(*first) > to) break;
      at_.now = std::max(at_.now, engine::NextDue(*first));
      const auto fired = With("", [&](const engine::Context& context) { return DecideTimers(context, *first); });
      if (!fired.ok()) {
        out.refused = fired.rejection().reason;
        out.message = fired.rejection().message;
        return out;
      }
      DUBAN_CHECK(!fired->cases.empty(), "what is due fires");
      Take(*fired, "", out.events);
    }
    at_.now = to;
    return out;
  }

  std::optional<Instant> NextDue() const {
    const CaseState* first = EarliestDue();
    if (first == nullptr || engine::NextDue(*first) == absl::InfiniteFuture()) return std::nullopt;
    return engine::NextDue(*first);
  }

  std::optional<Instant> After(const std::string& text) const {
    const std::optional<engine::Span> span = ReadSpan(text);
    if (!span.has_value()) return std::nullopt;
    const engine::Outcome<Instant> to = calendar_.Shift(at_.now, *span, 1, zone_);
    return to.ok() ? std::optional<Instant>(*to) : std::nullopt;
  }

  bool Undo() {
    if (before_.empty()) return false;
    at_ = std::move(before_.back());
    before_.pop_back();
    return true;
  }

  v1::Case Show(const std::string& name) const {
    const CaseState& state = at_.states.at(name);
    engine::Ids all = {std::string("rights/") + engine::kRightAudit};
    for (const v1::Person& person : cast->persons) {
      for (std::string& id : directory_.ViewerIds(person.name())) all.push_back(std::move(id));
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return engine::PresentCase(ProcedureOf(state), state, all, all, directory_,
                               [&](const auto&, const v1::Sealed& sealed) -> std::optional<std::string> {
                                 const auto plain = plain_.find(sealed.digest());
                                 return plain == plain_.end() ? std::nullopt : std::make_optional(plain->second);
                               });
  }

  std::vector<OpenAction> OpenTo(const std::string& name) const {
    const CaseState& state = at_.states.at(name);
    std::vector<OpenAction> out;
    for (const v1::Person& person : cast->persons) {
      const auto open = With(
          "", [&](const engine::Context& context) { return engine::ActionsOpenTo(context, state, person.name()); });
      for (const v1::CaseAction& action : open) {
        auto known = std::find_if(out.begin(), out.end(),
                                  [&](const OpenAction& one) { return one.action.action() == action.action(); });
        if (known == out.end()) known = out.insert(out.end(), {action, {}});
        known->persons.push_back(person.name());
      }
    }
    const engine::Stage* stage = ProcedureOf(state).FindStage(state.stage());
    const auto place = [&](const OpenAction& one) {
      const auto found = std::find_if(stage->actions.begin(), stage->actions.end(),
                                      [&](const engine::Action& action) { return action.name == one.action.action(); });
      return found - stage->actions.begin();
    };
    std::stable_sort(out.begin(), out.end(),
                     [&](const OpenAction& a, const OpenAction& b) { return place(a) < place(b); });
    return out;
  }

  std::vector<v1::Text> SeenBy(const std::string& name) const {
    const CaseState& state = at_.states.at(name);
    std::vector<v1::Text> out;
    for (const std::string& party : ProcedureOf(state).FindStage(state.stage())->sees) {
      out.push_back(ProcedureOf(state).FindParty(party)->title);
    }
    return out;
  }

  int64_t WorkingDays(Instant from, Instant to) const {
    const auto days = calendar_.Count(zone_.DayOf(from), zone_.DayOf(to), v1::DAY_KIND_WORKING, false);
    return days.ok() ? *days : 0;
  }

  Instant now() const { return at_.now; }
  const std::vector<std::string>& cases() const { return at_.cases; }
  const std::vector<v1::EventRecord>& history() const { return at_.history; }

  std::vector<v1::ProcedureFinding> findings;
  std::unique_ptr<Cast> cast;

 private:
  // All that a step changes.
  struct Moment {
    Instant now;
    std::map<std::string, CaseState> states;
    std::vector<std::string> cases;  // In the order of their opening.
    std::map<std::string, uint64_t> series;
    std::vector<v1::EventRecord> history;
    int commits = 0;
    int fresh = 0;
  };

  void Remember() {
    before_.push_back(at_);
    if (before_.size() > kUndoMax) before_.pop_front();
  }

  const engine::Procedure& ProcedureOf(const CaseState& state) const {
    return *procedures_.Find(state.procedure(), state.procedure_version());
  }

  const CaseState* EarliestDue() const {
    const CaseState* first = nullptr;
    for (const auto& [name, state] : at_.states) {
      if (first == nullptr || engine::NextDue(state) < engine::NextDue(*first)) first = &state;
    }
    return first;
  }

  // Decides with the rehearsal's world around it. What it would have made is not taken yet.
  template <typename Decide>
  auto With(const std::string& person, Decide decide) const
      -> decltype(decide(std::declval<const engine::Context&>())) {
    int fresh = at_.fresh;
    const auto fresh_case = [&] { return absl::StrCat("cases/c", ++fresh); };
    // A decision may take several numbers of one series.
    std::map<std::string, uint64_t> given = at_.series;
    const auto next = [&](absl::string_view series) { return ++given[std::string(series)]; };
    const CastDraws draws(*cast);
    const auto find = [&](absl::string_view name) -> const CaseState* {
      const auto state = at_.states.find(std::string(name));
      return state == at_.states.end() ? nullptr : &state->second;
    };
    const auto listed = [&](absl::string_view name, absl::string_view subject) {
      std::vector<std::string> cases;
      for (const auto& [case_name, state] : at_.states) {
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
      for (const std::string& name : at_.cases) {
        for (const engine::Whole& one : engine::WholesOf(at_.states.at(name))) {
          if (one.name == whole) names.push_back(name);
        }
      }
      return names;
    };
    const auto open_parts = [&](absl::string_view whole) {
      uint64_t open = 0;
      for (const std::string& part : parts(whole)) {
        open += at_.states.at(part).end_kind() == v1::END_KIND_UNSPECIFIED ? 1 : 0;
      }
      return open;
    };
    const engine::Context context{.now = at_.now,
                                  .occurred = at_.now,
                                  .actor = person,
                                  .entered_for = "",
                                  .directory = directory_,
                                  .calendar = calendar_,
                                  .procedures = procedures_,
                                  .zone = zone_,
                                  .fresh_case = fresh_case,
                                  .next_in_series = next,
                                  .find_case = find,
                                  .entered_by = listed,
                                  .open_parts = open_parts,
                                  .parts_of = parts,
                                  .boxes = &boxes_,
                                  .draws = &draws};
    return decide(context);
  }

  // As that person, or as the first who may.
  template <typename Decide>
  Stepped ByWhoever(const std::string& person, Decide decide) {
    Stepped out;
    for (const v1::Person& one : cast->persons) {
      if (!person.empty() && one.name() != person) continue;
      const engine::Outcome<engine::Decision> decision = With(one.name(), decide);
      if (decision.ok()) {
        Remember();
        Stepped done;
        Take(*decision, one.name(), done.events);
        return done;
      }
      const engine::Rejection& rejection = decision.rejection();
      if (!out.refused.empty() && Weight(rejection.reason) <= Weight(out.refused)) continue;
      out.refused = rejection.reason;
      out.message = rejection.message;
    }
    return out;
  }

  void Take(const engine::Decision& decision, const std::string& actor, std::vector<v1::EventRecord>& told) {
    ++at_.commits;
    uint32_t index = 0;
    for (const engine::CaseEvents& part : decision.cases) {
      if (at_.states.count(part.name) == 0) {
        at_.cases.push_back(part.name);
        ++at_.fresh;
      }
      at_.states[part.name] = part.after;
      for (const v1::Event& event : part.events) {
        if (event.has_case_opened() && !event.case_opened().series().empty()) {
          at_.series[event.case_opened().series()] = event.case_opened().sequence();
        }
        v1::EventRecord& record = told.emplace_back();
        record.set_position(absl::StrCat(at_.commits));
        record.set_index(index++);
        *record.mutable_recorded_at() = engine::ToProto(at_.now);
        record.set_actor(actor);
        record.set_stream(part.name);
        *record.mutable_event() = event;
        at_.history.push_back(record);
      }
    }
  }

  // What a sealed field holds goes on as its digest; here a number serves.
  v1::FieldValue Sealed(const engine::Procedure& procedure, v1::FieldValue given) {
    const engine::Field* field = procedure.FindField(given.field());
    if (field == nullptr || !field->sealed) return given;
    for (v1::Value& value : *given.mutable_values()) {
      const std::string digest = absl::StrCat(absl::Dec(plain_.size(), absl::kZeroPad16), std::string(16, '.'));
      plain_[digest] = value.text();
      v1::Sealed& sealed = *value.mutable_sealed();
      sealed.set_key_id("case:rehearsal");
      sealed.set_digest(digest);
    }
    return given;
  }

  const engine::Zone zone_{kOffset_s};
  const engine::Calendar calendar_;
  engine::Directory directory_;
  engine::Procedures procedures_;
  const engine::Procedure* procedure_ = nullptr;
  Moment at_;
  mutable engine::OpenBoxes boxes_;  // What deciding seals and does not take is sealed anew under the same key.
  std::deque<Moment> before_;
  std::map<std::string, std::string> plain_;  // digest -> what was sealed
};

Rehearsal::Rehearsal(const Setting& setting) : world_(std::make_unique<World>(setting)) {}
Rehearsal::~Rehearsal() = default;

const std::vector<v1::ProcedureFinding>& Rehearsal::findings() const { return world_->findings; }
const std::vector<v1::Unit>& Rehearsal::units() const { return world_->cast->units; }
const std::vector<v1::Post>& Rehearsal::posts() const { return world_->cast->posts; }
const std::vector<v1::Person>& Rehearsal::persons() const { return world_->cast->persons; }
Stepped Rehearsal::Open(const std::vector<v1::FieldValue>& fields, const std::set<std::string>& left_out,
                        bool from_above) {
  return world_->Open(fields, left_out, from_above);
}
Stepped Rehearsal::Act(const std::string& case_name, const std::string& person, v1::ActOnCaseRequest request) {
  return world_->Act(case_name, person, std::move(request));
}
Stepped Rehearsal::AdvanceTo(absl::Time to) { return world_->AdvanceTo(to); }
std::optional<absl::Time> Rehearsal::After(const std::string& span) const { return world_->After(span); }
std::optional<absl::Time> Rehearsal::NextDue() const { return world_->NextDue(); }
bool Rehearsal::Undo() { return world_->Undo(); }
absl::Time Rehearsal::now() const { return world_->now(); }
absl::TimeZone Rehearsal::zone() const { return absl::FixedTimeZone(kOffset_s); }
const std::vector<std::string>& Rehearsal::cases() const { return world_->cases(); }
v1::Case Rehearsal::Show(const std::string& case_name) const { return world_->Show(case_name); }
std::vector<OpenAction> Rehearsal::OpenTo(const std::string& case_name) const { return world_->OpenTo(case_name); }
std::vector<v1::Text> Rehearsal::SeenBy(const std::string& case_name) const { return world_->SeenBy(case_name); }
const std::vector<v1::EventRecord>& Rehearsal::history() const { return world_->history(); }
int64_t Rehearsal::WorkingDays(absl::Time from, absl::Time to) const { return world_->WorkingDays(from, to); }

}  // namespace duban::offline
