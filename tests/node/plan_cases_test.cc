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
#include "tests/node/support/versions.h"

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

// Of the cases of a plan those are visited that whoever opens them sees, whoever put the plan.
TEST_F(CasePlans, WhoeverPutsItTheCasesAreThoseThatTheOpenerSees) {
  v1::ApplyDirectoryRequest request;
  request.set_idempotency_key("administrator");
  v1::Post& post = *request.add_posts();
  post.set_name("posts/guanli");
  post.set_title("管理员");
  post.set_unit("units/shuiwu");
  post.add_holders(kWater);
  post.add_rights("administer");
  office.Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, request));
  office.Advance(At("2026-07-01 09:00"));
  const std::string supervised = Closed("水");
  Closed("水", "units/shuiwu", kWater);
  office.Must<v1::PutPlanResponse>(office.Call(kWater, Request({{", share: 20%, per: category, at_least: 1", ""}})));
  office.Advance(At("2026-09-22 09:00"));
  ASSERT_EQ(Dues()[0].population_size(), 1);
  EXPECT_EQ(Dues()[0].population(0), supervised);
}

// Who comes into the post sees what was drawn for it before; who has left it sees what he fixed himself, and no more.
TEST_F(CasePlans, WhatWasDrawnIsThePostsWhoeverHoldsIt) {
  office.Advance(At("2026-07-01 09:00"));
  for (int i = 0; i < 5; ++i) Closed("水");
  Put();
  office.Advance(At("2026-09-22 09:00"));
  const std::string drawn = Dues()[0].draw();
  v1::GetDrawRequest get;
  get.set_draw(drawn);
  EXPECT_EQ(ReasonOf(office.node().GetDraw(kReviewer, get)), "DRAW_NOT_FOUND");
  EXPECT_EQ(office.MustRead(office.node().ListDraws(kReviewer, {})).draws_size(), 0);
  const auto given_to = [&](const std::string& person) {
    v1::ApplyDirectoryRequest request;
    request.set_idempotency_key(office.FreshKey());
    v1::Post& post = *request.add_posts();
    post.set_name("posts/duchayi-kezhang");
    post.set_title("督查一科科长");
    post.set_unit("units/ducha");
    post.add_holders(person);
    post.add_rights("issue");
    office.Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, request));
  };
  given_to(kReviewer);
  EXPECT_EQ(office.MustRead(office.node().GetDraw(kReviewer, get)).draw().made().drawn_size(), 1);
  ASSERT_EQ(office.MustRead(office.node().ListDraws(kReviewer, {})).draws_size(), 1);
  EXPECT_THAT(office.Events(kReviewer, drawn), SizeIs(3));
  // He draws again, with a reason.
  v1::FreezeDrawRequest again;
  again.set_title("季度回头看（重抽）");
  again.set_redraws(drawn);
  again.set_reason("抽中的正在审计");
  const v1::Draw before = office.MustRead(office.node().GetDraw(kReviewer, get)).draw();
  for (const v1::DrawCandidate& one : before.frozen().candidates()) again.add_candidates()->set_id(one.id());
  again.add_shares()->set_count(1);
  again.set_idempotency_key(office.FreshKey());
  office.Must<v1::FreezeDrawResponse>(office.Call(kReviewer, again));
  office.Restart();
  EXPECT_EQ(ReasonOf(office.node().GetDraw(kHousing, get)), "DRAW_NOT_FOUND");
  EXPECT_EQ(office.MustRead(office.node().ListDraws(kSupervisor, {})).draws_size(), 1) << "drawn in his name";
  ExpectDerived(office.store());
}

// What ended until the day before is looked back upon; what ends on the day itself, the next time.
TEST_F(CasePlans, AQuarterEndsWithTheDayBefore) {
  Put({{", share: 20%, per: category, at_least: 1", ""}});
  office.Advance(At("2026-09-20 23:59"));
  const std::string before = Closed("水");
  office.Advance(At("2026-09-21 00:00"));
  const std::string at_midnight = Closed("水");
  office.Advance(At("2026-09-21 08:00"));
  const std::string in_the_morning = Closed("水");
  office.Advance(At("2026-12-22 09:00"));
  const std::vector<v1::PlanDue> dues = Dues();
  ASSERT_THAT(dues, SizeIs(2));
  EXPECT_THAT(dues[0].population(), testing::ElementsAre(before));
  EXPECT_THAT(dues[1].population(), testing::ElementsAre(at_midnight, in_the_morning));
}

