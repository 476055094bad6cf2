#include "services/rpc/executor.h"

#include <algorithm>
#include <chrono>

namespace duban::rpc {

Executor::Executor(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

Executor::~Executor() {
  std::map<Timer, Task> dropped;  // Destroyed after the threads have ended.
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closing_ = true;
    dropped.swap(timers_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Executor::Post(Task task) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
}

Executor::Timer Executor::After(absl::Duration delay, Task task) {
  if (delay == absl::InfiniteDuration()) return {};
  // A bound keeps the sum below the clock's range.
  const auto wait = absl::ToChronoNanoseconds(std::clamp(delay, absl::ZeroDuration(), absl::Hours(24)));
  std::lock_guard<std::mutex> lock(mutex_);
  if (closing_) return {};
  const Timer timer{std::chrono::steady_clock::now() + wait, next_id_++};
  timers_.emplace(timer, std::move(task));
  changed_.notify_all();  // Every waiting thread must know the earliest timer: the one told may get busy.
  return timer;
}

void Executor::Cancel(const Timer& timer) {
  Task dropped;  // Destroyed after the lock: what it holds may call back.
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = timers_.find(timer);
  if (found == timers_.end()) return;
  dropped = std::move(found->second);
  timers_.erase(found);
}

size_t Executor::waiting() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return tasks_.size();
}

void Executor::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    if (!timers_.empty() && timers_.begin()->first.first <= std::chrono::steady_clock::now()) {
      tasks_.push_back(std::move(timers_.begin()->second));
      timers_.erase(timers_.begin());
      continue;
    }
    if (!tasks_.empty()) {
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
      continue;
    }
    if (closing_) return;
    if (timers_.empty()) {
      changed_.wait(lock);
    } else {
      const auto due = timers_.begin()->first.first;  // A copy: the timer may be cancelled meanwhile.
      changed_.wait_until(lock, due);
    }
  }
}

}  // namespace duban::rpc
