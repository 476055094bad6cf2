// Several views on one stream, whose targets can be changed while it runs.
//
// A target is a watched view like any other: it begins, is told what changes, is marked and resumed on its own. What
// goes wrong with one ends that one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/node/streams.h"

namespace duban::node {

// Where the targets wanted of an open stream are left for it. Threads: any.
class WatchSession {
 public:
  explicit WatchSession(std::function<void()> wake) : wake_(std::move(wake)) {}

  // What is wanted from now on; wakes the stream.
  void Want(std::vector<v1::WatchTarget> targets);
  // What was wanted since the last call.
  std::optional<std::vector<v1::WatchTarget>> Take();
  // No wake-up begins after this, and none is under way.
  void Silence();

 private:
  std::mutex mu_;
  std::function<void()> wake_;  // Guarded by mu_, like the next.
  std::optional<std::vector<v1::WatchTarget>> wanted_;
};

// The open streams of several views, by person and the name he gave. Threads: any.
class WatchSessions {
 public:
  using Name = std::pair<std::string, std::string>;  // Person, session.

  // Refused (SESSION_TAKEN) while a stream of his goes by that name.
  engine::Outcome<std::shared_ptr<WatchSession>> Open(const Name& name, std::function<void()> wake);
  // Null when he has none of that name, whoever else has.
  std::shared_ptr<WatchSession> Find(const Name& name) const;
  void Close(const Name& name);

 private:
  mutable std::mutex mu_;
  std::map<Name, std::shared_ptr<WatchSession>> open_;
};

// `sessions` outlives the stream.
Reply<std::unique_ptr<ManyStream>> OpenManyWatch(const StreamSource& source, WatchSessions& sessions,
                                                 const std::string& viewer, const v1::WatchManyRequest& request,
                                                 std::function<void()> wake);
Reply<v1::SetTargetsResponse> SetTargets(WatchSessions& sessions, const std::string& viewer,
                                         const v1::SetTargetsRequest& request);

}  // namespace duban::node
