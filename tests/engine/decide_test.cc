// The rules of a case, told as given / when / then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/cases/audience.h"
#include "engine/cases/present.h"
#include "engine/cases/roles.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/offered.h"
#include "tests/engine/support/order.h"

namespace duban::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kOwner[] = "persons/zhujian-jingban";
constexpr char kOwnerHead[] = "persons/zhujian-juzhang";
constexpr char kReviewer[] = "persons/ducha-yanshou";
constexpr char kStranger[] = "persons/shuiwu-jingban";
constexpr char kClerk[] = "persons/luru";

class DecideTest : public testing::Test {
 protected:
  DecideTest() : desk({{"order.yaml", kOrder}, {"revisit.yaml", kRevisit}}) { EXPECT_THAT(desk.errors(), IsEmpty()); }

  v1::OpenCaseRequest Order(const std::map<std::string, std::string>& fields = {{"due", "2026-10-30"}}) {
    v1::OpenCaseRequest request;
    request.set_procedure("order");
    Bind(request, "owner", "units/zhujian");
    Bind(request, "reviewer", "posts/ducha-yanshou");
    *request.add_fields() = desk.Field("order", "problem", "裸土未覆盖");
    for (const auto& [name, value] : fields) *request.add_fields() = desk.Field("order", name, value);
    return request;
  }
  static void Bind(v1::OpenCaseRequest& request, const std::string& party, const std::string& id) {
    auto& binding = *request.add_parties();
    binding.set_party(party);
    binding.add_ids(id);
  }
  void OpenAndReceive() {
    ASSERT_FALSE(desk.Open("order", kIssuer, Order()).refused);
    ASSERT_FALSE(desk.Act("order", kOwner, "acknowledge").refused);
  }
  void Submit() {
    const Happened submitted = desk.Act("order", kOwner, "submit", {{"result", "已覆盖"}, {"evidence", "照片"}});
    ASSERT_FALSE(submitted.refused) << submitted.reason;
  }
  void Relate(const std::string& from, const std::string& to, bool ended = false) {
    v1::Event event;
    v1::Relation& relation = *event.mutable_relation_put()->mutable_relation();
    relation.set_name("relations/a");
    relation.set_kind("kin");
    relation.set_from(from);
    relation.set_to(to);
    relation.set_ended(ended);
    desk.directory().Evolve(event);
  }

  Desk desk;
};

// --- Opening -------------------------------------------------------------------------------------------------------

TEST_F(DecideTest, OpeningGivesANumberAFirstStageAndItsClock) {
  // The opener's own unit is the issuer, without having to be named; 3 working days from Tuesday end on Friday.
  EXPECT_THAT(desk.Open("order", kIssuer, Order()).events,
              ElementsAre("order: CaseOpened order 交办〔2026〕住建1号", "order: FieldsSet problem,due",
                          "order: StageEntered issued", "order: ClockStarted receipt due 2026-09-04 23:59"));
  EXPECT_EQ(desk.State("order").parties_size(), 3);
}

TEST_F(DecideTest, NumbersAreGaplessWithinASeriesAndTellNothingOfOtherOwners) {
  desk.Open("a", kIssuer, Order());
  v1::OpenCaseRequest other = Order();
  other.mutable_parties(0)->set_ids(0, "units/shuiwu");
  desk.Open("b", kIssuer, other);
  desk.Open("c", kIssuer, Order());
  EXPECT_EQ(desk.State("b").number(), "交办〔2026〕水务1号");
  EXPECT_EQ(desk.State("c").number(), "交办〔2026〕住建2号");
}

TEST_F(DecideTest, OnlyWhoMayOpenOpens) {
  v1::OpenCaseRequest request = Order();
  Bind(request, "issuer", "units/duchashi");
  EXPECT_EQ(desk.Open("order", kOwner, request).reason, "NOT_YOUR_PART");
}

