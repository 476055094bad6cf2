// The life of a command: decided once, answered after it is durable, refused without a trace.
#include <gmock/gmock.h>

#include <atomic>

#include "engine/base/limits.h"
#include "store/memory_store.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/office.h"
#include "tests/node/support/passing_store.h"

namespace duban::node {
namespace {

TEST(CommandLife, AnOrderIsVisibleEverywhereWhenItsCommandReturns) {
  // Given an office.
  Office office;
  // When the supervisor issues an order to the housing bureau.
  const v1::OpenCaseResponse opened = office.Open("units/zhujian", "裸土未覆盖", "2026-09-18");
  // Then it has the first number of that bureau's series, and stands in its ledger, worklist and history.
  EXPECT_EQ(opened.number(), "交办〔2026〕住建1号");
  const v1::QueryLedgerResponse ledger = office.Ledger(kHousing);
  ASSERT_EQ(ledger.rows_size(), 1);
  EXPECT_EQ(ledger.rows(0).case_(), opened.case_());
  EXPECT_EQ(ledger.rows(0).subject(), "裸土未覆盖");
  EXPECT_EQ(ledger.total_size(), 1);
  const v1::ListWorklistResponse waiting = Office::MustRead(office.node().ListWorklist(kHousing, {}));
  ASSERT_EQ(waiting.items_size(), 1);
  EXPECT_EQ(waiting.items(0).assignee(), "units/zhujian");
  EXPECT_EQ(office.Events(kHousing, opened.case_()).back().position(), opened.position());
  EXPECT_EQ(office.Show(kHousing, opened.number()).name(), opened.case_());
}

TEST(CommandLife, TheSameKeyWithTheSameRequestGivesTheFirstAnswerAgain) {
  Office office;
  const v1::OpenCaseRequest order = office.Order("units/zhujian", "围挡破损");
  const auto first = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order));
  // When it is sent again, and again after a restart.
  for (int round = 0; round < 2; ++round) {
    const auto again = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order));
    // Then the answer is the first one, and nothing has happened.
    EXPECT_TRUE(again.repeated_call());
    EXPECT_EQ(again.case_(), first.case_());
    EXPECT_EQ(again.number(), first.number());
    EXPECT_EQ(again.revision(), first.revision());
    EXPECT_EQ(again.position(), first.position());
    office.Restart();
  }
  EXPECT_EQ(office.Ledger(kHousing).total_size(), 1);
}

TEST(CommandLife, ARefusalNamesActionsByTheirTitlesWithTheirNamesBeside) {
  Office office;
  const std::string name = office.Open("units/zhujian", "裸土未覆盖", "2026-09-18").case_();
  const auto refusal = [&](const char* action) {
    const auto reply = office.Call(kHousing, office.Action(name, action));
    const auto* rejection = std::get_if<engine::Rejection>(&reply);
    return rejection == nullptr ? std::string() : absl::StrCat(rejection->reason, " ", rejection->message.zh());
  };
  EXPECT_EQ(
      refusal("submit"),
      "WRONG_STAGE 当前环节“已交办”不能办理“申请销号（submit）”；您现在可办：签收（acknowledge）、申请退回（dispute）");
  EXPECT_THAT(refusal("approve_extend_rectify"), testing::HasSubstr("“批准延期（approve_extend_rectify）”"));
  EXPECT_THAT(refusal("fly"), testing::HasSubstr("规程没有操作“fly”；您现在可办：签收（acknowledge）"));
}

TEST(CommandLife, TheSameKeyWithAnotherRequestIsRefusedAlsoAfterARestart) {
  Office office;
  v1::OpenCaseRequest order = office.Order("units/zhujian", "围挡破损");
  Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order));
  order.mutable_fields(0)->mutable_values(0)->set_text("另一个问题");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, order)), "KEY_REUSED");
  office.Restart();
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, order)), "KEY_REUSED");
}

