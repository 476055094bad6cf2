// What is visible now, and who wants to know when that changes.
//
// The sequencer publishes after each durable batch; reads and streams stand on what was published last: rows, library
// and position always of one moment. The hub gathers nothing for anybody: what a watch has missed it reads from the
// store, so nobody's slowness costs memory or reaches the sequencer.
//
// Threads: any. `wake` functions are called on the publishing thread and must only schedule another pull.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/time.h"
#include "services/node/library.h"
#include "services/node/view_set.h"
#include "services/node/vitals.h"
#include "store/store.h"

namespace duban::node {

// Everything as it stood after `head` commits. Immutable.
struct Published {
  store::Position head = 0;
  std::shared_ptr<const store::Snapshot> rows;
  LibraryPtr library;
  ViewSetPtr views;
  engine::Instant recorded;   // When the last commit was recorded.
  engine::Instant first_due;  // The earliest timer that has not fired; InfiniteFuture when none is armed.
};

// What is watched: a view, or events (VIEW_UNSPECIFIED).
using Watched = v1::View;
inline constexpr Watched kWatchedEvents = v1::VIEW_UNSPECIFIED;

class WatchHub {
 public:
  // One open stream's place in the hub.
  class Watch {
   public:
    Watch(WatchHub& hub, std::string person, Watched watched, std::function<void()> wake);
    ~Watch();
    Watch(const Watch&) = delete;

   private:
    friend class WatchHub;

    // Leaves the hub. No wake-up begins after this, and none is under way.
    void Silence();

    WatchHub& hub_;
    const std::string person_;
    const Watched watched_;

    std::mutex wake_mu_;          // Held while waking, so that no wake-up reaches a stream that has gone.
    std::function<void()> wake_;  // Guarded by wake_mu_.
  };

  // `vitals` outlives it.
  WatchHub(Published first, Vitals& vitals) : vitals_(vitals), first_(first.head), published_(std::move(first)) {}

  Published Current() const;

  // Makes a batch visible, which changed rows of these views, and wakes the watches.
  void Publish(Published now, const std::set<v1::View>& changed);

  // The number of commits after which rows of that view have not changed, as far as the hub has seen: never too few.
  store::Position ChangedBy(v1::View view) const;

  // A place for one stream; `wake` is not called any more once the place has been let go of, which must not happen
  // within `wake`. RESOURCE_EXHAUSTED (TOO_MANY_WATCHES) beyond limits::kWatchesMax or kWatchesPerPersonMax.
  absl::StatusOr<std::shared_ptr<Watch>> Open(const std::string& person, Watched watched, std::function<void()> wake);

  // Returns when more than `head` commits are published, when StopWaiting was called, or after `most`. For one thread
  // of the node that follows.
  void WaitBeyond(store::Position head, std::chrono::milliseconds most) const;
  void StopWaiting();

  // Ends all streams.
  void Close();
  bool closed() const;

  int64_t event_watches() const;
  int64_t view_watches() const;
  // Watches of whoever has most of them open.
  int64_t most_of_one_person() const;

 private:
  void Leave(Watch& watch);
  void Wake();
  int64_t Count(bool events) const;

  Vitals& vitals_;
  mutable std::mutex mu_;        // Taken before any Watch::wake_mu_, never while one is held.
  const store::Position first_;  // Commits that came before this hub.
  Published published_;
  std::map<v1::View, store::Position> changed_by_;
  bool closed_ = false;
  bool waiting_stopped_ = false;
  mutable std::condition_variable published_more_;
  std::map<Watch*, std::weak_ptr<Watch>> watches_;
  std::map<std::string, size_t> per_person_;
};

}  // namespace duban::node
