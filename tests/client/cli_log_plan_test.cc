// A past log becomes operations in the order of its own time; what does not fit is kept and said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/dates.h"
#include "clients/cli/log_plan.h"

namespace duban::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::TimeZone kZone = absl::FixedTimeZone(8 * 3600);

constexpr char kMapping[] = R"(
kind: log
procedure: permit_log
case: case
keep_key_in: permit
opened_at: start
ended_at: end
at: time
activity: activity
actions: {"*": step}
end_action: finish
note: [activity, who]
fields: {deadline: {column: deadline, type: instant}}
step_fields: {activity: activity}
)";

LogPlan Plan(const std::string& rows, const std::string& mapping_text = kMapping) {
  static const auto& words = *new ProcedureWords();
  static const auto& names = *new Names();
  std::vector<MappingFault> faults;
  Mapping mapping = ReadMapping(ParseYaml(mapping_text), &faults);
  EXPECT_THAT(faults, IsEmpty());
  CsvFile file = ParseCsv("case,start,deadline,end,time,activity,who\n" + rows);
  return PlanLog(mapping, file, {words, names, kZone});
}

// "A open 05-01 08:00", with "for 04-30 23:00" where it happened earlier.
std::vector<std::string> Steps(const LogPlan& plan) {
  std::vector<std::string> out;
  for (const LogOperation& op : plan.operations) {
    const char* kinds[] = {"open", "step", "end", "late"};
    std::string line = absl::StrCat(plan.cases[op.case_index].id, " ", kinds[static_cast<int>(op.kind)], " ",
                                    ShowInstant(op.at, kZone).substr(5));
    if (op.occurred != op.at) absl::StrAppend(&line, " for ", ShowInstant(op.occurred, kZone).substr(5));
    out.push_back(line);
  }
  return out;
}

std::vector<std::string> Remarks(const LogPlan& plan) {
  std::vector<std::string> out;
  for (const Finding& f : plan.findings) {
    out.push_back(absl::StrCat(f.line, " ", f.column, " ", f.reason, " ", f.about, f.refused ? " left out" : ""));
  }
  return out;
}

// Most logs have no columns for a case's start and end: case, activity, time, who.
constexpr char kBare[] = R"(
kind: log
procedure: permit_log
case: case
keep_key_in: permit
at: time
activity: activity
actions: {结案: finish, 留言: comment, "*": step}
end_action: finish
note: [activity, who]
step_fields: {activity: activity}
)";

TEST(LogPlan, WithoutColumnsForItACaseRunsFromItsEarliestRowToTheFirstThatEndsIt) {
  LogPlan plan = Plan(
      "A,,,,2026-05-03 10:00,结案,w\n"
      "A,,,,2026-05-01 08:00,受理,w\n"
      "B,,,,2026-05-02 09:00,受理,w\n"
      "A,,,,2026-05-05 10:00,归档,w\n"
      "A,,,,2026-05-06 10:00,结案,w\n",
      kBare);
  EXPECT_THAT(Steps(plan),
              ElementsAre("A open 05-01 08:00", "A step 05-01 08:00", "B open 05-02 09:00", "B step 05-02 09:00",
                          "A end 05-03 10:00", "A late 05-05 10:00", "A late 05-06 10:00"));
  EXPECT_THAT(Remarks(plan), ElementsAre("5 time AFTER_END A", "6 time AFTER_END A"));
  // The ending row says what every row says.
  ASSERT_THAT(plan.operations[4].fields, SizeIs(1));
  EXPECT_EQ(plan.operations[4].fields[0].values(0).text(), "结案");
  EXPECT_EQ(plan.operations[4].line, 2u);
}

TEST(LogPlan, ARowThatIsARemarkKeepsWhatItSays) {
  LogPlan plan = Plan("A,,,,2026-05-01 08:00,留言,窗口\n", kBare);
  ASSERT_THAT(plan.operations, SizeIs(2));
  EXPECT_EQ(plan.operations[1].action, "comment");
  EXPECT_EQ(plan.operations[1].note, "留言；窗口");
}

TEST(LogPlan, ACaseWithoutAnyReadableTimeIsNotOpened) {
  LogPlan plan = Plan("A,,,,上周,受理,w\nA,,,,昨天,受理,w\n", kBare);
  EXPECT_THAT(plan.operations, IsEmpty());
  EXPECT_THAT(Remarks(plan), ElementsAre("2 time BAD_VALUE  left out", "3 time BAD_VALUE  left out",
                                         "3 case CASE_NOT_OPENED A left out"));
}

