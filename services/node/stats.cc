#include "services/node/stats.h"

#include <algorithm>
#include <optional>

#include "engine/base/time.h"
#include "services/node/limits.h"

namespace duban::node {
namespace {

// How full a bound is, where that can be said.
std::optional<int64_t> ValueOf(Bound bound, const v1::GetStatsResponse& stats, int64_t watches_of_one_person) {
  switch (bound) {
    case Bound::kQueue:
      return stats.queue_length();
    case Bound::kCachedCases:
      return stats.cached_cases();
    case Bound::kChangedKept:
      return static_cast<int64_t>(std::min<uint64_t>(stats.commits(), limits::kChangedKept));
    case Bound::kWatches:
      return stats.event_watches() + stats.view_watches();
    case Bound::kWatchesPerPerson:
      return watches_of_one_person;
    case Bound::kUploads:
      return stats.uploads_open();
    case Bound::kPastLag:
      return stats.past_lag();
    default:  // What has no size of its own.
      return std::nullopt;
  }
}

// Of each bound what `value` says; nothing where it says nothing.
template <typename Value>
Measure ByBound(std::string name, std::string help, Measure::Kind kind, const v1::GetStatsResponse& stats,
                Value value) {
  Measure out{std::move(name), std::move(help), kind, {}};
  for (const v1::Bound& bound : stats.bounds()) {
    const std::optional<double> is = value(bound);
    if (is) out.samples.push_back({{{"bound", bound.name()}}, *is, {}});
  }
  return out;
}

double Seconds(const google::protobuf::Timestamp& instant) {
  return absl::ToDoubleSeconds(engine::FromProto(instant) - absl::UnixEpoch());
}

// Days from now to the end of the last year that the calendar covers.
double CalendarDaysLeft(const v1::GetStatsResponse& stats) {
  const absl::Time end = absl::FromCivil(absl::CivilSecond(stats.calendar_last_year() + 1), absl::UTCTimeZone());
  return std::max(0.0, absl::FDivDuration(end - engine::FromProto(stats.now()), absl::Hours(24)));
}

}  // namespace

void FillBounds(const Vitals& vitals, int64_t watches_of_one_person, v1::GetStatsResponse& stats) {
  for (size_t i = 0; i < kBoundCount; ++i) {
    const Bound bound = static_cast<Bound>(i);
    v1::Bound& out = *stats.add_bounds();
    out.set_name(InfoOf(bound).name);
    out.set_limit(InfoOf(bound).limit);
    const std::optional<int64_t> value = ValueOf(bound, stats, watches_of_one_person);
    if (value) out.set_value(*value);
    out.set_hits(vitals.hits(bound));
  }
}

std::vector<Measure> MeasuresOf(const v1::GetStatsResponse& stats, const Vitals& vitals) {
  using Kind = Measure::Kind;
  const auto number = [](auto value) { return static_cast<double>(value); };
  const double now = Seconds(stats.now()), fired_to = Seconds(stats.timers_fired_to());
  return {
      Gauge("log_commits", "Commits in the log.", number(stats.commits())),
      Counter("commands_total", "Commands answered since the start, rejections included.", number(stats.commands())),
      Counter("rejections_total", "Of these, rejected.", number(stats.rejections())),
      {"batch_seconds",
       "From taking a batch's commands to their durability; one sync each.",
       Kind::kDurations,
       {{{}, 0, vitals.batches()}}},
      Gauge("timers_armed", "Timers armed.", number(stats.timers_armed())),
      Gauge("timers_lag_seconds", "How far the instant up to which timers have fired is behind now.",
            std::max(0.0, now - fired_to)),
      Gauge("timers_held", "1 while timers are held because the machine's clock jumped ahead.", stats.timers_held()),
      Gauge("read_only", "1 once a failed write has stopped the writer.", stats.read_only()),
      {"watches",
       "Open watches.",
       Kind::kGauge,
       {{{{"of", "events"}}, number(stats.event_watches()), {}}, {{{"of", "view"}}, number(stats.view_watches()), {}}}},
      ByBound("bound_limit", "How much a bound allows.", Kind::kGauge, stats,
              [&](const v1::Bound& bound) { return std::optional<double>(number(bound.limit())); }),
      ByBound("bound_value", "How much there is of what a bound bounds.", Kind::kGauge, stats,
              [&](const v1::Bound& bound) {
                return bound.has_value() ? std::optional<double>(number(bound.value())) : std::nullopt;
              }),
      ByBound("bound_hits_total", "How often a bound was reached since the start.", Kind::kCounter, stats,
              [&](const v1::Bound& bound) { return std::optional<double>(number(bound.hits())); }),
      Gauge("jobs_running", "Jobs that work.", number(stats.jobs_running())),
      Gauge("past_lag_commits", "Commits that what is kept of the past is behind the log.", number(stats.past_lag())),
      Gauge("uploads_open", "Uploads that are not complete.", number(stats.uploads_open())),
      Gauge("disk_bytes", "Bytes of the workspace on disk, at most ten seconds old.", number(stats.disk_bytes())),
      Gauge("disk_free_bytes", "Bytes free on that disk.", number(stats.disk_free_bytes())),
      Gauge("calendar_days_left", "Days until the end of the last year that the working-day calendar covers.",
            CalendarDaysLeft(stats)),
      Gauge("start_time_seconds", "When the node started, in seconds since 1970.", Seconds(stats.started_at())),
      {"info", "The server's version.", Kind::kGauge, {{{{"version", stats.version()}}, 1, {}}}},
  };
}

}  // namespace duban::node
