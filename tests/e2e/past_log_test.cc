// A past event log goes in through the command line in its own time; the timers, not the importer, say what was late.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/e2e/support/server_process.h"

namespace duban::e2e {
namespace {

using ::testing::HasSubstr;

const std::string kRoot = DUBAN_SOURCE_DIR;

// An event by its place: unique in a history.
std::string PlaceOf(const v1::EventRecord& record) { return absl::StrCat(record.position(), "#", record.index()); }

class PastLog : public ::testing::Test {
 protected:
  PastLog() : server_({"--virtual-clock", "2010-09-01T00:00:00+02:00"}) {
    EXPECT_EQ(
        Duban(server_.data() + "/operator.token", {"directory", "apply", kRoot + "/examples/log/directory.yaml"}).code,
        0);
    EXPECT_EQ(
        Duban(server_.data() + "/operator.token", {"procedure", "publish", kRoot + "/procedures/permit_log.yaml"}).code,
        0);
    EXPECT_EQ(Duban(server_.data() + "/operator.token",
                    {"token", "persons/permits-luru", "--days", "365", "--out", token_file()})
                  .code,
              0);
    std::ifstream(token_file()) >> token_;
  }
  ~PastLog() override { StopWatching(); }

  std::string token_file() const { return server_.data() + "/luru.token"; }

  Ran Duban(const std::string& token, std::vector<std::string> words, int seconds = 60) {
    std::vector<std::string> command = {DubanPath(), "--server", server_.target(), "--token-file", token};
    command.insert(command.end(), words.begin(), words.end());
    return e2e::Run(command, seconds);
  }

  Ran Import(const std::string& file) {
    return Duban(token_file(), {"import", file, "--map", kRoot + "/examples/log/receipt.map.yaml", "--show", "0"}, 500);
  }

