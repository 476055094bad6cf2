// What is not for everybody: fields of which it is known here what they say, looked for in all that people of every
// kind are shown of the case; and cases of which somebody has no part, which answer him as those that do not exist.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "duban/v1/case_service.pb.h"
#include "tests/city/facts.h"
#include "tests/city/fail.h"
#include "tests/city/town.h"

namespace duban::city {

class Secrets {
 public:
  Secrets(Town& town, const Facts& facts, uint64_t seed, Fail fail)
      : town_(town), facts_(facts), seed_(seed), fail_(std::move(fail)) {}

  // What somebody wrote into a case: kept where it is not for everybody.
  void Keep(const std::string& name, const std::string& procedure,
            const google::protobuf::RepeatedPtrField<v1::FieldValue>& fields);
  // One case and some people, by chance: those who are named, their superiors, contacts, others. The facts are up to
  // date, and nothing happens meanwhile.
  void Look(Day day);
  // For a summary.
  std::string Told() const;
  int64_t calls() const { return calls_; }

 private:
  using Texts = std::map<std::string, std::string>;  // By field.
  std::vector<std::string> PeopleAround(const Case& c, const std::string& key) const;
  void CheckShown(const Case& c, const Texts& texts, const std::string& person, Day day);
  void CheckCase(const Case& c, const Texts& texts, const std::string& person, const v1::Case& shown, bool then);
  // Answers are those that a case gets that does not exist.
  void CheckNothing(const Case& c, const std::string& person, Day day);
  template <typename Request>
  void CheckSame(const std::string& person, const Case& c, const Request& about, const Request& nothing,
                 const std::string& known, const std::string& made_up);
  uint64_t Roll(const std::string& what) const { return city::Roll(seed_, "secret " + what); }

  Town& town_;
  const Facts& facts_;
  const uint64_t seed_;
  const Fail fail_;
  std::map<std::string, Texts> kept_;  // By case.
  std::vector<std::string> names_;     // Of these.
  int64_t calls_ = 0, open_ = 0, masked_ = 0, unknown_ = 0;
};

}  // namespace duban::city
