// Somebody stands in for another (代办): what may be put, what it gives, and what it never gives. Vacant posts and
// contact areas.
#include "engine/directory/delegation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "engine/base/limits.h"
#include "engine/cases/present.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/order.h"

namespace duban::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kOwner[] = "persons/zhujian-jingban";
constexpr char kOwnerHead[] = "persons/zhujian-juzhang";
constexpr char kReviewer[] = "persons/ducha-yanshou";
constexpr char kDeputy[] = "persons/shuiwu-jingban";  // Of another bureau: no part in the order but by delegation.
constexpr char kThird[] = "persons/shuiwu-juzhang";
constexpr char kClerk[] = "persons/luru";

class DelegationTest : public testing::Test {
 protected:
  DelegationTest() : desk({{"order.yaml", kOrder}, {"revisit.yaml", kRevisit}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
  }

  v1::Delegation Make(const std::string& id, const std::string& from, const std::string& to,
                      const std::vector<std::string>& posts = {}) {
    v1::Delegation out;
    out.set_name("delegations/" + id);
    out.set_from(from);
    out.set_to(to);
    for (const std::string& post : posts) out.add_posts(post);
    *out.mutable_ends_at() = ToProto(desk.Parse("2026-12-31 18:00"));
    out.set_reason("外出培训");
    return out;
  }
  // What comes of it on 2026-09-01; the reason where it is refused.
  std::string Put(const v1::Delegation& delegation) {
    const auto changes = DecideDelegations(desk.directory(), {delegation}, now);
    if (!changes.ok()) return changes.rejection().reason;
    std::string out;
    for (const DelegationChange& change : *changes) {
      for (const v1::Event& event : change.events) {
        desk.directory().Evolve(event);
        out += event.has_delegation_put() ? "put " : event.has_delegation_began() ? "began " : "ended ";
      }
    }
    return out;
  }
  // What time does until then, and at which instants.
  std::vector<std::string> Until(const std::string& id, const std::string& local_time) {
    std::vector<std::string> out;
    while (true) {
      const Standing* standing = desk.directory().FindDelegation("delegations/" + id);
      const std::optional<v1::Event> event = DueEvent(*standing, desk.Parse(local_time));
      if (!event.has_value()) return out;
      const bool began = event->has_delegation_began();
      const auto& at = began ? event->delegation_began().at() : event->delegation_ended().at();
      out.push_back((began ? "began " : "ended ") + desk.zone().Format(FromProto(at)));
      desk.directory().Evolve(*event);
    }
  }
  void Lend(const std::string& from, const std::string& to, const std::vector<std::string>& posts = {}) {
    ASSERT_EQ(Put(Make("l" + std::to_string(++lent), from, to, posts)), "put began ");
  }
  void End() {
    v1::Event event;
    event.mutable_delegation_ended()->set_delegation("delegations/l" + std::to_string(lent));
    desk.directory().Evolve(event);
  }

  Happened Open(const std::string& nickname, const std::string& person) {
    v1::OpenCaseRequest request;
    request.set_procedure("order");
    for (const auto& [party, id] : {std::pair<std::string, std::string>("issuer", "units/duchashi"),
                                    {"owner", "units/zhujian"},
                                    {"reviewer", "posts/ducha-yanshou"}}) {
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party);
      binding.add_ids(id);
    }
    *request.add_fields() = desk.Field("order", "problem", "裸土未覆盖");
    *request.add_fields() = desk.Field("order", "informant", "来电人");
    *request.add_fields() = desk.Field("order", "due", "2026-10-30");
    return desk.Open(nickname, person, request);
  }
  void OpenAndReceive() {
    ASSERT_FALSE(Open("order", kIssuer).refused);
    ASSERT_FALSE(desk.Act("order", kOwner, "acknowledge").refused);
  }
  Happened Submit(const std::string& person) {
    return desk.Act("order", person, "submit", {{"result", "已覆盖"}, {"evidence", "照片"}});
  }
  Happened AskForMore(const std::string& person) {
    return desk.Act("order", person, "extend_rectify", {{"due", "2026-11-20"}}, "连续降雨");
  }
  std::vector<std::string> OpenTo(const std::string& person) {
    std::vector<std::string> out;
    const auto no_name = [] { return std::string(); };
    const auto no_number = [](absl::string_view) { return uint64_t{0}; };
    const auto no_case = [](absl::string_view) -> const CaseState* { return nullptr; };
    const auto no_entry = [](absl::string_view, absl::string_view) { return std::vector<std::string>(); };
    const auto no_open_parts = [](absl::string_view) { return uint64_t{0}; };
    const auto no_parts = [](absl::string_view) { return std::vector<std::string>(); };
    const Calendar calendar;
    const Context context{now,         now,     person,    "",      desk.directory(), calendar,      desk.procedures(),
                          desk.zone(), no_name, no_number, no_case, no_entry,         no_open_parts, no_parts};
    for (const v1::CaseAction& action : ActionsOpenTo(context, desk.State("order"), person)) {
      out.push_back(action.action());
    }
    return out;
  }
  void PutPost(const std::string& name, const std::function<void(v1::Post&)>& change) {
    v1::Event event;
    v1::Post& post = *event.mutable_post_put()->mutable_post();
    if (const v1::Post* held = desk.directory().FindPost(name)) post = *held;
    post.set_name(name);
    change(post);
    desk.directory().Evolve(event);
  }
  // Head of the city, who sees the units below.
  void AppointMayor() {
    PutPost("posts/shizhang", [](v1::Post& post) {
      post.set_unit("units/shi");
      post.add_holders("persons/shizhang");
      post.set_scope(v1::SCOPE_SUBTREE);
    });
    v1::Event event;
    v1::Unit& city = *event.mutable_unit_put()->mutable_unit();
    city = *desk.directory().FindUnit("units/shi");
    city.set_head("posts/shizhang");
    desk.directory().Evolve(event);
  }
  void Vacate(const std::string& post) {
    PutPost(post, [](v1::Post& p) { p.clear_holders(); });
  }

