#include "engine/plan/burden.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace duban::engine {
namespace {

constexpr size_t kNamedMax = 5;  // Units that a refusal names.

// The days on which a plan will open its cases. In a year that is not published yet the nominal day is the best that
// can be said.
std::vector<Day> DaysAhead(const StandingPlan& standing, const PlanWorld& world) {
  std::vector<Day> days = standing.Ahead(world.zone);
  for (Day& day : days) day = world.zone.DayOf(DueOrNominal(*standing.plan, day, world.calendar, world.zone));
  return days;
}

std::string Naming(const Directory& directory, const std::set<std::string>& units) {
  std::vector<std::string> names;
  for (const std::string& unit : units) {
    if (names.size() == kNamedMax) break;
    names.push_back(directory.TitleOf(unit));
  }
  return absl::StrCat(absl::StrJoin(names, "、"), units.size() > kNamedMax ? " 等" : "");
}

Rejection PlanClash(const PlanWorld& world, int year, const std::string& topic, const std::set<std::string>& units,
                    const Asking& other) {
  const std::string& called = CalledOf(other);
  std::vector<std::pair<std::string, std::string>> facts = {{"year", absl::StrCat(year)},
                                                            {"units", absl::StrCat(units.size())}};
  if (!other.by.empty()) facts.emplace_back("by", other.by);
  return Reject(
      Kind::kState, "PLAN_CLASH",
      absl::StrCat(year, " 年", called.empty() ? "" : absl::StrCat("与“", called, "”"), "就同一主题“", topic,
                   "”在同一时段查同一单位：", Naming(world.directory, units), "，共 ", units.size(),
                   " 个；请错开，或写明理由后仍要安排"),
      absl::StrCat("in ", year, " it asks ", units.size(), " units about \"", topic, "\" at the same time as ",
                   called.empty() ? "something else" : absl::StrCat("\"", called, "\""),
                   "; move it, or override with a reason"),
      std::move(facts));
}

Rejection PlanBurden(const PlanWorld& world, int year, const std::string& topic, const std::set<std::string>& units) {
  return Reject(Kind::kState, "PLAN_BURDEN",
                absl::StrCat(year, " 年“", topic, "”超过每个单位的年度次数上限：", Naming(world.directory, units),
                             "，共 ", units.size(), " 个；请减少，或写明理由后仍要安排"),
                absl::StrCat("in ", year, " it exceeds the yearly quota of ", units.size(), " units for \"", topic,
                             "\"; plan less, or override with a reason"),
                {{"year", absl::StrCat(year)}, {"units", absl::StrCat(units.size())}});
}

}  // namespace

std::optional<Burden> BurdenAhead(const Plan& plan, const Procedures& procedures) {
  if (plan.cases || plan.of_posts() || plan.sample) return std::nullopt;
  if (plan.burden.has_value()) return plan.burden;
  const Procedure* procedure = procedures.Newest(plan.procedure);
  if (procedure == nullptr || !procedure->burden.has_value()) return std::nullopt;
  Burden burden = *procedure->burden;
  if (burden.party != plan.party) return std::nullopt;
  const Field* field = procedure->FindField(burden.topic_from);
  for (const auto& [name, written] : plan.set) {
    const Code* code = field != nullptr && name == field->name ? procedure->FindCode(field->codes, written) : nullptr;
    if (code != nullptr) burden.topic = code->title.zh();
  }
  burden.topic_from.clear();
  if (burden.topic.empty()) return std::nullopt;
  return burden;
}

const PlansAhead::Asks* PlansAhead::Find(absl::string_view plan) const {
  const auto held = asks_.find(plan);
  if (held != asks_.end()) return held->second.has_value() ? &*held->second : nullptr;
  std::optional<Asks>& out = asks_[std::string(plan)];
  const auto found = world_.plans.find(plan);
  if (found == world_.plans.end()) return nullptr;
  const StandingPlan& standing = found->second;
  std::optional<Burden> burden = BurdenAhead(*standing.plan, world_.procedures);
  std::vector<Day> days = burden.has_value() ? DaysAhead(standing, world_) : std::vector<Day>();
  if (days.empty()) return nullptr;
  out = Asks{found->first, standing.plan->title.zh(), *std::move(burden),
             PopulationOf(*standing.plan, world_.directory, world_.members), std::move(days)};
  return &*out;
}

