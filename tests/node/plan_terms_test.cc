// Plans for posts on a node: terms and vacancies come due once each, whatever the directory is told and however the
// node lives; and nobody looks through posts to find what is due next.
#include <gmock/gmock.h>

#include <random>

#include "absl/strings/str_replace.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/permits.h"

namespace duban::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kTerms[] = R"yaml(
plan: terms
title: {zh: 换届提醒}
by: posts/duchayi-kezhang
when: {term_end: [6 months, 3 months, 1 month]}
for: {units: [units/zhujian, units/shuiwu]}
opens: {procedure: permit, party: other, bind: {office: units/ducha}, copy: {matter: post}}
)yaml";

class TermOffice : public PermitOffice {
 public:
  explicit TermOffice(std::shared_ptr<store::Store> store = nullptr, bool virtual_clock = true)
      : PermitOffice({.virtual_clock = virtual_clock, .own_thread = false, .start = "2026-01-05 10:00"},
                     std::move(store)) {}

  v1::ApplyDirectoryRequest Post(const std::string& name, const std::string& unit, const std::string& term_end) {
    v1::ApplyDirectoryRequest request;
    request.set_idempotency_key(FreshKey());
    v1::Post& post = *request.add_posts();
    post.set_name(name);
    post.set_title(name);
    post.set_unit(unit);
    if (!term_end.empty()) post.add_holders(kWater);
    post.set_term_end(term_end);
    return request;
  }
  void Tell(const std::string& name, const std::string& unit, const std::string& term_end) {
    Must<v1::ApplyDirectoryResponse>(Call(kOperatorPerson, Post(name, unit, term_end)));
  }
  v1::PutPlanRequest Plan(const std::vector<std::pair<std::string, std::string>>& changes = {}) {
    v1::PutPlanRequest request;
    request.mutable_file()->set_path("terms.yaml");
    request.mutable_file()->set_text(absl::StrReplaceAll(kTerms, changes));
    request.set_idempotency_key(FreshKey());
    return request;
  }
  v1::PutPlanResponse Put(const std::vector<std::pair<std::string, std::string>>& changes = {}) {
    return Must<v1::PutPlanResponse>(Call(kSupervisor, Plan(changes)));
  }
  // "2026-03-31 09:00: 2026-06-30 posts/a 3 months" of each time that it came due.
  std::vector<std::string> Dues() {
    std::vector<std::string> out;
    for (const v1::EventRecord& record : Events(kAuditor, "plans/terms")) {
      if (!record.event().has_plan_due()) continue;
      const v1::PlanDue& due = record.event().plan_due();
      out.push_back(absl::StrCat(engine::Zone(8 * 3600).Format(engine::FromProto(due.at())), ": ", due.occurrence()));
      EXPECT_THAT(due.population(), ElementsAre(due.occurrence().substr(11, due.occurrence().find(' ', 11) - 11)));
    }
    return out;
  }
  int64_t Cases(const std::string& viewer) { return Ledger(viewer).total_size(); }
};

