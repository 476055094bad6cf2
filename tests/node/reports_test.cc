// Recurring reports and milestones: on time, late or missing per period; one report serves every clock that asks for no
// more; their lateness is never the matter's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kMetrics[] = R"(
metrics:
  on_time: {title: 及时率, above: [reports, on_time], below: [reports]}
  missing: {title: 未报率, above: [reports, missing], below: [reports]}
  ended:   {title: 按期办结率, above: [ended, on_time], below: [ended, dated]}
)";

std::string Shipped(const std::string& name) {
  std::ifstream in(absl::StrCat(DUBAN_SOURCE_DIR, "/procedures/", name, ".yaml"));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

class ReportsTest : public testing::Test {
 protected:
  // Begins on Tuesday, 1 September 2026.
  ReportsTest() {
    office.Publish("duty_report", Shipped("duty_report"));
    office.Publish("metrics", kMetrics);
  }
  std::string Open() {
    v1::OpenCaseRequest request;
    request.set_procedure("duty_report");
    request.set_idempotency_key(office.FreshKey());
    Office::Bind(request, "organiser", "units/ducha");
    Office::Bind(request, "reporter", "units/shuiwu");
    Office::SetField(request.mutable_fields(), "duty")->set_text("三会一课");
    return Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request)).case_();
  }
  void Report(const std::string& name, const std::string& summary = "", const std::string& occurred = "") {
    v1::ActOnCaseRequest act = office.Action(name, "report");
    Office::SetField(act.mutable_fields(), "progress")->set_text("已召开");
    if (!summary.empty()) Office::SetField(act.mutable_fields(), "summary")->set_text(summary);
    if (!occurred.empty()) {
      *act.mutable_occurred_at() = engine::ToProto(At(occurred));
      act.set_reason("补录");
    }
    Office::Must<v1::ActOnCaseResponse>(office.Call(kWater, act));
  }
  void Advance(const std::string& to) { office.Advance(At(to)); }

  std::string Rate(const std::string& metric, const std::string& period) {
    v1::QueryMetricRequest request;
    request.set_metric(metric);
    request.set_period(period);
    const v1::Rate rate = Office::MustRead(office.node().QueryMetric(kSupervisor, request)).rate();
    return absl::StrCat(rate.above(), "/", rate.below());
  }
  std::vector<std::string> Alerts(const std::string& viewer) {
    v1::ListAlertsRequest request;
    std::vector<std::string> out;
    const v1::ListAlertsResponse page = Office::MustRead(office.node().ListAlerts(viewer, request));
    for (const v1::Alert& alert : page.alerts()) out.push_back(alert.title().zh());
    return out;
  }
  std::string Light(const std::string& name) { return office.Show(kSupervisor, name).light().colour(); }

  Office office;
};

TEST_F(ReportsTest, EachPeriodIsOnTimeLateOrMissing) {
  const std::string name = Open();  // On the first of a month: it is a whole one.
  Advance("2026-09-20 09:00");
  Report(name);                 // September, on time.
  Advance("2026-11-08 09:00");  // October was due by 5 November.
  EXPECT_EQ(Rate("missing", "2026-10"), "1/1");
  EXPECT_THAT(Alerts(kWater), Contains(HasSubstr("月报（2026-10）未按时报送")));
  Report(name);                 // October, late.
  Advance("2027-01-08 09:00");  // Of November and December nothing came.
  EXPECT_EQ(Rate("on_time", "2026-09"), "1/1");
  EXPECT_EQ(Rate("on_time", "2026-10"), "0/1");
  EXPECT_EQ(Rate("missing", "2026-10"), "0/1") << "late is not missing";
  EXPECT_EQ(Rate("missing", "2026-11"), "1/1");
  EXPECT_EQ(Rate("missing", "2026-12"), "1/1");
  Report(name);  // That of December; November stays missing.
  EXPECT_EQ(Rate("missing", "2026-11"), "1/1");
  EXPECT_EQ(Rate("missing", "2026-12"), "0/1");
  EXPECT_EQ(Rate("on_time", "2026"), "1/4") << "the last quarter's is not due yet";
}

