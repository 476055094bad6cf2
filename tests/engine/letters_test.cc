// Letters about cases: one for each unit, numbered without a gap, saying what its template says; its receipt is the
// receipt of all its cases.
#include "engine/documents/letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/limits.h"
#include "engine/documents/text.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/order.h"

namespace duban::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kHousing[] = "persons/zhujian-jingban";
constexpr char kWater[] = "persons/shuiwu-jingban";

constexpr char kLetter[] = R"yaml(
documents:
  letter: {template: order_letter, number: "{issuer}交〔{year}〕{seq}号", per: owner, from: issuer, at: issued, receipt: acknowledge}
templates:
  order_letter:
    title: 交办函
    heading: 关于交办{count}项问题的函
    text:
      - 现将{count}个问题交{to}办理。{from}，{date}，{number}
      - {heading: 问题, level: 1}
      - {each: "{case}：{problem}，责任单位{owner}，时限{due}。"}
      - {table: [case, problem, stage, due], title: 清单}
)yaml";

class LettersTest : public testing::Test {
 protected:
  LettersTest() : desk({{"order.yaml", absl::StrCat(kOrder, kLetter)}, {"revisit.yaml", kRevisit}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
  }

  void Open(const std::string& nickname, const std::string& owner, const std::string& problem,
            const std::string& due = "2026-10-30") {
    v1::OpenCaseRequest request;
    request.set_procedure("order");
    for (const auto& [party, id] :
         {std::pair("owner", owner), std::pair("reviewer", std::string("posts/ducha-yanshou"))}) {
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party);
      binding.add_ids(id);
    }
    *request.add_fields() = desk.Field("order", "problem", problem);
    *request.add_fields() = desk.Field("order", "informant", "来电人");
    if (!due.empty()) *request.add_fields() = desk.Field("order", "due", due);
    ASSERT_FALSE(desk.Open(nickname, kIssuer, request).refused);
  }
  static std::vector<std::string> Numbers(const std::vector<v1::DocumentIssued>& letters) {
    std::vector<std::string> out;
    for (const v1::DocumentIssued& one : letters) out.push_back(one.number());
    return out;
  }

  Desk desk;
};

TEST_F(LettersTest, GoToEachUnitOnceWithNumbersInARow) {
  Open("甲", "units/zhujian", "裸土未覆盖");
  Open("乙", "units/shuiwu", "排口溢流");
  Open("丙", "units/zhujian", "围挡破损");

  const Happened issued = desk.Issue(kIssuer, "order/letter", {"丙", "乙", "甲"});

  EXPECT_THAT(issued.events, ElementsAre("乙: DocumentFiled 督查交〔2026〕1号", "甲: DocumentFiled 督查交〔2026〕2号",
                                         "丙: DocumentFiled 督查交〔2026〕2号"));
  EXPECT_THAT(Numbers(desk.letters), ElementsAre("督查交〔2026〕1号", "督查交〔2026〕2号"));
  EXPECT_EQ(desk.letters[1].to_title(), "市住建局");
  EXPECT_EQ(desk.letters[1].from_title(), "市督查室");
  EXPECT_EQ(desk.letters[1].post(), "posts/duchayi-kezhang");
  EXPECT_EQ(desk.State("甲").documents(0).number(), "督查交〔2026〕2号");
}

TEST_F(LettersTest, SayWhatTheirTemplateSaysAsThingsStoodThen) {
  Open("甲", "units/zhujian", "裸土未覆盖");
  Open("乙", "units/zhujian", "围挡破损", "");
  ASSERT_FALSE(desk.Issue(kIssuer, "order/letter", {"甲", "乙"}).refused);

  const v1::DocumentIssued& letter = desk.letters[0];
  EXPECT_EQ(letter.title(), "关于交办2项问题的函");
  ASSERT_EQ(letter.blocks_size(), 5);
  EXPECT_EQ(letter.blocks(0).paragraph(), "现将2个问题交市住建局办理。市督查室，2026年9月1日，督查交〔2026〕1号");
  EXPECT_EQ(letter.blocks(1).heading().text(), "问题");
  EXPECT_EQ(letter.blocks(2).paragraph(), "交办〔2026〕住建1号：裸土未覆盖，责任单位市住建局，时限2026年10月30日。");
  EXPECT_EQ(letter.blocks(3).paragraph(), "交办〔2026〕住建2号：围挡破损，责任单位市住建局，时限。");
  const v1::DocumentTable& table = letter.blocks(4).table();
  EXPECT_THAT(table.columns(), ElementsAre("序号", "编号", "存在问题", "环节", "整改时限"));
  EXPECT_THAT(table.rows(1).cells(), ElementsAre("2", "交办〔2026〕住建2号", "围挡破损", "已交办", ""));
}