TEST(PlanForPosts, InOneLeapOfTheClockEachMarkComesOnItsOwnDay) {
  TermOffice office;
  office.Tell("posts/a", "units/zhujian", "2026-07-31");
  office.Tell("posts/b", "units/shuiwu", "2026-07-31");
  office.Tell("posts/elsewhere", "units/shenji", "2026-07-31");
  const v1::PutPlanResponse put = office.Put();
  EXPECT_EQ(put.plan().population(), 2);
  EXPECT_EQ(put.plan().when().zh(), "任期届满前6个月、3个月、1个月");
  EXPECT_EQ(engine::FromProto(put.plan().next_at()), At("2026-01-31 09:00"));
  EXPECT_THAT(put.days(),
              ElementsAre("2026-01-31", "2026-01-31", "2026-04-30", "2026-04-30", "2026-06-30", "2026-06-30"));
  EXPECT_EQ(put.occasions(1).zh(), "水务局posts/b，任期 2026-07-31 届满，届满前6个月");
  office.Advance(At("2026-08-05 09:00"));
  EXPECT_THAT(
      office.Dues(),
      ElementsAre("2026-01-31 09:00: 2026-07-31 posts/a 6 months", "2026-01-31 09:00: 2026-07-31 posts/b 6 months",
                  "2026-04-30 09:00: 2026-07-31 posts/a 3 months", "2026-04-30 09:00: 2026-07-31 posts/b 3 months",
                  "2026-06-30 09:00: 2026-07-31 posts/a 1 month", "2026-06-30 09:00: 2026-07-31 posts/b 1 month"));
  EXPECT_EQ(office.Cases(kHousing), 3);
  std::vector<std::string> days;
  const v1::QueryLedgerResponse ledger = office.Ledger(kHousing);
  for (const v1::LedgerRow& row : ledger.rows()) {
    days.push_back(engine::FormatDay(engine::Zone(8 * 3600).DayOf(engine::FromProto(row.opened_at()))));
  }
  EXPECT_THAT(days, ElementsAre("2026-06-30", "2026-04-30", "2026-01-31"));
  const v1::PlanStatus status = office.MustRead(office.node().ListPlans(kSupervisor, {})).plans(0);
  EXPECT_EQ(status.last(), "2026-07-31 posts/b 1 month");
  EXPECT_FALSE(status.has_next_at());
  ExpectDerived(office.store());
}

TEST(PlanForPosts, WhatTheDirectoryIsToldMovesWhatComesNextAndEachIsWrittenOnce) {
  TermOffice office;
  office.Put();
  EXPECT_FALSE(office.MustRead(office.node().ListPlans(kSupervisor, {})).plans(0).has_next_at());
  office.Tell("posts/a", "units/zhujian", "2026-07-31");
  office.Advance(At("2026-02-10 09:00"));
  // Given a term that is put off, put back, and told again with another title.
  office.Tell("posts/a", "units/zhujian", "2027-07-31");
  EXPECT_EQ(engine::FromProto(office.MustRead(office.node().ListPlans(kSupervisor, {})).plans(0).next_at()),
            At("2027-01-31 09:00"));
  office.Tell("posts/a", "units/zhujian", "2026-07-31");
  office.Restart();
  office.Advance(At("2026-05-10 09:00"));
  // And one that the directory learns of when two of its marks have passed.
  office.Tell("posts/b", "units/shuiwu", "2026-06-20");
  office.Tell("posts/over", "units/shuiwu", "2026-05-09");
  office.Advance(At("2026-05-11 09:00"));
  office.Restart();
  office.Advance(At("2026-06-01 09:00"));
  EXPECT_THAT(
      office.Dues(),
      ElementsAre("2026-01-31 09:00: 2026-07-31 posts/a 6 months", "2026-04-30 09:00: 2026-07-31 posts/a 3 months",
                  "2026-05-10 09:00: 2026-06-20 posts/b 3 months", "2026-05-20 09:00: 2026-06-20 posts/b 1 month"));
  // Vacant, it is vacant since it was put; the plan for terms has nothing to say of it.
  office.Tell("posts/a", "units/zhujian", "");
  office.Put({{"plan: terms", "plan: vacant"}, {"term_end: [6 months, 3 months, 1 month]", "vacant: 2 months"}});
  office.Advance(At("2026-09-01 09:00"));
  EXPECT_THAT(office.Dues(), SizeIs(4));
  std::vector<std::string> vacant;
  for (const v1::EventRecord& record : office.Events(kAuditor, "plans/vacant")) {
    if (record.event().has_plan_due()) vacant.push_back(record.event().plan_due().occurrence());
  }
  EXPECT_THAT(vacant, ElementsAre("2026-06-01 posts/a 2 months"));
  ExpectDerived(office.store());
}