TEST(CommandLife, WhatBearsTheMarkOfAStateSecretIsRefusedByItsFieldAndKeptNowhere) {
  Office office;
  // When somebody types what a secret paper says.
  const Reply<Response> opened = office.Call(kSupervisor, office.Order("units/zhujian", "转办来文（机密★10年）"));
  // Then it is refused, and the refusal names where it stands.
  ASSERT_EQ(ReasonOf(opened), "STATE_SECRET_MARK");
  EXPECT_THAT(
      std::get<engine::Rejection>(opened).facts,
      testing::IsSupersetOf({testing::Pair("field", "fields[0].values[0].text"), testing::Pair("mark", "机密★")}));
  v1::ActOnCaseRequest remark;
  remark.set_case_(office.Open("units/zhujian", "围挡破损").case_());
  remark.set_action("comment");
  remark.set_note("见绝密★来文");
  remark.set_idempotency_key("remark");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, remark)), "STATE_SECRET_MARK");
  // A work secret has a mark of its own.
  remark.set_note("按工作秘密★管理");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, remark)), "");
  for (const v1::Commit& commit : LogOf(office.store())) {
    EXPECT_THAT(commit.SerializeAsString(), testing::Not(testing::HasSubstr("密★10年")));
  }
}

TEST(CommandLife, AKeyBelongsToItsActor) {
  Office office;
  const v1::OpenCaseRequest order = office.Order("units/zhujian", "围挡破损");
  const auto first = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order));
  const auto other = Office::Must<v1::OpenCaseResponse>(office.Call(kReviewer, order));
  EXPECT_FALSE(other.repeated_call());
  EXPECT_NE(other.case_(), first.case_());
}

TEST(CommandLife, AKeyIsForgottenAfterItsWindow) {
  Office office;
  const v1::OpenCaseRequest order = office.Order("units/zhujian", "围挡破损");
  const auto first = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order));
  office.Advance(At("2026-10-01 09:00"));
  EXPECT_TRUE(Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order)).repeated_call());
  office.Advance(At("2026-10-01 09:01"));
  const auto later = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order));
  EXPECT_FALSE(later.repeated_call());
  EXPECT_NE(later.case_(), first.case_());
}

TEST(CommandLife, ARefusalIsNotRememberedAndTakesNoNumber) {
  Office office;
  v1::OpenCaseRequest wrong = office.Order("units/zhujian", "裸土未覆盖");
  wrong.set_idempotency_key("one key");
  Office::SetField(wrong.mutable_fields(), "no_such_field")->set_text("x");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, wrong)), "UNKNOWN_FIELD");
  // The same key with the right request is a new command, and gets number one.
  v1::OpenCaseRequest right = office.Order("units/zhujian", "裸土未覆盖");
  right.set_idempotency_key("one key");
  EXPECT_EQ(Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, right)).number(), "交办〔2026〕住建1号");
}

TEST(CommandLife, ValidateOnlyChecksEverythingAndChangesNothing) {
  Office office;
  const store::Position before = office.store().head();
  v1::OpenCaseRequest order = office.Order("units/zhujian", "裸土未覆盖");
  Office::SetField(order.mutable_fields(), "informant")->set_text("某人");
  order.set_validate_only(true);
  const auto checked = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order));
  EXPECT_EQ(checked.position(), "");
  EXPECT_EQ(office.store().head(), before);
  // The key is still free, and the number too.
  order.set_validate_only(false);
  EXPECT_EQ(Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order)).number(), "交办〔2026〕住建1号");
  // What would be refused is refused.
  v1::OpenCaseRequest wrong = office.Order("units/nobody", "裸土未覆盖");
  wrong.set_validate_only(true);
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, wrong)), "PARTY_ID_UNKNOWN");
}

TEST(CommandLife, AKeyIsRequiredAndBounded) {
  Office office;
  v1::OpenCaseRequest order = office.Order("units/zhujian", "围挡破损");
  order.clear_idempotency_key();
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, order)), "KEY_REQUIRED");
  order.set_idempotency_key(std::string(129, 'k'));
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, order)), "KEY_TOO_LONG");
  order.set_idempotency_key(std::string(128, 'k'));
  Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order));
}

