// What the checker accepts can be worked with: procedures made up at random, and damaged at random, are walked by the
// real engine on a virtual clock. Whatever is accepted comes to an end, never lets those act whom it keeps apart, waits
// nowhere without a clock or a reason, and is seen by nobody whom it does not name.
//
//   ./dev walk all 20000    more of them
//   ./dev walk 17           one again, with its text
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cases/audience.h"
#include "engine/cases/present.h"
#include "engine/cases/roles.h"
#include "engine/procedure/flow.h"
#include "engine/views/view.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/made_people.h"
#include "tests/engine/support/made_procedures.h"

namespace duban::engine {
namespace {

constexpr int kWalks = 600;

// Where views put their rows: asks of each whom its audience admits.
class AskingRows : public ViewRows {
 public:
  using Ask = std::function<void(const std::string& what, const Ids& audience)>;
  AskingRows(std::map<std::string, std::vector<Cell>>& cells, Ask ask) : cells_(cells), ask_(std::move(ask)) {}

  void Replace(const std::string& owner, std::vector<Row> rows) override {
    for (const Row& row : rows) ask_(absl::StrCat("a row of ", owner), row.audience);
  }
  void Put(Row row) override { ask_("an event", row.audience); }
  void Count(const std::string& owner, Ids audience, std::vector<Cell> cells) override {
    ask_(absl::StrCat("a count of ", owner), audience);
    cells_[owner] = std::move(cells);
  }
  std::vector<Cell> Counted(const std::string& owner) override { return cells_[owner]; }
  std::vector<std::pair<std::string, v1::PartsSum>> RollUp(const CaseState&) override { return {}; }
  void Amend(const std::string&, absl::FunctionRef<void(v1::ViewRow& row)>) override {}

 private:
  std::map<std::string, std::vector<Cell>>& cells_;
  const Ask ask_;
};

// --- The walk ---

class Walk {
 public:
  Walk(Desk& desk, Dice& dice, const Procedure& procedure)
      : desk_(desk), dice_(dice), people_(desk, procedure), now_(2026, 3, 2, 9, 0) {
    for (int year = 2027; year < 2060; ++year) {
      v1::CalendarYear plain;
      plain.set_year(year);
      desk.calendar().Put(plain, desk.calendar().version() + 1);
    }
    desk.on_events = [this](const CaseState* before, const CaseEvents& events) { CheckRows(before, events); };
    Advance(0);
    v1::OpenCaseRequest request;
    request.set_procedure(procedure.name);
    for (const Party& party : procedure.parties) {
      if (party.optional && dice.OneIn(2)) continue;
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party.name);
      for (const Member& member : people_.Of(party.name)) binding.add_ids(member.id);
      if (!party.drawn) continue;
      desk.draws["draws/made"] = {true, {binding.ids().begin(), binding.ids().end()}, ""};
      binding.clear_ids();
      binding.set_draw("draws/made");
    }
    for (const Field& field : procedure.fields) {
      if (field.required || dice.OneIn(4))
        *request.add_fields() = desk_.Field(procedure.name, field.name, ValueOf(field));
    }
    const std::string opener = people_.Of(procedure.may_open.front()).front().people.front();
    const Happened opened = desk_.Open("case0", opener, request);
    refused_ = opened.refused ? opened.reason : "";
    if (!opened.refused) {
      cases_ = 1;
      Adopt(opened);
    }
  }

  ~Walk() { desk_.on_events = nullptr; }

  // Why it could not even be opened; empty where it was.
  const std::string& refused() const { return refused_; }

  // Walks about, then to the ends. False after a failure.
  bool Run() {
    for (int step = 0; step < 60 && !testing::Test::HasFailure(); ++step) {
      if (dice_.OneIn(4)) {
        Advance(1 + dice_.Below(20));
      } else if (!Wander(dice_.Below(cases_))) {
        Advance(1);
      }
    }
    for (int i = 0; i < cases_ && !testing::Test::HasFailure(); ++i) Finish(i);
    return !testing::Test::HasFailure();
  }