TEST_F(DecideTest, WhereAPartyTakesARightOnlyAPostThatCarriesItActsForIt) {
  std::string order = kOrder;
  order.replace(order.find("issuer:   {kind: unit"), 21, "issuer:   {kind: unit, right: issue");
  Desk strict({{"order.yaml", order}, {"revisit.yaml", kRevisit}});
  ASSERT_THAT(strict.errors(), IsEmpty());
  EXPECT_EQ(strict.Open("order", kIssuer, Order()).reason, "RIGHT_REQUIRED");
  v1::Event event;
  v1::Post& post = *event.mutable_post_put()->mutable_post();
  post = *strict.directory().FindPost("posts/duchayi-kezhang");
  post.add_rights("issue");
  strict.directory().Evolve(event);
  EXPECT_FALSE(strict.Open("order", kIssuer, Order()).refused);
  // A right held elsewhere does not serve, and a unit cannot make itself the issuer.
  v1::OpenCaseRequest own = Order();
  Bind(own, "issuer", "units/shuiwu");
  EXPECT_EQ(strict.Open("own", kStranger, own).reason, "RIGHT_REQUIRED");
  EXPECT_EQ(strict.Open("own", kIssuer, own).reason, "NOT_YOUR_PART");
}

struct BadOpening {
  const char* name;
  std::function<void(v1::OpenCaseRequest&)> spoil;
  const char* reason;
};
class BadOpeningTest : public DecideTest, public testing::WithParamInterface<BadOpening> {};

TEST_P(BadOpeningTest, HasItsOwnReasonAndChangesNothing) {
  v1::OpenCaseRequest request = Order();
  GetParam().spoil(request);
  EXPECT_EQ(desk.Open("order", kIssuer, request).reason, GetParam().reason);
  EXPECT_EQ(desk.Open("next", kIssuer, Order()).events.front(), "next: CaseOpened order 交办〔2026〕住建1号");
}

INSTANTIATE_TEST_SUITE_P(
    All, BadOpeningTest,
    testing::Values(
        BadOpening{"UnknownProcedure", [](auto& r) { r.set_procedure("no_such"); }, "PROCEDURE_NOT_FOUND"},
        BadOpening{"UnknownParty", [](auto& r) { r.mutable_parties(0)->set_party("boss"); }, "UNKNOWN_PARTY"},
        BadOpening{"MissingParty", [](auto& r) { r.mutable_parties()->RemoveLast(); }, "MISSING_PARTY"},
        BadOpening{"PartyTwice", [](auto& r) { *r.add_parties() = r.parties(0); }, "PARTY_TWICE"},
        BadOpening{"UnitNotThere", [](auto& r) { r.mutable_parties(0)->set_ids(0, "units/none"); }, "PARTY_ID_UNKNOWN"},
        BadOpening{"PostForUnit", [](auto& r) { r.mutable_parties(0)->set_ids(0, "posts/zhujian-jingban"); },
                   "PARTY_ID_UNKNOWN"},
        BadOpening{"TwoOwners", [](auto& r) { r.mutable_parties(0)->add_ids("units/shuiwu"); }, "TOO_MANY_IDS"},
        BadOpening{"ReviewerOfTheOwner", [](auto& r) { r.mutable_parties(1)->set_ids(0, "posts/zhujian-juzhang"); },
                   "PARTY_NOT_ALLOWED"},
        BadOpening{"UnknownField", [](auto& r) { r.mutable_fields(0)->set_field("colour"); }, "UNKNOWN_FIELD"},
        BadOpening{"FieldTwice", [](auto& r) { *r.add_fields() = r.fields(0); }, "FIELD_TWICE"},
        BadOpening{"MissingField", [](auto& r) { r.mutable_fields()->DeleteSubrange(0, 1); }, "FIELD_REQUIRED"},
        BadOpening{"EmptyField", [](auto& r) { r.mutable_fields(0)->clear_values(); }, "FIELD_REQUIRED"},
        BadOpening{"ReasonTooLong", [](auto& r) { r.set_reason(std::string(5000, 'x')); }, "TEXT_TOO_LONG"}),
    [](const auto& info) { return info.param.name; });

// --- The way through the stages ----------------------------------------------------------------------------------

