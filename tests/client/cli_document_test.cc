// A printed letter, word for word: tests/client/printed/. Run with DUBAN_REWRITE=1 to write the files anew, then read
// the difference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/document_page.h"
#include "clients/cli/table.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const absl::TimeZone kZone = absl::FixedTimeZone(8 * 3600);

v1::DocumentIssued Letter() {
  v1::DocumentIssued issued;
  issued.set_number("督查交〔2026〕12号");
  issued.set_title("关于交办2项问题整改任务的函");
  issued.set_from_title("市督查室");
  issued.set_to_title("市水务局");
  issued.set_to("units/shuiwu");
  issued.mutable_at()->set_seconds(1788278400);  // 2026-09-02 00:00 in the zone: the day before in UTC.
  const auto heading = [&](int level, const char* text) {
    issued.add_blocks()->mutable_heading()->set_level(level);
    issued.mutable_blocks()->rbegin()->mutable_heading()->set_text(text);
  };
  issued.add_blocks()->set_paragraph("经研究，现将2项问题交由你单位整改，请认真组织落实。有关事项函告如下：");
  heading(1, "交办事项");
  v1::DocumentTable& table = *issued.add_blocks()->mutable_table();
  table.set_caption("问题清单");
  for (const char* column : {"序号", "编号", "存在问题", "整改时限"}) table.add_columns(column);
  for (const auto& [n, number, problem] : {std::tuple("1", "交办〔2026〕水务1号", "东湖排口<溢流>，\"黑臭\"反复"),
                                           std::tuple("2", "交办〔2026〕水务2号", "泵站围墙倒塌 & 设备锈蚀")}) {
    v1::DocumentTableRow& row = *table.add_rows();
    for (const char* cell : {n, number, problem, "2026年10月30日"}) row.add_cells(cell);
  }
  heading(1, "办理要求");
  heading(2, "及时签收");
  issued.add_blocks()->set_paragraph("请收到本函后3个工作日内签收。");
  heading(2, "按期整改");
  heading(3, "明确措施");
  heading(4, "责任到人");
  issued.add_blocks()->set_paragraph("请逐项明确整改措施、责任人和完成时限。");
  heading(1, "联系方式");
  return issued;
}

void ExpectPrinted(const std::string& name, const std::string& text) {
  const std::string path = absl::StrCat(DUBAN_SOURCE_DIR, "/tests/client/printed/", name);
  if (std::getenv("DUBAN_REWRITE") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(text, ReadFile(path).value_or(""));
}

TEST(PrintedLetter, AboutAWorkSecretSaysSoAtItsHead) {
  v1::DocumentIssued letter = Letter();
  EXPECT_THAT(DocumentHtml(letter, kZone), testing::Not(testing::HasSubstr("class=\"secrecy\"")));
  letter.set_secrecy(v1::SECRECY_WORK_SECRET);
  EXPECT_THAT(DocumentHtml(letter, kZone),
              testing::HasSubstr("<div class=\"secrecy\">工作秘密</div>\n<div class=\"mark\">"));
  EXPECT_THAT(DocumentText(letter, kZone), testing::StartsWith("工作秘密\n"));
}

TEST(PrintedLetter, IsThatOfThePage) { ExpectPrinted("letter.html", DocumentHtml(Letter(), kZone)); }

TEST(PrintedLetter, IsThatOfTheTerminal) { ExpectPrinted("letter.txt", DocumentText(Letter(), kZone)); }

TEST(PrintedLetter, StandsByItselfAndLetsNothingThrough) {
  const std::string page = DocumentHtml(Letter(), kZone);
  for (const char* outside : {"http", "url(", "<script", "<link", "<img"}) EXPECT_THAT(page, Not(HasSubstr(outside)));
  EXPECT_THAT(page, HasSubstr("东湖排口&lt;溢流&gt;，&quot;黑臭&quot;反复"));
  EXPECT_THAT(page, HasSubstr("泵站围墙倒塌 &amp; 设备锈蚀"));
  // The type area: 297 mm high with 37 and 35 mm left free, 210 mm wide with 28 and 26 mm.
  EXPECT_THAT(page, HasSubstr("@page { size: A4; margin: 37mm 26mm 35mm 28mm; }"));
  EXPECT_EQ(297 - 37 - 35, 225);
  EXPECT_EQ(210 - 28 - 26, 156);
}

TEST(PrintedLetter, NumbersItsHeadingsByLevel) {
  HeadingCount count;
  EXPECT_EQ(count.Next(1), "一、");
  EXPECT_EQ(count.Next(2), "（一）");
  EXPECT_EQ(count.Next(3), "1. ");
  EXPECT_EQ(count.Next(4), "（1）");
  EXPECT_EQ(count.Next(2), "（二）");
  EXPECT_EQ(count.Next(3), "1. ") << "a heading begins those below it anew";
  EXPECT_EQ(HeadingMark(1, 10), "十、");
  EXPECT_EQ(HeadingMark(1, 21), "二十一、");
  EXPECT_EQ(HeadingMark(2, 19), "（十九）");
}

TEST(PrintedLetter, IsDatedInItsWorkspacesZone) {
  EXPECT_EQ(IssueDate(Letter(), kZone), "2026年9月2日");
  EXPECT_EQ(IssueDate(Letter(), absl::UTCTimeZone()), "2026年9月1日");
}

TEST(PrintedLetter, KeepsToTwentyEightCharactersALine) {
  v1::DocumentIssued issued = Letter();
  issued.clear_blocks();
  std::string long_paragraph;
  for (int i = 0; i < 40; ++i) long_paragraph += "督办事项，";
  issued.add_blocks()->set_paragraph(long_paragraph);
  for (const auto line : absl::StrSplit(DocumentText(issued, kZone), '\n')) {
    EXPECT_LE(DisplayWidth(line), 58u) << "a sign that may begin no line hangs over: " << line;
    EXPECT_NE(line.substr(0, 3), "，");
  }
}

}  // namespace
}  // namespace duban::cli
