#include "tests/engine/support/walk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/collecting.h"
#include "engine/cases/evolve.h"
#include "engine/cases/roles.h"
#include "engine/procedure/flow.h"
#include "gtest/gtest.h"

namespace duban::engine {
namespace {

constexpr int kWanders = 52;
constexpr int kStepsToEnd = 1200;
constexpr int kCases = 9;  // Where so many are open, nobody opens more.
constexpr int kPatience = 10;

std::vector<Role> Openers(const Procedure& p) {
  std::vector<Role> out;
  for (const std::string& party : p.may_open) out.push_back(Role{party});
  return out;
}

// A refusal that says that somebody else has to do it.
bool SaysWho(const std::string& reason) {
  static const auto& reasons =
      *new std::set<std::string>{"FORBIDDEN_SAME_UNIT", "FORBIDDEN_SAME_PERSON", "FORBIDDEN_RELATED",
                                 "LEAVES_NOBODY",       "SOLE_DECIDER",          "NOT_YOUR_PART"};
  return reasons.count(reason) != 0;
}

}  // namespace

Walk::Walk(Desk& desk, Dice& dice, const Procedure& procedure, std::string text, Tally& tally)
    : desk_(desk),
      dice_(dice),
      tally_(tally),
      people_(desk, dice, procedure),
      judge_(desk, people_, tally),
      now_(2026, 3, 2, 9, 0),
      text_(std::move(text)) {
  for (int year = 2027; year < 2060; ++year) {
    v1::CalendarYear plain;
    plain.set_year(year);
    desk.calendar().Put(plain, desk.calendar().version() + 1);
  }
  desk.on_events = [this](const CaseState* before, const CaseEvents& events) { judge_.Note(before, events, Minute()); };
  Advance(0);
  if (Open(procedure)) return;
  // Those may not be bound together: whoever has a tie to another party makes room for somebody who has none.
  if (refused_ == "PARTY_NOT_ALLOWED") {
    tally_.Count("bound apart");
    for (const Party& party : procedure.parties) {
      const bool tied = !party.never_unit_of.empty() || !party.never_person_of.empty();
      if (tied) people_.Replace(procedure, party.name);
    }
    judge_.PeopleChanged();
    Open(procedure);
  }
}

bool Walk::Open(const Procedure& procedure) {
  v1::OpenCaseRequest request;
  request.set_procedure(procedure.name);
  for (const Party& party : procedure.parties) {
    if (party.optional && dice_.OneIn(2)) continue;
    v1::PartyBinding& binding = *request.add_parties();
    binding.set_party(party.name);
    for (const std::string& id : people_.Of(party.name)) binding.add_ids(id);
    if (!party.drawn) continue;
    const std::string draw = "draws/" + party.name;
    desk_.draws[draw] = {true, {binding.ids().begin(), binding.ids().end()}, ""};
    binding.clear_ids();
    binding.set_draw(draw);
  }
  for (const Field& field : procedure.fields) {
    if (field.required || dice_.OneIn(4)) *request.add_fields() = Value(procedure, field);
  }
  const std::set<std::string> openers = people_.AllOf(people_.Of(procedure.may_open.front()).front());
  const Happened opened = desk_.Open(Nick(cases_), openers.empty() ? "persons/luru" : *openers.begin(), request);
  refused_ = opened.refused ? opened.reason : "";
  if (opened.refused) return false;
  ++cases_;
  Adopt(opened.events);
  judge_.CheckChanged();
  return true;
}

void Walk::Run() {
  const auto failed = [] { return testing::Test::HasFailure(); };
  if (dice_.OneIn(3)) Open(*desk_.procedures().Newest("made"));  // Perhaps the same matter again.
  if (desk_.procedures().Newest("team") != nullptr) OpenTeam();
  if (dice_.OneIn(2)) IssueLetters();
  for (int step = 0; step < kWanders && !failed(); ++step) {
    if (dice_.OneIn(4)) {
      Advance(1 + dice_.Below(12));
    } else if (dice_.OneIn(6)) {
      Across();
    } else if (const int i = dice_.Below(cases_); State(i).stage() == "working" && !dice_.OneIn(4)) {
      VisitSomewhere(i);  // It is a team.
    } else if (!Wander(i)) {
      Advance(1);
    }
  }
  wanders_ = false;
  std::map<int, Progress> progress;
  for (int step = 0; step < kStepsToEnd; ++step) {
    bool open = false, moved = false;
    for (int i = 0; i < cases_; ++i) {
      if (failed()) return;
      if (Ended(i)) continue;
      open = true;
      moved = StepToEnd(i, progress[i]) || moved;
    }
    if (!open) return;
    if (!moved || dice_.OneIn(6)) Advance(1 + dice_.Below(10));
  }
  for (int i = 0; i < cases_; ++i) {
    if (Ended(i)) continue;
    std::string who;
    for (const v1::BoundParty& party : State(i).parties()) {
      for (const v1::BoundId& id : party.bound()) absl::StrAppend(&who, "; ", party.party(), " is ", id.id());
    }
    for (const auto& request : State(i).requests()) {
      absl::StrAppend(&who, "; ", request.person(), " has asked for ", request.action());
    }
    ADD_FAILURE() << Nick(i) << " of " << State(i).procedure() << " does not come to an end: stage " << State(i).stage()
                  << ", round " << State(i).round() << "; last refused for " << reason_ << who;
  }
}

std::string Walk::Nick(int i) const { return absl::StrCat("case", i); }

std::string Walk::Minute() const {
  return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromCivil(now_, absl::UTCTimeZone()), absl::UTCTimeZone());
}

