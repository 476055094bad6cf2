// Figures over a running office: what is counted agrees with a recount from the events that anybody could export,
// counts no more than its viewer may see, and comes out the same whenever a past period is asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kTicket[] = R"(
procedure: ticket
title: {zh: 工单, en: Ticket}
may_open: [desk]
parties:
  desk:     {kind: unit, right: issue, title: 派单单位}
  handlers: {kind: unit, many: true, title: 承办单位}
fields:
  matter: {title: 诉求, type: text, required: true}
  kind:   {title: 类别, type: choice, of: kinds}
  secret: {title: 内部分类, type: choice, of: kinds, sees: [desk]}
codes: {kinds: {help: {zh: 求助, en: Help}, complaint: {zh: 投诉, en: Complaint}}}
stages:
  handling:
    title: 办理中
    actions:
      done:  {title: 办结, by: handlers, to: callback}
      sort:  {title: 归类, by: desk, needs: [kind]}
      drop:  {title: 撤销, by: desk, to: dropped, needs: [reason]}
  callback:
    title: 回访
    no_deadline: 回访不计时
    actions:
      content: {title: 满意, by: desk, to: closed, verifies: passed, finds: confirmed}
      again:   {title: 不满意, by: desk, to: handling, verifies: failed, needs: [reason]}
      untrue:  {title: 不属实, by: desk, to: closed, finds: unfounded}
  closed:  {title: 已办结, end: done}
  dropped: {title: 已撤销, end: cancelled}
clocks:
  solve: {title: 办理时限, from: handling, until: [closed, dropped], budget: 5 days, stops_in: [callback], charged_to: handlers}
)";

constexpr char kFigures[] = R"(
metrics:
  on_time:  {title: 按期办结率, above: [ended, {end: done}, on_time], below: [ended, {end: done}]}
  solved:   {title: 当期办结率, above: [opened, ended], below: [opened]}
  passed:   {title: 满意率, above: [checked, {verified: passed}], below: [checked]}
  overdue:  {title: 期末逾期率, above: [overdue_at_end], below: [open_at_end], better: less}
  helped:   {title: 求助占比, above: [opened, {field_is: {kind: help}}], below: [opened]}
  found:    {title: 属实率, above: [ended, {found: [confirmed, partly]}], below: [ended, {found: [confirmed, partly, unfounded]}]}
  dropped:  {title: 撤销率, above: [ended, {end: cancelled}], below: [ended, {end: [done, cancelled]}]}
scoreboards:
  board: {title: 赛马, formula: {on_time: 70, passed: 30}, stars: [{stars: 5, at_least: 90}, {stars: 3, at_least: 60}]}
)";

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() {
    office.Publish("ticket", kTicket);
    office.Publish("figures", kFigures);  // Without any procedure: figures can be published alone.
  }

  std::string Open(const std::vector<std::string>& handlers, const std::string& kind = "") {
    v1::OpenCaseRequest request;
    request.set_procedure("ticket");
    request.set_idempotency_key(office.FreshKey());
    Office::Bind(request, "desk", "units/ducha");
    v1::PartyBinding& bound = *request.add_parties();
    bound.set_party("handlers");
    for (const std::string& handler : handlers) bound.add_ids(handler);
    Office::SetField(request.mutable_fields(), "matter")->set_text("井盖松动");
    if (!kind.empty()) Office::SetField(request.mutable_fields(), "kind")->set_choice(kind);
    return Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request)).case_();
  }
  void Act(const std::string& person, const std::string& name, const std::string& action) {
    v1::ActOnCaseRequest act = office.Action(name, action);
    if (action == "again" || action == "drop") act.set_reason("理由");
    Office::Must<v1::ActOnCaseResponse>(office.Call(person, act));
  }
  // Handled and found good, by whoever handles it.
  void Finish(const std::string& person, const std::string& name) {
    Act(person, name, "done");
    Act(kSupervisor, name, "content");
  }

  v1::QueryMetricResponse Metric(const std::string& viewer, const std::string& metric, const std::string& period,
                                 const std::vector<std::string>& by = {},
                                 v1::Comparison compare = v1::COMPARISON_UNSPECIFIED, const std::string& as_of = "") {
    v1::QueryMetricRequest request;
    request.set_metric(metric);
    request.set_period(period);
    for (const std::string& one : by) request.add_by(one);
    request.set_compare(compare);
    if (!as_of.empty()) request.mutable_as_of()->set_date(as_of);
    return Office::MustRead(office.node().QueryMetric(viewer, request));
  }
  static std::string Text(const v1::Rate& rate) {
    return absl::StrCat(rate.above(), "/", rate.below(), "=", rate.percent().empty() ? "none" : rate.percent());
  }
  std::string Rate(const std::string& viewer, const std::string& metric, const std::string& period) {
    return Text(Metric(viewer, metric, period).rate());
  }
  static std::vector<std::string> Groups(const v1::QueryMetricResponse& answer) {
    std::vector<std::string> out;
    for (const v1::MetricGroup& group : answer.groups()) {
      out.push_back(absl::StrCat(absl::StrJoin(group.keys(), ","), " ", Text(group.rate())));
    }
    return out;
  }

  Office office;
};

