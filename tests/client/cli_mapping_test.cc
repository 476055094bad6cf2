// A ledger and its mapping become requests; what is doubtful is said with line, column and reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "clients/cli/ledger_rows.h"
#include "clients/cli/mapping.h"

namespace duban::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kProcedure[] = R"(
procedure: rectification
title: {zh: 问题整改}
parties:
  issuer: {kind: unit}
  owner: {kind: unit, title: {zh: 责任单位}}
  helpers: {kind: unit, many: true}
fields:
  problem: {title: {zh: 存在问题}, type: text}
  item: {type: text}
  category: {type: choice, of: categories}
  area: {type: number}
  due: {title: {zh: 整改时限}, type: date}
codes:
  categories: {water: {zh: 水环境, en: Water}, air: {zh: 大气环境}}
)";

constexpr char kMapping[] = R"yaml(
kind: ledger
procedure: rectification
key: [来源, 编号]
keep_key_in: item
missing: ["*", "(原文未列)"]
parties:
  issuer: {value: units/ducha}
  owner: {column: 责任单位, lookup: unit}
  helpers: {column: 协办, lookup: unit, split: "、"}
fields:
  problem: 问题
  category: {column: 类别, map: {河湖: water}}
  area: {column: 面积}
  due: {column: 时限, agrees_with: 时限原文, when: {长期: [否]}}
)yaml";

constexpr char kHeading[] = "来源,编号,问题,责任单位,协办,类别,面积,时限原文,时限,长期\n";

class LedgerMapping : public ::testing::Test {
 protected:
  LedgerMapping() : words_(ScanProcedure(kProcedure, {})) {
    AddUnit("units/ducha", "市督查室", {});
    AddUnit("units/shuiwu", "市水务局", {"水务局", "市水利局"});
    AddUnit("units/linye", "市林业局", {"林业站"});
    AddUnit("units/nongye", "市农业农村局", {"林业站"});  // The same alias twice: ambiguous.
  }

  void AddUnit(const std::string& name, const std::string& title, const std::vector<std::string>& aliases) {
    v1::Unit unit;
    unit.set_name(name);
    unit.set_title(title);
    for (const std::string& alias : aliases) unit.add_aliases(alias);
    names_.Add(unit);
  }

  LedgerPlan Plan(const std::string& rows, const std::string& mapping = kMapping) {
    std::vector<MappingFault> faults;
    mapping_ = ReadMapping(ParseYaml(mapping), &faults);
    EXPECT_THAT(faults, IsEmpty()) << faults[0].text.ShortDebugString();
    file_ = ParseCsv(absl::StrCat(kHeading, rows));
    EXPECT_THAT(MissingColumns(mapping_, file_), IsEmpty());
    return PlanLedger(mapping_, file_, {words_, names_, absl::FixedTimeZone(8 * 3600)});
  }

  // The only remark: "line column reason handling".
  static std::string Only(const LedgerPlan& plan) {
    if (plan.findings.size() != 1) return absl::StrCat(plan.findings.size(), " findings");
    const Finding& f = plan.findings[0];
    return absl::StrCat(f.line, " ", f.column, " ", f.reason, f.refused ? " left out" : " taken");
  }

  static const v1::FieldValue* Field(const LedgerEntry& entry, const std::string& name) {
    for (const v1::FieldValue& field : entry.request.fields()) {
      if (field.field() == name) return &field;
    }
    return nullptr;
  }

  ProcedureWords words_;
  Names names_;
  Mapping mapping_;
  CsvFile file_;
};

TEST_F(LedgerMapping, ARowBecomesARequestInTheFieldsOwnKinds) {
  LedgerPlan plan = Plan("督察,1,排口溢流,水务局,市林业局、市农业农村局,河湖,约800,2026年9月底前,2026-09-30,否\n");
  EXPECT_THAT(plan.findings, IsEmpty());
  ASSERT_THAT(plan.entries, SizeIs(1));
  const LedgerEntry& entry = plan.entries[0];
  EXPECT_EQ(entry.key, "督察|1");
  EXPECT_EQ(entry.request.parties(1).ids(0), "units/shuiwu");
  EXPECT_THAT(entry.request.parties(2).ids(), ElementsAre("units/linye", "units/nongye"));
  EXPECT_EQ(Field(entry, "category")->values(0).choice(), "water");
  EXPECT_EQ(Field(entry, "area")->values(0).number(), "800");
  EXPECT_TRUE(Field(entry, "area")->values(0).approximate());
  EXPECT_EQ(Field(entry, "due")->values(0).date(), "2026-09-30");
  EXPECT_EQ(Field(entry, "item")->values(0).text(), "督察|1");
}

TEST_F(LedgerMapping, OneCellMayMixSeparators) {
  std::string mapping = kMapping;
  mapping.replace(mapping.find("split: \"、\""), 12, "split: [\"、\", \",\", \"；\"]");
  LedgerPlan plan = Plan("督察,1,排口溢流,水务局,\"市林业局,市农业农村局；市水务局\",,,,,否\n", mapping);
  EXPECT_THAT(plan.findings, IsEmpty());
  ASSERT_THAT(plan.entries, SizeIs(1));
  EXPECT_THAT(plan.entries[0].request.parties(2).ids(), ElementsAre("units/linye", "units/nongye", "units/shuiwu"));
}