// A name of a group with a line end in it would make two populations read alike.
TEST_F(CasePlans, GroupsAreNamedInOneLine) {
  office.Advance(At("2026-07-01 09:00"));
  Closed("水\t气");
  Closed("水\n气");
  Put();
  office.Advance(At("2026-09-22 09:00"));
  const v1::Draw draw = Draw(Dues()[0].draw());
  ASSERT_EQ(draw.frozen().shares_size(), 1);
  EXPECT_EQ(draw.frozen().shares(0).group(), "水 气");
  EXPECT_EQ(draw.frozen().shares(0).count(), 1);
}

TEST_F(CasePlans, SoManyOfEachKindOrAllWhereThereAreFewer) {
  office.Advance(At("2026-07-01 09:00"));
  for (int i = 0; i < 4; ++i) Closed("水");
  Closed("路");
  Put({{"share: 20%, per: category, at_least: 1", "count: 2, per: category"}});
  // Another takes a fifth, and of so few at least three.
  Put({{"plan: quarter", "plan: third"}, {"at_least: 1", "at_least: 3"}});
  office.Advance(At("2026-09-22 09:00"));
  EXPECT_EQ(Dues()[0].population_size(), 3);
  const auto thirds = office.Events(kAuditor, "plans/third");
  EXPECT_EQ(thirds.back().event().plan_due().population_size(), 4) << "three, and the one";
}

constexpr char kDated[] = R"yaml(
procedure: dated
title: {zh: 限时事项}
may_open: [office]
parties:
  office: {kind: unit, title: {zh: 交办单位}}
  other:  {kind: unit, title: {zh: 责任单位}}
fields:
  matter: {title: {zh: 存在问题}, type: text, required: true}
stages:
  rectifying: {title: {zh: 整改中}, actions: {submit: {title: {zh: 送审}, by: other, to: checking}, close: {title: {zh: 销号}, by: other, to: closed}}}
  checking:   {title: {zh: 审核}, actions: {close: {title: {zh: 销号}, by: office, to: closed}}}
  closed:     {title: {zh: 已销号}, end: done}
clocks:
  main: {title: {zh: 整改时限}, from: rectifying, until: [closed], budget: 10 days, charged_to: other}
lights:
  - {colour: green}
  - {colour: red, overdue: true}
)yaml";

TEST_F(CasePlans, EachWordOfItsFilterNarrowsIt) {
  office.Publish("dated", kDated);
  const auto open = [&](const std::string& other) {
    return office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, office.Matter("dated", other, "河道"))).case_();
  };
  // Given: ended in time; ended late; open and overdue, in another stage; open and in time, of another unit. And one of
  // another procedure.
  const std::string in_time = open("units/zhujian"), late = open("units/zhujian"), overdue = open("units/zhujian");
  Closed("水");
  office.Act(kHousing, in_time, "close");
  office.Act(kHousing, overdue, "submit");
  office.Advance(At("2026-06-15 09:00"));
  office.Act(kHousing, late, "close");
  open("units/shuiwu");
  const auto taken = [&](const std::string& words) {
    v1::PutPlanRequest preview =
        Request({{"procedure: fix, stage: closed, ended_within: 3 months", absl::StrCat("procedure: dated", words)},
                 {", share: 20%, per: category, at_least: 1", ""}});
    preview.set_validate_only(true);
    const v1::PutPlanResponse shown = office.MustRead(office.node().PreviewPlan(kSupervisor, preview));
    EXPECT_EQ(shown.findings_size(), 0) << words << ": " << shown.ShortDebugString();
    return shown.plan().population();
  };
  EXPECT_EQ(taken(""), 4);
  EXPECT_EQ(taken(", state: open"), 2);
  EXPECT_EQ(taken(", state: ended"), 2);
  EXPECT_EQ(taken(", stage: checking"), 1);
  EXPECT_EQ(taken(", light: red"), 1);
  EXPECT_EQ(taken(", timeliness: overdue"), 1);
  EXPECT_EQ(taken(", party: units/shuiwu"), 1);
  EXPECT_EQ(taken(", ended_within: 2 months"), 2) << "what has ended, without its being said";
  office.Advance(At("2026-07-01 09:00"));
  EXPECT_EQ(taken(", ended_within: 20 days"), 1) << "the late one alone";
}

