// Inside year*.cc: the course of the year and all who take part in it.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/city/backlog.h"
#include "tests/city/facts.h"
#include "tests/city/fail.h"
#include "tests/city/figures.h"
#include "tests/city/inspections.h"
#include "tests/city/letters.h"
#include "tests/city/matters.h"
#include "tests/city/rates.h"
#include "tests/city/ratings.h"
#include "tests/city/secrets.h"
#include "tests/city/viewers.h"
#include "tests/city/watchers.h"
#include "tests/city/year.h"
#include "tests/city/year_end.h"

namespace duban::city {

// One call of somebody; what it is about.
struct Call {
  size_t matter = SIZE_MAX;  // An act on it; else an opening.
  std::string identity;
  std::string person;
  std::variant<v1::OpenCaseRequest, v1::ActOnCaseRequest> request;
  std::string expect;
  // The answer.
  client::Error error;
  std::string opened;
};

// Where the time of a run goes.
enum Phase { kClock, kJobs, kLog, kJudging, kThinking, kCalls, kWriting, kLooking, kCounting, kPhases };

// The time until it goes out of scope is spent on that.
class Spending {
 public:
  explicit Spending(double& spent) : spent_(spent) {}
  ~Spending() { spent_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - since_).count(); }
  Spending(const Spending&) = delete;

 private:
  double& spent_;
  const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

struct Sitting {
  Day day;
  int hour = 0;
  bool first = false;  // Of its day.
  bool day_off = false;
  std::vector<int> arrivals;
};

class Life {
 public:
  explicit Life(const Options& options)
      : options_(options),
        fail_([this](const std::string& what, const std::string& stream) { Tell(what, stream); }),
        server_({"--virtual-clock", "2018-12-27T09:00:00+08:00", "--log-level", "warning"}),
        town_(options.size, options.seed),
        facts_(fail_),
        matters_(town_, facts_, options.seed),
        letters_(town_, facts_, options.seed, static_cast<size_t>(options.callers), fail_),
        ratings_(town_, facts_, options.seed, static_cast<size_t>(options.callers), fail_),
        figures_(town_, fail_),
        backlog_(town_, facts_, options.seed, options.matters, fail_),
        inspections_(town_, facts_, options.seed, fail_),
        viewers_(town_, facts_, letters_, fail_),
        secrets_(town_, facts_, options.seed, fail_),
        rates_(town_, facts_, fail_),
        year_end_(town_, facts_, fail_) {}

  Outcome Run();

 private:
  Spending Spend(Phase phase) { return Spending(spent_[phase]); }

  // --- The course of the year
  std::vector<Sitting> Calendar() const;
  void Advance(absl::Time to);
  void CatchUp();
  bool IsDayOfDraw(Day day) const;
  void Seed(const std::string& draw, const std::string& source);
  bool HasWork(const Sitting& sitting) const;
  void Sit(const Sitting& sitting);
  void Meet(std::vector<std::string> opened);
  void Plan(size_t matter);
  void HandIn(std::vector<Call>& calls, bool together);
  void Hear(Call& call);
  size_t Register(const std::string& identity, const std::string& name);
  void Draw(Day day);
  void Write(Day day);
  void Migrate();
  void BringIn();
  void CheckRates(Day last);
  void Settle();
  void GoIntoNextYear();

  // --- What is told of it
  void Tell(const std::string& wrong, const std::string& stream);
  void Report(const std::string& month);
  std::string Digest() const;
  void Summary();
  std::string ServerUse() const;

  const Options options_;
  const Fail fail_;
  e2e::ServerProcess server_;
  Town town_;
  Facts facts_;
  Matters matters_;
  Letters letters_;
  Ratings ratings_;
  Figures figures_;
  Backlog backlog_;
  Inspections inspections_;
  Viewers viewers_;
  Secrets secrets_;
  Rates rates_;
  YearEnd year_end_;
  std::unique_ptr<Feed> feed_;

  std::vector<Matter> all_;
  std::vector<std::optional<Move>> next_;
  std::map<std::string, size_t> by_name_;
  std::map<std::string, int> children_;
  std::map<std::string, std::string> last_of_issuer_;  // The newest rectification of each.
  std::map<absl::Time, std::vector<size_t>> schedule_;
  std::vector<size_t> again_;  // To be planned once the log has been read.

  absl::Time now_;
  Outcome outcome_;
  std::map<std::string, int64_t> refused_;  // As they had to be, by reason.
  int64_t migrated_ = 0;                    // From a stage that has got another name.
  int64_t acts_at_report_ = 0;
  double spent_[kPhases] = {};
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now(), reported_ = began_;
};

}  // namespace duban::city
