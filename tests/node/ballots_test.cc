// Ballots on a whole node: nothing of them lies on disk in the open, a box that was replaced opens no more, whoever
// does not count is told nothing, and history replays without the keys.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/node/ballot_boxes.h"
#include "services/node/rebuild.h"
#include "store/record.h"
#include "tests/node/support/office.h"
#include "tests/node/support/rating.h"
#include "tests/node/support/standing.h"

namespace duban::node {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kChief[] = "persons/juzhang";  // Who is rated.
constexpr char kFirst[] = "persons/keyi";
constexpr char kSecond[] = "persons/keer";
constexpr char kThird[] = "persons/kesan";

// Keys that cannot be destroyed for a while.
class Stubborn : public store::KeyVault {
 public:
  absl::StatusOr<std::string> Create(absl::string_view id) override { return held_->Create(id); }
  absl::StatusOr<std::string> Get(absl::string_view id) const override { return held_->Get(id); }
  absl::Status DestroyAll(const std::vector<std::string>& ids) override {
    return stubborn ? absl::UnavailableError("the disk is gone") : held_->DestroyAll(ids);
  }
  bool stubborn = false;

 private:
  const std::unique_ptr<store::KeyVault> held_ = store::NewMemoryKeyVault();
};

class Collecting : public testing::Test {
 protected:
  explicit Collecting(OfficeOptions options = {}) : office(options) {
    v1::ApplyDirectoryRequest directory;
    directory.set_idempotency_key("more");
    v1::Unit& unit = *directory.add_units();
    unit.set_name("units/zhujian");
    unit.set_title("住房和城乡建设局");
    unit.set_code("住建");
    unit.set_head("posts/juzhang");
    for (const char* person : {kChief, kFirst, kSecond, kThird}) {
      v1::Person& put = *directory.add_persons();
      put.set_name(person);
      put.set_title(person);
      v1::Post& post = *directory.add_posts();
      post.set_name(absl::StrCat("posts/", std::string(person).substr(8)));
      post.set_title(person);
      post.set_unit("units/zhujian");
      post.add_holders(person);
      post.set_scope(v1::SCOPE_OWN);
    }
    Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
    office.Publish("rating", kRating);
    name = Office::Must<v1::OpenCaseResponse>(
               office.Call(kSupervisor, office.Matter("rating", "units/zhujian", "年度履职")))
               .case_();
    office.Act(kSupervisor, name, "begin");
  }

  v1::ActOnCaseRequest Ballot(const std::string& score) {
    v1::ActOnCaseRequest request = office.Action(name, "vote");
    Office::SetField(request.mutable_fields(), "score")->set_number(score);
    return request;
  }
  uint64_t Vote(const std::string& person, const std::string& score) {
    return Office::Must<v1::ActOnCaseResponse>(office.Call(person, Ballot(score))).revision();
  }
  bool Opens(uint64_t revision) { return office.vault().Get(BoxKeyOf(name, revision)).ok(); }
  std::string Result() {
    const v1::Case shown = office.Show(kSupervisor, name);
    for (const v1::CaseField& field : shown.fields()) {
      if (field.field() == "total") return field.shown(0);
    }
    return "";
  }

