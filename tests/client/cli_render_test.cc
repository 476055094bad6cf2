// History in words that an official can read, and values typed as text.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "clients/cli/labels.h"
#include "clients/cli/render.h"
#include "clients/cli/values.h"
#include "clients/cli/yaml.h"

namespace duban::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kProcedure[] = R"(
procedure: rectification
title: {zh: 问题整改, en: Rectification order}
parties: {owner: {kind: unit, title: {zh: 责任单位, en: Owner}}}
fields:
  due: {title: {zh: 整改时限, en: Due}, type: date}
  category: {title: {zh: 类别}, type: choice, of: categories}
  count: {type: number}
  lead: {type: unit}
  evidence: {type: file}
stages:
  review: {title: {zh: 验收, en: Review}, within: 5 working days, actions: {accept: {title: {zh: 验收通过, en: Accept}}}}
  publicity: {title: {zh: 公示, en: Public notice}}
clocks:
  rectify: {title: {zh: 整改时限, en: Rectification}, extend: {title: {zh: 延期, en: Extension}}}
)";
constexpr char kShared[] = R"(
codes: {categories: {water: {zh: 水环境, en: Water}, air: {zh: 大气环境}}}
ladders: {lateness: [{at: 5 working days, raise: warn_yellow, title: {zh: 黄色警示, en: Yellow warning}},
                      {at: 10 working days, suggest: circulate, title: {zh: 通报, en: Circulate}}]}
registers: {negative_list: {title: {zh: 负面清单, en: Negative list}, kind: unit}}
)";

class Words : public ::testing::Test {
 protected:
  Words() : words_(ScanProcedure(kProcedure, {kShared})) {
    v1::Person person;
    person.set_name("persons/shuiwu");
    person.set_title("市水务局联络员");
    names_.Add(person);
    person.set_name("persons/ducha");
    person.set_title("督查一科科长");
    names_.Add(person);
    v1::Unit unit;
    unit.set_name("units/shuiwu");
    unit.set_title("市水务局");
    names_.Add(unit);
  }

  Renderer Make(bool name_cases = false) {
    Renderer renderer(
        names_, [this](const std::string&, uint32_t) -> const ProcedureWords& { return words_; }, zone_, name_cases);
    renderer.Know("cases/a", "交办〔2026〕水务1号", "rectification", 1);
    return renderer;
  }

  // A record of case a at 2026-10-09 09:30 in the zone, from protobuf's text form.
  static v1::EventRecord Record(const std::string& actor, const std::string& event, const std::string& position = "p") {
    v1::EventRecord record;
    record.set_stream("cases/a");
    record.set_actor(actor);
    record.set_position(position);
    record.mutable_recorded_at()->set_seconds(1791509400);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(event, record.mutable_event())) << event;
    return record;
  }

  const absl::TimeZone zone_ = absl::FixedTimeZone(8 * 3600);
  ProcedureWords words_;
  Names names_;
};

TEST_F(Words, AnActionNamesWhoDidItInWhichPartAndWhy) {
  v1::Text line = Make().Line(Record("persons/shuiwu", R"(action_taken {
    action: "accept" person: "persons/shuiwu" party: "owner" reason: "符合要求" verifies: VERIFICATION_PASSED })"));
  EXPECT_EQ(line.zh(), "2026-10-09 09:30  市水务局联络员 验收通过（以责任单位身份）；理由：符合要求");
  EXPECT_THAT(line.en(), HasSubstr("Accept (as Owner); reason: 符合要求"));
}

