// Firing due timers: ordinary commands without an actor, one case or delegation and one commit at a time.
//
// A case whose timers cannot fire (a timed move needs a year of the calendar that is not published) is set aside until
// calendar, procedures or views change; its due instant goes on holding back "timers fired to", so nobody is told more
// than is true. Those aside are not listed anywhere: they are what is still armed behind the place up to which all has
// been tried, so that any number of them costs neither memory nor time. The sequencer's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "services/node/batch.h"
#include "services/node/random.h"
#include "store/key_vault.h"
#include "store/store.h"

namespace duban::node {

class Firing {
 public:
  Firing(Random& random, store::KeyVault& vault) : random_(random), vault_(vault) {}

  // Fires what one case has due at or before `until`, recorded at `recorded` or later: one commit for each bounded
  // lot of rungs. How many rungs and timed moves fired; a rejection when the next cannot.
  engine::Outcome<int64_t> FireCase(Batch& batch, const std::string& name, engine::Instant recorded,
                                    engine::Instant until);

  // Says that the calendar runs out, when that is due at or before `until`.
  engine::Outcome<int64_t> WarnOfCoverage(Batch& batch, engine::Instant recorded, engine::Instant until);

  // The next time that a plan comes due at or before `until`: its population is written down, and a job begins that
  // opens the cases. A rejection where the calendar does not reach.
  engine::Outcome<int64_t> FirePlan(Batch& batch, const std::string& name, engine::Instant recorded,
                                    engine::Instant until);

  // Counts a case's running deadlines again where a calendar has been published that the job which does so for all has
  // not yet brought to it: what fires, and what is decided, stands on the calendar in force. Recorded at `recorded`;
  // what changes is judged as of `at`.
  void Recount(Batch& batch, const std::string& name, engine::Instant recorded, engine::Instant at);

  // The next that one delegation has due at or before `until`: that it begins, or ends. Nothing when nothing is due.
  engine::Outcome<int64_t> FireDelegation(Batch& batch, const std::string& name, engine::Instant recorded,
                                          engine::Instant until);
  // The same for all that lend duties to one person, before he acts.
  engine::Verdict FireDelegationsTo(Batch& batch, const std::string& person, engine::Instant now);

  // Fires over all cases, delegations and the calendar what is due at or before `until`, in the order of due instants,
  // until the batch holds `commits_max` more commits, or a plan has come due, whose job comes before what is due later.
  // With `at_own_instant` each commit is recorded when its timer was due (a virtual clock), otherwise at `recorded`.
  struct Lot {
    int64_t fired = 0;
    bool more = false;  // The bound was reached.
  };
  absl::StatusOr<Lot> FireDue(Batch& batch, const store::Store& store, engine::Instant recorded, engine::Instant until,
                              bool at_own_instant, size_t commits_max);

  // Before a batch is written, whether or not timers fired in it: what it has armed is tried.
  void Notice(const Batch& batch);

  // Whether a timer due at or before `until` waits to be tried. `library`, `views`: as they stand now.
  absl::StatusOr<bool> AnyToTry(const store::Store& store, const Library& library, const ViewSetPtr& views,
                                engine::Instant until) const;

  // When the first of the timers due at or before `until` is due that can fire and not only be set aside;
  // InfiniteFuture when there is none. Tries them on batches from `new_batch`, which are thrown away.
  absl::StatusOr<engine::Instant> FirstAble(const store::Store& store, absl::FunctionRef<Batch()> new_batch,
                                            engine::Instant until);

 private:
  using Queue = std::set<store::Timer>;

  // What one timer stands for: as FireCase, WarnOfCoverage or FireDelegation.
  engine::Outcome<int64_t> Fire(Batch& batch, const std::string& stream, engine::Instant recorded,
                                engine::Instant until);

  // The due timers in order, as they stand in the batch: at most `count_max` of those in the store that have not been
  // tried. They are complete before `horizon`.
  absl::StatusOr<Queue> Collect(const Batch& batch, const store::Store& store, int64_t until_ms, size_t count_max,
                                store::Timer* horizon) const;

  static inline const store::Timer kFirst{INT64_MIN, ""};

  // Tries all again when what made them fail may have changed.
  void LookAt(const Library& library, const ViewSetPtr& views);
  bool TriedWith(const Library& library, const ViewSetPtr& views) const;

  Random& random_;
  store::KeyVault& vault_;  // What a stage has collected is counted when its time is over.
  // Every timer before this one has fired, has been moved, or is aside.
  store::Timer next_ = kFirst;
  std::shared_ptr<const engine::Calendar> calendar_;  // Those with which they were tried.
  std::shared_ptr<const engine::Procedures> procedures_;
  ViewSetPtr views_;  // A plan for cases waits for the ledger where that is being built.
};

}  // namespace duban::node