  Office office;
  std::string name;
};

// All that a store holds: records with their sealed parts, and rows.
std::string AllBytes(const store::Store& store) {
  std::string out;
  EXPECT_TRUE(store
                  .Read(0,
                        [&](store::Position, absl::string_view record) {
                          absl::StrAppend(&out, record);
                          return true;
                        })
                  .ok());
  const auto rows = store.NewSnapshot();
  for (int table = 0; table < 256; ++table) {
    EXPECT_TRUE(rows->Scan(static_cast<uint8_t>(table), "", "",
                           [&](absl::string_view key, absl::string_view value) {
                             absl::StrAppend(&out, key, value);
                             return true;
                           })
                    .ok());
  }
  return out;
}

TEST_F(Collecting, NoAnswerLiesOnDiskInTheOpen) {
  Vote(kFirst, "73.1234");
  Vote(kSecond, "61.4321");
  const std::string bytes = AllBytes(office.store());
  EXPECT_THAT(bytes, HasSubstr("年度履职"));
  EXPECT_THAT(bytes, Not(HasSubstr("73.1234")));
  EXPECT_THAT(bytes, Not(HasSubstr("61.4321")));
  // And boxes tell nothing by their length: the records of two ballots differ by one ballot, whatever it says.
  std::vector<size_t> sizes;
  EXPECT_TRUE(office.store()
                  .Read(0,
                        [&](store::Position, absl::string_view record) {
                          const auto parts = store::ParseRecord(record);
                          if (!parts->sealed_part.empty()) sizes.push_back(parts->sealed_part.size());
                          return true;
                        })
                  .ok());
  const uint64_t third = Vote(kThird, "5");
  EXPECT_TRUE(Opens(third));
  EXPECT_TRUE(office.store()
                  .Read(office.store().head() - 1,
                        [&](store::Position, absl::string_view record) {
                          sizes.push_back(store::ParseRecord(record)->sealed_part.size());
                          return true;
                        })
                  .ok());
  ASSERT_EQ(sizes.size(), 3u);
  EXPECT_EQ(sizes[2] - sizes[1], sizes[1] - sizes[0]);
}

TEST_F(Collecting, ABoxThatWasReplacedOpensNoMore) {
  const uint64_t first = Vote(kFirst, "90");
  EXPECT_TRUE(Opens(first));
  const uint64_t second = Vote(kSecond, "80");
  EXPECT_FALSE(Opens(first));
  EXPECT_TRUE(Opens(second));
  // After the close the last goes too: what was counted stands in the event.
  office.Advance(At("2026-09-07 09:00"));
  EXPECT_FALSE(Opens(second));
  EXPECT_EQ(Result(), "85");
}

TEST_F(Collecting, WhatIsLeftBeforeTheCloseIsNeverOpened) {
  const uint64_t first = Vote(kFirst, "90");
  office.Act(kSupervisor, name, "recall");
  EXPECT_FALSE(Opens(first));
}

TEST_F(Collecting, ACrashBetweenTheWriteAndTheDestructionLeavesNoKey) {
  auto vault = std::make_shared<Stubborn>();
  office.KeepKeysIn(vault);
  const uint64_t first = Vote(kFirst, "90");
  // Given a ballot whose batch was written, and then the node ended.
  vault->stubborn = true;
  const v1::ActOnCaseRequest ballot = Ballot("80");
  EXPECT_EQ(CodeOf(office.Call(kSecond, ballot)), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(Opens(first)) << "the key of the former box is still there";
  vault->stubborn = false;
  office.Restart();
  EXPECT_FALSE(Opens(first));
  // Then the ballot counts, once: its repetition is known.
  EXPECT_TRUE(Office::Must<v1::ActOnCaseResponse>(office.Call(kSecond, ballot)).repeated_call());
  EXPECT_EQ(ReasonOf(office.Call(kSecond, Ballot("10"))), "ALREADY_VOTED");
  office.Advance(At("2026-09-07 09:00"));
  EXPECT_EQ(Result(), "85");
}

TEST_F(Collecting, ACrashAtTheCloseLeavesNoKeyEither) {
  auto vault = std::make_shared<Stubborn>();
  office.KeepKeysIn(vault);
  Vote(kFirst, "90");
  const uint64_t second = Vote(kSecond, "80");
  vault->stubborn = true;
  EXPECT_EQ(CodeOf(office.Call(kSupervisor, office.Action(name, "recall"))), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(Opens(second));
  vault->stubborn = false;
  office.Restart();
  EXPECT_FALSE(Opens(second));
  EXPECT_EQ(office.Show(kSupervisor, name).stage(), "recalled");
}

TEST_F(Collecting, TheSameKeyGivesTheFirstAnswerWhateverItSaysNow) {
  v1::ActOnCaseRequest ballot = Ballot("90");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kFirst, ballot));
  // What is kept of the request does not depend on the answers, so nobody can try them out.
  ballot.mutable_fields(0)->mutable_values(0)->set_number("10");
  EXPECT_TRUE(Office::Must<v1::ActOnCaseResponse>(office.Call(kFirst, ballot)).repeated_call());
  Vote(kSecond, "80");
  office.Advance(At("2026-09-07 09:00"));
  EXPECT_EQ(Result(), "85");
}

TEST_F(Collecting, ARefusedOrCheckedBallotLeavesNoKey) {
  const uint64_t next = office.Show(kSupervisor, name).revision() + 1;
  EXPECT_EQ(ReasonOf(office.Call(kFirst, Ballot("101"))), "FIELD_OUT_OF_BOUNDS");
  v1::ActOnCaseRequest check = Ballot("90");
  check.set_validate_only(true);
  Office::Must<v1::ActOnCaseResponse>(office.Call(kFirst, check));
  EXPECT_FALSE(Opens(next));
  EXPECT_FALSE(office.Show(kFirst, name).collecting().cast());
  EXPECT_EQ(ReasonOf(office.Call(kChief, Ballot("100"))), "NOT_AN_ELECTOR");
  EXPECT_EQ(ReasonOf(office.Call(kWater, Ballot("100"))), "CASE_NOT_FOUND");
}

// How much of the case a person is told: what he reads, the rows he has, the events he may know of.
std::string ToldTo(Office& office, const std::string& person, const std::string& name) {
  std::string out = office.Show(person, name).SerializeAsString();
  const v1::QueryLedgerResponse ledger = office.Ledger(person);
  for (const v1::LedgerRow& row : ledger.rows()) absl::StrAppend(&out, row.SerializeAsString());
  const v1::ListWorklistResponse inbox = Office::MustRead(office.node().ListWorklist(person, {}));
  for (const auto& item : inbox.items()) absl::StrAppend(&out, item.SerializeAsString());
  for (const v1::EventRecord& record : office.Events(person, name)) absl::StrAppend(&out, record.SerializeAsString());
  v1::QueryViewRequest timeline;
  timeline.set_view(v1::VIEW_TIMELINE);
  (*timeline.mutable_filter()->mutable_labels())["case"] = name;
  const v1::QueryViewResponse lines = Office::MustRead(office.node().QueryView(person, timeline));
  for (const v1::ViewRow& row : lines.rows()) absl::StrAppend(&out, row.SerializeAsString());
  return out;
}

TEST_F(Collecting, NothingMovesForWhoeverDoesNotCount) {
  const std::string rated = ToldTo(office, kChief, name);
  const std::string fellow = ToldTo(office, kThird, name);
  const std::string teller = ToldTo(office, kSupervisor, name);
  Vote(kFirst, "90");
  EXPECT_EQ(ToldTo(office, kChief, name), rated);
  EXPECT_EQ(ToldTo(office, kThird, name), fellow);
  EXPECT_NE(ToldTo(office, kSupervisor, name), teller);
  EXPECT_THAT(ToldTo(office, kChief, name), Not(HasSubstr(kFirst)));
}

TEST_F(Collecting, WhoHasVotedIsToldToThoseWhoUrgeAndToAuditors) {
  Vote(kFirst, "90");
  for (const char* teller : {kSupervisor, kAuditor}) {
    int ballots = 0;
    for (const v1::EventRecord& record : office.Events(teller, name)) {
      if (!record.event().has_ballot_cast()) continue;
      ++ballots;
      EXPECT_EQ(record.event().ballot_cast().person(), kFirst);
      EXPECT_FALSE(record.event().ballot_cast().has_box()) << "of the box nothing is shown";
    }
    EXPECT_EQ(ballots, 1);
    EXPECT_EQ(office.Show(teller, name).collecting().missing_size(), 3);
  }
  EXPECT_TRUE(office.Show(kFirst, name).collecting().cast());
}

TEST_F(Collecting, TheItemIsTheVotersOwn) {
  const auto waits = [&](const char* person) {
    int vote = 0;
    const v1::ListWorklistResponse inbox = Office::MustRead(office.node().ListWorklist(person, {}));
    for (const auto& item : inbox.items()) {
      for (const auto& action : item.actions()) vote += action.action() == "vote" ? 1 : 0;
    }
    return vote;
  };
  EXPECT_EQ(waits(kFirst), 1);
  EXPECT_EQ(waits(kChief), 0);
  EXPECT_EQ(waits(kSupervisor), 0);
  Vote(kFirst, "90");
  EXPECT_EQ(waits(kFirst), 0);
  EXPECT_EQ(waits(kSecond), 1);
}

constexpr char kGuests[] = R"yaml(
procedure: guests
title: {zh: 上级评}
may_open: [office]
parties:
  office: {kind: unit, right: issue, title: {zh: 组织单位}}
  other:  {kind: unit, title: {zh: 被评单位}}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
  total:  {title: {zh: 得分}, type: number}
stages:
  prepared:
    title: {zh: 筹备}
    no_deadline: 示例
    actions: {begin: {title: {zh: 开始}, by: office, to: rating}, drop: {title: {zh: 不评了}, by: office, to: dropped}}
  rating:
    title: {zh: 评议}
    after: {4 working days: rated}
    collect:
      from:
        superiors: {title: {zh: 上级评}, of: other.superior, weight: 50%}
        members:   {title: {zh: 群众评}, of: other, weight: 50%}
      asks: {score: {title: {zh: 评分}, type: number, min: 0, max: 100}}
      rated: other.head
      below_quorum: rated
      result: total
  rated: {title: {zh: 已评}, end: done}
  dropped: {title: {zh: 未评}, end: cancelled}
)yaml";

