// Those who watch all year: the auditor, from whose stream everything is judged, and people with different rights, who
// keep a view or hear events, some over connections that break. What they were told is kept to be judged.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "clients/cpp/client.h"
#include "clients/cpp/view_map.h"

namespace duban::city {

// Every event from the beginning, in order.
class Feed {
 public:
  explicit Feed(client::Client& auditor);
  ~Feed();
  // Waits until the commit at `position` has come, or 60 s; all that has come since the last call. Empty: it did not.
  std::vector<v1::EventRecord> TakeUpTo(const std::string& position, std::string* trouble);

 private:
  void Read();

  std::unique_ptr<client::EventWatch> watch_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<v1::EventRecord> records_;  // Guarded by mutex_, as below.
  std::string last_;
  std::string ended_;
  std::thread thread_;
};

// One person's view, kept by its stream.
class Watcher {
 public:
  // `open_only`: of the ledger the open cases. After every `cut_after` marks the connection is dropped and the watch
  // goes on from its last mark; 0: never.
  Watcher(client::Client& client, std::string person, v1::View view, bool open_only, int cut_after);
  ~Watcher();

  const std::string& person() const { return person_; }
  v1::View view() const { return view_; }
  bool open_only() const { return open_only_; }
  // What he holds at his last mark: keys, and of each what is compared.
  std::map<std::string, std::string> Held();
  // Cases of which he was shown a row since the last call, with the stage it said ("" where rows say none).
  std::vector<std::pair<std::string, std::string>> TakeShown();
  int cuts();
  int64_t rows_told();
  // Resets by reason.
  std::map<std::string, int> resets();
  // Why he watches no more; empty while all is well.
  std::string trouble();

  // What is compared of a row.
  static std::string Said(const v1::LedgerRow& row);

 private:
  void Run();

  client::Client& client_;
  const std::string person_;
  const v1::View view_;
  const bool open_only_;
  const int cut_after_;
  std::mutex mutex_;
  client::ViewMap map_;  // Guarded by mutex_, as below.
  std::vector<std::pair<std::string, std::string>> shown_;
  std::map<std::string, int> resets_;
  std::string trouble_;
  int cuts_ = 0;
  int64_t rows_told_ = 0;
  bool over_ = false;
  client::ViewWatch* watch_ = nullptr;
  std::thread thread_;
};

// One person's events.
class Listener {
 public:
  Listener(client::Client& client, std::string person);
  ~Listener();
  const std::string& person() const { return person_; }
  // Stream and revision of all that he heard of cases since the last call.
  std::vector<std::pair<std::string, uint64_t>> TakeHeard();
  std::string trouble();

 private:
  const std::string person_;
  std::unique_ptr<client::EventWatch> watch_;
  std::mutex mutex_;
  std::vector<std::pair<std::string, uint64_t>> heard_;  // Guarded by mutex_, as below.
  std::string trouble_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace duban::city
