#include "services/node/chores.h"

#include <utility>

namespace duban::node {

Chores::Chores(std::function<void()> often, std::chrono::milliseconds every, bool own_thread)
    : often_(std::move(often)), every_(every), stopping_(!own_thread) {
  often_();
  if (own_thread) thread_ = std::thread([this] { Run(); });
}

void Chores::Post(std::function<void()> task) {
  {
    std::lock_guard<std::mutex> lock(mu_);
    if (!stopping_) {
      tasks_.push_back(std::move(task));
      changed_.notify_one();
      return;
    }
  }
  task();
}

void Chores::Stop() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Chores::Run() {
  while (true) {
    std::function<void()> task = often_;
    {
      std::unique_lock<std::mutex> lock(mu_);
      changed_.wait_for(lock, every_, [this] { return stopping_ || !tasks_.empty(); });
      if (!tasks_.empty()) {
        task = std::move(tasks_.front());
        tasks_.pop_front();
      } else if (stopping_) {
        return;
      }
    }
    task();
  }
}

}  // namespace duban::node
