// Plans that draw some of their units, and who inspects them: population, seed and draw stand in the commit that says
// that it came due; nobody with a relation to a unit that was drawn inspects it.
#include <gmock/gmock.h>

#include <set>

#include "absl/strings/str_replace.h"
#include "engine/draw/draw.h"
#include "store/disk_files.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kSpot[] = R"yaml(
procedure: spot
title: {zh: 随机抽查}
may_open: [office]
parties:
  office:     {kind: unit, title: {zh: 组织单位}}
  visited:    {kind: unit, many: true, drawn: true, title: {zh: 被查单位}}
  inspectors: {kind: person, many: true, drawn: true, title: {zh: 检查人员}, never: {unit_of: [visited]}}
fields: {matter: {title: {zh: 事项}, type: text, required: true}}
stages:
  visiting: {title: {zh: 检查中}, no_deadline: 试验, actions: {done: {title: {zh: 办结}, by: inspectors, to: closed}}}
  closed: {title: {zh: 已办结}, end: done}
)yaml";

constexpr char kSeason[] = R"yaml(
plan: season
title: {zh: 季度双随机}
by: posts/duchayi-kezhang
when: {rrule: "FREQ=MONTHLY;BYMONTH=9,12;BYMONTHDAY=21", from: 2026-01-01, until: 2026-12-31}
for: {units: [units/zhujian, units/shuiwu, units/shenji], count: 2}
opens: {procedure: spot, party: visited, bind: {office: units/ducha}, set: {matter: 有限空间}, draw: {inspectors: {from: [posts/yanshou, posts/zhujian-chengban, posts/shuiwu-chengban, posts/shenji], count: 1}}}
)yaml";

class DrawnUnits : public testing::Test {
 protected:
  DrawnUnits() { office.Publish("spot", kSpot); }

  Reply<Response> Put(const std::vector<std::pair<std::string, std::string>>& changes = {}) {
    v1::PutPlanRequest request;
    request.mutable_file()->set_path("season.yaml");
    request.mutable_file()->set_text(absl::StrReplaceAll(kSeason, changes));
    request.set_idempotency_key(office.FreshKey());
    return office.Call(kSupervisor, request);
  }
  v1::PlanDue Due() {
    v1::PlanDue out;
    for (const v1::EventRecord& record : office.Events(kAuditor, "plans/season")) {
      if (record.event().has_plan_due()) out = record.event().plan_due();
    }
    return out;
  }
  v1::Draw Draw(const std::string& name) {
    v1::GetDrawRequest get;
    get.set_draw(name);
    return office.MustRead(office.node().GetDraw(kSupervisor, get)).draw();
  }
  std::vector<v1::Case> Opened() {
    std::vector<v1::Case> out;
    const v1::QueryLedgerResponse ledger = office.Ledger(kSupervisor);
    for (const v1::LedgerRow& row : ledger.rows()) out.push_back(office.Show(kSupervisor, row.case_()));
    return out;
  }
  v1::Job Job() {
    v1::GetJobRequest get;
    get.set_job(Due().job());
    return office.MustRead(office.node().GetJob(kSupervisor, get)).job();
  }
  static std::set<std::string> Members(const v1::Case& shown, const std::string& party) {
    std::set<std::string> out;
    for (const v1::CaseParty& one : shown.parties()) {
      for (const v1::CasePartyMember& member : one.members()) {
        if (one.party() == party) out.insert(member.id());
      }
    }
    return out;
  }

  Office office{{.own_thread = false, .start = "2026-09-01 09:00"}};
};