TEST_F(MetricsTest, ARateComesWithBothItsCountsAndWhereNothingIsBelowThereIsNone) {
  const std::string first = Open({"units/shuiwu"}), second = Open({"units/shuiwu"}), third = Open({"units/zhujian"});
  Finish(kWater, first);
  office.Advance(At("2026-09-10 09:00"));  // The five days are over.
  Finish(kWater, second);
  Finish(kHousing, third);

  const v1::QueryMetricResponse answer = Metric(kSupervisor, "on_time", "2026-09", {"unit"});
  EXPECT_EQ(Text(answer.rate()), "1/3=33.33");
  EXPECT_THAT(Groups(answer), ElementsAre("units/shuiwu 1/2=50.00", "units/zhujian 0/1=0.00"));
  EXPECT_EQ(answer.groups(0).titles(0).zh(), "水务局");
  EXPECT_TRUE(answer.running());
  EXPECT_EQ(answer.definition().version(), 1u);
  EXPECT_EQ(Rate(kSupervisor, "on_time", "2026-08"), "0/0=none");
  EXPECT_EQ(Rate(kSupervisor, "passed", "2026Q3"), "3/3=100.00");
}

TEST_F(MetricsTest, EachViewerCountsWhatHeMaySeeAndIsToldSo) {
  Finish(kWater, Open({"units/shuiwu"}));
  Finish(kHousing, Open({"units/zhujian"}));
  Open({"units/zhujian"});
  EXPECT_EQ(Rate(kAuditor, "solved", "2026-09"), "2/3=66.67");
  EXPECT_TRUE(Metric(kAuditor, "solved", "2026-09").everything());
  EXPECT_EQ(Rate(kSupervisor, "solved", "2026-09"), "2/3=66.67");
  EXPECT_FALSE(Metric(kSupervisor, "solved", "2026-09").everything());
  EXPECT_EQ(Rate(kWater, "solved", "2026-09"), "1/1=100.00");
  EXPECT_EQ(Rate(kHousing, "on_time", "2026-09"), "1/1=100.00");
  EXPECT_THAT(Groups(Metric(kWater, "on_time", "2026-09", {"unit"})), ElementsAre("units/shuiwu 1/1=100.00"))
      << "not even that another unit has any";
}

TEST_F(MetricsTest, AJointMatterCountsWithEachUnitAndOnceInTheTotal) {
  Open({"units/shuiwu", "units/zhujian"}, "help");
  Open({"units/shuiwu"});
  const v1::QueryMetricResponse answer = Metric(kSupervisor, "helped", "2026-09", {"unit"});
  EXPECT_EQ(Text(answer.rate()), "1/2=50.00");
  EXPECT_THAT(Groups(answer), ElementsAre("units/shuiwu 1/2=50.00", "units/zhujian 1/1=100.00"));
  EXPECT_EQ(answer.joint(), 1) << "the units have one more below than there are matters";
}

