// Open cases go to somebody else, or on under another version of their procedure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/order.h"

namespace duban::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kOwner[] = "persons/zhujian-jingban";
constexpr char kOther[] = "persons/shuiwu-jingban";
constexpr char kReviewer[] = "persons/ducha-yanshou";

class TransferTest : public testing::Test {
 protected:
  TransferTest() : desk({{"order.yaml", kOrder}, {"revisit.yaml", kRevisit}}) { EXPECT_THAT(desk.errors(), IsEmpty()); }

  void Open(const std::vector<std::string>& helpers = {}, const std::string& reviewer = "posts/ducha-yanshou") {
    v1::OpenCaseRequest request;
    request.set_procedure("order");
    const auto bind = [&](const char* party, const std::vector<std::string>& ids) {
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party);
      for (const std::string& id : ids) binding.add_ids(id);
    };
    bind("owner", {"units/zhujian"});
    bind("reviewer", {reviewer});
    if (!helpers.empty()) bind("helpers", helpers);
    *request.add_fields() = desk.Field("order", "problem", "裸土未覆盖");
    *request.add_fields() = desk.Field("order", "due", "2026-10-30");
    ASSERT_FALSE(desk.Open("order", kIssuer, request).refused);
    ASSERT_FALSE(desk.Act("order", kOwner, "acknowledge").refused);
  }
  static v1::HandOver Over(const std::string& from, const std::string& to) {
    v1::HandOver task;
    task.set_from(from);
    task.set_to(to);
    task.set_reason("机构合并");
    return task;
  }
  static v1::Migration To(uint32_t version, const std::map<std::string, std::string>& stages = {}) {
    return From(version - 1, version, stages);
  }
  static v1::Migration From(uint32_t from, uint32_t to, const std::map<std::string, std::string>& stages = {}) {
    v1::Migration task;
    task.set_procedure("order");
    task.set_from_version(from);
    task.set_to_version(to);
    for (const auto& [was, is] : stages) (*task.mutable_stages())[was] = is;
    return task;
  }
  std::vector<std::string> Bound(const std::string& party) {
    std::vector<std::string> out;
    for (const v1::BoundId& id : FindBound(desk.State("order"), party)->bound()) out.push_back(id.id());
    return out;
  }
  const duban::state::v1::ClockState& Clock(const std::string& name) {
    return *FindClockState(desk.State("order"), name);
  }
  void Revise(const std::vector<std::pair<std::string, std::string>>& changes) {
    desk.Revise({"order.yaml", absl::StrReplaceAll(kOrder, changes)});
    ASSERT_THAT(desk.errors(), IsEmpty());
  }

  Desk desk;
};

// --- Handing over ------------------------------------------------------------------------------------------------

TEST_F(TransferTest, WhoTakesOverActsIsChargedAndIsTold) {
  Open();
  EXPECT_THAT(desk.HandOver("order", Over("units/zhujian", "units/shuiwu")).events,
              ElementsAre("order: PartyRebound owner units/shuiwu"));
  EXPECT_THAT(Bound("owner"), ElementsAre("units/shuiwu"));
  EXPECT_THAT(Clock("rectify").charged_to(), ElementsAre("units/shuiwu"));
  EXPECT_EQ(desk.Act("order", kOwner, "report", {{"progress", "已进场"}}).reason, "NOT_YOUR_PART");
  EXPECT_FALSE(desk.Act("order", kOther, "report", {{"progress", "已进场"}}).refused);
  // Its instants stay; whoever they tell is another.
  EXPECT_THAT(desk.At("2026-11-01 00:00"), ElementsAre("2026-10-17 00:00 order: RungFired rectify remind:10wd",
                                                       "2026-10-28 00:00 order: RungFired rectify remind:3wd",
                                                       "2026-10-28 00:00 order: RungFired rectify light:yellow",
                                                       "2026-10-31 00:00 order: RungFired rectify due",
                                                       "2026-10-31 00:00 order: RungFired rectify urge@0wd"));
  for (const auto& fired : Clock("rectify").fired()) {
    EXPECT_THAT(fired.tell(), Not(Contains("units/zhujian"))) << fired.rung();
    if (fired.kind() == v1::RUNG_KIND_LIGHT) continue;
    EXPECT_THAT(fired.tell(), Contains("units/shuiwu")) << fired.rung();
  }
}