TEST_F(DecideTest, ReceivingStopsOneClockAndStartsAnother) {
  desk.Open("order", kIssuer, Order());
  desk.At("2026-09-02 10:00");
  EXPECT_THAT(desk.Act("order", kOwner, "acknowledge").events,
              ElementsAre("order: ActionTaken acknowledge", "order: StageEntered rectifying",
                          "order: ClockStopped receipt", "order: ClockStarted rectify due 2026-10-30 23:59"));
}

TEST_F(DecideTest, RemindersLightsDueAndLadderFireInOrderEachOnceAtItsInstant) {
  OpenAndReceive();
  // Due on Friday 30 October. 27 October ends with 3 working days left; October has 10 as a working Saturday.
  EXPECT_THAT(desk.At("2026-11-09 00:00"), ElementsAre("2026-10-17 00:00 order: RungFired rectify remind:10wd",
                                                       "2026-10-28 00:00 order: RungFired rectify remind:3wd",
                                                       "2026-10-28 00:00 order: RungFired rectify light:yellow",
                                                       "2026-10-31 00:00 order: RungFired rectify due",
                                                       "2026-10-31 00:00 order: RungFired rectify urge@0wd",
                                                       "2026-11-07 00:00 order: RungFired rectify circulate@5wd"));
  EXPECT_EQ(TimelinessOf(desk.State("order")), v1::TIMELINESS_OVERDUE);
  EXPECT_EQ(LightOf(desk.State("order")).colour(), "red");
  EXPECT_THAT(desk.At("2026-12-30 00:00"), IsEmpty());
}

TEST_F(DecideTest, SuspendedTimeDoesNotCountAndCannotBecomeOverdue) {
  OpenAndReceive();
  desk.At("2026-10-20 09:00");
  EXPECT_THAT(
      desk.Act("order", kIssuer, "pause", {}, "等待设计方案").events,
      ElementsAre("order: ActionTaken pause", "order: StageEntered paused", "order: ClockPaused rectify left 10"));
  EXPECT_THAT(desk.At("2026-11-30 09:00"), IsEmpty());
  EXPECT_EQ(TimelinessOf(desk.State("order")), v1::TIMELINESS_NO_DEADLINE);
  EXPECT_THAT(desk.Act("order", kIssuer, "resume").events,
              ElementsAre("order: ActionTaken resume", "order: StageEntered rectifying",
                          "order: ClockResumed rectify due 2026-12-10 23:59"));
  // The reminder that had fired before the pause does not fire again.
  EXPECT_THAT(desk.At("2026-12-10 12:00"), ElementsAre("2026-12-08 00:00 order: RungFired rectify remind:3wd",
                                                       "2026-12-08 00:00 order: RungFired rectify light:yellow"));
}

TEST_F(DecideTest, AcceptanceIsPublishedOverNationalDayWeekAndThenClosesByItselfAndOpensALookBack) {
  OpenAndReceive();
  desk.At("2026-09-28 10:00");
  Submit();
  // 28 September to 16 October are ten working days, both ends counted: 28–30 September, 8–10 and 12–15 October.
  EXPECT_THAT(desk.Act("order", kReviewer, "accept").events,
              ElementsAre("order: ActionTaken accept", "order: StageEntered publicity until 2026-10-16 00:00",
                          "order: ClockStopped within_review"));
  EXPECT_THAT(desk.At("2026-10-15 23:59"), IsEmpty());
  EXPECT_THAT(desk.At("2026-10-16 00:00"),
              ElementsAre("2026-10-16 00:00 order: StageEntered closed", "2026-10-16 00:00 order: ClockStopped rectify",
                          "2026-10-16 00:00 order: CaseEnded DONE", "2026-10-16 00:00 ?: CaseOpened revisit ",
                          "2026-10-16 00:00 ?: FieldsSet matter", "2026-10-16 00:00 ?: StageEntered planned"));
  EXPECT_EQ(TimelinessOf(desk.State("order")), v1::TIMELINESS_ENDED_ON_TIME);
  EXPECT_EQ(desk.State("order").verification(), v1::VERIFICATION_PASSED);
}