TEST_F(DrawnUnits, WhoIsVisitedAndWhoVisitsAreDrawnAndAllInOneCase) {
  Office::Must<v1::PutPlanResponse>(Put());
  office.Advance(At("2026-09-22 09:00"));
  const v1::PlanDue due = Due();
  ASSERT_THAT(due.population(), SizeIs(2));
  const v1::Draw units = Draw(due.draw());
  EXPECT_THAT(units.frozen().candidates(), SizeIs(3));
  EXPECT_EQ(store::Sha256Hex(engine::CanonicalText(units.frozen())), units.frozen().digest());
  const std::vector<std::string> again = engine::Drawn(units.frozen(), units.seeded().seed(),
                                                       [](absl::string_view bytes) { return store::Sha256Hex(bytes); });
  EXPECT_EQ(again, std::vector<std::string>(due.population().begin(), due.population().end()));
  // One case of all of them, each party bound from its draw.
  const std::vector<v1::Case> opened = Opened();
  ASSERT_THAT(opened, SizeIs(1)) << Job().ShortDebugString();
  EXPECT_EQ(Members(opened[0], "visited"), std::set<std::string>(due.population().begin(), due.population().end()));
  std::string draw;
  for (const v1::CaseParty& party : opened[0].parties()) {
    if (party.party() == "inspectors") draw = party.draw();
    const bool visited = party.party() == "visited";
    EXPECT_EQ(visited, party.draw() == due.draw());
  }
  // The holders of the posts were the candidates; whoever serves in a unit that was drawn was left out, and it says so.
  const v1::Draw inspectors = Draw(draw);
  std::set<std::string> excluded;
  ASSERT_THAT(inspectors.frozen().candidates(), SizeIs(4));
  for (const v1::DrawCandidate& one : inspectors.frozen().candidates()) {
    EXPECT_THAT(one.id(), HasSubstr("persons/"));
    if (!one.excluded().empty()) excluded.insert(one.id());
  }
  EXPECT_THAT(excluded, SizeIs(2));
  const std::set<std::string> visiting = Members(opened[0], "inspectors");
  ASSERT_THAT(visiting, SizeIs(1));
  EXPECT_EQ(excluded.count(*visiting.begin()), 0u);
  office.Restart();
  ExpectDerived(office.store());
}

TEST_F(DrawnUnits, APartyThatIsNotDrawnHasACaseEach) {
  const std::string plain =
      absl::StrReplaceAll(kSpot, {{"procedure: spot", "procedure: plain"},
                                  {"many: true, drawn: true, title: {zh: 被查单位}", "title: {zh: 被查单位}"}});
  office.Publish("plain", plain);
  Office::Must<v1::PutPlanResponse>(Put({{"procedure: spot", "procedure: plain"}}));
  office.Advance(At("2026-09-22 09:00"));
  const std::vector<v1::Case> opened = Opened();
  ASSERT_THAT(opened, SizeIs(2));
  std::set<std::string> visited;
  for (const v1::Case& one : opened) visited.merge(Members(one, "visited"));
  const v1::PlanDue due = Due();
  EXPECT_EQ(visited, std::set<std::string>(due.population().begin(), due.population().end()));
  EXPECT_EQ(Members(opened[0], "inspectors"), Members(opened[1], "inspectors"));
}

TEST_F(DrawnUnits, WhereNobodyIsLeftToInspectTheJobSaysWhoIsMissing) {
  Office::Must<v1::PutPlanResponse>(Put({{"count: 2}", "count: 3}"}, {"posts/yanshou, ", ""}}));
  office.Advance(At("2026-09-22 09:00"));
  EXPECT_THAT(Opened(), IsEmpty());
  const v1::Job job = Job();
  ASSERT_EQ(job.refusals_size(), 1);
  EXPECT_EQ(job.refusals(0).reason(), "MISSING_PARTY");
  EXPECT_THAT(job.refusals(0).message().zh(), HasSubstr("检查人员"));
}

TEST_F(DrawnUnits, WhatMustBeDrawnCannotBeNamedAndTheOtherWayRound) {
  const auto wrong = [&](const std::vector<std::pair<std::string, std::string>>& changes) {
    const Reply<Response> reply = Put(changes);
    const auto* rejection = std::get_if<engine::Rejection>(&reply);
    return rejection == nullptr ? "" : rejection->message.en();
  };
  EXPECT_THAT(wrong({{", count: 2", ""},
                     {", draw: {inspectors: {from: [posts/yanshou, posts/zhujian-chengban, "
                      "posts/shuiwu-chengban, posts/shenji], count: 1}}",
                      ""}}),
              HasSubstr("is drawn and cannot be named"));
  EXPECT_THAT(wrong({{"inspectors: {from", "office: {from"}}), HasSubstr("that is drawn"));
  EXPECT_THAT(wrong({{"posts/yanshou", "units/ducha"}}), HasSubstr("units/ducha"));
  EXPECT_THAT(wrong({{"posts/yanshou", "posts/nobody"}}), HasSubstr("posts/nobody"));
}

}  // namespace
}  // namespace duban::node
