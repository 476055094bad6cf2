#include "tests/city/year.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/city/facts.h"
#include "tests/city/figures.h"
#include "tests/city/letters.h"
#include "tests/city/matters.h"
#include "tests/city/ratings.h"
#include "tests/city/together.h"
#include "tests/city/values.h"
#include "tests/city/watchers.h"

namespace duban::city {
namespace {

using std::chrono::steady_clock;

constexpr size_t kFailuresShown = 12;
constexpr size_t kListedMax = 3000;  // Of a viewer who sees more, the ledger is compared by its total until the end.
// How busy each month is, and each hour of a working day.
constexpr double kMonths[] = {0.7, 0.5, 1.1, 1.0, 1.0, 1.3, 1.0, 0.9, 1.3, 0.9, 1.2, 0.8};
constexpr std::pair<int, double> kHours[] = {{9, 0.5}, {11, 0.3}, {15, 0.2}};
constexpr double kDayOff = 0.06;  // The hotline alone.
const Day kDayOfTeam = Day(2019, 3, 4);
const Day kDayOfRatings = Day(2019, 12, 3);  // Year-end reports of heads are asked for.
const Day kDayOfCards = Day(2019, 12, 27);

// One call of somebody; what it is about.
struct Call {
  size_t matter = SIZE_MAX;  // An act on it; else an opening.
  std::string identity;
  std::string person;
  std::variant<v1::OpenCaseRequest, v1::ActOnCaseRequest> request;
  std::string expect;
  // The answer.
  client::Error error;
  std::string opened;
};

// Where the time of a run goes.
enum Phase { kClock, kJobs, kLog, kJudging, kThinking, kCalls, kWriting, kLooking, kCounting, kPhases };
constexpr const char* kPhaseNames[kPhases] = {"时钟 the clock", "作业 jobs",     "读日志 the log",
                                              "核对 judging",   "谋划 thinking", "办理 calls",
                                              "文书 documents", "查看 looking",  "复算 recounting"};

// The time until it goes out of scope is spent on that.
class Spending {
 public:
  explicit Spending(double& spent) : spent_(spent) {}
  ~Spending() { spent_ += std::chrono::duration<double>(steady_clock::now() - since_).count(); }
  Spending(const Spending&) = delete;

 private:
  double& spent_;
  const steady_clock::time_point since_ = steady_clock::now();
};

struct Sitting {
  Day day;
  int hour = 0;
  bool first = false;  // Of its day.
  bool day_off = false;
  std::vector<int> arrivals;
};

class Life {
 public:
  explicit Life(const Options& options)
      : options_(options),
        server_({"--virtual-clock", "2018-12-27T09:00:00+08:00", "--log-level", "warning"}),
        town_(options.size, options.seed),
        facts_([this](const std::string& what, const std::string& stream) { Fail(what, stream); }),
        matters_(town_, facts_, options.seed),
        letters_(town_, facts_, options.seed, static_cast<size_t>(options.callers),
                 [this](const std::string& what, const std::string& stream) { Fail(what, stream); }),
        ratings_(town_, facts_, options.seed, static_cast<size_t>(options.callers),
                 [this](const std::string& what, const std::string& stream) { Fail(what, stream); }),
        figures_(town_, [this](const std::string& what) { Fail(what); }) {}

  Outcome Run();

 private:
  void Fail(const std::string& what, const std::string& stream = "");
  template <typename Request>
  auto Ask(client::Client& client, Request request, const char* what) {
    auto answer = client.Call(std::move(request));
    if (!answer.ok()) Fail(absl::StrCat(what, ": ", answer.error().reason, " ", answer.error().message.en()));
    return answer;
  }

  Spending Spend(Phase phase) { return Spending(spent_[phase]); }

  // --- The course of the year
  std::vector<Sitting> Calendar() const;
  void Advance(absl::Time to);
  void CatchUp();
  bool IsDayOfDraw(Day day) const;
  bool HasWork(const Sitting& sitting) const;
  void Sit(const Sitting& sitting);
  void Meet(std::vector<std::string> opened);
  void Plan(size_t matter);
  void HandIn(std::vector<Call>& calls, bool together);
  void Hear(Call& call);
  size_t Register(const std::string& identity, const std::string& name);
  void Draw(Day day);
  void Write(Day day);
  void Migrate();

  // --- Looking
  void Watch();
  void LookAround(const std::string& month);
  std::vector<v1::LedgerRow> Ledger(const std::string& person, bool open_only, int64_t* total);
  void CheckViewer(const std::string& person, bool whole);
  void CheckAlerts(const std::string& person);
  void CheckWatcher(Watcher& watcher);
  void CheckBaseline();
  void CheckRegisters();
  void Report(const std::string& month);
  std::string Digest() const;
  void Summary();
  std::string ServerUse() const;

  const Options options_;
  e2e::ServerProcess server_;
  Town town_;
  Facts facts_;
  Matters matters_;
  Letters letters_;
  Ratings ratings_;
  Figures figures_;
  std::unique_ptr<Feed> feed_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::string> viewers_;

  std::vector<Matter> all_;
  std::vector<std::optional<Move>> next_;
  std::map<std::string, size_t> by_name_;
  std::map<std::string, int> children_;
  std::map<std::string, std::string> last_of_issuer_;  // The newest rectification of each.
  std::map<absl::Time, std::vector<size_t>> schedule_;
  std::vector<size_t> again_;  // To be planned once the log has been read.

