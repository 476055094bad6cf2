// Keeps what rows of views were: follows the log behind the writer, outside its batches and its syncs.
//
// It holds the rows as they stood at its mark (a snapshot), follows the commits since then through the code that every
// rebuild uses (Batch::Follow), writes what they replaced beside the log, and moves the mark to what is published by
// then. The commit path does nothing for it. Mark and kept rows are written together, so that after a power cut an
// earlier mark stands with exactly what belongs to it; what is missing between it and the log's end is then made again
// from the log (services/node/scratch.h), or, where that would exceed its bounds, the past is kept from now on only.
//
// One thread, its own; or the caller's (Step). At and Current: any.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "services/node/batch.h"
#include "services/node/cases.h"
#include "services/node/limits.h"
#include "services/node/past_rows.h"
#include "services/node/scratch.h"
#include "services/node/watch_hub.h"
#include "store/store.h"

namespace duban::node {

// What is kept at some moment. Immutable.
struct KeptPast {
  SnapshotPtr rows;  // After `to` commits.
  SnapshotPtr past;  // Holds all that was replaced from each `from` up to there.
  std::map<const engine::View*, store::Position> from;
  store::Position to = 0;

  // Whether rows of the view after so many commits can be had from here.
  bool Covers(const engine::View* view, store::Position commits) const;
};
using KeptPastPtr = std::shared_ptr<const KeptPast>;

class PastKeeper {
 public:
  // All must outlive it. `kept_commits`: limits::kPastKept, less in tests.
  PastKeeper(store::Store& store, WatchHub& hub, Scratches& scratches, Vitals& vitals, store::Position kept_commits)
      : store_(store), hub_(hub), scratches_(scratches), vitals_(vitals), kept_commits_(kept_commits) {}
  ~PastKeeper() { Stop(); }

  void Start();
  // Brings the past up to what is published, or looks at a lot of what may be dropped; false when there is nothing to
  // do. For nodes without a thread of their own.
  bool Step();
  // Keeps what is published by now, then ends. Breaks off what it makes again from the log; that goes on when the node
  // is opened again.
  void Stop();

  // Null before anything is kept.
  KeptPastPtr Current() const;
  // The same, after a short wait where `commits` has not been reached yet.
  KeptPastPtr At(store::Position commits) const;

 private:
  void Run();
  absl::Status Turn(const Published& now);
  // Finds the mark and gets the rows of there.
  absl::Status Begin(const Published& now);
  absl::Status Mend(store::Position mark, const Published& now);
  absl::Status Follow(const Published& now);
  absl::Status StartAnew(const Published& now);
  // Stands at `now`: drops what is beyond the horizon, takes in views that are kept up since lately, shows it.
  absl::Status StandAt(const Published& now);
  absl::Status Write(std::vector<Superseded> superseded, store::Position to);
  absl::Status SweepSome();
  bool stopping() const;

  store::Store& store_;
  WatchHub& hub_;
  Scratches& scratches_;
  Vitals& vitals_;
  const store::Position kept_commits_;

  // The keeper's thread only.
  bool begun_ = false;
  absl::Status failed_;  // It then keeps nothing more; what was shown last stays.
  Ground ground_;        // As it stood at the mark; its views are those that have a past.
  std::unique_ptr<CaseCache> cache_ = std::make_unique<CaseCache>(limits::kPastCasesMax);  // Of there.
  std::map<const engine::View*, store::Position> from_;
  std::optional<std::string> sweep_;  // Where sweeping goes on; none: it is done.

  mutable std::mutex mu_;
  mutable std::condition_variable moved_;  // Something was kept, or the end is near.
  KeptPastPtr kept_;                       // Guarded by mu_.
  bool ended_ = false;                     // Nothing more will be kept. Guarded by mu_.
  bool stopping_ = false;                  // Guarded by mu_.
  std::thread thread_;
};

}  // namespace duban::node
