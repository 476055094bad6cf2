// What operators see of a real server: its metrics and its log hold numbers and constants, and nothing of anybody's
// matters; docs/operating.md lists what there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/support/city.h"
#include "tests/observe/http_get.h"

namespace duban::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kProblem[] = "裸土未覆盖扬尘严重";
constexpr char kInformant[] = "来电人甲";
constexpr char kTelephone[] = "13900000000";
constexpr char kNote[] = "已约谈施工单位负责人";

// A city whose server is observed.
class Observed : public ::testing::Test {
 protected:
  Observed() : log_(absl::StrCat(::testing::TempDir(), "/observed_", getpid(), ".log")) {
    std::remove(log_.c_str());
    city_ = std::make_unique<City>(std::vector<std::string>{"--metrics", "127.0.0.1:0", "--log", log_});
  }
  ~Observed() override { std::remove(log_.c_str()); }

  std::string Metrics() {
    std::smatch found;
    const std::string output = city_->server().output();
    if (!std::regex_search(output, found, std::regex("http://127\\.0\\.0\\.1:([0-9]+)/metrics"))) return "";
    return duban::testing::HttpGet(std::stoi(found[1]), "/metrics");
  }
  // The value behind a name with its labels; -1 when it is not there.
  double Metric(const std::string& name) {
    for (const absl::string_view line : absl::StrSplit(Metrics(), '\n')) {
      if (absl::StartsWith(line, absl::StrCat(name, " "))) return std::stod(std::string(line.substr(name.size() + 1)));
    }
    return -1;
  }
  std::string Log() const { return ReadFile(log_); }

  const std::string log_;
  std::unique_ptr<City> city_;
};

TEST_F(Observed, NeitherLogNorMetricsHoldAnythingOfWhatWasDone) {
  // Given a life with personal data, refusals, wrong tokens, a forged request id, a watch, a restart.
  City& city = *city_;
  const std::string order = city.Open("units/zhujian", kProblem, "2026-09-20");
  EXPECT_EQ(city.Act(kOwner, order, "acknowledge"), "");
  EXPECT_EQ(city.Act(kOwner, order, "accept", {{"opinion", kNote}}, kNote), "WRONG_STAGE");
  v1::ActOnCaseRequest comment;
  comment.set_case_(order);
  comment.set_action("comment");
  comment.set_note(kNote);
  EXPECT_TRUE(city.As(kOwner).Call(comment).ok());
  v1::GetCaseRequest none;
  none.set_case_(kProblem);
  EXPECT_FALSE(city.As(kOther).Call(none).ok());
  const std::string number = city.Case(kIssuer, order).number();
  const std::string token = city.TokenOf(kOwner);
  EXPECT_FALSE(city.server().Connect(token + "x")->Call(none).ok());
  EXPECT_FALSE(city.server().Connect(kTelephone)->Call(none).ok());
  city.At("2026-09-25 10:00");
  EXPECT_GT(city.Ledger(kIssuer).size(), 0u);

  // Then what operators see tells of it only that it happened.
  const std::string metrics = Metrics();
  city.server().Stop();
  const std::string seen = absl::StrCat(metrics, Log(), city.server().output());
  EXPECT_THAT(metrics, HasSubstr("duban_call_failures_total{reason=\"WRONG_STAGE\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("duban_sign_in_failures_total 2"));
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"call_failed\""));
  EXPECT_THAT(Log(), HasSubstr("\"reason\":\"WRONG_STAGE\""));
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"stop\""));
  for (const std::string& secret : std::vector<std::string>{kProblem, kInformant, kTelephone, kNote, order, number,
                                                            token, city.server().operator_token(), kOwner, kIssuer,
                                                            "persons/", "units/", "posts/", "cases/", "住建"}) {
    EXPECT_THAT(seen, Not(HasSubstr(secret)));
  }
}

TEST_F(Observed, EveryLineOfTheLogIsOneEventWithItsTimeAndLevel) {
  city_->Act(kOwner, "cases/none", "acknowledge");
  city_->server().Stop();
  const std::regex form(
      R"re(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"(info|warning|error)","event":"[a-z_]+".*\})re");
  const std::vector<std::string> lines = absl::StrSplit(Log(), '\n', absl::SkipEmpty());
  EXPECT_GE(lines.size(), 5u) << "opened, start, call_failed, stop_asked, stop";
  for (const std::string& line : lines) EXPECT_TRUE(std::regex_match(line, form)) << line;
}