TEST(LogPlan, CasesInterleaveInTheOrderOfTime) {
  LogPlan plan = Plan(
      "A,2026-05-01 08:00,2026-06-01 08:00,2026-05-03 08:00,2026-05-02 08:00,check,r1\n"
      "B,2026-05-01 09:00,,,2026-05-01 10:00,check,r2\n");
  EXPECT_THAT(Steps(plan), ElementsAre("A open 05-01 08:00", "B open 05-01 09:00", "B step 05-01 10:00",
                                       "A step 05-02 08:00", "A end 05-03 08:00"));
  EXPECT_THAT(plan.findings, IsEmpty());
  EXPECT_EQ(ShowInstant(plan.last, kZone), "2026-05-03 08:00");
}

TEST(LogPlan, AtOneInstantOpeningsComeBeforeStepsAndStepsBeforeEnds) {
  LogPlan plan = Plan(
      "A,2026-05-01 08:00,,2026-05-01 08:00,2026-05-01 08:00,one,r\n"
      "A,2026-05-01 08:00,,2026-05-01 08:00,2026-05-01 08:00,two,r\n"
      "B,2026-05-01 08:00,,,2026-05-01 08:00,three,r\n");
  EXPECT_THAT(Steps(plan), ElementsAre("A open 05-01 08:00", "B open 05-01 08:00", "A step 05-01 08:00",
                                       "A step 05-01 08:00", "B step 05-01 08:00", "A end 05-01 08:00"));
  EXPECT_EQ(plan.operations[2].fields[0].values(0).text(), "one");  // The file's order.
}

TEST(LogPlan, ARowBeforeItsCaseIsEnteredAtTheOpeningAndItsNoteKeepsItsOwnTime) {
  LogPlan plan = Plan("A,2026-05-01 08:00,,,2026-04-30 23:00,early,r\n");
  EXPECT_THAT(Steps(plan), ElementsAre("A open 05-01 08:00", "A step 05-01 08:00"));
  EXPECT_EQ(plan.operations[1].note, "原始时间 2026-04-30 23:00:00");
  EXPECT_THAT(Remarks(plan), ElementsAre("2 time BEFORE_START A"));
}

TEST(LogPlan, ARowAfterTheEndBecomesARemarkAtItsOwnTime) {
  LogPlan plan = Plan("A,2026-05-01 08:00,,2026-05-02 08:00,2026-05-03 08:00,archive,r9\n");
  EXPECT_THAT(Steps(plan), ElementsAre("A open 05-01 08:00", "A end 05-02 08:00", "A late 05-03 08:00"));
  EXPECT_EQ(plan.operations[2].action, "comment");
  EXPECT_EQ(plan.operations[2].note, "archive；r9");
  EXPECT_THAT(Remarks(plan), ElementsAre("2 time AFTER_END A"));
}

TEST(LogPlan, ACaseThatEndsBeforeItStartsEndsAtItsOpeningAndItsNoteKeepsTheStatedEnd) {
  LogPlan plan = Plan("A,2026-05-02 08:00,,2026-05-01 08:00,2026-05-03 08:00,x,r\n");
  EXPECT_THAT(Steps(plan), ElementsAre("A open 05-02 08:00", "A end 05-02 08:00", "A late 05-03 08:00"));
  EXPECT_EQ(plan.operations[1].note, "原始时间 2026-05-01 08:00:00");
  EXPECT_THAT(Remarks(plan), ElementsAre("2 time AFTER_END A", "2 end ENDS_BEFORE_START A"));
}

TEST(LogPlan, TwinRowsHaveKeysOfTheirOwnAndTheSameOnesNextTime) {
  const char* rows =
      "A,2026-05-01 08:00,,,2026-05-01 09:00,x,r\n"
      "A,2026-05-01 08:00,,,2026-05-01 09:00,x,r\n";
  LogPlan once = Plan(rows), again = Plan(rows);
  std::set<std::string> keys;
  for (size_t i = 0; i < once.operations.size(); ++i) {
    keys.insert(once.operations[i].key);
    EXPECT_EQ(once.operations[i].key, again.operations[i].key);
    EXPECT_LE(once.operations[i].key.size(), 128u);
  }
  EXPECT_THAT(keys, SizeIs(3));
}