  Desk desk;
  const Instant now = desk.Parse("2026-09-01 09:00");
  int lent = 0;
};

// --- What may be put, and what time does to it -------------------------------------------------------------------

TEST_F(DelegationTest, BeginsWithThePutWhenItsTimeHasComeAndEndsAfterItsLastMoment) {
  EXPECT_EQ(Put(Make("now", kOwner, kDeputy)), "put began ");
  v1::Delegation past = Make("past", kOwner, kDeputy);
  *past.mutable_begins_at() = ToProto(desk.Parse("2026-08-30 09:00"));
  EXPECT_EQ(Put(past), "put began ");

  v1::Delegation later = Make("later", kOwner, kDeputy);
  *later.mutable_begins_at() = ToProto(desk.Parse("2026-09-07 00:00"));
  EXPECT_EQ(Put(later), "put ");
  EXPECT_THAT(Until("later", "2026-09-06 23:59"), IsEmpty());
  EXPECT_FALSE(desk.directory().FindDelegation("delegations/later")->holds);
  EXPECT_THAT(Until("later", "2026-09-07 00:00"), ElementsAre("began 2026-09-07 00:00"));
  EXPECT_TRUE(desk.directory().FindDelegation("delegations/later")->holds);
  // The last moment still belongs to it; both are told in order however late somebody looks.
  EXPECT_THAT(Until("later", "2026-12-31 18:00"), IsEmpty());
  EXPECT_THAT(Until("later", "2026-12-31 18:01"), ElementsAre("ended 2026-12-31 18:00"));
  EXPECT_THAT(Until("now", "2027-01-31 18:00"), ElementsAre("ended 2026-12-31 18:00"));
  EXPECT_EQ(NextDue(*desk.directory().FindDelegation("delegations/now")), absl::InfiniteFuture());
}

TEST_F(DelegationTest, IsNotChangedOnlyEndedEarly) {
  v1::Delegation one = Make("a", kOwner, kDeputy);
  ASSERT_EQ(Put(one), "put began ");
  EXPECT_EQ(Put(one), "") << "put again as it is";
  v1::Delegation other = one;
  *other.mutable_ends_at() = ToProto(desk.Parse("2027-01-05 18:00"));
  EXPECT_EQ(Put(other), "DELEGATION_FIXED");
  one.set_ended(true);
  EXPECT_EQ(Put(one), "put ended ");
  EXPECT_THAT(desk.directory().LentTo(kDeputy), IsEmpty());
  EXPECT_EQ(Put(one), "");
  one.set_ended(false);
  EXPECT_EQ(Put(one), "DELEGATION_FIXED") << "what has been ended does not come back";

  // One that has not begun never does.
  v1::Delegation later = Make("b", kOwner, kDeputy);
  *later.mutable_begins_at() = ToProto(desk.Parse("2026-09-07 00:00"));
  ASSERT_EQ(Put(later), "put ");
  later.set_ended(true);
  EXPECT_EQ(Put(later), "put ");
  EXPECT_THAT(Until("b", "2027-12-31 00:00"), IsEmpty());
}

