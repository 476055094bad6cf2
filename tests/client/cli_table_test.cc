// Tables of Chinese text stand straight.
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "clients/cli/table.h"

namespace duban::cli {
namespace {

TEST(DisplayWidth, WideCharactersTakeTwoColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("督办"), 4u);
  EXPECT_EQ(DisplayWidth("交办〔2026〕3号"), 15u);
  EXPECT_EQ(DisplayWidth("，。（）"), 8u);
  EXPECT_EQ(DisplayWidth("𠮷"), 2u);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1u);  // A letter and its accent.
  EXPECT_EQ(DisplayWidth("“”…"), 3u);        // Ambiguous in width; terminals draw them narrow.
}

TEST(FitWidth, CutsAtACharacterAndNeverBeyondTheColumn) {
  EXPECT_EQ(FitWidth("督办系统", 8), "督办系统");
  EXPECT_EQ(FitWidth("督办系统", 7), "督办系…");
  EXPECT_EQ(FitWidth("督办系统", 6), "督办…");  // A third character would end beyond column 6.
  EXPECT_EQ(FitWidth("两\n行", 10), "两 行");
  for (size_t width = 1; width < 12; ++width) EXPECT_LE(DisplayWidth(FitWidth("a督b办c系d统", width)), width);
}

TEST(Table, ColumnsBeginAtTheSamePlaceInEveryLine) {
  Table table({"编号", "事项", "灯"});
  table.Add({"1", "河道", {"红", Ink::kRed}});
  table.Add({"12345", "污水直排问题", "绿"});
  std::vector<std::string> lines = absl::StrSplit(table.Text(false), '\n');
  ASSERT_EQ(lines.size(), 5u);
  for (const char* light : {"灯", "红", "绿"}) {
    size_t line = light == std::string("灯") ? 0 : light == std::string("红") ? 2 : 3;
    size_t at = lines[line].find(light);
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(DisplayWidth(lines[line].substr(0, at)), 5u + 2 + 12 + 2) << lines[line];
  }
}

TEST(Table, OnANarrowTerminalLongCellsAreCutButNeverTheNumber) {
  Table table({"编号", "事项", "期限"});
  table.Add({"交办〔2026〕城东水务10号", "沿河三处排口污水直排，群众多次反映未见整改", "2026-10-30 23:59"});
  std::vector<std::string> lines = absl::StrSplit(table.Text(false, 72), '\n');
  for (const std::string& line : lines) EXPECT_LE(DisplayWidth(line), 72u) << line;
  EXPECT_NE(lines[2].find("交办〔2026〕城东水务10号"), std::string::npos);
  EXPECT_NE(lines[2].find("…"), std::string::npos);
  EXPECT_NE(lines[2].find("2026-10-30 23:59"), std::string::npos);
  EXPECT_NE(table.Text(false, 10).find("2026-10-30 23:59"), std::string::npos) << "better wrapped than meaningless";
}

TEST(Table, TheLastColumnStandsWholeWhereItIsWhatOneReads) {
  const std::string text(300, 'x');
  Table table({"项目", "内容"}, 96, true);
  table.Add({"存在问题", text});
  EXPECT_NE(table.Text(false, 80).find(text), std::string::npos);
}

TEST(Table, ColoursAreLeftOutWhereNotWanted) {
  Table table({"灯"});
  table.Add({{"红", Ink::kRed}});
  EXPECT_EQ(table.Text(false).find('\x1b'), std::string::npos);
  EXPECT_NE(table.Text(true).find("\x1b[31m红\x1b[0m"), std::string::npos);
}

}  // namespace
}  // namespace duban::cli