TEST_F(DecideTest, AnObjectionStopsTheClosing) {
  OpenAndReceive();
  desk.At("2026-09-28 10:00");
  Submit();
  desk.Act("order", kReviewer, "accept");
  desk.At("2026-10-12 10:00");
  ASSERT_FALSE(desk.Act("order", kIssuer, "object", {}, "现场仍有裸土").refused);
  EXPECT_EQ(desk.State("order").stage(), "review");
  for (const std::string& line : desk.At("2026-11-30 00:00")) EXPECT_EQ(line.find("StageEntered"), std::string::npos);
}

TEST_F(DecideTest, AReboundReopensTheSameNumberAsRoundTwoWithANewDeadline) {
  OpenAndReceive();
  Submit();
  desk.Act("order", kReviewer, "accept");
  desk.At("2026-09-30 00:00");
  desk.Name("visit");
  const std::string number = desk.State("order").number();
  EXPECT_THAT(
      desk.Act("visit", kIssuer, "rebound", {{"finding", "又裸露"}, {"new_due", "2026-11-30"}}).events,
      ElementsAre("visit: FieldsSet finding,new_due", "visit: ActionTaken rebound", "visit: StageEntered rebounded",
                  "visit: CaseEnded DONE", "order: CaseReopened round 2", "order: FieldsSet due",
                  "order: StageEntered rectifying", "order: ClockStarted rectify due 2026-11-30 23:59"));
  EXPECT_EQ(desk.State("order").number(), number);
  EXPECT_EQ(desk.State("order").verification(), v1::VERIFICATION_REBOUNDED);
  Submit();
  desk.Act("order", kReviewer, "accept");
  desk.At("2026-11-01 00:00");
  EXPECT_EQ(desk.State("order").end_kind(), v1::END_KIND_DONE);
  EXPECT_EQ(desk.State("order").round(), 2u);
}

TEST_F(DecideTest, WhatTheSuperiorAssignedCannotBeSentBack) {
  // The supervision office is not above the bureau: it may be disputed …
  desk.Open("order", kIssuer, Order());
  EXPECT_FALSE(desk.Act("order", kOwner, "dispute", {}, "不属我局职责").refused);
  // … but once it is, it may not.
  v1::Event event;
  v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
  unit = *desk.directory().FindUnit("units/zhujian");
  unit.add_superiors("units/duchashi");
  desk.directory().Evolve(event);
  desk.Open("second", kIssuer, Order());
  EXPECT_EQ(desk.Act("second", kOwner, "dispute", {}, "不属我局职责").reason, "GUARD_FAILED");
}

// --- Who may, and who never may -----------------------------------------------------------------------------------

TEST_F(DecideTest, NobodyActsForAnotherParty) {
  OpenAndReceive();
  EXPECT_EQ(desk.Act("order", kStranger, "report", {{"progress", "x"}}).reason, "NOT_YOUR_PART");
  EXPECT_EQ(desk.Act("order", kOwner, "pause", {}, "x").reason, "NOT_YOUR_PART");
}

TEST_F(DecideTest, WhoSubmittedNeverAcceptsEvenAfterChangingPosts) {
  OpenAndReceive();
  Submit();
  // The one who submitted moves to the reviewing post of the supervision office.
  v1::Event event;
  v1::Post& post = *event.mutable_post_put()->mutable_post();
  post = *desk.directory().FindPost("posts/ducha-yanshou");
  post.set_holders(0, kOwner);
  desk.directory().Evolve(event);
  v1::Event left;
  *left.mutable_post_put()->mutable_post() = *desk.directory().FindPost("posts/zhujian-jingban");
  left.mutable_post_put()->mutable_post()->clear_holders();
  desk.directory().Evolve(left);
  EXPECT_EQ(desk.Act("order", kOwner, "accept").reason, "FORBIDDEN_SAME_PERSON");
}