TEST_F(DelegationTest, RefusesWhatIsNoDelegation) {
  EXPECT_EQ(Put(Make("A", kOwner, kDeputy)), "DIRECTORY_ID_INVALID");
  EXPECT_EQ(Put(Make("a", kOwner, "persons/nobody")), "DIRECTORY_UNKNOWN_REFERENCE");
  EXPECT_EQ(Put(Make("a", kOwner, kDeputy, {"posts/nowhere"})), "DIRECTORY_UNKNOWN_REFERENCE");
  EXPECT_EQ(Put(Make("a", kOwner, kOwner)), "DELEGATION_TO_ITSELF");
  EXPECT_EQ(Put(Make("a", kOwner, kDeputy, {"posts/zhujian-juzhang"})), "DELEGATION_POST_NOT_HELD");
  v1::Delegation wrong = Make("a", kOwner, kDeputy);
  wrong.clear_reason();
  EXPECT_EQ(Put(wrong), "REASON_REQUIRED");
  wrong.set_reason(std::string(limits::kReasonBytesMax + 1, 'x'));
  EXPECT_EQ(Put(wrong), "TEXT_TOO_LONG");
  wrong = Make("a", kOwner, kDeputy);
  wrong.clear_ends_at();
  EXPECT_EQ(Put(wrong), "DELEGATION_PERIOD_INVALID");
  for (const char* end : {"2026-09-01 09:00", "2026-08-01 09:00", "2027-09-03 09:00"}) {
    *wrong.mutable_ends_at() = ToProto(desk.Parse(end));
    EXPECT_EQ(Put(wrong), "DELEGATION_PERIOD_INVALID") << end;
  }
  wrong.mutable_ends_at()->set_seconds(INT64_MAX);
  EXPECT_EQ(Put(wrong), "DELEGATION_PERIOD_INVALID");
  wrong = Make("a", kOwner, kDeputy);
  *wrong.mutable_begins_at() = ToProto(desk.Parse("2027-01-05 18:00"));
  EXPECT_EQ(Put(wrong), "DELEGATION_PERIOD_INVALID");
  wrong =
      Make("a", kOwner, kDeputy, std::vector<std::string>(limits::kDelegationPostsMax + 1, "posts/zhujian-jingban"));
  EXPECT_EQ(Put(wrong), "DELEGATION_TOO_MANY");
  const auto twice = DecideDelegations(desk.directory(), {Make("a", kOwner, kDeputy), Make("a", kOwner, kDeputy)}, now);
  EXPECT_EQ(twice.rejection().reason, "DIRECTORY_DUPLICATE");
  EXPECT_THAT(desk.directory().delegations(), IsEmpty());
}

TEST_F(DelegationTest, AreBoundedByThoseThatStandNotByThoseThatAreOver) {
  for (size_t i = 0; i < limits::kDelegationsPerPersonMax; ++i) Lend(kOwner, kDeputy);
  EXPECT_EQ(Put(Make("more", kOwner, kThird)), "DELEGATION_TOO_MANY") << "by one person";
  EXPECT_EQ(Put(Make("more", kIssuer, kDeputy)), "DELEGATION_TOO_MANY") << "to one person";
  EXPECT_EQ(Put(Make("more", kIssuer, kThird)), "put began ");
  End();
  EXPECT_EQ(Put(Make("again", kOwner, kThird)), "put began ");
}

// --- What it gives -----------------------------------------------------------------------------------------------

