#include "engine/plan/plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/plan/recurrence.h"

namespace duban::engine {
namespace {

// The units whose contact the plan's post is, or the posts of its person are.
std::vector<std::string> AreasOf(const Plan& plan, const Directory& directory) {
  std::vector<std::string> areas;
  const auto add = [&](const v1::Post* post) {
    if (post != nullptr) areas.insert(areas.end(), post->areas().begin(), post->areas().end());
  };
  if (plan.contact.empty()) return areas;
  add(directory.FindPost(plan.contact));
  for (const v1::Post* post : directory.PostsOf(plan.contact)) add(post);
  return areas;
}

bool HasLevel(const Plan& plan, const v1::Unit& unit) { return plan.level.empty() || unit.level() == plan.level; }

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
  for (const std::string& area : AreasOf(plan, directory)) {
    for (std::string& unit : directory.Subtree(area)) units.push_back(std::move(unit));
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

std::vector<std::string> CandidatesOf(const PartyDraw& draw, const Procedure& procedure, const Directory& directory) {
  const Party* party = procedure.FindParty(draw.party);
  const bool persons = party != nullptr && party->kind == PartyKind::kPerson;
  std::vector<std::string> out;
  for (const std::string& id : draw.from) {
    const v1::Post* post = persons ? directory.FindPost(id) : nullptr;
    if (post == nullptr) {
      out.push_back(id);
    } else {
      out.insert(out.end(), post->holders().begin(), post->holders().end());
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<Day> StandingPlan::Ahead(const Zone& zone) const {
  if (put.stopped()) return {};
  const std::optional<Day> before = ParseDay(last);
  return NominalDays(*plan, std::max(plan->from, before.has_value() ? *before + 1 : zone.DayOf(put_at)));
}

std::optional<Day> StandingPlan::Next(const Zone& zone) const {
  const std::vector<Day> days = Ahead(zone);
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
    Plan plan = PlanOf(standing.put.source());
    plan.override_reason = event.plan_put().override_reason();
    standing.plan = std::make_shared<const Plan>(std::move(plan));
    standing.versions[standing.put.version()] = standing.plan;
  } else if (event.has_plan_due()) {
    const v1::PlanDue& due = event.plan_due();
    const auto found = plans.find(due.plan());
    if (found == plans.end()) return;
    StandingPlan& standing = found->second;
    standing.last = due.occurrence();
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

}  // namespace duban::engine
