// CSV as offices send it: quoted, broken across lines, marked, shifted, damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cli/csv.h"
#include "clients/cli/utf8.h"

namespace duban::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<CsvFault::Kind> Kinds(const CsvRecord& record) {
  std::vector<CsvFault::Kind> kinds;
  for (const CsvFault& fault : record.faults) kinds.push_back(fault.kind);
  return kinds;
}

TEST(Csv, QuotedFieldsHoldCommasQuotesAndLineBreaks) {
  CsvFile file = ParseCsv("a,b,c\n1,\"x, \"\"y\"\"\nz\",3\n");
  ASSERT_THAT(file.records, SizeIs(1));
  EXPECT_THAT(file.records[0].fields, ElementsAre("1", "x, \"y\"\nz", "3"));
  EXPECT_THAT(file.records[0].faults, IsEmpty());
}

TEST(Csv, LinesAreThoseOfTheFileNotOfTheRecords) {
  // The first record spans lines 2 to 4, so the second begins on line 5.
  CsvFile file = ParseCsv("a,b\n\"one\r\ntwo\nthree\",x\nlast,y");
  ASSERT_THAT(file.records, SizeIs(2));
  EXPECT_EQ(file.records[0].line, 2u);
  EXPECT_EQ(file.records[1].line, 5u);
  EXPECT_THAT(file.records[1].fields, ElementsAre("last", "y"));
}

TEST(Csv, ByteOrderMarkAndEveryLineEndArePassedOver) {
  for (const char* text : {"\xEF\xBB\xBF事项,时限\r\n甲,乙\r\n", "事项,时限\n甲,乙", "事项,时限\r甲,乙\r"}) {
    CsvFile file = ParseCsv(text);
    EXPECT_THAT(file.heading, ElementsAre("事项", "时限")) << text;
    ASSERT_THAT(file.records, SizeIs(1)) << text;
    EXPECT_THAT(file.records[0].fields, ElementsAre("甲", "乙")) << text;
    EXPECT_EQ(file.records[0].line, 2u) << text;
  }
}

TEST(Csv, EmptyLinesAreNoRecordsButEmptyFieldsAreFields) {
  CsvFile file = ParseCsv("a,b\n\n,\n\n");
  ASSERT_THAT(file.records, SizeIs(1));
  EXPECT_THAT(file.records[0].fields, ElementsAre("", ""));
  EXPECT_EQ(file.records[0].line, 3u);
}

TEST(Csv, AShiftedRecordIsNamedAndTheNextOneIsStillRead) {
  CsvFile file = ParseCsv("a,b\n1\n1,2,3\n1,2\n");
  ASSERT_THAT(file.records, SizeIs(3));
  EXPECT_THAT(Kinds(file.records[0]), ElementsAre(CsvFault::Kind::kFieldCount));
  EXPECT_THAT(Kinds(file.records[1]), ElementsAre(CsvFault::Kind::kFieldCount));
  EXPECT_THAT(file.records[2].faults, IsEmpty());
}

TEST(Csv, AQuoteThatNeverClosesIsNamedAtTheLineWhereItOpened) {
  CsvFile file = ParseCsv("a,b\n1,2\n\"3,4\n5,6\n");
  ASSERT_THAT(file.records, SizeIs(2));
  ASSERT_FALSE(file.records[1].faults.empty());
  EXPECT_EQ(file.records[1].faults[0].kind, CsvFault::Kind::kOpenQuote);
  EXPECT_EQ(file.records[1].faults[0].line, 3u);
}

TEST(Csv, StrayQuotesStayAsTheyStand) {
  CsvFile file = ParseCsv("a,b\n5\" pipe,\"x\"y\n");
  ASSERT_THAT(file.records, SizeIs(1));
  EXPECT_THAT(file.records[0].fields, ElementsAre("5\" pipe", "xy"));
  EXPECT_THAT(Kinds(file.records[0]), ElementsAre(CsvFault::Kind::kStrayQuote, CsvFault::Kind::kTextAfterQuote));
}

TEST(Csv, BrokenBytesAndLostCharactersAreNamedWithTheirField) {
  CsvFile file = ParseCsv("a,b\nok,\xD6\xD0\xB9\xFA\nok,\xEF\xBF\xBD\n");
  ASSERT_THAT(file.records, SizeIs(2));
  EXPECT_THAT(Kinds(file.records[0]), ElementsAre(CsvFault::Kind::kEncoding));
  EXPECT_THAT(Kinds(file.records[1]), ElementsAre(CsvFault::Kind::kLostCharacter));
  for (const CsvRecord& record : file.records) EXPECT_EQ(record.faults[0].field, 1u);
}

TEST(Csv, WhatIsQuotedIsReadBackAsItWas) {
  for (const char* field : {"plain", "a,b", "say \"x\"", "two\nlines", "", "  "}) {
    CsvFile file = ParseCsv("h,k\n" + QuoteCsv(field) + ",end\n");
    ASSERT_THAT(file.records, SizeIs(1)) << field;
    EXPECT_THAT(file.records[0].fields, ElementsAre(field, "end"));
  }
}

TEST(Utf8, KnowsWellFormedTextFromOverlongFormsAndSurrogates) {
  EXPECT_EQ(FirstBrokenByte("督办 abc 𠮷"), std::nullopt);
  EXPECT_EQ(FirstBrokenByte("ab\xC0\x80"), std::optional<size_t>(2));        // Overlong NUL.
  EXPECT_EQ(FirstBrokenByte("\xED\xA0\x80"), std::optional<size_t>(0));      // A surrogate.
  EXPECT_EQ(FirstBrokenByte("督\xE5\x8A"), std::optional<size_t>(3));        // Cut off.
  EXPECT_EQ(FirstBrokenByte("\xF4\x90\x80\x80"), std::optional<size_t>(0));  // Beyond U+10FFFF.
}

TEST(Utf8, ReadsNationalStandardEncodingAndMarksWhatIsLost) {
  EXPECT_EQ(ToUtf8("\xB6\xBD\xB0\xEC", "gb18030"), "督办");
  auto damaged = ToUtf8("\xB6\xBD\xFF", "gb18030");
  ASSERT_TRUE(damaged.has_value());
  EXPECT_EQ(*damaged, "督\xEF\xBF\xBD");
  EXPECT_EQ(ToUtf8("x", "no-such-encoding"), std::nullopt);
}

}  // namespace
}  // namespace duban::cli