TEST_F(DelegationTest, ActsUnderItCarryBothNames) {
  ASSERT_FALSE(Open("order", kIssuer).refused);
  EXPECT_EQ(desk.Act("order", kDeputy, "acknowledge").reason, "NOT_YOUR_PART");
  Lend(kOwner, kDeputy);
  EXPECT_THAT(OpenTo(kDeputy), Contains("acknowledge"));
  EXPECT_EQ(desk.Act("order", kDeputy, "acknowledge").events[0],
            "order: ActionTaken acknowledge for persons/zhujian-jingban");
  EXPECT_THAT(AskForMore(kDeputy).events,
              ElementsAre("order: ApprovalRequested extend_rectify for persons/zhujian-jingban"));
  Lend(kIssuer, kThird);
  EXPECT_THAT(desk.Act("order", kThird, "approve_extend_rectify").events,
              ElementsAre("order: ApprovalDecided extend_rectify yes for persons/duchayi-kezhang",
                          "order: FieldsSet due", "order: ActionTaken extend_rectify for persons/zhujian-jingban",
                          "order: ClockMoved rectify due 2026-11-20 23:59"))
      << "what takes effect is the act of those who asked for it";
  EXPECT_THAT(Open("second", kThird).events,
              Contains("second: CaseOpened order 交办〔2026〕住建2号 for persons/duchayi-kezhang"));
}

TEST_F(DelegationTest, EndsWithWhatItGave) {
  OpenAndReceive();
  Lend(kOwner, kDeputy);
  ASSERT_FALSE(desk.Act("order", kDeputy, "report", {{"progress", "已进场"}}).refused);
  End();
  EXPECT_EQ(desk.Act("order", kDeputy, "report", {{"progress", "已覆盖"}}).reason, "NOT_YOUR_PART");
  EXPECT_THAT(OpenTo(kDeputy), IsEmpty());
}

TEST_F(DelegationTest, WhoIsEntitledHimselfActsForHimself) {
  OpenAndReceive();
  Lend(kOwnerHead, kOwner);
  EXPECT_THAT(desk.Act("order", kOwner, "report", {{"progress", "已进场"}}).events,
              ElementsAre("order: FieldsSet progress", "order: ActionTaken report"));
}

TEST_F(DelegationTest, NamedPostsAreAllThatGoesAlongAndTheyFollowTheirHolder) {
  PutPost("posts/shuiwu-xietiao", [](v1::Post& post) {
    post.set_unit("units/shuiwu");
    post.add_holders(kOwner);
  });
  Lend(kOwner, kIssuer, {"posts/shuiwu-xietiao"});
  EXPECT_THAT(desk.directory().OwnIds(kIssuer), Contains("posts/shuiwu-xietiao"));
  EXPECT_THAT(desk.directory().OwnIds(kIssuer), Not(Contains("posts/zhujian-jingban")));
  // When its holder loses the post, whoever stands in for him has lost it too.
  Vacate("posts/shuiwu-xietiao");
  EXPECT_THAT(desk.directory().OwnIds(kIssuer), Not(Contains("posts/shuiwu-xietiao")));
}

TEST_F(DelegationTest, ChainsOfThemGiveNothing) {
  OpenAndReceive();
  Lend(kOwner, kDeputy);
  Lend(kDeputy, kThird);
  EXPECT_THAT(desk.directory().ViewerIds(kThird), Contains("posts/shuiwu-jingban"));
  EXPECT_THAT(desk.directory().ViewerIds(kThird), Not(Contains("units/zhujian")));
  EXPECT_EQ(desk.Act("order", kThird, "report", {{"progress", "已进场"}}).reason, "NOT_YOUR_PART");
  EXPECT_EQ(Put(Make("on", kDeputy, kThird, {"posts/zhujian-jingban"})), "DELEGATION_POST_NOT_HELD");
  // Nor has he anything to give who holds no post of his own.
  Vacate("posts/shuiwu-jingban");
  EXPECT_EQ(Put(Make("on", kDeputy, kThird)), "DELEGATION_POST_NOT_HELD");
}

TEST_F(DelegationTest, RightsThatAreTrustInOnePersonStayWithHim) {
  PutPost("posts/luru", [](v1::Post& post) {
    for (const char* right : {"administer", "audit", "operate", "issue"}) post.add_rights(right);
  });
  Lend(kClerk, kDeputy);
  for (const char* right : {kRightAdminister, kRightAudit, kRightOperate}) {
    EXPECT_FALSE(desk.directory().HasRight(kDeputy, right)) << right;
    EXPECT_THAT(desk.directory().ViewerIds(kDeputy), Not(Contains(absl::StrCat("rights/", right))));
  }
  EXPECT_TRUE(desk.directory().HasRight(kDeputy, kRightEnter));
  EXPECT_TRUE(desk.directory().HasRight(kDeputy, kRightIssue));
}