 private:
  std::string Nick(int i) const { return absl::StrCat("case", i); }
  const CaseState& State(int i) const { return desk_.State(Nick(i)); }
  const Procedure& ProcedureOf(int i) const { return *desk_.procedures().Newest(State(i).procedure()); }
  const Stage& StageOf(int i) const { return *ProcedureOf(i).FindStage(State(i).stage()); }
  bool Ended(int i) const { return State(i).end_kind() != v1::END_KIND_UNSPECIFIED; }

  std::string Minute() const {
    return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromCivil(now_, absl::UTCTimeZone()), absl::UTCTimeZone());
  }

  void Advance(int days) {
    now_ += static_cast<int64_t>(days) * 24 * 60;
    Adopt({false, "", desk_.At(Minute())});
    CheckAll();
  }

  // Gives a case that was opened by another a nickname. (Timers say when before.)
  void Adopt(const Happened& happened) {
    for (const std::string& line : happened.events) {
      if (absl::StrContains(line, "?: CaseOpened")) desk_.Name(Nick(cases_++));
    }
  }

  std::string ValueOf(const Field& field) {
    switch (field.type) {
      case FieldType::kText:
        return "文";
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
        return dice_.OneIn(2) ? later : std::max(day, field.min.value_or(""));
      }
      case FieldType::kInstant:
        return Minute();
      case FieldType::kUnit:
        return "units/shi";
      case FieldType::kPost:
        return "posts/luru";
      case FieldType::kPerson:
        return "persons/luru";
      case FieldType::kFile:
        return "sha256:" + std::string(64, 'a');
    }
    return "";
  }

  // Often one of those for which guards ask.
  std::string ValueFor(const Procedure& p, const Field& field) {
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

  // Tries it; true when it was accepted.
  bool Try(int i, const std::string& person, const std::string& action, const std::vector<Role>& by,
           std::vector<std::string> fields) {
    const std::string procedure = State(i).procedure();
    v1::ActOnCaseRequest request;
    request.set_action(action);
    request.set_reason("理由");
    request.set_note("备注");
    std::sort(fields.begin(), fields.end());
    fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
    for (const std::string& name : fields) {
      const Field* field = ProcedureOf(i).FindField(name);
      if (field == nullptr) continue;
      *request.add_fields() = desk_.Field(procedure, name, ValueFor(ProcedureOf(i), *field));
      // Now and then it is cleared; what is needed is not taken empty, and is given the next time.
      if (dice_.OneIn(8)) request.mutable_fields(request.fields_size() - 1)->clear_values();
    }
    return Send(i, person, request, by);
  }

  bool Send(int i, const std::string& person, const v1::ActOnCaseRequest& request, const std::vector<Role>& by) {
    const std::string& action = request.action();
    const CaseState before = State(i);
    const Happened happened = desk_.Act(Nick(i), person, request);
    if (happened.refused) return false;
    Adopt(happened);
    CheckActor(i, before, person, action, by);
    acted_[i][before.round()].insert({person, action});
    CheckAll();
    return true;
  }

  // Somebody accepted was one whom the procedure lets do it: judged by who they are, not by the engine's own rules.
  void CheckActor(int i, const CaseState& before, const std::string& person, const std::string& action,
                  const std::vector<Role>& by) const {
    const Procedure& p = ProcedureOf(i);
    const bool allowed = std::any_of(by.begin(), by.end(), [&](const Role& role) {
      const std::vector<std::string> filling = people_.Filling(before, role);
      const std::set<std::string> all = role.head ? std::set<std::string>() : HeadsToo(before, role.party);
      if (std::find(filling.begin(), filling.end(), person) == filling.end() && all.count(person) == 0) return false;
      const Party& party = *p.FindParty(role.party);
      for (const auto* names : {&party.never_unit_of, &party.never_person_of}) {
        for (const std::string& other : *names) {
          if (HeadsToo(before, other).count(person) != 0) return false;
        }
      }
      const auto rounds = acted_.find(i);
      return std::none_of(party.never_acted_in.begin(), party.never_acted_in.end(), [&](const std::string& done) {
        if (rounds == acted_.end()) return false;
        const auto round = rounds->second.find(before.round());
        return round != rounds->second.end() &&
               (round->second.count({person, done}) != 0 || round->second.count({person, "approve_" + done}) != 0);
      });
    });
    EXPECT_TRUE(allowed) << person << " may never do " << action;
  }

  std::set<std::string> HeadsToo(const CaseState& state, const std::string& party) const {
    std::set<std::string> out;
    if (const v1::BoundParty* bound = FindBound(state, party)) {
      for (const v1::BoundId& id : bound->bound()) out.merge(people_.AllOf(id.id()));
    }
    return out;
  }

  // Half of the people walk about; the others come in at the end, so that those whom an act excludes have successors.
  std::string SomeoneOf(int i, const std::vector<Role>& roles, bool fresh) {
    std::vector<std::string> all;
    for (const Role& role : roles) {
      const std::vector<std::string> filling = people_.Filling(State(i), role);
      const size_t half = filling.size() / 2;
      if (filling.size() < 2)
        all.insert(all.end(), filling.begin(), filling.end());
      else if (fresh)
        all.insert(all.end(), filling.begin() + half, filling.end());
      else
        all.insert(all.end(), filling.begin(), filling.begin() + half);
    }
    return all.empty() ? "persons/luru" : dice_.Pick(all);
  }

  bool Take(int i, const Action& action, bool fresh) {
    std::vector<std::string> fields = action.needs;
    for (const std::string& name : action.takes) {
      if (dice_.OneIn(2)) fields.push_back(name);
    }
    return Try(i, SomeoneOf(i, action.by, fresh), action.name, action.by, fields);
  }

  // Decides what waits for a decision.
  bool Decide(int i, bool fresh) {
    const Procedure& p = ProcedureOf(i);
    const CaseState state = State(i);
    for (const auto& request : state.requests()) {
      const Clock* clock = p.FindExtension(request.action());
      std::vector<Role> by = clock == nullptr ? std::vector<Role>() : clock->extend->approved_by;
      int stages = 0;
      for (const Stage& stage : p.stages) {
        const Action* action = p.FindAction(stage.name, request.action());
        if (action == nullptr) continue;
        ++stages;
        if (by.empty() || stage.name == state.stage()) by = action->approved_by;
      }
      // What was asked for in a stage that the case has left can only be refused.
      const bool elsewhere = p.FindAction(state.stage(), request.action()) == nullptr ||
                             (stages > 1 && FromProto(request.at()) < FromProto(state.stage_since()));
      const bool behind = clock == nullptr && elsewhere;
      const bool refuse = behind || (!fresh && dice_.OneIn(3));
      for (int tries = 0; tries < 4; ++tries) {
        if (Try(i, SomeoneOf(i, by, fresh), (refuse ? "refuse_" : "approve_") + request.action(), by, {})) return true;
      }
      // An extension may have been overtaken, or its clock have stopped.
      if (clock != nullptr && Try(i, SomeoneOf(i, by, fresh), "refuse_" + request.action(), by, {})) return true;
    }
    for (const Clock& clock : p.clocks) {
      for (const LadderRung& rung : clock.ladder) {
        const bool waits = std::any_of(state.suggestions().begin(), state.suggestions().end(),
                                       [&](const auto& one) { return one.suggests() == rung.suggests; });
        if (!waits) continue;
        const char* answer = dice_.OneIn(2) ? "refuse_" : "approve_";
        if (Try(i, SomeoneOf(i, rung.ask, fresh), answer + rung.suggests, rung.ask, {})) return true;
      }
    }
    return false;
  }

  // Somebody claims what waits to be claimed.
  bool Claim(int i) {
    for (const Party& party : ProcedureOf(i).parties) {
      if (!Unclaimed(party, State(i))) continue;
      v1::ActOnCaseRequest request;
      request.set_action("claim");
      request.set_party(party.name);
      const std::vector<Role> by = {Role{party.name}};
      if (Send(i, SomeoneOf(i, by, false), request, by)) return true;
    }
    return false;
  }

  // Something that can be done.
  bool Wander(int i) {
    if (Ended(i)) return false;
    if (dice_.OneIn(2) && Decide(i, false)) return true;
    if (dice_.OneIn(6) && Claim(i)) return true;
    for (const Clock& clock : ProcedureOf(i).clocks) {
      if (clock.extend.has_value() && dice_.OneIn(4) &&
          Try(i, SomeoneOf(i, clock.extend->by, false), clock.extend->action, clock.extend->by, clock.extend->needs)) {
        return true;
      }
    }
    const Stage& stage = StageOf(i);
    for (int tries = 0; tries < 4 && !stage.actions.empty(); ++tries) {
      if (Take(i, dice_.Pick(stage.actions), false)) return true;
    }
    return false;
  }

  // How many stages lie between a stage and an end that reopens nothing.
  std::map<std::string, int> Distances(const Procedure& p) const {
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

  void Finish(int i) {
    const std::map<std::string, int> distances = Distances(ProcedureOf(i));
    std::string at;        // The stage of the step before.
    int idle = 0;          // Steps in this stage.
    bool patient = false;  // Waits for the stage's timed move.
    for (int step = 0; step < 1500; ++step) {
      if (Ended(i) || testing::Test::HasFailure()) return;
      const Stage& stage = StageOf(i);
      // Nearer to an end first; elsewhere only now and then, or the walk goes round until nobody is left to act. What
      // time brings about is waited for.
      const auto distance = [&](const std::string& name) {
        const auto found = distances.find(name);
        return found == distances.end() ? 99 : found->second;
      };
      const bool in_time = stage.after.has_value() && distance(stage.after->to) < distance(stage.name);
      if (std::exchange(at, stage.name) != stage.name) {
        idle = 0;
        patient = in_time || (stage.after.has_value() && dice_.OneIn(2));
      }
      const bool roams = dice_.OneIn(4);  // What is near by the graph may be barred by its guards.
      const bool anywhere = !patient && (idle > 8 || roams);
      std::vector<const Action*> ways;
      std::vector<const Action*> stays;
      for (const Action& action : stage.actions) {
        const Stage* to = ProcedureOf(i).FindStage(action.to);
        const bool again = action.to == stage.name;
        if ((to != nullptr && !to->reopens_to.empty()) || (again && patient)) continue;
        // Nobody goes on objecting for ever.
        if (action.objection == v1::OBJECTION_RAISED && (action.to.empty() || again)) continue;
        (action.to.empty() || again ? stays : ways).push_back(&action);
      }
      for (size_t k = ways.size(); k > 1; --k) std::swap(ways[k - 1], ways[dice_.Below(static_cast<int>(k))]);
      if (!roams) {
        std::stable_sort(ways.begin(), ways.end(),
                         [&](const Action* a, const Action* b) { return distance(a->to) < distance(b->to); });
      }
      if (patient && !in_time) ways.clear();
      bool moved = Claim(i) || Decide(i, true);
      for (const Action* way : ways) {
        const bool onward = distance(way->to) < distance(stage.name);
        if (!moved && (onward || anywhere)) moved = Take(i, *way, true);
      }
      for (int k = 0; k < 2 && !moved && !stays.empty(); ++k) Take(i, *dice_.Pick(stays), true);
      if (++idle > 6) Advance(1 + dice_.Below(10));
      // Those whom what they have done excludes have successors.
      if (step % 40 == 39) Appoint();
    }
    ADD_FAILURE() << Nick(i) << " of " << State(i).procedure() << " does not come to an end: stage " << State(i).stage()
                  << ", round " << State(i).round();
  }

  // What the views hold of a case after a change is for those who may see the case then.
  void CheckRows(const CaseState* before, const CaseEvents& events) {
    const Procedure& p = *desk_.procedures().Newest(events.after.procedure());
    v1::StreamPart part;
    part.set_stream(events.name);
    for (const std::string& id : events.audience) part.add_audience(id);
    for (const v1::Event& event : events.events) *part.add_events() = event;
    const std::set<std::string> may = WhoSees(p, events.after);
    changed_.insert(events.name);
    for (const View* view : Views()) {
      const Definition& is = view->definition();
      AskingRows rows(cells_[is.name], [&](const std::string& what, const Ids& audience) {
        for (const std::string& person : people_.persons()) {
          if (may.count(person) != 0) continue;
          const Viewer& viewer = ViewerOf(person);
          EXPECT_FALSE(Admits(audience, is.own_only ? viewer.own : viewer.all))
              << person << " sees " << what << " of the view " << is.name;
        }
      });
      view->Apply({part, desk_.Parse(Minute()), desk_.directory(), desk_.zone(), &p, before, &events.after}, rows);
    }
  }

  // Who is bound to a party that the stage names.
  std::set<std::string> WhoSees(const Procedure& p, const CaseState& state) const {
    const Stage& stage = *p.FindStage(state.stage());
    std::set<std::string> out;
    for (const Party& party : p.parties) {
      const bool named =
          stage.sees.empty() || std::find(stage.sees.begin(), stage.sees.end(), party.name) != stage.sees.end();
      if (named) out.merge(HeadsToo(state, party.name));
    }
    return out;
  }

  void CheckAll() {
    for (int i = 0; i < cases_; ++i) {
      if (changed_.count(State(i).name()) == 0) continue;
      CheckWaiting(i);
      CheckAudience(i);
    }
    changed_.clear();
  }

  struct Viewer {
    Ids all;
    Ids own;
  };
  const Viewer& ViewerOf(const std::string& person) {
    const auto known = viewers_.find(person);
    if (known != viewers_.end()) return known->second;
    return viewers_[person] = {desk_.directory().ViewerIds(person), desk_.directory().OwnIds(person)};
  }

  void Appoint() {
    people_.Appoint();
    viewers_.clear();
    for (int i = 0; i < cases_; ++i) changed_.insert(State(i).name());
    CheckAll();
  }

  // An open stage has a clock that runs, a move to come, a stated reason, or a deadline that nobody has stated.
  void CheckWaiting(int i) const {
    const CaseState& state = State(i);
    const Stage& stage = StageOf(i);
    const bool moves = state.has_moves_at() && state.objections() == 0;
    if (Ended(i) || moves || !stage.no_deadline.empty()) return;
    for (const Clock& clock : ProcedureOf(i).clocks) {
      if (clock.on_the_way()) continue;
      const auto* known = FindClockState(state, clock.name);
      if (known != nullptr && known->run() == duban::state::v1::ClockState::RUN_RUNNING) return;
      const bool unstated = !clock.due_field.empty() && (known == nullptr || known->fell_away());
      if (unstated && CourseOf(ProcedureOf(i), clock).Passes(stage.name)) return;
    }
    ADD_FAILURE() << Nick(i) << " waits in stage " << stage.name << " and no clock runs";
  }

  // Who sees the case and its fields is who the procedure names: judged by who is bound, and by unit, post and person.
  void CheckAudience(int i) {
    const Procedure& p = ProcedureOf(i);
    const CaseState& state = State(i);
    const std::set<std::string> see_case = WhoSees(p, state);
    for (const std::string& person : people_.persons()) {
      const Viewer& viewer = ViewerOf(person);
      const bool sees = Admits(AudienceOf(p, state), viewer.all);
      EXPECT_EQ(sees, see_case.count(person) != 0) << person << " and " << Nick(i) << " in " << state.stage();
      if (!sees) continue;
      const v1::Case shown = PresentCase(p, state, viewer.all, viewer.own, desk_.directory(),
                                         [](const auto&, const auto&) { return "明文"; });
      for (const v1::CaseField& field : shown.fields()) {
        const Field& declared = *p.FindField(field.field());
        bool may = declared.sees.empty();
        for (const std::string& party : declared.sees) may = may || HeadsToo(state, party).count(person) != 0;
        EXPECT_EQ(field.masked(), !may) << person << " and field " << field.field();
        EXPECT_TRUE(may || field.shown().empty());
      }
    }
  }

  Desk& desk_;
  Dice& dice_;
  People people_;
  absl::CivilMinute now_;
  int cases_ = 0;
  std::string refused_;
  std::map<int, std::map<uint32_t, std::set<std::pair<std::string, std::string>>>> acted_;  // case -> round
  std::set<std::string> changed_;                                          // Cases, since they were checked.
  std::map<std::string, Viewer> viewers_;                                  // As they are now.
  std::map<std::string, std::map<std::string, std::vector<Cell>>> cells_;  // view -> case
};

uint64_t seed_at_work = 0;

// The engine's own checks end the process: say which procedure it was.
void SayTheSeed(int) {
  std::fprintf(stderr, "replay: ./dev walk %llu\n", static_cast<unsigned long long>(seed_at_work));
  std::_Exit(1);
}

struct Tally {
  int refused = 0;
  int walked = 0;
  int not_opened = 0;
};

void WalkOne(uint64_t seed, bool damaged, bool aloud, Tally& tally) {
  seed_at_work = seed;
  Dice dice(seed);
  std::string text = MakeProcedure(dice);
  for (int k = damaged ? 1 + dice.Below(2) : 0; k > 0; --k) text = Damaged(text, dice);
  if (aloud) std::fprintf(stderr, "%s\n", text.c_str());
  std::vector<SourceFile> files = {{"made.yaml", text}};
  // By itself it would have nothing to reopen.
  if (absl::StrContains(text, "opens: {procedure: follow")) files.push_back({"follow.yaml", MakeFollowProcedure(dice)});
  Desk desk(files);
  if (aloud) std::fprintf(stderr, "%s\n", absl::StrJoin(desk.errors(), "\n").c_str());
  const Procedure* made = desk.procedures().Newest("made");
  if (made == nullptr) {
    ++tally.refused;
    return;
  }
  Walk walk(desk, dice, *made);
  if (!walk.refused().empty()) {
    ++tally.not_opened;
    return;
  }
  walk.Run();
  ++tally.walked;
}

TEST(WhatTheCheckerAccepts, ComesToAnEndKeepsApartIsTimedAndSeenByThoseNamed) {
  std::signal(SIGABRT, SayTheSeed);
  Tally tally;
  if (const char* seed = std::getenv("DUBAN_SEED")) {
    WalkOne(std::strtoull(seed, nullptr, 10), std::strtoull(seed, nullptr, 10) % 2 == 1, true, tally);
    return;
  }
  int walks = kWalks;
  const char* more = std::getenv("DUBAN_WALKS");
  ASSERT_TRUE(more == nullptr || absl::SimpleAtoi(more, &walks));
  uint64_t seed = 0;
  while (tally.walked < walks) {
    ++seed;
    WalkOne(seed, seed % 2 == 1, false, tally);
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "replay: ./dev walk " << seed;
      break;
    }
    ASSERT_LT(seed, 100u * static_cast<uint64_t>(walks)) << "hardly anything is accepted";
  }
  EXPECT_LT(tally.not_opened, tally.walked / 4) << "the walk tries little";
  std::fprintf(stderr, "%d walked, %d refused by the checker, %d not opened\n", tally.walked, tally.refused,
               tally.not_opened);
}

}  // namespace
}  // namespace duban::engine
