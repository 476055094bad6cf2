// Every bound of the node, and what happens at it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace duban::node::limits {

// Commands that wait for the sequencer. Full: RESOURCE_EXHAUSTED (QUEUE_FULL) at once.
inline constexpr size_t kQueueMax = 4096;
// Commands decided into one batch, one fsync. The rest wait for the next.
inline constexpr size_t kBatchCommandsMax = 256;
// Bytes of records and rows in one batch. The same; also where the log is followed again, to rebuild rows or to make
// those of a past.
inline constexpr size_t kBatchBytesMax = 8 << 20;
// States of cases in the cache. Beyond: the least recently used leaves; it is read again from its snapshot.
inline constexpr size_t kCachedCasesMax = 20'000;
// Timers fired into one batch beside commands. The rest wait for the next.
inline constexpr size_t kBatchTimersMax = 64;
// How long the sequencer sleeps at most before it looks at the clock again.
inline constexpr std::chrono::milliseconds kTimerPoll{100};
// How long an idempotency key is remembered, in recorded time. Later: the same key is a new command.
inline constexpr int64_t kDedupWindowDays = 30;
// Commits of which it is kept which rows they changed and what those were before. A watch that resumes from before
// them begins with a new snapshot.
inline constexpr uint64_t kChangedKept = 100'000;
// Bytes of what one commit's changed rows were before. More: that it is left out is kept instead, and a watch that
// would need it begins with a new snapshot.
inline constexpr size_t kChangedBytesMax = 1 << 20;
// Rows of a page. More asked for: cut to this.
inline constexpr int kPageMax = 500;
inline constexpr int kPageDefault = 50;
inline constexpr int kDirectoryPageMax = 1000;
inline constexpr int kEventPageMax = 1000;
inline constexpr int kEventPageDefault = 100;
// Rows looked at for one page. Reached: a short page with a token, and budget_reached.
inline constexpr int kScanBudget = 20'000;
// Parts of a case that are shown with it. More: left out; the sums count them.
inline constexpr int kPartsShown = 200;
// Commits whose superseded rows are kept, at least. Asked for a time before: the log is read again.
inline constexpr uint64_t kPastKept = 500'000;
// Commits by which what is kept of the past may be behind. Beyond: it is kept from now on only.
inline constexpr uint64_t kPastLagMax = 50'000;
// States of cases that the keeper of the past holds. Beyond: the least recently used is read again.
inline constexpr size_t kPastCasesMax = 2'000;
// Commits followed, and superseded rows written, in one go.
inline constexpr uint64_t kPastCommitsAtOnce = 200;
inline constexpr size_t kPastRowsAtOnce = 1'000;
// Kept entries looked at in one go when those of a time gone by are dropped.
inline constexpr size_t kPastSweepMax = 2'000;
// How long an answer waits for what is kept to reach its time. Later: the log is read again.
inline constexpr std::chrono::milliseconds kPastWait{500};
// How long the keeper of the past gathers commits before it follows them.
inline constexpr std::chrono::milliseconds kPastGather{20};
// Commits and bytes of rows for which the log is read again to answer about the past. More: RESOURCE_EXHAUSTED
// (PAST_TOO_FAR).
inline constexpr uint64_t kScratchCommitsMax = 300'000;
inline constexpr size_t kScratchBytesMax = size_t{512} << 20;
// Times of the past whose rows are held in memory for further pages. More: the oldest is made again when asked for.
inline constexpr size_t kScratchesMax = 2;
// How long nobody asks before they are let go of, between once and twice this.
inline constexpr std::chrono::seconds kScratchHeld{60};
// Cases whose counts are summed for a past time. More: RESOURCE_EXHAUSTED (PAST_TOO_LARGE).
inline constexpr size_t kPastCountedMax = 100'000;
// Commits looked at before a stream pauses to let others run; it goes on at once.
inline constexpr int kWatchScanCommits = 2000;
// Commits followed in one batch of a rebuild, within kBatchBytesMax.
inline constexpr size_t kRebuildBatchMax = 2000;
// Commits, and bytes of their records, that a view built beside follows in one slice: one write beside, on which a
// command's own write may have to wait. The commit that reaches the bound is the slice's last.
inline constexpr size_t kBuildSliceCommits = 64;
inline constexpr size_t kBuildSliceBytes = 256 << 10;
// The same of the last slice, with which the new version is handed over between two batches: more than a batch brings,
// or it would never catch up where each brings more than a slice. More: it is followed beside, then handed over again.
inline constexpr size_t kHandOverCommits = 2 * kBatchCommandsMax;
inline constexpr size_t kHandOverBytes = 2 * kBatchBytesMax;
// Rows of an ended version that are deleted in one write beside.
inline constexpr size_t kBuildSweepRows = 1000;
// Between two such writes nothing is built or deleted, so that commands come first.
inline constexpr std::chrono::milliseconds kBuildPause{10};
// After trouble the builder waits so long, then goes on from what is written.
inline constexpr std::chrono::seconds kBuildRetry{30};
// States of cases that a builder holds. Beyond: as for kCachedCasesMax.
inline constexpr size_t kBuildCasesMax = 4096;
// Events in one message of a stream; a commit is never split, so a message may hold one commit more.
inline constexpr int kWatchBatchEvents = 256;
// Rows a view watcher may hold. More match: RESOURCE_EXHAUSTED (VIEW_TOO_LARGE), narrow the filter.
inline constexpr size_t kWatchRowsMax = 10'000;
// Rows that differ between where a watcher is and now. Beyond: a Reset (TOO_SLOW) with a new snapshot follows.
inline constexpr size_t kWatchDirtyMax = 10'000;
// Rows in one message of a view watch, and bytes after which no more are added. More: the next message.
inline constexpr size_t kWatchBatchRows = 500;
inline constexpr size_t kWatchBatchBytes = 256 << 10;
// How long a watch waits for a history that reaches its token. Then: UNAVAILABLE (BEHIND_TOKEN), never older rows.
inline constexpr std::chrono::seconds kWatchAheadWait{2};
// Targets of one stream of several views. More: refused (TOO_MANY_TARGETS).
inline constexpr int kWatchTargetsMax = 16;
// Open watches. More: RESOURCE_EXHAUSTED (TOO_MANY_WATCHES).
inline constexpr size_t kWatchesMax = 2000;
inline constexpr size_t kWatchesPerPersonMax = 16;
// A wall clock that jumps forward further than this holds the timers until the server is started again with
// --confirm-time: a wrong clock must not fire a year of reminders.
inline constexpr std::chrono::hours kClockJumpMax{24 * 14};
// A file. Larger: FILE_TOO_LARGE.
inline constexpr int64_t kFileBytesMax = int64_t{200} << 20;
inline constexpr size_t kFileTitleBytesMax = 200;
// Files that are not complete, or that no commit refers to yet: their number and what they were announced with, of one
// person and in all. More: RESOURCE_EXHAUSTED (TOO_MANY_UPLOADS).
inline constexpr int64_t kUploadsPerPersonMax = 32;
inline constexpr int64_t kUploadBytesPerPersonMax = int64_t{2} << 30;
inline constexpr int64_t kUploadsMax = 2000;
inline constexpr int64_t kUploadBytesMax = int64_t{32} << 30;
// An upload that nobody goes on with or uses for so long is dropped.
inline constexpr std::chrono::hours kUploadLife{72};
// A file that a commit refers to is remembered so long by its upload, so that its sender may name it again.
inline constexpr std::chrono::hours kUploadKnown{1};
// Free bytes of the disk that files leave to the log. Less: RESOURCE_EXHAUSTED (DISK_FULL).
inline constexpr int64_t kDiskReserveBytes = int64_t{256} << 20;
// How often uploads are looked through.
inline constexpr std::chrono::minutes kSweepEvery{10};
// Files being sent at once. More: RESOURCE_EXHAUSTED (TOO_MANY_DOWNLOADS).
inline constexpr int kDownloadsMax = 256;
// A backup's name. Longer: BACKUP_NAME_INVALID.
inline constexpr size_t kBackupNameBytesMax = 100;
// Items that a job looks at in one commit, between two batches of commands. The rest wait for the next.
inline constexpr size_t kJobLotItemsMax = 64;
// Bytes of events in such a commit, beside engine::limits::kEventsPerCommitMax. The same.
inline constexpr size_t kJobLotBytesMax = 1 << 20;
// Units for each of which a job opens a case. More: JOB_UNITS.
inline constexpr size_t kJobUnitsMax = 5000;
// Bytes of a record of a file that is imported. Longer: IMPORT_RECORD.
inline constexpr size_t kImportRecordBytesMax = 256 << 10;
// Refusals that a job shows. All stand in its stream; later ones are counted only.
inline constexpr int kJobRefusalsKept = 100;
// Bytes of the changes that a preview lists, and of its refusals: some thousands of each, and the answer is one that
// every client takes. Later ones are counted only.
inline constexpr size_t kPreviewListBytesMax = 3 << 19;
// Rows of the ledger that are looked at for a command that names cases by a filter. More: TOO_MANY_ROWS, narrow it.
inline constexpr int kIssueRowsMax = 20'000;
// Rows of the ledger that are looked at for the cases of a plan. More: its preview is refused (PLAN_TOO_MANY_CASES),
// and when it comes due its job says so and opens nothing.
inline constexpr size_t kPlanRowsMax = 200'000;
// Rows of a table of a report. More: REPORT_ROWS, narrow its template.
inline constexpr int kReportRowsMax = 500;
// Tokens last at most so long.
inline constexpr int kTokenDaysMax = 365;
inline constexpr int kTokenDaysDefault = 90;

}  // namespace duban::node::limits