TEST_F(LettersTest, AreIssuedByWhoActsForTheIssuerAndOnceInAStage) {
  Open("甲", "units/zhujian", "裸土未覆盖");
  EXPECT_EQ(desk.Issue(kHousing, "order/letter", {"甲"}).reason, "NOT_YOUR_PART");
  ASSERT_FALSE(desk.Issue(kIssuer, "order/letter", {"甲"}).refused);
  EXPECT_EQ(desk.Issue(kIssuer, "order/letter", {"甲"}).reason, "DOCUMENT_ISSUED");
  ASSERT_FALSE(desk.Act("甲", kHousing, "acknowledge").refused);
  EXPECT_EQ(desk.Issue(kIssuer, "order/letter", {"甲"}).reason, "DOCUMENT_WRONG_STAGE");
}

// The next version writes to a unit that cases of this one do not have.
TEST_F(LettersTest, AreNotIssuedAboutACaseThatHasNobodyToSendThemTo) {
  Open("甲", "units/zhujian", "裸土未覆盖");
  desk.Revise({"order.yaml",
               absl::StrReplaceAll(absl::StrCat(kOrder, kLetter),
                                   {{"  helpers:  {", "  copied:   {kind: unit, title: {zh: 抄送单位}}\n  helpers:  {"},
                                    {"per: owner,", "per: copied,"},
                                    {"{title: {zh: 签收}, by: owner,", "{title: {zh: 签收}, by: [owner, copied],"}})});
  ASSERT_THAT(desk.errors(), IsEmpty());
  EXPECT_EQ(desk.Issue(kIssuer, "order/letter", {"甲"}).reason, "DOCUMENT_WITHOUT_UNIT");
}

TEST_F(LettersTest, TheirReceiptIsThatOfAllTheirCasesAndStartsTheirClocks) {
  Open("甲", "units/zhujian", "裸土未覆盖");
  Open("乙", "units/zhujian", "围挡破损");
  ASSERT_FALSE(desk.Issue(kIssuer, "order/letter", {"甲", "乙"}).refused);
  const v1::DocumentIssued letter = desk.letters[0];
  desk.At("2026-09-02 10:00");

  const Happened happened = desk.Receive(kHousing, letter, "acknowledge");

  EXPECT_THAT(happened.events,
              ElementsAre("甲: ActionTaken acknowledge", "甲: StageEntered rectifying", "甲: ClockStopped receipt",
                          "甲: ClockStarted rectify due 2026-10-30 23:59", "乙: ActionTaken acknowledge",
                          "乙: StageEntered rectifying", "乙: ClockStopped receipt",
                          "乙: ClockStarted rectify due 2026-10-30 23:59"));
  EXPECT_EQ(desk.received.post(), "posts/zhujian-jingban");
  EXPECT_THAT(desk.received.left(), IsEmpty());
}

TEST_F(LettersTest, WhatCannotBeReceivedIsLeftAndNamed) {
  Open("甲", "units/zhujian", "裸土未覆盖");
  Open("乙", "units/zhujian", "围挡破损");
  ASSERT_FALSE(desk.Issue(kIssuer, "order/letter", {"甲", "乙"}).refused);
  const v1::DocumentIssued letter = desk.letters[0];
  ASSERT_FALSE(desk.Act("甲", kHousing, "dispute", {}, "不属我局职责").refused);

  const Happened happened = desk.Receive(kHousing, letter, "acknowledge");

  EXPECT_THAT(happened.events, Contains("乙: ActionTaken acknowledge"));
  EXPECT_THAT(happened.events, Not(Contains(HasSubstr("甲"))));
  ASSERT_EQ(desk.received.left_size(), 1);
  EXPECT_EQ(desk.received.left(0).number(), "交办〔2026〕住建1号");
  EXPECT_EQ(desk.received.left(0).reason(), "WRONG_STAGE");
}

