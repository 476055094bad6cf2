// Plans on a node: they come due by the calendar, write down for whom, and a job opens the cases in the name of whoever
// holds the post then; nobody learns from one beforehand whom it will visit.
#include <gmock/gmock.h>

#include <random>

#include "absl/strings/str_replace.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/permits.h"

namespace duban::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kMonthly[] = R"yaml(
plan: monthly
title: {zh: 每月提示}
by: posts/duchayi-kezhang
when: {rrule: FREQ=MONTHLY;BYMONTHDAY=1, from: 2026-09-01, until: 2026-12-31, adjust: next_working_day}
for: {units: [units/shuiwu, units/zhujian]}
opens: {procedure: permit, party: other, bind: {office: units/ducha}, set: {matter: 每月提示}}
burden: {topic: 安全生产, lasts_days: 5, at_most_per_year: 4}
)yaml";

class PlanOffice : public PermitOffice {
 public:
  explicit PlanOffice(std::shared_ptr<store::Store> store = nullptr, size_t lot_items = 0)
      : PermitOffice({.own_thread = false, .start = "2026-09-01 10:00", .job_lot_items = lot_items}, std::move(store)) {
  }

  v1::PutPlanRequest Request(const std::vector<std::pair<std::string, std::string>>& changes = {},
                             const std::string& override_reason = "") {
    v1::PutPlanRequest request;
    request.mutable_file()->set_path("monthly.yaml");
    request.mutable_file()->set_text(absl::StrReplaceAll(kMonthly, changes));
    request.set_override_reason(override_reason);
    request.set_idempotency_key(FreshKey());
    return request;
  }
  v1::PutPlanResponse Put(const std::vector<std::pair<std::string, std::string>>& changes = {},
                          const std::string& override_reason = "") {
    return Must<v1::PutPlanResponse>(Call(kSupervisor, Request(changes, override_reason)));
  }
  std::vector<v1::PlanDue> Dues(const std::string& plan = "plans/monthly") {
    std::vector<v1::PlanDue> out;
    for (const v1::EventRecord& record : Events(kAuditor, plan)) {
      if (record.event().has_plan_due()) out.push_back(record.event().plan_due());
    }
    return out;
  }
  // "2026-10-08 办件〔2026〕水务1号" of each case, in the order in which they were opened.
  std::vector<std::string> Opened() {
    std::vector<std::string> out;
    const v1::QueryLedgerResponse ledger = Ledger(kSupervisor);
    for (const v1::LedgerRow& row : ledger.rows()) {
      out.push_back(absl::StrCat(engine::FormatDay(engine::Zone(8 * 3600).DayOf(engine::FromProto(row.opened_at()))),
                                 " ", row.number()));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
};

TEST(Plan, ComesDueOnWorkingDaysAndOpensACaseForEachUnit) {
  PlanOffice office;
  const v1::PutPlanResponse put = office.Put();
  EXPECT_EQ(put.plan().plan().name(), "plans/monthly");
  EXPECT_EQ(put.plan().population(), 2);
  // Put at ten on the first, it came due at nine of that day: nothing is left out.
  EXPECT_THAT(put.days(), ElementsAre("2026-09-01", "2026-10-08", "2026-11-02", "2026-12-01"));
  office.Advance(At("2026-12-02 09:00"));
  EXPECT_THAT(office.Opened(), ElementsAre("2026-09-01 办件〔2026〕住建1号", "2026-09-01 办件〔2026〕水务1号",
                                           "2026-10-08 办件〔2026〕住建2号", "2026-10-08 办件〔2026〕水务2号",
                                           "2026-11-02 办件〔2026〕住建3号", "2026-11-02 办件〔2026〕水务3号",
                                           "2026-12-01 办件〔2026〕住建4号", "2026-12-01 办件〔2026〕水务4号"));
  const std::vector<v1::PlanDue> dues = office.Dues();
  ASSERT_THAT(dues, SizeIs(4));
  EXPECT_EQ(dues[1].occurrence(), "2026-10-01");
  EXPECT_EQ(dues[1].nominal_day(), "2026-10-01");
  EXPECT_EQ(engine::FromProto(dues[1].at()), At("2026-10-08 09:00"));
  EXPECT_THAT(dues[1].population(), ElementsAre("units/shuiwu", "units/zhujian"));
  EXPECT_EQ(office.Job(kOperatorPerson, dues[1].job()).changed(), 2);
  // Their deadlines count from the day on which they were opened, also in one great leap of the clock.
  v1::ListPlansRequest list;
  const v1::PlanStatus status = office.MustRead(office.node().ListPlans(kSupervisor, list)).plans(0);
  EXPECT_EQ(status.last(), "2026-12-01");
  EXPECT_FALSE(status.has_next_at());
  ExpectDerived(office.store());
}

TEST(Plan, FollowsAChangedCalendarAndWaitsWhereItDoesNotReach) {
  PlanOffice office;
  office.Put({{"until: 2026-12-31", "until: 2027-01-31"}, {"at_most_per_year: 4", "at_most_per_year: 12"}});
  // Given that the second of November becomes a holiday.
  v1::CalendarYear year = engine::NoticeOf(2026);
  v1::CalendarDay& off = *year.add_days();
  off.set_date("2026-11-02");
  off.set_type(v1::DAY_TYPE_HOLIDAY);
  off.set_title("测试");
  office.Ended(office.PublishYear(year).job());
  office.Advance(At("2026-11-02 12:00"));
  EXPECT_THAT(office.Dues(), SizeIs(2));
  office.Advance(At("2026-11-03 12:00"));
  ASSERT_THAT(office.Dues(), SizeIs(3));
  EXPECT_EQ(engine::FromProto(office.Dues()[2].at()), At("2026-11-03 09:00"));
  // In January nobody knows yet which days are worked.
  office.Advance(At("2027-01-05 12:00"));
  EXPECT_THAT(office.Dues(), SizeIs(4));
  v1::CalendarYear next;
  next.set_year(2027);
  v1::CalendarDay& day = *next.add_days();
  day.set_date("2027-01-01");
  day.set_type(v1::DAY_TYPE_HOLIDAY);
  day.set_title("元旦");
  office.PublishYear(next);
  office.Advance(At("2027-01-05 12:01"));
  ASSERT_THAT(office.Dues(), SizeIs(5));
  EXPECT_EQ(engine::FromProto(office.Dues()[4].at()), At("2027-01-04 09:00"));
  ExpectDerived(office.store());
}

TEST(Plan, OpensInTheNameOfWhoeverHoldsThePostThen) {
  PlanOffice office;
  office.Put();
  office.Advance(At("2026-09-02 09:00"));
  v1::ApplyDirectoryRequest request;
  request.set_idempotency_key(office.FreshKey());
  v1::Post& post = *request.add_posts();
  post.set_name("posts/duchayi-kezhang");
  post.set_title("督查一科科长");
  post.set_unit("units/ducha");
  post.add_holders(kReviewer);
  post.add_rights("issue");
  office.Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, request));
  office.Advance(At("2026-10-09 09:00"));
  std::vector<std::string> by;
  for (const v1::PlanDue& due : office.Dues()) by.push_back(office.Job(kOperatorPerson, due.job()).started_by());
  EXPECT_THAT(by, ElementsAre(kSupervisor, kReviewer));
}