// The window is that of the day for which it came due, not of the day on which somebody was there again.
TEST(PlanOfCases, AfterTimeInWhichNobodyWasThereItTakesWhatItWouldHaveTaken) {
  Office office({.virtual_clock = false, .own_thread = false, .start = "2026-09-12 09:00"});
  office.Publish("fix", kFix);
  const auto pump = [&] {
    while (office.node().Pump()) {
    }
  };
  const std::string name =
      office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, office.Matter("fix", "units/zhujian", "河道")))
          .case_();
  office.Act(kHousing, name, "close");
  v1::PutPlanRequest put;
  put.mutable_file()->set_path("quarter.yaml");
  put.mutable_file()->set_text(absl::StrReplaceAll(kQuarter, {{", share: 20%, per: category, at_least: 1", ""},
                                                              {"ended_within: 3 months", "ended_within: 10 days"}}));
  put.set_idempotency_key("put");
  office.Must<v1::PutPlanResponse>(office.Call(kSupervisor, put));
  // On 21 September the case has ended within ten days; on 3 October it has not.
  office.clock().Set(At("2026-09-20 09:00"));
  office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, office.Matter("fix", "units/shuiwu", "路面")));
  office.clock().Set(At("2026-10-03 09:00"));
  office.Restart();
  pump();
  std::vector<v1::PlanDue> dues;
  for (const v1::EventRecord& record : office.Events(kAuditor, "plans/quarter")) {
    if (record.event().has_plan_due()) dues.push_back(record.event().plan_due());
  }
  ASSERT_THAT(dues, SizeIs(1));
  EXPECT_EQ(engine::FromProto(dues[0].at()), At("2026-09-21 09:00"));
  EXPECT_THAT(dues[0].population(), testing::ElementsAre(name));
}

// While the ledger is being built nobody knows which cases there are: the plan waits, and takes them all when it is
// there. Nothing is opened for a part of them, and nothing is passed over.
TEST(PlanOfCases, WhileTheLedgerIsBeingBuiltItWaits) {
  Office office({.own_thread = false, .views = &AllAt(1), .start = "2026-07-01 09:00"});
  office.Publish("fix", kFix);
  std::vector<std::string> closed;
  for (int i = 0; i < 3; ++i) {
    const v1::OpenCaseRequest request = office.Matter("fix", "units/zhujian", absl::StrCat("第", i, "件"));
    closed.push_back(office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request)).case_());
    office.Act(kHousing, closed.back(), "close");
  }
  v1::PutPlanRequest put;
  put.mutable_file()->set_path("quarter.yaml");
  put.mutable_file()->set_text(absl::StrReplaceAll(kQuarter, {{", share: 20%, per: category, at_least: 1", ""}}));
  put.set_idempotency_key("put");
  office.Must<v1::PutPlanResponse>(office.Call(kSupervisor, put));
  office.Advance(At("2026-09-20 09:00"));
  const auto dues = [&] {
    std::vector<v1::PlanDue> out;
    for (const v1::EventRecord& record : office.Events(kAuditor, "plans/quarter")) {
      if (record.event().has_plan_due()) out.push_back(record.event().plan_due());
    }
    return out;
  };
  // Given a program that keeps the ledger otherwise and cannot serve the old one.
  office.options().views = &AllAt(2);
  office.options().build_slice_commits = 1;
  office.Restart();
  ASSERT_EQ(ReasonOf(office.node().QueryLedger(kAuditor, {})), "VIEW_BUILDING");
  // When its time comes.
  v1::AdvanceClockRequest advance;
  *advance.mutable_to() = engine::ToProto(At("2026-09-22 09:00"));
  advance.set_idempotency_key("late");
  const auto advanced = office.Must<v1::AdvanceClockResponse>(office.Call(kOperatorPerson, advance));
  ASSERT_EQ(ReasonOf(office.node().QueryLedger(kAuditor, {})), "VIEW_BUILDING") << "the test needs more to build";
  EXPECT_THAT(dues(), IsEmpty());
  // A preview says the same: nobody is told of a population of none.
  put.set_validate_only(true);
  EXPECT_EQ(ReasonOf(office.node().PreviewPlan(kSupervisor, put)), "VIEW_BUILDING");
  // Then, when it is there, it comes due for its own day, once, with all of them.
  while (office.node().Pump()) {
  }
  ASSERT_THAT(dues(), SizeIs(1));
  EXPECT_EQ(engine::FromProto(dues()[0].at()), At("2026-09-21 09:00"));
  EXPECT_THAT(dues()[0].population(), testing::ElementsAreArray(closed));
  v1::QueryLedgerRequest query;
  query.mutable_filter()->set_procedure("lookback");
  EXPECT_EQ(office.Ledger(kSupervisor, query).rows_size(), 3);
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