TEST_F(ReportsTest, AReportCountsForOnePeriodAlone) {
  const std::string name = Open();
  Advance("2026-09-10 09:00");
  Report(name);
  Report(name);  // A second word in September is not October's report.
  Advance("2026-11-06 09:00");
  EXPECT_EQ(Rate("missing", "2026-10"), "1/1");
}

TEST_F(ReportsTest, OneReportServesEveryClockThatAsksForNoMore) {
  const std::string name = Open();
  Report(name);
  Advance("2026-10-12 09:00");
  Report(name, "本月小结");
  // The quarter from October on is the first whole one; the report of October came within it and serves both.
  Advance("2027-01-20 09:00");
  EXPECT_EQ(Rate("on_time", "2026-10"), "2/2") << "monthly and quarterly";
}

TEST_F(ReportsTest, ReportsMissedInARowTurnTheLightAndAReportTurnsItBack) {
  const std::string name = Open();
  EXPECT_EQ(Light(name), "green");
  Advance("2026-10-06 09:00");
  EXPECT_EQ(Light(name), "yellow");
  Advance("2026-11-06 09:00");
  EXPECT_EQ(Light(name), "orange");
  Advance("2026-12-06 09:00");
  EXPECT_EQ(Light(name), "red");
  Report(name);
  EXPECT_EQ(Light(name), "green");
}

TEST_F(ReportsTest, LateReportsDoNotMakeTheMatterLate) {
  const std::string name = Open();
  Advance("2026-12-06 09:00");
  EXPECT_NE(office.Show(kSupervisor, name).timeliness(), v1::TIMELINESS_OVERDUE);
  office.Act(kSupervisor, name, "finish");
  EXPECT_EQ(office.Show(kSupervisor, name).timeliness(), v1::TIMELINESS_ENDED_ON_TIME);
  EXPECT_EQ(Rate("ended", "2026-12"), "0/0") << "and a matter without a deadline was not in time either";
}

TEST_F(ReportsTest, WhilePausedAndForBrokenPeriodsNothingIsAskedFor) {
  Advance("2026-09-15 09:00");
  const std::string name = Open();  // September is not whole.
  Advance("2026-10-20 09:00");
  v1::ActOnCaseRequest pause = office.Action(name, "pause");
  pause.set_reason("机构改革");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, pause));  // Nor is October.
  Advance("2026-12-10 09:00");
  EXPECT_EQ(Rate("on_time", "2026"), "0/0");
  office.Act(kSupervisor, name, "resume");
  Advance("2027-02-06 09:00");
  EXPECT_EQ(Rate("missing", "2026"), "0/0");
  EXPECT_EQ(Rate("missing", "2027-01"), "1/1") << "January is the first whole month again; its quarter is not due";
}

TEST_F(ReportsTest, AReportEnteredLateDisprovesThatItWasLate) {
  v1::ApplyDirectoryRequest clerk;
  clerk.set_idempotency_key("clerk");
  v1::Post& post = *clerk.add_posts();
  post.set_name("posts/shuiwu-chengban");
  post.set_title("水务承办人");
  post.set_unit("units/shuiwu");
  post.add_holders(kWater);
  post.set_scope(v1::SCOPE_OWN);
  post.add_rights("enter");
  Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, clerk));
  const std::string name = Open();
  Advance("2026-10-08 09:00");
  ASSERT_EQ(Rate("missing", "2026-09"), "1/1");
  Report(name, "", "2026-10-03 09:00");
  EXPECT_EQ(Rate("on_time", "2026-09"), "1/1");
  EXPECT_THAT(Alerts(kWater), IsEmpty());
}

TEST_F(ReportsTest, DowntimeFiresWhatPassedInOrder) {
  const std::string name = Open();
  Advance("2027-01-06 09:00");  // Four reports were due at one stroke.
  EXPECT_EQ(Rate("missing", "2026"), "4/4");
  std::vector<std::string> fired;
  for (const v1::EventRecord& record : office.Events(kSupervisor, name)) {
    if (record.event().has_rung_fired() && record.event().rung_fired().rung().raises() != "report_soon" &&
        record.event().rung_fired().clock() == "monthly") {
      fired.push_back(absl::StrCat(record.event().rung_fired().rung().title().zh(), " ",
                                   record.event().rung_fired().rung().rung()));
    }
  }
  EXPECT_THAT(fired, ElementsAre("月报（2026-09）未按时报送 missed:1", "月报（2026-09）未报送 lapsed",
                                 "月报（2026-10）未按时报送 missed:2", "月报（2026-10）未报送 lapsed",
                                 "月报（2026-11）未按时报送 missed:3", "月报（2026-11）未报送 lapsed",
                                 "月报（2026-12）未按时报送 missed:4"));
}