TEST_F(TransferTest, WhatHasFiredAndStandsTellsTheNewOneToo) {
  Open();
  desk.At("2026-11-02 09:00");
  desk.HandOver("order", Over("units/zhujian", "units/shuiwu"));
  ASSERT_THAT(Clock("rectify").fired(), Not(IsEmpty()));
  for (const auto& fired : Clock("rectify").fired()) EXPECT_THAT(fired.tell(), Not(Contains("units/zhujian")));
  EXPECT_TRUE(Clock("rectify").late());
}

TEST_F(TransferTest, AHeadGoesAlongWithItsUnit) {
  Open();
  // The ladder's last rung tells the issuer's head.
  v1::Event event;
  v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
  unit.set_name("units/duchaer");
  unit.set_title("督查二室");
  unit.set_head("posts/shuiwu-juzhang");
  desk.directory().Evolve(event);
  EXPECT_FALSE(desk.HandOver("order", Over("units/duchashi", "units/duchaer")).refused);
  desk.At("2026-11-09 00:00");
  const auto& last = *Clock("rectify").fired().rbegin();
  EXPECT_EQ(last.rung(), "circulate@5wd");
  EXPECT_THAT(last.tell(), ElementsAre("units/zhujian", "posts/shuiwu-juzhang"));
}

TEST_F(TransferTest, WhoTakesPartAlreadyTakesItOnce) {
  Open({"units/shuiwu", "units/shi"});
  ASSERT_FALSE(desk.HandOver("order", Over("units/shi", "units/shuiwu")).refused);
  EXPECT_THAT(Bound("helpers"), ElementsAre("units/shuiwu"));
}

TEST_F(TransferTest, NothingHappensWhereOneHasNoPartOrTheCaseHasEnded) {
  Open();
  EXPECT_THAT(desk.HandOver("order", Over("units/shuiwu", "units/zhujian")).events, IsEmpty());
  ASSERT_FALSE(desk.Act("order", kIssuer, "withdraw", {}, "误发").refused);
  EXPECT_THAT(desk.HandOver("order", Over("units/zhujian", "units/shuiwu")).events, IsEmpty());
}

TEST_F(TransferTest, NeverIsAskedOfWhoTakesOver) {
  Open();
  // The reviewer's post may not go to the owner's unit, nor the owner's part to the reviewer's.
  EXPECT_EQ(desk.HandOver("order", Over("posts/ducha-yanshou", "posts/zhujian-juzhang")).reason, "PARTY_NOT_ALLOWED");
  EXPECT_EQ(desk.HandOver("order", Over("units/zhujian", "units/duchashi")).reason, "PARTY_NOT_ALLOWED");
  // Nor to a post whose only holder has taken part.
  ASSERT_FALSE(desk.Act("order", kOwner, "submit", {{"result", "已改"}, {"evidence", "照片"}}).refused);
  v1::Event event;
  v1::Post& post = *event.mutable_post_put()->mutable_post();
  post.set_name("posts/shuiwu-lunhuan");
  post.set_title("轮换岗");
  post.set_unit("units/shuiwu");
  post.add_holders(kOwner);
  desk.directory().Evolve(event);
  EXPECT_TRUE(desk.HandOver("order", Over("posts/ducha-yanshou", "posts/shuiwu-lunhuan")).refused);
  EXPECT_THAT(Bound("reviewer"), ElementsAre("posts/ducha-yanshou"));
  EXPECT_FALSE(desk.HandOver("order", Over("posts/ducha-yanshou", "posts/shuiwu-jingban")).refused);
  EXPECT_FALSE(desk.Act("order", kOther, "accept").refused);
}

// --- Another version ---------------------------------------------------------------------------------------------

TEST_F(TransferTest, GoesOnInItsStageAndKeepsItsDeadline) {
  Open();
  Revise({{"title: {zh: 整改中}", "title: {zh: 整改}"}});
  EXPECT_THAT(desk.Migrate("order", To(2)).events, ElementsAre("order: CaseMigrated 2 rectifying"));
  EXPECT_EQ(desk.State("order").procedure_version(), 2u);
  EXPECT_EQ(desk.Migrate("order", To(2)).events.size(), 0u) << "once";
  EXPECT_FALSE(desk.Act("order", kOwner, "submit", {{"result", "已改"}, {"evidence", "照片"}}).refused);
}