TEST_F(DelegationTest, SealedFieldsOpenToWhomThePostOpensThemAndToNobodyElse) {
  OpenAndReceive();
  const Procedure& order = *desk.procedures().Newest("order");
  const auto shown = [&](const std::string& person) -> std::string {
    const v1::Case seen = PresentCase(
        order, desk.State("order"), desk.directory().ViewerIds(person), desk.directory().OwnIds(person),
        desk.directory(),
        [](const duban::state::v1::FieldState&, const v1::Sealed&) { return std::optional<std::string>("来电人"); });
    for (const v1::CaseField& field : seen.fields()) {
      if (field.field() == "informant") return field.masked() ? "masked" : field.shown(0);
    }
    return "";
  };
  Lend(kOwner, kDeputy);
  EXPECT_EQ(shown(kDeputy), "masked") << "the owner never sees the informant, nor who stands in for him";
  Lend(kIssuer, kDeputy);
  EXPECT_EQ(shown(kDeputy), "来电人");
  // A superior's subtree and a contact's area reach the case, and no personal data.
  PutPost("posts/shizhang", [](v1::Post& post) {
    post.set_unit("units/shi");
    post.add_holders(kThird);
    post.set_scope(v1::SCOPE_SUBTREE);
  });
  EXPECT_EQ(shown(kThird), "masked");
  PutPost("posts/shuiwu-juzhang", [](v1::Post& post) { post.add_areas("units/duchashi"); });
  Vacate("posts/shizhang");
  EXPECT_THAT(desk.directory().ViewerIds(kThird), Contains("units/duchashi"));
  EXPECT_EQ(shown(kThird), "masked");
}

// --- What it never gives -----------------------------------------------------------------------------------------

TEST_F(DelegationTest, WhatTheOneForWhomHeStandsInMayNeverDoHeMayNotEither) {
  OpenAndReceive();
  Submit(kOwner);
  // The reviewer is related to the owner's head: so nobody accepts for him.
  v1::Event related;
  v1::Relation& relation = *related.mutable_relation_put()->mutable_relation();
  relation.set_name("relations/a");
  relation.set_from(kReviewer);
  relation.set_to(kOwnerHead);
  desk.directory().Evolve(related);
  Lend(kReviewer, kIssuer);
  EXPECT_EQ(desk.Act("order", kIssuer, "accept").reason, "FORBIDDEN_RELATED");
  relation.set_ended(true);
  desk.directory().Evolve(related);
  EXPECT_EQ(desk.Act("order", kIssuer, "accept").events[0], "order: ActionTaken accept for persons/ducha-yanshou");
}

TEST_F(DelegationTest, WhatHeMayNeverDoHeMayNotForAnother) {
  OpenAndReceive();
  Submit(kOwner);
  Lend(kReviewer, kOwner);
  EXPECT_EQ(desk.Act("order", kOwner, "accept").reason, "FORBIDDEN_SAME_UNIT");
  EXPECT_THAT(OpenTo(kOwner), Not(Contains("accept")));
}

TEST_F(DelegationTest, BothHaveTakenPartInWhatWasDoneUnderIt) {
  // Given a submission by a deputy for the owner, and both hold the reviewer's post later, the owner's no longer.
  OpenAndReceive();
  Lend(kOwner, kDeputy);
  ASSERT_FALSE(Submit(kDeputy).refused);
  End();
  Vacate("posts/zhujian-jingban");
  PutPost("posts/ducha-yanshou", [](v1::Post& post) {
    post.add_holders(kDeputy);
    post.add_holders(kOwner);
  });
  EXPECT_EQ(desk.Act("order", kDeputy, "accept").reason, "FORBIDDEN_SAME_PERSON");
  EXPECT_EQ(desk.Act("order", kOwner, "accept").reason, "FORBIDDEN_SAME_PERSON");
  EXPECT_FALSE(desk.Act("order", kReviewer, "accept").refused);
}

TEST_F(DelegationTest, NobodyStandsInForTheOwnerAndReviewsHisMatter) {
  OpenAndReceive();
  Submit(kOwner);
  Lend(kOwnerHead, kReviewer);
  EXPECT_EQ(desk.Act("order", kReviewer, "accept").reason, "FORBIDDEN_SAME_UNIT") << "by his own right either";
  End();
  EXPECT_FALSE(desk.Act("order", kReviewer, "accept").refused);
}