void Walk::Advance(int days) {
  now_ += static_cast<int64_t>(days) * 24 * 60;
  Adopt(desk_.At(Minute()));
  judge_.CheckChanged();
}

// Gives a case that was opened by another a nickname. (Timers say when before.)
void Walk::Adopt(const std::vector<std::string>& events) {
  for (const std::string& line : events) {
    if (absl::StrContains(line, "?: CaseOpened")) desk_.Name(Nick(cases_++));
  }
}

std::string Walk::ValueOf(const Field& field) {
  switch (field.type) {
    case FieldType::kText:
      return field.sees.empty() || field.sealed ? "文" : kInner;
    case FieldType::kChoice:
      return std::string(1, static_cast<char>('a' + dice_.Below(3)));
    case FieldType::kNumber:
      return field.min.has_value() && dice_.OneIn(2) ? *field.min : field.max.value_or("50");
    case FieldType::kDate: {
      const std::string day = Minute().substr(0, 10);
      if (field.max.has_value()) return *field.max;
      now_ += 60 * 24 * 400;  // Later than any deadline there is, so that an extension is one.
      const std::string later = Minute().substr(0, 10);
      now_ -= 60 * 24 * 400;
      if (dice_.OneIn(4))
        return desk_.zone().Format(desk_.Parse(Minute()) + absl::Hours(24 * dice_.Below(40))).substr(0, 10);
      return dice_.OneIn(2) ? later : std::max(day, field.min.value_or(""));
    }
    case FieldType::kInstant:
      return Minute();
    case FieldType::kUnit:
      return dice_.Pick(people_.units());
    case FieldType::kPost:
      return "posts/luru";
    case FieldType::kPerson:
      return dice_.Pick(people_.persons());
    case FieldType::kFile:
      return "sha256:" + std::string(64, 'a');
  }
  return "";
}

// Often one of those for which guards ask.
std::string Walk::ValueFor(const Procedure& p, const Field& field) {
  std::vector<std::string> asked;
  for (const Stage& stage : p.stages) {
    for (const Action& action : stage.actions) {
      for (const Guard& guard : action.when) {
        if (guard.test == Guard::Test::kFieldIs && guard.subject == field.name) asked.push_back(guard.value);
      }
    }
  }
  return !asked.empty() && dice_.OneIn(2) ? dice_.Pick(asked) : ValueOf(field);
}

v1::FieldValue Walk::Value(const Procedure& p, const Field& field) {
  v1::FieldValue value = desk_.Field(p.name, field.name, ValueFor(p, field));
  if (field.many && dice_.OneIn(2)) {
    const v1::FieldValue more = desk_.Field(p.name, field.name, ValueFor(p, field));
    if (more.values(0).SerializeAsString() != value.values(0).SerializeAsString()) *value.add_values() = more.values(0);
  }
  return value;
}

