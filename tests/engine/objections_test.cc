// Objections: one stands until it is settled, over all stages; while one stands the stage's timed move waits.
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "engine/cases/present.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kNotice[] = R"yaml(
procedure: notice
title: {zh: 公示, en: Notice}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 公示单位}}
  owner:  {kind: unit, title: {zh: 相关单位}}
fields:
  matter: {title: {zh: 公示事项}, type: text, required: true}
stages:
  published:
    title: {zh: 公示中}
    after: {10 days: granted}
    actions:
      object:  {title: {zh: 提出异议}, by: owner, objection: raise}
      answer:  {title: {zh: 答复异议}, by: issuer, objection: settle, needs: [reason]}
      inquire: {title: {zh: 转入核查}, by: issuer, to: inquiry, when: [objection_open]}
      confirm: {title: {zh: 提前确认}, by: issuer, to: granted, when: [{not: objection_open}]}
      drop:    {title: {zh: 撤回公示}, by: issuer, to: refused}
  inquiry:
    title: {zh: 核查}
    within: 20 days
    actions:
      clear:  {title: {zh: 核查完毕}, by: issuer, to: published}
      uphold: {title: {zh: 异议成立}, by: issuer, to: refused, objection: settle}
  granted: {title: {zh: 无异议}, end: done}
  refused: {title: {zh: 不予通过}, end: failed}
clocks:
  reply: {title: {zh: 答复时限}, from: "action:object", until: ["action:answer", granted, refused], budget: 30 days}
)yaml";

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kOwner[] = "persons/zhujian-jingban";

class ObjectionsTest : public testing::Test {
 protected:
  explicit ObjectionsTest(const std::string& procedure = kNotice)
      : desk(std::vector<SourceFile>{{"notice.yaml", procedure}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
    v1::OpenCaseRequest request;
    request.set_procedure("notice");
    v1::PartyBinding& owner = *request.add_parties();
    owner.set_party("owner");
    owner.add_ids("units/zhujian");
    *request.add_fields() = desk.Field("notice", "matter", "拟命名名单");
    EXPECT_FALSE(desk.Open("notice", kIssuer, request).refused);  // On 2026-09-01: it moves when 2026-09-11 is over.
  }
  Happened Object() { return desk.Act("notice", kOwner, "object"); }
  Happened Answer() { return desk.Act("notice", kIssuer, "answer", {}, "已核实"); }
  std::string Stage() { return desk.State("notice").stage(); }

  Desk desk;
};

TEST_F(ObjectionsTest, WithoutOneItMovesInTime) {
  EXPECT_THAT(desk.At("2026-09-12 00:00"), Contains("2026-09-12 00:00 notice: StageEntered granted"));
}

TEST_F(ObjectionsTest, WhileOneStandsTheTimedMoveWaits) {
  Object();
  EXPECT_THAT(desk.At("2026-09-15 09:00"), IsEmpty());
  EXPECT_EQ(Stage(), "published");
  EXPECT_EQ(desk.State("notice").objections(), 1);
}

TEST_F(ObjectionsTest, SettledLateItMovesAtOnceInTheSameCommit) {
  Object();
  desk.At("2026-09-15 09:00");
  const Happened answered = Answer();
  EXPECT_THAT(answered.events, Contains("notice: ActionTaken answer"));
  EXPECT_THAT(answered.events, Contains("notice: StageEntered granted"));
  // It entered when it was settled, not when it would have without the objection.
  EXPECT_EQ(FromProto(desk.State("notice").stage_since()), desk.Parse("2026-09-15 09:00"));
}

TEST_F(ObjectionsTest, SettledInTimeItMovesInTime) {
  Object();
  desk.At("2026-09-05 09:00");
  EXPECT_THAT(Answer().events, Not(Contains(HasSubstr("StageEntered"))));
  EXPECT_THAT(desk.At("2026-09-12 00:00"), Contains("2026-09-12 00:00 notice: StageEntered granted"));
}

TEST_F(ObjectionsTest, AllThatStandAreSettledTogether) {
  Object();
  Object();
  EXPECT_EQ(desk.State("notice").objections(), 2);
  Answer();
  EXPECT_EQ(desk.State("notice").objections(), 0);
}

TEST_F(ObjectionsTest, GuardsAskWhetherOneStands) {
  EXPECT_EQ(desk.Act("notice", kIssuer, "inquire").reason, "GUARD_FAILED");
  Object();
  EXPECT_EQ(desk.Act("notice", kIssuer, "confirm").reason, "GUARD_FAILED");
  EXPECT_FALSE(desk.Act("notice", kIssuer, "inquire").refused);
}

TEST_F(ObjectionsTest, ItStandsOverStagesUntilItIsSettled) {
  Object();
  desk.Act("notice", kIssuer, "inquire");
  EXPECT_EQ(desk.State("notice").objections(), 1);
  desk.Act("notice", kIssuer, "clear");
  // Published again on the first of September for ten days: the objection still holds it.
  EXPECT_THAT(desk.At("2026-09-14 09:00"), IsEmpty());
  EXPECT_THAT(Answer().events, Contains("notice: StageEntered granted"));
}

TEST_F(ObjectionsTest, TheEndOfTheCaseEndsThem) {
  Object();
  desk.Act("notice", kIssuer, "inquire");
  desk.Act("notice", kIssuer, "uphold");
  EXPECT_EQ(Stage(), "refused");
  EXPECT_EQ(desk.State("notice").objections(), 0);
}

TEST_F(ObjectionsTest, WhatEndsTheCaseOtherwiseEndsThemToo) {
  Object();
  ASSERT_FALSE(desk.Act("notice", kIssuer, "drop").refused);
  EXPECT_EQ(desk.State("notice").objections(), 0);
}

// Nobody is told of a day on which nothing will happen.
TEST_F(ObjectionsTest, WhileOneStandsTheCaseShowsNoDayOnWhichItMoves) {
  const auto shown = [&] {
    return PresentCase(*desk.procedures().Newest("notice"), desk.State("notice"), desk.directory().ViewerIds(kOwner),
                       {}, desk.directory(),
                       [](const auto&, const v1::Sealed&) -> std::optional<std::string> { return std::nullopt; });
  };
  EXPECT_EQ(FromProto(shown().moves_at()), desk.Parse("2026-09-12 00:00"));
  Object();
  EXPECT_FALSE(shown().has_moves_at());
  EXPECT_EQ(shown().objections(), 1);
  Answer();
  EXPECT_TRUE(shown().has_moves_at());
}

// Entered on the 15th, settled by what the paper says on the 5th: then nothing was late, and it moved in time.
TEST_F(ObjectionsTest, SettledBackThenItMovesWhenItWouldHave) {
  Object();
  desk.At("2026-09-15 09:00");
  desk.occurred = "2026-09-05 09:00";
  EXPECT_THAT(Answer().events, Contains("notice: StageEntered granted"));
  EXPECT_EQ(FromProto(desk.State("notice").stage_since()), desk.Parse("2026-09-12 00:00"));
}

// An objection that came in on the last day and is typed in after it: the case has moved on.
TEST_F(ObjectionsTest, RaisedForATimeBeforeTheMoveItComesTooLate) {
  desk.At("2026-09-14 09:00");
  desk.occurred = "2026-09-10 09:00";
  EXPECT_EQ(Object().reason, "OCCURRED_TOO_EARLY");
}

TEST_F(ObjectionsTest, ACaseWithOneStaysOnItsVersion) {
  Object();
  desk.Revise({"notice.yaml", kNotice});
  v1::Migration task;
  task.set_procedure("notice");
  task.set_from_version(1);
  task.set_to_version(2);
  EXPECT_EQ(desk.Migrate("notice", task).reason, "MIGRATION_OBJECTION");
  Answer();
  EXPECT_THAT(desk.Migrate("notice", task).events, Contains(HasSubstr("CaseMigrated 2 published")));
}

// What is granted is for the issuer alone: the move is in a commit of its own, for it has other readers.
class HiddenOutcome : public ObjectionsTest {
 protected:
  HiddenOutcome()
      : ObjectionsTest(absl::StrReplaceAll(kNotice, {{"granted: {title: {zh: 无异议}, end: done}",
                                                      "granted: {title: {zh: 无异议}, end: done, sees: [issuer]}"}})) {}
};

TEST_F(HiddenOutcome, BetweenSettlingAndMovingACalendarThatChangesTakesNothingBack) {
  Object();
  desk.At("2026-09-15 09:00");
  EXPECT_THAT(Answer().events, Not(Contains(HasSubstr("StageEntered"))));
  // Ten days from the first were over on the 11th: counted again, it would move before it was settled.
  EXPECT_THAT(desk.Recount("notice").events, IsEmpty());
  EXPECT_THAT(desk.At("2026-09-15 09:00"), Contains("2026-09-15 09:00 notice: StageEntered granted"));
  EXPECT_EQ(FromProto(desk.State("notice").stage_since()), desk.Parse("2026-09-15 09:00"));
}

constexpr char kTwice[] = R"yaml(
procedure: notice
title: {zh: 两次公示, en: Two notices}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 公示单位}}
  owner:  {kind: unit, title: {zh: 相关单位}}
