// One simulated life of a workspace: the whole node, its clock, its disk and everybody who uses it, in one thread, on
// one seed. The same seed plays the same life, byte for byte.
//
// What is random: who asks what, how many commands wait for one batch, when time passes and how far (backwards and far
// ahead too), when the disk fails and how, when the server is restarted, when a watcher looks, breaks off and resumes.
//
// After every step invariants are checked; a broken one is the answer of Run():
//   promised   an acknowledged command is in the log once, and answered again alike; a rejected one never is
//   log        it only grows; positions and revisions are dense; recorded time never decreases
//   timers     a rung fires once in a clock's deadline, never before its instant, in the order of instants
//   views      at the end rows and timers equal those derived from the log
//   watch      a watcher who resumes from marks gets what reading gives, each event once, commits whole
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "services/node/clock.h"
#include "services/node/node.h"
#include "services/node/workspace.h"
#include "tests/sim/sim_store.h"

namespace duban::sim {

class World {
 public:
  explicit World(uint64_t seed, int steps = 60);
  ~World();

  // Plays the life. What is wrong; empty when nothing is.
  std::string Run();

  // SHA-256 over all records and all answers, in order, hexadecimal.
  std::string TraceHash() const;
  uint64_t acknowledged() const { return acknowledged_; }
  uint64_t restarts() const { return restarts_; }
  uint64_t fired() const { return fired_; }

 private:
  struct Sent {
    std::string actor;
    node::Request request;
    bool answered = false;
    bool promised = false;
    std::string position;  // When promised.
  };
  class SimClock;

  void Furnish();
  void Step();
  void Command();
  void PassTime();
  void Look();  // The watcher pulls, breaks off or resumes.
  void Restart();
  void Pump();
  // Sends a command and remembers what becomes of it.
  void Send(const std::string& actor, node::Request request, bool must = false);

  void CheckLog();
  void CheckFired(const v1::StreamPart& part, const v1::Commit& commit);
  void CheckPromises();
  void CheckViews();
  void CheckWatch();
  void Wrong(const std::string& what);
  void Trace(absl::string_view bytes);

  const uint64_t seed_;
  const int steps_;
  std::mt19937_64 random_;
  std::shared_ptr<SimClock> clock_;
  std::shared_ptr<SimStore> store_;
  node::NodeOptions options_;
  node::Workspace workspace_;
  std::unique_ptr<node::Node> node_;

  std::vector<std::shared_ptr<Sent>> sent_;
  std::vector<std::string> cases_;
  int keys_ = 0;
  uint64_t acknowledged_ = 0;
  uint64_t restarts_ = 0;
  uint64_t fired_ = 0;
  bool furnished_ = false;

  store::Position checked_ = 0;  // Commits that CheckLog has seen.
  int64_t recorded_ms_ = INT64_MIN;
  std::map<std::string, uint64_t> revisions_;
  std::set<std::string> rungs_;              // "case|clock|rung" that stand as fired in the clock's present deadline.
  std::map<std::string, int64_t> last_due_;  // Of a case, within one commit of timers.

  std::unique_ptr<node::EventStream> watch_;
  std::string token_;
  std::vector<std::string> seen_;    // "position/stream/revision" received and confirmed by a mark.
  std::vector<std::string> unsure_;  // Received since the last mark.

  std::string wrong_;
  std::string trace_;
};

}  // namespace duban::sim