TEST_F(LedgerMapping, ChoicesAreKnownByTheirTitlesToo) {
  LedgerPlan plan = Plan("督察,1,扬尘,市水务局,,大气环境,,,,否\n");
  ASSERT_THAT(plan.entries, SizeIs(1));
  EXPECT_EQ(Field(plan.entries[0], "category")->values(0).choice(), "air");
}

TEST_F(LedgerMapping, WhatIsNotStatedStaysAbsent) {
  LedgerPlan plan = Plan("督察,1,排口,市水务局,*,,(原文未列),,　 ,否\n");
  EXPECT_THAT(plan.findings, IsEmpty());
  ASSERT_THAT(plan.entries, SizeIs(1));
  for (const char* field : {"category", "area", "due"}) EXPECT_EQ(Field(plan.entries[0], field), nullptr) << field;
  EXPECT_EQ(plan.entries[0].request.parties_size(), 2);
}

TEST_F(LedgerMapping, ALastingMatterHasNoEndDateWhateverItsColumnSays) {
  LedgerPlan plan = Plan("督察,1,管护,市水务局,,,,长期坚持,2026-12-31,是\n");
  ASSERT_THAT(plan.entries, SizeIs(1));
  EXPECT_EQ(Field(plan.entries[0], "due"), nullptr);
}

TEST_F(LedgerMapping, ADeadlineThatContradictsItsWordingIsTakenAndSaid) {
  LedgerPlan plan = Plan("督察,1,排口,市水务局,,,,2026年10月底前,2026-10-30,否\n");
  EXPECT_EQ(Only(plan), "2 时限 DEADLINES_DISAGREE taken");
  EXPECT_THAT(plan.findings[0].text.zh(), HasSubstr("2026年10月底前"));
  EXPECT_THAT(plan.entries, SizeIs(1));
}

TEST_F(LedgerMapping, ABadDateIsNeverGuessed) {
  LedgerPlan plan = Plan("督察,1,排口,市水务局,,,,,2026-02-30,否\n");
  EXPECT_EQ(Only(plan), "2 时限 BAD_VALUE left out");
  EXPECT_THAT(plan.entries, IsEmpty());
}

TEST_F(LedgerMapping, AnUnknownAndAnAmbiguousUnitAreRefused) {
  EXPECT_EQ(Only(Plan("督察,1,排口,市河长办,,,,,,否\n")), "2 责任单位 UNKNOWN_UNIT left out");
  LedgerPlan plan = Plan("督察,1,排口,林业站,,,,,,否\n");
  EXPECT_EQ(Only(plan), "2 责任单位 UNKNOWN_UNIT left out");
  EXPECT_THAT(plan.findings[0].text.zh(), HasSubstr("units/linye, units/nongye"));
}

TEST_F(LedgerMapping, AnUnknownUnitMayBeBoundToAStatedOneAndIsThenDoubtful) {
  std::string mapping = kMapping;
  mapping.replace(mapping.find("责任单位, lookup: unit"), sizeof("责任单位, lookup: unit") - 1,
                  "责任单位, lookup: unit, unknown: units/ducha");
  LedgerPlan plan = Plan("督察,1,排口,市河长办,,,,,,否\n", mapping);
  EXPECT_EQ(Only(plan), "2 责任单位 UNKNOWN_UNIT taken");
  ASSERT_THAT(plan.entries, SizeIs(1));
  EXPECT_EQ(plan.entries[0].request.parties(1).ids(0), "units/ducha");
}

TEST_F(LedgerMapping, OneMatterTwiceInAFileIsOpenedOnce) {
  LedgerPlan plan = Plan("督察,1,甲,市水务局,,,,,,否\n督察,2,乙,市水务局,,,,,,否\n督察,1,丙,市水务局,,,,,,否\n");
  EXPECT_THAT(plan.entries, SizeIs(2));
  EXPECT_EQ(Only(plan), "4 来源、编号 DUPLICATE_KEY left out");
  EXPECT_THAT(plan.findings[0].text.zh(), HasSubstr("第 2 行"));
}

TEST_F(LedgerMapping, KeysDoNotDependOnTheFileOrTheRowsPlace) {
  std::string first =
      Plan("督察,1,甲,市水务局,,,,,,否\n督察,2,乙,市水务局,,,,,,否\n").entries[1].request.idempotency_key();
  std::string second = Plan("督察,2,乙,市水务局,,,,,,否\n").entries[0].request.idempotency_key();
  EXPECT_EQ(first, second);
  EXPECT_NE(first, Plan("督察,3,乙,市水务局,,,,,,否\n").entries[0].request.idempotency_key());
}

TEST_F(LedgerMapping, ARowWithoutAKeyIsRefused) {
  EXPECT_EQ(Only(Plan(",,甲,市水务局,,,,,,否\n")), "2 来源、编号 NO_KEY left out");
}

