#include "engine/cases/on_the_way.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "engine/cases/draft.h"
#include "engine/cases/evolve.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;

constexpr char kMissed[] = "missed";
constexpr char kMissedPrefix[] = "missed:";

int MonthsIn(Recurrence every) {
  switch (every) {
    case Recurrence::kWeek:
      return 0;
    case Recurrence::kMonth:
      return 1;
    case Recurrence::kQuarter:
      return 3;
    case Recurrence::kHalfYear:
      return 6;
    case Recurrence::kYear:
      return 12;
  }
  return 0;
}

// "missed:3" -> 3.
int TimesIn(absl::string_view rung) {
  int times = 0;
  return absl::ConsumePrefix(&rung, kMissedPrefix) && absl::SimpleAtoi(rung, &times) ? times : 0;
}

bool IsSet(const CaseState& state, const std::string& field) { return FindFieldState(state, field) != nullptr; }

}  // namespace

Day PeriodStart(Recurrence every, Day day) {
  const int months = MonthsIn(every);
  if (months == 0) return absl::PrevWeekday(day + 1, absl::Weekday::monday);
  return Day(absl::CivilMonth(day.year(), 1 + (day.month() - 1) / months * months));
}

Day NextPeriodStart(Recurrence every, Day day) {
  const Day start = PeriodStart(every, day);
  const int months = MonthsIn(every);
  return months == 0 ? start + 7 : Day(absl::CivilMonth(start) + months);
}

std::string PeriodName(Recurrence every, Day day) {
  const Day start = PeriodStart(every, day);
  switch (every) {
    case Recurrence::kWeek:
      return FormatDay(start);
    case Recurrence::kMonth:
      return absl::StrFormat("%04d-%02d", start.year(), start.month());
    case Recurrence::kQuarter:
      return absl::StrFormat("%04dQ%d", start.year(), 1 + (start.month() - 1) / 3);
    case Recurrence::kHalfYear:
      return absl::StrFormat("%04dH%d", start.year(), 1 + (start.month() - 1) / 6);
    case Recurrence::kYear:
      return absl::StrFormat("%04d", start.year());
  }
  return "";
}

Instant ReportDue(const Clock& clock, Day first, const Zone& zone) {
  const Day last = NextPeriodStart(*clock.every, first) - 1;
  // The checker lets a grace be days of the calendar only: no report waits for next year's calendar.
  return zone.EndOf(last + (clock.grace.has_value() ? clock.grace->count : 0));
}

bool IsMissed(absl::string_view rung) { return rung == kMissed || absl::StartsWith(rung, kMissedPrefix); }

std::string MissedRung(const Clock& clock, int times) {
  return clock.every.has_value() ? absl::StrCat(kMissedPrefix, times) : kMissed;
}

int TimesMissed(const ClockState* known, Instant from) {
  if (known == nullptr) return 1;
  int times = 0;
  bool lapsed = false;
  for (const v1::Rung& rung : known->pending()) times = std::max(times, TimesIn(rung.rung()));
  for (const std::string& rung : known->suppressed()) times = std::max(times, TimesIn(rung));
  for (const auto& rung : known->fired()) {
    times = std::max(times, TimesIn(rung.rung()));
    lapsed = lapsed || rung.rung() == kLapsedRung;
  }
  if (FromProto(known->from()) == from) return std::max(times, 1);
  return lapsed ? times + 1 : 1;
}

v1::Light MissedLight(const Procedure& procedure, absl::string_view rung) {
  const int times = TimesIn(rung);
  v1::Light light;
  for (const LightRule& rule : procedure.lights) {
    const bool holds = times == 0 ? rule.when == LightRule::When::kMilestoneMissed
                                  : rule.when == LightRule::When::kReportsMissed && rule.times <= times;
    if (holds) light = rule.light;
  }
  return light;
}

Instant MilestoneDue(const Clock& milestone, const ClockState& of, const Zone& zone) {
  const Instant from = FromProto(of.from()), due = FromProto(of.due());
  return zone.EndOf(zone.DayOf(from + (due - from) / 100 * (100 - milestone.left_percent)));
}

// The report of the first whole period from a day on.
Verdict Draft::StartReport(CaseDraft& draft, const Clock& clock, Instant from) {
  // Of an old matter entered now nobody is asked for the reports that lie behind.
  const Instant since = context_.actor.empty() ? from : std::max(from, context_.now);
  const Day day = context_.zone.DayOf(since);
  const Day start = PeriodStart(*clock.every, day);
  return StartPeriod(draft, clock, start == day ? start : NextPeriodStart(*clock.every, day));
}

