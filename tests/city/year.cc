#include "tests/city/year.h"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tests/city/life.h"
#include "tests/city/together.h"
#include "tests/city/values.h"

namespace duban::city {
namespace {

// How busy each month is, and each hour of a working day.
constexpr double kMonths[] = {0.7, 0.5, 1.1, 1.0, 1.0, 1.3, 1.0, 0.9, 1.3, 0.9, 1.2, 0.8};
constexpr std::pair<int, double> kHours[] = {{9, 0.5}, {11, 0.3}, {15, 0.2}};
constexpr double kDayOff = 0.06;  // The hotline alone.
constexpr char kDrawer[] = "persons/ducha-1";
constexpr uint64_t kLooksForSecretsOneIn = 8;  // Working days.
constexpr int kManyMatters = 20000;            // With more the busiest watch open ones only.
const Day kDayOfTeam = Day(2019, 3, 4);
const Day kDayOfRatings = Day(2019, 12, 3);  // Year-end reports of heads are asked for.
const Day kDayOfCards = Day(2019, 12, 27);
const Day kDaysOfAlike[] = {Day(2019, 4, 10), Day(2019, 9, 11)};
const Day kDayOfRedraw = Day(2019, 7, 1);

bool IsDayOfAlike(Day day) { return std::count(std::begin(kDaysOfAlike), std::end(kDaysOfAlike), day) > 0; }

}  // namespace

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
  Ask(town_.auditor(), request, "the clock", fail_);
  now_ = to;
}