bool Walk::Try(int i, const std::string& person, const std::string& action, const std::vector<Role>& by,
               std::vector<std::string> fields) {
  v1::ActOnCaseRequest request;
  request.set_action(action);
  request.set_reason("理由");
  request.set_note("备注");
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  for (const std::string& name : fields) {
    const Field* field = ProcedureOf(i).FindField(name);
    if (field == nullptr) continue;
    *request.add_fields() = Value(ProcedureOf(i), *field);
    // Now and then it is cleared; what is needed is not taken empty, and is given the next time.
    if (dice_.OneIn(8)) request.mutable_fields(request.fields_size() - 1)->clear_values();
  }
  return Send(i, person, request, by);
}

bool Walk::Send(int i, const std::string& person, const v1::ActOnCaseRequest& request, const std::vector<Role>& by) {
  const CaseState before = State(i);
  const Action* taken = ProcedureOf(i).FindAction(before.stage(), request.action());
  bool hold = true;
  for (const Guard& guard : taken == nullptr ? std::vector<Guard>() : taken->when) {
    hold = hold && judge_.Holds(guard, before);
    const bool parts = guard.test == Guard::Test::kPartsOpen && judge_.PartsOf(before.name()) > 0;
    if (parts) tally_.Count(judge_.Holds(guard, before) ? "guard on parts held" : "guard on parts failed");
    if (guard.test == Guard::Test::kInRegister) {
      tally_.Count(judge_.Holds(guard, before) != guard.negated ? "stood in the register" : "stood in no register");
    }
  }
  const bool may = by.empty() || judge_.FitsOne(before, person, by);
  const Happened happened = desk_.Act(Nick(i), person, request);
  if (happened.refused) {
    reason_ = happened.reason;
    tally_.Count("refused " + reason_);
    return false;
  }
  EXPECT_TRUE(hold) << request.action() << " of " << Nick(i) << " though one of its guards fails";
  Adopt(happened.events);
  EXPECT_TRUE(may) << person << " may never do " << request.action() << " of " << Nick(i);
  judge_.CheckChanged();
  return true;
}

std::string Walk::SomeoneOf(int i, const std::vector<Role>& roles, bool to_an_end) {
  std::vector<std::string> all;
  if (to_an_end) all = judge_.Fitting(State(i), roles);
  for (const Role& role : all.empty() ? roles : std::vector<Role>()) {
    const std::set<std::string> filling = people_.Filling(State(i), role);
    all.insert(all.end(), filling.begin(), filling.end());
  }
  return all.empty() ? "persons/luru" : dice_.Pick(all);
}

bool Walk::Take(int i, const Action& action, bool to_an_end) {
  std::vector<std::string> fields = action.needs;
  for (const std::string& name : action.takes) {
    if (dice_.OneIn(2)) fields.push_back(name);
  }
  return Try(i, SomeoneOf(i, action.by, to_an_end), action.name, action.by, fields);
}

// Decides what waits for a decision.
bool Walk::Decide(int i, bool to_an_end) {
  const Procedure& p = ProcedureOf(i);
  const CaseState state = State(i);
  for (const auto& request : state.requests()) {
    const Clock* clock = p.FindExtension(request.action());
    const auto [action, behind] = clock == nullptr ? judge_.AskingOf(state, request) : Judge::Asking{};
    const std::vector<Role> by = clock != nullptr    ? clock->extend->approved_by
                                 : action != nullptr ? action->approved_by
                                                     : Openers(p);  // To void it.
    // What was asked for in a stage that the case has left can only be refused.
    const bool refuse = behind || (!to_an_end && dice_.OneIn(3));
    for (int tries = 0; tries < 3; ++tries) {
      const std::string person = SomeoneOf(i, by, to_an_end);
      if (Try(i, person, (refuse ? "refuse_" : "approve_") + request.action(), by, {})) return true;
      // An extension may have been overtaken, its clock have stopped, and some may refuse who may not approve.
      const bool only_so = (clock != nullptr || reason_ == "LEAVES_NOBODY") && to_an_end;
      if (only_so && Try(i, person, "refuse_" + request.action(), by, {})) return true;
    }
  }
  return DecideSuggestion(i);
}

