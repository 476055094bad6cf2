// kill -9 of the real server under load, again and again: every acknowledged command is there, exactly once, and
// nothing else is.
//
// Several clients write at once, each command under a key of its own. The server is killed at a random moment and
// started again on the same data; afterwards each key is sent once more. An acknowledged command must answer with the
// same case and revision as before, an unacknowledged one may be done or not, but never twice.
//
// 100 kills, or DUBAN_KILLS of them (`./dev soak kill`).
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/e2e/support/city.h"

namespace duban::e2e {
namespace {

constexpr int kWriters = 4;

int Kills() {
  const char* asked = std::getenv("DUBAN_KILLS");
  return asked != nullptr ? std::atoi(asked) : 100;
}

struct Sent {
  v1::ActOnCaseRequest request;
  bool acknowledged = false;
  uint64_t revision = 0;
};

// Writes remarks on a case of its own until it is told to stop or the server is gone.
class Writer {
 public:
  Writer(std::string target, std::string token, std::string name, int number)
      : target_(std::move(target)), token_(std::move(token)), name_(std::move(name)), number_(number) {}

  void Run(std::atomic<bool>& stop) {
    client::Options options;
    options.target = target_;
    options.token = token_;
    options.retry_for = std::chrono::milliseconds(0);
    options.call_time = std::chrono::seconds(5);
    auto client = client::Client::Connect(options);
    while (!stop) {
      Sent& sent = sent_.emplace_back();
      sent.request.set_case_(name_);
      sent.request.set_action("comment");
      sent.request.set_note(absl::StrCat("第 ", sent_.size(), " 条"));
      sent.request.set_idempotency_key(absl::StrCat("w", number_, "-", ++keys_));
      const auto done = client->Call(sent.request);
      if (!done.ok()) return;
      sent.acknowledged = true;
      sent.revision = done->revision();
    }
  }
  void Retarget(std::string target) { target_ = std::move(target); }
  std::vector<Sent> TakeSent() { return std::exchange(sent_, {}); }
  const std::string& name() const { return name_; }

 private:
  std::string target_;
  const std::string token_;
  const std::string name_;
  const int number_;
  int keys_ = 0;
  std::vector<Sent> sent_;
};

TEST(KillTest, EveryAcknowledgedCommandSurvivesAndNoneIsDoneTwice) {
  City city;
  std::mt19937 random(20260901);
  std::vector<std::unique_ptr<Writer>> writers;
  const std::string token = city.TokenOf(kOwner);
  for (int i = 0; i < kWriters; ++i) {
    const std::string name = city.Open("units/zhujian", absl::StrCat("事项", i), "2026-10-30");
    writers.push_back(std::make_unique<Writer>(city.server().target(), token, name, i));
  }
  int64_t acknowledged = 0;
  for (int kill = 0; kill < Kills(); ++kill) {
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (auto& writer : writers) {
      writer->Retarget(city.server().target());
      threads.emplace_back([&stop, w = writer.get()] { w->Run(stop); });
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 120'000 + 5'000));
    city.server().Kill();
    stop = true;
    for (std::thread& thread : threads) thread.join();
    city.server().Start();
    auto client = city.server().Connect(token);
    for (auto& writer : writers) {
      for (const Sent& sent : writer->TakeSent()) {
        const auto again = client->Call(sent.request);
        ASSERT_TRUE(again.ok()) << again.error().reason << " " << again.error().message.en();
        if (!sent.acknowledged) continue;
        ++acknowledged;
        EXPECT_TRUE(again->repeated_call()) << "an acknowledged command was lost at kill " << kill;
        EXPECT_EQ(again->revision(), sent.revision);
      }
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(acknowledged, Kills());
  std::printf("%d kills, %lld acknowledged commands\n", Kills(), static_cast<long long>(acknowledged));
  // Each revision of each case is there once.
  auto client = city.server().Connect(token);
  for (const auto& writer : writers) {
    v1::ReadEventsRequest read;
    read.set_stream(writer->name());
    read.set_page_size(1000);
    uint64_t revision = 0;
    do {
      const auto page = client->Call(read);
      ASSERT_TRUE(page.ok());
      for (const v1::EventRecord& record : page->events()) {
        EXPECT_EQ(record.revision(), ++revision);
      }
      read.set_page_token(page->next_page_token());
    } while (!read.page_token().empty());
    v1::GetCaseRequest get;
    get.set_case_(writer->name());
    const auto now = client->Call(get);
    ASSERT_TRUE(now.ok());
    EXPECT_EQ(now->case_().revision(), revision);
  }
}

}  // namespace
}  // namespace duban::e2e
