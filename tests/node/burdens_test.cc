// What is asked of units, whichever way cases are opened: by hand, by an act, by a job, by plans. The guard reads rows
// of its own; whoever may not see what stands in the way learns that something does and no more; the meter counts each
// once.
#include "services/node/burdens.h"

#include <gmock/gmock.h>

#include "absl/strings/str_replace.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Unannounced: the visited does not see it until its feedback.
constexpr char kVisit[] = R"yaml(
procedure: visit
title: {zh: 暗访检查}
may_open: [office]
burden: {topic: 安全生产检查, party: other, lasts_days: 3, at_most_per_year: 3}
parties:
  office: {kind: unit, title: {zh: 检查单位}}
  other:  {kind: unit, title: {zh: 被查单位}}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
stages:
  visiting:
    title: {zh: 暗访中}
    sees: [office]
    no_deadline: 试验
    actions:
      report: {title: {zh: 反馈}, by: office, to: feedback}
      drop:   {title: {zh: 取消}, by: office, to: dropped}
  feedback: {title: {zh: 已反馈}, no_deadline: 试验, actions: {close: {title: {zh: 办结}, by: office, to: closed}}}
  closed:  {title: {zh: 已办结}, end: done}
  dropped: {title: {zh: 已取消}, end: cancelled}
)yaml";

// Its cases ask nothing of units; a plan may say that they do.
constexpr char kHint[] = R"yaml(
procedure: hint
title: {zh: 提示}
may_open: [office]
parties:
  office: {kind: unit, title: {zh: 主管单位}}
  other:  {kind: unit, title: {zh: 承办单位}}
fields: {matter: {title: {zh: 事项}, type: text, required: true}}
stages:
  open: {title: {zh: 待办}, no_deadline: 试验, actions: {read: {title: {zh: 已阅}, by: other, to: done}}}
  done: {title: {zh: 已办结}, end: done}
)yaml";

constexpr char kCheck[] = R"yaml(
plan: check
title: {zh: 安全生产检查月}
by: posts/duchayi-kezhang
when: {rrule: FREQ=MONTHLY;BYMONTHDAY=15, from: 2026-09-01, until: 2026-11-30}
for: {units: [units/shuiwu, units/zhujian]}
opens: {procedure: hint, party: other, bind: {office: units/ducha}, set: {matter: 检查}}
burden: {topic: 安全生产检查, lasts_days: 5, at_most_per_year: 3}
)yaml";

class BurdensTest : public testing::Test {
 protected:
  BurdensTest() {
    office.Publish("visit", kVisit);
    office.Publish("hint", kHint);
  }

  Reply<Response> Visit(const std::string& unit, const std::string& override_reason = "",
                        const std::string& actor = kSupervisor, const std::string& from = "units/ducha") {
    v1::OpenCaseRequest request;
    request.set_procedure("visit");
    request.set_idempotency_key(office.FreshKey());
    request.set_override_reason(override_reason);
    Office::Bind(request, "office", from);
    Office::Bind(request, "other", unit);
    Office::SetField(request.mutable_fields(), "matter")->set_text("有限空间");
    return office.Call(actor, request);
  }
  std::string Visited(const std::string& unit, const std::string& override_reason = "") {
    return Office::Must<v1::OpenCaseResponse>(Visit(unit, override_reason)).case_();
  }
  Reply<Response> Put(const std::vector<std::pair<std::string, std::string>>& changes = {},
                      const std::string& override_reason = "") {
    v1::PutPlanRequest request;
    request.mutable_file()->set_path("check.yaml");
    request.mutable_file()->set_text(absl::StrReplaceAll(kCheck, changes));
    request.set_override_reason(override_reason);
    request.set_idempotency_key(office.FreshKey());
    return office.Call(kSupervisor, request);
  }
  // "2026-09-15 case" or "2026-10-15 plans/check" of what a viewer is shown of a unit.
  std::vector<std::string> Meter(const std::string& viewer, const std::string& unit) {
    v1::GetBurdenRequest request;
    request.set_year(2026);
    request.set_unit(unit);
    std::vector<std::string> out;
    const v1::GetBurdenResponse burden = office.MustRead(office.node().GetBurden(viewer, request));
    for (const v1::UnitBurden& one : burden.units()) {
      for (const v1::BurdenItem& item : one.items()) {
        out.push_back(absl::StrCat(item.day(), " ", item.plan().empty() ? "case" : item.plan()));
      }
    }
    return out;
  }
  static engine::Rejection Why(const Reply<Response>& reply) {
    const auto* rejection = std::get_if<engine::Rejection>(&reply);
    return rejection == nullptr ? engine::Rejection() : *rejection;
  }

