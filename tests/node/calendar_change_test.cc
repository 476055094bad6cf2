// A calendar that changes: what runs is counted again, by a job, in the open. The changes are those of 22 March 2019
// and of 27 January 2020, and a year that is published late.
#include <gmock/gmock.h>

#include "tests/node/support/permits.h"

namespace duban::node {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kExtendRequest[] = "extend_answer";

// Spring Festival 2020: an office on Monday 20 January, with the year as it was first announced.
class SpringFestival : public testing::Test {
 protected:
  SpringFestival() : office({.start = "2020-01-20 09:00"}) { office.PublishYear(FirstNoticeOf2020()); }
  // The extension is published, and the job comes to its end.
  v1::Job Extend() { return office.Ended(office.PublishYear(engine::NoticeOf(2020)).job()); }

  PermitOffice office;
};

TEST_F(SpringFestival, ExtendedByThreeDaysMovesWhatRunsAndSaysUnderWhichCalendar) {
  // Given an answer due in five working days: 21, 22, 23, 31 January and Saturday 1 February, which is worked.
  const std::string permit = office.Permit("临时占道");
  ASSERT_EQ(office.Due(permit), "2020-02-01");
  const uint64_t before = office.Revision(permit);
  // When the holiday is extended to 2 February.
  office.Advance(At("2020-01-27 10:00"));
  const uint64_t reminded = office.Revision(permit);
  const v1::PublishCalendarResponse published = office.PublishYear(engine::NoticeOf(2020));
  const v1::Job job = office.Ended(published.job());
  // Then the fourth day is 3 February, the fifth the 4th; what had been said before stays said.
  EXPECT_EQ(office.Due(permit), "2020-02-04");
  EXPECT_THAT(office.Since(permit, before),
              ElementsAre("RungFired answer remind:2wd 2020-01-24 00:00",
                          absl::StrCat("ClockMoved answer 2020-02-04 v", published.version())));
  EXPECT_EQ(job.state(), v1::JOB_STATE_DONE);
  EXPECT_EQ(job.looked_at(), 1);
  EXPECT_EQ(job.changed(), 1);
  EXPECT_EQ(job.total(), 1);
  // And the rest of its life follows the new day.
  office.Advance(At("2020-02-10 09:00"));
  EXPECT_THAT(
      office.Since(permit, reminded + 1),
      ElementsAre("RungFired answer light:yellow 2020-02-04 00:00", "RungFired answer due 2020-02-05 00:00",
                  "RungFired answer urge@0wd 2020-02-05 00:00", "RungFired answer circulate@3wd 2020-02-08 00:00"));
}

TEST_F(SpringFestival, WhoIsNotLateAnyMoreIsNotCalledLate) {
  // Given an answer that is overdue, urged and red on Monday 3 February, because the extension is published only then.
  const std::string permit = office.Permit("临时占道");
  office.Advance(At("2020-02-03 09:00"));
  ASSERT_EQ(office.Show(kHousing, permit).timeliness(), v1::TIMELINESS_OVERDUE);
  ASSERT_EQ(office.Show(kHousing, permit).light().colour(), "red");
  const uint64_t before = office.Revision(permit);
  Extend();
  // Then what has proved wrong is withdrawn: it is due tomorrow.
  EXPECT_EQ(office.Due(permit), "2020-02-04");
  EXPECT_THAT(office.Since(permit, before),
              ElementsAre("RungWithdrawn answer light:yellow", "RungWithdrawn answer due",
                          "RungWithdrawn answer urge@0wd", HasSubstr("ClockMoved answer 2020-02-04")));
  EXPECT_EQ(office.Show(kHousing, permit).light().colour(), "green");
  EXPECT_EQ(office.Show(kHousing, permit).timeliness(), v1::TIMELINESS_DUE_SOON);
  EXPECT_THAT(office.MustRead(office.node().ListAlerts(kHousing, {})).alerts(), SizeIs(1)) << "the reminder stands";
  // And answered on that day, it was never late.
  office.Advance(At("2020-02-04 17:00"));
  office.Act(kHousing, permit, "finish");
  const v1::Case answered = office.Show(kSupervisor, permit);
  for (const v1::CaseClock& clock : answered.clocks()) {
    if (clock.clock() == "answer") EXPECT_FALSE(clock.late());
  }
}

TEST_F(SpringFestival, WhatRunsFurtherAfterASuspensionIsCountedFromThere) {
  const std::string permit = office.Permit("临时占道");
  office.Advance(At("2020-01-21 09:00"));
  office.Do(kSupervisor, permit, "pause");
  office.Advance(At("2020-01-23 09:00"));
  office.Do(kSupervisor, permit, "resume");
  // Given four days left after the 23rd: 31 January, 1, 3 and 4 February.
  ASSERT_EQ(office.Due(permit), "2020-02-04");
  Extend();
  // Then 3, 4, 5 and 6 February.
  EXPECT_EQ(office.Due(permit), "2020-02-06");
}

TEST_F(SpringFestival, WhatIsSuspendedKeepsWhatIsLeft) {
  const std::string permit = office.Permit("临时占道");
  office.Advance(At("2020-01-21 09:00"));
  office.Do(kSupervisor, permit, "pause");
  const uint64_t before = office.Revision(permit);
  Extend();
  EXPECT_THAT(office.Since(permit, before), IsEmpty());
  office.Advance(At("2020-01-23 09:00"));
  office.Do(kSupervisor, permit, "resume");
  EXPECT_EQ(office.Due(permit), "2020-02-06");
}

TEST_F(SpringFestival, ADayThatSomebodyGaveStays) {
  // Given an extension to a stated day, and a day that was agreed.
  const std::string permit = office.Permit("临时占道");
  office.Do(kSupervisor, permit, "agree", {"fixed", "2020-02-05"});
  office.Do(kHousing, permit, kExtendRequest, {"due", "2020-02-05"});
  office.Do(kSupervisor, permit, "approve_extend_answer");
  const uint64_t before = office.Revision(permit);
  Extend();
  // Then neither moves, and since 3 and 4 February are worked in both, there is nothing to plan again.
  EXPECT_EQ(office.Due(permit), "2020-02-05");
  EXPECT_EQ(office.Due(permit, "visit"), "2020-02-05");
  EXPECT_THAT(office.Since(permit, before), IsEmpty());
}

TEST_F(SpringFestival, AReminderBeforeAGivenDayMovesWithTheCalendar) {
  const std::string permit = office.Permit("临时占道");
  office.Do(kSupervisor, permit, "agree", {"fixed", "2020-02-03"});
  const uint64_t before = office.Revision(permit);
  Extend();
  // Two working days before 3 February: 31 January as first announced, 22 January afterwards.
  office.Advance(At("2020-02-03 09:00"));
  EXPECT_THAT(office.Since(permit, before), testing::AllOf(Contains(HasSubstr("ClockMoved visit 2020-02-03")),
                                                           Contains("RungFired visit remind:2wd 2020-01-23 00:00")));
}

TEST_F(SpringFestival, ANoticeEndsLater) {
  const std::string permit = office.Permit("临时占道");
  office.Act(kHousing, permit, "finish");
  // Given a notice of five working days that counts both ends: 20 to 23 and 31 January.
  const uint64_t before = office.Revision(permit);
  Extend();
  EXPECT_THAT(office.Since(permit, before), ElementsAre("MoveRescheduled 2020-02-04 00:00"));
  office.Advance(At("2020-02-03 23:00"));
  EXPECT_EQ(office.Show(kSupervisor, permit).stage(), "notice");
  office.Advance(At("2020-02-04 00:00"));
  EXPECT_EQ(office.Show(kSupervisor, permit).stage(), "closed");
}

TEST_F(SpringFestival, WhatHasEndedStaysAsItWas) {
  const std::string permit = office.Permit("临时占道");
  office.Act(kHousing, permit, "finish");
  office.Advance(At("2020-02-02 09:00"));
  ASSERT_EQ(office.Show(kSupervisor, permit).stage(), "closed");
  const uint64_t before = office.Revision(permit);
  const v1::PublishCalendarResponse published = office.PublishYear(engine::NoticeOf(2020));
  EXPECT_EQ(published.job(), "") << "no case is open";
  EXPECT_THAT(office.Since(permit, before), IsEmpty());
}

TEST(LabourDay2019, MadeFourDaysWithWorkInExchangeMovesForwardAndBackward) {
  PermitOffice office({.start = "2019-04-24 09:00"});
  office.PublishYear(FirstNoticeOf2019());
  // Given two answers in five working days from Wednesday 24 and Thursday 25 April.
  const std::string first = office.Permit("甲");
  office.Advance(At("2019-04-25 09:00"));
  const std::string second = office.Permit("乙");
  ASSERT_EQ(office.Due(first), "2019-05-02");
  ASSERT_EQ(office.Due(second), "2019-05-03");
  // When the change is published late, on the first day that is worked again.
  office.Advance(At("2019-05-02 09:00"));
  const uint64_t before = office.Revision(first);
  const std::string job = office.PublishYear(engine::NoticeOf(2019)).job();
  EXPECT_EQ(office.Ended(job).changed(), 2);
  // Then the first was due on 30 April, because Sunday 28 April was worked, and its lateness fires as it would have.
  EXPECT_EQ(office.Due(first), "2019-04-30");
  office.Advance(At("2019-05-02 09:00"));
  EXPECT_THAT(office.Since(first, before),
              ElementsAre(HasSubstr("ClockMoved answer 2019-04-30"), "RungFired answer due 2019-05-01 00:00",
                          "RungFired answer urge@0wd 2019-05-01 00:00"));
  EXPECT_EQ(office.Show(kHousing, first).timeliness(), v1::TIMELINESS_OVERDUE);
  // And the second is due on Sunday 5 May.
  EXPECT_EQ(office.Due(second), "2019-05-05");
}

TEST_F(SpringFestival, ThePreviewIsWhatTheJobThenDoes) {
  std::vector<std::string> permits;
  for (int i = 0; i < 150; ++i) permits.push_back(office.Permit(absl::StrCat("事项", i)));
  for (int i = 0; i < 20; ++i) office.Do(kSupervisor, permits[i], "pause");
  for (int i = 20; i < 30; ++i) office.Act(kHousing, permits[i], "finish");
  const v1::JobPreview preview = office.PreviewYear(kOperatorPerson, engine::NoticeOf(2020));
  EXPECT_EQ(preview.looked_at(), 150);
  EXPECT_EQ(preview.changed(), 130);
  EXPECT_EQ(preview.refused(), 0);
  ASSERT_THAT(preview.changes(), SizeIs(130));
  EXPECT_EQ(preview.changes(0).item(), permits[20]);
  EXPECT_EQ(preview.changes(0).change().zh(), "自动转段 2020-02-01 → 2020-02-04");
  EXPECT_EQ(preview.changes(10).item(), permits[30]);
  EXPECT_EQ(preview.changes(10).change().zh(), "办理时限 2020-02-01 → 2020-02-04");
  EXPECT_EQ(preview.changes(10).number(), office.Show(kSupervisor, permits[30]).number());
  // And nothing has changed by looking.
  EXPECT_EQ(office.Due(permits[30]), "2020-02-01");

  const v1::Job job = Extend();
  EXPECT_EQ(job.looked_at(), preview.looked_at());
  EXPECT_EQ(job.changed(), preview.changed());
  for (const v1::JobChange& change : preview.changes()) {
    const std::string day = change.change().zh().substr(change.change().zh().size() - 10);
    const v1::Case now = office.Show(kSupervisor, change.item());
    if (now.stage() == "working") EXPECT_EQ(office.Due(change.item()), day);
    if (now.stage() == "notice") EXPECT_EQ(engine::FromProto(now.moves_at()), At(day + " 00:00"));
  }
  // And a second time there is nothing to do.
  EXPECT_EQ(office.PreviewYear(kOperatorPerson, engine::NoticeOf(2020)).changed(), 0);
}

}  // namespace
}  // namespace duban::node
