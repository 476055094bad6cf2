// A supervising team's records stand in the cases it looks into; which team it was is for those who see the team.
#include <gmock/gmock.h>

#include "tests/node/support/office.h"

namespace duban::node {
namespace {

constexpr char kTeam[] = R"(
procedure: team
title: 督查组
may_open: [issuer]
parties:
  issuer: {kind: unit, right: issue, title: 组建单位}
  leader: {kind: post, title: 组长}
fields:
  topic: {title: 督查事项, type: text, required: true}
  scope: {title: 督查范围, type: unit, many: true, required: true}
  until: {title: 任期至, type: date, required: true}
stages:
  working:
    title: 督查中
    actions:
      report: {title: 提交督查报告, by: leader, to: over}
  over: {title: 完成, end: done}
clocks:
  term: {title: 任期, from: working, until: over, due: until, charged_to: issuer}
mandate: {by: leader, in: working, over: scope, until: term}
)";

class Mandates : public testing::Test {
 protected:
  Mandates() { office_.Publish("team", kTeam); }

  std::string Team(const std::string& scope, const std::string& until) {
    v1::OpenCaseRequest request;
    request.set_procedure("team");
    request.set_idempotency_key(office_.FreshKey());
    Office::Bind(request, "issuer", "units/ducha");
    Office::Bind(request, "leader", "posts/yanshou");
    Office::SetField(request.mutable_fields(), "topic")->set_text("扬尘");
    Office::SetField(request.mutable_fields(), "scope")->set_reference(scope);
    Office::SetField(request.mutable_fields(), "until")->set_date(until);
    return Office::Must<v1::OpenCaseResponse>(office_.Call(kSupervisor, request)).case_();
  }
  v1::ActOnCaseRequest Visit(const std::string& name, const std::string& team) {
    v1::ActOnCaseRequest request = office_.Action(name, "on_site");
    request.set_note("现场未覆盖");
    request.set_target(team);
    return request;
  }

  Office office_;
};

TEST_F(Mandates, WhichTeamItWasIsForThoseWhoSeeIt) {
  const std::string order = office_.Open("units/zhujian", "裸土未覆盖", "2026-10-20").case_();
  const std::string team = Team("units/zhujian", "2026-09-30");
  Office::Must<v1::ActOnCaseResponse>(office_.Call(kReviewer, Visit(order, team)));
  const auto told = [&](const std::string& viewer) {
    for (const v1::EventRecord& record : office_.Events(viewer, order)) {
      if (record.event().action_taken().action() == "on_site") return record.event().action_taken().through();
    }
    return std::string("not told at all");
  };
  EXPECT_EQ(told(kReviewer), team);
  EXPECT_EQ(told(kSupervisor), team);
  EXPECT_EQ(told(kHousing), "") << "the visit is in the case's history, the team is not for the visited";
}

TEST_F(Mandates, HoldsForTheScopeUntilTheTermIsOverAndNoLonger) {
  const std::string inside = office_.Open("units/zhujian", "裸土未覆盖", "2026-10-20").case_();
  const std::string outside = office_.Open("units/shuiwu", "排口未封", "2026-10-20").case_();
  const std::string team = Team("units/zhujian", "2026-09-30");
  EXPECT_EQ(ReasonOf(office_.Call(kReviewer, Visit(outside, team))), "OUT_OF_MANDATE");
  EXPECT_EQ(ReasonOf(office_.Call(kSupervisor, Visit(inside, team))), "NOT_YOUR_PART");
  EXPECT_EQ(ReasonOf(office_.Call(kHousing, Visit(inside, team))), "CASE_NOT_FOUND") << "a team that one may not see";
  EXPECT_EQ(ReasonOf(office_.Call(kReviewer, Visit(inside, outside))), "NO_MANDATE");
  office_.Advance(At("2026-10-01 00:00"));
  EXPECT_EQ(ReasonOf(office_.Call(kReviewer, Visit(inside, team))), "MANDATE_OVER");
}

TEST_F(Mandates, WhatHappenedBeforeTheTermEndedMayBeTypedLater) {
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("clerk");
  v1::Post& post = *directory.add_posts();
  post.set_name("posts/luru");
  post.set_title("录入岗");
  post.set_unit("units/ducha");
  post.add_holders(kReviewer);
  post.add_rights("enter");
  Office::Must<v1::ApplyDirectoryResponse>(office_.Call(kOperatorPerson, directory));
  const std::string order = office_.Open("units/zhujian", "裸土未覆盖", "2026-10-20").case_();
  const std::string team = Team("units/zhujian", "2026-09-30");
  office_.Act(kHousing, order, "acknowledge");
  office_.Advance(At("2026-09-30 12:00"));
  v1::ActOnCaseRequest early = Visit(order, team);
  early.set_reason("补录走访记录");
  *early.mutable_occurred_at() = engine::ToProto(At("2026-09-29 15:00"));
  Office::Must<v1::ActOnCaseResponse>(office_.Call(kReviewer, early));
  v1::ActOnCaseRequest before = Visit(order, team);
  before.set_reason("补录走访记录");
  *before.mutable_occurred_at() = engine::ToProto(At("2026-08-31 15:00"));
  EXPECT_EQ(ReasonOf(office_.Call(kReviewer, before)), "OCCURRED_TOO_EARLY");
}

}  // namespace
}  // namespace duban::node
