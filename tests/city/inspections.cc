#include "tests/city/inspections.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "duban/v1/plan_service.pb.h"

namespace duban::city {
namespace {

constexpr char kPlanner[] = "persons/ducha-1";
constexpr char kNegativeList[] = "negative_list";
constexpr char kNextYear[] = "next_year";
constexpr char kSpecial[] = "专项督查";
constexpr int kByChance = 8;
const char* const kTopics[] = {"安全生产", "消防安全", "食品安全"};

// A day as a plan's rule names it, or the working day after it.
Day Moved(const Days& days, Day nominal) { return days.After(nominal, 0); }

}  // namespace

// First those that show each rule by itself, then some by chance.
Inspections::Inspections(Town& town, const Facts& facts, uint64_t seed, Fail fail)
    : town_(town), facts_(facts), seed_(seed), fail_(std::move(fail)) {
  const std::vector<std::string>& counties = town_.counties();
  Inspection spring;
  spring.name = "safety_check";
  spring.topic = kTopics[0];
  spring.days = {Day(2019, 4, 15), Day(2019, 10, 15)};
  spring.rule = "FREQ=MONTHLY;BYMONTH=4,10;BYMONTHDAY=15";
  spring.lasts = 5;
  spring.at_most = 2;
  spring.units = counties;
  to_put_[Day(2019, 1, 4)].push_back(spring);
  Inspection once = spring;
  once.rule.clear();
  once.units = {counties[0]};
  // A day after another's beginning; far from it, but the third of the year, which is insisted upon.
  once.name = "safety_campaign";
  once.days = {Day(2019, 4, 16)};
  to_put_[Day(2019, 3, 6)].push_back(once);
  once.name = "safety_campaign_later";
  once.days = {Day(2019, 5, 16)};
  once.insists = true;
  to_put_[Day(2019, 3, 6)].push_back(once);
  // The autumn's is called off; what the spring's has asked stays asked.
  to_stop_[Day(2019, 8, 6)] = spring.name;
  once.name = "safety_again";
  once.insists = false;
  once.days = {Day(2019, 9, 17)};
  to_put_[Day(2019, 9, 3)].push_back(once);
  std::vector<std::string> units = counties;
  for (const std::string& unit : town_.departments()) {
    if (units.size() < counties.size() + 6) units.push_back(unit);
  }
  for (int i = 0; i < kByChance; ++i) {
    const auto roll = [&](const char* what) { return Roll(seed_, absl::StrCat("inspection ", i, " ", what)); };
    Inspection one;
    one.name = absl::StrCat("by_chance_", i);
    one.topic = kTopics[roll("topic") % std::size(kTopics)];
    const Day put = Day(2019, 1, 10) + Between(roll("put"), 0, 290);
    one.days = {put + Between(roll("day"), 10, 60)};
    one.lasts = Between(roll("lasts"), 1, 15);
    one.at_most = Between(roll("at most"), 0, 3);
    const int count = Between(roll("count"), 1, 4);
    for (int k = 0; k < count; ++k) one.units.push_back(units[(roll("unit") + static_cast<size_t>(k)) % units.size()]);
    one.insists = roll("insists") % 2 == 0;
    to_put_[put].push_back(one);
  }
  Inspection next;
  next.name = kNextYear;
  next.topic = kSpecial;
  next.days = {NextYear()};
  next.lasts = 10;
  to_put_[DayOfNextYear()].push_back(next);
}

bool Inspections::HasWork(Day day) const {
  return to_put_.count(day) > 0 || to_stop_.count(day) > 0 || day == DayOfNextYear() + 1;
}

void Inspections::Work(Day day) {
  if (const auto stop = to_stop_.find(day); stop != to_stop_.end()) Stop(stop->second, day);
  if (const auto put = to_put_.find(day); put != to_put_.end()) {
    for (const Inspection& one : put->second) Put(one, day);
  }
  // Begun in the old year it would go on into the new one's.
  const Names listed = facts_.Listed(kNegativeList);
  if (day != DayOfNextYear() + 1 || listed.empty()) return;
  Inspection winter;
  winter.name = "winter";
  winter.topic = kSpecial;
  winter.days = {Day(2019, 12, 30)};
  winter.lasts = 20;
  winter.units = {*listed.begin()};
  Put(winter, day);
}

std::string Inspections::FileOf(const Inspection& one) const {
  return absl::StrCat(
      "plan: ", one.name, "\ntitle: {zh: ", one.topic, "检查}\nby: posts/ducha-1\nwhen: {",
      one.rule.empty() ? absl::StrCat("on: ", Text(one.days[0]))
                       : absl::StrCat("rrule: \"", one.rule, "\", from: 2019-01-01, until: 2019-12-31"),
      ", at: \"09:00\", adjust: next_working_day}\nfor: {",
      one.units.empty() ? absl::StrCat("register: ", kNegativeList)
                        : absl::StrCat("units: [", absl::StrJoin(one.units, ", "), "]"),
      "}\nopens: {procedure: rhythm, party: owner, bind: {issuer: units/ducha}, set: {topic: ", one.topic, " ",
      one.name, ", kind: inspect}}\nburden: {topic: ", one.topic, ", lasts_days: ", one.lasts,
      one.at_most > 0 ? absl::StrCat(", at_most_per_year: ", one.at_most) : "", "}\n");
}

void Inspections::Put(const Inspection& one, Day today) {
  const std::string expect = Verdict(one, today);
  v1::PutPlanRequest request;
  request.mutable_file()->set_path(one.name + ".yaml");
  request.mutable_file()->set_text(FileOf(one));
  const auto put = [&](const std::string& reason, const char* how) {
    const auto answer = town_.As(kPlanner).Call(request);
    ++calls_;
    const std::string said = answer.ok() ? "" : answer.error().reason;
    if (said != reason || answer.ok() != reason.empty()) {
      fail_(absl::StrCat(how, " ", one.name, " is answered by \"", said, "\", not \"", reason, "\" ",
                         answer.ok() ? "" : answer.error().message.en()));
    }
    const int64_t population = static_cast<int64_t>(
        one.units.empty() ? facts_.Listed(kNegativeList).size() : Names(one.units.begin(), one.units.end()).size());
    if (answer.ok() && answer->plan().population() != population) {
      fail_(absl::StrCat(how, " ", one.name, " is for ", answer->plan().population(), ", not ", population));
    }
    return answer.ok();
  };
  request.set_validate_only(true);
  put(expect, "the preview of");
  request.set_validate_only(false);
  bool done = put(expect, "putting");
  if (!expect.empty()) {
    ++refused_[expect];
    if (!one.insists) return;
    request.set_override_reason("上级部署专项行动");
    done = put("", "insisting on");
    ++insisted_;
  }
  if (done) standing_[one.name] = one;
}

void Inspections::Stop(const std::string& name, Day today) {
  v1::StopPlanRequest request;
  request.set_plan("plans/" + name);
  Ask(town_.As(kPlanner), request, "a plan's end", fail_);
  ++calls_;
  standing_.at(name).stopped = today;
}

// --- The guard's own reading ----------------------------------------------------------------------------------------

std::vector<const Inspections::Inspection*> Inspections::Standing() const {
  std::vector<const Inspection*> out;
  for (const auto& [name, one] : standing_) out.push_back(&one);
  return out;
}

// What lay behind when it was stopped was asked; what was to come is not. Whom it was for stands in what came due.
std::map<std::string, std::vector<Inspections::Time>> Inspections::Times(const std::vector<const Inspection*>& all,
                                                                         Day today) const {
  std::map<std::string, std::vector<Time>> out;
  for (const Inspection* one : all) {
    Names units(one->units.begin(), one->units.end());
    if (one->units.empty()) units = facts_.Listed(kNegativeList);
    if (one->units.empty() && today > NextYear()) {
      for (const auto& [job, came] : facts_.plans_came()) {
        if (came.plan == absl::StrCat("plans/", kNextYear)) units = {came.population.begin(), came.population.end()};
      }
    }
    for (const Day nominal : one->days) {
      const Day day = Moved(facts_.days(), nominal);
      if (one->stopped.has_value() && day > *one->stopped) continue;
      for (const std::string& unit : units) out[unit].push_back({one, day});
    }
  }
  for (auto& [unit, times] : out) {
    std::stable_sort(times.begin(), times.end(), [](const Time& a, const Time& b) { return a.day < b.day; });
  }
  return out;
}

// One unit is not inspected on one topic by two at a time; nor on one topic oftener in a year than the strictest of
// those who inspect it allows. The first year in which something is wrong decides, and in it the clash.
std::string Inspections::Verdict(const Inspection& inspection, Day today) const {
  std::vector<const Inspection*> all = Standing();
  all.push_back(&inspection);
  bool clash = false, over = false;
  for (const auto& [unit, times] : Times(all, today)) {
    std::map<int64_t, int> a_year;
    std::map<int64_t, int> bounds;
    Names concerned;
    for (const Time& a : times) {
      if (a.of->topic != inspection.topic) continue;
      ++a_year[a.day.year()];
      int& bound = bounds[a.day.year()];
      if (a.of->at_most > 0 && (bound == 0 || a.of->at_most < bound)) bound = a.of->at_most;
      if (a.of != &inspection) continue;
      concerned.insert(absl::StrCat(a.day.year()));
      for (const Time& b : times) {
        if (&a == &b || b.of->topic != inspection.topic) continue;
        clash = clash || (a.day < b.day + b.of->lasts && b.day < a.day + a.of->lasts);
      }
    }
    for (const auto& [year, count] : a_year) {
      over = over || (concerned.count(absl::StrCat(year)) > 0 && bounds[year] > 0 && count > bounds[year]);
    }
  }
  return clash ? "PLAN_CLASH" : over ? "PLAN_BURDEN" : "";
}

void Inspections::CheckMeter(int year, Day today) {
  const auto times = Times(Standing(), today);
  std::vector<std::string> people = {Town::kAuditor, kPlanner, "persons/ducha-3"};
  for (size_t i = 0; i < std::min<size_t>(2, town_.counties().size()); ++i) {
    people.push_back(absl::StrCat("persons/", town_.counties()[i].substr(6), "-ban"));
  }
  for (const std::string& person : people) {
    const bool plans = person == Town::kAuditor || person == kPlanner;
    const Names served = facts_.tree().UnitsServed(person);
    const bool issues = served.count("units/ducha") > 0;  // Who sees the cases of all inspections.
    std::map<std::string, std::vector<std::string>> expected, shown;
    for (const auto& [unit, asked] : times) {
      if (!plans && !issues && served.count(unit) == 0) continue;
      for (const Time& one : asked) {
        // What has come due stands as a case, what lies ahead as the plan.
        const bool ahead = one.day > today;
        if (one.day.year() != year || (!plans && ahead)) continue;
        expected[unit].push_back(
            absl::StrCat(Text(one.day), " ", one.of->topic, " ", ahead ? "plans/" + one.of->name : "a case"));
      }
    }
    v1::GetBurdenRequest request;
    request.set_year(year);
    const auto meter = Ask(town_.As(person), request, "the burden meter", fail_);
    ++calls_;
    if (!meter.ok()) continue;
    for (const v1::UnitBurden& unit : meter->units()) {
      for (const v1::BurdenItem& item : unit.items()) {
        shown[unit.unit()].push_back(
            absl::StrCat(item.day(), " ", item.topic(), " ", item.plan(), item.case_().empty() ? "" : "a case"));
      }
      if (!std::is_sorted(unit.items().begin(), unit.items().end(),
                          [](const auto& a, const auto& b) { return a.day() < b.day(); })) {
        fail_(unit.unit() + "'s burden is not in the order of days");
      }
    }
    for (auto* all : {&expected, &shown}) {
      for (auto& [unit, items] : *all) std::sort(items.begin(), items.end());
    }
    for (const auto& [unit, items] : expected) {
      if (shown[unit] == items) continue;
      fail_(absl::StrCat(person, " is told of ", unit, " in ", year, ": ", absl::StrJoin(shown[unit], ", "), "; not ",
                         absl::StrJoin(items, ", ")));
    }
    for (const auto& [unit, items] : shown) {
      if (expected.count(unit) == 0) fail_(absl::StrCat(person, " is told of the burden on ", unit, " in ", year));
    }
  }
}

std::multiset<std::string> Inspections::Came(Day today) const {
  std::multiset<std::string> out;
  for (const auto& [name, one] : standing_) {
    for (const Day nominal : one.days) {
      const Day day = Moved(facts_.days(), nominal);
      if (day > today || (one.stopped.has_value() && day > *one.stopped)) continue;
      out.insert(absl::StrCat("plans/", name, " ", Text(nominal), " on ", Text(day)));
    }
  }
  return out;
}

Counts Inspections::Asked(int year, Day today) const {
  Counts out;
  for (const auto& [unit, times] : Times(Standing(), today)) {
    Names topics;
    for (const Time& one : times) {
      if (one.day.year() != year || one.day > today) continue;
      ++out[unit].first;
      topics.insert(one.of->topic);
    }
    if (!topics.empty()) out[unit].second = static_cast<int64_t>(topics.size());
  }
  return out;
}

std::string Inspections::Told() const {
  std::string out = absl::StrCat(standing_.size(), " stand, ", insisted_, " against a refusal");
  for (const auto& [reason, count] : refused_) absl::StrAppend(&out, ", ", reason, " ", count);
  return out;
}

}  // namespace duban::city
