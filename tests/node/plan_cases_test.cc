// Plans for cases: so many of those that ended in the quarter are drawn, of each kind, by a draw that anybody can make
// again; whoever is visited can tell it from nothing. And what a plan may not take in.
#include "services/node/plan_cases.h"

#include <gmock/gmock.h>

#include <set>

#include "absl/strings/str_replace.h"
#include "engine/draw/draw.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "store/disk_files.h"
#include "store/memory_store.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr char kFix[] = R"yaml(
procedure: fix
title: {zh: 问题整改}
may_open: [office]
columns: [category]
parties:
  office: {kind: unit, title: {zh: 交办单位}}
  other:  {kind: unit, title: {zh: 责任单位}}
fields:
  matter:   {title: {zh: 存在问题}, type: text, required: true}
  category: {title: {zh: 问题类别}, type: text}
stages:
  rectifying:
    title: {zh: 整改中}
    no_deadline: 试验
    actions:
      close: {title: {zh: 销号}, by: other, to: closed}
  closed: {title: {zh: 已销号}, end: done}
)yaml";

constexpr char kQuarter[] = R"yaml(
plan: quarter
title: {zh: 季度回头看}
by: posts/duchayi-kezhang
when: {rrule: "FREQ=MONTHLY;BYMONTH=9,12;BYMONTHDAY=21", from: 2026-01-01, until: 2026-12-31}
for: {cases: {procedure: fix, stage: closed, ended_within: 3 months}, share: 20%, per: category, at_least: 1}
opens: {procedure: lookback, bind: {inspecting: office, visited: other}, copy: {problem: matter}}
)yaml";

class CasePlans : public testing::Test {
 protected:
  CasePlans() { office.Publish("fix", kFix); }

  // Opened by the supervision office, or by another unit among others; ended at once.
  std::string Closed(const std::string& category, const std::string& from = "units/ducha",
                     const std::string& actor = kSupervisor) {
    v1::OpenCaseRequest request;
    request.set_procedure("fix");
    request.set_idempotency_key(office.FreshKey());
    Office::Bind(request, "office", from);
    Office::Bind(request, "other", "units/zhujian");
    Office::SetField(request.mutable_fields(), "matter")->set_text("河道");
    Office::SetField(request.mutable_fields(), "category")->set_text(category);
    const std::string name = office.Must<v1::OpenCaseResponse>(office.Call(actor, request)).case_();
    office.Act(kHousing, name, "close");
    return name;
  }
  v1::PutPlanRequest Request(const std::vector<std::pair<std::string, std::string>>& changes = {}) {
    v1::PutPlanRequest request;
    request.mutable_file()->set_path("quarter.yaml");
    request.mutable_file()->set_text(absl::StrReplaceAll(kQuarter, changes));
    request.set_idempotency_key(office.FreshKey());
    return request;
  }
  void Put(const std::vector<std::pair<std::string, std::string>>& changes = {}) {
    office.Must<v1::PutPlanResponse>(office.Call(kSupervisor, Request(changes)));
  }
  std::vector<v1::PlanDue> Dues() {
    std::vector<v1::PlanDue> out;
    for (const v1::EventRecord& record : office.Events(kAuditor, "plans/quarter")) {
      if (record.event().has_plan_due()) out.push_back(record.event().plan_due());
    }
    return out;
  }
  v1::Draw Draw(const std::string& name) {
    v1::GetDrawRequest get;
    get.set_draw(name);
    return office.MustRead(office.node().GetDraw(kSupervisor, get)).draw();
  }
  std::vector<v1::LedgerRow> LookBacks(const std::string& viewer) {
    v1::QueryLedgerRequest query;
    query.mutable_filter()->set_procedure("lookback");
    const v1::QueryLedgerResponse page = office.Ledger(viewer, query);
    EXPECT_EQ(page.total_size(), page.rows_size());
    return {page.rows().begin(), page.rows().end()};
  }

  Office office{{.own_thread = false, .start = "2026-05-11 09:00"}};
};