TEST(Plan, ItsJobsAreThePostsWhoeverHoldsIt) {
  // Given a job that works one unit at a time in the name of the head of section, who then changes posts.
  PlanOffice office(nullptr, 1);
  const auto put_post = [&](const std::string& name, const std::string& holder) {
    v1::ApplyDirectoryRequest request;
    request.set_idempotency_key(office.FreshKey());
    v1::Post& post = *request.add_posts();
    post.set_name(name);
    post.set_title(name);
    post.set_unit("units/ducha");
    if (!holder.empty()) post.add_holders(holder);
    post.add_rights("issue");
    office.Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, request));
  };
  office.Put();
  office.Advance(At("2026-09-02 09:00"));
  const std::string job = office.Dues()[0].job();
  v1::GetJobRequest get;
  get.set_job(job);
  EXPECT_EQ(ReasonOf(office.node().GetJob(kReviewer, get)), "JOB_NOT_FOUND");
  put_post("posts/duchayi-kezhang", kReviewer);
  // Then the successor sees what was begun for his post, in lists and streams too; who began it goes on seeing it.
  EXPECT_EQ(office.MustRead(office.node().GetJob(kReviewer, get)).job().changed(), 2);
  EXPECT_EQ(office.MustRead(office.node().GetJob(kSupervisor, get)).job().changed(), 2);
  EXPECT_EQ(ReasonOf(office.node().GetJob(kHousing, get)), "JOB_NOT_FOUND");
  EXPECT_EQ(office.MustRead(office.node().ListJobs(kReviewer, v1::ListJobsRequest())).jobs_size(), 1);
  EXPECT_THAT(office.Events(kReviewer, job), testing::Not(IsEmpty()));
  // And may cancel it: that it has ended is what he is told, not that he has no right.
  v1::CancelJobRequest cancel;
  cancel.set_job(job);
  cancel.set_reason("改由人工立项");
  cancel.set_idempotency_key(office.FreshKey());
  EXPECT_EQ(ReasonOf(office.Call(kReviewer, cancel)), "JOB_ENDED");
  // Whoever takes over from him again leaves him nothing but what he began himself.
  put_post("posts/duchayi-kezhang", kSupervisor);
  EXPECT_EQ(ReasonOf(office.node().GetJob(kReviewer, get)), "JOB_NOT_FOUND");
  ExpectDerived(office.store());
}

