#include "tests/e2e/support/city.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

namespace duban::e2e {
namespace {

constexpr char kDirectory[] = R"pb(
  units { name: "units/shi" title: "市政府" code: "市府" }
  units { name: "units/ducha" title: "市督查室" code: "督查" superiors: "units/shi" head: "posts/ducha-zhuren" }
  units { name: "units/zhujian" title: "市住建局" code: "住建" superiors: "units/shi" head: "posts/zhujian-juzhang" }
  units { name: "units/shuiwu" title: "市水务局" code: "水务" superiors: "units/shi" head: "posts/shuiwu-juzhang" }
  posts {
    name: "posts/ducha-zhuren"
    title: "督查室主任"
    unit: "units/ducha"
    holders: "persons/ducha-zhuren"
    rights: "issue"
  }
  posts {
    name: "posts/duchayi-kezhang"
    title: "督查一科科长"
    unit: "units/ducha"
    holders: "persons/duchayi-kezhang"
    rights: "issue"
  }
  posts { name: "posts/yanshou" title: "验收岗" unit: "units/ducha" holders: "persons/yanshou" }
  posts { name: "posts/zhujian-juzhang" title: "住建局局长" unit: "units/zhujian" holders: "persons/zhujian-juzhang" }
  posts { name: "posts/zhujian-jingban" title: "住建局经办岗" unit: "units/zhujian" holders: "persons/zhujian-jingban" }
  posts { name: "posts/shuiwu-juzhang" title: "水务局局长" unit: "units/shuiwu" holders: "persons/shuiwu-juzhang" }
  posts { name: "posts/shuiwu-jingban" title: "水务局经办岗" unit: "units/shuiwu" holders: "persons/shuiwu-jingban" }
  persons { name: "persons/ducha-zhuren" title: "督查室主任" }
  persons { name: "persons/duchayi-kezhang" title: "督查一科科长" }
  persons { name: "persons/yanshou" title: "验收岗" }
  persons { name: "persons/zhujian-juzhang" title: "住建局局长" }
  persons { name: "persons/zhujian-jingban" title: "住建局经办岗" }
  persons { name: "persons/shuiwu-juzhang" title: "水务局局长" }
  persons { name: "persons/shuiwu-jingban" title: "水务局经办岗" }
)pb";

template <typename T>
T Must(client::Result<T> result, const char* what) {
  if (!result.ok()) {
    ADD_FAILURE() << what << ": " << result.error().reason << " " << result.error().message.en();
    return T();
  }
  return *std::move(result);
}

std::vector<std::string> OnVirtualClock(std::vector<std::string> flags) {
  flags.insert(flags.end(), {"--virtual-clock", "2026-09-01T09:00:00+08:00"});
  return flags;
}

v1::PublishCalendarRequest Calendar() {
  v1::PublishCalendarRequest request;
  std::istringstream lines(ReadFile(DUBAN_SOURCE_DIR "/examples/calendar/workdays.csv"));
  std::map<int, v1::CalendarYear> years;
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    if (cells.size() < 2 || !absl::StartsWith(line, "20")) continue;
    v1::CalendarYear& year = years[std::stoi(line.substr(0, 4))];
    year.set_year(std::stoi(line.substr(0, 4)));
    v1::CalendarDay& day = *year.add_days();
    day.set_date(cells[0]);
    day.set_type(absl::StrContains(cells[1], "workday") ? v1::DAY_TYPE_WORKDAY : v1::DAY_TYPE_HOLIDAY);
  }
  for (auto& [number, year] : years) *request.add_years() = std::move(year);
  return request;
}

}  // namespace

City::City(const std::vector<std::string>& flags) : server_(OnVirtualClock(flags)) { Publish(); }

void City::Publish() {
  client::Client& op = As(kOperator);
  v1::ApplyDirectoryRequest directory;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kDirectory, &directory));
  Must(op.Call(directory), "directory");
  Must(op.Call(Calendar()), "calendar");
  v1::PublishProcedureRequest procedures;
  for (const char* name : {"common", "rectification", "task", "lookback", "talk", "accountability"}) {
    v1::ProcedureFile& file = *procedures.add_files();
    file.set_path(std::string(name) + ".yaml");
    file.set_text(ReadFile(std::string(DUBAN_SOURCE_DIR "/procedures/") + name + ".yaml"));
  }
  Must(op.Call(procedures), "procedures");
}

