// What is visible now, and who wants to know when that changes.
//
// The sequencer publishes after each durable batch; reads and streams stand on what was published last: rows, library
// and position always of one moment. A watch of a view gathers the keys that changed, bounded; nobody's slowness
// reaches the sequencer.
//
// Threads: any. `wake` functions are called on the publishing thread and must only schedule another pull.
#pragma once

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

// What changed in the rows of each view.
using ChangedKeys = std::map<v1::View, std::set<std::string>>;

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

    // Guarded by the hub's mu_.
    std::set<std::string> dirty_;
    bool overflowed_ = false;
  };

  explicit WatchHub(Published first) : published_(std::move(first)) {}

  Published Current() const;

  // Makes a batch visible and wakes the watches.
  void Publish(Published now, const ChangedKeys& changed);

  // A place for one stream; `wake` is not called any more once the place has been let go of, which must not happen
  // within `wake`. RESOURCE_EXHAUSTED (TOO_MANY_WATCHES) beyond limits::kWatchesMax or kWatchesPerPersonMax.
  absl::StatusOr<std::shared_ptr<Watch>> Open(const std::string& person, Watched watched, std::function<void()> wake);

  // What changed since the last call, and what is visible now: all changes up to there are in `keys`.
  struct Dirty {
    std::set<std::string> keys;
    bool overflowed = false;  // More than limits::kWatchDirtyMax waited; `keys` is not complete.
    Published now;
  };
  Dirty TakeDirty(Watch& watch);
  bool HasDirty(const Watch& watch) const;

  // Ends all streams.
  void Close();
  bool closed() const;

  int64_t event_watches() const;
  int64_t view_watches() const;

 private:
  void Leave(Watch& watch);
  void Wake();
  int64_t Count(bool events) const;

  mutable std::mutex mu_;  // Taken before any Watch::wake_mu_, never while one is held.
  Published published_;
  bool closed_ = false;
  std::map<Watch*, std::weak_ptr<Watch>> watches_;
  std::map<std::string, size_t> per_person_;
};

}  // namespace duban::node