TEST(CommandLife, AStaleRevisionIsRefusedButRemindersDoNotMakeOneStale) {
  // Given a received order whose due date draws near.
  Office office;
  const v1::OpenCaseResponse opened = office.Open("units/zhujian", "裸土未覆盖", "2026-09-18");
  const uint64_t received = office.Act(kHousing, opened.case_(), "acknowledge").revision();
  // When reminders have fired since the bureau read it.
  EXPECT_GT(office.Advance(At("2026-09-17 09:00")).fired(), 0);
  EXPECT_GT(office.Show(kHousing, opened.case_()).revision(), received);
  v1::ActOnCaseRequest report = office.Action(opened.case_(), "report");
  Office::SetField(report.mutable_fields(), "progress")->set_text("过半");
  report.set_expected_revision(received);
  // Then acting on what it read still works; a second time it is stale.
  Office::Must<v1::ActOnCaseResponse>(office.Call(kHousing, report));
  report.set_idempotency_key(office.FreshKey());
  EXPECT_EQ(ReasonOf(office.Call(kHousing, report)), "STALE_REVISION");
}

TEST(CommandLife, ACaseIsFoundByItsNumber) {
  Office office;
  const v1::OpenCaseResponse opened = office.Open("units/zhujian", "裸土未覆盖");
  EXPECT_EQ(office.Act(kHousing, opened.number(), "acknowledge").case_(), opened.case_());
}

TEST(CommandLife, EnteringForAnotherOrForEarlierTakesARightAndAReason) {
  Office office;
  v1::OpenCaseRequest order = office.Order("units/zhujian", "纸质交办");
  *order.mutable_occurred_at() = engine::ToProto(At("2026-08-31 09:00"));
  order.set_reason("补录");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, order)), "RIGHT_REQUIRED");

  v1::OpenCaseRequest entered = order;
  entered.set_entered_for(kSupervisor);
  entered.clear_reason();
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, entered)), "REASON_REQUIRED");
  entered.set_reason("8 月 31 日收到纸质件");
  *entered.mutable_occurred_at() = engine::ToProto(At("2026-09-01 09:01"));
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, entered)), "OCCURRED_IN_FUTURE");
  *entered.mutable_occurred_at() = engine::ToProto(At("2026-08-31 09:00"));
  const auto opened = Office::Must<v1::OpenCaseResponse>(office.Call(kOperatorPerson, entered));
  const std::vector<v1::EventRecord> events = office.Events(kHousing, opened.case_());
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(engine::FromProto(events[0].occurred_at()), At("2026-08-31 09:00"));
  EXPECT_EQ(engine::FromProto(events[0].recorded_at()), At("2026-09-01 09:00"));
  EXPECT_EQ(events[0].actor(), kOperatorPerson);
  EXPECT_EQ(events[0].entered_for(), kSupervisor);
}

TEST(CommandLife, AFullQueueRefusesAtOnceAndLosesNothing) {
  // Given a sequencer that is held up by an answer that does not return.
  Office office;
  std::mutex gate;
  gate.lock();
  office.node().Submit(kSupervisor, office.Order("units/zhujian", "第一件"),
                       [&](Reply<Response>) { std::lock_guard<std::mutex> wait(gate); });
  // When more commands come than the queue holds.
  std::mutex mu;
  int accepted = 0, refused = 0;
  constexpr int kSent = 4096 + 300;
  for (int i = 0; i < kSent; ++i) {
    v1::OpenCaseRequest order = office.Order("units/zhujian", "另一件");
    order.set_validate_only(true);
    office.node().Submit(kSupervisor, order, [&](Reply<Response> reply) {
      std::lock_guard<std::mutex> lock(mu);
      CodeOf(reply) == absl::StatusCode::kResourceExhausted ? ++refused : ++accepted;
    });
  }
  // Then those beyond the bound are refused while the sequencer is still held up, and all others are answered.
  {
    std::lock_guard<std::mutex> lock(mu);
    EXPECT_GE(refused, 1);
    EXPECT_LE(refused, 300);
  }
  gate.unlock();
  office.node().Shutdown();
  std::lock_guard<std::mutex> lock(mu);
  EXPECT_EQ(accepted + refused, kSent);
  EXPECT_GE(accepted, 4096);
}

