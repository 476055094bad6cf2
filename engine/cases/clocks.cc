#include "engine/cases/clocks.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/built_in.h"
#include "engine/cases/evolve.h"
#include "engine/cases/on_the_way.h"
#include "engine/procedure/span.h"

namespace duban::engine {
namespace {

v1::Text MakeText(std::string zh, std::string en) {
  v1::Text text;
  text.set_zh(std::move(zh));
  text.set_en(std::move(en));
  return text;
}

v1::Rung MakeRung(std::string name, v1::RungKind kind, Instant at, v1::Text title) {
  v1::Rung rung;
  rung.set_rung(std::move(name));
  rung.set_kind(kind);
  *rung.mutable_at() = ToProto(at);
  *rung.mutable_title() = std::move(title);
  return rung;
}

// "10wd", "30d", "2mo", "36h".
std::string SpanId(const Span& span) {
  if (span.months) return absl::StrCat(span.count, "mo");
  switch (span.kind) {
    case v1::DAY_KIND_WORKING:
      return absl::StrCat(span.count, "wd");
    case v1::DAY_KIND_HOURS:
      return absl::StrCat(span.count, "h");
    default:
      return absl::StrCat(span.count, "d");
  }
}

constexpr char kDueRung[] = "due";

constexpr char kReminderRung[] = "remind:";

std::string LightRung(const LightRule& rule) { return absl::StrCat("light:", rule.light.colour()); }

// Collects the instants of one clock.
class Planner {
 public:
  Planner(const PlanInput& input, const Clock& clock, Instant from, Instant due)
      : in_(input), clock_(clock), from_(from), due_(due) {}

  ClockPlan Run() {
    if (clock_.on_the_way()) {
      PlanOnTheWay();
    } else {
      PlanMatter();
    }
    for (v1::Rung& rung : plan_.rungs) {
      for (std::string& id : ToldBy(in_, clock_, rung.rung())) rung.add_tell(std::move(id));
    }
    std::sort(plan_.rungs.begin(), plan_.rungs.end(), [](const v1::Rung& a, const v1::Rung& b) {
      return std::make_tuple(FromProto(a.at()), a.kind(), a.rung()) <
             std::make_tuple(FromProto(b.at()), b.kind(), b.rung());
    });
    return std::move(plan_);
  }

 private:
  void PlanMatter() {
    // Lights first: the due rung carries the colour of being overdue.
    v1::Light overdue_light;
    for (const LightRule& rule : in_.procedure.lights) PlanLight(rule, overdue_light);
    for (const Span& span : clock_.remind) PlanReminder(span);
    PlanOverdue(overdue_light);
    for (const LadderRung& rung : clock_.ladder) PlanLadder(rung);
  }

  // Of a report or a milestone nothing makes the matter late or due soon: its rungs are those of a ladder.
  void PlanOnTheWay() {
    const bool report = clock_.every.has_value();
    for (const LightRule& rule : in_.procedure.lights) {
      if (rule.when == LightRule::When::kAlways) plan_.light = rule.light;
    }
    for (const Span& span : clock_.remind) {
      PlanReminder(span, v1::RUNG_KIND_LADDER, report ? "report_soon" : "milestone_soon");
    }
    const v1::Text title = TitleOf(clock_, from_, in_.zone);
    const int times = report ? TimesMissed(FindClockState(in_.state, clock_.name), from_) : 0;
    v1::Rung missed = MakeRung(
        MissedRung(clock_, times), v1::RUNG_KIND_LADDER, due_ + kTick,
        report ? MakeText(absl::StrCat(title.zh(), "未按时报送"), absl::StrCat(title.en(), ": not reported in time"))
               : MakeText(absl::StrCat(title.zh(), "未按期完成"), absl::StrCat(title.en(), ": not reached in time")));
    missed.set_raises(report ? "report_missed" : "milestone_missed");
    *missed.mutable_light() = MissedLight(in_.procedure, missed.rung());
    plan_.rungs.push_back(std::move(missed));
    if (!report) return;
    const Day next = NextPeriodStart(*clock_.every, in_.zone.DayOf(from_));
    v1::Rung lapsed = MakeRung(kLapsedRung, v1::RUNG_KIND_LADDER, ReportDue(clock_, next, in_.zone) + kTick,
                               MakeText(absl::StrCat(title.zh(), "未报送"), absl::StrCat(title.en(), ": missing")));
    lapsed.set_raises("report_missing");
    plan_.rungs.push_back(std::move(lapsed));
  }