Verdict Draft::StartPeriod(CaseDraft& draft, const Clock& clock, Day first) {
  EmitStarted(draft, clock, context_.zone.StartOf(first), ReportDue(clock, first, context_.zone));
  return Nothing{};
}

// Milestones at a share of a clock's time, once that clock runs or is due another day.
Verdict Draft::FollowMilestones(CaseDraft& draft, const Clock& clock) {
  for (const Clock& milestone : draft.procedure->clocks) {
    if (milestone.milestone_of != clock.name || milestone.left_percent == 0) continue;
    const ClockState* of = FindClockState(draft.state, clock.name);
    const ClockState* known = FindClockState(draft.state, milestone.name);
    const bool alive = known != nullptr && known->run() != ClockState::RUN_STOPPED;
    if (alive && of->has_due()) {
      const Instant due = MilestoneDue(milestone, *of, context_.zone);
      if (!known->has_due() || FromProto(known->due()) != due) {
        DUBAN_REQUIRE(MoveClock(draft, milestone, due, "follow", false));
      }
    } else if (!alive && (known == nullptr || known->fell_away())) {
      DUBAN_REQUIRE(StartClock(draft, milestone, FromProto(of->from())));
    }
  }
  return Nothing{};
}

bool Draft::IsReached(const CaseDraft& draft, const Clock& milestone) {
  return std::all_of(milestone.needs.begin(), milestone.needs.end(),
                     [&](const std::string& field) { return IsSet(draft.state, field); });
}

Verdict Draft::TurnOnTheWay(CaseDraft& draft, const Clock& clock, const std::string& stage, Instant at, bool met) {
  const ClockState* known = FindClockState(draft.state, clock.name);
  const bool alive = known != nullptr && known->run() != ClockState::RUN_STOPPED;
  if (alive && met) {
    StopClock(draft, clock.name, at, true);
  } else if (clock.every.has_value()) {
    const bool stops = absl::c_linear_search(clock.stops_in, stage);
    const bool begins =
        absl::c_linear_search(clock.from, stage) || absl::c_linear_search(clock.stops_in, draft.state.previous_stage());
    if (alive && stops) {
      StopClock(draft, clock.name, at, true);
    } else if (!alive && !met && !stops && begins && (known != nullptr || absl::c_linear_search(clock.from, stage))) {
      DUBAN_REQUIRE(StartReport(draft, clock, at));
    }
  } else if (Runs(known) && absl::c_linear_search(clock.stops_in, stage)) {
    DUBAN_REQUIRE(PauseClock(draft, clock, at));
  } else if (alive && !Runs(known) && !absl::c_linear_search(clock.stops_in, stage)) {
    DUBAN_REQUIRE(ResumeClock(draft, clock, at));
  } else if (!alive && !met && clock.left_percent == 0 && absl::c_linear_search(clock.from, stage) &&
             (known == nullptr || known->fell_away())) {
    DUBAN_REQUIRE(StartClock(draft, clock, at));
  }
  return Nothing{};
}

Verdict Draft::MeetOnTheWay(CaseDraft& draft, const std::vector<v1::FieldValue>& given, Instant at) {
  for (const Clock& clock : draft.procedure->clocks) {
    const ClockState* known = FindClockState(draft.state, clock.name);
    // A report made before its period begins is not the report of that period.
    if (!clock.on_the_way() || !Runs(known) || at < FromProto(known->from())) continue;
    const bool all = std::all_of(clock.needs.begin(), clock.needs.end(), [&](const std::string& need) {
      return std::any_of(given.begin(), given.end(),
                         [&](const v1::FieldValue& value) { return value.field() == need && !value.values().empty(); });
    });
    if (!all) continue;
    const Day period = context_.zone.DayOf(FromProto(known->from()));
    StopClock(draft, clock.name, at, false);
    if (clock.every.has_value()) DUBAN_REQUIRE(StartPeriod(draft, clock, NextPeriodStart(*clock.every, period)));
  }
  return Nothing{};
}

// Two reports are due and neither has been made: the earlier is missing for good.
Verdict Draft::LapseReport(CaseDraft& draft, const Clock& clock, Instant at) {
  const Day period = context_.zone.DayOf(FromProto(FindClockState(draft.state, clock.name)->from()));
  StopClock(draft, clock.name, at, true);
  // What the next period's due instant says is said now, not suppressed as past.
  at_ = at - kTick;
  DUBAN_REQUIRE(StartPeriod(draft, clock, NextPeriodStart(*clock.every, period)));
  at_ = at;
  return Nothing{};
}

}  // namespace duban::engine