// Reads the log to its end: all that has been asked for has been answered, and no job works.
void Life::CatchUp() {
  for (const auto spend = Spend(kJobs); true;) {
    const auto stats = Ask(town_.auditor(), v1::GetStatsRequest(), "stats", fail_);
    if (!stats.ok() || stats->jobs_running() == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  // Of the answers that say how far the log is, the one that has nothing to show.
  const auto newest = Ask(town_.auditor(), v1::ListWorklistRequest(), "the newest position", fail_);
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
  if (!trouble.empty()) fail_(trouble);
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

// Matters that nobody of us opened: they come of others, of plans, or of older ledgers.
void Life::Meet(std::vector<std::string> opened) {
  for (const std::string& name : opened) {
    if (by_name_.count(name) > 0) continue;
    const Case& c = *facts_.FindCase(name);
    const auto parent = by_name_.find(c.parent);
    if (parent != by_name_.end()) {
      const std::string identity = absl::StrCat(all_[parent->second].identity, ">", c.procedure);
      Register(absl::StrCat(identity, ++children_[identity]), name);
    } else {
      std::string identity = Backlog::KeyOf(c);
      if (!identity.empty()) {
        secrets_.Keep(name, c.procedure, Backlog::PersonOf(c));
      } else {
        identity =
            absl::StrCat("plan ", c.procedure, " ", c.Party("owner"), c.Party("branch"), " ", Text(DayOf(c.opened_at)));
        for (const char* field : {"kind", "topic"}) {
          const auto said = c.fields.find(field);
          if (said != c.fields.end()) absl::StrAppend(&identity, " ", said->second[0].choice(), said->second[0].text());
        }
      }
      Register(identity, name);
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
    fail_(absl::StrCat(call.identity, ": ", call.person, " ", what, " is answered by \"",
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
  if (!opening) {
    secrets_.Keep(name, facts_.FindCase(name)->procedure, std::get<v1::ActOnCaseRequest>(call.request).fields());
    return again_.push_back(call.matter);
  }
  const size_t matter = Register(call.identity, call.opened);
  again_.push_back(matter);
  const auto& open = std::get<v1::OpenCaseRequest>(call.request);
  secrets_.Keep(call.opened, open.procedure(), open.fields());
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

// Takes the seed of a draw: who is drawn.
void Life::Seed(const std::string& draw, const std::string& source) {
  v1::SeedDrawRequest seed;
  seed.set_draw(draw);
  seed.set_seed(absl::StrCat(Roll(options_.seed, "index " + source) % 1000000));
  seed.set_source("某指数收盘");
  const auto seeded = Ask(town_.As(kDrawer), seed, "a draw's seed", fail_);
  if (!seeded.ok()) return;
  const auto& drawn = seeded->draw().made().drawn();
  matters_.SetDrawn({drawn.begin(), drawn.end()});
}

// Units to be visited unannounced in this quarter; who draws has to do with one of them, which stands aside.
void Life::Draw(Day day) {
  v1::FreezeDrawRequest freeze;
  freeze.set_title(absl::StrCat(Text(day), " 抽查对象"));
  for (const std::string& unit : town_.departments()) freeze.add_candidates()->set_id(unit);
  v1::DrawRequestShare& share = *freeze.add_shares();
  share.set_permille(200);
  const std::string person = kDrawer;
  freeze.add_not_related_to(town_.departments()[0]);
  const auto frozen = Ask(town_.As(person), freeze, "a draw's population", fail_);
  if (!frozen.ok()) return;
  Seed(frozen->draw().name(), Text(day));
  if (day != kDayOfRedraw) return;
  // The population was wrong: another draw repeats it, and says why.
  freeze.set_title(freeze.title() + "（重抽）");
  freeze.mutable_candidates()->DeleteSubrange(freeze.candidates_size() - 1, 1);
  freeze.set_redraws(frozen->draw().name());
  const auto refused = town_.As(person).Call(freeze);
  if (refused.ok() || refused.error().reason != "REASON_REQUIRED") fail_("a draw is made again and nobody says why");
  freeze.set_reason("名单有误");
  freeze.clear_idempotency_key();
  const auto again = Ask(town_.As(person), freeze, "another draw's population", fail_);
  if (again.ok()) Seed(again->draw().name(), Text(day) + " again");
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
  const auto preview = Ask(town_.auditor(), request, "a migration's preview", fail_);
  if (preview.ok() && preview->preview().changed() != static_cast<int64_t>(before.size())) {
    fail_(absl::StrCat("a migration would change ", preview->preview().changed(), " cases of ", before.size()));
  }
  request.set_validate_only(false);
  const auto job = Ask(town_.auditor(), request, "a migration", fail_);
  CatchUp();
  if (!job.ok()) return;
  for (const auto& [name, was] : before) {
    const Case& is = *facts_.FindCase(name);
    const bool renamed = was.stage == "checking";
    if (is.version != 2) fail_("it was not taken to the new version", name);
    if (is.stage != (renamed ? "accepting" : was.stage)) fail_("it has come to another stage: " + is.stage, name);
    if (is.parties != was.parties || is.stage_since != was.stage_since) fail_("its parties or its stage changed", name);
    for (const auto& [clock, held] : was.clocks) {
      const auto found = is.clocks.find(clock);
      const bool goes_on = found != is.clocks.end() && found->second.running && found->second.due == held.due;
      const bool of_stage = clock == "within_checking";
      if (held.running && goes_on == of_stage) {
        fail_(absl::StrCat("its deadline ", clock, of_stage ? " goes on" : " does not go on"), name);
      }
    }
    if (!renamed) continue;
    const Day last = town_.days().After(DayOf(was.stage_since), 8);
    const auto accepting = is.clocks.find("within_accepting");
    if (accepting == is.clocks.end() || !accepting->second.running || DayOf(accepting->second.due) != last) {
      fail_("its stage does not end on " + Text(last), name);
    }
    ++migrated_;
  }
}

// Older ledgers are brought in twice: the second time nothing comes of it.
void Life::BringIn() {
  backlog_.Import();
  CatchUp();
  backlog_.Check(/*again=*/false);
  backlog_.Import();
  CatchUp();
  backlog_.Check(/*again=*/true);
  backlog_.Merge();
  CatchUp();
}

// Hours at which nobody comes and nobody has anything to do are left out.
bool Life::HasWork(const Sitting& sitting) const {
  const bool special = Town::IsDayOfChange(sitting.day) || IsDayOfDraw(sitting.day) || sitting.day == kDayOfCards ||
                       sitting.day == kDayOfTeam || sitting.day == Backlog::DayOfImport() ||
                       IsDayOfAlike(sitting.day) || inspections_.HasWork(sitting.day) || sitting.day == kDayOfRatings ||
                       letters_.HasWork(sitting.day) || ratings_.HasWork(sitting.day);
  return !sitting.arrivals.empty() || !again_.empty() || (sitting.first && special) ||
         (!schedule_.empty() && schedule_.begin()->first <= TimeOn(sitting.day, sitting.hour));
}

void Life::Sit(const Sitting& sitting) {
  Advance(TimeOn(sitting.day, sitting.hour));
  CatchUp();
  if (sitting.first) {
    if (const std::string wrong = town_.Change(sitting.day); !wrong.empty()) fail_("a change of the city: " + wrong);
    if (IsDayOfDraw(sitting.day)) Draw(sitting.day);
    if (sitting.day == Town::DayOfMigration()) Migrate();
    if (inspections_.HasWork(sitting.day)) inspections_.Work(sitting.day);
    if (sitting.day == Backlog::DayOfImport()) BringIn();
    if (Town::IsDayOfChange(sitting.day) || IsDayOfDraw(sitting.day) || inspections_.HasWork(sitting.day)) CatchUp();
    Write(sitting.day);
    if (ratings_.HasWork(sitting.day)) {
      ratings_.Vote(sitting.day, now_);
      CatchUp();
    }
    const uint64_t roll = Roll(options_.seed, "looks " + Text(sitting.day));
    const auto spend = Spend(kLooking);
    viewers_.Glance(sitting.day, roll);
    if (roll % kLooksForSecretsOneIn == 0) secrets_.Look(sitting.day);
  }
  std::vector<Call> calls, alone;
  if (sitting.first && sitting.day == Day(2019, 1, 2)) {
    for (const std::string& unit : town_.departments()) {
      v1::OpenCaseRequest open;
      open.set_procedure("duty_report");
      Bind(open, "organiser", {"units/ducha"});
      Bind(open, "reporter", {unit});
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
  if (sitting.first && IsDayOfAlike(sitting.day)) {
    const std::string identity = "alike " + Text(sitting.day);
    calls.push_back({SIZE_MAX, identity, "persons/ducha-1", matters_.Alike(identity), "", {}, ""});
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

// Of the quarter that ends on this day, and of the year with it.
void Life::CheckRates(Day last) {
  rates_.Check(absl::StrCat("2019Q", last.month() / 3), Day(2019, last.month() - 2, 1), last);
  if (last.month() == 12) rates_.Check("2019", Day(2019, 1, 1), last);
}

// What must hold of the year: looked at on its last evening, counted again and reported in the next year.
void Life::Settle() {
  year_end_.Check();
  backlog_.CheckInTheEnd();
  ratings_.Check();
  // While the year is not over, a report lists who is late now.
  letters_.Report("2019Q4", Day(2019, 10, 1), Day(2019, 12, 31), nullptr);
  letters_.Report("2019", Day(2019, 1, 1), Day(2019, 12, 31), nullptr);
  GoIntoNextYear();
  if (options_.recount) {
    const auto spend = Spend(kCounting);
    outcome_.recounted = figures_.Recount(server_.target(), server_.data(), options_.python);
  }
  if (outcome_.recounted) figures_.Check();
  for (int quarter = 0; quarter < 5; ++quarter) {
    const Day first(2019, quarter < 4 ? quarter * 3 + 1 : 1, 1);
    const Day last = quarter < 3 ? Day(2019, quarter * 3 + 4, 1) - 1 : Day(2019, 12, 31);
    const std::string period = quarter < 4 ? absl::StrCat("2019Q", quarter + 1) : "2019";
    const Counts counts = figures_.Of(period);
    letters_.Report(period, first, last, &counts);
  }
}

// Until the special inspection of those who stand on the negative list has come due.
void Life::GoIntoNextYear() {
  Advance(TimeOn(Inspections::NextYear(), 20));
  CatchUp();
  facts_.CheckTimers(now_);
  inspections_.CheckMeter(2019, Inspections::NextYear() + 1);
  Advance(TimeOn(Inspections::NextYear() + 1, 9));
  CatchUp();
  inspections_.CheckMeter(2020, Inspections::NextYear() + 1);
  year_end_.CheckPlans(inspections_, Inspections::NextYear() + 1);
}

Outcome Life::Run() {
  if (const std::string wrong = town_.Found(server_); !wrong.empty()) {
    fail_(wrong);
    return outcome_;
  }
  feed_ = std::make_unique<Feed>(town_.auditor());
  viewers_.Watch(options_.matters > kManyMatters);
  const std::vector<Sitting> sittings = Calendar();
  for (size_t i = 0; i < sittings.size(); ++i) {
    if (HasWork(sittings[i])) Sit(sittings[i]);
    const bool last = i + 1 == sittings.size() || sittings[i + 1].day.month() != sittings[i].day.month();
    if (!last) continue;
    Advance(TimeOn(sittings[i].day, 20));
    CatchUp();
    const std::string month = absl::StrFormat("%02d", sittings[i].day.month());
    {
      const auto spend = Spend(kLooking);
      facts_.CheckTimers(now_);
      viewers_.LookAround(month == "12");
      inspections_.CheckMeter(2019, sittings[i].day);
      if (sittings[i].day.month() % 3 == 0) CheckRates(sittings[i].day);
    }
    Report(month);
  }
  Settle();
  outcome_.acts +=
      letters_.calls() + ratings_.calls() + backlog_.calls() + inspections_.calls() + secrets_.calls() + rates_.calls();
  outcome_.cases = static_cast<int64_t>(facts_.cases().size());
  outcome_.digest = Digest();
  Summary();
  return outcome_;
}

Outcome LiveThrough(const Options& options) { return Life(options).Run(); }

}  // namespace duban::city
