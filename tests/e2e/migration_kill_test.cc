// kill -9 of the real server in the middle of a migration: started again it goes on where it was, and in the end each
// case has been taken along exactly once.
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "tests/e2e/support/city.h"

namespace duban::e2e {
namespace {

constexpr int kCases = 640;  // Ten lots.
constexpr int kUnitsAtOnce = 320;
constexpr int kKills = 3;

constexpr char kCensus[] = R"yaml(
procedure: census
title: {zh: 普查}
may_open: [office]
parties:
  office: {kind: unit, title: {zh: 普查单位}}
  other:  {kind: unit, title: {zh: 受查单位}}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
stages:
  filling: {title: {zh: 填报}, within: 5 working days, actions: {hand_in: {title: {zh: 报送}, by: other, to: closed}}}
  closed:  {title: {zh: 已报}, end: done}
)yaml";

template <typename Request>
auto Must(client::Client& client, const Request& request) {
  auto result = client.Call(request);
  EXPECT_TRUE(result.ok()) << result.error().reason << " " << result.error().message.en();
  return result.ok() ? *std::move(result) : std::decay_t<decltype(*result)>();
}

void Publish(client::Client& client, const std::string& text) {
  v1::PublishProcedureRequest publish;
  v1::ProcedureFile& file = *publish.add_files();
  file.set_path("census.yaml");
  file.set_text(text);
  Must(client, publish);
}

v1::Job JobOf(client::Client& client, const std::string& name) {
  v1::GetJobRequest get;
  get.set_job(name);
  return Must(client, get).job();
}

// Many units, each with a case.
void GivenCases(City& city) {
  v1::ApplyDirectoryRequest directory;
  v1::StartJobRequest start;
  v1::OpenForEach& each = *start.mutable_task()->mutable_open_for_each();
  each.set_procedure("census");
  each.set_party("other");
  *each.add_fields() = FieldOf("matter", "逐户普查");
  for (int i = 0; i < kCases; ++i) {
    v1::Unit& unit = *directory.add_units();
    unit.set_name(absl::StrCat("units/danwei", i));
    unit.set_title(absl::StrCat("第", i, "单位"));
    each.add_units(unit.name());
    if (directory.units_size() < kUnitsAtOnce && i + 1 < kCases) continue;
    Must(city.As(kOperator), directory);
    directory.Clear();
  }
  Publish(city.As(kOperator), kCensus);
  const std::string job = Must(city.As(kIssuer), start).job();
  while (JobOf(city.As(kOperator), job).state() == v1::JOB_STATE_RUNNING) {
  }
  ASSERT_EQ(JobOf(city.As(kOperator), job).changed(), kCases);
}

TEST(MigrationKillTest, AMigrationKilledMidwayGoesOnAndTakesEachCaseOnce) {
  City city;
  GivenCases(city);
  Publish(city.As(kOperator), absl::StrCat(kCensus, "lights:\n  - {colour: green}\n"));
  v1::StartJobRequest start;
  v1::Migration& task = *start.mutable_task()->mutable_migration();
  task.set_procedure("census");
  task.set_from_version(1);
  task.set_to_version(2);
  const std::string name = Must(city.As(kOperator), start).job();

  // When the server is killed each time that the job has come further.
  auto client = city.server().ConnectOperator();
  v1::Job job = JobOf(*client, name);
  int kills = 0;
  for (int64_t seen = 0; job.state() == v1::JOB_STATE_RUNNING; job = JobOf(*client, name)) {
    if (kills == kKills || job.looked_at() == seen) continue;
    ASSERT_LT(job.looked_at(), kCases);
    seen = job.looked_at();
    city.server().Kill();
    city.server().Start();
    client = city.server().ConnectOperator();
    ++kills;
  }
  EXPECT_GT(kills, 0) << "the job was through before it could be cut short: make it longer";

  // Then it has ended as if nothing had been.
  EXPECT_EQ(job.state(), v1::JOB_STATE_DONE) << job.reason();
  EXPECT_EQ(job.looked_at(), kCases);
  EXPECT_EQ(job.changed(), kCases);
  EXPECT_EQ(job.refused(), 0);
  std::map<std::string, int> migrated;
  int started = 0, ended = 0;
  v1::ReadEventsRequest read;
  read.set_page_size(1000);
  do {
    const v1::ReadEventsResponse page = Must(*client, read);
    for (const v1::EventRecord& record : page.events()) {
      if (record.event().has_case_migrated()) ++migrated[record.stream()];
      started += record.stream() == name && record.event().has_job_started() ? 1 : 0;
      ended += record.stream() == name && record.event().has_job_ended() ? 1 : 0;
    }
    read.set_page_token(page.next_page_token());
  } while (!read.page_token().empty());
  EXPECT_EQ(migrated.size(), static_cast<size_t>(kCases));
  for (const auto& [stream, times] : migrated) EXPECT_EQ(times, 1) << stream;
  EXPECT_EQ(started, 1);
  EXPECT_EQ(ended, 1);
  std::printf("killed %d times\n", kills);
}

}  // namespace
}  // namespace duban::e2e
