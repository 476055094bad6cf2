// What somebody may not see leaves no trace in anything he is given: no time, no position, no page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/node/support/office.h"

namespace duban::node {
namespace {

v1::GetCaseResponse ShowThen(Office& office, const std::string& viewer, const std::string& name, absl::Time then) {
  v1::GetCaseRequest request;
  request.set_case_(name);
  *request.mutable_as_of()->mutable_instant() = engine::ToProto(then);
  return Office::MustRead(office.node().GetCase(viewer, request));
}

TEST(Leaks, AskingForThePastTellsNotWhenSomethingHappenedElsewhere) {
  Office office({.virtual_clock = false});
  const std::string mine = office.Open("units/zhujian", "裸土未覆盖", "2026-09-30").case_();
  // Given a matter of another unit, opened at ten and received at eleven.
  office.clock().Set(At("2026-09-01 10:00"));
  const std::string theirs = office.Open("units/shuiwu", "管网渗漏").case_();
  office.clock().Set(At("2026-09-01 11:00"));
  office.Act(kWater, theirs, "acknowledge");
  office.clock().Set(At("2026-09-01 12:00"));
  office.Act(kHousing, mine, "acknowledge");
  office.clock().Set(At("2026-09-01 18:00"));
  // When somebody who does not see it asks for his own case minute by minute, then the answers differ in the minute
  // alone, until his own case changes.
  const std::string position = ShowThen(office, kHousing, mine, At("2026-09-01 09:30")).position();
  for (absl::Time then = At("2026-09-01 09:30"); then < At("2026-09-01 12:00"); then += absl::Minutes(15)) {
    const v1::GetCaseResponse shown = ShowThen(office, kHousing, mine, then);
    EXPECT_EQ(shown.position(), position);
    EXPECT_EQ(engine::FromProto(shown.timers_fired_to()), then);
    EXPECT_EQ(shown.case_().stage(), "issued");
  }
  const v1::GetCaseResponse after = ShowThen(office, kHousing, mine, At("2026-09-01 13:00"));
  EXPECT_NE(after.position(), position);
  EXPECT_EQ(after.case_().stage(), "rectifying");
  // And of what has not come yet nothing is claimed.
  EXPECT_EQ(engine::FromProto(ShowThen(office, kHousing, mine, At("2027-01-01 00:00")).timers_fired_to()),
            At("2026-09-01 18:00"));
}

TEST(Leaks, WhereACaseCameFromIsSaidInItsHistoryToThoseWhoSeeBothAndToNobodyElse) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-30").case_();
  office.Act(kHousing, order, "acknowledge");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kHousing, office.Submission(order)));
  office.Act(kReviewer, order, "accept");
  office.Advance(At("2026-09-20 09:00"));
  v1::QueryLedgerRequest lookbacks;
  lookbacks.mutable_filter()->set_procedure("lookback");
  const std::string lookback = office.Ledger(kSupervisor, lookbacks).rows(0).case_();
  EXPECT_EQ(office.Events(kSupervisor, lookback).front().event().case_opened().parent(), order);
}

// The other may approve an extension, and loses sight of the case while one waits.
constexpr char kLoan[] = R"(procedure: loan
title: {zh: 借阅, en: Loan}
may_open: [office]
subject: matter
parties:
  office: {kind: unit, title: {zh: 经办单位, en: Office}}
  other:  {kind: unit, title: {zh: 相关单位, en: Other}}
fields:
  matter: {title: {zh: 事项, en: Matter}, type: text, required: true}
  due:    {title: {zh: 时限, en: Due}, type: date}
stages:
  shared:
    title: {zh: 共同办理, en: Shared}
    actions:
      close_off: {title: {zh: 收回, en: Close off}, by: office, to: alone}
  alone:
    title: {zh: 单独办理, en: Alone}
    sees: [office]
    actions:
      finish: {title: {zh: 办结, en: Finish}, by: office, to: done}
  done: {title: {zh: 已办结, en: Done}, end: done, sees: [office]}
clocks:
  keep:
    title: {zh: 归还时限, en: Return}
    from: shared
    until: [done]
    due: due
    extend: {title: {zh: 延期, en: Extend}, by: office, approved_by: other, needs: [due]}
)";