TEST_F(Observed, MetricsFollowWhatTheServerDoes) {
  const double before = Metric("duban_commands_total"), batches = Metric("duban_batch_seconds_count");
  city_->Open("units/zhujian", kProblem, "2026-09-20");
  EXPECT_EQ(Metric("duban_commands_total"), before + 1);
  EXPECT_EQ(Metric("duban_batch_seconds_count"), batches + 1);
  EXPECT_EQ(Metric("duban_timers_armed"), 2) << "the order's, and the one that warns of the calendar's end";
  EXPECT_EQ(Metric("duban_read_only"), 0);
  EXPECT_EQ(Metric("duban_calls_total{method=\"OpenCase\",code=\"OK\"}"), 1);
  EXPECT_GT(Metric("duban_disk_bytes"), 0);
  EXPECT_GT(Metric("duban_disk_free_bytes"), 0);
  EXPECT_GT(Metric("duban_process_resident_bytes"), 1e6);
  auto watch = city_->As(kOwner).WatchEvents({});
  v1::WatchEventsResponse mark;
  ASSERT_TRUE(watch->Next(&mark));
  EXPECT_EQ(Metric("duban_watches{of=\"events\"}"), 1);
  EXPECT_EQ(Metric("duban_bound_value{bound=\"watches\"}"), 1);
  watch->Cancel();
}

// The first cells of a table's rows: | `name` | …
std::set<std::string> Documented(const std::string& form) {
  std::set<std::string> out;
  const std::string text = ReadFile(DUBAN_SOURCE_DIR "/docs/operating.md");
  const std::regex row("(^|\n)\\| `(" + form + ")` \\|");
  for (std::sregex_iterator at(text.begin(), text.end(), row), end; at != end; ++at) out.insert((*at)[2]);
  return out;
}

TEST_F(Observed, TheTableOfMetricsListsThoseThatAreServedAndNoOther) {
  city_->Act(kOwner, "cases/none", "acknowledge");  // A failure, so that each has a value.
  std::set<std::string> served;
  for (const absl::string_view line : absl::StrSplit(Metrics(), '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (absl::StartsWith(line, "# TYPE duban_")) served.insert(words[2]);
  }
  EXPECT_EQ(Documented("duban_[a-z_]+"), served);
}

TEST_F(Observed, TheTableOfBoundsListsEveryOneOfTheNodesLimits) {
  // Every constant of limits.h stands in the table, and every bound that is served stands beside one of them.
  const std::string limits = ReadFile(DUBAN_SOURCE_DIR "/services/node/limits.h");
  std::set<std::string> constants;
  const std::regex constant("inline constexpr [^;={]*\\b(k[A-Z]\\w+)( =|\\{)");
  for (std::sregex_iterator at(limits.begin(), limits.end(), constant), end; at != end; ++at)
    constants.insert((*at)[1]);
  size_t declared = 0;
  for (size_t at = limits.find("inline constexpr"); at != std::string::npos;
       at = limits.find("inline constexpr", at + 1)) {
    ++declared;
  }
  EXPECT_EQ(constants.size(), declared);
  EXPECT_EQ(Documented("k[A-Z]\\w+"), constants);
  const std::string text = ReadFile(DUBAN_SOURCE_DIR "/docs/operating.md");
  const std::string metrics = Metrics();
  const std::regex bound("duban_bound_limit\\{bound=\"([a-z_]+)\"\\}");
  int bounds = 0;
  for (std::sregex_iterator at(metrics.begin(), metrics.end(), bound), end; at != end; ++at, ++bounds) {
    EXPECT_TRUE(std::regex_search(text, std::regex("\n\\| `k\\w+` \\| `" + (*at)[1].str() + "` \\|"))) << (*at)[1];
  }
  EXPECT_GT(bounds, 10);
}

TEST(Metrics, AreNotServedToOtherMachinesNorUnasked) {
  const Ran open = e2e::Run({DubandPath(), "--data", ::testing::TempDir() + "/unused", "--metrics", "0.0.0.0:9100"});
  EXPECT_EQ(open.code, 1);
  EXPECT_THAT(open.output, HasSubstr("refusing to listen on 0.0.0.0:9100"));
  ServerProcess server;
  EXPECT_THAT(server.output(), Not(HasSubstr("/metrics")));
}

TEST(RefusedStart, IsALineOfTheLogToo) {
  const Ran refused = e2e::Run({DubandPath(), "--data", "/proc/none", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr("\"level\":\"error\",\"event\":\"start_refused\",\"trouble\":"));
}

}  // namespace
}  // namespace duban::e2e
