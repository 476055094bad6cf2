// The city itself: its units, posts and people, the calendar of its year, its procedures and plans, and who acts for
// whom on which day: posts that change hands or stand vacant, holidays in which others stand in.
//
// The year is 2019, because its calendar truly changed: on 22 March the Labour Day holiday became four days.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clients/cpp/client.h"
#include "duban/v1/directory_service.pb.h"
#include "tests/city/days.h"
#include "tests/e2e/support/server_process.h"

namespace duban::city {

struct Size {
  int counties = 10;
  int bureaus = 30;      // Of the city.
  int departments = 27;  // Of each county; each also below the city's bureau of its trade.
};

// A number that follows from words alone: what everything is decided by.
uint64_t Roll(uint64_t seed, const std::string& words);
// From low to high, both included.
inline int Between(uint64_t roll, int low, int high) {
  return low + static_cast<int>(roll % static_cast<uint64_t>(high - low + 1));
}

class Town {
 public:
  Town(const Size& size, uint64_t seed);

  // Puts directory, calendar, procedures and plans, and signs everybody in. "" when done.
  std::string Found(e2e::ServerProcess& server);

  // What changes on this day, before anybody works: holders, vacancies, delegations, contact areas, the calendar.
  // "" or what was refused.
  std::string Change(Day day);
  // On which a new version of the tasks' procedure is in force: a stage has another name and more days, a ladder's rung
  // comes sooner.
  static Day DayOfMigration() { return Day(2019, 7, 2); }
  // From which a clerk's post stands vacant for six weeks.
  static Day DayOfVacancy() { return Day(2019, 6, 3); }
  // Whether it is such a day.
  static bool IsDayOfChange(Day day);

  // Who acts for a unit, a post, a unit's head ("head:units/…") or a person at that time.
  std::string ActorFor(const std::string& who, absl::Time now) const;
  client::Client& As(const std::string& person);
  client::Client& auditor() { return As(kAuditor); }

  // Departments, of the city and of counties, that answer for matters; and the counties.
  const std::vector<std::string>& departments() const { return departments_; }
  const std::vector<std::string>& counties() const { return counties_; }
  // The county of a department; empty for the city's.
  std::string CountyOf(const std::string& unit) const;
  // Departments with one superior in common with this one.
  std::string Neighbour(const std::string& unit, uint64_t roll) const;
  int Issuers() const { return 4; }
  // Everybody who can sign in, by post: for choosing who watches.
  const std::map<std::string, v1::Post>& posts() const { return posts_; }
  const Days& days() const { return days_; }
  // 2019 as it came to be, the change of March included.
  static Days InTheEnd();

  static constexpr char kAuditor[] = "persons/operator";

 private:
  void AddUnit(const std::string& name, const std::string& title, const std::string& code, const std::string& level,
               const std::vector<std::string>& superiors, const std::string& head);
  void AddPost(const std::string& name, const std::string& title, const std::string& unit, bool subtree = false,
               const std::vector<std::string>& rights = {}, const std::vector<std::string>& areas = {});
  void Plant(const Size& size);
  std::string Sign(const std::string& person);
  std::string Put(v1::ApplyDirectoryRequest request);
  v1::ApplyDirectoryRequest Holders(const std::string& post, const std::vector<std::string>& holders);
  static v1::CalendarYear Notice(int year, bool first_notice);
  std::string Publish(int year, bool first_notice);
  std::string PutRelations();
  std::string PutPlans();
  std::string PublishTasksAnew();

  const uint64_t seed_;
  e2e::ServerProcess* server_ = nullptr;
  std::vector<v1::Unit> units_;
  std::map<std::string, v1::Post> posts_;
  std::map<std::string, v1::Person> persons_;
  std::vector<v1::Delegation> delegations_;
  std::vector<std::string> departments_, counties_;
  std::map<std::string, std::unique_ptr<client::Client>> clients_;
  Days days_;
};

// "units/x" -> "posts/x-ban": the post that does a department's work; its head "posts/x-zhang".
std::string ClerkPost(const std::string& unit);
std::string HeadPost(const std::string& unit);

}  // namespace duban::city
