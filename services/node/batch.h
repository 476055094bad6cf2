// The batch being decided: commits that are not durable yet, and all that follows from them, laid over the store as it
// was before. Deciding reads through it, so that each command sees what the one before it did.
//
// What follows from a commit (rows, timers, states, the library) is computed in one place, Follow(), from the commit
// alone; a rebuild walks the log through the same function and so arrives at the same bytes.
//
// Trouble in reading the store cannot be returned through the engine's doors; it is kept in status() and the batch
// must not be written then. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "duban/state/v1/rows.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "engine/directory/directory.h"
#include "engine/views/rows.h"
#include "engine/views/view.h"
#include "services/node/cases.h"
#include "services/node/library.h"
#include "services/node/past_rows.h"
#include "services/node/view_set.h"
#include "store/store.h"

namespace duban::node {

// What a batch stands on.
struct Ground {
  const store::Store* log = nullptr;
  std::shared_ptr<const store::Snapshot> rows;  // Null: there are no rows yet.
  store::Position head = 0;                     // Commits that came before.
  LibraryPtr library;
  ViewSetPtr views;                                 // Those that are kept up.
  engine::Instant recorded = absl::InfinitePast();  // When the last of them was recorded.
};

class Batch : private engine::Rows {
 public:
  // `cache` is read; it is written by Remember once the batch is durable.
  Batch(Ground ground, CaseCache* cache);

  // As things stand after the commits staged so far.
  const Library& library() const { return *library_; }
  LibraryPtr shared_library() const { return library_; }
  const ViewSetPtr& views() const { return ground_.views; }
  engine::Instant recorded() const { return recorded_; }
  store::Position head() const { return followed_; }
  // Null when there is no such case. The state stays as it is when later commits change the case.
  CasePtr FindCase(const std::string& name);
  std::optional<std::string> Row(engine::Table table, absl::string_view key) { return Get(table, key); }
  // Rows of a table as they stand after the commits staged so far, in key order and not before `from`, until `visit`
  // returns false.
  void Scan(engine::Table table, absl::string_view from,
            absl::FunctionRef<bool(absl::string_view key, absl::string_view value)> visit);
  // A commit of this batch, or of the log.
  absl::StatusOr<v1::Commit> CommitAt(store::Position position) const;
  // The sealed part of the commit of this batch, or of the log, that holds a stream's event at `revision`.
  absl::StatusOr<std::string> SealedPartAt(absl::string_view stream, uint64_t revision) const;
  // Takes note of trouble in reading what lies outside: the batch must not be written.
  void Trouble(const absl::Status& status) { status_.Update(status); }

  // Gives a commit the next position and takes it into the batch with all that follows. Cause, time and parts must be
  // there; `recorded_at` is moved up to the commit before where it is earlier. A rejection (COMMIT_TOO_LARGE) when a
  // record cannot hold it; then nothing was changed.
  engine::Outcome<store::Position> Stage(v1::Commit commit, absl::string_view sealed_part);

  // Computes what follows from the commit at position head(), which is in the log already.
  void Follow(const v1::Commit& commit);

  size_t commits() const { return appended_.size(); }
  const std::vector<v1::Commit>& staged() const { return staged_; }
  // Of the records and rows that it holds.
  size_t bytes() const { return bytes_; }
  bool empty() const { return appended_.empty(); }
  const absl::Status& status() const { return status_; }

  // From now on leaves out what each commit changed (Table::kChanged): only the writer's watchers ask for it.
  void LeaveOutChanged() { keeps_changed_ = false; }
  // From now on remembers what the commits that are followed replace in the rows of views.
  void GatherSuperseded() { gathering_ = true; }
  // What was gathered since the last call, in the log's order.
  std::vector<Superseded> TakeSuperseded();

  // What to write.
  store::Append TakeAppend();
  store::Apply TakeApply();

