// Parties that are drawn: bound from a recorded draw, never by hand, and never passed on.
#include "engine/cases/drawing.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kVisit[] = R"yaml(
procedure: visit
title: {zh: 抽查, en: Visit}
may_open: [issuer]
parties:
  issuer:     {kind: unit, title: {zh: 组织单位}}
  visited:    {kind: unit, title: {zh: 被查单位}, drawn: true}
  inspectors: {kind: post, title: {zh: 检查人员}, many: true, drawn: true, optional: true}
  guide:      {kind: post, title: {zh: 带队}, optional: true}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
stages:
  visiting:
    title: {zh: 检查中}
    within: 10 days
    actions:
      report: {title: {zh: 报告}, by: [inspectors, issuer], to: reported}
      again:  {title: {zh: 复查}, by: issuer, opens: {procedure: visit, bind: {issuer: issuer, visited: visited, guide: guide}, set: {matter: matter}}}
  reported: {title: {zh: 已报告}, end: done}
)yaml";

constexpr char kIssuer[] = "persons/duchayi-kezhang";

class DrawingTest : public testing::Test {
 protected:
  DrawingTest() : desk(std::vector<SourceFile>{{"visit.yaml", kVisit}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
    desk.draws["draws/units"] = {true, {"units/shuiwu"}, ""};
    desk.draws["draws/two"] = {true, {"units/zhujian", "units/shuiwu"}, ""};
    desk.draws["draws/posts"] = {true, {"posts/ducha-yanshou", "posts/luru"}, ""};
    desk.draws["draws/nobody"] = {true, {}, ""};
    desk.draws["draws/frozen"] = {false, {}, ""};
    desk.draws["draws/old"] = {true, {"units/zhujian"}, "draws/units"};
    request.set_procedure("visit");
    *request.add_fields() = desk.Field("visit", "matter", "燃气安全");
  }
  void Bind(const std::string& party, const std::string& draw, const std::vector<std::string>& ids = {}) {
    v1::PartyBinding& bound = *request.add_parties();
    bound.set_party(party);
    bound.set_draw(draw);
    for (const std::string& id : ids) bound.add_ids(id);
  }
  std::string Refusal() { return desk.Open("visit", kIssuer, request).reason; }
  std::vector<std::string> BoundTo(const std::string& nickname, const std::string& party) {
    std::vector<std::string> out;
    const v1::BoundParty* bound = FindBound(desk.State(nickname), party);
    if (bound == nullptr) return out;
    out.push_back(bound->draw());
    for (const v1::BoundId& id : bound->bound()) out.push_back(id.id());
    return out;
  }

  Desk desk;
  v1::OpenCaseRequest request;
};

TEST_F(DrawingTest, TheMembersAreThoseDrawnAndTheDrawStandsWithThem) {
  Bind("visited", "draws/units");
  Bind("inspectors", "draws/posts");
  ASSERT_EQ(Refusal(), "");
  EXPECT_THAT(BoundTo("visit", "visited"), ElementsAre("draws/units", "units/shuiwu"));
  EXPECT_THAT(BoundTo("visit", "inspectors"), ElementsAre("draws/posts", "posts/ducha-yanshou", "posts/luru"));
  EXPECT_FALSE(desk.Act("visit", "persons/ducha-yanshou", "report").refused);
}

TEST_F(DrawingTest, NobodyNamesThemByHand) {
  Bind("visited", "", {"units/shuiwu"});
  EXPECT_EQ(Refusal(), "PARTY_DRAWN");
}

TEST_F(DrawingTest, ThoseNamedBesideTheDrawMustBeThoseDrawn) {
  Bind("visited", "draws/units", {"units/zhujian"});
  EXPECT_EQ(Refusal(), "DRAW_MISMATCH");
}

TEST_F(DrawingTest, ThoseNamedBesideTheDrawMayBeTheSameInAnyOrder) {
  Bind("visited", "draws/units", {"units/shuiwu"});
  Bind("inspectors", "draws/posts", {"posts/luru", "posts/ducha-yanshou"});
  EXPECT_EQ(Refusal(), "");
  EXPECT_THAT(BoundTo("visit", "inspectors"), ElementsAre("draws/posts", "posts/ducha-yanshou", "posts/luru"))
      << "in the order drawn all the same";
}

TEST_F(DrawingTest, NoneOfThoseDrawnIsLeftOutAndNobodyPutIn) {
  Bind("visited", "draws/units");
  Bind("inspectors", "draws/posts", {"posts/ducha-yanshou"});
  EXPECT_EQ(Refusal(), "DRAW_MISMATCH");
  request.mutable_parties(1)->add_ids("posts/luru");
  request.mutable_parties(1)->add_ids("posts/duchayi-kezhang");
  EXPECT_EQ(Refusal(), "DRAW_MISMATCH");
}

TEST_F(DrawingTest, ADrawInWhichNobodyWasDrawnBindsNobody) {
  Bind("visited", "draws/units");
  Bind("inspectors", "draws/nobody");
  EXPECT_EQ(Refusal(), "DRAW_MISMATCH");
}

TEST_F(DrawingTest, APartyThatIsNotDrawnTakesNoDraw) {
  Bind("visited", "draws/units");
  Bind("guide", "draws/posts");
  EXPECT_EQ(Refusal(), "PARTY_NOT_DRAWN");
}

TEST_F(DrawingTest, ADrawThatIsNotThereOrHiddenIsNotFound) {
  Bind("visited", "draws/none");
  EXPECT_EQ(Refusal(), "DRAW_NOT_FOUND");
}

TEST_F(DrawingTest, APopulationAloneIsNoDraw) {
  Bind("visited", "draws/frozen");
  EXPECT_EQ(Refusal(), "DRAW_NOT_MADE");
}

TEST_F(DrawingTest, ADrawThatWasRepeatedCountsNoMore) {
  Bind("visited", "draws/old");
  EXPECT_EQ(Refusal(), "DRAW_REPEATED");
}

TEST_F(DrawingTest, APartyOfOneTakesADrawOfExactlyOne) {
  Bind("visited", "draws/two");
  EXPECT_EQ(Refusal(), "DRAW_MISMATCH");
}

TEST_F(DrawingTest, WhoWasDrawnMustBeOfThePartysKind) {
  Bind("visited", "draws/units");
  Bind("inspectors", "draws/two");
  EXPECT_EQ(Refusal(), "PARTY_ID_UNKNOWN");
}

TEST_F(DrawingTest, ADrawnPartyIsNotTransferred) {
  Bind("visited", "draws/units");
  ASSERT_EQ(Refusal(), "");
  v1::ActOnCaseRequest transfer;
  transfer.set_action("transfer");
  transfer.set_party("visited");
  transfer.set_target("units/zhujian");
  transfer.set_reason("职责不在本单位");
  EXPECT_EQ(desk.Act("visit", kIssuer, transfer).reason, "PARTY_DRAWN");
}

TEST_F(DrawingTest, ACaseOpenedFromItTakesWhoWasDrawnWithTheDraw) {
  Bind("visited", "draws/units");
  ASSERT_EQ(Refusal(), "");
  ASSERT_FALSE(desk.Act("visit", kIssuer, "again").refused);
  desk.Name("again");
  EXPECT_THAT(BoundTo("again", "visited"), ElementsAre("draws/units", "units/shuiwu"));
}

// The duties of a post or a unit go over as a whole; the draw still says who it was at first.
TEST_F(DrawingTest, AHandOverOfDutiesTakesTheDrawnPartAlong) {
  Bind("visited", "draws/units");
  ASSERT_EQ(Refusal(), "");
  v1::HandOver task;
  task.set_from("units/shuiwu");
  task.set_to("units/zhujian");
  task.set_reason("机构合并");
  ASSERT_FALSE(desk.HandOver("visit", task).refused);
  EXPECT_THAT(BoundTo("visit", "visited"), ElementsAre("draws/units", "units/zhujian"));
}

// A case whose members were named cannot become one whose members are drawn.
TEST_F(DrawingTest, ACaseWithoutADrawDoesNotGoToAVersionThatAsksForOne) {
  std::string drawn_guide = kVisit;
  const std::string was = "{kind: post, title: {zh: 带队}, optional: true}";
  drawn_guide.replace(drawn_guide.find(was), was.size(),
                      "{kind: post, title: {zh: 带队}, optional: true, drawn: true}");
  Bind("visited", "draws/units");
  Bind("guide", "", {"posts/luru"});
  ASSERT_EQ(Refusal(), "");
  desk.Revise({"visit.yaml", drawn_guide});
  ASSERT_THAT(desk.errors(), IsEmpty());
  v1::Migration task;
  task.set_procedure("visit");
  task.set_from_version(1);
  task.set_to_version(2);
  EXPECT_EQ(desk.Migrate("visit", task).reason, "MIGRATION_PARTY");
}

TEST_F(DrawingTest, ACaseWithItsDrawGoesOnUnderAFurtherVersion) {
  Bind("visited", "draws/units");
  ASSERT_EQ(Refusal(), "");  // Inspectors may be drawn, and were not.
  std::string renamed = kVisit;
  const std::string was = "{zh: 被查单位}";
  renamed.replace(renamed.find(was), was.size(), "{zh: 受检单位}");
  desk.Revise({"visit.yaml", renamed});
  v1::Migration task;
  task.set_procedure("visit");
  task.set_from_version(1);
  task.set_to_version(2);
  EXPECT_THAT(desk.Migrate("visit", task).events, ElementsAre("visit: CaseMigrated 2 visiting"));
}

}  // namespace
}  // namespace duban::engine
