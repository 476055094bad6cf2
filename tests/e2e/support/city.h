// A small city on a real server with a virtual clock: units, posts, calendar, the shipped procedures, and a client for
// each post that takes part.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/support/server_process.h"

namespace duban::e2e {

// Posts that take part, by the person that holds each.
inline constexpr char kIssuer[] = "persons/duchayi-kezhang";
inline constexpr char kIssuerHead[] = "persons/ducha-zhuren";
inline constexpr char kReviewer[] = "persons/yanshou";
inline constexpr char kOwner[] = "persons/zhujian-jingban";
inline constexpr char kOwnerHead[] = "persons/zhujian-juzhang";
inline constexpr char kOther[] = "persons/shuiwu-jingban";
inline constexpr char kOperator[] = "persons/operator";

class City {
 public:
  // The clock starts on 1 September 2026, 09:00. `flags`: more for the server.
  explicit City(const std::vector<std::string>& flags = {});

  ServerProcess& server() { return server_; }
  // The client of a person; signed in once.
  client::Client& As(const std::string& person);
  std::string TokenOf(const std::string& person);

  // Sets the virtual clock: "2026-09-02 10:00" in the city's zone.
  void At(const std::string& local_time);

  // Opens a rectification order of the supervision office; its name.
  std::string Open(const std::string& owner, const std::string& problem, const std::string& due);
  // Acts; "" when done, else the reason of the refusal. Fields as {name, value}; the value's kind goes by its form: a
  // day is a date, sha256:… a file, other text.
  std::string Act(const std::string& person, const std::string& name, const std::string& action,
                  const std::map<std::string, std::string>& fields = {}, const std::string& reason = "");
  v1::Case Case(const std::string& person, const std::string& name);
  // Every row that the person's ledger shows, page by page, and the total it states.
  std::vector<v1::LedgerRow> Ledger(const std::string& person, int64_t* total = nullptr);
  std::vector<v1::EventRecord> Events(const std::string& person, const std::string& stream = "");
  std::vector<v1::Alert> Alerts(const std::string& person);

 private:
  void Publish();

  ServerProcess server_;
  std::map<std::string, std::unique_ptr<client::Client>> clients_;
};

google::protobuf::Timestamp LocalTime(const std::string& local_time);
v1::FieldValue FieldOf(const std::string& name, const std::string& value);
std::string ReadFile(const std::string& path);

}  // namespace duban::e2e