  // The instant so long before (sign -1) or after (1) the due instant; nullopt, and noted, beyond coverage.
  std::optional<Instant> At(const Span& span, int sign, const std::string& name) {
    if (span.count == 0) return due_ + kTick;
    const Outcome<Instant> at = in_.calendar.Shift(due_, span, sign, in_.zone);
    if (!at.ok()) {
      plan_.uncovered.push_back(name);
      return std::nullopt;
    }
    return *at + kTick;
  }

  void PlanLight(const LightRule& rule, v1::Light& overdue_light) {
    const std::string name = LightRung(rule);
    std::optional<Instant> at;
    switch (rule.when) {
      case LightRule::When::kAlways:
        plan_.light = rule.light;
        return;
      case LightRule::When::kOverdue:
        overdue_light = rule.light;
        return;
      case LightRule::When::kLeft:
        at = At(rule.span, -1, name);
        break;
      case LightRule::When::kLeftPercent:
        at = ToTick(from_ + (due_ - from_) / 100 * (100 - rule.percent)) + kTick;
        break;
      case LightRule::When::kOverdueBy:
        at = At(rule.span, 1, name);
        break;
      case LightRule::When::kMilestoneMissed:
      case LightRule::When::kReportsMissed:
        return;
    }
    if (!at.has_value()) return;
    if (*at <= from_ && rule.when != LightRule::When::kOverdueBy) {
      plan_.light = rule.light;
      return;
    }
    v1::Rung rung = MakeRung(name, v1::RUNG_KIND_LIGHT, *at, {});
    *rung.mutable_light() = rule.light;
    plan_.rungs.push_back(std::move(rung));
  }

  void PlanReminder(const Span& span, v1::RungKind kind = v1::RUNG_KIND_REMINDER, const char* raises = "") {
    const std::string name = absl::StrCat(kReminderRung, SpanId(span));
    const std::optional<Instant> at = At(span, -1, name);
    // What lies before the start never was a reminder of this clock: its budget is shorter.
    if (!at.has_value() || *at <= from_) return;
    const v1::Text text = SpanText(span), title = TitleOf(clock_, from_, in_.zone);
    v1::Rung rung = MakeRung(
        name, kind, *at,
        MakeText(absl::StrCat(title.zh(), "还剩", text.zh()), absl::StrCat(title.en(), ": ", text.en(), " left")));
    rung.set_raises(raises);
    plan_.rungs.push_back(std::move(rung));
  }

  void PlanOverdue(const v1::Light& light) {
    v1::Rung rung =
        MakeRung(kDueRung, v1::RUNG_KIND_OVERDUE, due_ + kTick,
                 MakeText(absl::StrCat(clock_.title.zh(), "逾期"), absl::StrCat(clock_.title.en(), " overdue")));
    *rung.mutable_light() = light;
    plan_.rungs.push_back(std::move(rung));
  }

  void PlanLadder(const LadderRung& step) {
    const std::string name = RungName(step);
    const std::optional<Instant> at = At(step.at, 1, name);
    if (!at.has_value()) return;
    v1::Rung rung = MakeRung(name, v1::RUNG_KIND_LADDER, *at, step.title);
    rung.set_raises(step.raises.empty() ? step.suggests : step.raises);
    // Who is asked is resolved when it fires.
    rung.set_suggests(step.suggests);
    plan_.rungs.push_back(std::move(rung));
  }