  Office office{{.own_thread = false, .start = "2026-09-01 10:00"}};
};

TEST_F(BurdensTest, ByHandTwiceIsRefusedWithWhatStandsInTheWay) {
  const std::string first = Visited("units/zhujian");
  const engine::Rejection why = Why(Visit("units/zhujian"));
  EXPECT_EQ(why.reason, "BURDEN_CLASH");
  EXPECT_THAT(why.message.zh(), HasSubstr(first));
  EXPECT_THAT(why.message.zh(), HasSubstr("2026-09-01 至 2026-09-03"));
  EXPECT_THAT(why.message.zh(), HasSubstr("住房和城乡建设局"));
  // Overridden, the reason stands in the event and is told in the history.
  const std::string second = Visited("units/zhujian", "省里交办");
  EXPECT_EQ(office.Events(kSupervisor, second).front().event().case_opened().burden().override_reason(), "省里交办");
  v1::QueryViewRequest timeline;
  timeline.set_view(v1::VIEW_TIMELINE);
  (*timeline.mutable_filter()->mutable_labels())["case"] = second;
  const v1::QueryViewResponse lines = office.MustRead(office.node().QueryView(kSupervisor, timeline));
  ASSERT_GT(lines.rows_size(), 0);
  EXPECT_EQ(lines.rows(lines.rows_size() - 1).entry().reason(), "省里交办");
  // What was called off takes nobody's time; a restart and a rebuild find the same rows.
  office.Act(kSupervisor, first, "drop");
  office.Act(kSupervisor, second, "drop");
  office.Restart();
  EXPECT_EQ(Why(Visit("units/zhujian")).reason, "");
  ExpectDerived(office.store());
}

// Whoever visits a unit unannounced must not be found out by trying to visit it, too.
TEST_F(BurdensTest, WhoMayNotSeeItLearnsThatThereIsAClashAndNoMore) {
  const std::string hidden = Visited("units/zhujian");
  const engine::Rejection why = Why(Visit("units/zhujian", "", kWater, "units/shuiwu"));
  EXPECT_EQ(why.reason, "BURDEN_CLASH");
  for (const std::string& text : {why.message.zh(), why.message.en()}) {
    EXPECT_THAT(text, Not(HasSubstr(hidden)));
    EXPECT_THAT(text, Not(HasSubstr("2026-09")));
  }
  for (const auto& [name, value] : why.facts) EXPECT_TRUE(name == "unit" || name == "topic") << name;
  EXPECT_THAT(Meter(kWater, "units/zhujian"), IsEmpty());
  EXPECT_THAT(Meter(kHousing, "units/zhujian"), IsEmpty()) << "the visited itself";
  EXPECT_THAT(Meter(kSupervisor, "units/zhujian"), SizeIs(1));
  EXPECT_THAT(Meter(kAuditor, "units/zhujian"), SizeIs(1));
  // With the feedback it is the visited's to know.
  office.Act(kSupervisor, hidden, "report");
  EXPECT_THAT(Meter(kHousing, "units/zhujian"), ElementsAre("2026-09-01 case"));
  EXPECT_THAT(Meter(kWater, "units/zhujian"), IsEmpty());
  ExpectDerived(office.store());
}