const std::vector<const PlansAhead::Asks*>& PlansAhead::On(absl::string_view topic) const {
  const auto held = by_topic_.find(topic);
  if (held != by_topic_.end()) return held->second;
  std::vector<const Asks*>& out = by_topic_[std::string(topic)];
  for (const auto& [name, standing] : world_.plans) {
    const std::optional<Burden> burden = BurdenAhead(*standing.plan, world_.procedures);
    const Asks* asks = burden.has_value() && burden->topic == topic ? Find(name) : nullptr;
    if (asks != nullptr) out.push_back(asks);
  }
  return out;
}

std::vector<Asking> PlannedBurdens::Of(absl::string_view unit, absl::string_view topic, Day first, Day last) const {
  std::vector<Asking> out;
  for (const PlansAhead::Asks* asks : ahead_->On(topic)) {
    if (asks->plan == except_ || !std::binary_search(asks->units.begin(), asks->units.end(), unit)) continue;
    for (const Day day : asks->days) {
      const Day until = day + (asks->burden.lasts - 1);
      if (day <= last && until >= first) out.push_back({asks->plan, asks->title, day, until, asks->burden.at_most});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Asking& a, const Asking& b) { return a.first < b.first; });
  return out;
}

std::map<std::string, std::vector<Planned>> PlannedIn(int year, const PlansAhead& ahead) {
  std::map<std::string, std::vector<Planned>> out;
  for (const auto& [name, standing] : ahead.world().plans) {
    const PlansAhead::Asks* asks = ahead.Find(name);
    if (asks == nullptr) continue;
    std::vector<Day> days = asks->days;
    days.erase(std::remove_if(days.begin(), days.end(), [&](Day day) { return day.year() != year; }), days.end());
    for (const std::string& unit : asks->units) {
      for (const Day day : days) out[unit].push_back({name, asks->burden.topic, day, day + (asks->burden.lasts - 1)});
    }
  }
  for (auto& [unit, planned] : out) {
    std::stable_sort(planned.begin(), planned.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  return out;
}

Verdict CheckBurden(const PlansAhead& ahead, const std::string& name, const Burdens& others) {
  const PlansAhead::Asks* asks = ahead.Find(name);
  if (asks == nullptr) return Nothing{};
  const PlanWorld& world = ahead.world();
  const std::vector<Day>& days = asks->days;
  const Burden& burden = asks->burden;
  const auto until = [&](Day day) { return day + (burden.lasts - 1); };
  // By years: those who are asked at one time twice, with the first such clash, and those who are asked too often.
  std::map<int64_t, std::set<std::string>> clash, over;
  std::map<int64_t, Asking> with;
  for (const std::string& unit : asks->units) {
    const Day first = LookedAt(days.front(), days.front()).first, last = LookedAt(days.back(), until(days.back())).last;
    const std::vector<Asking> askings = others.Of(unit, burden.topic, first, last);
    std::map<int64_t, int64_t> own;
    for (size_t i = 0; i < days.size(); ++i) {
      const int64_t year = days[i].year();
      ++own[year];
      const std::vector<const Asking*> clashes = Clashes(askings, days[i], until(days[i]));
      const bool itself = i + 1 < days.size() && days[i + 1] <= until(days[i]);
      if (clashes.empty() && !itself) continue;
      clash[year].insert(unit);
      with.try_emplace(year,
                       clashes.empty() ? Asking{name, asks->title, days[i], until(days[i]), 0} : *clashes.front());
    }
    for (const auto& [year, times] : own) {
      const YearOf in_year = AskedIn(static_cast<int>(year), askings, burden.at_most);
      const int64_t all = static_cast<int64_t>(in_year.asked.size()) + times;
      if (in_year.at_most > 0 && all > in_year.at_most) over[year].insert(unit);
    }
  }
  if (!clash.empty()) {
    const auto& [year, units] = *clash.begin();
    return PlanClash(world, static_cast<int>(year), burden.topic, units, with.at(year));
  }
  if (over.empty()) return Nothing{};
  const auto& [year, units] = *over.begin();
  return PlanBurden(world, static_cast<int>(year), burden.topic, units);
}

}  // namespace duban::engine
