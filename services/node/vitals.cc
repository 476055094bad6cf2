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
    case Bound::kChangedBytes:
      return {"changed_bytes", limits::kChangedBytesMax};
    case Bound::kDirectoryPage:
      return {"directory_page_rows", limits::kDirectoryPageMax};
    case Bound::kEventPage:
      return {"event_page_rows", limits::kEventPageMax};
    case Bound::kWatchBatchBytes:
      return {"watch_batch_bytes", limits::kWatchBatchBytes};
    case Bound::kWatchAhead:
      return {"watch_ahead_seconds", limits::kWatchAheadWait.count()};
    case Bound::kPastKept:
      return {"past_kept", limits::kPastKept};
    case Bound::kPastLag:
      return {"past_lag", limits::kPastLagMax};
    case Bound::kPastCases:
      return {"past_cases", limits::kPastCasesMax};
    case Bound::kPastWait:
      return {"past_wait_ms", limits::kPastWait.count()};
    case Bound::kScratchCommits:
      return {"scratch_commits", limits::kScratchCommitsMax};
    case Bound::kScratchBytes:
      return {"scratch_bytes", limits::kScratchBytesMax};
    case Bound::kScratches:
      return {"scratches", limits::kScratchesMax};
    case Bound::kPastCounted:
      return {"past_counted", limits::kPastCountedMax};
    case Bound::kBuildCases:
      return {"build_cases", limits::kBuildCasesMax};
    case Bound::kHandOver:
      return {"hand_over_commits", limits::kHandOverCommits};
    case Bound::kFileBytes:
      return {"file_bytes", limits::kFileBytesMax};
    case Bound::kFileTitle:
      return {"file_title_bytes", limits::kFileTitleBytesMax};
    case Bound::kUploadsPerPerson:
      return {"uploads_per_person", limits::kUploadsPerPersonMax};
    case Bound::kUploadBytesPerPerson:
      return {"upload_bytes_per_person", limits::kUploadBytesPerPersonMax};
    case Bound::kUploads:
      return {"uploads", limits::kUploadsMax};
    case Bound::kUploadBytes:
      return {"upload_bytes", limits::kUploadBytesMax};
    case Bound::kUploadLife:
      return {"upload_hours", limits::kUploadLife.count()};
    case Bound::kDiskReserve:
      return {"disk_reserve_bytes", limits::kDiskReserveBytes};
    case Bound::kDownloads:
      return {"downloads", limits::kDownloadsMax};
    case Bound::kBackupName:
      return {"backup_name_bytes", limits::kBackupNameBytesMax};
    case Bound::kJobLotItems:
      return {"job_lot_items", limits::kJobLotItemsMax};
    case Bound::kJobLotBytes:
      return {"job_lot_bytes", limits::kJobLotBytesMax};
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
