// An hour in the life of a server: a real duband under mixed load, watched from outside. `./dev soak hour [minutes]`.
//
// People open, act, hand the same command in twice, look at lists, watch and lose their connections, while the clock
// goes on. Every quarter of a minute a line says how it goes. At the end nothing may be missing: what every watcher
// holds is the ledger of now, every stream is dense, and rows and timers are what the log alone leads to.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/node/rebuild.h"
#include "store/rocks_store.h"
#include "tests/e2e/support/city.h"
#include "tests/observe/http_get.h"

namespace duban::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kReportEvery{15};
constexpr seconds kReconnectEvery{20};
constexpr int kActors = 3, kReaders = 1, kWatchers = 6;
// Orders opened in all: with their look-backs they stay below what one watch may hold (10,000 rows).
constexpr int kOrdersMax = 4000;
constexpr milliseconds kThink{10};  // Between two acts of an actor.
// The virtual clock goes from September to here and no further: the calendar must cover what is counted.
constexpr absl::Duration kClockSpan = absl::Hours(24 * 90);

const std::vector<std::string> kViewers = {kIssuer, kReviewer, kOwner, kOther, kOwnerHead, kIssuerHead};

// How long calls took since the last line.
class Took {
 public:
  template <typename Call>
  auto Measure(Call call) {
    const auto began = steady_clock::now();
    auto answer = call();
    const double ms = std::chrono::duration<double, std::milli>(steady_clock::now() - began).count();
    std::lock_guard<std::mutex> lock(mu_);
    ms_.push_back(ms);
    return answer;
  }
  // "1234 calls, half within 3 ms, 99 of 100 within 9 ms".
  std::string Line() {
    std::vector<double> ms;
    {
      std::lock_guard<std::mutex> lock(mu_);
      ms.swap(ms_);
    }
    std::sort(ms.begin(), ms.end());
    char text[64];
    std::snprintf(text, sizeof text, "%6zu %7.1f %7.1f", ms.size(), ms.empty() ? 0 : ms[ms.size() / 2],
                  ms.empty() ? 0 : ms[ms.size() * 99 / 100]);
    return text;
  }

 private:
  std::mutex mu_;
  std::vector<double> ms_;
};