bool Walk::DecideSuggestion(int i) {
  const CaseState state = State(i);
  for (const auto& waits : state.suggestions()) {
    std::vector<std::string> asked;
    for (const std::string& id : waits.ask()) {
      for (const std::string& person : people_.AllOf(id)) asked.push_back(person);
    }
    if (asked.empty()) continue;
    const char* answer = dice_.OneIn(3) ? "refuse_" : "approve_";
    if (Try(i, dice_.Pick(asked), answer + waits.suggests(), {}, {})) return true;
  }
  return false;
}

// Somebody claims what waits to be claimed.
bool Walk::Claim(int i) {
  for (const Party& party : ProcedureOf(i).parties) {
    if (!Unclaimed(party, State(i))) continue;
    v1::ActOnCaseRequest request;
    request.set_action("claim");
    request.set_party(party.name);
    const std::vector<Role> by = {Role{party.name}};
    if (Send(i, SomeoneOf(i, by, true), request, by)) return true;
  }
  return false;
}

bool Walk::Vote(int i) {
  const std::vector<std::string> missing = NotVoted(State(i));
  if (missing.empty()) {
    if (!AllVoted(State(i)) || !dice_.OneIn(2)) return false;
    v1::ActOnCaseRequest request;
    request.set_action("close_collecting");
    return Send(i, SomeoneOf(i, Openers(ProcedureOf(i)), true), request, Openers(ProcedureOf(i)));
  }
  if (missing.size() > 1 && !dice_.OneIn(3)) Vote(i, missing.front());
  return Vote(i, missing.back());
}

bool Walk::Vote(int i, const std::string& elector) {
  v1::ActOnCaseRequest request;
  request.set_action("vote");
  for (const Field& ask : StageOf(i).collect->asks) {
    v1::FieldValue& mark = *request.add_fields();
    mark.set_field(ask.name);
    mark.add_values()->set_number(absl::StrCat(dice_.Below(101)));
  }
  return Send(i, elector, request, {});
}

// Those to whom a part was offered take it, or send it back.
bool Walk::Answer(int i) {
  if (!State(i).has_offer()) return false;
  const std::set<std::string> theirs = people_.AllOf(State(i).offer().to());
  const std::vector<std::string> all(theirs.begin(), theirs.end());
  return !all.empty() && Try(i, dice_.Pick(all), dice_.OneIn(3) ? "send_back" : "take_over", {}, {});
}

// Another of its kind; now and then one that has a part already.
std::string Walk::SomewhereFor(int i, const std::string& party) {
  const PartyKind kind = ProcedureOf(i).FindParty(party)->kind;
  std::vector<std::string> there;
  for (const Party& other : ProcedureOf(i).parties) {
    const v1::BoundParty* bound = other.kind == kind ? FindBound(State(i), other.name) : nullptr;
    if (bound != nullptr) there.push_back(bound->bound(0).id());
  }
  return there.empty() || !wanders_ || dice_.OneIn(2) ? people_.Another(kind) : dice_.Pick(there);
}

bool Walk::Transfer(int i, const std::string& party) {
  v1::ActOnCaseRequest request;
  request.set_action("transfer");
  request.set_reason("理由");
  request.set_party(party);
  request.set_target(SomewhereFor(i, party));
  judge_.PeopleChanged();
  const std::vector<Role> openers = Openers(ProcedureOf(i));
  return Send(i, SomeoneOf(i, openers, true), request, openers);
}

// To somebody who has no tie to anybody: offered by those who opened the case, or where it was drawn, handed over.
bool Walk::PassOn(int i, const std::string& party) {
  const v1::BoundParty bound = *FindBound(State(i), party);
  if (bound.bound_size() == 1 && bound.draw().empty()) return Transfer(i, party) && Answer(i);
  v1::HandOver task;
  task.set_from(bound.bound(0).id());
  task.set_to(people_.Another(ProcedureOf(i).FindParty(party)->kind));
  judge_.PeopleChanged();
  const Happened happened = desk_.HandOver(Nick(i), task);
  judge_.CheckChanged();
  return !happened.refused;
}