TEST(Plan, TellsNobodyBeforehandWhomItWillVisit) {
  PlanOffice office;
  office.Put();
  v1::ListPlansRequest list;
  EXPECT_EQ(office.MustRead(office.node().ListPlans(kHousing, list)).plans_size(), 0);
  EXPECT_EQ(office.MustRead(office.node().ListPlans(kAuditor, list)).plans_size(), 1);
  v1::ReadEventsRequest events;
  events.set_stream("plans/monthly");
  EXPECT_EQ(ReasonOf(office.node().ReadEvents(kHousing, events)), "STREAM_NOT_FOUND");
  v1::StopPlanRequest stop;
  stop.set_plan("plans/monthly");
  stop.set_idempotency_key("stop");
  EXPECT_EQ(ReasonOf(office.Call(kHousing, stop)), "PLAN_NOT_FOUND");
  EXPECT_EQ(ReasonOf(office.Call(kAuditor, stop)), "RIGHT_REQUIRED");
  EXPECT_EQ(ReasonOf(office.Call(kHousing, office.Request())), "RIGHT_REQUIRED");
  // The burden meter: who plans sees the year; a unit sees the cases that were opened for it, today's first.
  v1::GetBurdenRequest burden;
  burden.set_year(2026);
  EXPECT_EQ(office.MustRead(office.node().GetBurden(kSupervisor, burden)).units_size(), 2);
  const v1::GetBurdenResponse now = office.MustRead(office.node().GetBurden(kHousing, burden));
  ASSERT_EQ(now.units_size(), 1);
  ASSERT_EQ(now.units(0).items_size(), 1);
  EXPECT_EQ(now.units(0).items(0).day(), "2026-09-01");
  office.Advance(At("2026-10-20 09:00"));
  const v1::GetBurdenResponse own = office.MustRead(office.node().GetBurden(kHousing, burden));
  ASSERT_EQ(own.units_size(), 1);
  EXPECT_EQ(own.units(0).unit(), "units/zhujian");
  ASSERT_EQ(own.units(0).items_size(), 2) << "those of November and December are not told";
  EXPECT_EQ(own.units(0).items(1).day(), "2026-10-08");
  EXPECT_EQ(own.units(0).items(1).plan(), "");
}