TEST(Leaks, WhatIsHiddenLeavesNoPageInTheWorklist) {
  Office office;
  office.Publish("loan", kLoan);
  v1::OpenCaseRequest request = office.Matter("loan", "units/zhujian", "卷宗");
  Office::SetField(request.mutable_fields(), "due")->set_date("2026-09-30");
  const std::string loan = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request)).case_();
  v1::ActOnCaseRequest extend = office.Action(loan, "extend_keep");
  Office::SetField(extend.mutable_fields(), "due")->set_date("2026-10-30");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, extend));
  const std::string own = office.Open("units/zhujian", "裸土未覆盖", "2026-09-10").case_();
  v1::ListWorklistRequest one;
  one.set_page_size(1);
  // Given two things that wait for a unit, of which one is then hidden from it.
  ASSERT_NE(Office::MustRead(office.node().ListWorklist(kHousing, one)).next_page_token(), "");
  office.Act(kSupervisor, loan, "close_off");
  // Then there is one page with the other.
  const v1::ListWorklistResponse page = Office::MustRead(office.node().ListWorklist(kHousing, one));
  ASSERT_EQ(page.items_size(), 1);
  EXPECT_EQ(page.items(0).case_(), own);
  EXPECT_EQ(page.next_page_token(), "");
}

// Watched in quiet for a while, then open to the other by itself.
constexpr char kQuiet[] = R"(procedure: quiet
title: {zh: 静观, en: Quiet}
may_open: [office]
subject: matter
parties:
  office: {kind: unit, title: {zh: 经办单位, en: Office}}
  other:  {kind: unit, title: {zh: 相关单位, en: Other}}
fields:
  matter: {title: {zh: 事项, en: Matter}, type: text, required: true}
stages:
  quiet:
    title: {zh: 静观, en: Quiet}
    sees: [office]
    after: {5 calendar days: shared}
    actions:
      note: {title: {zh: 记录, en: Note}, by: office, needs: [note]}
  shared:
    title: {zh: 共同办理, en: Shared}
    no_deadline: 测试
    actions:
      finish: {title: {zh: 办结, en: Finish}, by: office, to: done}
  done: {title: {zh: 已办结, en: Done}, end: done}
clocks:
  look: {title: {zh: 查看时限, en: Look}, from: quiet, until: [done], budget: 2 calendar days}
)";

TEST(Leaks, WhatFiredBeforeACaseOpensItselfStaysHiddenThoughBothFireAtOnceAfterDowntime) {
  Office office({.virtual_clock = false});
  office.Publish("quiet", kQuiet);
  const v1::OpenCaseRequest request = office.Matter("quiet", "units/zhujian", "事项");
  const std::string name = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request)).case_();
  // Given a node that is away while the quiet clock runs out and then the quiet ends.
  office.clock().Set(At("2026-09-10 09:00"));
  office.Restart();
  v1::ActOnCaseRequest comment = office.Action(name, "comment");
  comment.set_note("到场");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, comment));
  // Then the other learns that the case is there, and not what it did in quiet.
  ASSERT_EQ(office.Show(kHousing, name).stage(), "shared");
  const std::vector<v1::EventRecord> events = office.Events(kHousing, name);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.front().event().stage_entered().stage(), "shared");
  for (const v1::EventRecord& record : events) EXPECT_FALSE(record.event().has_rung_fired());
  EXPECT_GT(office.Events(kSupervisor, name).size(), events.size());
}

// --- Instants that cannot be --------------------------------------------------------------------------------------

TEST(Instants, ThatNoTimestampMayHoldAreRefusedWhereverTheyAreGiven) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-30").case_();
  for (const int64_t seconds :
       {int64_t{300'000'000'000}, int64_t{-70'000'000'000}, std::numeric_limits<int64_t>::max()}) {
    v1::AdvanceClockRequest advance;
    advance.mutable_to()->set_seconds(seconds);
    advance.set_idempotency_key(office.FreshKey());
    EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, advance)), "WRONG_INSTANT") << seconds;
    v1::ActOnCaseRequest act = office.Action(order, "comment");
    act.set_note("备注");
    act.set_reason("补录");
    act.mutable_occurred_at()->set_seconds(seconds);
    EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, act)), "WRONG_INSTANT") << seconds;
    v1::GetCaseRequest get;
    get.set_case_(order);
    get.mutable_as_of()->mutable_instant()->set_seconds(seconds);
    EXPECT_EQ(ReasonOf(office.node().GetCase(kHousing, get)), "WRONG_INSTANT") << seconds;
  }
  // Nothing has moved.
  EXPECT_EQ(engine::FromProto(office.Ledger(kHousing).timers_fired_to()), At("2026-09-01 09:00"));
}

}  // namespace
}  // namespace duban::node