TEST(LogPlan, WhatCannotBeReadIsLeftOutRowByRow) {
  LogPlan plan = Plan(
      "A,yesterday,,,2026-05-01 09:00,x,r\n"
      "A,yesterday,,,2026-05-01 10:00,y,r\n"
      ",2026-05-01 08:00,,,2026-05-01 09:00,x,r\n"
      "B,2026-05-01 08:00,,,soon,x,r\n");
  EXPECT_THAT(Remarks(plan), ElementsAre("2 start BAD_VALUE  left out", "3 case CASE_NOT_OPENED A left out",
                                         "4 case NO_KEY  left out", "5 time BAD_VALUE  left out"));
  EXPECT_THAT(Steps(plan), ElementsAre("B open 05-01 08:00"));
}

TEST(LogPlan, CaseColumnsThatChangeAreSaidAndTheFirstRowHolds) {
  LogPlan plan = Plan(
      "A,2026-05-01 08:00,,2026-05-09 08:00,2026-05-01 09:00,x,r\n"
      "A,2026-05-01 08:00,,2026-05-08 08:00,2026-05-01 10:00,y,r\n");
  EXPECT_THAT(Remarks(plan), ElementsAre("3 end CASE_COLUMNS_DIFFER A"));
  EXPECT_EQ(Steps(plan).back(), "A end 05-09 08:00");
}

TEST(LogPlan, AnActivityWithoutAnActionIsSaid) {
  std::string mapping = kMapping;
  mapping.replace(mapping.find("\"*\": step"), 9, "check: step");
  LogPlan plan = Plan("A,2026-05-01 08:00,,,2026-05-01 09:00,other,r\n", mapping);
  EXPECT_THAT(Remarks(plan), ElementsAre("2 activity UNKNOWN_ACTIVITY A left out"));
}

// The real log of a municipality; set DUBAN_DATA to the folder that holds receipt.csv.
TEST(LogPlan, TheRealPermitLogKeepsEveryRow) {
  const char* folder = std::getenv("DUBAN_DATA");
  auto text = ReadFile(absl::StrCat(folder != nullptr ? folder : "../shared/data", "/receipt.csv"));
  if (!text) text = ReadFile(absl::StrCat(DUBAN_SOURCE_DIR, "/../shared/data/receipt.csv"));
  if (!text) GTEST_SKIP() << "receipt.csv is not here; set DUBAN_DATA";
  auto source = ReadFile(absl::StrCat(DUBAN_SOURCE_DIR, "/procedures/permit_log.yaml"));
  auto map = ReadFile(absl::StrCat(DUBAN_SOURCE_DIR, "/examples/log/receipt.map.yaml"));
  ASSERT_TRUE(source && map);
  ProcedureWords words = ScanProcedure(*source, {});
  Names names;
  v1::Unit unit;
  unit.set_name("units/permits");
  names.Add(unit);
  std::vector<MappingFault> faults;
  Mapping mapping = ReadMapping(ParseYaml(*map), &faults);
  ASSERT_THAT(faults, IsEmpty());
  CsvFile file = ParseCsv(*text);
  ASSERT_THAT(MissingColumns(mapping, file), IsEmpty());

  LogPlan plan = PlanLog(mapping, file, {words, names, kZone});

  int opened = 0, steps = 0, ended = 0, late = 0;
  for (const LogOperation& op : plan.operations) {
    opened += op.kind == LogOperation::Kind::kOpen;
    steps += op.kind == LogOperation::Kind::kStep;
    ended += op.kind == LogOperation::Kind::kEnd;
    late += op.kind == LogOperation::Kind::kLateEntry;
  }
  EXPECT_EQ(opened, 1434);
  EXPECT_EQ(ended, 1329);
  EXPECT_EQ(late, 180);
  EXPECT_EQ(steps + late, 8577);
  std::map<std::string, int> counts = CountByReason(plan.findings);
  EXPECT_EQ(counts["AFTER_END"], 180);
  EXPECT_EQ(counts["BEFORE_START"], 12);
  EXPECT_EQ(counts["ENDS_BEFORE_START"], 2);
  EXPECT_THAT(counts, SizeIs(3));
  std::set<std::string> after_end;
  for (const Finding& f : plan.findings) {
    if (f.reason == "AFTER_END") after_end.insert(f.about);
  }
  EXPECT_THAT(after_end, SizeIs(145));
}

}  // namespace
}  // namespace duban::cli