TEST_F(MetricsTest, WhatIsNotStatedIsAGroupOfItsOwnAndFollowsACorrection) {
  Open({"units/shuiwu"}, "complaint");
  const std::string unsorted = Open({"units/shuiwu"});
  v1::QueryMetricResponse answer = Metric(kSupervisor, "helped", "2026-09", {"kind"});
  EXPECT_THAT(Groups(answer), ElementsAre(" 0/1=0.00", "complaint 0/1=0.00"));
  EXPECT_EQ(answer.groups(0).titles(0).zh(), "未填");
  EXPECT_EQ(answer.groups(1).titles(0).zh(), "投诉");

  v1::ActOnCaseRequest sort = office.Action(unsorted, "sort");
  Office::SetField(sort.mutable_fields(), "kind")->set_choice("help");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, sort));
  EXPECT_THAT(Groups(Metric(kSupervisor, "helped", "2026-09", {"unit", "kind"})),
              ElementsAre("units/shuiwu,complaint 0/1=0.00", "units/shuiwu,help 1/1=100.00"));
}

TEST_F(MetricsTest, MergedAndCancelledMattersAreLeftOutAndItSaysHowMany) {
  Finish(kWater, Open({"units/shuiwu"}));
  Act(kSupervisor, Open({"units/shuiwu"}), "drop");
  const v1::QueryMetricResponse answer = Metric(kSupervisor, "solved", "2026-09");
  EXPECT_EQ(Text(answer.rate()), "1/1=100.00");
  EXPECT_EQ(answer.left_out(), 1);
  EXPECT_EQ(Rate(kSupervisor, "dropped", "2026-09"), "1/2=50.00") << "unless a definition asks for them";
}

TEST_F(MetricsTest, StocksAreOfTheEndOfThePeriod) {
  const std::string late = Open({"units/shuiwu"}), quick = Open({"units/zhujian"});
  Finish(kHousing, quick);
  office.Advance(At("2026-10-09 09:00"));
  EXPECT_EQ(Rate(kSupervisor, "overdue", "2026-09"), "1/1=100.00");
  EXPECT_EQ(Rate(kSupervisor, "overdue", "2026-09-01..2026-09-04"), "0/1=0.00") << "on the 4th nothing was overdue";
  Finish(kWater, late);
  EXPECT_EQ(Rate(kSupervisor, "overdue", "2026-10"), "0/0=none");
  EXPECT_EQ(Rate(kSupervisor, "overdue", "2026-09"), "1/1=100.00") << "what was overdue then stays so";
}

TEST_F(MetricsTest, YearOnYearAndPeriodOnPeriodAreNamedApart) {
  Finish(kWater, Open({"units/shuiwu"}));
  Open({"units/shuiwu"});
  office.Advance(At("2026-10-09 09:00"));
  Finish(kWater, Open({"units/shuiwu"}));
  const auto mom = Metric(kSupervisor, "solved", "2026-10", {"unit"}, v1::COMPARISON_PERIOD_ON_PERIOD);
  EXPECT_EQ(mom.compared(), v1::COMPARISON_PERIOD_ON_PERIOD);
  EXPECT_EQ(mom.compared_period(), "2026-09");
  EXPECT_EQ(Text(mom.change().before()), "1/2=50.00");
  EXPECT_EQ(mom.change().points(), "+50.00");
  EXPECT_EQ(mom.change().above_percent(), "0.00");
  EXPECT_EQ(mom.change().below_percent(), "-50.00");
  EXPECT_EQ(mom.groups(0).change().points(), "+50.00");
  const auto yoy = Metric(kSupervisor, "solved", "2026-10", {}, v1::COMPARISON_YEAR_ON_YEAR);
  EXPECT_EQ(yoy.compared_period(), "2025-10");
  EXPECT_EQ(yoy.change().points(), "") << "last year there was nothing to compare with";

  v1::QueryMetricRequest dates;
  dates.set_metric("solved");
  dates.set_period("2026-10-01..2026-10-09");
  dates.set_compare(v1::COMPARISON_PERIOD_ON_PERIOD);
  EXPECT_EQ(ReasonOf(office.node().QueryMetric(kSupervisor, dates)), "COMPARISON_INVALID");
}