TEST_F(TransferTest, TakesTheNewVersionsLadderWithoutGoingBackInTime) {
  Open();
  desk.At("2026-10-29 09:00");
  Revise({{"remind: [10 working days, 3 working days]", "remind: [10 working days, 5 working days, 1 working days]"}});
  EXPECT_THAT(desk.Migrate("order", To(2)).events,
              ElementsAre("order: CaseMigrated 2 rectifying", "order: ClockMoved rectify due 2026-10-30 23:59",
                          "order: RungSuppressed rectify remind:5wd"));
  EXPECT_THAT(desk.At("2026-10-31 00:00"), ElementsAre("2026-10-30 00:00 order: RungFired rectify remind:1wd",
                                                       "2026-10-31 00:00 order: RungFired rectify due",
                                                       "2026-10-31 00:00 order: RungFired rectify urge@0wd"));
}

TEST_F(TransferTest, AStageMayHaveAnotherNameAndItsDeadlineGoesOn) {
  Open();
  ASSERT_FALSE(desk.Act("order", kOwner, "submit", {{"result", "已改"}, {"evidence", "照片"}}).refused);
  desk.At("2026-09-03 09:00");
  Revise({{"  review:\n", "  checking:\n"}, {"to: review", "to: checking"}, {"paused, review,", "paused, checking,"}});
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_STAGE");
  EXPECT_THAT(desk.Migrate("order", To(2, {{"review", "checking"}})).events,
              ElementsAre("order: ClockStopped within_review fell away", "order: CaseMigrated 2 checking",
                          "order: ClockStarted within_checking due 2026-09-08 23:59"));
  EXPECT_FALSE(desk.Act("order", kReviewer, "reject", {}, "不合格").refused);
  EXPECT_EQ(desk.State("order").stage(), "rectifying");
}

TEST_F(TransferTest, DeadlinesThatTheNewVersionLacksFallAwayAndNewOnesBeginNow) {
  Open();
  desk.At("2026-09-10 09:00");
  Revise({{"  rectify:\n    title: {zh: 整改时限}\n    from: rectifying\n    until: [closed, recalled]\n    due: due\n",
           "  mend:\n    title: {zh: 整改时限}\n    from: rectifying\n    until: [closed, recalled]\n    budget: 20 "
           "working days\n"}});
  EXPECT_THAT(desk.Migrate("order", To(2)).events,
              ElementsAre("order: ClockStopped rectify fell away", "order: CaseMigrated 2 rectifying",
                          "order: ClockStarted mend due 2026-10-14 23:59"));
  EXPECT_FALSE(desk.State("order").late());
}

TEST_F(TransferTest, ATimedMoveIsTheNewVersions) {
  Open();
  ASSERT_FALSE(desk.Act("order", kOwner, "submit", {{"result", "已改"}, {"evidence", "照片"}}).refused);
  ASSERT_FALSE(desk.Act("order", kReviewer, "accept").refused);
  const auto before = FromProto(desk.State("order").moves_at());
  Revise({{"after: {10 working days: closed}", "after: {5 working days: closed}"}});
  ASSERT_FALSE(desk.Migrate("order", To(2)).refused);
  EXPECT_LT(FromProto(desk.State("order").moves_at()), before);
  EXPECT_EQ(desk.State("order").moves_to(), "closed");
}