  const PlanInput& in_;
  const Clock& clock_;
  const Instant from_;
  const Instant due_;
  ClockPlan plan_;
};

}  // namespace

std::string RungName(const LadderRung& rung) {
  return absl::StrCat(rung.raises.empty() ? rung.suggests : rung.raises, kRungAt, SpanId(rung.at));
}

ClockPlan PlanClock(const PlanInput& input, const Clock& clock, Instant from, Instant due) {
  return Planner(input, clock, from, due).Run();
}

v1::Text TitleOf(const Clock& clock, Instant from, const Zone& zone) {
  if (!clock.every.has_value()) return clock.title;
  const std::string period = PeriodName(*clock.every, zone.DayOf(from));
  return MakeText(absl::StrCat(clock.title.zh(), "（", period, "）"), absl::StrCat(clock.title.en(), " ", period));
}

v1::Light LightOfRung(const Procedure& procedure, absl::string_view rung) {
  if (IsMissed(rung)) return MissedLight(procedure, rung);
  for (const LightRule& rule : procedure.lights) {
    if (rung == (rule.when == LightRule::When::kOverdue ? kDueRung : LightRung(rule))) return rule.light;
  }
  return {};
}

v1::DayKind KindOf(const Clock& clock, const Procedure& procedure) {
  if (clock.budget.has_value()) return clock.budget->kind;
  const Field* field = procedure.FindField(clock.due_field);
  return field != nullptr && field->type == FieldType::kInstant ? v1::DAY_KIND_HOURS : v1::DAY_KIND_CALENDAR;
}

Instant DueOfValue(const v1::Value& value, const Zone& zone) {
  if (value.has_instant()) return FromProto(value.instant());
  return zone.EndOf(ParseDay(value.date()).value_or(Day()));
}

std::vector<std::string> ChargedTo(const PlanInput& input, const Clock& clock) {
  std::vector<Role> roles;
  for (const std::string& party : clock.charged_to) roles.push_back(Role{party, false});
  if (roles.empty()) {
    for (const std::string& from : clock.from) {
      const Stage* stage = input.procedure.FindStage(from);
      if (stage == nullptr) continue;
      for (const Action& action : stage->actions) roles.insert(roles.end(), action.by.begin(), action.by.end());
    }
  }
  return ResolveRoles(roles, input.state, input.directory);
}

std::vector<std::string> ToldBy(const PlanInput& input, const Clock& clock, absl::string_view rung) {
  const bool due = rung == kDueRung || rung == kLapsedRung || IsMissed(rung);
  if (due || absl::StartsWith(rung, kReminderRung)) {
    std::vector<std::string> told = ChargedTo(input, clock);
    if (!due) return told;
    // Those whose lateness it is, and those who opened the case.
    for (std::string& id : ResolveRoles(OpenersOf(input.procedure), input.state, input.directory)) {
      if (!absl::c_linear_search(told, id)) told.push_back(std::move(id));
    }
    return told;
  }
  for (const LadderRung& step : clock.ladder) {
    if (RungName(step) == rung) return ResolveRoles(step.tell, input.state, input.directory);
  }
  return {};
}

std::vector<std::string> ResolveRoles(const std::vector<Role>& roles, const duban::state::v1::CaseState& state,
                                      const Directory& directory) {
  std::vector<std::string> ids;
  for (const Role& role : roles) {
    const v1::BoundParty* bound = FindBound(state, role.party);
    if (bound == nullptr) continue;
    for (const v1::BoundId& member : bound->bound()) {
      std::string id = member.id();
      if (role.head) {
        const v1::Unit* unit = directory.FindUnit(member.unit());
        // A unit whose head is not known is told as a whole rather than not at all.
        id = unit != nullptr && !unit->head().empty() ? unit->head() : member.unit();
      }
      if (!absl::c_linear_search(ids, id)) ids.push_back(std::move(id));
    }
  }
  return ids;
}

}  // namespace duban::engine
