// The log's lines and the metrics' page, as programs read them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "services/observe/json_log.h"
#include "services/observe/metrics_page.h"
#include "tests/observe/http_get.h"

namespace duban::observe {
namespace {

using node::Level;
using node::Measure;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class NoonClock : public node::Clock {
 public:
  absl::Time Now() const override { return absl::FromCivil(absl::CivilHour(2026, 9, 1, 12), absl::UTCTimeZone()); }
};

// A log in a file of its own.
class JsonLogTest : public ::testing::Test {
 protected:
  JsonLogTest() { std::filesystem::remove(path_); }
  ~JsonLogTest() override { std::filesystem::remove(path_); }

  std::shared_ptr<node::Log> Open(Level least = Level::kInfo) {
    auto log = OpenJsonLog(path_, least, std::make_shared<NoonClock>());
    EXPECT_TRUE(log.ok()) << log.status();
    return *log;
  }
  std::string Text() const {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  const std::string path_ = absl::StrCat(::testing::TempDir(), "/json_log_", getpid());
};

TEST_F(JsonLogTest, AnEventIsOneLineOfJsonWithItsFacts) {
  Open()->Write(Level::kWarning, "slow_batch",
                {{"seconds", 0.25}, {"commits", int64_t{12}}, {"held", true}, {"trouble", "a \"word\"\n\\"}});
  EXPECT_EQ(Text(),
            "{\"time\":\"2026-09-01T12:00:00.000Z\",\"level\":\"warning\",\"event\":\"slow_batch\",\"seconds\":0.25,"
            "\"commits\":12,\"held\":true,\"trouble\":\"a \\\"word\\\"\\u000a\\\\\"}\n");
}

TEST_F(JsonLogTest, WhatIsBelowTheLevelIsLeftOut) {
  const auto log = Open(Level::kWarning);
  log->Write(Level::kInfo, "start", {});
  log->Write(Level::kWarning, "timers_held", {});
  log->Write(Level::kError, "read_only", {});
  EXPECT_THAT(Text(), Not(HasSubstr("start")));
  EXPECT_THAT(Text(), HasSubstr("timers_held"));
  EXPECT_THAT(Text(), HasSubstr("read_only"));
}

TEST_F(JsonLogTest, ALongTextIsCutBetweenTwoCharacters) {
  std::string longer;
  while (longer.size() <= kFactBytesMax) longer += "督";
  Open()->Write(Level::kError, "read_only", {{"trouble", longer}});
  const std::string kept = longer.substr(0, kFactBytesMax / 3 * 3);
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat("\"trouble\":\"", kept, "\"}")));
}

TEST_F(JsonLogTest, AFileIsGoneOnWithAndOneThatCannotBeOpenedIsRefused) {
  Open()->Write(Level::kInfo, "start", {});
  Open()->Write(Level::kInfo, "stop", {});
  EXPECT_THAT(Text(), HasSubstr("start"));
  EXPECT_THAT(Text(), HasSubstr("stop"));
  EXPECT_TRUE(
      absl::IsUnavailable(OpenJsonLog("/no/such/directory/log", Level::kInfo, std::make_shared<NoonClock>()).status()));
}

TEST(Durations, AQuantileLiesInItsBucket) {
  node::Durations durations;
  EXPECT_EQ(durations.counts().Quantile(0.99), 0);
  // Given 99 of 1.5 ms and one of 3 s.
  for (int i = 0; i < 99; ++i) durations.Add(absl::Microseconds(1500));
  durations.Add(absl::Seconds(3));
  const node::DurationCounts counts = durations.counts();
  EXPECT_EQ(counts.count(), 100u);
  EXPECT_NEAR(counts.sum_s, 3.1485, 1e-9);
  EXPECT_GT(counts.Quantile(0.5), 0.001);
  EXPECT_LE(counts.Quantile(0.99), 0.002);
  EXPECT_GT(counts.Quantile(0.995), 2);
  EXPECT_LE(counts.Quantile(1), 5);
  // Beyond the last end: at least that.
  durations.Add(absl::Minutes(3));
  EXPECT_EQ(durations.counts().Quantile(1), 10);
}

TEST(MetricsPage, ShowsEveryMeasureAsItStandsWhenAsked) {
  node::Durations durations;
  durations.Add(absl::Milliseconds(3));
  double armed = 1;
  auto page = MetricsPage::Serve("127.0.0.1:0", [&] {
    return std::vector<Measure>{
        node::Gauge("timers_armed", "Timers armed.", armed),
        {"calls_total", "Calls.", Measure::Kind::kCounter, {{{{"method", "GetCase"}, {"code", "OK"}}, 7, {}}}},
        {"batch_seconds", "Batches.", Measure::Kind::kDurations, {{{}, 0, durations.counts()}}}};
  });
  ASSERT_TRUE(page.ok()) << page.status();
  const std::string first = duban::testing::HttpGet((*page)->port(), "/metrics");
  EXPECT_THAT(first, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(first, HasSubstr("# HELP duban_timers_armed Timers armed.\n# TYPE duban_timers_armed gauge\n"
                               "duban_timers_armed 1\n"));
  EXPECT_THAT(first,
              HasSubstr("# TYPE duban_calls_total counter\nduban_calls_total{method=\"GetCase\",code=\"OK\"} 7\n"));
  EXPECT_THAT(first, HasSubstr("duban_batch_seconds_bucket{le=\"0.002\"} 0\n"));
  EXPECT_THAT(first, HasSubstr("duban_batch_seconds_bucket{le=\"0.005\"} 1\n"));
  EXPECT_THAT(first, HasSubstr("duban_batch_seconds_bucket{le=\"+Inf\"} 1\n"));
  armed = 2;
  EXPECT_THAT(duban::testing::HttpGet((*page)->port(), "/metrics"), HasSubstr("duban_timers_armed 2\n"));
  EXPECT_THAT(duban::testing::HttpGet((*page)->port(), "/"), StartsWith("HTTP/1.1 404"));
}

TEST(MetricsPage, AnAddressThatIsTakenIsRefused) {
  auto page = MetricsPage::Serve("127.0.0.1:0", [] { return std::vector<Measure>(); });
  ASSERT_TRUE(page.ok()) << page.status();
  const std::string taken = absl::StrCat("127.0.0.1:", (*page)->port());
  EXPECT_TRUE(absl::IsUnavailable(MetricsPage::Serve(taken, [] { return std::vector<Measure>(); }).status()));
}

}  // namespace
}  // namespace duban::observe
