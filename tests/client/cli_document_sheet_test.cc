// A report as a workbook, read back: unpacked by unzip, its XML looked at as text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "clients/cli/document_sheet.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What one file of the workbook holds.
std::string Unpacked(const std::string& book, const std::string& file) {
  const std::string out = book + ".part";
  const std::string command = absl::StrCat("unzip -p '", book, "' '", file, "' > '", out, "'");
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  const std::string text = ReadFile(out).value_or("");
  std::filesystem::remove(out);
  return text;
}

TEST(Sheet, HoldsWordsTablesAndNumbersThatCanBeReckonedWith) {
  v1::DocumentIssued issued;
  issued.set_title("关于2026年10月情况的报告");
  issued.set_number("督查报〔2026〕1号");
  issued.set_from_title("市督查室");
  issued.add_blocks()->mutable_heading()->set_text("总体情况");
  issued.mutable_blocks(0)->mutable_heading()->set_level(1);
  for (const char* caption : {"主要指标", "主要指标", "甲/乙:丙"}) {
    v1::DocumentTable& table = *issued.add_blocks()->mutable_table();
    table.set_caption(caption);
    for (const char* head : {"指标", "分子", "率", "环比（百分点）", "电话", "比较"}) table.add_columns(head);
    v1::DocumentTableRow& row = *table.add_rows();
    for (const char* cell : {"按期办结率", "263", "96.16%", "-1.25", "0713-8123", "=1+1"}) row.add_cells(cell);
  }
  const std::string path = absl::StrCat(::testing::TempDir(), "/sheet_test.xlsx");
  ASSERT_TRUE(WriteSheet(issued, absl::FixedTimeZone(8 * 3600), path));

  const std::string book = Unpacked(path, "xl/workbook.xml");
  for (const char* name : {"name=\"正文\"", "name=\"主要指标\"", "name=\"主要指标2\"", "name=\"甲乙丙\""}) {
    EXPECT_THAT(book, HasSubstr(name));
  }
  const std::string sheet = Unpacked(path, "xl/worksheets/sheet2.xml");
  EXPECT_THAT(sheet, HasSubstr("<v>263</v>"));
  EXPECT_THAT(sheet, HasSubstr("<v>0.9616"));
  EXPECT_THAT(sheet, HasSubstr("<v>-1.25</v>"));
  EXPECT_THAT(sheet, Not(HasSubstr("<f>"))) << "a text that looks like a formula stays a text";
  const std::string words = Unpacked(path, "xl/sharedStrings.xml");
  for (const char* text :
       {"关于2026年10月情况的报告", "一、总体情况", "按期办结率", "0713-8123", "=1+1", "督查报〔2026〕1号"}) {
    EXPECT_THAT(words, HasSubstr(text));
  }
  std::filesystem::remove(path);
}

TEST(Sheet, ThatCannotBeWrittenIsSaidSo) {
  EXPECT_FALSE(WriteSheet({}, absl::UTCTimeZone(), "/nonexistent/folder/sheet.xlsx"));
}

}  // namespace
}  // namespace duban::cli