constexpr char kPlanned[] = R"(
procedure: planned
title: 序时事项
may_open: [office]
parties:
  office: {kind: unit, right: issue, title: 交办单位}
  other:  {kind: unit, title: 责任单位}
fields:
  matter:   {title: 事由, type: text, required: true}
  plan:     {title: 方案, type: text}
  progress: {title: 进展, type: text}
  plan_due: {title: 方案时限, type: date}
  due:      {title: 时限, type: date}
stages:
  working:
    title: 办理中
    actions:
      plan:   {title: 报方案, by: other, needs: [plan]}
      report: {title: 报进展, by: other, needs: [progress]}
      finish: {title: 办结, by: other, to: finished}
  finished: {title: 已办结, end: done}
clocks:
  finish:
    title: 办理时限
    from: working
    until: finished
    due: due
    charged_to: other
    extend: {title: 延期, by: other, approved_by: office, needs: [due, reason]}
    milestones:
      plan:  {title: 报送方案, due: plan_due, needs: [plan]}
      heard: {title: 首次进展, left: 50%, needs: [progress], remind: [2 days]}
lights: [{colour: green}, {colour: blue, left: 10%}, {colour: red, overdue: true}, {colour: yellow, severity: 1, milestones_missed: true}]
)";

class MilestonesTest : public ReportsTest {
 protected:
  MilestonesTest() { office.Publish("planned", kPlanned); }
  std::string OpenPlanned(const std::string& plan_due = "") {
    v1::OpenCaseRequest request = office.Matter("planned", "units/shuiwu", "疏浚");
    Office::SetField(request.mutable_fields(), "due")->set_date("2026-09-30");
    if (!plan_due.empty()) Office::SetField(request.mutable_fields(), "plan_due")->set_date(plan_due);
    return Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request)).case_();
  }
  void Give(const std::string& name, const std::string& action, const std::string& field) {
    v1::ActOnCaseRequest act = office.Action(name, action);
    Office::SetField(act.mutable_fields(), field)->set_text("有");
    Office::Must<v1::ActOnCaseResponse>(office.Call(kWater, act));
  }
};

TEST_F(MilestonesTest, AMissedMilestoneTurnsTheLightAndNotTheTimeliness) {
  const std::string name = OpenPlanned("2026-09-08");
  Advance("2026-09-09 09:00");
  EXPECT_EQ(Light(name), "yellow");
  EXPECT_EQ(office.Show(kSupervisor, name).timeliness(), v1::TIMELINESS_ON_TIME);
  EXPECT_THAT(Alerts(kWater), ElementsAre("报送方案未按期完成"));
  Give(name, "plan", "plan");
  EXPECT_EQ(Light(name), "green");
  EXPECT_THAT(Alerts(kWater), IsEmpty());
}

TEST_F(MilestonesTest, AMilestoneMetInTimeIsNeverHeardOfAgain) {
  const std::string name = OpenPlanned("2026-09-08");
  Give(name, "plan", "plan");
  Give(name, "report", "progress");
  Advance("2026-09-25 09:00");
  EXPECT_EQ(Light(name), "green");
  Advance("2026-09-29 09:00");
  EXPECT_EQ(Light(name), "blue") << "what is left of the matter's own time";
}

TEST_F(MilestonesTest, AShareOfTheTimeFollowsAnExtension) {
  const std::string name = OpenPlanned();
  v1::ActOnCaseRequest extend = office.Action(name, "extend_finish");
  Office::SetField(extend.mutable_fields(), "due")->set_date("2026-10-30");
  extend.set_reason("汛期");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kWater, extend));
  office.Act(kSupervisor, name, "approve_extend_finish");
  Advance("2026-09-20 09:00");
  EXPECT_EQ(Light(name), "green") << "half of the longer time is over on 1 October";
  Advance("2026-10-02 09:00");
  EXPECT_EQ(Light(name), "yellow");
}

}  // namespace
}  // namespace duban::node