TEST_F(CasePlans, AFifthOfTheQuartersCasesIsDrawnAndOfEachKindAtLeastOne) {
  // Given two that ended in the quarter before, seven of one kind and one of another in this one, and one open.
  Closed("水");
  Closed("水");
  office.Advance(At("2026-06-21 00:00"));
  std::set<std::string> closed;
  for (int i = 0; i < 7; ++i) closed.insert(Closed("水"));
  closed.insert(Closed("路"));
  Put();
  // When it comes due.
  office.Advance(At("2026-09-22 09:00"));
  // Then the population is fixed, a seed taken and the draw made in the very commit that says so.
  const std::vector<v1::PlanDue> dues = Dues();
  ASSERT_THAT(dues, SizeIs(1));
  const v1::Draw draw = Draw(dues[0].draw());
  EXPECT_EQ(draw.frozen().title(), "季度回头看（2026-09-21）");
  std::set<std::string> candidates;
  for (const v1::DrawCandidate& candidate : draw.frozen().candidates()) candidates.insert(candidate.id());
  EXPECT_EQ(candidates, closed);
  ASSERT_EQ(draw.frozen().shares_size(), 2);
  EXPECT_EQ(draw.frozen().shares(0).group(), "水");
  EXPECT_EQ(draw.frozen().shares(0).count(), 2);
  EXPECT_EQ(draw.frozen().shares(1).count(), 1);
  EXPECT_EQ(std::vector<std::string>(dues[0].population().begin(), dues[0].population().end()),
            std::vector<std::string>(draw.made().drawn().begin(), draw.made().drawn().end()));
  // Anybody makes it again.
  EXPECT_EQ(store::Sha256Hex(engine::CanonicalText(draw.frozen())), draw.frozen().digest());
  EXPECT_EQ(draw.seeded().seed().size(), 64u);
  const std::vector<std::string> again = engine::Drawn(draw.frozen(), draw.seeded().seed(),
                                                       [](absl::string_view bytes) { return store::Sha256Hex(bytes); });
  EXPECT_EQ(again, std::vector<std::string>(draw.made().drawn().begin(), draw.made().drawn().end()));
  // And of each a look-back is opened that follows up on it.
  std::set<std::string> followed;
  for (const v1::LedgerRow& row : LookBacks(kSupervisor)) {
    const v1::Case shown = office.Show(kSupervisor, row.case_());
    followed.insert(shown.parent());
    EXPECT_EQ(row.subject(), "河道");
    EXPECT_EQ(row.parties(1).ids(0), "units/zhujian");
  }
  EXPECT_EQ(followed, std::set<std::string>(draw.made().drawn().begin(), draw.made().drawn().end()));
  // In December nothing has ended since September: nothing is drawn, and nothing opened.
  office.Advance(At("2026-12-22 09:00"));
  ASSERT_THAT(Dues(), SizeIs(2));
  EXPECT_THAT(Dues()[1].population(), IsEmpty());
  EXPECT_EQ(Dues()[1].draw(), "");
  EXPECT_EQ(Dues()[1].job(), "");
  ExpectDerived(office.store());
}

TEST_F(CasePlans, WhoeverIsVisitedCanTellItFromNothing) {
  for (int i = 0; i < 5; ++i) Closed("水");
  office.Advance(At("2026-07-01 09:00"));
  const std::string name = Closed("水");
  Put();
  const auto seen = [&] {
    std::string all;
    for (const v1::EventRecord& record : office.Events(kHousing)) absl::StrAppend(&all, record.ShortDebugString());
    const v1::QueryLedgerResponse ledger = office.Ledger(kHousing);
    for (const v1::LedgerRow& row : ledger.rows()) absl::StrAppend(&all, row.ShortDebugString());
    v1::Case shown = office.Show(kHousing, name);
    absl::StrAppend(&all, shown.ShortDebugString(), office.Ledger(kHousing).total_size());
    v1::ListJobsRequest jobs;
    absl::StrAppend(&all, office.MustRead(office.node().ListJobs(kHousing, jobs)).jobs_size());
    v1::ListDrawsRequest draws;
    absl::StrAppend(&all, office.MustRead(office.node().ListDraws(kHousing, draws)).draws_size());
    return all;
  };
  office.Advance(At("2026-09-20 09:00"));
  const std::string before = seen();
  office.Advance(At("2026-09-22 09:00"));
  ASSERT_THAT(LookBacks(kSupervisor), SizeIs(1));
  EXPECT_EQ(seen(), before);
  EXPECT_THAT(LookBacks(kHousing), IsEmpty());
  v1::GetDrawRequest get;
  get.set_draw(Dues()[0].draw());
  EXPECT_EQ(ReasonOf(office.node().GetDraw(kHousing, get)), "DRAW_NOT_FOUND");
}