TEST_F(DecideTest, WhoApprovedTheSubmissionNeverAcceptsIt) {
  // Given an order whose submission the issuer's head approves, and who then comes to hold the reviewing post.
  std::string order = kOrder;
  const std::string by = "by: owner, to: review,";
  order.replace(order.find(by), by.size(), "by: owner, approved_by: issuer, to: review,");
  Desk approving({{"order.yaml", order}, {"revisit.yaml", kRevisit}});
  ASSERT_THAT(approving.errors(), IsEmpty());
  ASSERT_FALSE(approving.Open("order", kIssuer, Order()).refused);
  ASSERT_FALSE(approving.Act("order", kOwner, "acknowledge").refused);
  ASSERT_FALSE(approving.Act("order", kOwner, "submit", {{"result", "已覆盖"}, {"evidence", "照片"}}).refused);
  ASSERT_FALSE(approving.Act("order", kIssuer, "approve_submit").refused);
  v1::Event event;
  v1::Post& post = *event.mutable_post_put()->mutable_post();
  post = *approving.directory().FindPost("posts/ducha-yanshou");
  post.add_holders(kIssuer);
  approving.directory().Evolve(event);
  // Then approving counts as having taken part, and another holder of the post may accept.
  EXPECT_EQ(approving.Act("order", kIssuer, "accept").reason, "FORBIDDEN_SAME_PERSON");
  EXPECT_FALSE(approving.Act("order", kReviewer, "accept").refused);
}

TEST_F(DecideTest, WhoHoldsAPostInTheOwnersUnitTooNeverAccepts) {
  OpenAndReceive();
  Submit();
  v1::Event event;
  v1::Post& post = *event.mutable_post_put()->mutable_post();
  post = *desk.directory().FindPost("posts/zhujian-jingban");
  post.add_holders(kReviewer);
  desk.directory().Evolve(event);
  EXPECT_EQ(desk.Act("order", kReviewer, "accept").reason, "FORBIDDEN_SAME_UNIT");
}

TEST_F(DecideTest, TypingForAnotherDoesNotDefeatNever) {
  OpenAndReceive();
  desk.entered_for = kOwner;
  ASSERT_FALSE(desk.Act("order", kClerk, "submit", {{"result", "已改"}, {"evidence", "照片"}}, "代录").refused);
  desk.entered_for = kReviewer;
  EXPECT_EQ(desk.Act("order", kClerk, "accept", {}, "代录").reason, "FORBIDDEN_SAME_PERSON");
}

TEST_F(DecideTest, WhoIsRelatedToTheOwnersHeadNeverAcceptsUntilTheRelationEnds) {
  OpenAndReceive();
  Submit();
  Relate(kReviewer, kOwnerHead);
  EXPECT_EQ(desk.Act("order", kReviewer, "accept").reason, "FORBIDDEN_RELATED");
  Relate(kReviewer, kOwnerHead, /*ended=*/true);
  EXPECT_FALSE(desk.Act("order", kReviewer, "accept").refused);
}

TEST_F(DecideTest, ARelationToSomebodyElsewhereForbidsNothing) {
  OpenAndReceive();
  Submit();
  Relate(kReviewer, kStranger);
  EXPECT_FALSE(desk.Act("order", kReviewer, "accept").refused);
}

TEST_F(DecideTest, TypingForAnotherDoesNotDefeatRelationsOnEitherSide) {
  OpenAndReceive();
  Submit();
  Relate(kOwnerHead, kReviewer);
  desk.entered_for = kReviewer;
  EXPECT_EQ(desk.Act("order", kClerk, "accept", {}, "代录").reason, "FORBIDDEN_RELATED") << "the one who acts";
  Relate(kOwnerHead, kClerk);
  desk.entered_for = kReviewer;
  EXPECT_EQ(desk.Act("order", kClerk, "accept", {}, "代录").reason, "FORBIDDEN_RELATED") << "the one who types";
  EXPECT_FALSE(desk.Act("order", kReviewer, "accept").refused);
}

TEST_F(DecideTest, ARefusalForARelationNamesNeitherItNorTheOther) {
  OpenAndReceive();
  Submit();
  Relate(kReviewer, kOwnerHead);
  const Procedure& order = *desk.procedures().Newest("order");
  const Outcome<Capacity> capacity =
      FindCapacity(order, desk.State("order"), desk.directory(), {Role{"reviewer", false}}, Actor{kReviewer, ""});
  ASSERT_FALSE(capacity.ok());
  const Rejection& refusal = capacity.rejection();
  EXPECT_EQ(refusal.facts, (std::vector<std::pair<std::string, std::string>>{{"party", "reviewer"}}));
  for (const std::string& told : {refusal.message.zh(), refusal.message.en()}) {
    for (const char* hidden : {"kin", "relations/", "persons/", "posts/", "units/", "局长"}) {
      EXPECT_EQ(told.find(hidden), std::string::npos) << told;
    }
  }
}