// Counted by cells of months, by days case by case, and as of a time: three ways, one answer.
TEST_F(MetricsTest, AllWaysOfCountingAgreeWithARecountFromTheEvents) {
  const std::vector<std::string> units = {"units/shuiwu", "units/zhujian"};
  const std::map<std::string, const char*> people = {{"units/shuiwu", kWater}, {"units/zhujian", kHousing}};
  int at = 0;
  std::vector<std::pair<std::string, std::string>> open;  // Case, unit.
  for (int day = 1; day <= 60; ++day) {
    office.Advance(At("2026-09-01 09:00") + day * absl::Hours(24));
    for (int i = 0; i <= day % 3; ++i, ++at) {
      const std::string& unit = units[static_cast<size_t>(at) % 2];
      open.emplace_back(Open({unit}, at % 4 == 0 ? "help" : at % 4 == 1 ? "complaint" : ""), unit);
    }
    for (size_t i = 0; i < open.size();) {
      if ((i * 7 + static_cast<size_t>(day)) % 5 != 0) {
        ++i;
        continue;
      }
      const auto [name, unit] = open[i];
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
      if (day % 11 == 0) {
        Act(kSupervisor, name, "drop");
        continue;
      }
      Act(people.at(unit), name, "done");
      if (day % 4 == 0) {
        Act(kSupervisor, name, "again");
        Act(people.at(unit), name, "done");
      }
      Act(kSupervisor, name, day % 3 == 0 ? "untrue" : "content");
    }
  }
  // The recount knows nothing but events: what each says, and when it happened.
  struct Recount {
    std::map<std::string, std::pair<int, int>> on_time, passed, found;  // By month: above, below.
  } recount;
  std::map<std::string, v1::Truth> truth;
  for (const v1::EventRecord& record : office.Events(kAuditor)) {
    const auto month = [](const google::protobuf::Timestamp& t) {
      return absl::FormatTime("%Y-%m", engine::FromProto(t), absl::FixedTimeZone(8 * 3600));
    };
    const v1::Event& event = record.event();
    if (event.has_action_taken()) {
      const v1::ActionTaken& taken = event.action_taken();
      if (taken.finds() != v1::TRUTH_UNSPECIFIED) truth[record.stream()] = taken.finds();
      if (taken.verifies() != v1::VERIFICATION_UNSPECIFIED) {
        auto& counts = recount.passed[month(taken.at())];
        counts.first += taken.verifies() == v1::VERIFICATION_PASSED ? 1 : 0;
        ++counts.second;
      }
    }
    if (event.has_case_ended() && event.case_ended().kind() == v1::END_KIND_DONE) {
      auto& counts = recount.on_time[month(event.case_ended().at())];
      counts.first += event.case_ended().late() ? 0 : 1;
      ++counts.second;
      auto& found = recount.found[month(event.case_ended().at())];
      found.first += truth[record.stream()] == v1::TRUTH_CONFIRMED ? 1 : 0;
      ++found.second;
    }
  }
  const auto text = [](const std::pair<int, int>& counts) { return absl::StrCat(counts.first, "/", counts.second); };
  const auto counts = [&](const v1::Rate& rate) { return absl::StrCat(rate.above(), "/", rate.below()); };
  const std::map<std::string, std::string> days = {{"2026-09", "2026-09-01..2026-09-30"},
                                                   {"2026-10", "2026-10-01..2026-10-31"}};
  for (const auto& [metric, expected] :
       {std::pair("on_time", recount.on_time), {"passed", recount.passed}, {"found", recount.found}}) {
    for (const auto& [month, dates] : days) {
      SCOPED_TRACE(absl::StrCat(metric, " ", month));
      ASSERT_GT(expected.at(month).second, 10) << "a recount of nothing shows nothing";
      EXPECT_EQ(counts(Metric(kAuditor, metric, month).rate()), text(expected.at(month)));
      EXPECT_EQ(counts(Metric(kAuditor, metric, dates).rate()), text(expected.at(month)));
      EXPECT_EQ(counts(Metric(kAuditor, metric, month, {}, v1::COMPARISON_UNSPECIFIED, "2026-10-31").rate()),
                text(expected.at(month)));
      // Units and kinds add up to the whole: no matter here is joint.
      for (const char* by : {"unit", "kind"}) {
        int64_t above = 0, below = 0;
        const v1::QueryMetricResponse answer = Metric(kAuditor, metric, month, {by});
        for (const v1::MetricGroup& group : answer.groups()) {
          above += group.rate().above();
          below += group.rate().below();
        }
        EXPECT_EQ(above, answer.rate().above());
        EXPECT_EQ(below, answer.rate().below());
        EXPECT_EQ(answer.joint(), 0);
      }
    }
    EXPECT_EQ(Metric(kAuditor, metric, "2026-09").rate().below() + Metric(kAuditor, metric, "2026-10").rate().below(),
              Metric(kAuditor, metric, "2026").rate().below())
        << "the months add up to the year";
  }
  for (const char* metric : {"overdue", "dropped", "helped", "solved"}) {
    for (const auto& [month, dates] : days) {
      EXPECT_EQ(Text(Metric(kAuditor, metric, month).rate()), Text(Metric(kAuditor, metric, dates).rate())) << metric;
      EXPECT_EQ(Metric(kAuditor, metric, month).left_out(), Metric(kAuditor, metric, dates).left_out()) << metric;
    }
  }
}