TEST_F(Collecting, ARaterWhoIsNoPartyFindsTheItemInHisInboxUntilHeHasVoted) {
  // Given a rating in which the head of the unit above rates, who takes no part in the case.
  v1::ApplyDirectoryRequest above;
  above.set_idempotency_key("above");
  const std::vector<std::pair<std::string, std::string>> heads = {{"zhujian", "posts/juzhang"},
                                                                  {"shuiwu", "posts/shuiwu-chengban"}};
  for (const auto& [unit, head] : heads) {
    v1::Unit& put = *above.add_units();
    put.set_name(absl::StrCat("units/", unit));
    put.set_title(unit);
    put.set_code(unit);
    put.set_head(head);
  }
  above.mutable_units(0)->add_superiors("units/shuiwu");
  Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, above));
  office.Publish("guests", kGuests);
  name =
      Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, office.Matter("guests", "units/zhujian", "年度履职")))
          .case_();
  EXPECT_THAT(Office::MustRead(office.node().ListWorklist(kWater, {})).items(), IsEmpty());
  office.Act(kSupervisor, name, "begin");
  // Then it waits in his inbox, and nowhere else.
  const v1::ListWorklistResponse inbox = Office::MustRead(office.node().ListWorklist(kWater, {}));
  ASSERT_EQ(inbox.items_size(), 1);
  EXPECT_EQ(inbox.items(0).case_(), name);
  EXPECT_EQ(inbox.items(0).assignee(), kWater);
  EXPECT_EQ(office.Ledger(kWater).total_size(), 0);
  Vote(kWater, "70");
  EXPECT_THAT(Office::MustRead(office.node().ListWorklist(kWater, {})).items(), IsEmpty());
}