TEST_F(CasePlans, CasesThatWhoeverOpensDoesNotSeeAreNotInThePopulation) {
  office.Advance(At("2026-07-01 09:00"));
  const std::string own = Closed("水");
  Closed("水", "units/shuiwu", kWater);
  v1::PutPlanRequest preview = Request({{", share: 20%, per: category, at_least: 1", ""}});
  preview.set_validate_only(true);
  const v1::PutPlanResponse shown = office.MustRead(office.node().PreviewPlan(kSupervisor, preview));
  EXPECT_EQ(shown.plan().population(), 1);
  EXPECT_EQ(shown.plan().whom().zh(), "“问题整改”中处于“已销号”、到期日前3个月内结束的事项");
  // Of what the one who asks does not see himself nothing is counted, whoever would open them.
  v1::ApplyDirectoryRequest request;
  request.set_idempotency_key("administrator");
  v1::Post& post = *request.add_posts();
  post.set_name("posts/guanli");
  post.set_title("管理员");
  post.set_unit("units/shuiwu");
  post.add_holders(kWater);
  post.add_rights("administer");
  office.Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, request));
  EXPECT_EQ(office.MustRead(office.node().PreviewPlan(kWater, preview)).plan().population(), 0);
  Put({{", share: 20%, per: category, at_least: 1", ""}});
  office.Advance(At("2026-09-22 09:00"));
  ASSERT_EQ(Dues()[0].population_size(), 1);
  EXPECT_EQ(Dues()[0].population(0), own);
  EXPECT_EQ(Dues()[0].draw(), "") << "all are taken";
}

TEST_F(CasePlans, ACaseThatCannotBeVisitedIsListedInTheJobAndTheOthersGoOn) {
  office.Advance(At("2026-07-01 09:00"));
  Closed("水", "units/ducha");
  // Nobody is visited by himself.
  Put({{"visited: other", "visited: office"}, {", share: 20%, per: category, at_least: 1", ""}});
  office.Advance(At("2026-09-22 09:00"));
  v1::GetJobRequest get;
  get.set_job(Dues()[0].job());
  const v1::Job job = office.MustRead(office.node().GetJob(kSupervisor, get)).job();
  EXPECT_EQ(job.state(), v1::JOB_STATE_DONE);
  EXPECT_EQ(job.changed(), 0);
  ASSERT_EQ(job.refusals_size(), 1);
  EXPECT_EQ(job.refusals(0).reason(), "PARTY_NOT_ALLOWED");
}

constexpr char kAgain[] = R"yaml(
procedure: again
title: {zh: 再看}
may_open: [inspecting]
parties:
  inspecting: {kind: unit, title: {zh: 检查单位}}
  visited:    {kind: unit, title: {zh: 被查单位}}
fields:
  problem: {title: {zh: 原问题}, type: text, required: true}
stages:
  planned:
    title: {zh: 待检查}
    sees: [inspecting]
    no_deadline: 试验
    actions:
      hold:    {title: {zh: 未反弹}, by: inspecting, to: held}
      rebound: {title: {zh: 已反弹}, by: inspecting, to: back}
  held: {title: {zh: 有效}, end: done}
  back: {title: {zh: 反弹}, end: failed, reopens: {case: parent, to: rectifying}}
)yaml";

TEST_F(CasePlans, WhatOnlyAPlanOpensMayReopenTheCaseItFollowsUpOn) {
  const auto set = [&](const std::vector<std::string>& files) {
    v1::PublishProcedureRequest request;
    for (const std::string& text : files) {
      request.add_files()->set_path("file.yaml");
      request.mutable_files(request.files_size() - 1)->set_text(text);
    }
    request.set_idempotency_key(office.FreshKey());
    return request;
  };
  const std::string plan = absl::StrReplaceAll(kQuarter, {{"procedure: lookback", "procedure: again"}});
  // Opened by nobody it has no case to reopen; and the plan's cases must have the stage.
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, set({kAgain}))), "PROCEDURE_REFUSED");
  EXPECT_EQ(ReasonOf(office.Call(
                kOperatorPerson,
                set({absl::StrReplaceAll(kAgain, {{"parent, to: rectifying", "parent, to: closed"}}), plan}))),
            "PROCEDURE_REFUSED");
  office.Must<v1::PublishProcedureResponse>(office.Call(kOperatorPerson, set({kAgain, plan})));
  // A further version alone is opened by the plan that stands.
  office.Must<v1::PublishProcedureResponse>(office.Call(kOperatorPerson, set({kAgain})));
  office.Advance(At("2026-07-01 09:00"));
  const std::string name = Closed("水");
  office.Advance(At("2026-09-22 09:00"));
  v1::QueryLedgerRequest query;
  query.mutable_filter()->set_procedure("again");
  const v1::QueryLedgerResponse opened = office.Ledger(kSupervisor, query);
  ASSERT_EQ(opened.rows_size(), 1);
  office.Act(kSupervisor, opened.rows(0).case_(), "rebound");
  EXPECT_EQ(office.Show(kHousing, name).round(), 2u);
}