TEST_F(MetricsTest, APastQuarterIsRankedTheSameWheneverItIsAskedFor) {
  const std::string late = Open({"units/shuiwu"}), water = Open({"units/shuiwu"}), housing = Open({"units/zhujian"});
  Finish(kWater, water);
  Finish(kHousing, housing);
  office.Advance(At("2026-09-20 09:00"));
  Finish(kWater, late);
  v1::QueryScoreboardRequest request;
  request.set_scoreboard("board");
  request.set_period("2026Q3");
  const auto ranked = [&] {
    std::vector<std::string> out;
    const auto answer = Office::MustRead(office.node().QueryScoreboard(kSupervisor, request));
    EXPECT_THAT(answer.definition().above().zh(), HasSubstr("70×按期办结率 + 30×满意率"));
    for (const v1::ScoreboardRow& row : answer.rows()) {
      out.push_back(absl::StrCat(row.rank(), " ", row.title(), " ", row.points(), " ", row.stars(), " ",
                                 Text(row.rates(0)), " ", Text(row.rates(1))));
    }
    return out;
  };
  const std::vector<std::string> then = ranked();
  EXPECT_THAT(
      then, ElementsAre("1 住房和城乡建设局 100.00 5 1/1=100.00 1/1=100.00", "2 水务局 65.00 3 1/2=50.00 2/2=100.00"));
  office.Advance(At("2026-10-20 09:00"));
  const std::string more = Open({"units/zhujian"});
  office.Advance(At("2026-11-20 09:00"));
  Finish(kHousing, more);
  EXPECT_EQ(ranked(), then) << "what happened in October belongs to October";
  office.Restart();
  EXPECT_EQ(ranked(), then);
  request.mutable_as_of()->set_date("2026-09-05");
  EXPECT_THAT(ranked(), ElementsAre("1 水务局 100.00 5 1/1=100.00 1/1=100.00",
                                    "1 住房和城乡建设局 100.00 5 1/1=100.00 1/1=100.00"))
      << "as it was known on the 5th";
}

TEST_F(MetricsTest, AFigureWhoseCallerHasGoneIsCountedNoFurther) {
  Finish(kWater, Open({"units/shuiwu"}));
  v1::QueryMetricRequest days;
  days.set_metric("on_time");
  days.set_period("2026-09-01..2026-09-09");  // By days: case by case.
  int asked = 0;
  const Abandoned gone = [&] { return ++asked > 0; };
  EXPECT_EQ(CodeOf(office.node().QueryMetric(kSupervisor, days, gone)), absl::StatusCode::kCancelled);
  EXPECT_GT(asked, 0);
  EXPECT_EQ(CodeOf(office.node().QueryMetric(kSupervisor, days)), absl::StatusCode::kOk);
}