TEST_F(Collecting, RowsAreRebuiltWithoutAnyKey) {
  Vote(kFirst, "90");
  Vote(kSecond, "80");
  office.Advance(At("2026-09-07 09:00"));
  const absl::StatusOr<store::Apply> derived = DeriveRows(office.store());
  ASSERT_TRUE(derived.ok()) << derived.status();
  ExpectSame(RowsOf(office.store()), RowsOf(*derived));
  // And the past is shown as it was shown then, with nothing in it that a key would have opened.
  v1::GetCaseRequest then;
  then.set_case_(name);
  *then.mutable_as_of()->mutable_instant() = engine::ToProto(At("2026-09-02 09:00"));
  const v1::Case shown = Office::MustRead(office.node().GetCase(kSupervisor, then)).case_();
  EXPECT_EQ(shown.collecting().ballots(), 2);
  EXPECT_THAT(shown.fields(), testing::SizeIs(1));
}

class CollectingAtOnce : public Collecting {
 protected:
  CollectingAtOnce() : Collecting(OfficeOptions{.own_thread = false}) {}
};

TEST_F(CollectingAtOnce, SeveralBallotsInOneBatchAreInTheBoxTogether) {
  const auto batches = [&] { return Office::MustRead(office.node().GetStats(kOperatorPerson, {})).batches(); };
  std::vector<uint64_t> revisions;
  const auto before = batches();
  for (const auto& [person, score] : {std::pair(kFirst, "90"), std::pair(kSecond, "80"), std::pair(kThird, "70")}) {
    office.node().Submit(person, Ballot(score), [&](Reply<Response> reply) {
      revisions.push_back(Office::Must<v1::ActOnCaseResponse>(std::move(reply)).revision());
    });
  }
  while (revisions.size() < 3 && office.node().Pump()) {
  }
  ASSERT_EQ(revisions.size(), 3u);
  EXPECT_EQ(batches(), before + 1);
  EXPECT_FALSE(Opens(revisions[0]));
  EXPECT_FALSE(Opens(revisions[1]));
  EXPECT_TRUE(Opens(revisions[2]));
  office.Advance(At("2026-09-07 09:00"));
  EXPECT_EQ(Result(), "80");
}

}  // namespace
}  // namespace duban::node
