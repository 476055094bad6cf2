// Threads and timers of the streams.
#include "services/rpc/executor.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <string>

namespace duban::rpc {
namespace {

using ::testing::ElementsAre;

TEST(Executor, RunsTimersInTheOrderTheyFallDueNotAsTheyWereSet) {
  std::vector<int> order;
  std::promise<void> done;
  Executor executor(1);
  executor.After(absl::Milliseconds(60), [&] {
    order.push_back(3);
    done.set_value();
  });
  executor.After(absl::Milliseconds(20), [&] { order.push_back(1); });
  executor.After(absl::Milliseconds(40), [&] { order.push_back(2); });
  done.get_future().wait();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(Executor, FiresATimerOnTimeWhileAnotherThreadIsBusy) {
  std::promise<void> release;
  std::promise<void> fired;
  Executor executor(2);
  executor.Post([&] { release.get_future().wait(); });
  executor.After(absl::Milliseconds(10), [&] { fired.set_value(); });
  EXPECT_EQ(fired.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
  release.set_value();
}

TEST(Executor, ForgetsACancelledTimerAndOnlyThat) {
  std::atomic<int> cancelled{0};
  std::promise<void> kept;
  Executor executor(1);
  const Executor::Timer timer = executor.After(absl::Milliseconds(20), [&] { ++cancelled; });
  executor.After(absl::Milliseconds(40), [&] { kept.set_value(); });
  executor.Cancel(timer);
  executor.Cancel(timer);
  executor.Cancel(Executor::Timer());
  kept.get_future().wait();
  EXPECT_EQ(cancelled, 0);
}

TEST(Executor, NeverFiresAnInfiniteTimerAndAPastOneAtOnce) {
  std::atomic<int> never{0};
  std::promise<void> past;
  {
    Executor executor(1);
    executor.After(absl::InfiniteDuration(), [&] { ++never; });
    executor.After(absl::Hours(-5), [&] { past.set_value(); });
    past.get_future().wait();
  }
  EXPECT_EQ(never, 0);
}

TEST(Executor, RunsWhatIsQueuedBeforeItEndsAndDropsTimers) {
  std::atomic<int> ran{0};
  auto held = std::make_shared<int>(0);
  std::weak_ptr<int> watch = held;
  {
    Executor executor(3);
    for (int i = 0; i < 1000; ++i) executor.Post([&] { ++ran; });
    executor.After(absl::Hours(1), [held = std::move(held)] {});
  }
  EXPECT_EQ(ran, 1000);
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace duban::rpc