TEST_F(LettersTest, AreTakenInByTheAddresseeAlone) {
  Open("甲", "units/zhujian", "裸土未覆盖");
  ASSERT_FALSE(desk.Issue(kIssuer, "order/letter", {"甲"}).refused);
  const v1::DocumentIssued letter = desk.letters[0];
  EXPECT_EQ(desk.Receive(kWater, letter, "acknowledge").reason, "NOT_ADDRESSEE");
  EXPECT_EQ(desk.Receive(kIssuer, letter, "acknowledge").reason, "NOT_ADDRESSEE");
  desk.occurred = "2026-08-31 09:00";
  EXPECT_EQ(desk.Receive(kHousing, letter, "acknowledge").reason, "OCCURRED_TOO_EARLY");
}

TEST_F(LettersTest, HoldNoMoreCasesThanTheirReceiptCanTake) {
  std::vector<std::string> many;
  for (size_t i = 0; i <= limits::kLetterCasesMax; ++i) {
    many.push_back(absl::StrCat("事", i));
    Open(many.back(), "units/zhujian", "裸土未覆盖");
  }
  EXPECT_EQ(desk.Issue(kIssuer, "order/letter", many).reason, "DOCUMENT_CASES");
  many.pop_back();
  EXPECT_FALSE(desk.Issue(kIssuer, "order/letter", many).refused);
  const v1::DocumentIssued letter = desk.letters[0];
  EXPECT_THAT(letter.cases(), SizeIs(limits::kLetterCasesMax));
  desk.Receive(kHousing, letter, "acknowledge");
  EXPECT_THAT(desk.received.left(), IsEmpty());
}

// A receipt stays within the cases that it names. A case under an older version, in which receiving it opens another,
// is left for a hand of its own; the others go through.
TEST(Receipts, LeaveWhatWouldReachBeyondItsCase) {
  const std::string opening =
      absl::StrReplaceAll(kOrder, {{"by: owner, to: rectifying}",
                                    "by: owner, to: rectifying, opens: {procedure: revisit, bind: "
                                    "{inspecting: issuer, visited: owner}, set: {matter: problem}}}"}});
  Desk desk({{"order.yaml", opening}, {"revisit.yaml", kRevisit}});
  ASSERT_THAT(desk.errors(), IsEmpty());
  const auto open = [&](const std::string& nickname) {
    v1::OpenCaseRequest request;
    request.set_procedure("order");
    for (const auto& [party, id] :
         {std::pair("owner", "units/zhujian"), std::pair("reviewer", "posts/ducha-yanshou")}) {
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party);
      binding.add_ids(id);
    }
    *request.add_fields() = desk.Field("order", "problem", "裸土未覆盖");
    *request.add_fields() = desk.Field("order", "due", "2026-10-30");
    ASSERT_FALSE(desk.Open(nickname, kIssuer, request).refused);
  };
  open("旧");
  desk.Revise({"order.yaml", absl::StrCat(kOrder, kLetter)});
  ASSERT_THAT(desk.errors(), IsEmpty());
  open("新");
  ASSERT_FALSE(desk.Issue(kIssuer, "order/letter", {"旧", "新"}).refused);
  const v1::DocumentIssued letter = desk.letters[0];

  const Happened happened = desk.Receive(kHousing, letter, "acknowledge");

  EXPECT_THAT(happened.events, Contains("新: ActionTaken acknowledge"));
  EXPECT_THAT(happened.events, Not(Contains(HasSubstr("旧"))));
  EXPECT_THAT(happened.events, Not(Contains(HasSubstr("CaseOpened"))));
  ASSERT_EQ(desk.received.left_size(), 1);
  EXPECT_EQ(desk.received.left(0).number(), "交办〔2026〕住建1号");
  EXPECT_EQ(desk.received.left(0).reason(), "RECEIPT_SPREADS");
  // As the answer says, it is received by itself.
  EXPECT_FALSE(desk.Act("旧", kHousing, "acknowledge").refused);
}