TEST(CommandLife, AfterShutdownCommandsAreRefused) {
  Office office;
  office.node().Shutdown();
  EXPECT_EQ(CodeOf(office.Call(kSupervisor, office.Order("units/zhujian", "x"))), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(office.node().Writable().ok());
}

// A store whose next write fails.
class FailingStore : public PassingStore {
 public:
  std::atomic<bool> fail{false};

  absl::Status Write(const store::Append& append, const store::Apply& apply) override {
    if (fail) return absl::UnknownError("disk on fire");
    return PassingStore::Write(append, apply);
  }
};

TEST(CommandLife, AFailedWriteTurnsTheNodeReadOnlyForGood) {
  auto store = std::make_shared<FailingStore>();
  Office office({}, store);
  office.Open("units/zhujian", "写入前");
  // When one write fails.
  store->fail = true;
  EXPECT_EQ(CodeOf(office.Call(kSupervisor, office.Order("units/zhujian", "写入时"))), absl::StatusCode::kUnavailable);
  // Then nothing of it is shown, later commands are refused although the disk would work again, and reads go on.
  store->fail = false;
  EXPECT_EQ(CodeOf(office.Call(kSupervisor, office.Order("units/zhujian", "写入后"))), absl::StatusCode::kUnavailable);
  EXPECT_EQ(office.Ledger(kHousing).total_size(), 1);
  const v1::GetStatsResponse stats = Office::MustRead(office.node().GetStats(kOperatorPerson, {}));
  EXPECT_TRUE(stats.read_only());
  EXPECT_THAT(stats.read_only_reason(), testing::HasSubstr("disk on fire"));
  EXPECT_THAT(std::string(office.node().Writable().message()), testing::StartsWith("READ_ONLY"));
}

TEST(CommandLife, CommandsThatWaitShareOneWrite) {
  Office office;
  const uint64_t before = Office::MustRead(office.node().GetStats(kOperatorPerson, {})).batches();
  // Given a sequencer held up while a hundred commands arrive.
  std::mutex gate;
  gate.lock();
  office.node().Submit(kSupervisor, office.Order("units/zhujian", "第一件"),
                       [&](Reply<Response>) { std::lock_guard<std::mutex> wait(gate); });
  std::atomic<int> done{0};
  for (int i = 0; i < 100; ++i) {
    office.node().Submit(kSupervisor, office.Order("units/zhujian", "一批"), [&](Reply<Response> reply) {
      EXPECT_TRUE(std::holds_alternative<Response>(reply));
      ++done;
    });
  }
  gate.unlock();
  office.Open("units/shuiwu", "最后一件");
  // Then they took few writes, and their numbers are gapless in the order in which they came.
  EXPECT_EQ(done, 100);
  EXPECT_LE(Office::MustRead(office.node().GetStats(kOperatorPerson, {})).batches() - before, 4u);
  EXPECT_EQ(office.Open("units/zhujian", "下一件").number(), "交办〔2026〕住建102号");
}

TEST(CommandLife, AdministrationTakesItsRight) {
  Office office;
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("d");
  EXPECT_EQ(ReasonOf(office.Call(kHousing, directory)), "RIGHT_REQUIRED");
  v1::PublishCalendarRequest calendar;
  calendar.set_idempotency_key("c");
  EXPECT_EQ(ReasonOf(office.Call(kHousing, calendar)), "RIGHT_REQUIRED");
  v1::PublishProcedureRequest procedure;
  procedure.set_idempotency_key("p");
  EXPECT_EQ(ReasonOf(office.Call(kHousing, procedure)), "RIGHT_REQUIRED");
  v1::AdvanceClockRequest clock;
  clock.set_idempotency_key("a");
  EXPECT_EQ(ReasonOf(office.Call(kHousing, clock)), "RIGHT_REQUIRED");
  EXPECT_EQ(ReasonOf(office.node().GetStats(kHousing, {})), "RIGHT_REQUIRED");
  v1::IssueTokenRequest token;
  token.set_person(kHousing);
  EXPECT_EQ(ReasonOf(office.node().IssueToken(kHousing, token)), "RIGHT_REQUIRED");
}

TEST(CommandLife, PublishingWhatIsThereAlreadyChangesNothing) {
  Office office;
  const store::Position before = office.store().head();
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("again");
  *directory.mutable_units() = Office::MustRead(office.node().ListUnits(kHousing, {})).units();
  const auto applied = Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  EXPECT_EQ(applied.changed(), 0);
  EXPECT_EQ(applied.position(), "");
  EXPECT_EQ(office.store().head(), before);
}

TEST(CommandLife, WhatACommitCannotHoldIsRefusedWithoutATrace) {
  // Given a procedure whose fields, each within its bounds, hold more than a record together.
  Office office;
  constexpr int kFields = 5;
  std::string text = R"yaml(
procedure: wide
title: {zh: 长材料}
may_open: [office]
parties:
  office: {kind: unit, title: {zh: 经办单位}}
stages:
  working: {title: {zh: 办理}, no_deadline: 试验, actions: {finish: {title: {zh: 办结}, by: office, to: done}}}
  done: {title: {zh: 已办结}, end: done}
fields:
)yaml";
  for (int i = 0; i < kFields; ++i)
    absl::StrAppend(&text, "  f", i, ": {title: {zh: 材料", i, "}, type: text, many: true}\n");
  office.Publish("wide", text);
  v1::OpenCaseRequest request;
  request.set_procedure("wide");
  Office::Bind(request, "office", "units/ducha");
  const std::string value(engine::limits::kTextBytesMax, 'x');
  for (int i = 0; i < kFields; ++i) {
    v1::FieldValue& field = *request.add_fields();
    field.set_field(absl::StrCat("f", i));
    for (size_t j = 0; j < engine::limits::kValuesPerFieldMax; ++j) field.add_values()->set_text(value);
  }
  request.set_idempotency_key("wide");
  const auto before = office.store().head();
  // When it is opened with all of them, it is refused; with fewer it is taken, under the same key.
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, request)), "COMMIT_TOO_LARGE");
  EXPECT_EQ(office.store().head(), before);
  request.mutable_fields()->RemoveLast();
  request.mutable_fields()->RemoveLast();
  Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request));
}

