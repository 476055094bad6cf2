// Draws: anybody can make one again from what is written; who is related is not drawn; drawing again leaves its trace;
// and nobody knows beforehand that he is drawn.
#include "engine/draw/draw.h"

#include <gmock/gmock.h>

#include "store/disk_files.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Draws : public testing::Test {
 protected:
  v1::FreezeDrawRequest Request(const std::vector<std::string>& candidates, int count) {
    v1::FreezeDrawRequest request;
    request.set_title("三季度检查对象");
    for (const std::string& id : candidates) request.add_candidates()->set_id(id);
    v1::DrawRequestShare& share = *request.add_shares();
    share.set_count(count);
    share.set_every_group(true);
    request.set_idempotency_key(office.FreshKey());
    return request;
  }
  v1::Draw Freeze(const v1::FreezeDrawRequest& request) {
    return office.Must<v1::FreezeDrawResponse>(office.Call(kSupervisor, request)).draw();
  }
  v1::SeedDrawRequest Seed(const std::string& draw, const std::string& seed = "3127.45") {
    v1::SeedDrawRequest request;
    request.set_draw(draw);
    request.set_seed(seed);
    if (!seed.empty()) request.set_source("某指数某日收盘");
    request.set_idempotency_key(office.FreshKey());
    return request;
  }
  v1::Draw Draw(const v1::SeedDrawRequest& request) {
    return office.Must<v1::SeedDrawResponse>(office.Call(kSupervisor, request)).draw();
  }

  Office office{{.own_thread = false}};
};

TEST_F(Draws, IsMadeAgainByAnybodyFromPopulationAndSeed) {
  const v1::Draw frozen = Freeze(Request({"units/zhujian", "units/shuiwu", "units/shenji", "units/ducha"}, 2));
  EXPECT_FALSE(frozen.has_made());
  const v1::Draw made = Draw(Seed(frozen.name()));
  EXPECT_THAT(made.made().drawn(), SizeIs(2));
  // By hand, as docs/draws.md says it.
  const std::string text = "units/ducha\t\t\nunits/shenji\t\t\nunits/shuiwu\t\t\nunits/zhujian\t\t\n#\t2\n";
  const std::string digest = store::Sha256Hex(text);
  EXPECT_EQ(made.frozen().digest(), digest);
  std::map<std::string, std::string> tickets;
  for (const char* id : {"units/zhujian", "units/shuiwu", "units/shenji", "units/ducha"}) {
    tickets[store::Sha256Hex(absl::StrCat("3127.45\n", digest, "\n", id))] = id;
  }
  EXPECT_THAT(made.made().drawn(), ElementsAre(tickets.begin()->second, std::next(tickets.begin())->second));
  // Population, seed and draw are three events, in this order; and asked again, the answer is the same.
  std::vector<std::string> kinds;
  for (const v1::EventRecord& record : office.Events(kAuditor, frozen.name())) {
    kinds.push_back(record.event().has_draw_frozen() ? "frozen" : record.event().has_draw_seeded() ? "seeded" : "made");
  }
  EXPECT_THAT(kinds, ElementsAre("frozen", "seeded", "made"));
  office.Restart();
  v1::GetDrawRequest get;
  get.set_draw(frozen.name());
  EXPECT_EQ(office.MustRead(office.node().GetDraw(kAuditor, get)).draw().SerializeAsString(), made.SerializeAsString());
  ExpectDerived(office.store());
}

TEST_F(Draws, IsMadeOnceAndAgainOnlyWithAReasonThatLeavesItsTrace) {
  const v1::Draw first = Draw(Seed(Freeze(Request({"units/zhujian", "units/shuiwu"}, 1)).name(), ""));
  EXPECT_EQ(first.seeded().seed().size(), 64u) << "random bytes of the server, in hexadecimal digits";
  const v1::SeedDrawRequest twice = Seed(first.name());
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, twice)), "DRAW_MADE");
  v1::FreezeDrawRequest again = Request({"units/zhujian", "units/shuiwu"}, 1);
  again.set_redraws(first.name());
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, again)), "REASON_REQUIRED");
  again.set_reason("抽中单位正在审计");
  const v1::Draw second = Freeze(again);
  EXPECT_EQ(second.frozen().redraws(), first.name());
  const v1::ListDrawsResponse list = office.MustRead(office.node().ListDraws(kSupervisor, {}));
  ASSERT_EQ(list.draws_size(), 2) << "the earlier one stays";
  EXPECT_EQ(list.draws(0).name(), second.name());
}

TEST_F(Draws, WhoIsRelatedOrServesThereIsNotDrawn) {
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("kin");
  v1::Relation& relation = *directory.add_relations();
  relation.set_name("relations/yanshou-shuiwu");
  relation.set_kind("kin");
  relation.set_from(kReviewer);
  relation.set_to(kWater);
  office.Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  v1::FreezeDrawRequest request = Request({kSupervisor, kReviewer, kHousing, kWater}, 4);
  request.add_not_related_to("units/shuiwu");
  const v1::Draw made = Draw(Seed(Freeze(request).name()));
  EXPECT_THAT(made.made().drawn(), testing::UnorderedElementsAre(kSupervisor, kHousing));
  EXPECT_EQ(made.frozen().shares(0).count(), 2);
}