// --- Requests and extensions --------------------------------------------------------------------------------------

TEST_F(DecideTest, AnExtensionTakesEffectOnlyWhenAnotherApprovesIt) {
  OpenAndReceive();
  EXPECT_THAT(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-11-30"}}, "雨季停工").events,
              ElementsAre("order: ApprovalRequested extend_rectify"));
  EXPECT_EQ(desk.Act("order", kOwnerHead, "approve_extend_rectify").reason, "NOT_YOUR_PART");
  EXPECT_THAT(desk.Act("order", kIssuer, "approve_extend_rectify").events,
              ElementsAre("order: ApprovalDecided extend_rectify yes", "order: FieldsSet due",
                          "order: ActionTaken extend_rectify", "order: ClockMoved rectify due 2026-11-30 23:59"));
  // At most once per round.
  EXPECT_EQ(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-12-20"}}, "再延").reason, "CAP_REACHED");
}

TEST_F(DecideTest, ARefusedExtensionChangesNothingAndMayBeAskedAgain) {
  OpenAndReceive();
  desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-11-30"}}, "雨季停工");
  EXPECT_EQ(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-11-30"}}, "再申请").reason, "REQUEST_PENDING");
  EXPECT_EQ(desk.Act("order", kIssuer, "refuse_extend_rectify").reason, "MISSING_NEED");
  EXPECT_THAT(desk.Act("order", kIssuer, "refuse_extend_rectify", {}, "理由不足").events,
              ElementsAre("order: ApprovalDecided extend_rectify no"));
  EXPECT_FALSE(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-11-30"}}, "雨季停工").refused);
}

TEST_F(DecideTest, AnExtensionAskedForTooLateLeavesTheCaseLate) {
  OpenAndReceive();
  desk.At("2026-11-02 09:00");
  EXPECT_THAT(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-11-30"}}, "雨季停工").events,
              ElementsAre("order: ApprovalRequested extend_rectify too late"));
  desk.Act("order", kIssuer, "approve_extend_rectify");
  EXPECT_EQ(TimelinessOf(desk.State("order")), v1::TIMELINESS_ON_TIME);  // The new deadline runs …
  desk.At("2026-11-10 09:00");
  Submit();
  desk.Act("order", kReviewer, "accept");
  desk.At("2026-11-30 09:00");
  EXPECT_EQ(TimelinessOf(desk.State("order")), v1::TIMELINESS_ENDED_LATE);
}

TEST_F(DecideTest, NobodyApprovesWhatHeTypedForTheAsker) {
  OpenAndReceive();
  desk.entered_for = kOwner;
  desk.Act("order", kClerk, "extend_rectify", {{"due", "2026-11-30"}}, "代录申请");
  EXPECT_EQ(desk.Act("order", kClerk, "approve_extend_rectify").reason, "FORBIDDEN_SAME_PERSON");
}

TEST_F(DecideTest, AReminderOfAnExtendedDeadlineThatLiesBehindNeverFiresNotEvenAfterAPause) {
  OpenAndReceive();
  desk.At("2026-10-29 09:00");
  desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-11-05"}}, "雨季停工");
  EXPECT_THAT(desk.Act("order", kIssuer, "approve_extend_rectify").events,
              ElementsAre("order: ApprovalDecided extend_rectify yes", "order: FieldsSet due",
                          "order: ActionTaken extend_rectify", "order: ClockMoved rectify due 2026-11-05 23:59",
                          "order: RungSuppressed rectify remind:10wd"));
  Submit();
  EXPECT_THAT(desk.Act("order", kReviewer, "reject", {}, "不合格").events,
              ElementsAre("order: ActionTaken reject", "order: StageEntered rectifying",
                          "order: ClockResumed rectify due 2026-11-05 23:59", "order: ClockStopped within_review"));
}

TEST_F(DecideTest, AnExtensionMustBeLater) {
  OpenAndReceive();
  EXPECT_EQ(desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-10-30"}}, "x").reason, "NOT_LATER");
}

// --- Bad commands -------------------------------------------------------------------------------------------------

TEST_F(DecideTest, MissingNeedsAreNamedTogether) {
  OpenAndReceive();
  EXPECT_EQ(desk.Act("order", kOwner, "submit", {{"result", "已改"}}).reason, "MISSING_NEED");
}

TEST_F(DecideTest, EachBadCommandHasItsReason) {
  OpenAndReceive();
  EXPECT_EQ(desk.Act("order", kOwner, "fly").reason, "UNKNOWN_ACTION");
  EXPECT_EQ(desk.Act("order", kReviewer, "accept").reason, "WRONG_STAGE");
  EXPECT_EQ(desk.Act("order", kOwner, "report", {{"progress", "x"}, {"due", "2026-12-01"}}).reason, "FIELD_NOT_TAKEN");
  EXPECT_EQ(desk.Act("order", kOwner, "report", {{"nothing", "x"}}).reason, "UNKNOWN_FIELD");
  EXPECT_EQ(desk.Act("order", kIssuer, "approve_extend_rectify").reason, "WRONG_STAGE");
}

TEST_F(DecideTest, AStaleRevisionIsRefusedButRemindersNeverMakeOneStale) {
  OpenAndReceive();
  v1::ActOnCaseRequest report;
  report.set_action("report");
  *report.add_fields() = desk.Field("order", "progress", "完成一半");
  report.set_expected_revision(desk.State("order").revision());
  desk.At("2026-11-02 09:00");  // Reminders, the due instant and a rung fire in between.
  EXPECT_FALSE(desk.Act("order", kOwner, report).refused);
  EXPECT_EQ(desk.Act("order", kOwner, report).reason, "STALE_REVISION");
  report.set_expected_revision(desk.State("order").revision() + 1);
  EXPECT_EQ(desk.Act("order", kOwner, report).reason, "STALE_REVISION");
}

// --- What was entered later ---------------------------------------------------------------------------------------

TEST_F(DecideTest, WhatHappenedInTimeButWasTypedLaterIsNotLate) {
  OpenAndReceive();
  desk.At("2026-11-02 09:00");
  desk.occurred = "2026-10-30 16:00";
  v1::ActOnCaseRequest pull;
  pull.set_action("withdraw");
  pull.set_reason("纸质件10月30日收到");
  EXPECT_THAT(desk.Act("order", kIssuer, pull).events,
              ElementsAre("order: ActionTaken withdraw", "order: StageEntered recalled",
                          "order: RungWithdrawn rectify due", "order: RungWithdrawn rectify urge@0wd",
                          "order: ClockStopped rectify", "order: CaseEnded CANCELLED"));
  EXPECT_EQ(TimelinessOf(desk.State("order")), v1::TIMELINESS_ENDED_ON_TIME);
}

TEST_F(DecideTest, OfAnOldCaseNobodyIsRemindedButItIsOverdueAtOnce) {
  desk.At("2026-11-20 09:00");
  desk.Open("order", kIssuer, Order({{"due", "2026-10-30"}}));
  EXPECT_THAT(
      desk.Act("order", kOwner, "acknowledge").events,
      ElementsAre("order: ActionTaken acknowledge", "order: StageEntered rectifying", "order: ClockStopped receipt",
                  "order: ClockStarted rectify due 2026-10-30 23:59", "order: RungSuppressed rectify urge@0wd",
                  "order: RungSuppressed rectify circulate@5wd", "order: RungFired rectify due"));
}

TEST_F(DecideTest, AMatterWithoutAnEndDateRunsNoClock) {
  desk.Open("order", kIssuer, Order({}));
  EXPECT_THAT(
      desk.Act("order", kOwner, "acknowledge").events,
      ElementsAre("order: ActionTaken acknowledge", "order: StageEntered rectifying", "order: ClockStopped receipt"));
  EXPECT_EQ(TimelinessOf(desk.State("order")), v1::TIMELINESS_NO_DEADLINE);
}

// --- Beyond the calendar ------------------------------------------------------------------------------------------

TEST_F(DecideTest, ADeadlineBeyondThePublishedCalendarIsRefusedNotGuessed) {
  desk.At("2026-12-30 09:00");
  EXPECT_EQ(desk.Open("order", kIssuer, Order()).reason, "CALENDAR_NOT_COVERED");
}

TEST_F(DecideTest, ARungBeyondTheCalendarWaitsForItsPublication) {
  desk.Open("order", kIssuer, Order({{"due", "2026-12-30"}}));
  desk.Act("order", kOwner, "acknowledge");
  ASSERT_EQ(desk.State("order").clocks(1).uncovered_size(), 1);  // 5 working days after lie in 2027.
  v1::CalendarYear year;
  year.set_year(2027);
  desk.calendar().Put(year, desk.calendar().version() + 1);
  const std::vector<std::string> fired = desk.At("2027-01-31 00:00");
  EXPECT_EQ(fired.back(), "2027-01-07 00:00 order: RungFired rectify circulate@5wd");
  EXPECT_EQ(std::count_if(fired.begin(), fired.end(), [](const auto& l) { return l.find(" due") != l.npos; }), 2);
}

// --- Who sees what ------------------------------------------------------------------------------------------------

TEST_F(DecideTest, TheVisitedSeesALookBackOnlyWhenItIsDisclosed) {
  OpenAndReceive();
  Submit();
  desk.Act("order", kReviewer, "accept");
  desk.At("2026-09-30 00:00");
  desk.Name("visit");
  const Procedure& revisit = *desk.procedures().Newest("revisit");
  const Ids visited = desk.directory().ViewerIds(kOwner);
  const Ids inspecting = desk.directory().ViewerIds(kIssuer);
  EXPECT_FALSE(Admits(AudienceOf(revisit, desk.State("visit")), visited));
  EXPECT_TRUE(Admits(AudienceOf(revisit, desk.State("visit")), inspecting));
  desk.Act("visit", kIssuer, "rebound", {{"finding", "又裸露"}, {"new_due", "2026-11-30"}});
  EXPECT_TRUE(Admits(AudienceOf(revisit, desk.State("visit")), visited));
}

TEST_F(DecideTest, ASealedFieldIsMaskedForAllButThoseWhoSeeIt) {
  desk.Open("order", kIssuer, Order({{"informant", "digest"}}));
  const Procedure& order = *desk.procedures().Newest("order");
  const auto unseal = [](const auto&, const v1::Sealed&) -> std::optional<std::string> { return "某来电人"; };
  const auto shown = [&](const char* person) {
    const v1::Case seen = PresentCase(order, desk.State("order"), desk.directory().ViewerIds(person),
                                      desk.directory().OwnIds(person), desk.directory(), unseal);
    for (const v1::CaseField& field : seen.fields()) {
      if (field.field() == "informant") return field.masked() ? std::string("masked") : field.shown(0);
    }
    return std::string("absent");
  };
  EXPECT_EQ(shown(kIssuer), "某来电人");
  EXPECT_EQ(shown(kOwner), "masked");
}

TEST_F(DecideTest, ActionsOfferedAreThoseThatWouldBeTaken) {
  OpenAndReceive();
  desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-11-30"}}, "雨季停工");
  const auto offered = [&](const char* person) { return Offered(desk, "order", person); };
  EXPECT_THAT(offered(kOwner), ElementsAre("report", "submit"));  // One request waits; a second would be refused.
  EXPECT_THAT(offered(kIssuer), ElementsAre("pause", "withdraw", "approve_extend_rectify", "refuse_extend_rectify"));
  EXPECT_THAT(offered(kStranger), IsEmpty());
  desk.Act("order", kIssuer, "refuse_extend_rectify", {}, "理由不足");
  EXPECT_THAT(offered(kOwner), ElementsAre("report", "submit", "extend_rectify"));
  desk.Act("order", kOwner, "extend_rectify", {{"due", "2026-11-30"}}, "雨季停工");
  desk.Act("order", kIssuer, "approve_extend_rectify");
  EXPECT_THAT(offered(kOwner), ElementsAre("report", "submit"));  // Once a round.
}

}  // namespace
}  // namespace duban::engine