TEST(CommandLife, AWrongProcedureIsRefusedWithPlaceAndRule) {
  Office office;
  v1::PublishProcedureRequest request;
  request.set_idempotency_key("wrong");
  v1::ProcedureFile& file = *request.add_files();
  file.set_path("wrong.yaml");
  file.set_text("procedure: wrong\ntitle: {zh: 错}\nmay_open: [nobody]\n");
  const Reply<Response> reply = office.Call(kOperatorPerson, request);
  ASSERT_EQ(ReasonOf(reply), "PROCEDURE_REFUSED");
  const auto& rejection = std::get<engine::Rejection>(reply);
  ASSERT_FALSE(rejection.facts.empty());
  EXPECT_THAT(rejection.facts[0].first, testing::StartsWith("wrong.yaml:"));
}

TEST(CommandLife, ACaseKeepsTheVersionItWasOpenedUnder) {
  Office office;
  const v1::OpenCaseResponse opened = office.Open("units/zhujian", "旧规程下的事项");
  v1::PublishProcedureRequest again;
  again.set_idempotency_key("second version");
  for (const char* name : {"common", "rectification", "lookback"}) {
    v1::GetProcedureRequest get;
    get.set_name("procedures/rectification");
    const v1::GetProcedureResponse published = Office::MustRead(office.node().GetProcedure(kHousing, get));
    v1::ProcedureFile& file = *again.add_files();
    file.set_path(name);
    if (std::string(name) == "common") file.set_text(published.shared(0));
    if (std::string(name) == "rectification") file.set_text(published.source());
    if (std::string(name) == "lookback") {
      get.set_name("lookback");
      file.set_text(Office::MustRead(office.node().GetProcedure(kHousing, get)).source());
    }
  }
  const auto second = Office::Must<v1::PublishProcedureResponse>(office.Call(kOperatorPerson, again));
  ASSERT_EQ(second.versions_size(), 2);
  EXPECT_EQ(second.versions(0).version(), 2u);
  // After a restart, which compiles all versions from their sources.
  office.Restart();
  EXPECT_EQ(office.Show(kHousing, opened.case_()).procedure_version(), 1u);
  EXPECT_EQ(office.Show(kHousing, office.Open("units/zhujian", "新").case_()).procedure_version(), 2u);
  office.Act(kHousing, opened.case_(), "acknowledge");
}

}  // namespace
}  // namespace duban::node