  // Watches from the beginning of history, from before the import on.
  void StartWatching() {
    watcher_ = server_.Connect(token_);
    v1::WatchEventsRequest request;
    request.set_beginning(true);
    watch_ = watcher_->WatchEvents(request);
    reading_ = std::thread([this] {
      for (v1::WatchEventsResponse message; watch_->Next(&message);) {
        std::lock_guard<std::mutex> lock(mutex_);
        for (const v1::EventRecord& record : message.events()) seen_.push_back(PlaceOf(record));
      }
    });
  }
  void StopWatching() {
    if (watch_ != nullptr) watch_->Cancel();
    if (reading_.joinable()) reading_.join();
  }
  // What the watcher has seen once it has seen as many as `expected`, or after a while.
  std::vector<std::string> Seen(size_t expected) {
    for (int i = 0; i < 200; ++i) {
      {
        std::lock_guard<std::mutex> lock(mutex_);
        if (seen_.size() >= expected) break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    StopWatching();
    return seen_;
  }

  // The whole history, page by page.
  std::vector<std::string> History() {
    auto client = server_.Connect(token_);
    std::vector<std::string> all;
    v1::ReadEventsRequest request;
    request.set_page_size(1000);
    while (true) {
      auto page = client->Call(request);
      if (!page.ok()) {
        ADD_FAILURE() << page.error().message.zh();
        return all;
      }
      for (const v1::EventRecord& record : page->events()) all.push_back(PlaceOf(record));
      if (page->next_page_token().empty()) return all;
      request.set_page_token(page->next_page_token());
    }
  }

  int64_t Total(v1::Timeliness timeliness, bool open_only) {
    auto client = server_.Connect(token_);
    v1::QueryLedgerRequest request;
    request.mutable_filter()->set_procedure("permit_log");
    request.mutable_filter()->set_timeliness(timeliness);
    request.mutable_filter()->set_open_only(open_only);
    auto answer = client->Call(request);
    return answer.ok() ? answer->total_size() : -1;
  }

  ServerProcess server_;
  std::string token_;
  std::unique_ptr<client::Client> watcher_;
  std::unique_ptr<client::EventWatch> watch_;
  std::thread reading_;
  std::mutex mutex_;
  std::vector<std::string> seen_;  // Guarded by mutex_ while reading_ runs.
};

constexpr char kHeading[] =
    "case:concept:name,case:startdate,case:deadline,case:enddate,time:timestamp,concept:name,org:resource\n";

TEST_F(PastLog, TheTimersSayWhatWasLateAndOddRowsAreKept) {
  const std::string file = server_.data() + "/log.csv";
  std::ofstream(file)
      << kHeading
      // Ends in time; ends late; is open and overdue; is open and not yet due.
      << "A,2011-01-03 08:00+01:00,2011-01-10 08:00+01:00,2011-01-10 08:00+01:00,2011-01-04 08:00+01:00,check,r1\n"
      << "B,2011-01-03 09:00+01:00,2011-01-10 08:00+01:00,2011-01-10 08:00:00.001+01:00,2011-01-04 "
         "09:00+01:00,check,r1\n"
      << "C,2011-01-03 10:00+01:00,2011-01-10 08:00+01:00,,2011-01-04 10:00+01:00,check,r2\n"
      << "D,2011-01-03 11:00+01:00,2011-06-10 08:00+01:00,,2011-02-04 11:00+01:00,check,r2\n"
      // A row before its case's start, one after its end, a case that ends before it starts.
      << "A,2011-01-03 08:00+01:00,2011-01-10 08:00+01:00,2011-01-10 08:00+01:00,2011-01-02 08:00+01:00,early,r1\n"
      << "A,2011-01-03 08:00+01:00,2011-01-10 08:00+01:00,2011-01-10 08:00+01:00,2011-01-12 08:00+01:00,archive,r9\n"
      << "E,2011-01-03 12:00+01:00,2011-01-20 08:00+01:00,2011-01-03 11:30+01:00,2011-01-04 08:00+01:00,check,r3\n";
  StartWatching();

  Ran first = Import(file);

  EXPECT_EQ(first.code, 0) << first.output;
  EXPECT_THAT(first.output, HasSubstr("案件 5，已结束 3，其中逾期 1，在办 2，其中逾期 1"));
  EXPECT_THAT(first.output, HasSubstr("log.csv:6: 存疑 BEFORE_START [A time:timestamp]"));
  EXPECT_THAT(first.output, HasSubstr("log.csv:7: 存疑 AFTER_END [A time:timestamp]"));
  EXPECT_THAT(first.output, HasSubstr("ENDS_BEFORE_START [E case:enddate]"));
  std::vector<std::string> history = History();
  EXPECT_EQ(Seen(history.size()), history);

  // And once more: all is there, nothing is added.
  Ran second = Import(file);
  EXPECT_EQ(second.code, 0) << second.output;
  EXPECT_THAT(second.output, HasSubstr("已录入操作 0，已在库 15"));
  EXPECT_EQ(History(), history);
}

// The real log of a municipality; set DUBAN_DATA to the folder that holds receipt.csv.
TEST_F(PastLog, TheRealLogGivesWhatReallyWasLate) {
  const char* folder = std::getenv("DUBAN_DATA");
  const std::string file = (folder != nullptr ? std::string(folder) : kRoot + "/../shared/data") + "/receipt.csv";
  if (!std::ifstream(file)) GTEST_SKIP() << file << " is not here; set DUBAN_DATA";
  StartWatching();

  Ran ran = Import(file);

  EXPECT_EQ(ran.code, 0) << ran.output.substr(ran.output.size() > 2000 ? ran.output.size() - 2000 : 0);
  EXPECT_THAT(ran.output, HasSubstr("AFTER_END  180 行，145 件"));
  EXPECT_THAT(ran.output, HasSubstr("BEFORE_START  12 行"));
  EXPECT_THAT(ran.output, HasSubstr("ENDS_BEFORE_START  2 行"));
  EXPECT_EQ(Total(v1::TIMELINESS_UNSPECIFIED, false), 1434);
  EXPECT_EQ(Total(v1::TIMELINESS_UNSPECIFIED, true), 105);
  EXPECT_EQ(Total(v1::TIMELINESS_ENDED_LATE, false), 377);
  EXPECT_EQ(Total(v1::TIMELINESS_OVERDUE, true), 39);
  std::vector<std::string> history = History();
  EXPECT_GT(history.size(), 1434u * 3 + 8577u);
  EXPECT_EQ(Seen(history.size()), history);
}

}  // namespace
}  // namespace duban::e2e
