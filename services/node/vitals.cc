#include "services/node/vitals.h"

#include "engine/base/check.h"
#include "services/node/limits.h"

namespace duban::node {
namespace {

class Silent : public Log {
 public:
  void Write(Level, const char*, const std::vector<Fact>&) override {}
};

}  // namespace

std::shared_ptr<Log> Silence() { return std::make_shared<Silent>(); }

BoundInfo InfoOf(Bound bound) {
  switch (bound) {
    case Bound::kQueue:
      return {"queue", limits::kQueueMax};
    case Bound::kBatchCommands:
      return {"batch_commands", limits::kBatchCommandsMax};
    case Bound::kBatchBytes:
      return {"batch_bytes", limits::kBatchBytesMax};
    case Bound::kBatchTimers:
      return {"batch_timers", limits::kBatchTimersMax};
    case Bound::kCachedCases:
      return {"cached_cases", limits::kCachedCasesMax};
    case Bound::kDedupWindow:
      return {"dedup_days", limits::kDedupWindowDays};
    case Bound::kChangedKept:
      return {"changed_kept", limits::kChangedKept};
    case Bound::kPage:
      return {"page_rows", limits::kPageMax};
    case Bound::kScan:
      return {"scan_rows", limits::kScanBudget};
    case Bound::kWatchScan:
      return {"watch_scan_commits", limits::kWatchScanCommits};
    case Bound::kWatchEvents:
      return {"watch_batch_events", limits::kWatchBatchEvents};
    case Bound::kWatchRows:
      return {"watch_rows", limits::kWatchRowsMax};
    case Bound::kWatchBacklog:
      return {"watch_backlog", limits::kWatchDirtyMax};
    case Bound::kWatchBatchRows:
      return {"watch_batch_rows", limits::kWatchBatchRows};
    case Bound::kWatches:
      return {"watches", limits::kWatchesMax};
    case Bound::kWatchesPerPerson:
      return {"watches_per_person", limits::kWatchesPerPersonMax};
    case Bound::kClockJump:
      return {"clock_jump_hours", limits::kClockJumpMax.count()};
    case Bound::kTokenDays:
      return {"token_days", limits::kTokenDaysMax};
  }
  DUBAN_CHECK(false, "every bound has a name");
  return {"", 0};
}

void Vitals::BatchTook(absl::Duration took, size_t commits, size_t bytes) {
  batches_.Add(took);
  last_batch_ns_ = absl::ToInt64Nanoseconds(took);
  if (took < kSlowBatch) return;
  log_->Write(Level::kWarning, "slow_batch",
              {{"seconds", absl::ToDoubleSeconds(took)},
               {"commits", static_cast<int64_t>(commits)},
               {"bytes", static_cast<int64_t>(bytes)}});
}

}  // namespace duban::node
