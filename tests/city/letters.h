// Letters and reports of the year: who writes to whom about what, by the facts alone, compared with what is issued,
// taken in and listed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "duban/v1/document_service.pb.h"
#include "tests/city/facts.h"
#include "tests/city/fail.h"
#include "tests/city/town.h"

namespace duban::city {

class Letters {
 public:
  Letters(Town& town, const Facts& facts, uint64_t seed, size_t callers, Fail fail)
      : town_(town), facts_(facts), seed_(seed), callers_(callers), fail_(std::move(fail)) {}

  // Whether the day must not be left out: Tuesdays, and days on which a letter is to be taken in.
  bool HasWork(Day day) const;
  // Letters about newly issued orders: the city's on every day, the counties' on Tuesdays. The facts are up to date.
  // False where there are none.
  bool Issue(Day day);
  // What was issued has been read by now. Takes in what is due: most on its day, some a week later, some never. False
  // where none is due.
  bool Receive(Day day, absl::Time now);
  // The report about a month or more, issued to the city; its figures are the facts'. `recounted`: those of recount.py
  // for that period, by metric, where they are there already.
  void Report(const std::string& period, Day first, Day last, const Counts* recounted);
  // What a person's list of documents shows is what was sent to or by those whom he reaches.
  void CheckList(const std::string& person);
  int64_t calls() const { return calls_; }

 private:
  // Who writes to whom about what, and what came of it.
  struct Office {
    std::string from, person;
    std::map<std::string, Names> expected = {};
    v1::IssueDocumentsResponse preview = {}, issued = {};
    std::string wrong = {};
    int calls = 0;
  };
  void Write(Office& office);
  void WriteTo(Office& office, v1::IssueDocumentsRequest request);
  void Keep(const Office& office, Day day);
  void Check(const v1::IssueDocumentsResponse& issued, const std::string& from,
             const std::map<std::string, Names>& expected);

  Town& town_;
  const Facts& facts_;
  const uint64_t seed_;
  const size_t callers_;
  const Fail fail_;
  struct Waiting {
    std::string document, from, to;
  };
  std::map<Day, std::vector<Waiting>> waiting_;  // By the day on which it is taken in.
  int64_t calls_ = 0;
};

}  // namespace duban::city