TEST_F(Words, ADrawnPartySaysInWhichDraw) {
  const v1::Text line = Make().Line(Record("persons/ducha", R"(case_opened {
    procedure: "rectification" procedure_version: 1
    parties { party: "owner" draw: "draws/abc" bound { id: "units/shuiwu" title: "市水务局" } } })"));
  EXPECT_THAT(line.zh(), HasSubstr("责任单位 市水务局（抽自 draws/abc）"));
  EXPECT_THAT(line.en(), HasSubstr("Owner 市水务局 (drawn in draws/abc)"));
  const v1::Text named = Make().Line(Record("persons/ducha", R"(case_opened {
    procedure: "rectification" procedure_version: 1
    parties { party: "owner" bound { id: "units/shuiwu" title: "市水务局" } } })"));
  EXPECT_THAT(named.zh(), Not(HasSubstr("抽自")));
}

TEST_F(Words, WhatFollowsInTheSameCommitStandsBehindAnArrow) {
  Renderer renderer = Make();
  renderer.Line(Record("persons/shuiwu", R"(action_taken { action: "accept" person: "persons/shuiwu" })", "1"));
  v1::EventRecord entered = Record("persons/shuiwu", R"(stage_entered { stage: "publicity" })", "1");
  EXPECT_EQ(renderer.Line(entered).zh(), "2026-10-09 09:30    → 进入“公示”");
  entered.set_position("2");
  EXPECT_EQ(renderer.Line(entered).zh(), "2026-10-09 09:30  市水务局联络员 进入“公示”");
}

TEST_F(Words, TimersSpeakForNobody) {
  v1::Text line = Make().Line(Record("", R"(rung_fired { clock: "rectify" rung {
    rung: "due" kind: RUNG_KIND_OVERDUE title { zh: "整改时限逾期" } light { colour: "red" severity: 2 } tell: "units/shuiwu" } })"));
  EXPECT_EQ(line.zh(), "2026-10-09 09:30  ［定时］逾期：整改时限逾期，亮红灯，告知 市水务局");
}

TEST_F(Words, AnApprovedRequestNamesItsAskerNotTheApprover) {
  Renderer renderer = Make();
  renderer.Line(Record("persons/ducha", R"(approval_decided { action: "extend_rectify" approved: true })"));
  v1::Text line = renderer.Line(
      Record("persons/ducha", R"(action_taken { action: "extend_rectify" person: "persons/shuiwu" party: "owner" })"));
  EXPECT_EQ(line.zh(), "2026-10-09 09:30    → 延期生效（市水务局联络员申请）");
}

TEST_F(Words, ASuggestionSaysWhatWasSuggestedWhoDecidedAndWhy) {
  EXPECT_THAT(Make()
                  .Line(Record("", R"(rung_fired { clock: "rectify" rung { rung: "circulate@10wd"
      kind: RUNG_KIND_LADDER title { zh: "通报" en: "Circulate" } suggests: "circulate" } })"))
                  .zh(),
              HasSubstr("［定时］提出建议，待决定：整改时限，通报"));
  const v1::Text line = Make().Line(Record("persons/ducha", R"(suggestion_decided {
      suggests: "circulate" approved: true person: "persons/ducha" reason: "逾期十日" })"));
  EXPECT_EQ(line.zh(), "2026-10-09 09:30  督查一科科长 采纳建议：通报（逾期十日）");
  EXPECT_THAT(line.en(), HasSubstr("suggestion adopted: Circulate"));
}

TEST_F(Words, ARegisterSaysWhoWhyAndUntilWhen) {
  const v1::Text entered = Make().Line(Record("persons/ducha", R"(register_entered { register: "negative_list"
      subject: "units/shuiwu" subject_title: "市水务局" reason { zh: "整改时限逾期，通报" en: "overdue" }
      until { seconds: 1791509400 } })"));
  EXPECT_THAT(entered.zh(), HasSubstr("市水务局 列入负面清单（整改时限逾期，通报），至 2026-10-09 09:30"));
  EXPECT_THAT(entered.en(), HasSubstr("entered in Negative list (overdue), until 2026-10-09 09:30"));
  EXPECT_THAT(Make().Line(Record("", R"(register_left { register: "negative_list" })")).zh(),
              HasSubstr("移出负面清单"));
  EXPECT_THAT(Make()
                  .Line(Record("persons/ducha", R"(action_taken { action: "lift_negative_list"
      person: "persons/ducha" reason: "已整改" })"))
                  .zh(),
              HasSubstr("督查一科科长 移出负面清单；理由：已整改"));
}