TEST_F(DelegationTest, NobodyApprovesWhatHeOrTheOtherAskedFor) {
  OpenAndReceive();
  Lend(kOwner, kIssuer);
  // Asked for by the issuer's own man on behalf of the owner; the issuer's other people decide.
  ASSERT_FALSE(AskForMore(kIssuer).refused);
  EXPECT_EQ(desk.Act("order", kIssuer, "approve_extend_rectify").reason, "FORBIDDEN_SAME_PERSON");
  EXPECT_THAT(OpenTo(kIssuer), Not(Contains("approve_extend_rectify")));
  PutPost("posts/ducha-yanshou", [](v1::Post& post) { post.add_holders(kOwner); });
  EXPECT_EQ(desk.Act("order", kOwner, "approve_extend_rectify").reason, "FORBIDDEN_SAME_PERSON")
      << "whose duty it was, may not either";
  EXPECT_THAT(OpenTo(kOwner), Not(Contains("approve_extend_rectify")));
  EXPECT_FALSE(desk.Act("order", kReviewer, "approve_extend_rectify").refused);
}

TEST_F(DelegationTest, NobodyDecidesInTheNameOfTheOneWhoAsked) {
  OpenAndReceive();
  PutPost("posts/ducha-yanshou", [](v1::Post& post) { post.add_holders(kOwner); });
  ASSERT_FALSE(AskForMore(kOwner).refused);
  Lend(kOwner, kDeputy, {"posts/ducha-yanshou"});
  EXPECT_EQ(desk.Act("order", kDeputy, "approve_extend_rectify").reason, "FORBIDDEN_SAME_PERSON");
}

TEST_F(DelegationTest, ALentRightToTypeForOthersDefeatsNothing) {
  // Given a clerk who typed the owner's submission, and lends his right to a deputy.
  OpenAndReceive();
  desk.entered_for = kOwner;
  ASSERT_FALSE(Submit(kClerk).refused);
  Lend(kClerk, kDeputy);
  desk.entered_for = kReviewer;
  EXPECT_EQ(desk.Act("order", kDeputy, "accept", {}, "代录").reason, "FORBIDDEN_SAME_PERSON");
  PutPost("posts/shuiwu-jingban", [](v1::Post& post) { post.add_rights("enter"); });
  desk.entered_for = kReviewer;
  EXPECT_FALSE(desk.Act("order", kDeputy, "accept", {}, "代录").refused) << "by his own right it is no matter";
}

// --- Vacant posts, contact areas ---------------------------------------------------------------------------------

TEST_F(DelegationTest, InPlaceOfAMissingHeadThoseAboveAreTold) {
  Directory& city = desk.directory();
  EXPECT_THAT(city.InsteadOf("posts/zhujian-juzhang"), IsEmpty()) << "nobody is missing";
  Vacate("posts/zhujian-jingban");
  EXPECT_THAT(city.InsteadOf("posts/zhujian-jingban"), ElementsAre("posts/zhujian-juzhang")) << "his own unit's head";
  Vacate("posts/zhujian-juzhang");
  EXPECT_THAT(city.InsteadOf("units/zhujian"), IsEmpty()) << "no head of the superior is known";

  const auto put = [&](const char* name, const char* head, const std::vector<std::string>& superiors) {
    v1::Event event;
    v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
    unit = *city.FindUnit(name);
    unit.set_head(head);
    unit.clear_superiors();
    for (const std::string& superior : superiors) unit.add_superiors(superior);
    city.Evolve(event);
  };
  AppointMayor();
  EXPECT_THAT(city.InsteadOf("posts/zhujian-juzhang"), ElementsAre("posts/shizhang"));
  EXPECT_THAT(city.InsteadOf("posts/zhujian-jingban"), ElementsAre("posts/shizhang"));
  // Dual leadership: both are told; in place of one that is vacant, or sees no unit below, those above it.
  put("units/zhujian", "posts/zhujian-juzhang", {"units/shuiwu", "units/duchashi"});
  EXPECT_THAT(city.InsteadOf("units/zhujian"), ElementsAre("posts/shizhang"));
  for (const char* head : {"posts/shuiwu-juzhang", "posts/duchashi-zhuren"}) {
    PutPost(head, [](v1::Post& post) { post.set_scope(v1::SCOPE_SUBTREE); });
  }
  EXPECT_THAT(city.InsteadOf("units/zhujian"), ElementsAre("posts/duchashi-zhuren", "posts/shuiwu-juzhang"));
  Vacate("posts/shuiwu-juzhang");
  EXPECT_THAT(city.InsteadOf("units/zhujian"), ElementsAre("posts/duchashi-zhuren", "posts/shizhang"));
  Vacate("posts/duchashi-zhuren");
  Vacate("posts/shizhang");
  EXPECT_THAT(city.InsteadOf("units/zhujian"), IsEmpty()) << "nobody is above";
  // Where a unit's head is not known its people stand for him.
  put("units/zhujian", "", {"units/shi"});
  EXPECT_THAT(city.InsteadOf("posts/zhujian-jingban"), ElementsAre("units/zhujian"));
}