  absl::Time now_;
  Outcome outcome_;
  std::map<std::string, int64_t> refused_;  // As they had to be, by reason.
  std::map<std::string, int64_t> alerts_;   // That were compared, by kind.
  int64_t migrated_ = 0;                    // From a stage that has got another name.
  int64_t acts_at_report_ = 0;
  double spent_[kPhases] = {};
  steady_clock::time_point began_ = steady_clock::now(), reported_ = began_;
};

void Life::Fail(const std::string& what, const std::string& stream) {
  if (static_cast<size_t>(++outcome_.failures) > kFailuresShown) return;
  std::string told = absl::StrCat("seed ", options_.seed, ", ", Text(now_), ": ", what, "\n");
  const auto known = by_name_.find(stream);
  if (known != by_name_.end()) absl::StrAppend(&told, "  matter ", all_[known->second].identity, "\n");
  if (absl::StartsWith(stream, "cases/")) {
    v1::ReadEventsRequest request;
    request.set_stream(stream);
    request.set_page_size(1000);
    const auto events = town_.auditor().Call(request);
    if (events.ok()) {
      for (const v1::EventRecord& record : events->events()) {
        absl::StrAppend(&told, "  ", Text(At(record.recorded_at())), " ", record.revision(), " ", record.actor(), " ",
                        record.event().ShortDebugString().substr(0, 400), "\n");
      }
    }
  }
  if (options_.say) std::printf("FAILED: %s", told.c_str());
  outcome_.first_failures += told;
}

// --- The course of the year -----------------------------------------------------------------------------------------

// Every hour at which something is done, with the matters that then come in.
std::vector<Sitting> Life::Calendar() const {
  std::vector<Sitting> sittings;
  std::vector<double> until;
  double sum = 0;
  const Days days = Town::InTheEnd();
  for (Day day(2019, 1, 2); day <= Day(2019, 12, 31); ++day) {
    const bool off = !days.IsWorking(day);
    bool first = true;
    for (const auto& [hour, share] : kHours) {
      if (off ? hour != kHours[0].first : hour >= kHours[options_.sittings - 1].first + 1) continue;
      sittings.push_back({day, hour, first, off, {}});
      sum += kMonths[day.month() - 1] * (off ? kDayOff : share);
      until.push_back(sum);
      first = false;
    }
  }
  for (int i = 0; i < options_.matters; ++i) {
    const double at = static_cast<double>(Roll(options_.seed, absl::StrCat("arrival ", i)) >> 11) / (1ull << 53) * sum;
    sittings[static_cast<size_t>(std::upper_bound(until.begin(), until.end(), at) - until.begin())].arrivals.push_back(
        i);
  }
  return sittings;
}

void Life::Advance(absl::Time to) {
  const auto spend = Spend(kClock);
  v1::AdvanceClockRequest request;
  *request.mutable_to() = Stamp(to);
  Ask(town_.auditor(), request, "the clock");
  now_ = to;
}

// Reads the log to its end: all that has been asked for has been answered, and no job works.
void Life::CatchUp() {
  for (const auto spend = Spend(kJobs); true;) {
    const auto stats = Ask(town_.auditor(), v1::GetStatsRequest(), "stats");
    if (!stats.ok() || stats->jobs_running() == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  v1::QueryLedgerRequest request;
  request.set_page_size(1);
  const auto newest = Ask(town_.auditor(), request, "the newest position");
  if (!newest.ok()) return;
  std::string trouble;
  std::vector<v1::EventRecord> records;
  {
    const auto spend = Spend(kLog);
    records = feed_->TakeUpTo(newest->position(), &trouble);
  }
  const auto spend = Spend(kJudging);
  for (const v1::EventRecord& record : records) facts_.Take(record);
  facts_.EndCommit();
  if (!trouble.empty()) Fail(trouble);
  Meet(facts_.TakeOpened());
  for (const std::string& name : facts_.TakeTouched()) {
    const auto matter = by_name_.find(name);
    if (matter != by_name_.end()) again_.push_back(matter->second);
  }
  std::sort(again_.begin(), again_.end());
  again_.erase(std::unique(again_.begin(), again_.end()), again_.end());
}

size_t Life::Register(const std::string& identity, const std::string& name) {
  all_.push_back({identity, name});
  next_.emplace_back();
  by_name_[name] = all_.size() - 1;
  return all_.size() - 1;
}

// Matters that nobody of us opened: they come of others, or of plans.
void Life::Meet(std::vector<std::string> opened) {
  for (const std::string& name : opened) {
    if (by_name_.count(name) > 0) continue;
    const Case& c = *facts_.FindCase(name);
    const auto parent = by_name_.find(c.parent);
    if (parent != by_name_.end()) {
      const std::string identity = absl::StrCat(all_[parent->second].identity, ">", c.procedure);
      Register(absl::StrCat(identity, ++children_[identity]), name);
    } else {
      const auto kind = c.fields.find("kind");
      Register(absl::StrCat("plan ", c.procedure, " ", c.Party("owner"), c.Party("branch"), " ",
                            Text(DayOf(c.opened_at)), " ", kind == c.fields.end() ? "" : kind->second[0].choice()),
               name);
    }
  }
}

void Life::Plan(size_t matter) {
  Matter& one = all_[matter];
  const Case* c = facts_.FindCase(one.name);
  if (c == nullptr) return;
  if (one.planned_turn != c->turn) one.tries = 0;
  one.planned_turn = c->turn;
  next_[matter] = matters_.Next(one, now_);
  if (next_[matter].has_value()) schedule_[next_[matter]->at].push_back(matter);
}

void Life::HandIn(std::vector<Call>& calls, bool together) {
  const auto spend = Spend(kCalls);
  Together(calls.size(), together ? static_cast<size_t>(options_.callers) : 1, [&](size_t i) {
    Call& call = calls[i];
    client::Client& client = town_.As(call.person);
    if (const auto* open = std::get_if<v1::OpenCaseRequest>(&call.request)) {
      const auto opened = client.Call(*open);
      call.error = opened.ok() ? client::Error() : opened.error();
      if (opened.ok()) call.opened = opened->case_();
    } else {
      const auto acted = client.Call(std::get<v1::ActOnCaseRequest>(call.request));
      call.error = acted.ok() ? client::Error() : acted.error();
    }
  });
  for (Call& call : calls) Hear(call);
}

void Life::Hear(Call& call) {
  ++outcome_.acts;
  const bool opening = call.matter == SIZE_MAX;
  const std::string what = opening ? std::get<v1::OpenCaseRequest>(call.request).procedure()
                                   : std::get<v1::ActOnCaseRequest>(call.request).action();
  const std::string name = opening ? "" : all_[call.matter].name;
  if (call.error.reason != call.expect || (!call.error.ok() && call.expect.empty())) {
    Fail(absl::StrCat(call.identity, ": ", call.person, " ", what, " is answered by \"",
                      call.error.ok() ? "done" : call.error.reason, "\"",
                      call.expect.empty() ? "" : absl::StrCat(", not ", call.expect), " ", call.error.message.en()),
         name);
    return;
  }
  if (!call.expect.empty()) {
    ++refused_[call.expect];
    ++all_[call.matter].tries;
    again_.push_back(call.matter);
    return;
  }
  if (!opening) return again_.push_back(call.matter);
  const size_t matter = Register(call.identity, call.opened);
  again_.push_back(matter);
  const auto& open = std::get<v1::OpenCaseRequest>(call.request);
  if (open.procedure() == "team") matters_.SetTeam(call.opened);
  if (open.procedure() == "rectification") {
    std::string& last = last_of_issuer_[open.parties(0).ids(0)];
    if (!last.empty() && matters_.WantsTwin(call.identity)) matters_.SetTwin(call.identity, last);
    last = call.opened;
  }
  // The second part of a part may serve its whole's sibling too.
  if (open.procedure() == "task" && !open.part_of().empty() && absl::EndsWith(call.identity, "/1/2")) {
    const std::string sibling = call.identity.substr(0, call.identity.size() - 4) + "/2";
    for (const Matter& one : all_) {
      if (one.identity == sibling) matters_.SetTwin(call.identity, one.name);
    }
  }
}

// Units to be visited unannounced in this quarter.
void Life::Draw(Day day) {
  v1::FreezeDrawRequest freeze;
  freeze.set_title(absl::StrCat(Text(day), " 抽查对象"));
  for (const std::string& unit : town_.departments()) freeze.add_candidates()->set_id(unit);
  v1::DrawRequestShare& share = *freeze.add_shares();
  share.set_permille(200);
  const std::string person = "persons/ducha-1";
  const auto frozen = Ask(town_.As(person), freeze, "a draw's population");
  if (!frozen.ok()) return;
  v1::SeedDrawRequest seed;
  seed.set_draw(frozen->draw().name());
  seed.set_seed(absl::StrCat(Roll(options_.seed, "index " + Text(day)) % 1000000));
  seed.set_source("某指数收盘");
  const auto seeded = Ask(town_.As(person), seed, "a draw's seed");
  if (!seeded.ok()) return;
  const auto& drawn = seeded->draw().made().drawn();
  matters_.SetDrawn({drawn.begin(), drawn.end()});
}

// Draws are made on the first working day of a quarter.
bool Life::IsDayOfDraw(Day day) const {
  return day.month() % 3 == 1 && day == town_.days().After(Day(day.year(), day.month(), 2), 0);
}

// Letters about new orders, receipts of letters, and in each month the report about the one before.
void Life::Write(Day day) {
  const auto spend = Spend(kWriting);
  if (letters_.Issue(day)) CatchUp();
  if (letters_.Receive(day, now_)) CatchUp();
  const bool tuesday = absl::GetWeekday(day) == absl::Weekday::tuesday && town_.days().IsWorking(day);
  if (!tuesday || day.day() > 7 || day.month() == 1) return;
  const Day first(day.year(), day.month() - 1, 1), last = Day(day.year(), day.month(), 1) - 1;
  letters_.Report(absl::StrFormat("2019-%02d", first.month()), first, last, nullptr);
  CatchUp();
}

// Running tasks are taken to the new version: where they stood under a stage's old name they stand under its new one,
// and its deadline is the new one's from when the stage began. All else stays as it was.
void Life::Migrate() {
  CatchUp();
  std::map<std::string, Case> before;
  for (const auto& [name, c] : facts_.cases()) {
    if (c.procedure == "task" && c.open()) before[name] = c;
  }
  v1::StartJobRequest request;
  v1::Migration& task = *request.mutable_task()->mutable_migration();
  task.set_procedure("task");
  task.set_from_version(1);
  task.set_to_version(2);
  (*task.mutable_stages())["checking"] = "accepting";
  request.set_validate_only(true);
  const auto preview = Ask(town_.auditor(), request, "a migration's preview");
  if (preview.ok() && preview->preview().changed() != static_cast<int64_t>(before.size())) {
    Fail(absl::StrCat("a migration would change ", preview->preview().changed(), " cases of ", before.size()));
  }
  request.set_validate_only(false);
  const auto job = Ask(town_.auditor(), request, "a migration");
  CatchUp();
  if (!job.ok()) return;
  for (const auto& [name, was] : before) {
    const Case& is = *facts_.FindCase(name);
    const bool renamed = was.stage == "checking";
    if (is.version != 2) Fail("it was not taken to the new version", name);
    if (is.stage != (renamed ? "accepting" : was.stage)) Fail("it has come to another stage: " + is.stage, name);
    if (is.parties != was.parties || is.stage_since != was.stage_since) Fail("its parties or its stage changed", name);
    for (const auto& [clock, held] : was.clocks) {
      const auto found = is.clocks.find(clock);
      const bool goes_on = found != is.clocks.end() && found->second.running && found->second.due == held.due;
      const bool of_stage = clock == "within_checking";
      if (held.running && goes_on == of_stage) {
        Fail(absl::StrCat("its deadline ", clock, of_stage ? " goes on" : " does not go on"), name);
      }
    }
    if (!renamed) continue;
    const Day last = town_.days().After(DayOf(was.stage_since), 8);
    const auto accepting = is.clocks.find("within_accepting");
    if (accepting == is.clocks.end() || !accepting->second.running || DayOf(accepting->second.due) != last) {
      Fail("its stage does not end on " + Text(last), name);
    }
    ++migrated_;
  }
}

// Hours at which nobody comes and nobody has anything to do are left out.
bool Life::HasWork(const Sitting& sitting) const {
  const bool special = Town::IsDayOfChange(sitting.day) || IsDayOfDraw(sitting.day) || sitting.day == kDayOfCards ||
                       sitting.day == kDayOfTeam || sitting.day == kDayOfRatings || letters_.HasWork(sitting.day) ||
                       ratings_.HasWork(sitting.day);
  return !sitting.arrivals.empty() || !again_.empty() || (sitting.first && special) ||
         (!schedule_.empty() && schedule_.begin()->first <= TimeOn(sitting.day, sitting.hour));
}

void Life::Sit(const Sitting& sitting) {
  Advance(TimeOn(sitting.day, sitting.hour));
  CatchUp();
  if (sitting.first) {
    if (const std::string wrong = town_.Change(sitting.day); !wrong.empty()) Fail("a change of the city: " + wrong);
    if (IsDayOfDraw(sitting.day)) Draw(sitting.day);
    if (sitting.day == Town::DayOfMigration()) Migrate();
    if (Town::IsDayOfChange(sitting.day) || IsDayOfDraw(sitting.day)) CatchUp();
    Write(sitting.day);
    if (ratings_.HasWork(sitting.day)) {
      ratings_.Vote(sitting.day, now_);
      CatchUp();
    }
    // Somebody at some time looks at what he is alerted of.
    const uint64_t roll = Roll(options_.seed, "looks " + Text(sitting.day));
    const auto spend = Spend(kLooking);
    if (roll % 4 == 0) CheckAlerts(viewers_[roll / 4 % viewers_.size()]);
    if (absl::GetWeekday(sitting.day) == absl::Weekday::friday) CheckAlerts("persons/lianxi-0");
  }
  std::vector<Call> calls, alone;
  if (sitting.first && sitting.day == Day(2019, 1, 2)) {
    for (const std::string& unit : town_.departments()) {
      v1::OpenCaseRequest open;
      open.set_procedure("duty_report");
      for (const auto& [party, id] :
           {std::pair("organiser", std::string("units/ducha")), std::pair("reporter", unit)}) {
        v1::PartyBinding& binding = *open.add_parties();
        binding.set_party(party);
        binding.add_ids(id);
      }
      *open.add_fields() = TextField("duty", "三会一课开展情况");
      *open.add_fields() = ChoiceField("topic", "meetings");
      calls.push_back({SIZE_MAX, "duty " + unit, "persons/ducha-2", open, "", {}, ""});
    }
    for (const v1::OpenCaseRequest& open : matters_.Namings()) {
      calls.push_back({SIZE_MAX, "naming " + open.parties(1).ids(0), "persons/ducha-3", open, "", {}, ""});
    }
  }
  if (sitting.first && sitting.day == kDayOfTeam) {
    calls.push_back({SIZE_MAX, "team", "persons/ducha-1", matters_.Team(), "", {}, ""});
  }
  if (sitting.first && sitting.day == kDayOfRatings) {
    for (const Ratings::Opening& opening : ratings_.Openings()) {
      calls.push_back({SIZE_MAX, opening.identity, "persons/ducha-1", opening.open, "", {}, ""});
    }
  }
  if (sitting.first && sitting.day == kDayOfCards) {
    for (size_t i = 0; i < all_.size(); ++i) {
      const Case* c = facts_.FindCase(all_[i].name);
      if (c != nullptr && c->procedure == "card" && c->open()) again_.push_back(i);
    }
  }
  const std::vector<size_t> again = std::exchange(again_, {});
  auto spend = std::make_optional<Spending>(spent_[kThinking]);
  for (const size_t matter : again) {
    for (Matters::Part& part : matters_.PartsOf(all_[matter], sitting.day)) {
      calls.push_back({SIZE_MAX, part.identity, town_.ActorFor(part.who, now_), std::move(part.open), "", {}, ""});
    }
    Plan(matter);
  }
  for (const int i : sitting.arrivals) {
    const std::string identity = absl::StrCat("m", i);
    std::string who;
    v1::OpenCaseRequest open = matters_.Open(identity, sitting.day_off, sitting.day, &who);
    calls.push_back({SIZE_MAX, identity, town_.ActorFor(who, now_), std::move(open), "", {}, ""});
  }
  while (!schedule_.empty() && schedule_.begin()->first <= now_) {
    const auto due = schedule_.begin();
    for (const size_t matter : due->second) {
      const std::optional<Move>& move = next_[matter];
      if (!move.has_value() || move->at != due->first ||
          all_[matter].planned_turn != facts_.FindCase(all_[matter].name)->turn)
        continue;
      Call call{matter, all_[matter].identity, town_.ActorFor(move->who, now_), move->act, move->expect, {}, ""};
      // Who stands in for the other by now may.
      if (!move->expect.empty() && move->act.action() == "take_over" &&
          facts_.tree().ReachesByItself(call.person, facts_.FindCase(all_[matter].name)->offered_to)) {
        ++all_[matter].tries;
        again_.push_back(matter);
        continue;
      }
      (move->alone ? alone : calls).push_back(std::move(call));
      next_[matter].reset();
    }
    schedule_.erase(due);
  }
  spend.reset();
  HandIn(calls, true);
  if (alone.empty()) return;
  // What hangs on other matters comes one by one after all else, where it is still as it was when it was thought of.
  CatchUp();
  for (Call& call : alone) {
    const auto& act = std::get<v1::ActOnCaseRequest>(call.request);
    const Case* target = act.target().empty() ? nullptr : facts_.FindCase(act.target());
    if (facts_.FindCase(all_[call.matter].name)->turn != all_[call.matter].planned_turn ||
        (target != nullptr && !target->open())) {
      again_.push_back(call.matter);
      continue;
    }
    std::vector<Call> one;
    one.push_back(std::move(call));
    HandIn(one, false);
    CatchUp();
  }
}

// --- Looking --------------------------------------------------------------------------------------------------------

void Life::Watch() {
  const std::string county = town_.counties()[0].substr(6);
  const std::string quiet = town_.departments()[0].substr(6), next = town_.departments()[1].substr(6);
  // Views kept all year: everything that a county's head sees, what contacts see of open matters, single departments,
  // a bureau with all that is below it in the counties, checkers, the hotline, the competent body.
  struct Seat {
    std::string person;
    v1::View view;
    bool open_only;
    int cut_after;
  };
  const std::vector<Seat> seats = {
      {absl::StrCat("persons/", county, "-zhang"), v1::VIEW_LEDGER, options_.matters > 20000, 0},
      {"persons/lianxi-1", v1::VIEW_LEDGER, true, 40},
      {"persons/lianxi-2", v1::VIEW_LEDGER, true, 0},
      {absl::StrCat("persons/", quiet, "-ban"), v1::VIEW_LEDGER, false, 0},
      {absl::StrCat("persons/", next, "-ban"), v1::VIEW_LEDGER, false, 25},
      {absl::StrCat("persons/", quiet, "-zhang"), v1::VIEW_LEDGER, false, 60},
      {"persons/yanshou-2", v1::VIEW_LEDGER, true, 0},
      {"persons/rexian-1", v1::VIEW_LEDGER, true, 0},
      {"persons/jiwei-1", v1::VIEW_LEDGER, false, 0},
      {"persons/ducha-zhang", v1::VIEW_ALERTS, false, 0},
      {absl::StrCat("persons/", county, "-zhang"), v1::VIEW_ALERTS, false, 30},
      {absl::StrCat("persons/", quiet, "-ban"), v1::VIEW_WORKLIST, false, 0}};
  for (const Seat& seat : seats) {
    if (town_.posts().count(absl::StrCat("posts/", seat.person.substr(8))) == 0) continue;
    facts_.Follow(seat.person);
    watchers_.push_back(
        std::make_unique<Watcher>(town_.As(seat.person), seat.person, seat.view, seat.open_only, seat.cut_after));
  }
  for (const std::string& person : {absl::StrCat("persons/", quiet, "-ban"), std::string("persons/jiwei-2"),
                                    absl::StrCat("persons/", county, "-du")}) {
    facts_.Follow(person);
    listeners_.push_back(std::make_unique<Listener>(town_.As(person), person));
  }
  viewers_ = {"persons/shi-zhang",     "persons/ducha-zhang", "persons/ducha-3", "persons/yanshou-1",
              "persons/xinfang-zhang", "persons/rexian-2",    "persons/jiwei-3", "persons/lianxi-1",
              "persons/lianxi-2",      "persons/lianxi-0"};
  for (const std::string& unit : {town_.counties()[0], town_.departments()[1], town_.departments().back(),
                                  town_.departments()[town_.departments().size() / 2]}) {
    viewers_.push_back(absl::StrCat("persons/", unit.substr(6), "-zhang"));
    viewers_.push_back(absl::StrCat("persons/", unit.substr(6), "-ban"));
  }
  const auto missing = [&](const std::string& person) {
    return town_.posts().count(absl::StrCat("posts/", person.substr(8))) == 0;
  };
  viewers_.erase(std::remove_if(viewers_.begin(), viewers_.end(), missing), viewers_.end());
}

std::vector<v1::LedgerRow> Life::Ledger(const std::string& person, bool open_only, int64_t* total) {
  std::vector<v1::LedgerRow> rows;
  v1::QueryLedgerRequest request;
  request.mutable_filter()->set_open_only(open_only);
  request.set_page_size(500);
  while (true) {
    const auto page = Ask(town_.As(person), request, "the ledger");
    if (!page.ok()) return rows;
    *total = page->total_size();
    rows.insert(rows.end(), page->rows().begin(), page->rows().end());
    request.set_page_token(page->next_page_token());
    if (request.page_token().empty()) return rows;
  }
}

// What a person's lists show is what the second opinion says he may see, and what they count.
void Life::CheckViewer(const std::string& person, bool whole) {
  const Names expected = facts_.Visible(person);
  int64_t total = 0;
  if (!whole && expected.size() > kListedMax) {
    v1::QueryLedgerRequest request;
    request.set_page_size(1);
    const auto page = Ask(town_.As(person), request, "the ledger");
    if (page.ok()) total = page->total_size();
  } else {
    Names shown;
    for (const v1::LedgerRow& row : Ledger(person, false, &total)) {
      if (!shown.insert(row.case_()).second) Fail(person + " is shown a case twice", row.case_());
      if (expected.count(row.case_()) == 0) Fail(person + " is shown in his ledger what he may not see", row.case_());
    }
    for (const std::string& name : expected) {
      if (shown.count(name) == 0) Fail(person + " is not shown in his ledger what is his", name);
    }
  }
  if (total != static_cast<int64_t>(expected.size())) {
    Fail(absl::StrCat(person, "'s ledger counts ", total, " cases of ", expected.size()));
  }
  CheckAlerts(person);
  letters_.CheckList(person);
}

// Whoever is told of something has the alert until its clock stops, and nobody else has.
void Life::CheckAlerts(const std::string& person) {
  std::map<std::string, std::string> expected = facts_.Alerts(person), shown;
  v1::ListAlertsRequest request;
  request.set_page_size(500);
  do {
    const auto page = Ask(town_.As(person), request, "alerts");
    if (!page.ok()) return;
    for (const v1::Alert& alert : page->alerts()) {
      shown[alert.name()] = absl::StrCat(alert.kind(), " of ", Text(At(alert.at())), ", due ", Text(At(alert.due())));
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  for (const auto& [name, said] : expected) ++alerts_[said.substr(0, said.find(' '))];
  const auto about = [](const std::string& alert) { return alert.substr(0, alert.find("/alerts/")); };
  for (const auto& [name, said] : expected) {
    const auto found = shown.find(name);
    if (found == shown.end()) {
      Fail(absl::StrCat(person, " is not alerted of ", name, ", ", said), about(name));
    } else if (found->second != said) {
      Fail(absl::StrCat(person, "'s alert ", name, " says ", found->second, ", not ", said), about(name));
    }
  }
  for (const auto& [name, said] : shown) {
    if (expected.count(name) == 0) {
      Fail(absl::StrCat(person, " is alerted of ", name, ", ", said, ", of which nobody told him"), about(name));
    }
  }
}

// What a watcher was told is what he might see, and what he holds is his list.
void Life::CheckWatcher(Watcher& watcher) {
  if (const std::string trouble = watcher.trouble(); !trouble.empty()) return Fail(watcher.person() + ": " + trouble);
  std::map<std::string, std::string> expected;
  if (watcher.view() == v1::VIEW_LEDGER) {
    int64_t total = 0;
    for (const v1::LedgerRow& row : Ledger(watcher.person(), watcher.open_only(), &total))
      expected[row.case_()] = Watcher::Said(row);
    Names names;
    for (const auto& [name, said] : expected) names.insert(name);
    if (names != facts_.Visible(watcher.person(), watcher.open_only()))
      Fail(watcher.person() + "'s ledger is not what he may see");
  } else {
    v1::QueryViewRequest request;
    request.set_view(watcher.view());
    request.set_page_size(500);
    do {
      const auto page = Ask(town_.As(watcher.person()), request, "a view");
      if (!page.ok()) return;
      for (const v1::ViewRow& row : page->rows()) expected[row.key()] = "";
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    if (watcher.view() == v1::VIEW_ALERTS) {
      Names keys, told;
      for (const auto& [key, said] : expected) keys.insert(key);
      for (const auto& [name, said] : facts_.Alerts(watcher.person())) told.insert(name);
      if (keys != told) Fail(watcher.person() + "'s alerts are not what he is told of");
    }
  }
  const auto until = steady_clock::now() + std::chrono::seconds(30);
  std::map<std::string, std::string> held = watcher.Held();
  while (held != expected && steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    held = watcher.Held();
  }
  if (held != expected) {
    std::string which;
    for (const auto& [key, said] : expected) {
      if (which.empty() && (held.count(key) == 0 || held[key] != said))
        which = absl::StrCat(key, " ", said, " | ", held[key]);
    }
    Fail(absl::StrCat(watcher.person(), " holds ", held.size(), " rows of view ", watcher.view(), ", his list shows ",
                      expected.size(), "; ", which));
  }
  for (const auto& [name, stage] : watcher.TakeShown()) {
    if (absl::StartsWith(name, "cases/") && !facts_.MayHaveSeen(watcher.person(), name, stage)) {
      Fail(absl::StrCat(watcher.person(), " was shown a row of it in stage \"", stage, "\""), name);
    }
  }
}

void Life::LookAround(const std::string& month) {
  const auto spend = Spend(kLooking);
  facts_.CheckTimers(now_);
  const bool end = month == "12";
  for (const std::string& viewer : viewers_) CheckViewer(viewer, end);
  for (const auto& watcher : watchers_) CheckWatcher(*watcher);
  for (const auto& listener : listeners_) {
    if (const std::string trouble = listener->trouble(); !trouble.empty()) Fail(listener->person() + ": " + trouble);
    for (const auto& [stream, revision] : listener->TakeHeard()) {
      if (!facts_.MayHaveHeard(listener->person(), stream, revision)) {
        Fail(absl::StrCat(listener->person(), " heard event ", revision, " of it"), stream);
      }
    }
  }
}

// Each card's goal is what was confirmed in January, and what was done is what the log says.
void Life::CheckBaseline() {
  int settled = 0;
  for (const auto& [name, c] : facts_.cases()) {
    if (c.procedure != "card") continue;
    if (c.end != v1::END_KIND_DONE) {
      Fail("a card has not been settled", name);
      continue;
    }
    ++settled;
    v1::GetCaseRequest request;
    request.set_case_(name);
    request.mutable_as_of()->set_date("2019-02-28");
    const auto then = Ask(town_.auditor(), request, "a card as it was");
    if (!then.ok()) continue;
    const auto number = [](const v1::Case& card, const std::string& field) -> std::string {
      for (const v1::CaseField& one : card.fields()) {
        if (one.field() == field && one.values_size() == 1) return one.values(0).number();
      }
      return "";
    };
    const std::string frozen = number(then->case_(), "target");
    if (frozen.empty() || frozen != c.fields.at("target")[0].number())
      Fail("a card's goal was changed in the year", name);
    int64_t done = 0;
    for (const auto& [other, one] : facts_.cases()) {
      done += one.procedure == "rhythm" && one.end == v1::END_KIND_DONE &&
              one.ended_at < TimeOn(Day(2019, 12, 27), 9) && one.Party("owner") == c.Party("owner");
    }
    if (absl::StrCat(done) != c.fields.at("done")[0].number())
      Fail(absl::StrCat("a card says what the log does not: ", done), name);
  }
  if (settled != static_cast<int>(town_.counties().size()))
    Fail(absl::StrCat(settled, " cards for ", town_.counties().size(), " counties"));
}

// The registers' entries are those that the log has entered and not ended; whoever was to be looked at again was, once.
void Life::CheckRegisters() {
  std::map<std::string, int> looked_at;
  for (const auto& [name, c] : facts_.cases()) {
    if (c.procedure == "recheck") ++looked_at[c.Party("branch")];
  }
  if (facts_.rechecked().empty()) Fail("nobody was named");
  for (const std::string& unit : facts_.rechecked()) {
    if (looked_at[unit] != 1) Fail(absl::StrCat(unit, " is looked at again ", looked_at[unit], " times"));
  }
  Names expected, shown;
  for (const auto& [name, c] : facts_.cases()) {
    for (const auto& [entry, entered] : c.entries) expected.insert(absl::StrCat(name, " ", entered.subject()));
  }
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_REGISTERS);
  request.set_page_size(500);
  do {
    const auto page = Ask(town_.auditor(), request, "registers");
    if (!page.ok()) return;
    for (const v1::ViewRow& row : page->rows())
      shown.insert(absl::StrCat(row.register_().case_(), " ", row.register_().subject()));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  if (shown != expected)
    Fail(absl::StrCat("registers show ", shown.size(), " entries, the log says ", expected.size()));
}

std::string Life::Digest() const {
  std::map<std::string, std::string> ends;
  for (const Matter& one : all_) {
    const Case* c = facts_.FindCase(one.name);
    if (c == nullptr) continue;
    ends[one.identity] = absl::StrCat(c->stage, " ", c->round, " ", c->end, " ", c->late, " ", c->revision, " ",
                                      c->counted, " ", Text(c->stage_since));
  }
  uint64_t digest = 0;
  for (const auto& [identity, end] : ends) digest = Roll(digest, identity + "=" + end);
  return absl::StrFormat("%016x", digest);
}

void Life::Report(const std::string& month) {
  if (!options_.say) return;
  int64_t open = 0;
  for (const auto& [name, c] : facts_.cases()) open += c.open() ? 1 : 0;
  const size_t overdue = facts_.Overdue().size();
  const auto now = steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - reported_).count();
  std::printf("2019-%s  %7zu cases  %6lld open  %5zu overdue  %8lld calls  %7.0f calls/s  %8llu commits  %6.1f s\n",
              month.c_str(), facts_.cases().size(), static_cast<long long>(open), overdue,
              static_cast<long long>(outcome_.acts), static_cast<double>(outcome_.acts - acts_at_report_) / seconds,
              static_cast<unsigned long long>(facts_.log_position() + 1),
              std::chrono::duration<double>(now - began_).count());
  std::fflush(stdout);
  reported_ = now;
  acts_at_report_ = outcome_.acts;
}

// Of the server's process: most memory, processor time.
std::string Life::ServerUse() const {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto read = [&](const char* file) {
      std::ifstream in(entry.path() / file);
      return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string command = read("cmdline");
    if (!absl::StrContains(command, server_.data()) || !absl::StrContains(command, "--listen")) continue;
    const std::string status = read("status");
    const size_t at = status.find("VmHWM:");
    const std::vector<std::string> stat = absl::StrSplit(read("stat"), ' ');
    const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    return absl::StrFormat("%s, %.0f s of processor",
                           at == std::string::npos ? "?" : status.substr(at, status.find('\n', at) - at),
                           stat.size() < 15 ? 0 : (std::stod(stat[13]) + std::stod(stat[14])) / ticks);
  }
  return "?";
}

void Life::Summary() {
  if (!options_.say) return;
  std::printf("\n事件 events\n");
  for (const auto& [kind, count] : facts_.kinds())
    std::printf("  %-22s %9lld\n", kind.c_str(), static_cast<long long>(count));
  std::printf("拒绝 refused as it must be\n");
  for (const auto& [reason, count] : refused_)
    std::printf("  %-22s %9lld\n", reason.c_str(), static_cast<long long>(count));
  std::printf("按计划立项 opened by plans %lld, 编号序列 series %zu\n", static_cast<long long>(facts_.plan_cases()),
              facts_.series().size());
  for (const auto& watcher : watchers_) {
    std::string resets;
    for (const auto& [reason, count] : watcher->resets()) absl::StrAppend(&resets, " ", reason, " ", count);
    std::printf("  %-24s view %d: %lld rows told, %d reconnects,%s\n", watcher->person().c_str(),
                static_cast<int>(watcher->view()), static_cast<long long>(watcher->rows_told()), watcher->cuts(),
                resets.empty() ? " no resets" : resets.c_str());
  }
  const auto stats = town_.auditor().Call(v1::GetStatsRequest());
  if (stats.ok()) {
    std::printf("磁盘 disk %.1f MiB, 批次 batches %llu, p99 %.1f ms\n",
                static_cast<double>(stats->disk_bytes()) / (1 << 20), static_cast<unsigned long long>(stats->batches()),
                stats->batch_seconds_p99() * 1000);
  }
  std::printf("核对过的预警 alerts compared");
  for (const auto& [kind, count] : alerts_) std::printf(" %s %lld", kind.c_str(), static_cast<long long>(count));
  std::printf("\n文书 documents %zu, 换版时换了环节名的 migrated from a renamed stage %lld, 评议 ratings %s\n",
              facts_.letters().size(), static_cast<long long>(migrated_), ratings_.Told().c_str());
  for (int phase = 0; phase < kPhases; ++phase) std::printf("  %s %.1f s", kPhaseNames[phase], spent_[phase]);
  rusage own;
  getrusage(RUSAGE_SELF, &own);
  std::printf("\n本程序 this program: %.0f s of processor\n",
              static_cast<double>(own.ru_utime.tv_sec + own.ru_stime.tv_sec));
  std::printf("服务器 the server: %s\n", ServerUse().c_str());
  std::printf("用时 took %.1f s, %lld calls, 结果 result %s\n",
              std::chrono::duration<double>(steady_clock::now() - began_).count(),
              static_cast<long long>(outcome_.acts), outcome_.digest.c_str());
}

Outcome Life::Run() {
  if (const std::string wrong = town_.Found(server_); !wrong.empty()) {
    Fail(wrong);
    return outcome_;
  }
  feed_ = std::make_unique<Feed>(town_.auditor());
  Watch();
  const std::vector<Sitting> sittings = Calendar();
  for (size_t i = 0; i < sittings.size(); ++i) {
    if (HasWork(sittings[i])) Sit(sittings[i]);
    const bool last = i + 1 == sittings.size() || sittings[i + 1].day.month() != sittings[i].day.month();
    if (!last) continue;
    Advance(TimeOn(sittings[i].day, 20));
    CatchUp();
    const std::string month = absl::StrFormat("%02d", sittings[i].day.month());
    LookAround(month);
    Report(month);
  }
  CheckBaseline();
  CheckRegisters();
  ratings_.Check();
  if (options_.recount) {
    const auto spend = Spend(kCounting);
    outcome_.recounted = figures_.Recount(server_.target(), server_.data());
  }
  if (outcome_.recounted) figures_.Check();
  if (options_.recount && !outcome_.recounted && options_.say)
    std::printf("跳过 SKIPPED: no python3, figures are not recounted\n");
  for (int quarter = 0; quarter < 5; ++quarter) {
    const Day first(2019, quarter < 4 ? quarter * 3 + 1 : 1, 1);
    const Day last = quarter < 3 ? Day(2019, quarter * 3 + 4, 1) - 1 : Day(2019, 12, 31);
    const std::string period = quarter < 4 ? absl::StrCat("2019Q", quarter + 1) : "2019";
    const Counts counts = figures_.Of(period);
    letters_.Report(period, first, last, &counts);
  }
  outcome_.acts += letters_.calls() + ratings_.calls();
  if (options_.recount && !outcome_.recounted && options_.say)
    std::printf("跳过 SKIPPED: no python3, figures are not recounted\n");
  outcome_.cases = static_cast<int64_t>(facts_.cases().size());
  outcome_.digest = Digest();
  Summary();
  return outcome_;
}

}  // namespace

Outcome LiveThrough(const Options& options) { return Life(options).Run(); }

}  // namespace duban::city