TEST_F(Words, FieldsShowTitlesAndWhatIsSealedStaysSealed) {
  v1::Text line = Make().Line(Record("persons/ducha", R"(fields_set {
    fields { field: "category" values { choice: "water" } }
    fields { field: "due" values { date: "2026-10-30" approximate: true } }
    fields { field: "informant" values { sealed { key_id: "k" } } }
    fields { field: "count" } })"));
  EXPECT_THAT(line.zh(), HasSubstr("填报：类别＝水环境；整改时限＝约2026-10-30；informant＝＊＊＊；count（清空）"));
}

TEST_F(Words, LateEntriesSayWhenItHappened) {
  v1::EventRecord record =
      Record("persons/ducha", R"(action_taken { action: "comment" person: "persons/ducha" note: "来函" })");
  record.mutable_occurred_at()->set_seconds(record.recorded_at().seconds() - 86400);
  EXPECT_THAT(Make().Line(record).zh(), HasSubstr("备注；备注：来函（补录，发生于 2026-10-08 09:30）"));
}

TEST_F(Words, CasesAreNamedOnlyWhereSeveralAreShown) {
  v1::EventRecord record = Record("persons/ducha", R"(case_ended { kind: END_KIND_DONE late: true })");
  EXPECT_THAT(Make(true).Line(record).zh(), HasSubstr("  交办〔2026〕水务1号  督查一科科长 结束：办结，逾期"));
  EXPECT_THAT(Make(false).Line(record).zh(), Not(HasSubstr("水务1号")));
}

TEST_F(Words, NoEventIsLeftWithoutWords) {
  // Every kind of event of the contract, even empty, has a line that is not the one for unknown events.
  const google::protobuf::OneofDescriptor* body = v1::Event::descriptor()->FindOneofByName("body");
  ASSERT_NE(body, nullptr);
  for (int i = 0; i < body->field_count(); ++i) {
    v1::EventRecord record = Record("persons/ducha", "");
    record.mutable_event()->GetReflection()->MutableMessage(record.mutable_event(), body->field(i));
    v1::Text line = Make().Line(record);
    EXPECT_THAT(line.zh(), Not(HasSubstr("不认识"))) << body->field(i)->name();
    EXPECT_THAT(line.en(), Not(HasSubstr("does not know"))) << body->field(i)->name();
  }
}

TEST_F(Words, InstantsOfAClockAreReadable) {
  EXPECT_EQ(RungText("remind:10wd", words_).zh(), "提前 10 个工作日提醒");
  EXPECT_EQ(RungText("remind:24h", words_).zh(), "提前 24 小时提醒");
  EXPECT_EQ(RungText("warn_yellow@5wd", words_).zh(), "黄色警示（逾期 5 个工作日）");
  EXPECT_EQ(RungText("due", words_).zh(), "逾期");
  EXPECT_EQ(RungText("missed:1", words_).zh(), "未按时");
  EXPECT_EQ(RungText("missed:3", words_).zh(), "连续 3 期未按时");
  EXPECT_EQ(RungText("something", words_).zh(), "something");
}