uint8_t Number(engine::Table table) { return static_cast<uint8_t>(table); }

// Index entries of closed cases that one viewer sees, the first of them the newest.
store::RowChange EntryByHand(int row) {
  const engine::Definition& is = engine::LedgerView().definition();
  return {Number(engine::Table::kViewIndex),
          absl::StrCat(engine::ViewIndexRun(is, "stage", "closed"), engine::KeyText("units/ducha"),
                       engine::KeyNewest(static_cast<uint64_t>(row))),
          absl::StrCat("cases/", 1'000'000 + row)};
}

// Rows of the ledger with their entries; each `nth` is of the procedure that the plan asks for.
std::vector<store::RowChange> RowsByHand(int from, int count, int nth) {
  const engine::Definition& is = engine::LedgerView().definition();
  std::vector<store::RowChange> out;
  for (int i = from; i < from + count; ++i) {
    duban::state::v1::ViewEntry entry;
    entry.add_audience("units/ducha");
    v1::LedgerRow& row = *entry.mutable_row()->mutable_ledger();
    row.set_case_(absl::StrCat("cases/", 1'000'000 + i));
    row.set_procedure(i % nth == 0 ? "fix" : "other");
    row.set_stage("closed");
    row.set_end_kind(v1::END_KIND_DONE);
    out.push_back({Number(engine::Table::kViewRow), engine::ViewPrefix(is) + row.case_(), entry.SerializeAsString()});
    out.push_back(EntryByHand(i));
  }
  return out;
}

// A ledger written by hand.
class ManyRows {
 public:
  void Add(std::vector<store::RowChange> rows) {
    store::Apply apply;
    apply.rows = std::move(rows);
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
  std::unique_ptr<store::Store> store_ = store::NewMemoryStore();
};

TEST(PlanOfCases, MoreThanMayStandInOneListIsRefusedAndNoPartOfThemTaken) {
  ManyRows ledger;
  ledger.Add(RowsByHand(0, 5 * engine::kCandidatesMax, 5));
  const auto all = ledger.Cases({"units/ducha"});
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), static_cast<size_t>(engine::kCandidatesMax));
  EXPECT_EQ(all->front().id(), "cases/1000000") << "the oldest first";
  EXPECT_THAT(*ledger.Cases({"units/zhujian"}), IsEmpty());
  ledger.Add(RowsByHand(5 * engine::kCandidatesMax, 1, 5));
  const auto more = ledger.Cases({"units/ducha"});
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.rejection().reason, "PLAN_TOO_MANY_CASES");
}

// Whoever looks at so many to find few is refused as well: it does not take those found until then for all.
TEST(PlanOfCases, MoreThanMayBeLookedAtIsRefused) {
  ManyRows ledger;
  std::vector<store::RowChange> entries = RowsByHand(0, 1, 1);
  for (int i = 1; i < static_cast<int>(limits::kPlanRowsMax); ++i) entries.push_back(EntryByHand(i));
  ledger.Add(std::move(entries));
  const auto all = ledger.Cases({"units/ducha"});
  ASSERT_TRUE(all.ok()) << all.rejection().reason;
  EXPECT_THAT(*all, SizeIs(1));
  ledger.Add({EntryByHand(static_cast<int>(limits::kPlanRowsMax))});
  const auto more = ledger.Cases({"units/ducha"});
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.rejection().reason, "PLAN_TOO_MANY_CASES");
}

// Where somebody looks for its cases he is told why there are none.
TEST_F(CasePlans, WhatTakesInTooManySaysSoInItsJobAndOpensNothing) {
  office.Advance(At("2026-07-01 09:00"));
  ASSERT_TRUE(office.store().WriteBeside(RowsByHand(0, engine::kCandidatesMax + 1, 1)).ok());
  Put({{", ended_within: 3 months}, share: 20%, per: category, at_least: 1", "}"}});
  office.Advance(At("2026-09-22 09:00"));
  ASSERT_THAT(Dues(), SizeIs(1));
  EXPECT_THAT(Dues()[0].population(), IsEmpty());
  v1::GetJobRequest get;
  get.set_job(Dues()[0].job());
  const v1::Job job = office.MustRead(office.node().GetJob(kSupervisor, get)).job();
  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(job.reason(), testing::HasSubstr(absl::StrCat(engine::kCandidatesMax)));
  EXPECT_THAT(LookBacks(kSupervisor), IsEmpty());
}

}  // namespace
}  // namespace duban::node
