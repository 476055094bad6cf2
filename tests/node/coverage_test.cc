// A year that is published late: rungs and moves that waited for it, and that somebody was told months before.
#include <gmock/gmock.h>

#include "tests/node/support/permits.h"

namespace duban::node {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// 2027 has not been announced: a stand-in.
v1::CalendarYear StandIn2027() {
  v1::CalendarYear year;
  year.set_year(2027);
  v1::CalendarDay& day = *year.add_days();
  day.set_date("2027-01-01");
  day.set_type(v1::DAY_TYPE_HOLIDAY);
  day.set_title("元旦");
  return year;
}

constexpr char kBulletin[] = R"yaml(
procedure: bulletin
title: {zh: 公示}
may_open: [office]
parties:
  office: {kind: unit, right: issue, title: {zh: 主管单位}}
  other:  {kind: unit, title: {zh: 相对单位}}
fields: {matter: {title: {zh: 事项}, type: text, required: true}}
stages:
  waiting: {title: {zh: 等候}, after: {5 days: shown}}
  shown:   {title: {zh: 公示}, after: {10 working days: closed}}
  closed:  {title: {zh: 已结束}, end: done}
)yaml";

std::vector<std::string> Warnings(Office& office, const std::string& viewer) {
  std::vector<std::string> lines;
  for (const v1::EventRecord& record : office.Events(viewer, "calendar")) {
    if (!record.event().has_coverage_warned()) continue;
    const v1::CoverageWarned& warned = record.event().coverage_warned();
    lines.push_back(
        absl::StrCat(warned.last_day(), " said ", engine::Zone(8 * 3600).Format(engine::FromProto(warned.at()))));
  }
  return lines;
}

int CoverageAlerts(Office& office, const std::string& viewer) {
  int alerts = 0;
  const v1::ListAlertsResponse listed = office.MustRead(office.node().ListAlerts(viewer, {}));
  for (const v1::Alert& alert : listed.alerts()) alerts += alert.kind() == "coverage" ? 1 : 0;
  return alerts;
}

TEST(YearPublishedLate, PlansTheRungsAndMovesThatWaited) {
  PermitOffice office({.start = "2026-12-23 09:00"});
  office.Publish("bulletin", kBulletin);
  // Given an answer due on 30 December, whose ladder reaches into January, and a notice that would begin on the 28th.
  const std::string permit = office.Permit("临时占道");
  const std::string bulletin =
      office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, office.Matter("bulletin", "units/zhujian", "公示")))
          .case_();
  ASSERT_EQ(office.Due(permit), "2026-12-30");
  office.Advance(At("2026-12-30 09:00"));
  ASSERT_EQ(office.Show(kSupervisor, bulletin).stage(), "waiting") << "it is not guessed";
  const uint64_t before = office.Revision(permit);
  // When the year comes.
  const v1::Job job = office.Ended(office.PublishYear(StandIn2027()).job());
  EXPECT_EQ(job.changed(), 1);
  office.Advance(At("2027-01-06 09:00"));
  // Then the rung three working days after the due day, 31 December, 4 and 5 January, was planned by the job.
  EXPECT_THAT(
      office.Since(permit, before),
      ElementsAre(HasSubstr("ClockMoved answer 2026-12-30"), "RungFired answer due 2026-12-31 00:00",
                  "RungFired answer urge@0wd 2026-12-31 00:00", "RungFired answer circulate@3wd 2027-01-06 00:00"));
  // And the move happened at its own instant.
  const v1::Case shown = office.Show(kSupervisor, bulletin);
  EXPECT_EQ(shown.stage(), "shown");
  EXPECT_EQ(engine::FromProto(shown.stage_since()), At("2026-12-29 00:00"));
}

// Moves by plain days, for which no calendar is needed.
constexpr char kPlain[] = R"yaml(
procedure: plain
title: {zh: 等候}
may_open: [office]
parties:
  office: {kind: unit, right: issue, title: {zh: 主管单位}}
  other:  {kind: unit, title: {zh: 相对单位}}
fields: {matter: {title: {zh: 事项}, type: text, required: true}}
stages:
  waiting: {title: {zh: 等候}, after: {20 days: closed}}
  closed:  {title: {zh: 已结束}, end: done}
)yaml";

// An office in real time and without threads, with a matter that waits for 2027 since 29 December.
class WaitsForTheYear : public testing::Test {
 protected:
  WaitsForTheYear() : office_({.virtual_clock = false, .own_thread = false, .start = "2026-12-23 09:00"}) {
    office_.Publish("bulletin", kBulletin);
    office_.Publish("plain", kPlain);
    bulletin_ = Open("bulletin");
    plain_ = Open("plain");
    Pass("2026-12-30 09:00");
    EXPECT_EQ(StageOf(bulletin_), "waiting");
  }