TEST_F(BurdensTest, PlansAndCasesCountTogetherAndNothingTwice) {
  // Given a plan for three days of the year, which says itself what its cases ask.
  EXPECT_EQ(Why(Put()).reason, "");
  EXPECT_THAT(Meter(kSupervisor, "units/zhujian"),
              ElementsAre("2026-09-15 plans/check", "2026-10-15 plans/check", "2026-11-15 plans/check"));
  // Then none may be opened by hand any more, and on the plan's days it clashes besides.
  EXPECT_EQ(Why(Visit("units/zhujian")).reason, "BURDEN_QUOTA");
  office.Advance(At("2026-09-14 09:00"));
  const engine::Rejection seen = Why(Visit("units/zhujian"));
  EXPECT_EQ(seen.reason, "BURDEN_CLASH");
  EXPECT_THAT(seen.message.zh(), HasSubstr("安全生产检查月（2026-09-15 至 2026-09-19）"));
  const engine::Rejection unseen = Why(Visit("units/zhujian", "", kWater, "units/shuiwu"));
  EXPECT_EQ(unseen.reason, "BURDEN_CLASH");
  EXPECT_THAT(unseen.message.zh(), Not(HasSubstr("安全生产检查月")));
  // One that somebody insists on does not keep the plan from its day: it was weighed when it was put.
  Visited("units/zhujian", "事故调查");
  office.Advance(At("2026-09-16 09:00"));
  EXPECT_THAT(Meter(kSupervisor, "units/zhujian"),
              ElementsAre("2026-09-14 case", "2026-09-15 case", "2026-10-15 plans/check", "2026-11-15 plans/check"));
  EXPECT_THAT(Meter(kHousing, "units/zhujian"), ElementsAre("2026-09-15 case")) << "the visit and what lies ahead";
  // The plan's own cases stand in the way of others.
  EXPECT_EQ(Why(Visit("units/shuiwu")).reason, "BURDEN_CLASH");
  office.Restart();
  ExpectDerived(office.store());
}

TEST_F(BurdensTest, APlanIsWeighedAgainstWhatWasOpened) {
  office.Advance(At("2026-09-14 09:00"));
  const std::string visit = Visited("units/zhujian");
  const engine::Rejection why = Why(Put());
  EXPECT_EQ(why.reason, "PLAN_CLASH");
  EXPECT_THAT(why.message.zh(), HasSubstr(visit));
  // Elsewhere in time it does not clash, and would be the fourth of the year.
  EXPECT_EQ(Why(Put({{"BYMONTHDAY=15", "BYMONTHDAY=20"}})).reason, "PLAN_BURDEN");
  EXPECT_EQ(Why(Put({{"BYMONTHDAY=15", "BYMONTHDAY=20"}, {"2026-11-30", "2026-10-31"}})).reason, "");
}

TEST_F(BurdensTest, AJobGoesOnAndNamesNothing) {
  const std::string hidden = Visited("units/zhujian");
  v1::StartJobRequest start;
  v1::OpenForEach& each = *start.mutable_task()->mutable_open_for_each();
  each.set_procedure("visit");
  each.set_party("other");
  each.add_units("units/zhujian");
  each.add_units("units/shuiwu");
  v1::PartyBinding& from = *each.add_parties();
  from.set_party("office");
  from.add_ids("units/ducha");
  v1::FieldValue& matter = *each.add_fields();
  matter.set_field("matter");
  matter.add_values()->set_text("有限空间");
  start.set_idempotency_key("each");
  v1::GetJobRequest get;
  get.set_job(Office::Must<v1::StartJobResponse>(office.Call(kSupervisor, start)).job());
  const auto job = [&] {
    while (true) {
      const v1::Job now = office.MustRead(office.node().GetJob(kOperatorPerson, get)).job();
      if (now.state() != v1::JOB_STATE_RUNNING) return now;
      office.node().Pump();
    }
  };
  const v1::Job refused = job();
  ASSERT_EQ(refused.refusals_size(), 1);
  EXPECT_EQ(refused.refusals(0).reason(), "BURDEN_CLASH");
  EXPECT_EQ(refused.refusals(0).item(), "units/zhujian");
  EXPECT_THAT(refused.refusals(0).message().zh(), Not(HasSubstr(hidden)));
  EXPECT_EQ(refused.changed(), 1);
  // With a reason it opens all.
  each.set_override_reason("专项行动");
  start.set_idempotency_key("again");
  get.set_job(Office::Must<v1::StartJobResponse>(office.Call(kSupervisor, start)).job());
  EXPECT_EQ(job().changed(), 2);
  EXPECT_THAT(Meter(kSupervisor, "units/zhujian"), SizeIs(2));
}

}  // namespace
}  // namespace duban::node