TEST(Plan, StoppedItComesDueNoMore) {
  PlanOffice office;
  office.Put();
  office.Advance(At("2026-09-02 09:00"));
  v1::StopPlanRequest stop;
  stop.set_plan("plans/monthly");
  stop.set_idempotency_key("stop");
  const auto stopped = office.Must<v1::StopPlanResponse>(office.Call(kSupervisor, stop));
  EXPECT_TRUE(stopped.plan().plan().stopped());
  EXPECT_EQ(office.Must<v1::StopPlanResponse>(office.Call(kSupervisor, stop)).position(), stopped.position());
  office.Advance(At("2026-12-31 09:00"));
  EXPECT_THAT(office.Dues(), SizeIs(1));
  // Put again, it goes on from now.
  office.Restart();
  ExpectDerived(office.store());
}

TEST(Plan, AClashIsRefusedOrOverriddenWithAReason) {
  PlanOffice office;
  office.Put();
  const std::vector<std::pair<std::string, std::string>> again = {{"plan: monthly", "plan: again"},
                                                                  {"BYMONTHDAY=1,", "BYMONTHDAY=3,"},
                                                                  {"at_most_per_year: 4", "at_most_per_year: 9"}};
  v1::PutPlanRequest request = office.Request(again);
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, request)), "PLAN_CLASH");
  request.set_validate_only(true);
  EXPECT_EQ(ReasonOf(office.node().PreviewPlan(kSupervisor, request)), "PLAN_CLASH");
  office.Put(again, "市政府常务会议决定");
  bool told = false;
  for (const v1::EventRecord& record : office.Events(kAuditor, "plans/again")) {
    told = told || record.event().plan_put().override_reason() == "市政府常务会议决定";
  }
  EXPECT_TRUE(told);
  // A preview says what is wrong and puts nothing.
  v1::PutPlanRequest wrong = office.Request({{"plan: monthly", "plan: wrong"}, {"units/zhujian", "units/nobody"}});
  wrong.set_validate_only(true);
  EXPECT_EQ(office.MustRead(office.node().PreviewPlan(kSupervisor, wrong)).findings_size(), 1);
  wrong.set_validate_only(false);
  const Reply<Response> refused = office.Call(kSupervisor, wrong);
  EXPECT_EQ(ReasonOf(refused), "PROCEDURE_REFUSED");
  const v1::Text& why = std::get<engine::Rejection>(refused).message;
  EXPECT_THAT(why.zh(), testing::StartsWith("计划有 1 处错误，未登记："));
  EXPECT_THAT(why.en(), testing::StartsWith("the plan was not put, 1 error:"));
}

TEST(Plan, WhatHasComeDueIsOpenedAsThePlanWasThen) {
  PermitOffice office({.virtual_clock = false, .own_thread = false, .start = "2026-09-01 10:00", .job_lot_items = 1});
  const auto put = [&](const std::string& matter) {
    v1::PutPlanRequest request;
    request.mutable_file()->set_path("monthly.yaml");
    request.mutable_file()->set_text(
        absl::StrReplaceAll(kMonthly, {{"set: {matter: 每月提示}", absl::StrCat("set: {matter: ", matter, "}")},
                                       {"2026-09-01", "2026-09-02"},
                                       {"BYMONTHDAY=1", "BYMONTHDAY=2"}}));
    request.set_idempotency_key(office.FreshKey());
    office.Must<v1::PutPlanResponse>(office.Call(kSupervisor, request));
  };
  const auto matters = [&] {
    std::vector<std::string> out;
    const v1::QueryLedgerResponse ledger = office.Ledger(kSupervisor);
    for (const v1::LedgerRow& row : ledger.rows()) {
      out.push_back(office.Show(kSupervisor, row.case_()).fields(0).values(0).text());
    }
    return out;
  };
  put("先前的提示");
  office.clock().Set(At("2026-09-02 09:30"));
  // Given that it came due, and not all of its cases are opened when a further version is put.
  while (office.Ledger(kSupervisor).rows().empty()) ASSERT_TRUE(office.node().Pump());
  ASSERT_THAT(matters(), SizeIs(1));
  put("后来的提示");
  while (office.node().Pump()) {
  }
  EXPECT_THAT(matters(), ElementsAre("先前的提示", "先前的提示"));
  // Also where the node begins anew, and the next time as it is then.
  office.Restart();
  office.clock().Set(At("2026-09-15 09:30"));
  while (office.node().Pump()) {
  }
  office.clock().Set(At("2026-09-28 09:30"));
  while (office.node().Pump()) {
  }
  office.clock().Set(At("2026-10-09 09:30"));
  while (office.node().Pump()) {
  }
  EXPECT_THAT(matters(), ElementsAre("后来的提示", "后来的提示", "先前的提示", "先前的提示"));
}