TEST_F(TransferTest, WhatDoesNotFitIsRefused) {
  Open();
  ASSERT_FALSE(desk.Act("order", kOwner, "report", {{"progress", "已进场"}}).refused);
  Revise({{"progress:  {title: {zh: 进展}, type: text}", "progress:  {title: {zh: 进展}, type: number}"}});
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_FIELD");
  Revise({{"progress:  {title: {zh: 进展}, type: text}",
           "progress:  {title: {zh: 进展}, type: text, sealed: {sees: [issuer]}}"}});
  v1::Migration task = From(1, 3);
  EXPECT_EQ(desk.Migrate("order", task).reason, "MIGRATION_FIELD") << "what is open is not sealed afterwards";
  Revise({{"  helpers:  {kind: unit, title: {zh: 协办单位}, many: true, optional: true}",
           "  helpers:  {kind: unit, title: {zh: 协办单位}, many: true}"}});
  task.set_to_version(4);
  EXPECT_EQ(desk.Migrate("order", task).reason, "MIGRATION_PARTY");
  ASSERT_FALSE(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-11-20"}}, "连续降雨").refused);
  Revise(
      {{"    extend: {title: {zh: 延期}, by: owner, approved_by: issuer, at_most: 1 per round, needs: [due, reason]}\n",
        ""}});
  task.set_to_version(5);
  EXPECT_EQ(desk.Migrate("order", task).reason, "MIGRATION_REQUEST");
  EXPECT_EQ(desk.State("order").procedure_version(), 1u);
}

// --- What the new version would not let anybody finish
// -----------------------------------------------------------------

TEST_F(TransferTest, AReviewerWhomTheNewVersionForbidsKeepsTheOld) {
  Open();
  ASSERT_FALSE(desk.Act("order", kOwner, "submit", {{"result", "已改"}, {"evidence", "照片"}}).refused);
  Revise({{"never: {unit_of: [owner, helpers],", "never: {unit_of: [owner, helpers, issuer],"}});
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_PARTY");
  EXPECT_EQ(desk.State("order").procedure_version(), 1u);
  EXPECT_FALSE(desk.Act("order", kReviewer, "accept").refused) << "and goes on under it";
}

TEST_F(TransferTest, HandedToSomebodyWhomTheNewVersionAllowsItGoesAlong) {
  Open();
  Revise({{"never: {unit_of: [owner, helpers],", "never: {unit_of: [owner, helpers, issuer],"}});
  ASSERT_FALSE(desk.HandOver("order", Over("posts/ducha-yanshou", "posts/shuiwu-jingban")).refused);
  EXPECT_FALSE(desk.Migrate("order", To(2)).refused);
  ASSERT_FALSE(desk.Act("order", kOwner, "submit", {{"result", "已改"}, {"evidence", "照片"}}).refused);
  EXPECT_FALSE(desk.Act("order", kOther, "accept").refused);
}

TEST_F(TransferTest, WhoHasActedAlreadyIsNotShutOutAfterwards) {
  // Given that the issuer's clerk and reviewer is one person, who has paused the case once.
  Open({}, "posts/duchayi-kezhang");
  ASSERT_FALSE(desk.Act("order", kIssuer, "pause", {}, "等雨停").refused);
  ASSERT_FALSE(desk.Act("order", kIssuer, "resume").refused);
  Revise({{"acted_in: [submit]", "acted_in: [submit, pause]"}});
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_PARTY");
}

TEST_F(TransferTest, ARightThatNobodyThereHoldsIsNotAskedAfterwards) {
  Open();
  Revise({{"reviewer: {kind: post,", "reviewer: {kind: post, right: issue,"}});
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_PARTY");
}

TEST_F(TransferTest, WhatTheOldVersionForbidsTooIsNotTheNewOnesDoing) {
  Open();
  // Given that the reviewer's post has come to the owner's unit since the case was opened.
  desk.PutPost("posts/ducha-yanshou", "units/zhujian", kReviewer);
  Revise({{"title: {zh: 整改中}", "title: {zh: 整改}"}});
  EXPECT_FALSE(desk.Migrate("order", To(2)).refused);
}

TEST_F(TransferTest, SeveralWhoActTogetherDoNotBecomeCandidates) {
  Open({"units/shuiwu", "units/shi"});
  Revise({{"title: {zh: 协办单位}, many: true,", "title: {zh: 协办单位}, many: true, claimable: true,"}});
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_PARTY");
}

TEST_F(TransferTest, AFieldThatTheNewVersionRequiresMustBeThere) {
  Open();
  Revise(
      {{"progress:  {title: {zh: 进展}, type: text}", "progress:  {title: {zh: 进展}, type: text, required: true}"}});
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_FIELD");
  ASSERT_FALSE(desk.Act("order", kOwner, "report", {{"progress", "已进场"}}).refused);
  EXPECT_FALSE(desk.Migrate("order", To(2)).refused) << "once it is filled in";
}

TEST_F(TransferTest, WhatIsHeldFitsTheNewBounds) {
  Open();
  Revise({{"due:       {title: {zh: 整改时限}, type: date}",
           "due:       {title: {zh: 整改时限}, type: date, max: 2026-10-01}"}});
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_FIELD");
  Revise({{"problem:   {title: {zh: 存在问题}, type: text,",
           "problem:   {title: {zh: 存在问题}, type: text, max_bytes: 6,"}});
  EXPECT_EQ(desk.Migrate("order", From(1, 3)).reason, "MIGRATION_FIELD");
}

TEST_F(TransferTest, WhatWasAskedForStillFits) {
  Open();
  ASSERT_FALSE(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-11-20"}}, "连续降雨").refused);
  Revise({{"due:       {title: {zh: 整改时限}, type: date}",
           "due:       {title: {zh: 整改时限}, type: date, max: 2026-11-01}"}});
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_FIELD");
  ASSERT_FALSE(desk.Act("order", kIssuer, "refuse_extend_rectify", {}, "工期可赶").refused);
  EXPECT_FALSE(desk.Migrate("order", To(2)).refused);
}

TEST_F(TransferTest, ARequestToCallItOffGoesAlong) {
  Open();
  ASSERT_FALSE(desk.Act("order", kIssuer, "void", {}, "重复立项").refused);
  Revise({{"title: {zh: 整改中}", "title: {zh: 整改}"}});
  ASSERT_FALSE(desk.Migrate("order", To(2)).refused);
  EXPECT_FALSE(desk.Act("order", "persons/duchashi-zhuren", "approve_void").refused);
}

// --- What would happen at once
// -----------------------------------------------------------------------------------------

TEST_F(TransferTest, APublicNoticeIsNotCutShortUnlessItsStageIsNamed) {
  Open();
  ASSERT_FALSE(desk.Act("order", kOwner, "submit", {{"result", "已改"}, {"evidence", "照片"}}).refused);
  ASSERT_FALSE(desk.Act("order", kReviewer, "accept").refused);
  desk.At("2026-09-10 09:00");
  Revise({{"after: {10 working days: closed}", "after: {5 working days: closed}"}});
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_MOVES_AT_ONCE");
  EXPECT_FALSE(desk.Migrate("order", To(2, {{"publicity", "publicity"}})).refused);
  EXPECT_THAT(desk.At("2026-09-10 09:00"), Contains(HasSubstr("order: StageEntered closed")));
}

TEST_F(TransferTest, AMoveThatIsNewIsNotOverAtOnceEither) {
  Open();
  ASSERT_FALSE(desk.Act("order", kIssuer, "pause", {}, "等雨停").refused);
  desk.At("2026-09-20 09:00");
  Revise({{"    no_deadline: 中止期间不计时\n", "    after: {10 days: recalled}\n"}});
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_MOVES_AT_ONCE");
}

TEST_F(TransferTest, NobodyIsLateForWhatWasNotAskedOfHim) {
  Open();
  ASSERT_FALSE(desk.Act("order", kOwner, "submit", {{"result", "已改"}, {"evidence", "照片"}}).refused);
  desk.At("2026-09-07 09:00");
  // Given a stage that has got another name, and less time.
  Revise({{"  review:\n    title: {zh: 验收}\n    within: 5", "  checking:\n    title: {zh: 验收}\n    within: 2"},
          {"to: review", "to: checking"},
          {"paused, review,", "paused, checking,"}});
  EXPECT_EQ(desk.Migrate("order", To(2, {{"review", "checking"}})).reason, "MIGRATION_LATE");
  // Whoever was late stays so.
  desk.At("2026-09-12 09:00");
  EXPECT_THAT(desk.Migrate("order", To(2, {{"review", "checking"}})).events,
              Contains("order: ClockStarted within_checking due 2026-09-03 23:59"));
}

TEST_F(TransferTest, ANewClockOverADayThatIsPastIsNotBegun) {
  Open();
  ASSERT_FALSE(desk.Act("order", kOwner, "report", {{"progress", "已进场"}}).refused);
  Revise(
      {{"  receipt: {",
        "  promised: {title: {zh: 承诺时限}, from: rectifying, until: [closed, recalled], due: due}\n  receipt: {"}});
  desk.At("2026-11-02 09:00");
  EXPECT_EQ(desk.Migrate("order", To(2)).reason, "MIGRATION_LATE");
}

}  // namespace
}  // namespace duban::engine