TEST_F(LedgerMapping, DamagedRowsAreRefusedAndLostCharactersSaid) {
  EXPECT_EQ(Only(Plan("督察,1,\xD6\xD0,市水务局,,,,,,否\n")), "2 问题 DAMAGED_TEXT left out");
  EXPECT_EQ(Only(Plan("督察,1,排\xEF\xBF\xBD,市水务局,,,,,,否\n")), "2 问题 DAMAGED_TEXT taken");
  EXPECT_EQ(Only(Plan("督察,1,排口,市水务局\n")), "2  WRONG_FIELD_COUNT left out");
}

TEST_F(LedgerMapping, AnOverlongTextIsRefusedBeforeAnythingIsSent) {
  LedgerPlan plan = Plan(absl::StrCat("督察,1,", std::string(16 * 1024 + 1, 'x'), ",市水务局,,,,,,否\n"));
  EXPECT_EQ(Only(plan), "2 问题 BAD_VALUE left out");
  EXPECT_THAT(Plan(absl::StrCat("督察,1,", std::string(16 * 1024, 'x'), ",市水务局,,,,,,否\n")).entries, SizeIs(1));
}

// What is wrong with a mapping: "line text".
std::vector<std::string> Faults(const std::string& mapping) {
  std::vector<MappingFault> faults;
  ReadMapping(ParseYaml(mapping), &faults);
  std::vector<std::string> out;
  for (const MappingFault& fault : faults) out.push_back(absl::StrCat(fault.line, " ", fault.text.en()));
  return out;
}

TEST(Mapping, MisspeltWordsAreNamedWithTheirLine) {
  EXPECT_THAT(Faults("kind: ledger\nprocedure: x\nkey: [a]\nfeilds: {}\n"), ElementsAre(HasSubstr("4 \"feilds\"")));
  EXPECT_THAT(Faults("kind: ledger\nprocedure: x\nkey: [a]\nfields:\n  p: {colunm: a, value: b}\n"),
              ElementsAre(HasSubstr("5 \"colunm\"")));
}

TEST(Mapping, SaysEverythingThatIsMissing) {
  EXPECT_THAT(Faults("kind: ledger\n"), ElementsAre(HasSubstr("procedure"), HasSubstr("key")));
  EXPECT_THAT(Faults("kind: tabel\nprocedure: x\n"), ElementsAre(HasSubstr("ledger or log")));
  EXPECT_THAT(Faults("kind: log\nprocedure: x\n"), SizeIs(5));
  EXPECT_THAT(Faults("kind: ledger\nprocedure: x\nkey: [a]\nfields: {p: {type: date}}\n"),
              ElementsAre(HasSubstr("either column or value")));
}

TEST(Mapping, MalformedYamlIsNamedWithItsLine) {
  EXPECT_THAT(Faults("kind: ledger\nkey: [a\n"), ElementsAre(HasSubstr("Malformed YAML")));
  EXPECT_THAT(Faults("kind: ledger\nkind: log\n"), ElementsAre(HasSubstr("2 \"kind\" stands twice")));
  EXPECT_THAT(Faults("- a\n"), SizeIs(1));
}

TEST_F(LedgerMapping, WhatTheProcedureLacksIsSaidOnceBeforeAnyRow) {
  std::string mapping = kMapping;
  mapping.replace(mapping.find("problem:"), 8, "probelm:");
  mapping.replace(mapping.find("helpers:"), 8, "helprs:");
  std::vector<MappingFault> faults;
  Mapping read = ReadMapping(ParseYaml(mapping), &faults);
  ASSERT_THAT(faults, IsEmpty());
  faults = UnknownWords(read, words_);
  ASSERT_THAT(faults, SizeIs(2));
  EXPECT_EQ(faults[0].line, 10);
  EXPECT_THAT(faults[0].text.zh(), HasSubstr("参与方“helprs”，有：helpers、issuer、owner"));
  EXPECT_EQ(faults[1].line, 12);
  EXPECT_THAT(faults[1].text.en(), HasSubstr("no field \"probelm\""));
}

TEST_F(LedgerMapping, ARefusalNamesTheColumnNotTheField) {
  Plan("督察,1,扬尘,市水务局,,大气环境,,,,否\n");
  EXPECT_EQ(ColumnOf(mapping_, "category"), "类别");
  EXPECT_EQ(ColumnOf(mapping_, "owner"), "责任单位");
  EXPECT_EQ(ColumnOf(mapping_, "issuer"), "issuer");  // Read from no column.
}

TEST(Mapping, ColumnsThatTheFileLacksAreNamed) {
  std::vector<MappingFault> faults;
  Mapping mapping = ReadMapping(
      ParseYaml("kind: ledger\nprocedure: x\nkey: [a]\nfields:\n  p: {column: b, when: {c: [y]}, agrees_with: d}\n"),
      &faults);
  ASSERT_THAT(faults, IsEmpty());
  EXPECT_THAT(MissingColumns(mapping, ParseCsv("a,b\n")), SizeIs(2));
  EXPECT_THAT(MissingColumns(mapping, ParseCsv("a,b,c,d\n")), IsEmpty());
}

}  // namespace
}  // namespace duban::cli
