// What was open before the year began: two offices' ledgers of the year before, with the faults that such ledgers have,
// looked through, brought in by a job, and brought in again. What was told from several sources is merged.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "duban/v1/job_service.pb.h"
#include "tests/city/facts.h"
#include "tests/city/fail.h"
#include "tests/city/town.h"

namespace duban::city {

class Backlog {
 public:
  // `matters`: of the whole year; so much older there is in proportion.
  Backlog(Town& town, const Facts& facts, uint64_t seed, int matters, Fail fail);

  static Day DayOfImport() { return Day(2019, 1, 8); }
  // Looks it through and starts the jobs. When they have ended and been read: Check.
  void Import();
  // What the jobs did, and that nothing else was opened. `again`: all had been there before.
  void Check(bool again);
  // Puts together what is one problem. The facts are up to date.
  void Merge();
  // In the end each line that was taken is one case still, opened when the ledger says.
  void CheckInTheEnd();

  // By which the ledger knew a case that was brought in; empty for others.
  static std::string KeyOf(const Case& c);
  // The personal data with which it was, of one that has a key.
  static google::protobuf::RepeatedPtrField<v1::FieldValue> PersonOf(const Case& c);
  // For a summary.
  std::string Told() const;
  int64_t calls() const { return calls_; }

 private:
  struct Line {
    std::string key;     // Of the ledger; empty where the line is no record.
    std::string text;    // As it is sent.
    std::string reason;  // For which it is refused.
    bool known = false;  // The same stands above.
    absl::Time since;    // As the ledger says; infinite: it does not.
  };
  struct Sheet {
    std::string person, title, job;
    std::vector<Line> lines;
  };

  v1::OpenCaseRequest Order(int i) const;
  v1::OpenCaseRequest Petition(int i) const;
  void Add(Sheet& sheet, v1::OpenCaseRequest open, const std::string& key, absl::Time since,
           const std::string& reason = "", bool known = false);
  uint64_t Roll(const std::string& what) const { return city::Roll(seed_, "backlog " + what); }
  std::map<std::string, std::vector<const Case*>> ByKey() const;
  void CheckCounts(const Sheet& sheet, const std::string& how, bool played,
                   const google::protobuf::RepeatedPtrField<v1::JobRefusal>& refusals, int64_t looked_at,
                   int64_t refused);

  Town& town_;
  const Facts& facts_;
  const uint64_t seed_;
  const Fail fail_;
  std::vector<Sheet> sheets_;
  std::vector<std::vector<std::string>> same_;  // Keys of one problem.
  int64_t calls_ = 0;
  bool there_ = false;
};

}  // namespace duban::city
