// The one writer: takes all that waits, decides it into a batch, writes the batch with one sync, then answers.
//
// One thread does all of it, in order. While a batch syncs the next could be decided on top of it; that pipelining
// would live here, between Commit and Round, and nowhere else.
//
// Jobs work between the batches, one bounded lot after each: commands wait for a lot at most, and a job goes on however
// many commands come. On a virtual clock time stands still until the jobs that run have come to their end.
//
// A write that fails stops the writer for good: what is on the disk is then unknown, so the node turns read-only and
// everything that waits, and everything later, is answered UNAVAILABLE (READ_ONLY).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "services/node/batch.h"
#include "services/node/clock.h"
#include "services/node/decider.h"
#include "services/node/firing.h"
#include "services/node/jobs/job_runner.h"
#include "services/node/limits.h"
#include "services/node/node.h"
#include "services/node/uploads.h"
#include "services/node/vitals.h"
#include "services/node/watch_hub.h"
#include "store/store.h"

namespace duban::node {

// What is published when nothing has been written yet since the start.
absl::StatusOr<Published> PublishedNow(const store::Store& store, LibraryPtr library, ViewSetPtr views,
                                       engine::Instant recorded);

class Sequencer {
 public:
  using Done = std::function<void(Reply<Response>)>;

  // All must outlive it. `confirm_time`: the wall clock may have jumped while the node was down. `job_lot_items`: how
  // many a job looks at in one commit.
  Sequencer(store::Store& store, store::KeyVault& vault, const Tokens& tokens, Uploads& uploads,
            const store::FileStore& files, Random& random, const Clock& clock, WatchHub& hub, Vitals& vitals,
            bool confirm_time, size_t job_lot_items);
  ~Sequencer() { Stop(); }

  // With a thread of its own; or without, and then every round is a call of Pump.
  void Start(bool own_thread = true);
  // Decides what waits and fires what is due, on the caller's thread. False when there was nothing to do.
  bool Pump();
  // As Node::Submit; `prepared` is what was read for the command, where it takes that.
  void Submit(std::string actor, Request request, PreparedPtr prepared, Done done);
  // Refuses what comes from now on, decides what waits, ends the thread. May be called twice.
  void Stop();

  // Views that were built beside and are to be kept up from here on: what is to be written with that, and the views
  // afterwards.
  struct TakenOver {
    std::vector<store::RowChange> rows;
    ViewSetPtr views;
  };
  using Finish = std::function<absl::StatusOr<TakenOver>(const Published& now)>;
  // Calls `finish` once, between two batches, on the thread that decides, with what is published then; writes and
  // publishes what it gives, so that no commit falls between; then calls `done`. When `finish` fails nothing is written
  // and commands go on. One at a time. After Stop neither is called.
  void TakeOver(Finish finish, std::function<void(absl::Status)> done);

  // OK while commands are taken.
  absl::Status writable() const;

  struct Counts {
    int64_t queue_length = 0;
    uint64_t commands = 0;
    uint64_t rejections = 0;
    uint64_t batches = 0;
    int64_t timers_armed = 0;
    int64_t cached_cases = 0;
    bool timers_held = false;
    int64_t jobs_running = 0;
  };
  Counts counts() const;

 private:
  struct Waiting {
    std::string actor;
    Request request;
    PreparedPtr prepared;
    Done done;
  };
  struct Answered {
    Done done;
    Reply<Response> reply;
  };

  struct Takeover {
    Finish finish;
    std::function<void(absl::Status)> done;
  };

  void Run();
  // At most a batch of what waits.
  std::vector<Waiting> Take();
  // One round with what was taken. False when there was nothing to do.
  bool Turn(std::vector<Waiting> taken);
  // Takes over the views that wait for it. False when none do.
  bool TakeOverViews();
  // Decides what was taken, and timers that are due beside; one batch or more.
  void Round(std::vector<Waiting> taken);
  // One lot of a running job, in a batch of its own. False when none runs.
  bool WorkOnJobs();
  // Fires timers on the way to a virtual instant, in bounded batches, then records that it is reached.
  void Advance(Waiting waiting);
  bool TimersDue(const Published& now) const;
  // When the clock was last right, as far as the log tells.
  absl::StatusOr<absl::Time> LastRight();
  // Notices a jump of the wall clock.
  void LookAtClock();
  // The wall clock jumped ahead: nothing fires from now on.
  void Hold(absl::Duration jump);

  Batch NewBatch();
  engine::Instant Now(const Batch& batch) const;
  Asked AskedBy(const Waiting& waiting, const Batch& batch) const;

  // Writes the batch; then the answers leave, or all become UNAVAILABLE.
  void Commit(Batch& batch, std::vector<Answered> answers);
  absl::Status Write(Batch& batch);
  void Fail(const absl::Status& status);

  store::Store& store_;
  store::KeyVault& vault_;
  const Clock& clock_;
  WatchHub& hub_;
  Vitals& vitals_;
  Firing firing_;
  JobRunner jobs_;
  Decider decider_;

  // The sequencer's thread only.
  CaseCache cache_{limits::kCachedCasesMax};
  bool more_timers_ = false;  // A batch was full of timers: go on at once.
  const bool confirm_time_;
  absl::Time clock_seen_;
  absl::Duration batch_began_;  // When its commands were taken, by the steady clock.

  mutable std::mutex mu_;
  std::condition_variable ready_;
  std::deque<Waiting> queue_;         // Guarded by mu_.
  std::optional<Takeover> takeover_;  // Guarded by mu_.
  bool stopping_ = false;             // Guarded by mu_.
  absl::Status failed_;               // Guarded by mu_.

  std::atomic<uint64_t> commands_{0};
  std::atomic<uint64_t> rejections_{0};
  std::atomic<uint64_t> batches_{0};
  std::atomic<int64_t> timers_armed_{0};
  std::atomic<int64_t> cached_cases_{0};
  std::atomic<bool> timers_held_{false};
  std::atomic<int64_t> jobs_running_{0};

  std::thread thread_;
};

}  // namespace duban::node