std::string City::TokenOf(const std::string& person) {
  if (person == kOperator) return server_.operator_token();
  v1::IssueTokenRequest request;
  request.set_person(person);
  return Must(As(kOperator).Call(request), "token").token();
}

client::Client& City::As(const std::string& person) {
  std::unique_ptr<client::Client>& held = clients_[person];
  if (held == nullptr) held = server_.Connect(TokenOf(person));
  return *held;
}

void City::At(const std::string& local_time) {
  v1::AdvanceClockRequest request;
  *request.mutable_to() = LocalTime(local_time);
  Must(As(kOperator).Call(request), "clock");
}

std::string City::Open(const std::string& owner, const std::string& problem, const std::string& due) {
  v1::OpenCaseRequest request;
  request.set_procedure("rectification");
  for (const auto& [party, id] :
       {std::make_pair("owner", owner), std::make_pair("reviewer", std::string("posts/yanshou"))}) {
    v1::PartyBinding& binding = *request.add_parties();
    binding.set_party(party);
    binding.add_ids(id);
  }
  *request.add_fields() = FieldOf("problem", problem);
  *request.add_fields() = FieldOf("informant", "来电人甲 13900000000");
  if (!due.empty()) *request.add_fields() = FieldOf("due", due);
  return Must(As(kIssuer).Call(request), "open").case_();
}

std::string City::Act(const std::string& person, const std::string& name, const std::string& action,
                      const std::map<std::string, std::string>& fields, const std::string& reason) {
  v1::ActOnCaseRequest request;
  request.set_case_(name);
  request.set_action(action);
  request.set_reason(reason);
  for (const auto& [field, value] : fields) *request.add_fields() = FieldOf(field, value);
  const auto result = As(person).Call(request);
  return result.ok() ? "" : result.error().reason;
}

v1::Case City::Case(const std::string& person, const std::string& name) {
  v1::GetCaseRequest request;
  request.set_case_(name);
  return Must(As(person).Call(request), "case").case_();
}

std::vector<v1::LedgerRow> City::Ledger(const std::string& person, int64_t* total) {
  std::vector<v1::LedgerRow> rows;
  v1::QueryLedgerRequest request;
  request.set_page_size(3);
  do {
    const auto page = Must(As(person).Call(request), "ledger");
    rows.insert(rows.end(), page.rows().begin(), page.rows().end());
    if (total != nullptr) *total = page.total_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return rows;
}

std::vector<v1::EventRecord> City::Events(const std::string& person, const std::string& stream) {
  std::vector<v1::EventRecord> events;
  v1::ReadEventsRequest request;
  request.set_stream(stream);
  request.set_page_size(7);
  do {
    const auto page = Must(As(person).Call(request), "events");
    events.insert(events.end(), page.events().begin(), page.events().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return events;
}

std::vector<v1::Alert> City::Alerts(const std::string& person) {
  const auto page = Must(As(person).Call(v1::ListAlertsRequest()), "alerts");
  return {page.alerts().begin(), page.alerts().end()};
}

google::protobuf::Timestamp LocalTime(const std::string& local_time) {
  absl::Time t;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", local_time, absl::FixedTimeZone(8 * 3600), &t, &error)) << error;
  google::protobuf::Timestamp out;
  out.set_seconds(absl::ToUnixSeconds(t));
  return out;
}

v1::FieldValue FieldOf(const std::string& name, const std::string& value) {
  v1::FieldValue out;
  out.set_field(name);
  if (value.size() == 10 && value[4] == '-' && value[7] == '-') {
    out.add_values()->set_date(value);
  } else if (absl::StartsWith(value, "sha256:")) {
    out.add_values()->set_file(value);
  } else {
    out.add_values()->set_text(value);
  }
  return out;
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace duban::e2e