bool Walk::BuiltIn(int i) {
  const std::vector<Role> openers = Openers(ProcedureOf(i));
  const std::string person = SomeoneOf(i, openers, false);
  v1::ActOnCaseRequest request;
  request.set_reason("理由");
  switch (dice_.Below(8)) {
    case 0:
      return Try(i, person, "urge", openers, {});
    case 1:
      return Try(i, person, "void", openers, {});
    case 2:
    case 3:
      request.set_action("mark_secrecy");
      request.set_secrecy(dice_.OneIn(2) ? v1::SECRECY_PUBLIC : v1::SECRECY_WORK_SECRET);
      return Send(i, person, request, openers);
    case 4:
    case 5: {
      const int other = dice_.Below(cases_);
      const bool alike = other != i && State(i).procedure() == State(other).procedure();
      request.set_action(alike && !dice_.OneIn(4) ? "merge" : "link");
      request.set_target(State(other).name());
      return Send(i, person, request, openers);
    }
    default:
      return Transfer(i, dice_.Pick(ProcedureOf(i).parties).name);
  }
}

bool Walk::Extend(int i) {
  for (const Clock& clock : ProcedureOf(i).clocks) {
    if (!clock.extend.has_value() || !dice_.OneIn(4)) continue;
    const Extension& extend = *clock.extend;
    if (Try(i, SomeoneOf(i, extend.by, false), extend.action, extend.by, extend.needs)) return true;
  }
  return false;
}

// Something that can be done.
bool Walk::Wander(int i) {
  if (Ended(i)) return false;
  if (dice_.OneIn(2) && Decide(i, false)) return true;
  if (dice_.OneIn(3) && Answer(i)) return true;
  if (dice_.OneIn(6) && Claim(i)) return true;
  if (State(i).has_collecting() && !dice_.OneIn(4) && Vote(i)) return true;
  if (dice_.OneIn(7)) return BuiltIn(i);
  if (Extend(i)) return true;
  const Stage& stage = StageOf(i);
  for (int tries = 0; tries < 4 && !stage.actions.empty(); ++tries) {
    const Action& action = dice_.Pick(stage.actions);
    if (cases_ > kCases && action.opens.has_value()) continue;
    if (Take(i, action, dice_.OneIn(2))) return true;
  }
  return false;
}

// How many stages lie between a stage and an end that reopens nothing.
std::map<std::string, int> Walk::Distances(const Procedure& p) const {
  std::map<std::string, int> out;
  for (const Stage& stage : p.stages) {
    if (stage.end != v1::END_KIND_UNSPECIFIED && stage.reopens_to.empty()) out[stage.name] = 0;
  }
  for (bool more = true; more;) {
    more = false;
    for (const Stage& stage : p.stages) {
      for (const Way& way : WaysOut(p, stage)) {
        const auto to = out.find(way.to);
        if (to == out.end()) continue;
        const auto here = out.find(stage.name);
        if (here != out.end() && here->second <= to->second + 1) continue;
        out[stage.name] = to->second + 1;
        more = true;
      }
    }
  }
  return out;
}

