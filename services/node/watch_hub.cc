#include "services/node/watch_hub.h"

#include <algorithm>

#include "services/node/limits.h"

namespace duban::node {

WatchHub::Watch::Watch(WatchHub& hub, std::string person, Watched watched, std::function<void()> wake)
    : hub_(hub), person_(std::move(person)), watched_(watched), wake_(std::move(wake)) {}

WatchHub::Watch::~Watch() { hub_.Leave(*this); }

Published WatchHub::Current() const {
  std::lock_guard<std::mutex> lock(mu_);
  return published_;
}

void WatchHub::Publish(Published now, const std::set<v1::View>& changed) {
  Published before;  // Let go of outside the lock: it may hold the last reference to a snapshot.
  {
    std::lock_guard<std::mutex> lock(mu_);
    before = std::move(published_);
    published_ = std::move(now);
    for (const v1::View view : changed) changed_by_[view] = published_.head;
  }
  published_more_.notify_all();
  Wake();
}

void WatchHub::WaitBeyond(store::Position head, std::chrono::milliseconds most) const {
  std::unique_lock<std::mutex> lock(mu_);
  published_more_.wait_for(lock, most, [&] { return waiting_stopped_ || published_.head > head; });
}

void WatchHub::StopWaiting() {
  std::lock_guard<std::mutex> lock(mu_);
  waiting_stopped_ = true;
  published_more_.notify_all();
}

void WatchHub::Wake() {
  std::vector<std::shared_ptr<Watch>> awake;
  {
    std::lock_guard<std::mutex> lock(mu_);
    for (const auto& [watch, held] : watches_) {
      if (std::shared_ptr<Watch> alive = held.lock()) awake.push_back(std::move(alive));
    }
  }
  for (const std::shared_ptr<Watch>& watch : awake) {
    std::lock_guard<std::mutex> lock(watch->wake_mu_);
    if (watch->wake_) watch->wake_();
  }
}

absl::StatusOr<std::shared_ptr<WatchHub::Watch>> WatchHub::Open(const std::string& person, Watched watched,
                                                                std::function<void()> wake) {
  std::lock_guard<std::mutex> lock(mu_);
  if (closed_) return absl::UnavailableError("SHUTTING_DOWN: the server is stopping");
  const auto held = per_person_.find(person);
  const bool many = held != per_person_.end() && held->second >= limits::kWatchesPerPersonMax;
  if (many || watches_.size() >= limits::kWatchesMax) {
    vitals_.Reached(many ? Bound::kWatchesPerPerson : Bound::kWatches);
    return absl::ResourceExhaustedError("TOO_MANY_WATCHES: close those that are not needed");
  }
  auto watch = std::make_shared<Watch>(*this, person, watched, std::move(wake));
  watches_[watch.get()] = watch;
  ++per_person_[person];
  // A wake-up under way may hold the watch longer than its stream does: what the stream lets go of falls silent first.
  Watch* const place = watch.get();
  return std::shared_ptr<Watch>(place, [watch = std::move(watch)](Watch*) mutable {
    watch->Silence();
    watch.reset();
  });
}

void WatchHub::Watch::Silence() {
  hub_.Leave(*this);
  std::lock_guard<std::mutex> lock(wake_mu_);
  wake_ = nullptr;
}

void WatchHub::Leave(Watch& watch) {
  std::lock_guard<std::mutex> lock(mu_);
  if (watches_.erase(&watch) == 0) return;
  if (--per_person_[watch.person_] == 0) per_person_.erase(watch.person_);
}

store::Position WatchHub::ChangedBy(v1::View view) const {
  std::lock_guard<std::mutex> lock(mu_);
  const auto found = changed_by_.find(view);
  return found == changed_by_.end() ? first_ : found->second;
}

void WatchHub::Close() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    closed_ = true;
  }
  Wake();
}

bool WatchHub::closed() const {
  std::lock_guard<std::mutex> lock(mu_);
  return closed_;
}

int64_t WatchHub::Count(bool events) const {
  std::lock_guard<std::mutex> lock(mu_);
  int64_t count = 0;
  for (const auto& [watch, held] : watches_) count += (watch->watched_ == kWatchedEvents) == events ? 1 : 0;
  return count;
}

int64_t WatchHub::event_watches() const { return Count(true); }
int64_t WatchHub::view_watches() const { return Count(false); }

int64_t WatchHub::most_of_one_person() const {
  std::lock_guard<std::mutex> lock(mu_);
  size_t most = 0;
  for (const auto& [person, count] : per_person_) most = std::max(most, count);
  return static_cast<int64_t>(most);
}

}  // namespace duban::node