TEST(PlanOfCases, CutShortAtTwentyPointsDrawsOnceAndOpensEachOnce) {
  auto cut_store = std::make_shared<CutStore>();
  Office office({.own_thread = false, .start = "2026-07-01 09:00", .job_lot_items = 1}, cut_store);
  office.Publish("fix", kFix);
  for (int i = 0; i < 3; ++i) {
    v1::OpenCaseRequest request = office.Matter("fix", "units/zhujian", absl::StrCat("第", i, "件"));
    const std::string name = office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request)).case_();
    office.Act(kHousing, name, "close");
  }
  v1::PutPlanRequest put;
  put.mutable_file()->set_path("daily.yaml");
  put.mutable_file()->set_text(
      absl::StrReplaceAll(kQuarter, {{"plan: quarter", "plan: daily"},
                                     {"\"FREQ=MONTHLY;BYMONTH=9,12;BYMONTHDAY=21\"", "FREQ=DAILY"},
                                     {"from: 2026-01-01", "from: 2026-07-02"},
                                     {"share: 20%, per: category, at_least: 1", "count: 2"}}));
  put.set_idempotency_key("put");
  office.Must<v1::PutPlanResponse>(office.Call(kSupervisor, put));
  constexpr int kCuts = 20;
  for (int round = 0; round < kCuts; ++round) {
    v1::AdvanceClockRequest advance;
    *advance.mutable_to() = engine::ToProto(At("2026-07-02 12:00") + absl::Hours(24 * round));
    advance.set_idempotency_key(absl::StrCat("day", round));
    cut_store->CutAt(1 + round % 4, round % 2 == 0);
    office.Call(kOperatorPerson, advance);
    ASSERT_TRUE(cut_store->is_cut()) << round;
    cut_store->Mend();
    office.Restart();
    office.Must<v1::AdvanceClockResponse>(office.Call(kOperatorPerson, advance));
  }
  std::set<std::string> draws;
  int opened = 0;
  for (const v1::EventRecord& record : office.Events(kAuditor)) {
    if (record.event().has_plan_due()) draws.insert(record.event().plan_due().draw());
    opened += record.event().case_opened().procedure() == "lookback" ? 1 : 0;
  }
  EXPECT_THAT(draws, SizeIs(kCuts));
  EXPECT_EQ(opened, 2 * kCuts);
  ExpectDerived(*cut_store);
}

// A ledger written by hand: rows that one viewer sees, the first of them the newest.
class ManyRows {
 public:
  void Add(int count) {
    store::Apply apply;
    const engine::Definition& is = engine::LedgerView().definition();
    for (int i = 0; i < count; ++i) {
      const std::string key = absl::StrCat("cases/", 1'000'000 + rows_);
      duban::state::v1::ViewEntry entry;
      entry.add_audience("units/ducha");
      v1::LedgerRow& row = *entry.mutable_row()->mutable_ledger();
      row.set_case_(key);
      row.set_procedure(rows_ % 5 == 0 ? "fix" : "other");
      row.set_stage("closed");
      row.set_end_kind(v1::END_KIND_DONE);
      apply.rows.push_back({Number(engine::Table::kViewRow), engine::ViewPrefix(is) + key, entry.SerializeAsString()});
      apply.rows.push_back({Number(engine::Table::kViewIndex),
                            absl::StrCat(engine::ViewIndexRun(is, "stage", "closed"), engine::KeyText("units/ducha"),
                                         engine::KeyNewest(static_cast<uint64_t>(rows_))),
                            key});
      ++rows_;
    }
    ASSERT_TRUE(store_->Write({}, apply).ok());
  }
  engine::Outcome<std::vector<v1::DrawCandidate>> Cases(const engine::Ids& viewer) {
    engine::Plan plan;
    plan.cases.emplace().procedure = "fix";
    plan.cases->stage = "closed";
    CaseCache cache(1);
    Batch batch({store_.get(), store_->NewSnapshot(), 0, EmptyLibrary(), AllKept({&engine::LedgerView()}), {}}, &cache);
    return PlanCases(batch, plan, engine::Day(2026, 9, 1), {viewer});
  }

 private:
  static uint8_t Number(engine::Table table) { return static_cast<uint8_t>(table); }

  std::unique_ptr<store::Store> store_ = store::NewMemoryStore();
  int rows_ = 0;
};

TEST(PlanOfCases, MoreThanMayStandInOneListIsRefusedAndNoPartOfThemTaken) {
  ManyRows ledger;
  ledger.Add(5 * engine::kCandidatesMax);
  const auto all = ledger.Cases({"units/ducha"});
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), static_cast<size_t>(engine::kCandidatesMax));
  EXPECT_EQ(all->front().id(), "cases/1000000") << "the oldest first";
  EXPECT_THAT(*ledger.Cases({"units/zhujian"}), IsEmpty());
  ledger.Add(1);
  const auto more = ledger.Cases({"units/ducha"});
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.rejection().reason, "PLAN_TOO_MANY_CASES");
}

}  // namespace
}  // namespace duban::node