class PublishedSets : public testing::Test {
 protected:
  v1::PublishProcedureRequest Set(const std::vector<std::string>& files) {
    v1::PublishProcedureRequest request;
    for (const std::string& text : files) {
      v1::ProcedureFile& file = *request.add_files();
      file.set_path(absl::StrCat("file", request.files_size(), ".yaml"));
      file.set_text(text);
    }
    request.set_idempotency_key(office.FreshKey());
    return request;
  }
  static std::string Procedure(const std::string& name) {
    return absl::StrReplaceAll(kPermit, {{"procedure: permit", absl::StrCat("procedure: ", name)}});
  }
  static std::string PlanOf(const std::string& procedure, const std::string& name = "monthly") {
    return absl::StrReplaceAll(kMonthly, {{"procedure: permit", absl::StrCat("procedure: ", procedure)},
                                          {"plan: monthly", absl::StrCat("plan: ", name)},
                                          {"from: 2026-09-01", "from: 2026-09-02"}});
  }

  PlanOffice office;
};

TEST_F(PublishedSets, AProcedureAndThePlanThatNamesItArePublishedInOneCommit) {
  const v1::PublishProcedureRequest set = Set({PlanOf("hint"), Procedure("hint")});
  v1::CheckProcedureRequest check;
  *check.mutable_files() = set.files();
  const v1::CheckProcedureResponse checked = office.MustRead(office.node().CheckProcedure(kSupervisor, check));
  EXPECT_THAT(checked.findings(), IsEmpty());
  EXPECT_THAT(checked.procedures(), ElementsAre("hint"));
  EXPECT_THAT(checked.plans(), ElementsAre("plans/monthly"));
  const store::Position head = office.store().head();
  const auto published = office.Must<v1::PublishProcedureResponse>(office.Call(kOperatorPerson, set));
  EXPECT_EQ(office.store().head(), head + 1);
  EXPECT_THAT(published.plans(), ElementsAre("plans/monthly"));
  ASSERT_EQ(published.versions_size(), 1);
  // Asked again, the same is answered.
  const auto again = office.Must<v1::PublishProcedureResponse>(office.Call(kOperatorPerson, set));
  EXPECT_EQ(again.SerializeAsString(), published.SerializeAsString());
  office.Advance(At("2026-10-08 12:00"));
  EXPECT_THAT(office.Opened(), SizeIs(2));
  EXPECT_EQ(office.Ledger(kSupervisor).rows(0).procedure(), "hint");
  // A further version of both is one commit too.
  EXPECT_EQ(
      office.Must<v1::PublishProcedureResponse>(office.Call(kOperatorPerson, Set({Procedure("hint"), PlanOf("hint")})))
          .versions(0)
          .version(),
      2u);
  EXPECT_EQ(office.MustRead(office.node().ListPlans(kSupervisor, {})).plans(0).plan().version(), 2u);
  office.Restart();
  ExpectDerived(office.store());
}

TEST_F(PublishedSets, NothingOfASetIsPublishedWhereSomethingIsWrong) {
  const v1::PublishProcedureRequest wrong = Set({Procedure("hint"), PlanOf("nothing")});
  v1::CheckProcedureRequest check;
  *check.mutable_files() = wrong.files();
  const v1::CheckProcedureResponse checked = office.MustRead(office.node().CheckProcedure(kSupervisor, check));
  ASSERT_EQ(checked.findings_size(), 1);
  EXPECT_EQ(checked.findings(0).rule(), "UNDECLARED_PROCEDURE");
  EXPECT_EQ(checked.findings(0).path(), "file2.yaml");
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, wrong)), "PROCEDURE_REFUSED");
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, Set({PlanOf("permit"), PlanOf("permit")}))), "PROCEDURE_REFUSED");
  v1::GetProcedureRequest get;
  get.set_name("hint");
  EXPECT_EQ(ReasonOf(office.node().GetProcedure(kSupervisor, get)), "PROCEDURE_NOT_FOUND");
  EXPECT_EQ(office.MustRead(office.node().ListPlans(kSupervisor, {})).plans_size(), 0);
}

