// What is counted while a node works: which bounds were reached and how long batches took; and the log to say it to.
// One per node, handed to all its parts. Threads: any.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "services/node/log.h"
#include "services/node/measures.h"

namespace duban::node {

// The bounds of limits.h that can be reached while the node works. docs/operating.md tells what happens at each.
enum class Bound : uint8_t {
  kQueue,
  kBatchCommands,
  kBatchBytes,
  kBatchTimers,
  kCachedCases,
  kDedupWindow,
  kChangedKept,
  kPage,
  kScan,
  kWatchScan,
  kWatchEvents,
  kWatchRows,
  kWatchBacklog,
  kWatchBatchRows,
  kWatches,
  kWatchesPerPerson,
  kClockJump,
  kTokenDays,
  kChangedBytes,
  kDirectoryPage,
  kEventPage,
  kWatchBatchBytes,
  kWatchAhead,
  kPastKept,
  kPastLag,
  kPastCases,
  kPastWait,
  kScratchCommits,
  kScratchBytes,
  kScratches,
  kPastCounted,
  kBuildCases,
  kHandOver,
  kFileBytes,
  kFileTitle,
  kUploadsPerPerson,
  kUploadBytesPerPerson,
  kUploads,
  kUploadBytes,
  kUploadLife,
  kDiskReserve,
  kDownloads,
  kBackupName,
  kJobLotItems,
  kJobLotBytes,
};
inline constexpr size_t kBoundCount = static_cast<size_t>(Bound::kJobLotBytes) + 1;

// A bound's name in statistics, and how much it allows.
struct BoundInfo {
  const char* name;
  int64_t limit;
};
BoundInfo InfoOf(Bound bound);

class Vitals {
 public:
  // A batch that takes longer is told of in the log.
  static constexpr absl::Duration kSlowBatch = absl::Milliseconds(500);

  explicit Vitals(std::shared_ptr<Log> log) : log_(std::move(log)) {}

  Log& log() const { return *log_; }

  void Reached(Bound bound, uint64_t times = 1) { hits_[static_cast<size_t>(bound)] += times; }
  uint64_t hits(Bound bound) const { return hits_[static_cast<size_t>(bound)]; }

  // A batch of so many commits became durable.
  void BatchTook(absl::Duration took, size_t commits, size_t bytes);
  absl::Duration last_batch() const { return absl::Nanoseconds(last_batch_ns_.load()); }
  DurationCounts batches() const { return batches_.counts(); }

 private:
  const std::shared_ptr<Log> log_;
  std::array<std::atomic<uint64_t>, kBoundCount> hits_{};
  Durations batches_;
  std::atomic<int64_t> last_batch_ns_{0};
};

}  // namespace duban::node
