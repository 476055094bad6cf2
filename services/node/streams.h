// The streams: events, rows of a view, rows of several views, a replay. Each is pulled by one thread at a time and
// holds no more than its cursor and what the next few messages carry; what it has missed it reads again from the store.
//
// Guarantees (docs/watch.md): nothing visible is left out or given twice, a commit's events stay together, a mark says
// that everything before it has been sent, and what a viewer may not see causes no message.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "services/node/clock.h"
#include "services/node/node.h"
#include "services/node/reading.h"
#include "services/node/watch_hub.h"

namespace duban::node {

// What streams need of the node; all of it outlives them.
struct StreamSource {
  const Source& source;
  WatchHub& hub;
  const Clock& clock;

  Reading Read(const std::string& person) const { return Reading(source, hub.Current(), person, clock.Now()); }
};

Reply<std::unique_ptr<EventStream>> OpenEventWatch(const StreamSource& source, const std::string& viewer,
                                                   const v1::WatchEventsRequest& request, std::function<void()> wake);
Reply<std::unique_ptr<ViewStream>> OpenViewWatch(const StreamSource& source, const std::string& viewer,
                                                 const v1::WatchViewRequest& request, std::function<void()> wake);
// The same as one of several: `place` is the stream's that holds it.
Reply<std::unique_ptr<ViewStream>> OpenViewTarget(const StreamSource& source, const std::string& viewer,
                                                  const v1::WatchViewRequest& request,
                                                  std::shared_ptr<WatchHub::Watch> place);
Reply<std::unique_ptr<ReplayStream>> OpenReplay(const StreamSource& source, const std::string& viewer,
                                                const v1::ReplayRequest& request, std::function<void()> wake);

// How every stream ends when the node does.
inline absl::Status StreamsEnd() { return absl::UnavailableError("SHUTTING_DOWN: the server is stopping"); }

// How a watch ends whose token lies ahead of the log: this server was restored from an older copy, or is another's.
inline absl::Status BehindToken() {
  return absl::UnavailableError("BEHIND_TOKEN: this server's history ends before the token; try again later");
}

}  // namespace duban::node
