#include "engine/plan/plan.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/plan/recurrence.h"

namespace duban::engine {
namespace {

using Members = absl::FunctionRef<std::vector<std::string>(const std::string&)>;

constexpr size_t kNamedMax = 5;  // Units that a refusal names.

bool HasLevel(const Plan& plan, const v1::Unit& unit) { return plan.level.empty() || unit.level() == plan.level; }

// What one plan asks in a year, by unit.
void AddBurden(const std::string& name, const StandingPlan& standing, int year, const Directory& directory,
               const Calendar& calendar, const Zone& zone, Members members,
               std::map<std::string, std::vector<Asked>>& out) {
  const auto add = [&](const Plan& plan, Day day, const std::vector<std::string>& units) {
    if (day.year() != year) return;
    for (const std::string& unit : units) {
      out[unit].push_back({name, plan.burden->topic, day, plan.burden->lasts, plan.burden->at_most});
    }
  };
  for (const auto& came : standing.came) add(standing.Version(came->version), zone.DayOf(came->at), came->units);
  const Plan& plan = *standing.plan;
  const std::optional<Day> next = standing.Next(zone);
  if (!plan.burden.has_value() || !next.has_value()) return;
  const std::vector<std::string> units = PopulationOf(plan, directory, members);
  for (const Day nominal : NominalDays(plan, *next)) {
    const Outcome<Instant> due = DueOn(plan, nominal, calendar, zone);
    // A year that is not published yet: the nominal day is the best that can be said.
    add(plan, due.ok() ? zone.DayOf(*due) : nominal, units);
  }
}

std::string Naming(const Directory& directory, const std::set<std::string>& units) {
  std::vector<std::string> names;
  for (const std::string& unit : units) {
    if (names.size() == kNamedMax) break;
    names.push_back(directory.TitleOf(unit));
  }
  return absl::StrCat(absl::StrJoin(names, "、"), units.size() > kNamedMax ? " 等" : "");
}

}  // namespace

std::vector<Day> NominalDays(const Plan& plan, Day from) {
  if (plan.of_posts()) return {};
  std::vector<Day> days = {plan.from};
  if (!plan.rule.empty()) days = DaysOf(plan.rule, plan.from, plan.until, kOccurrencesMax);
  days.erase(std::remove_if(days.begin(), days.end(), [&](Day day) { return day < from; }), days.end());
  return days;
}

Outcome<Instant> DueOn(const Plan& plan, Day nominal, const Calendar& calendar, const Zone& zone) {
  Day day = nominal;
  if (plan.adjust != Plan::Adjust::kNone) {
    const int step = plan.adjust == Plan::Adjust::kNextWorkingDay ? 1 : -1;
    for (;; day += step) {
      const Outcome<bool> working = calendar.IsWorking(day);
      if (!working.ok()) return working.rejection();
      if (*working) break;
    }
  }
  return zone.StartOf(day) + absl::Minutes(plan.minute);
}

Instant DueOrNominal(const Plan& plan, Day nominal, const Calendar& calendar, const Zone& zone) {
  const Outcome<Instant> due = DueOn(plan, nominal, calendar, zone);
  return due.ok() ? *due : zone.StartOf(nominal);
}

std::vector<std::string> PopulationOf(const Plan& plan, const Directory& directory, Members members) {
  std::vector<std::string> units = plan.units;
  if (!plan.in_register.empty()) units = members(plan.in_register);
  if (!plan.below.empty()) {
    for (std::string& unit : directory.Subtree(plan.below)) {
      if (unit != plan.below) units.push_back(std::move(unit));
    }
  }
  std::sort(units.begin(), units.end());
  units.erase(std::unique(units.begin(), units.end()), units.end());
  units.erase(std::remove_if(units.begin(), units.end(),
                             [&](const std::string& id) {
                               const v1::Unit* unit = directory.FindUnit(id);
                               return unit == nullptr || !HasLevel(plan, *unit);
                             }),
              units.end());
  return units;
}

std::optional<Day> StandingPlan::Next(const Zone& zone) const {
  if (put.stopped()) return std::nullopt;
  const std::optional<Day> before = ParseDay(last);
  const std::vector<Day> days =
      NominalDays(*plan, std::max(plan->from, before.has_value() ? *before + 1 : zone.DayOf(put_at)));
  if (days.empty()) return std::nullopt;
  return days.front();
}

const Plan& StandingPlan::Version(uint32_t version) const {
  const auto found = versions.find(version);
  return found == versions.end() ? *plan : *found->second;
}

void EvolvePlans(Plans& plans, const v1::Event& event) {
  if (event.has_plan_put()) {
    StandingPlan& standing = plans[event.plan_put().plan().name()];
    standing.put = event.plan_put().plan();
    standing.put_at = FromProto(event.plan_put().at());
    standing.plan = std::make_shared<const Plan>(PlanOf(standing.put.source()));
    standing.versions[standing.put.version()] = standing.plan;
  } else if (event.has_plan_due()) {
    const v1::PlanDue& due = event.plan_due();
    const auto found = plans.find(due.plan());
    if (found == plans.end()) return;
    StandingPlan& standing = found->second;
    standing.last = due.occurrence();
    if (standing.Version(due.version()).burden.has_value()) {
      standing.came.push_back(std::make_shared<const CameDue>(
          CameDue{FromProto(due.at()), due.version(), {due.population().begin(), due.population().end()}}));
    }
    const std::optional<Occasion> occasion = ParseOccasion(due.occurrence());
    const std::optional<Day> nominal = ParseDay(due.nominal_day());
    if (!occasion || !nominal) return;
    auto reached = standing.reached == nullptr
                       ? std::make_shared<std::map<std::string, Day, std::less<>>>()
                       : std::make_shared<std::map<std::string, Day, std::less<>>>(*standing.reached);
    Day& last =
        reached->try_emplace(absl::StrCat(FormatDay(occasion->day), " ", occasion->post), *nominal).first->second;
    last = std::max(last, *nominal);
    standing.reached = std::move(reached);
  }
}

std::map<std::string, std::vector<Asked>> BurdenOf(const Plans& plans, int year, const Directory& directory,
                                                   const Calendar& calendar, const Zone& zone, Members members) {
  std::map<std::string, std::vector<Asked>> out;
  for (const auto& [name, standing] : plans) AddBurden(name, standing, year, directory, calendar, zone, members, out);
  for (auto& [unit, asked] : out) {
    std::stable_sort(asked.begin(), asked.end(), [](const Asked& a, const Asked& b) { return a.day < b.day; });
  }
  return out;
}

Verdict CheckBurden(const Plans& plans, const std::string& name, Day from, const Directory& directory,
                    const Calendar& calendar, const Zone& zone, Members members) {
  const Plan& plan = *plans.find(name)->second.plan;
  if (!plan.burden.has_value()) return Nothing{};
  const auto asked_in = [&](int64_t year) {
    return BurdenOf(plans, static_cast<int>(year), directory, calendar, zone, members);
  };
  const int64_t first = std::max(plan.from.year(), from.year());
  // What begins in one year may go on into the next.
  std::map<std::string, std::vector<Asked>> asked_now = asked_in(first - 1);
  for (int64_t year = first - 1; year <= plan.until.year(); ++year) {
    std::map<std::string, std::vector<Asked>> asked_next = asked_in(year + 1);
    std::set<std::string> clash, over;
    std::string other;
    for (auto& [unit, asked] : asked_now) {
      const size_t this_year = asked.size();
      if (const auto next = asked_next.find(unit); next != asked_next.end()) {
        asked.insert(asked.end(), next->second.begin(), next->second.end());
      }
      bool own = false;
      int64_t at_most = 0;
      for (size_t i = 0; i < this_year; ++i) {
        own = own || (asked[i].plan == name && asked[i].day >= from);
        if (asked[i].at_most > 0) at_most = at_most == 0 ? asked[i].at_most : std::min(at_most, asked[i].at_most);
        for (size_t j = i + 1; j < asked.size() && asked[j].day < asked[i].day + asked[i].lasts; ++j) {
          if (asked[i].topic != asked[j].topic || (asked[i].plan != name && asked[j].plan != name)) continue;
          if (asked[j].day < from) continue;
          clash.insert(unit);
          other = asked[i].plan == name ? asked[j].plan : asked[i].plan;
        }
      }
      if (year >= first && own && at_most > 0 && static_cast<int64_t>(this_year) > at_most) over.insert(unit);
    }
    asked_now = std::move(asked_next);
    if (!clash.empty()) {
      return Reject(Kind::kState, "PLAN_CLASH",
                    absl::StrCat(year, " 年与“", other, "”就同一主题“", plan.burden->topic, "”在同一时段查同一单位：",
                                 Naming(directory, clash), "，共 ", clash.size(), " 个；请错开，或写明理由后仍要安排"),
                    absl::StrCat("in ", year, " it asks ", clash.size(), " units about \"", plan.burden->topic,
                                 "\" at the same time as \"", other, "\"; move it, or override with a reason"),
                    {{"plan", other}, {"year", absl::StrCat(year)}, {"units", absl::StrCat(clash.size())}});
    }
    if (!over.empty()) {
      return Reject(Kind::kState, "PLAN_BURDEN",
                    absl::StrCat(year, " 年超过每个单位的年度次数上限：", Naming(directory, over), "，共 ", over.size(),
                                 " 个；请减少，或写明理由后仍要安排"),
                    absl::StrCat("in ", year, " it exceeds the yearly quota of ", over.size(),
                                 " units; plan less, or override with a reason"),
                    {{"year", absl::StrCat(year)}, {"units", absl::StrCat(over.size())}});
    }
  }
  return Nothing{};
}

}  // namespace duban::engine