TEST_F(DelegationTest, WhoIsMissingIsLookedForWhenTheRungFiresAndRecordedInIt) {
  OpenAndReceive();
  AppointMayor();
  // The head leaves after the clock has started, and a successor comes before the last rung.
  Vacate("posts/zhujian-juzhang");
  const std::vector<std::string> fired = desk.At("2026-11-01 00:00");
  EXPECT_THAT(fired, Contains("2026-10-31 00:00 order: RungFired rectify due units/zhujian vacant: posts/shizhang"));
  PutPost("posts/zhujian-juzhang", [](v1::Post& post) { post.add_holders(kOwnerHead); });
  EXPECT_THAT(desk.At("2026-11-09 00:00"), ElementsAre("2026-11-07 00:00 order: RungFired rectify circulate@5wd"));
}

TEST_F(DelegationTest, AContactSeesWhatHisUnitsSeeAndActsForNone) {
  OpenAndReceive();
  PutPost("posts/lianxi", [](v1::Post& post) {
    post.set_unit("units/shuiwu");
    post.add_holders("persons/lianxi");
    post.add_areas("units/zhujian");
  });
  EXPECT_THAT(desk.directory().ViewerIds("persons/lianxi"), Contains("units/zhujian"));
  EXPECT_THAT(desk.directory().ViewerIds("persons/lianxi"), Contains("contacts/zhujian"));
  EXPECT_THAT(desk.directory().OwnIds("persons/lianxi"), Not(Contains("units/zhujian")));
  EXPECT_THAT(OpenTo("persons/lianxi"), IsEmpty());
  EXPECT_EQ(desk.Act("order", "persons/lianxi", "report", {{"progress", "已进场"}}).reason, "NOT_YOUR_PART");
  // The area goes with the post.
  PutPost("posts/lianxi", [](v1::Post& post) { post.set_holders(0, "persons/new"); });
  EXPECT_THAT(desk.directory().ViewerIds("persons/lianxi"), Not(Contains("units/zhujian")));
  EXPECT_THAT(desk.directory().ViewerIds("persons/new"), Contains("units/zhujian"));
}

TEST_F(DelegationTest, AreasAreUnitsThatThereAreAndNotTooMany) {
  v1::Post post;
  post.set_name("posts/lianxi");
  post.set_title("联系点");
  post.set_unit("units/shuiwu");
  post.add_areas("units/nowhere");
  EXPECT_EQ(desk.directory().Check({}, {post}, {}).rejection().reason, "DIRECTORY_UNKNOWN_REFERENCE");
  post.clear_areas();
  for (size_t i = 0; i < limits::kAreasMax; ++i) post.add_areas("units/zhujian");
  EXPECT_TRUE(desk.directory().Check({}, {post}, {}).ok());
  post.add_areas("units/zhujian");
  EXPECT_EQ(desk.directory().Check({}, {post}, {}).rejection().reason, "DIRECTORY_TOO_MANY_AREAS");
}

TEST_F(DelegationTest, DutiesFollowThePostAndHistoryKeepsTheEarlierName) {
  OpenAndReceive();
  const std::string before = desk.State("order").SerializeAsString();
  PutPost("posts/zhujian-jingban", [](v1::Post& post) { post.set_holders(0, "persons/new"); });
  EXPECT_EQ(desk.State("order").SerializeAsString(), before);
  EXPECT_EQ(desk.Act("order", kOwner, "report", {{"progress", "已进场"}}).reason, "NOT_YOUR_PART");
  EXPECT_FALSE(desk.Act("order", "persons/new", "report", {{"progress", "已进场"}}).refused);
  EXPECT_EQ(desk.State("order").acts(0).person(), kOwner);
}

}  // namespace
}  // namespace duban::engine
