// Rows made again from the log's beginning, in memory: what answers about a past that is not kept, and what mends the
// kept past after a crash. Costs the time to follow the log up to there, and the memory of all rows of then.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/time.h"
#include "services/node/batch.h"
#include "services/node/cases.h"
#include "services/node/library.h"
#include "services/node/node.h"
#include "services/node/past_rows.h"
#include "services/node/view_set.h"
#include "services/node/vitals.h"
#include "store/store.h"

namespace duban::node {

// Everything as it stood after some commits. Not for several threads while it follows; then any.
class Scratch {
 public:
  // Before the first commit. `log` outlives it. Only the rows of `views` are made, of the others what commits need.
  Scratch(const store::Store& log, ViewSetPtr views);
  ~Scratch();

  // Follows the log up to `commits`, handing on what each commit replaced, a bounded lot at a time; asks `going_on`
  // between lots. CANCELLED when it says no, RESOURCE_EXHAUSTED beyond limits::kScratchCommitsMax or kScratchBytesMax.
  absl::Status FollowTo(store::Position commits, const std::function<bool()>& going_on,
                        const std::function<absl::Status(std::vector<Superseded>, store::Position to)>& superseded);

  store::Position commits() const { return ground_.head; }
  const store::Snapshot& rows() const;
  // For following on from here.
  Ground ground() const { return ground_; }

 private:
  class Rows;

  const std::shared_ptr<Rows> rows_;
  Ground ground_;
  CaseCache cache_;
};

// The last few that were made: the pages of an answer are read from one.
class Scratches {
 public:
  Scratches(const store::Store& log, Vitals& vitals) : log_(log), vitals_(vitals) {}

  // Rows after `commits` commits. Takes its time; one at a time is made: UNAVAILABLE (PAST_BUSY) while another is.
  // CANCELLED once it is abandoned: nothing is left of it.
  absl::StatusOr<std::shared_ptr<const Scratch>> At(store::Position commits, const ViewSetPtr& views,
                                                    const Abandoned& abandoned);
  // Stops what is being made and makes no more: UNAVAILABLE (SHUTTING_DOWN).
  void Close();
  // Lets go of those that nobody asked for since the last call but one.
  void Forget();

 private:
  struct Held {
    std::shared_ptr<const Scratch> scratch;
    ViewSetPtr views;
    int unused = 0;  // Calls of Forget since it was asked for.
  };

  const store::Store& log_;
  Vitals& vitals_;
  std::mutex making_;     // Held while one is made.
  std::mutex mu_;         // Taken after making_.
  std::list<Held> held_;  // Guarded by mu_; the newest first.
  bool closed_ = false;   // Guarded by mu_.
};

}  // namespace duban::node