// What a receipt causes stands in one commit. Deadlines with long ladders fill it; the cases beyond are left and named.
TEST(Receipts, HoldSoMuchAndLeaveTheRest) {
  std::string rungs;
  for (int day = 1; day <= 60; ++day) {
    absl::StrAppend(&rungs, "    - {at: ", day, " days, raise: urge", day, ", title: {zh: ", std::string(200, 'x'),
                    "}, tell: [owner, issuer]}\n");
  }
  const std::string long_ladder = absl::StrReplaceAll(
      absl::StrCat(kOrder, kLetter), {{"  lateness:\n", absl::StrCat("  lateness:\n", rungs)},
                                      {"    - {at: 0 working days, raise: urge,", "    - {at: 61 days, raise: urge,"},
                                      {"    - {at: 5 working days, raise:", "    - {at: 62 days, raise:"}});
  Desk desk({{"order.yaml", long_ladder}, {"revisit.yaml", kRevisit}});
  ASSERT_THAT(desk.errors(), IsEmpty());
  std::vector<std::string> all;
  for (size_t i = 0; i < limits::kLetterCasesMax; ++i) {
    v1::OpenCaseRequest request;
    request.set_procedure("order");
    for (const auto& [party, id] :
         {std::pair("owner", "units/zhujian"), std::pair("reviewer", "posts/ducha-yanshou")}) {
      v1::PartyBinding& binding = *request.add_parties();
      binding.set_party(party);
      binding.add_ids(id);
    }
    *request.add_fields() = desk.Field("order", "problem", "裸土未覆盖");
    *request.add_fields() = desk.Field("order", "due", "2026-10-30");
    all.push_back(absl::StrCat("事", i));
    ASSERT_FALSE(desk.Open(all.back(), kIssuer, request).refused);
  }
  ASSERT_FALSE(desk.Issue(kIssuer, "order/letter", all).refused);
  const v1::DocumentIssued letter = desk.letters[0];
  size_t bytes = 0;
  desk.on_events = [&](const CaseState*, const CaseEvents& events) {
    for (const v1::Event& event : events.events) bytes += event.ByteSizeLong();
  };

  const Happened happened = desk.Receive(kHousing, letter, "acknowledge");

  const auto left = static_cast<size_t>(desk.received.left_size());
  ASSERT_GT(left, 0u);
  ASSERT_LT(left, all.size());
  EXPECT_EQ(desk.received.left(0).reason(), "RECEIPT_FULL");
  EXPECT_EQ(desk.received.left(0).number(), letter.cases(static_cast<int>(all.size() - left)).number())
      << "in the letter's order";
  // Not one more would have gone in.
  const size_t each = bytes / (all.size() - left);
  EXPECT_LE(bytes, limits::kReceiptBytesMax);
  EXPECT_GT(bytes + each, limits::kReceiptBytesMax);
  // What is left is received afterwards.
  const auto left_out = std::find_if(all.begin(), all.end(), [&](const std::string& nickname) {
    return desk.State(nickname).name() == desk.received.left(0).case_();
  });
  EXPECT_FALSE(desk.Act(*left_out, kHousing, "acknowledge").refused);
}

// A notice that is sent each time a matter comes round again: after so many the case takes no more.
TEST(Letters, ACaseHoldsOnlySoMany) {
  constexpr char kRound[] = R"yaml(
procedure: round
title: {zh: 巡查, en: Round}
may_open: [issuer]
numbers: 巡〔{year}〕{seq}号
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  owner:  {kind: unit, title: {zh: 责任单位}}
stages:
  noticed: {title: {zh: 已通知}, no_deadline: 试验, actions: {look: {title: {zh: 到场}, by: owner, to: looked}}}
  looked:
    title: {zh: 已到场}
    no_deadline: 试验
    actions:
      again: {title: {zh: 再查}, by: owner, to: noticed}
      end:   {title: {zh: 结束}, by: owner, to: done}
  done: {title: {zh: 已结束}, end: done}
documents:
  notice: {template: note, number: "巡函〔{year}〕{seq}号", per: owner, from: issuer, at: noticed}
templates:
  note: {title: 通知, heading: 通知, text: [请到场。]}
)yaml";
  Desk desk(std::vector<SourceFile>{{"round.yaml", kRound}});
  ASSERT_THAT(desk.errors(), IsEmpty());
  v1::OpenCaseRequest request;
  request.set_procedure("round");
  v1::PartyBinding& owner = *request.add_parties();
  owner.set_party("owner");
  owner.add_ids("units/zhujian");
  ASSERT_FALSE(desk.Open("巡", kIssuer, request).refused);
  Instant at = desk.Parse("2026-09-01 09:00");
  for (int i = 0; i < limits::kDocumentsPerCaseMax; ++i) {
    ASSERT_FALSE(desk.Issue(kIssuer, "round/notice", {"巡"}).refused) << i;
    at += absl::Minutes(1);
    desk.At(desk.zone().Format(at));
    ASSERT_FALSE(desk.Act("巡", kHousing, "look").refused);
    ASSERT_FALSE(desk.Act("巡", kHousing, "again").refused);
  }
  EXPECT_EQ(desk.Issue(kIssuer, "round/notice", {"巡"}).reason, "TOO_MANY_DOCUMENTS");
  EXPECT_EQ(desk.State("巡").documents_size(), limits::kDocumentsPerCaseMax);
}