TEST(PlanForPosts, AfterTimeInWhichNobodyWasThereEachIsMadeUpForOnce) {
  TermOffice office(nullptr, /*virtual_clock=*/false);
  office.Tell("posts/a", "units/zhujian", "2026-07-08");
  office.Tell("posts/b", "units/shuiwu", "2026-07-15");
  office.Put();
  EXPECT_THAT(office.Dues(), IsEmpty());
  // Given that six months before pass while the server is down.
  office.clock().Set(At("2026-01-17 12:00"));
  office.Restart();
  while (office.node().Pump()) {
  }
  const std::vector<std::string> once = {"2026-01-08 09:00: 2026-07-08 posts/a 6 months",
                                         "2026-01-15 09:00: 2026-07-15 posts/b 6 months"};
  EXPECT_EQ(office.Dues(), once);
  office.Restart();
  office.clock().Set(At("2026-01-18 12:00"));
  while (office.node().Pump()) {
  }
  EXPECT_EQ(office.Dues(), once);
  EXPECT_EQ(office.Cases(kHousing), 1);
}

TEST(PlanForPosts, OnlyWhoeverPlansSeesWhatComes) {
  TermOffice office;
  office.Tell("posts/a", "units/zhujian", "2026-07-31");
  office.Put();
  EXPECT_EQ(office.MustRead(office.node().ListPlans(kHousing, {})).plans_size(), 0);
  v1::ReadEventsRequest events;
  events.set_stream("plans/terms");
  office.Advance(At("2026-02-01 09:00"));
  EXPECT_EQ(ReasonOf(office.node().ReadEvents(kHousing, events)), "STREAM_NOT_FOUND");
  EXPECT_EQ(office.Cases(kHousing), 1) << "what has been opened it sees";
}

TEST(PlanForPosts, TheDirectoryRefusesDaysThatAreNotAndAVacancyThatIsHeld) {
  TermOffice office;
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, office.Post("posts/a", "units/zhujian", "2026-02-30"))),
            "DIRECTORY_DAY_INVALID");
  v1::ApplyDirectoryRequest held = office.Post("posts/a", "units/zhujian", "2026-07-31");
  held.mutable_posts(0)->set_vacant_since("2026-01-01");
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, held)), "DIRECTORY_POST_HELD");
}

TEST(PlanForPosts, CutShortAtRandomPointsEachComesDueOnceAndOpensOneCase) {
  constexpr int kCuts = 60;
  auto store = std::make_shared<CutStore>();
  TermOffice office(store);
  office.Publish("plain", absl::StrReplaceAll(kPermit, {{"budget: 5 working days", "due: due"},
                                                        {"extend: {title: {zh: 延期}, by: other, approved_by: office, "
                                                         "at_most: 1 per case, needs: [due, reason]}",
                                                         ""}}));
  for (int i = 0; i < kCuts; ++i) {
    office.Tell(absl::StrCat("posts/p", i), "units/zhujian", engine::FormatDay(engine::Day(2026, 2, 6) + i));
  }
  office.Put({{"6 months, 3 months, 1 month", "31 days"}});
  std::mt19937_64 random(20261126);
  for (int round = 0; round < kCuts; ++round) {
    v1::AdvanceClockRequest advance;
    *advance.mutable_to() = engine::ToProto(At("2026-01-06 12:00") + absl::Hours(24 * round));
    advance.set_idempotency_key(absl::StrCat("day", round));
    store->CutAt(1 + static_cast<int>(random() % 3), random() % 2 == 0);
    office.Call(kOperatorPerson, advance);
    ASSERT_TRUE(store->is_cut()) << round;
    store->Mend();
    office.Restart();
    office.Must<v1::AdvanceClockResponse>(office.Call(kOperatorPerson, advance));
  }
  EXPECT_THAT(office.Dues(), SizeIs(kCuts));
  EXPECT_EQ(office.Cases(kHousing), kCuts);
  ExpectDerived(*store);
}

}  // namespace
}  // namespace duban::node