fields:
  matter: {title: {zh: 公示事项}, type: text, required: true}
stages:
  published:
    title: {zh: 初次公示}
    after: {10 days: again}
    no_deadline: 试验
    actions:
      object: {title: {zh: 提出异议}, by: owner, objection: raise}
      answer: {title: {zh: 答复异议}, by: issuer, objection: settle, needs: [reason]}
  again: {title: {zh: 再次公示}, after: {10 working days: granted}, actions: {stop: {title: {zh: 停止}, by: issuer, to: granted}}}
  granted: {title: {zh: 无异议}, end: done}
)yaml";

class TwoNotices : public ObjectionsTest {
 protected:
  TwoNotices() : ObjectionsTest(kTwice) {}
};

// That the first notice was held says nothing of the second, which a changed calendar moves as any other.
TEST_F(TwoNotices, WhatWasHeldInOneStageIsNotHeldInTheNext) {
  Object();
  desk.At("2026-09-22 09:00");
  Answer();
  ASSERT_EQ(Stage(), "again");
  // Ten working days from Tuesday the 22nd, over two holidays: to 13 October.
  ASSERT_EQ(FromProto(desk.State("notice").moves_at()), desk.Parse("2026-10-14 00:00"));
  v1::CalendarYear without_holidays;
  without_holidays.set_year(2026);
  desk.calendar().Put(without_holidays, desk.calendar().version() + 1);
  desk.Recount("notice");
  EXPECT_EQ(FromProto(desk.State("notice").moves_at()), desk.Parse("2026-10-07 00:00"));
}

}  // namespace
}  // namespace duban::engine