TEST_F(MetricsTest, AnEarlierVersionOfADefinitionStaysAskable) {
  Act(kSupervisor, Open({"units/shuiwu"}), "drop");
  Finish(kWater, Open({"units/shuiwu"}));
  office.Publish("figures-2", R"(
metrics:
  on_time: {title: 按期办结率, above: [ended, on_time], below: [ended, {end: [done, cancelled]}]}
)");
  const v1::QueryMetricResponse now = Metric(kSupervisor, "on_time", "2026-09");
  EXPECT_EQ(now.definition().version(), 2u);
  EXPECT_EQ(Text(now.rate()), "1/2=50.00");
  v1::QueryMetricRequest earlier;
  earlier.set_metric("on_time");
  earlier.set_period("2026-09");
  earlier.set_version(1);
  EXPECT_EQ(Text(Office::MustRead(office.node().QueryMetric(kSupervisor, earlier)).rate()), "1/1=100.00");
  office.Restart();
  EXPECT_EQ(Metric(kSupervisor, "on_time", "2026-09").definition().version(), 2u);
  EXPECT_EQ(Text(Office::MustRead(office.node().QueryMetric(kSupervisor, earlier)).rate()), "1/1=100.00");
}

TEST_F(MetricsTest, WhatCannotBeAskedIsRefusedWithItsReason) {
  v1::QueryMetricRequest request;
  request.set_metric("nothing");
  request.set_period("2026-09");
  EXPECT_EQ(ReasonOf(office.node().QueryMetric(kSupervisor, request)), "METRIC_NOT_FOUND");
  request.set_metric("on_time");
  request.set_version(7);
  EXPECT_EQ(ReasonOf(office.node().QueryMetric(kSupervisor, request)), "METRIC_NOT_FOUND");
  request.set_version(0);
  request.set_period("9月");
  EXPECT_EQ(ReasonOf(office.node().QueryMetric(kSupervisor, request)), "PERIOD_INVALID");
  request.set_period("2026-09");
  for (const char* by : {"matter", "secret", "nothing"}) {
    request.clear_by();
    request.add_by(by);
    EXPECT_EQ(ReasonOf(office.node().QueryMetric(kSupervisor, request)), "BREAKDOWN_INVALID") << by;
  }
  request.clear_by();
  for (const char* by : {"unit", "kind", "procedure"}) request.add_by(by);
  EXPECT_EQ(ReasonOf(office.node().QueryMetric(kSupervisor, request)), "BREAKDOWN_INVALID");
  v1::QueryScoreboardRequest board;
  board.set_scoreboard("on_time");
  board.set_period("2026Q3");
  EXPECT_EQ(ReasonOf(office.node().QueryScoreboard(kSupervisor, board)), "SCOREBOARD_NOT_FOUND");
}

TEST_F(MetricsTest, TheListSaysWhatEachCounts) {
  std::map<std::string, std::string> below;
  const v1::ListMetricsResponse listed = Office::MustRead(office.node().ListMetrics(kWater, {}));
  for (const auto& one : listed.definitions()) {
    below[one.name()] = absl::StrCat(one.above().zh(), " / ", one.below().zh());
  }
  EXPECT_EQ(below["solved"], "受理、期内办结 / 受理");
  EXPECT_EQ(below["overdue"], "期末逾期 / 期末在办");
  EXPECT_EQ(below["board"], "70×按期办结率 + 30×满意率 / ");
}

// A late entry proves that a matter never was overdue: it is taken out of the month in which it seemed so.
TEST_F(MetricsTest, WhatALateEntryDisprovesIsTakenOutAgain) {
  const std::string name = Open({"units/shuiwu"});
  office.Advance(At("2026-10-09 09:00"));
  ASSERT_EQ(Rate(kSupervisor, "overdue", "2026-09"), "1/1=100.00");
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
  v1::ActOnCaseRequest done = office.Action(name, "done");
  *done.mutable_occurred_at() = engine::ToProto(At("2026-09-03 10:00"));
  done.set_reason("纸件补录");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kWater, done));
  EXPECT_EQ(Rate(kSupervisor, "overdue", "2026-09"), "0/1=0.00");
  EXPECT_EQ(Metric(kSupervisor, "overdue", "2026-09-01..2026-09-30").rate().above(), 0);
}

}  // namespace
}  // namespace duban::node
