#include "tests/scenarios/workbook.h"

#include <algorithm>
#include <regex>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tests/e2e/support/server_process.h"
#include "tests/scenarios/world.h"

namespace duban::scenarios {
namespace {

std::string Unpacked(const std::string& path, const std::string& part) {
  const e2e::Ran ran = e2e::Run({"unzip", "-p", path, part});
  if (ran.code != 0) throw Wrong{absl::StrCat("打不开 ", path, "：", ran.output)};
  return ran.output;
}

std::vector<std::smatch> All(const std::string& text, const std::regex& regex) {
  return {std::sregex_iterator(text.begin(), text.end(), regex), std::sregex_iterator()};
}

std::string Plain(const std::string& xml) {
  return absl::StrReplaceAll(xml, {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}});
}

}  // namespace

std::vector<std::string> SheetRows(const std::string& path, const std::string& sheet) {
  const std::string book = Unpacked(path, "xl/workbook.xml");
  const std::vector<std::smatch> sheets = All(book, std::regex("<sheet name=\"([^\"]*)\""));
  const auto named =
      std::find_if(sheets.begin(), sheets.end(), [&](const std::smatch& one) { return Plain(one[1]) == sheet; });
  if (named == sheets.end()) {
    throw Wrong{absl::StrCat(
        "没有“", sheet, "”一页，只有：",
        absl::StrJoin(sheets, "、", [](auto* out, const auto& one) { absl::StrAppend(out, Plain(one[1])); }))};
  }
  const std::string shared = Unpacked(path, "xl/sharedStrings.xml");
  const std::vector<std::smatch> words = All(shared, std::regex("<si><t[^>]*>([^<]*)</t></si>"));
  const std::string xml = Unpacked(path, absl::StrCat("xl/worksheets/sheet", named - sheets.begin() + 1, ".xml"));
  std::vector<std::string> rows;
  for (const std::smatch& row : All(xml, std::regex("<row [^>]*>(.*?)</row>"))) {
    const std::string inside = row[1];
    std::vector<std::string> cells;
    for (const std::smatch& cell : All(inside, std::regex("<c [^>]*?(t=\"s\")?><v>([^<]*)</v></c>"))) {
      size_t word = 0;
      const bool text = cell[1].matched && absl::SimpleAtoi(cell[2].str(), &word) && word < words.size();
      cells.push_back(text ? Plain(words[word][1]) : cell[2].str());
    }
    rows.push_back(absl::StrJoin(cells, "  "));
  }
  return rows;
}

}  // namespace duban::scenarios