class Hour {
 public:
  explicit Hour(double minutes)
      : length_(std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(minutes * 60))),
        city_({"--metrics", "127.0.0.1:0", "--log-level", "warning"}) {
    for (const std::string& viewer : kViewers) tokens_[viewer] = city_.TokenOf(viewer);
    tokens_[kOperator] = city_.TokenOf(kOperator);
    const std::string output = city_.server().output();
    const size_t at = output.find("http://127.0.0.1:");
    metrics_port_ =
        at == std::string::npos ? 0 : std::stoi(output.substr(at + std::string("http://127.0.0.1:").size()));
  }

  // The exit code.
  int Run() {
    ends_at_ = steady_clock::now() + length_;
    std::vector<std::thread> load;
    for (int i = 0; i < kActors; ++i) load.emplace_back([this, i] { Act(static_cast<uint64_t>(i)); });
    for (int i = 0; i < kReaders; ++i) load.emplace_back([this] { Read(); });
    load.emplace_back([this] { MoveClock(); });
    std::vector<std::thread> watchers;
    held_.resize(kWatchers);
    for (int i = 0; i < kWatchers; ++i) watchers.emplace_back([this, i] { Watch(static_cast<size_t>(i)); });
    std::printf("%6s %8s %8s %6s %9s | %22s | %22s | %9s %8s %8s\n", "s", "commits", "RSS MiB", "queue", "batch p99",
                "acts: n p50 p99 ms", "reads: n p50 p99 ms", "reconnect", "backlog", "refused");
    while (steady_clock::now() < ends_at_) {
      std::this_thread::sleep_until(std::min(ends_at_, steady_clock::now() + kReportEvery));
      Report();
    }
    for (std::thread& thread : load) thread.join();
    quiet_ = true;
    for (std::thread& thread : watchers) thread.join();
    CheckWatchers();
    CheckStreams();
    CheckRebuild();
    std::printf(failures_ == 0 ? "一切相符 all as it should be\n" : "不符 NOT AS IT SHOULD BE: %d\n", failures_.load());
    return failures_ == 0 ? 0 : 1;
  }

 private:
  using Rows = std::map<std::string, std::string>;  // Case -> what is compared of its row.

  std::unique_ptr<client::Client> Client(const std::string& person) { return city_.server().Connect(tokens_[person]); }
  bool over() const { return steady_clock::now() >= ends_at_; }

  void Fail(const std::string& what) {
    ++failures_;
    std::printf("FAILED: %s\n", what.c_str());
  }

  // --- Load ---------------------------------------------------------------------------------------------------------

  // One actor's own cases, moved on stage by stage; refusals by the clock's own moves are ordinary.
  void Act(uint64_t seed) {
    std::mt19937_64 random(seed);
    std::map<std::string, std::unique_ptr<client::Client>> clients;
    for (const std::string& person :
         {std::string(kIssuer), std::string(kOwner), std::string(kOther), std::string(kReviewer)}) {
      clients[person] = Client(person);
    }
    struct Mine {
      std::string name, owner;
      int step = 0;
    };
    std::vector<Mine> mine;
    while (!over()) {
      std::this_thread::sleep_for(kThink);
      if (opened_ < kOrdersMax && (mine.size() < 20 || random() % 8 == 0)) {
        ++opened_;
        const bool housing = random() % 2 == 0;
        v1::OpenCaseRequest request = Order(housing ? "units/zhujian" : "units/shuiwu", random());
        const auto first = acts_.Measure([&] { return clients[kIssuer]->Call(request); });
        if (!first.ok()) {
          ++refused_;
          continue;
        }
        // As an importer that lost its answer: the same command once more is no second case.
        const auto again = clients[kIssuer]->Call(request);
        if (!again.ok() || again->case_() != first->case_()) Fail("a command handed in twice was done twice");
        mine.push_back({first->case_(), housing ? kOwner : kOther});
        if (mine.size() > 200) mine.erase(mine.begin());
        continue;
      }
      if (mine.empty()) continue;
      Mine& one = mine[random() % mine.size()];
      static const std::vector<std::string> kSteps = {"acknowledge", "report", "submit", "accept", "comment"};
      const std::string& action = kSteps[std::min<size_t>(static_cast<size_t>(one.step), kSteps.size() - 1)];
      v1::ActOnCaseRequest request;
      request.set_case_(one.name);
      request.set_action(action);
      request.set_idempotency_key(client::Client::NewKey());
      if (action == "report") *request.add_fields() = FieldOf("progress", "已完成一半");
      if (action == "submit") {
        *request.add_fields() = FieldOf("result", "已完成");
        *request.add_fields() = FieldOf("evidence", kPhoto);
      }
      if (action == "comment") request.set_note("备注");
      const std::string& actor = action == "accept" ? std::string(kReviewer) : one.owner;
      const bool done = acts_.Measure([&] { return clients[actor]->Call(request); }).ok();
      if (!done) ++refused_;
      ++one.step;
    }
  }

  static v1::OpenCaseRequest Order(const std::string& owner, uint64_t number) {
    v1::OpenCaseRequest request;
    request.set_procedure("rectification");
    request.set_idempotency_key(client::Client::NewKey());
    for (const auto& [party, id] :
         {std::make_pair("owner", owner), std::make_pair("reviewer", std::string("posts/yanshou"))}) {
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party);
      binding.add_ids(id);
    }
    *request.add_fields() = FieldOf("problem", absl::StrCat("问题", number % 100000));
    *request.add_fields() = FieldOf("informant", "来电人");
    if (number % 2 == 0) *request.add_fields() = FieldOf("due", absl::StrCat("2026-11-", 10 + number % 20));
    return request;
  }

  void Read() {
    std::mt19937_64 random(7);
    std::map<std::string, std::unique_ptr<client::Client>> clients;
    for (const std::string& viewer : kViewers) clients[viewer] = Client(viewer);
    while (!over()) {
      client::Client& client = *clients[kViewers[random() % kViewers.size()]];
      v1::QueryLedgerRequest request;
      if (random() % 3 == 0) request.mutable_filter()->set_light("red");
      const auto page = reads_.Measure([&] { return client.Call(request); });
      if (!page.ok()) Fail("a page: " + page.error().reason);
      if (page.ok() && page->rows_size() > 0) {
        v1::GetCaseRequest one;
        one.set_case_(page->rows(static_cast<int>(random() % static_cast<uint64_t>(page->rows_size()))).case_());
        if (!reads_.Measure([&] { return client.Call(one); }).ok()) Fail("a case of the page is gone");
      }
      reads_.Measure([&] { return client.Call(v1::ListWorklistRequest()); });
      reads_.Measure([&] { return client.Call(v1::ListAlertsRequest()); });
      std::this_thread::sleep_for(milliseconds(5));
    }
  }

  void MoveClock() {
    const auto client = Client(kOperator);
    const absl::Time first = absl::FromCivil(absl::CivilHour(2026, 9, 1, 9), absl::FixedTimeZone(8 * 3600));
    const auto began = steady_clock::now();
    while (!over()) {
      std::this_thread::sleep_for(seconds(1));
      const double share = std::chrono::duration<double>(steady_clock::now() - began) / length_;
      const absl::Time now = first + std::min(1.0, share) * kClockSpan;
      v1::AdvanceClockRequest request;
      request.mutable_to()->set_seconds(absl::ToUnixSeconds(now));
      const auto advanced = client->Call(request);
      if (!advanced.ok()) Fail("the clock: " + advanced.error().reason);
    }
  }

  // What is compared of a row: when it says the same, nothing has been missed.
  static std::string Digest(const v1::LedgerRow& row) {
    return absl::StrCat(row.stage(), "/", row.light().colour(), "/", static_cast<int>(row.timeliness()));
  }

  // Keeps a ledger by its stream, over reconnects, until all has been quiet for a while.
  void Watch(size_t index) {
    const std::string& viewer = kViewers[index % kViewers.size()];
    while (true) {
      const auto client = Client(viewer);
      v1::WatchViewRequest request;
      request.set_view(v1::VIEW_LEDGER);
      request.set_heartbeat_s(1);
      const auto watch = client->WatchView(request);
      const auto until = steady_clock::now() + kReconnectEvery + milliseconds(700 * index);
      Rows rows;
      int marks_when_quiet = 0;
      v1::WatchViewResponse message;
      while (watch->Next(&message)) {
        if (message.has_begin()) rows.clear();
        for (const auto& change : message.changes().changes()) {
          if (change.has_ledger()) {
            rows[change.key()] = Digest(change.ledger());
          } else {
            rows.erase(change.key());
          }
        }
        if (message.has_mark() && message.mark().item_count() != static_cast<int64_t>(rows.size())) {
          Fail(absl::StrCat("a mark counts ", message.mark().item_count(), " rows of ", rows.size()));
        }
        if (quiet_ && message.has_mark() && ++marks_when_quiet >= 3) {
          held_[index] = std::move(rows);
          return;
        }
        if (!quiet_ && steady_clock::now() >= until) break;
      }
      if (!watch->error().ok()) Fail("a watch ended: " + watch->error().reason);
      watch->Cancel();
      ++reconnects_;
    }
  }

  // --- Looking ------------------------------------------------------------------------------------------------------

  double Metric(const std::string& page, const std::string& name) {
    for (const absl::string_view line : absl::StrSplit(page, '\n')) {
      if (absl::StartsWith(line, absl::StrCat(name, " "))) return std::stod(std::string(line.substr(name.size() + 1)));
    }
    return -1;
  }

  void Report() {
    const std::string page = duban::testing::HttpGet(metrics_port_, "/metrics");
    const auto stats = city_.As(kOperator).Call(v1::GetStatsRequest());
    std::printf("%6.0f %8.0f %8.1f %6.0f %7.1fms | %s | %s | %9d %8.0f %8d\n",
                std::chrono::duration<double>(steady_clock::now() - (ends_at_ - length_)).count(),
                Metric(page, "duban_log_commits"), Metric(page, "duban_process_resident_bytes") / (1 << 20),
                Metric(page, "duban_bound_value{bound=\"queue\"}"), stats.ok() ? stats->batch_seconds_p99() * 1000 : -1,
                acts_.Line().c_str(), reads_.Line().c_str(), reconnects_.load(),
                Metric(page, "duban_bound_value{bound=\"watch_backlog\"}"), refused_.load());
    std::fflush(stdout);
  }

  // --- Invariants ---------------------------------------------------------------------------------------------------

  void CheckWatchers() {
    for (size_t i = 0; i < held_.size(); ++i) {
      const std::string& viewer = kViewers[i % kViewers.size()];
      Rows ledger;
      for (const v1::LedgerRow& row : city_.Ledger(viewer)) ledger[row.case_()] = Digest(row);
      if (held_[i] != ledger)
        Fail(absl::StrCat("watcher ", i, " holds ", held_[i].size(), " rows, not the ledger's ", ledger.size()));
      std::printf("watcher %zu: %zu rows, as the ledger\n", i, ledger.size());
    }
  }

  void CheckStreams() {
    std::map<std::string, uint64_t> revisions;
    size_t events = 0;
    uint64_t position = 0;
    for (const v1::EventRecord& record : city_.Events(kOperator)) {
      ++events;
      if (record.revision() != ++revisions[record.stream()]) Fail("a gap in a stream");
      if (record.log_position() > position + 1) Fail("a gap in the log");
      position = record.log_position();
    }
    std::printf("%zu events of %zu streams, dense up to position %llu\n", events, revisions.size(),
                static_cast<unsigned long long>(position));
  }

  void CheckRebuild() {
    if (city_.server().Stop() != 0) Fail("the server did not stop in order");
    const auto store = store::OpenRocksStore(city_.server().data() + "/db");
    if (!store.ok()) return Fail("opening: " + store.status().ToString());
    const auto derived = node::DeriveRows(**store);
    if (!derived.ok()) return Fail("deriving: " + derived.status().ToString());
    std::map<std::pair<int, std::string>, std::string> expected, rows;
    for (const store::RowChange& row : derived->rows) {
      if (!row.deleted) expected[{row.table, row.key}] = row.value;
    }
    const auto snapshot = (*store)->NewSnapshot();
    // Rows from table 64 on are written beside the log (engine/views/rows.h).
    for (int table = 0; table < 64; ++table) {
      const absl::Status read =
          snapshot->Scan(static_cast<uint8_t>(table), "", "", [&](absl::string_view key, absl::string_view value) {
            rows[{table, std::string(key)}] = std::string(value);
            return true;
          });
      if (!read.ok()) Fail(read.ToString());
    }
    std::map<int, int> differing;  // Table -> rows.
    for (const auto& [key, value] : expected) {
      const auto row = rows.find(key);
      if (row == rows.end() || row->second != value) ++differing[key.first];
    }
    for (const auto& [key, value] : rows) differing[key.first] += expected.count(key) == 0 ? 1 : 0;
    for (const auto& [table, count] : differing) {
      if (count > 0) Fail(absl::StrCat(count, " rows of table ", table, " differ from what the log leads to"));
    }
    std::printf("%zu rows, as the log leads to\n", rows.size());
  }

  static constexpr char kPhoto[] = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

  const steady_clock::duration length_;
  City city_;
  std::map<std::string, std::string> tokens_;  // Constant once the threads run.
  int metrics_port_ = 0;
  steady_clock::time_point ends_at_;
  std::atomic<bool> quiet_{false};  // Nothing changes any more.
  std::atomic<int> failures_{0}, reconnects_{0}, refused_{0}, opened_{0};
  Took acts_, reads_;
  std::vector<Rows> held_;  // By watcher, once it has ended.
};

}  // namespace
}  // namespace duban::e2e

int main(int argc, char** argv) {
  const double minutes = argc > 1 ? std::atof(argv[1]) : 60;
  return duban::e2e::Hour(minutes).Run();
}
