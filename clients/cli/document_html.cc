// The printed page. Clauses are those of GB/T 9704-2012.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "clients/cli/document_page.h"

namespace duban::cli {
namespace {

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

constexpr char kStyle[] = R"css(
/* 5.2.1 天头 37 mm，订口 28 mm，版心 156 mm × 225 mm（A4：210 mm × 297 mm，5.1）。 */
@page { size: A4; margin: 37mm 26mm 35mm 28mm; }
/* 7.5 页码：4 号半角宋体，数字左右各一条一字线，单页码居右空一字，双页码居左空一字，一字线上距版心下边缘 7 mm。 */
@page :right { @bottom-right { content: "— " counter(page) " —"; font: 14pt SimSun, "宋体", "Songti SC", serif;
  padding: 7mm 14pt 0 0; vertical-align: top; } }
@page :left { @bottom-left { content: "— " counter(page) " —"; font: 14pt SimSun, "宋体", "Songti SC", serif;
  padding: 7mm 0 0 14pt; vertical-align: top; } }
html { background: #888; }
/* 5.2.2 正文 3 号（16 pt）仿宋；5.2.3 每面 22 行，每行 28 字，撑满版心；5.2.4 黑色。 */
body { width: 156mm; margin: 0 auto; padding: 37mm 26mm 35mm 28mm; background: #fff; color: #000;
  font: 16pt/calc(225mm / 22) "仿宋_GB2312", FangSong_GB2312, "仿宋", FangSong, STFangsong, serif;
  letter-spacing: calc(156mm / 28 - 16pt); }
@media print { html { background: none; } body { width: auto; margin: 0; padding: 0; } }
/* 7.2.2 密级：3 号黑体，顶格，版心左上角第二行。该条说的是国家秘密；工作秘密照此标注（未核实有无专门规定）。 */
.secrecy { padding-top: calc(225mm / 22); font-family: "黑体", SimHei, "Heiti SC", sans-serif; line-height: calc(225mm / 22); }
.secrecy + .mark { padding-top: calc(35mm - 225mm / 22 * 2); }
/* 7.2.4 发文机关标志：居中，红色，推荐小标宋体，上边缘至版心上边缘 35 mm；字号由发文机关酌定，以醒目为宜。 */
.mark { padding-top: 35mm; text-align: center; color: #e60012; font: 34pt/1.2 "方正小标宋简体", FZXiaoBiaoSong-B05S,
  "方正小标宋_GBK", STZhongsong, "华文中宋", "Songti SC", serif; letter-spacing: 0; }
/* 7.2.5 发文字号：发文机关标志下空二行，居中。 */
.number { margin: calc(225mm / 22 * 2) 0 4mm; text-align: center; line-height: 1.2; }
/* 7.2.7 版头中的分隔线：发文字号之下 4 mm，居中，与版心等宽，红色。 */
.line { border: 0; border-top: 0.7mm solid #e60012; margin: 0; }
/* 7.3.1 标题：2 号（22 pt）小标宋体，红色分隔线下空二行，居中。 */
h1 { margin: calc(225mm / 22 * 2) 0 calc(225mm / 22); text-align: center; font: 22pt/calc(225mm / 22 * 1.2) "方正小标宋简体",
  FZXiaoBiaoSong-B05S, "方正小标宋_GBK", STZhongsong, "华文中宋", "Songti SC", serif; letter-spacing: 0; }
/* 7.3.2 主送机关：标题下空一行，居左顶格，末尾全角冒号。 7.3.3 正文：每段左空二字，回行顶格。 */
p { margin: 0; text-align: justify; text-indent: 2em; orphans: 2; widows: 2; }
p.to { text-indent: 0; }
/* 7.3.3 结构层次：一、黑体；（一）楷体；1. 与（1）仿宋。 */
h2, h3, h4, h5 { margin: 0; font-size: 16pt; font-weight: normal; text-indent: 2em; break-after: avoid; }
h2 { font-family: "黑体", SimHei, "Heiti SC", sans-serif; }
h3 { font-family: "楷体_GB2312", KaiTi_GB2312, "楷体", KaiTi, STKaiti, serif; }
/* 表格：本标准只规定横排表格的页码位置（8），字号与边线未见规定（未核实），取 4 号以下，表头每面重复。 */
table { width: 100%; margin: 2mm 0; border-collapse: collapse; font-size: 12pt; line-height: 1.4; letter-spacing: 0; }
caption { font: 14pt/1.6 "黑体", SimHei, "Heiti SC", sans-serif; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 0.25mm solid #000; padding: 1mm 1.5mm; text-align: left; vertical-align: top; word-break: break-all; }
th { font-weight: normal; font-family: "黑体", SimHei, "Heiti SC", sans-serif; text-align: center; white-space: nowrap; }
/* 7.3.5.1 加盖印章的公文：成文日期右空四字，发文机关署名在其上，以成文日期为准居中。印章由发文机关加盖。 */
.signed { margin: calc(225mm / 22) 4em 0 0; display: table; margin-left: auto; text-align: center; break-inside: avoid; }
)css";

std::string BlockHtml(const v1::DocumentBlock& block, HeadingCount& headings) {
  switch (block.block_case()) {
    case v1::DocumentBlock::kParagraph:
      return absl::StrCat("<p>", Escaped(block.paragraph()), "</p>\n");
    case v1::DocumentBlock::kHeading: {
      const int level = block.heading().level();
      const std::string tag = absl::StrCat("h", level + 1);
      return absl::StrCat("<", tag, ">", headings.Next(level), Escaped(block.heading().text()), "</", tag, ">\n");
    }
    case v1::DocumentBlock::kTable: {
      const v1::DocumentTable& table = block.table();
      std::string out = "<table>\n";
      if (!table.caption().empty()) absl::StrAppend(&out, "<caption>", Escaped(table.caption()), "</caption>\n");
      absl::StrAppend(&out, "<thead><tr>");
      for (const std::string& column : table.columns()) absl::StrAppend(&out, "<th>", Escaped(column), "</th>");
      absl::StrAppend(&out, "</tr></thead>\n<tbody>\n");
      for (const v1::DocumentTableRow& row : table.rows()) {
        absl::StrAppend(&out, "<tr>");
        for (const std::string& cell : row.cells()) absl::StrAppend(&out, "<td>", Escaped(cell), "</td>");
        absl::StrAppend(&out, "</tr>\n");
      }
      return out + "</tbody>\n</table>\n";
    }
    case v1::DocumentBlock::BLOCK_NOT_SET:
      return "";
  }
  return "";
}

}  // namespace

std::string DocumentHtml(const v1::DocumentIssued& issued, absl::TimeZone zone) {
  const std::string title = Escaped(issued.title());
  std::string out =
      absl::StrCat("<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
                   Escaped(issued.number()), " ", title, "</title>\n<style>", kStyle, "</style>\n</head>\n<body>\n");
  if (issued.secrecy() == v1::SECRECY_WORK_SECRET) absl::StrAppend(&out, "<div class=\"secrecy\">工作秘密</div>\n");
  absl::StrAppend(&out, "<div class=\"mark\">", Escaped(issued.from_title()), "</div>\n");
  absl::StrAppend(&out, "<div class=\"number\">", Escaped(issued.number()), "</div>\n<hr class=\"line\">\n");
  absl::StrAppend(&out, "<h1>", title, "</h1>\n");
  if (!issued.to().empty()) absl::StrAppend(&out, "<p class=\"to\">", Escaped(issued.to_title()), "：</p>\n");
  HeadingCount headings;
  for (const v1::DocumentBlock& block : issued.blocks()) absl::StrAppend(&out, BlockHtml(block, headings));
  absl::StrAppend(&out, "<div class=\"signed\">", Escaped(issued.from_title()), "<br>", IssueDate(issued, zone),
                  "</div>\n</body>\n</html>\n");
  return out;
}

}  // namespace duban::cli