TEST_F(Words, TypedTextIsReadInTheFieldsOwnKind) {
  std::string path = ::testing::TempDir() + "/evidence.txt";
  std::ofstream(path) << "abc";
  std::vector<v1::FieldValue> fields;
  v1::Text fault;
  ASSERT_TRUE(ReadAssignments({"due=2026/10/8", "category=水环境", "lead=市水务局", "evidence=" + path, "count=约12.5",
                               "category=air", "note:date=2026-01-02", "gone="},
                              {words_, names_, zone_}, &fields, &fault))
      << fault.zh();
  EXPECT_EQ(fields[0].values(0).date(), "2026-10-08");
  EXPECT_EQ(fields[1].values(0).choice(), "water");
  EXPECT_EQ(fields[1].values(1).choice(), "air");
  EXPECT_EQ(fields[2].values(0).reference(), "units/shuiwu");
  EXPECT_EQ(fields[3].values(0).file(),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad#evidence.txt");
  EXPECT_TRUE(fields[4].values(0).approximate());
  EXPECT_EQ(fields[5].values(0).date(), "2026-01-02");
  EXPECT_EQ(fields[6].values_size(), 0);
  std::remove(path.c_str());
}

TEST_F(Words, AFieldAndAPartyGoByTheirTitlesTooWhereOneAloneBearsIt) {
  words_.fields["due"].title.set_zh("时限");
  words_.fields["count"].title.set_zh("件数");
  words_.fields["other"].title.set_zh("件数");
  std::vector<v1::FieldValue> fields;
  v1::Text fault;
  ASSERT_TRUE(ReadAssignments({"时限=2026-10-08", "件数=3"}, {words_, names_, zone_}, &fields, &fault)) << fault.zh();
  EXPECT_EQ(fields[0].field(), "due");
  EXPECT_EQ(fields[0].values(0).date(), "2026-10-08") << "read as a date, as the field declares";
  EXPECT_EQ(fields[1].field(), "件数") << "two bear it: left to the server, which knows no such field";

  words_.parties["lead"].set_zh("牵头单位");
  std::vector<v1::PartyBinding> parties;
  ASSERT_TRUE(ReadBindings({"牵头单位=市水务局"}, {words_, names_, zone_}, &parties, &fault)) << fault.zh();
  EXPECT_EQ(parties[0].party(), "lead");
}

TEST_F(Words, WrongValuesNameTheFieldAndWhatWouldBeRight) {
  for (const char* wrong : {"due=tomorrow", "category=火", "count=many", "lead=某局", "evidence=/no/such/file",
                            "x:colour=red", "noequals", "=v"}) {
    std::vector<v1::FieldValue> fields;
    v1::Text fault;
    EXPECT_FALSE(ReadAssignments({wrong}, {words_, names_, zone_}, &fields, &fault)) << wrong;
    EXPECT_FALSE(fault.zh().empty() || fault.en().empty()) << wrong;
  }
}

TEST(ProcedureWords, WhoAnswersIsWhoseLatenessCountsElseTheFirstUnitThatOpensNone) {
  const std::string parties =
      "may_open: [centre]\nparties: {centre: {kind: unit}, caller: {kind: post}, handler: {kind: unit}, "
      "reviewer: {kind: unit}}\n";
  EXPECT_EQ(ScanProcedure(parties, {}).answers, "handler");
  EXPECT_EQ(ScanProcedure(parties + "clocks: {answer: {charged_to: reviewer}}\n", {}).answers, "reviewer");
}

TEST(ProcedureWords, RungsHaveTheirTitlesWhereverTheirLadderIsWritten) {
  ProcedureWords words = ScanProcedure(
      "clocks: {answer: {ladder: [{at: 10 days, raise: circulate, title: {zh: 通报, en: Circulated}}]}}\n", {});
  EXPECT_EQ(words.raises["circulate"].zh(), "通报");
  EXPECT_THAT(RungText("circulate@10 days", words).zh(), HasSubstr("通报"));
  EXPECT_EQ(RungText("light:yellow", words).zh(), "亮黄灯");
}

TEST(Yaml, BecomesJsonWithEveryScalarAsText) {
  YamlFile file = ParseYaml("units:\n  - {name: units/a, title: \"引\\\"号\", aliases: [1, yes], head: }\n");
  ASSERT_TRUE(file.ok);
  EXPECT_EQ(ToJson(file.root),
            "{\"units\":[{\"name\":\"units/a\",\"title\":\"引\\\"号\",\"aliases\":[\"1\",\"yes\"]}]}");
}

}  // namespace
}  // namespace duban::cli