TEST_F(LettersTest, TooMuchToSayIsRefusedBeforeAnythingIsWritten) {
  const std::string long_problem(limits::kTextBytesMax, 'x');
  std::vector<std::string> many;
  for (int i = 0; i < 40; ++i) {
    many.push_back(absl::StrCat("事", i));
    Open(many.back(), "units/zhujian", long_problem);
  }
  EXPECT_EQ(desk.Issue(kIssuer, "order/letter", many).reason, "DOCUMENT_TOO_LARGE");
}

// Of a version in which a field was open, a template may name it; what is sealed now it never shows.
TEST_F(LettersTest, NeverShowWhatIsSealed) {
  Open("甲", "units/zhujian", "裸土未覆盖");
  const Procedure& procedure = *desk.procedures().Newest("order");
  EXPECT_EQ(PlaceOfCase(procedure, desk.State("甲"), desk.directory(), desk.zone(), "informant"), "");
  EXPECT_EQ(PlaceOfCase(procedure, desk.State("甲"), desk.directory(), desk.zone(), "problem"), "裸土未覆盖");
}

TEST(Places, AreFilledAndBrokenBracesFound) {
  EXPECT_EQ(Filled("致{to}：{n}件", [](const std::string& place) { return "<" + place + ">"; }), "致<to>：<n>件");
  EXPECT_THAT(SplitPlaces("{to"), IsEmpty());
  EXPECT_THAT(SplitPlaces("to}"), IsEmpty());
  EXPECT_THAT(SplitPlaces("{a{b}}"), IsEmpty());
  EXPECT_THAT(SplitPlaces("无"), SizeIs(1));
}

// The checker looks at the version that has the letter; a case of an earlier one may be hidden where it stands.
TEST(LettersOfAnEarlierVersion, DoNotGoToWhoMayNotSeeTheCaseYet) {
  const std::string hidden = absl::StrReplaceAll(
      kOrder, {{"    title: {zh: 已交办}\n", "    title: {zh: 已交办}\n    sees: [issuer]\n"},
               {"acknowledge: {title: {zh: 签收}, by: owner,", "acknowledge: {title: {zh: 签收}, by: issuer,"},
               {"dispute: {title: {zh: 申请退回}, by: owner,", "dispute: {title: {zh: 申请退回}, by: issuer,"}});
  Desk desk(std::vector<SourceFile>{{"order.yaml", hidden}, {"revisit.yaml", kRevisit}});
  ASSERT_THAT(desk.errors(), IsEmpty());
  v1::OpenCaseRequest request;
  request.set_procedure("order");
  for (const auto& [party, id] : {std::pair("owner", "units/zhujian"), std::pair("reviewer", "posts/ducha-yanshou")}) {
    v1::PartyBinding& binding = *request.add_parties();
    binding.set_party(party);
    binding.add_ids(id);
  }
  *request.add_fields() = desk.Field("order", "problem", "暗访所见");
  *request.add_fields() = desk.Field("order", "due", "2026-10-30");
  ASSERT_FALSE(desk.Open("甲", kIssuer, request).refused);

  desk.Revise({"order.yaml", absl::StrCat(kOrder, kLetter)});
  ASSERT_THAT(desk.errors(), IsEmpty());
  EXPECT_EQ(desk.Issue(kIssuer, "order/letter", {"甲"}).reason, "DOCUMENT_HIDDEN");

  v1::Migration task;
  task.set_procedure("order");
  task.set_from_version(1);
  task.set_to_version(2);
  ASSERT_FALSE(desk.Migrate("甲", task).refused);
  EXPECT_FALSE(desk.Issue(kIssuer, "order/letter", {"甲"}).refused);
}

}  // namespace
}  // namespace duban::engine