bool Walk::StepToEnd(int i, Progress& at) {
  const std::map<std::string, int> distances = Distances(ProcedureOf(i));
  const Stage& stage = StageOf(i);
  // Nearer to an end first; elsewhere only now and then, or the walk goes round until nobody is left to act. What time
  // brings about is waited for.
  const auto distance = [&](const std::string& name) {
    const auto found = distances.find(name);
    return found == distances.end() ? 99 : found->second;
  };
  const bool in_time = stage.after.has_value() && distance(stage.after->to) < distance(stage.name);
  if (std::exchange(at.stage, stage.name) != stage.name) {
    at.idle = 0;
    at.patient = in_time || (stage.after.has_value() && dice_.OneIn(2));
    // Each round may use up somebody who could lead on: of those who go round, others lack him.
    if (++at.times[stage.name] > kPatience) HelpOut(i);
  }
  ++at.idle;
  if (Claim(i) || Answer(i) || Decide(i, true)) return true;
  if (State(i).has_collecting() && !dice_.OneIn(4) && Vote(i)) return true;
  const bool roams = dice_.OneIn(4);  // What is near by the graph may be barred by its guards.
  const bool anywhere = (!at.patient || at.idle > 3 * kPatience) && (at.idle > 8 || roams);
  std::vector<const Action*> ways;
  std::vector<const Action*> stays;
  for (const Action& action : stage.actions) {
    const Stage* to = ProcedureOf(i).FindStage(action.to);
    const bool again = action.to == stage.name;
    if ((to != nullptr && !to->reopens_to.empty()) || (again && at.patient)) continue;
    // Nobody goes on objecting, or opening cases, for ever.
    const bool remains = action.to.empty() || again;
    if (remains && (action.objection == v1::OBJECTION_RAISED || action.opens.has_value())) continue;
    (remains ? stays : ways).push_back(&action);
  }
  for (size_t k = ways.size(); k > 1; --k) std::swap(ways[k - 1], ways[dice_.Below(static_cast<int>(k))]);
  if (!roams) {
    std::stable_sort(ways.begin(), ways.end(),
                     [&](const Action* a, const Action* b) { return distance(a->to) < distance(b->to); });
  }
  if (at.patient && !in_time && at.idle <= 3 * kPatience) ways.clear();
  for (const Action* way : ways) {
    const bool onward = distance(way->to) < distance(stage.name);
    if ((onward || anywhere) && Take(i, *way, true)) return true;
  }
  for (int k = 0; k < 2 && !stays.empty(); ++k) Take(i, *dice_.Pick(stays), true);
  if (at.idle == kPatience / 3 || at.idle % kPatience == 0) HelpOut(i);
  return false;
}

// Those whom `never` keeps away have successors, where it leaves nobody: only then, and the engine says so too.
void Walk::HelpOut(int i) {
  for (const Judge::Short& missing : judge_.Missing(State(i))) {
    const Action* action = ProcedureOf(i).FindAction(State(i).stage(), missing.action);
    for (const Role& role : action == nullptr ? std::vector<Role>() : missing.roles) {
      for (const std::string& person : people_.Filling(State(i), role)) {
        const bool taken = Try(i, person, action->name, {}, action->needs);
        EXPECT_FALSE(taken) << person << " takes " << action->name << ", which nobody should be able to take";
        const bool unclaimed = reason_ == "UNCLAIMED" || reason_ == "GUARD_FAILED" || reason_ == "CAP_REACHED";
        EXPECT_TRUE(taken || unclaimed || SaysWho(reason_) || absl::StartsWith(reason_, "MISSING_NEED"))
            << action->name << " is refused to " << person << " for " << reason_;
        if (taken) return;
      }
    }
    for (const Role& role : missing.roles) {
      if (FindBound(State(i), role.party) == nullptr) continue;
      const bool person = ProcedureOf(i).FindParty(role.party)->kind == PartyKind::kPerson;
      const std::vector<std::string> before = judge_.Fitting(State(i), {role});
      if (person && !before.empty()) continue;
      people_.Appoint(State(i), role);
      judge_.PeopleChanged();
      const bool helps = !person && judge_.Fitting(State(i), {role}) != before;
      // Of a post whose whole unit has a tie nobody may, whoever is appointed; a person is who he is.
      tally_.Count(helps ? "appointed" : PassOn(i, role.party) ? "passed on" : "could not be helped");
      // A head's successor is alone again where nobody else is: of those who ask and decide there have to be two.
      if (!judge_.IsShort(State(i), missing)) break;
    }
    // Where the one head is to ask and to decide, a part passes on.
    for (const Role& role : missing.roles) {
      if (!judge_.IsShort(State(i), missing) || FindBound(State(i), role.party) == nullptr) break;
      if (PassOn(i, role.party)) tally_.Count("passed on");
    }
    break;  // What others lack may be made good by that.
  }
  judge_.CheckChanged();
}

}  // namespace duban::engine