TEST_F(PublishedSets, PlansTakeWhatPuttingThemTakes) {
  // Whoever holds the post may put its plans, and no procedure; nobody else may.
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Set({PlanOf("permit"), Procedure("hint")}))), "RIGHT_REQUIRED");
  EXPECT_EQ(ReasonOf(office.Call(kHousing, Set({PlanOf("permit")}))), "RIGHT_REQUIRED");
  EXPECT_THAT(office.Must<v1::PublishProcedureResponse>(office.Call(kSupervisor, Set({PlanOf("permit")}))).plans(),
              SizeIs(1));
  // Two of one set, or one and another that was put before, are held against each other.
  v1::PublishProcedureRequest clash = Set({Procedure("hint"), PlanOf("hint", "again")});
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, clash)), "PLAN_CLASH");
  clash.set_override_reason("市政府常务会议决定");
  EXPECT_THAT(office.Must<v1::PublishProcedureResponse>(office.Call(kOperatorPerson, clash)).plans(), SizeIs(1));
  std::string told;
  for (const v1::EventRecord& record : office.Events(kAuditor, "plans/again")) {
    told += record.event().plan_put().override_reason();
  }
  EXPECT_EQ(told, "市政府常务会议决定");
  // Others see the procedure of that commit, and no plan.
  v1::ReadEventsRequest events;
  events.set_stream("plans/again");
  EXPECT_EQ(ReasonOf(office.node().ReadEvents(kHousing, events)), "STREAM_NOT_FOUND");
}

TEST(Plan, CutShortAtTwoHundredRandomPointsOpensEachCaseOnce) {
  constexpr int kCuts = 200;
  PlanOffice whole(nullptr, 1);
  auto store = std::make_shared<CutStore>();
  PlanOffice cut(store, 1);
  const std::vector<std::pair<std::string, std::string>> daily = {
      {"FREQ=MONTHLY;BYMONTHDAY=1", "FREQ=DAILY"},
      {", adjust: next_working_day", ""},
      {"until: 2026-12-31", "until: 2027-12-31"},
      {"burden: {topic: 安全生产, lasts_days: 5, at_most_per_year: 4}", ""}};
  // No deadlines: nothing fires but the plan.
  for (PlanOffice* office : {&whole, &cut}) {
    office->Publish(
        "plain",
        absl::StrReplaceAll(
            kPermit,
            {{"budget: 5 working days", "due: due"},
             {"extend: {title: {zh: 延期}, by: other, approved_by: office, at_most: 1 per case, needs: [due, reason]}",
              ""}}));
    office->Put(daily);
  }
  std::mt19937_64 random(20261125);
  for (int round = 0; round < kCuts; ++round) {
    v1::AdvanceClockRequest advance;
    *advance.mutable_to() = engine::ToProto(At("2026-09-02 12:00") + absl::Hours(24 * round));
    advance.set_idempotency_key(absl::StrCat("day", round));
    whole.Must<v1::AdvanceClockResponse>(whole.Call(kOperatorPerson, advance));
    store->CutAt(1 + static_cast<int>(random() % 3), random() % 2 == 0);
    const Reply<Response> reply = cut.Call(kOperatorPerson, advance);
    ASSERT_TRUE(store->is_cut()) << round;
    store->Mend();
    cut.Restart();
    cut.Must<v1::AdvanceClockResponse>(cut.Call(kOperatorPerson, advance));
    ASSERT_EQ(store->head(), whole.store().head()) << "in round " << round;
  }
  EXPECT_THAT(cut.Dues(), SizeIs(kCuts + 1));
  ExpectDerived(*store);
}

}  // namespace
}  // namespace duban::node
