// What is entered later than it happened, through the whole node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/node/support/office.h"

namespace duban::node {
namespace {

v1::ActOnCaseRequest Typed(v1::ActOnCaseRequest request, const std::string& for_whom, const std::string& when) {
  request.set_entered_for(for_whom);
  request.set_reason("补录");
  *request.mutable_occurred_at() = engine::ToProto(At(when));
  return request;
}

TEST(LateEntry, ASubmissionInTimeThatIsTypedAfterTheDueInstantTakesAlertAndLatenessBack) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-08").case_();
  office.Act(kHousing, order, "acknowledge");
  office.Advance(At("2026-09-10 09:00"));
  ASSERT_EQ(office.Show(kHousing, order).timeliness(), v1::TIMELINESS_OVERDUE);
  const auto alerts = [&] { return Office::MustRead(office.node().ListAlerts(kHousing, {})).alerts_size(); };
  ASSERT_GT(alerts(), 0);
  // When the paper that came in time is typed, the alerts are gone; the review's own clock begins on the day it came.
  Office::Must<v1::ActOnCaseResponse>(
      office.Call(kOperatorPerson, Typed(office.Submission(order), kHousing, "2026-09-08 16:00")));
  EXPECT_EQ(alerts(), 0);
  const v1::Case shown = office.Show(kHousing, order);
  for (const v1::CaseClock& clock : shown.clocks()) EXPECT_FALSE(clock.late()) << clock.clock();
  // And the order ends in time.
  office.Act(kReviewer, order, "accept");
  office.Advance(At("2026-10-20 09:00"));
  EXPECT_EQ(office.Show(kHousing, order).timeliness(), v1::TIMELINESS_ENDED_ON_TIME);
}

TEST(LateEntry, FiresNothingWhileTimersAreHeld) {
  Office office({.virtual_clock = false});
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-08").case_();
  office.Act(kHousing, order, "acknowledge");
  // Given a clock that jumped past the due instant, so that timers wait for a confirmation.
  office.clock().Set(At("2026-09-30 09:00"));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  // When something is entered that happened before it was due, it waits too: behind it the timers would fire.
  v1::ActOnCaseRequest comment = office.Action(order, "comment");
  comment.set_note("电话询问");
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, Typed(comment, kHousing, "2026-09-02 10:00"))), "TIMERS_HELD");
  EXPECT_EQ(office.Events(kHousing, order).back().command(), "Act");
}

// A bug of ours: whoever might type for others saw, by typing for an auditor, every case there is.
TEST(LateEntry, RightsAreNotLentToWhoeverTypes) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-18").case_();
  // Given a clerk of another unit who may type for others.
  v1::Post clerk;
  clerk.set_name("posts/luru");
  clerk.set_title("录入岗");
  clerk.set_unit("units/shuiwu");
  clerk.add_holders(kWater);
  clerk.add_rights("enter");
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("clerk");
  *directory.add_posts() = clerk;
  Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  // Then for one who takes part he types, for one who sees it by right alone he does not, and no case is told from
  // none.
  v1::ActOnCaseRequest comment = office.Action(order, "comment");
  comment.set_note("电话询问");
  EXPECT_EQ(ReasonOf(office.Call(kWater, Typed(comment, kAuditor, "2026-09-01 09:00"))), "CASE_NOT_FOUND");
  v1::ActOnCaseRequest none = office.Action("cases/none", "comment");
  none.set_note("电话询问");
  EXPECT_EQ(ReasonOf(office.Call(kWater, Typed(none, kAuditor, "2026-09-01 09:00"))), "CASE_NOT_FOUND");
  v1::ActOnCaseRequest asked = office.Action(order, "comment");
  asked.set_note("电话询问");
  EXPECT_EQ(ReasonOf(office.Call(kWater, Typed(asked, kHousing, "2026-09-01 09:00"))), "");
}

}  // namespace
}  // namespace duban::node