  std::string Open(const std::string& procedure) {
    return Office::Must<v1::OpenCaseResponse>(
               office_.Call(kSupervisor, office_.Matter(procedure, "units/zhujian", "事项")))
        .case_();
  }
  std::string StageOf(const std::string& name) { return office_.Show(kSupervisor, name).stage(); }
  // Sets the clock and lets the node work until it comes to rest.
  void Pass(const std::string& when) {
    office_.clock().Set(At(when));
    int turns = 0;
    while (office_.node().Pump()) ASSERT_LT(++turns, 100) << "what is set aside is tried again and again";
  }
  bool Held() { return Office::MustRead(office_.node().GetStats(kOperatorPerson, {})).timers_held(); }

  Office office_;
  std::string bulletin_, plain_;
};

TEST_F(WaitsForTheYear, HoldsNothingElseUpOverARestart) {
  // Given that it has waited for more than two weeks, in which the office worked.
  Pass("2027-01-08 09:00");
  Open("plain");
  // When the node is started again, and another matter is due.
  office_.clock().Set(At("2027-01-13 09:00"));
  office_.Restart();
  Pass("2027-01-13 09:00");
  // Then nobody takes the clock to have jumped.
  EXPECT_FALSE(Held());
  EXPECT_EQ(StageOf(plain_), "closed");
  EXPECT_EQ(StageOf(bulletin_), "waiting");
}

TEST_F(WaitsForTheYear, DoesNotHideThatTheClockJumped) {
  // Given a jump, and commands recorded after it.
  Pass("2027-02-01 09:00");
  EXPECT_TRUE(Held());
  Open("plain");
  // When the node is started again, then what could have fired tells that the jump was not confirmed.
  office_.Restart();
  Pass("2027-02-01 09:01");
  EXPECT_TRUE(Held());
  EXPECT_EQ(StageOf(plain_), "waiting");
  office_.options().confirm_time = true;
  office_.Restart();
  Pass("2027-02-01 09:02");
  EXPECT_FALSE(Held());
  EXPECT_EQ(StageOf(plain_), "closed");
}

TEST(Coverage, IsSaidNinetyAndThirtyDaysBeforeItEndsAndUntilTheNextYearIsPublished) {
  PermitOffice office({.start = "2026-09-01 09:00"});
  office.Advance(At("2026-10-01 23:59"));
  EXPECT_THAT(Warnings(office, kOperatorPerson), IsEmpty());
  office.Advance(At("2026-10-02 00:00"));
  EXPECT_THAT(Warnings(office, kOperatorPerson), ElementsAre("2026-12-31 said 2026-10-02 00:00"));
  EXPECT_EQ(CoverageAlerts(office, kOperatorPerson), 1);
  EXPECT_EQ(CoverageAlerts(office, kHousing), 0);
  EXPECT_THAT(Warnings(office, kHousing), IsEmpty());
  office.Restart();
  office.Advance(At("2026-12-02 09:00"));
  EXPECT_THAT(Warnings(office, kOperatorPerson),
              ElementsAre("2026-12-31 said 2026-10-02 00:00", "2026-12-31 said 2026-12-01 00:00"));
  EXPECT_EQ(CoverageAlerts(office, kOperatorPerson), 1) << "one alert, however often it is said";
  office.PublishYear(StandIn2027());
  EXPECT_EQ(CoverageAlerts(office, kOperatorPerson), 0);
  // And the stream's revisions go on without a gap, the year's version by one.
  uint64_t revision = 0;
  for (const v1::EventRecord& record : office.Events(kAuditor, "calendar")) EXPECT_EQ(record.revision(), ++revision);
  EXPECT_EQ(revision, 4u);
  office.Advance(At("2027-10-05 09:00"));
  EXPECT_THAT(Warnings(office, kOperatorPerson), Contains("2027-12-31 said 2027-10-02 00:00"));
}

TEST(Coverage, OfAYearThatIsAlmostOverIsSaidOnceAndAtOnce) {
  PermitOffice office({.virtual_clock = false, .own_thread = false, .start = "2026-12-20 09:00"});
  while (office.node().Pump()) {
  }
  EXPECT_THAT(Warnings(office, kOperatorPerson), ElementsAre("2026-12-31 said 2026-12-20 09:00"));
}

}  // namespace
}  // namespace duban::node