  // After the write: hands the new states to the cache.
  void Remember();
  // The keys of ballot boxes that its commits replace or count: to be destroyed once it is durable.
  const std::vector<std::string>& spent_keys() const { return spent_keys_; }
  // The views of which this batch has changed rows.
  const std::set<v1::View>& changed_views() const { return changed_views_; }
  // Commits whose changed rows were too many to keep.
  uint64_t changed_left_out() const { return changed_left_out_; }
  // By how many the running jobs have become more.
  int jobs_added() const { return jobs_added_; }
  // How many more timers are armed than before.
  int64_t timers_added() const;
  // A timer that this batch has touched: where it is now, TimerChange::kNone where disarmed.
  std::optional<int64_t> TimerOf(const std::string& name) const;
  // Timers that this batch puts at another instant than they had.
  std::vector<store::Timer> MovedTimers() const;
  // Timers touched since the last call.
  std::set<std::string> TakeTouchedTimers() { return std::exchange(touched_timers_, {}); }

 private:
  struct Armed {
    int64_t was = store::TimerChange::kNone;
    int64_t now = store::TimerChange::kNone;
  };

  std::optional<std::string> Get(engine::Table table, absl::string_view key) override;
  void Put(engine::Table table, absl::string_view key, std::string value) override;
  void Delete(engine::Table table, absl::string_view key) override;

  void Hold(engine::Table table, absl::string_view key, std::optional<std::string> value);
  void NoteSuperseded(engine::Table table, absl::string_view key, bool deleted);
  void FollowKey(const v1::Commit& commit);
  void FollowCase(const v1::Commit& commit, const v1::StreamPart& part);
  void FollowDelegations(const engine::Directory& before, const v1::Commit& commit);
  void Arm(const std::string& timer, int64_t was, int64_t now);
  void FollowViews(const engine::Change& change);
  void FollowChanged(store::Position position);
  void FollowCoverage(const Library& before, const Library& after);
  void FollowPlans(const Library& before, const Library& after);

  const Ground ground_;
  CaseCache* const cache_;
  LibraryPtr library_;
  engine::Instant recorded_;
  absl::Status status_;

  store::Position followed_;  // Commits whose consequences are here or in the rows below.
  std::vector<v1::Commit> staged_;
  std::vector<store::CommitBytes> appended_;
  size_t bytes_ = 0;

  std::map<std::pair<uint8_t, std::string>, std::optional<std::string>> rows_;  // nullopt: deleted.
  std::map<std::string, CasePtr> cases_;                                        // Read or changed.
  std::set<std::string> changed_cases_;
  bool keeps_changed_ = true;
  duban::state::v1::ChangedRows commit_changed_;  // By the commit being followed.
  uint64_t changed_left_out_ = 0;
  std::set<v1::View> changed_views_;
  int jobs_added_ = 0;
  std::vector<std::string> spent_keys_;
  std::map<std::string, Armed> timers_;
  std::set<std::string> touched_timers_;

  bool gathering_ = false;
  std::vector<Superseded> superseded_;
  size_t superseded_bytes_ = 0;                               // Counted in bytes_.
  std::set<std::pair<engine::Table, std::string>> replaced_;  // By the commit being followed.
};

// Follows the commits of the log from the batch's head up to `end`, or up to the one with which the batch has taken
// `bytes_max` more: batch.head() says where it is. At least one, where there is one.
absl::Status FollowCommits(const store::Store& log, store::Position end, size_t bytes_max, Batch& batch);
// The version of the rows that follow from commits, the views' aside: one that stands otherwise in a workspace is
// rebuilt from its log when it is opened. 1 had no rows of open cases and of jobs, 2 none of parts, 3 counted those in
// registers without saying by which case, 4 did not say which draws were repeated and kept of plans the newest alone.
inline constexpr uint64_t kRowsFormat = 5;
inline constexpr char kRowsFormatKey[] = "rows";

// The key under which the answer to an idempotency key is found.
std::string DedupKey(absl::string_view actor, absl::string_view idempotency_key);

// A case's timer: named so that of equal dues the case that was opened first fires first; a delegation's, before those.
std::string TimerName(const CaseState& state);
std::string TimerName(const engine::Standing& delegation);
// The calendar's, which fires when it is to be said that it runs out: before those of cases.
std::string CalendarTimer();
// A plan's, the same way: before those of cases.
std::string PlanTimer(absl::string_view plan);
// The stream, "cases/…", "delegations/…", "plans/…" or "calendar", whose timer it is.
std::string StreamOfTimer(absl::string_view timer);

// Milliseconds of a timer; kNone for never.
int64_t TimerMs(engine::Instant due);

}  // namespace duban::node
