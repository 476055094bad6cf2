// Slow work beside the sequencer, one thing after another on a thread of its own: what must not hold up commands.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace duban::node {

class Chores {
 public:
  // `often` is done at once, and again whenever so much time has passed. Without a thread of its own it is done once,
  // here, and tasks run where they are posted.
  Chores(std::function<void()> often, std::chrono::milliseconds every, bool own_thread);
  // Ends what is under way and what was posted.
  ~Chores() { Stop(); }

  void Post(std::function<void()> task);
  // After this tasks run where they are posted.
  void Stop();

 private:
  void Run();

  const std::function<void()> often_;
  const std::chrono::milliseconds every_;
  std::mutex mu_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;  // Guarded by mu_; bounded by the commands that post.
  bool stopping_ = false;                    // Guarded by mu_.
  std::thread thread_;
};

}  // namespace duban::node
