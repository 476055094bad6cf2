// Threads and a timer for the streams' work, so that reading the store for a watcher never holds up gRPC's threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace duban::rpc {

// Runs tasks in the order they fall due, on a few threads. Its queue is bounded by its users: a stream has at most one
// task and one timer in it.
class Executor {
 public:
  using Task = std::function<void()>;
  // Names a timer; the default names none.
  using Timer = std::pair<std::chrono::steady_clock::time_point, uint64_t>;

  explicit Executor(int threads);
  // Runs what is queued; drops timers.
  ~Executor();

  // As soon as a thread is free.
  void Post(Task task);
  // After `delay`, or at once when that is not positive. An infinite delay: never.
  Timer After(absl::Duration delay, Task task);
  // Forgets a timer that has not run yet; any other is ignored.
  void Cancel(const Timer& timer);
  // Tasks that wait for a thread.
  size_t waiting() const;

 private:
  void Run();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;  // Guarded by mutex_, like all below.
  std::map<Timer, Task> timers_;
  uint64_t next_id_ = 1;
  bool closing_ = false;
  std::vector<std::thread> threads_;  // Constant after construction.
};

}  // namespace duban::rpc
