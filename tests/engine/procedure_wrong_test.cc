// Everything that is refused of procedures, as a corpus: tests/engine/procedures_wrong/*.yaml, each with what is
// found in it in a .txt beside it. Run with DUBAN_REWRITE=1 to write the .txt files anew, then read the difference.
//
// A line "#=== name" begins another file of the same set.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/procedure/compile.h"
#include "gtest/gtest.h"
#include "tests/engine/support/files.h"

namespace duban::engine {
namespace {

namespace fs = std::filesystem;

constexpr char kCorpus[] = "tests/engine/procedures_wrong/";

// The corpus' names without ".yaml", in order.
std::vector<std::string> Names() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(std::string(DUBAN_SOURCE_DIR "/") + kCorpus)) {
    if (entry.path().extension() == ".yaml") out.push_back(entry.path().stem().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<SourceFile> SetOf(const std::string& name) {
  std::vector<SourceFile> files = {{name + ".yaml", ""}};
  std::string text = ReadRepositoryFile(kCorpus + name + ".yaml");
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::ConsumePrefix(&line, "#=== ")) {
      files.push_back({std::string(line), ""});
    } else {
      absl::StrAppend(&files.back().text, line, "\n");
    }
  }
  return files;
}

std::string Written(const Compiled& compiled) {
  std::string out;
  for (const Finding& f : compiled.findings) {
    absl::StrAppend(&out, f.path, ":", f.line, ":", f.column, " ", f.rule, f.warning ? " (warning)" : "", "\n    ",
                    f.message.zh(), "\n    ", f.message.en(), "\n");
  }
  return out;
}

// The words in capitals that a text holds between these marks.
std::set<std::string> Rules(const std::string& text, char before, char after) {
  std::set<std::string> out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != before) continue;
    size_t end = i + 1;
    while (end < text.size() && (text[end] == '_' || (text[end] >= 'A' && text[end] <= 'Z'))) ++end;
    if (end < text.size() && text[end] == after && end > i + 4) out.insert(text.substr(i + 1, end - i - 1));
  }
  return out;
}

class WrongProcedures : public testing::TestWithParam<std::string> {};

TEST_P(WrongProcedures, AreRefusedWithPlaceRuleAndAdvice) {
  const std::string expected_path = kCorpus + GetParam() + ".txt";
  const Compiled compiled = Compile(SetOf(GetParam()), Procedures());
  ASSERT_FALSE(compiled.findings.empty()) << "nothing was found";
  EXPECT_EQ(compiled.procedures.empty(), !compiled.ok()) << "procedures come out exactly when nothing is an error";
  for (const Finding& f : compiled.findings) {
    EXPECT_FALSE(f.message.zh().empty() || f.message.en().empty()) << f.rule << " speaks one language only";
  }
  if (std::getenv("DUBAN_REWRITE") != nullptr) {
    std::ofstream(std::string(DUBAN_SOURCE_DIR "/") + expected_path) << Written(compiled);
  }
  EXPECT_EQ(Written(compiled), ReadRepositoryFile(expected_path));
}

INSTANTIATE_TEST_SUITE_P(Corpus, WrongProcedures, testing::ValuesIn(Names()),
                         [](const testing::TestParamInfo<std::string>& info) { return info.param; });

TEST(RulesOfTheChecker, EachIsDocumentedAndShownByTheCorpus) {
  std::set<std::string> in_code;
  for (const auto& entry : fs::directory_iterator(DUBAN_SOURCE_DIR "/engine/procedure")) {
    const std::string path = absl::StrCat("engine/procedure/", entry.path().filename().string());
    if (entry.path().extension() == ".cc") in_code.merge(Rules(ReadRepositoryFile(path), '"', '"'));
  }
  std::set<std::string> in_corpus = {"FILE_TOO_LARGE"};  // Shown below: no file of that size lies in the repository.
  for (const std::string& name : Names()) {
    for (absl::string_view line : absl::StrSplit(ReadRepositoryFile(kCorpus + name + ".txt"), '\n')) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      if (words.size() >= 2 && !absl::StartsWith(line, " ")) in_corpus.insert(words[1]);
    }
  }
  EXPECT_EQ(in_code, in_corpus) << "a rule that no file of the corpus shows, or one that is gone";
  EXPECT_EQ(in_code, Rules(ReadRepositoryFile("docs/procedures.md"), '`', '`')) << "docs/procedures.md lists others";
}

TEST(RulesOfTheChecker, AFileThatIsTooLargeIsRefusedBeforeItIsParsed) {
  const Compiled compiled = Compile({{"big.yaml", std::string(256 * 1024 + 1, '#')}}, Procedures());
  ASSERT_EQ(compiled.findings.size(), 1u);
  EXPECT_EQ(compiled.findings[0].rule, "FILE_TOO_LARGE");
}

TEST(RulesOfTheChecker, BytesThatAreNotTextAreRefusedAtTheirPlace) {
  for (const char* bytes : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe6\x95", "\x04", "\x1b"}) {
    const Compiled compiled = Compile({{"b.yaml", absl::StrCat("a: 1\n督: ", bytes)}}, Procedures());
    ASSERT_EQ(compiled.findings.size(), 1u);
    EXPECT_EQ(compiled.findings[0].rule, "YAML_SYNTAX");
    EXPECT_EQ(compiled.findings[0].line, 2);
    EXPECT_EQ(compiled.findings[0].column, 4) << "columns count characters, not bytes";
  }
}

}  // namespace
}  // namespace duban::engine