TEST_F(Draws, ASampleTakesItsShareOfEachGroupAndNoCaseThatOneMayNotSee) {
  v1::FreezeDrawRequest request = Request({}, 0);
  std::vector<std::string> names;
  for (int i = 0; i < 11; ++i) {
    v1::DrawCandidate& candidate = *request.add_candidates();
    candidate.set_id(office.Open("units/zhujian", absl::StrCat("问题", i)).case_());
    candidate.set_group(i < 10 ? "水环境" : "大气环境");
  }
  request.mutable_shares(0)->set_permille(200);
  request.mutable_shares(0)->set_at_least(1);
  const v1::Draw made = Draw(Seed(Freeze(request).name()));
  EXPECT_THAT(made.made().drawn(), SizeIs(3)) << "two of ten, and one of one";
  // Whose it is not finds no such case; who has no right to open fixes nothing.
  EXPECT_EQ(ReasonOf(office.Call(kWater, request)), "RIGHT_REQUIRED");
  request.mutable_candidates(3)->set_id("cases/aaaaaaaaaaaaa");
  request.set_idempotency_key(office.FreshKey());
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, request)), "CASE_NOT_FOUND");
}

TEST_F(Draws, IsNoBusinessOfThoseWhoAreDrawn) {
  const v1::Draw made = Draw(Seed(Freeze(Request({"units/zhujian", "units/shuiwu"}, 2)).name()));
  v1::GetDrawRequest get;
  get.set_draw(made.name());
  EXPECT_EQ(ReasonOf(office.node().GetDraw(kHousing, get)), "DRAW_NOT_FOUND");
  EXPECT_EQ(office.MustRead(office.node().ListDraws(kHousing, {})).draws_size(), 0);
  EXPECT_EQ(ReasonOf(office.Call(kHousing, Seed(made.name()))), "DRAW_NOT_FOUND");
  v1::ReadEventsRequest events;
  events.set_stream(made.name());
  EXPECT_EQ(ReasonOf(office.node().ReadEvents(kHousing, events)), "STREAM_NOT_FOUND");
}

constexpr char kVisit[] = R"yaml(
procedure: visit
title: {zh: 抽查, en: Visit}
may_open: [issuer]
parties:
  issuer:  {kind: unit, right: issue, title: {zh: 组织单位}}
  visited: {kind: unit, title: {zh: 被查单位}, drawn: true}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
stages:
  visiting: {title: {zh: 检查中}, within: 10 days, actions: {report: {title: {zh: 报告}, by: issuer, to: reported}}}
  reported: {title: {zh: 已报告}, end: done}
)yaml";

TEST_F(Draws, APartyThatIsDrawnIsBoundFromOneThatWhoeverOpensSeesAndNobodyRepeated) {
  office.Publish("visit", kVisit);
  const auto visit = [&](const std::string& draw) {
    v1::OpenCaseRequest request;
    request.set_procedure("visit");
    request.set_idempotency_key(office.FreshKey());
    Office::Bind(request, "issuer", "units/ducha");
    v1::PartyBinding& visited = *request.add_parties();
    visited.set_party("visited");
    visited.set_draw(draw);
    Office::SetField(request.mutable_fields(), "matter")->set_text("燃气安全");
    return request;
  };
  const v1::Draw frozen = Freeze(Request({"units/zhujian", "units/shuiwu"}, 1));
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, visit(frozen.name()))), "DRAW_NOT_MADE");
  const v1::Draw made = Draw(Seed(frozen.name()));
  EXPECT_EQ(ReasonOf(office.Call(kReviewer, visit(made.name()))), "DRAW_NOT_FOUND") << "he does not see it";
  const std::string opened = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, visit(made.name()))).case_();
  const v1::Case shown = office.Show(kSupervisor, opened);
  ASSERT_EQ(shown.parties_size(), 2);
  EXPECT_EQ(shown.parties(1).draw(), made.name());
  EXPECT_EQ(shown.parties(1).members(0).id(), made.made().drawn(0));
  // From the moment a redraw has its population the former one counts no more.
  v1::FreezeDrawRequest again = Request({"units/zhujian", "units/shuiwu"}, 1);
  again.set_redraws(made.name());
  again.set_reason("名单有误");
  Freeze(again);
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, visit(made.name()))), "DRAW_REPEATED");
  office.Restart();
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, visit(made.name()))), "DRAW_REPEATED");
  ExpectDerived(office.store());
}

TEST_F(Draws, WhatIsWrongIsSaid) {
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request({}, 1))), "DRAW_CANDIDATES");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request({"units/nobody"}, 1))), "DRAW_CANDIDATES");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request({"units/shuiwu", "units/shuiwu"}, 1))), "DRAW_CANDIDATES");
  v1::FreezeDrawRequest untitled = Request({"units/shuiwu"}, 1);
  untitled.clear_title();
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, untitled)), "DRAW_TITLE");
  v1::FreezeDrawRequest no_share = Request({"units/shuiwu"}, 1);
  no_share.clear_shares();
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, no_share)), "DRAW_SHARES");
  v1::SeedDrawRequest bare = Seed(Freeze(Request({"units/shuiwu"}, 1)).name());
  bare.clear_source();
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, bare)), "DRAW_SEED");
}

}  // namespace
}  // namespace duban::node
