// Everything that is refused of procedures, as a corpus: tests/engine/procedures_wrong/*.yaml, each with what is
// found in it in a .txt beside it: the place, the rule, what stands at that place, and the advice in both languages.
// Run with DUBAN_REWRITE=1 to write the .txt files anew, then read the difference.
//
// A line "#=== name" begins another file of the same set.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/procedure/compile.h"
#include "gtest/gtest.h"
#include "tests/engine/support/corpus.h"
#include "tests/engine/support/files.h"

namespace duban::engine {
namespace {

namespace fs = std::filesystem;

constexpr char kCorpus[] = "tests/engine/procedures_wrong/";

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

// The names that a message quotes, “…”.
std::vector<std::string> Quoted(const std::string& message) {
  const std::string kOpen = "“";
  const std::string kClose = "”";
  std::vector<std::string> out;
  for (size_t at = message.find(kOpen); at != std::string::npos; at = message.find(kOpen, at)) {
    at += kOpen.size();
    const size_t end = message.find(kClose, at);
    if (end == std::string::npos) break;
    out.push_back(message.substr(at, end - at));
  }
  return out;
}

// Rules about one word that is written in the file: the word stands at the place, and the message quotes it.
const std::set<std::string>& RulesAboutAWord() {
  static const auto& rules = *new std::set<std::string>{
      "UNDECLARED_PARTY", "UNDECLARED_FIELD",  "UNDECLARED_STAGE",    "UNDECLARED_LADDER",
      "UNDECLARED_CODES", "UNDECLARED_LIGHTS", "UNDECLARED_REGISTER", "UNDECLARED_PROCEDURE",
      "HEAD_OF_NO_UNIT",  "UNKNOWN_KEY",       "UNREACHABLE_STAGE",   "DEAD_END",
      "NO_DEADLINE",      "END_STAGE_ACTS",    "APPROVAL_BY_ASKER",   "SUGGESTION_TO_CHARGED"};
  return rules;
}

class WrongProcedures : public testing::TestWithParam<std::string> {};

TEST_P(WrongProcedures, AreRefusedWithPlaceRuleAndAdvice) {
  const std::string expected_path = kCorpus + GetParam() + ".txt";
  const std::vector<SourceFile> files = SetOf(GetParam());
  const Compiled compiled = Compile(files, Procedures());
  ASSERT_FALSE(compiled.findings.empty()) << "nothing was found";
  EXPECT_EQ(compiled.procedures.empty(), !compiled.ok()) << "procedures come out exactly when nothing is an error";
  for (const Finding& f : compiled.findings) {
    EXPECT_FALSE(f.message.zh().empty() || f.message.en().empty()) << f.rule << " speaks one language only";
  }
  if (std::getenv("DUBAN_REWRITE") != nullptr) {
    std::ofstream(std::string(DUBAN_SOURCE_DIR "/") + expected_path) << Written(files, compiled.findings);
  }
  EXPECT_EQ(Written(files, compiled.findings), ReadRepositoryFile(expected_path));
}

TEST_P(WrongProcedures, AreRefusedAtTheOffendingPlace) {
  const std::vector<SourceFile> files = SetOf(GetParam());
  for (const Finding& f : Compile(files, Procedures()).findings) {
    const auto [before, rest] = LineOf(files, f);
    const std::string place = absl::StrCat(f.path, ":", f.line, ":", f.column, " ", f.rule);
    if (f.rule == "TOO_MANY" || (f.rule == "YAML_SYNTAX" && rest.empty())) continue;  // Of the file; at its end.
    ASSERT_FALSE(rest.empty()) << place << " is behind the line's end";
    const bool empty_file = f.line == 1 && f.column == 1;
    EXPECT_FALSE(rest[0] == ' ' || (rest[0] == '#' && !empty_file)) << place << " points at nothing";
    const bool begins = before.empty() || absl::StrContains(" [{-:\"'", before.back());
    EXPECT_TRUE(begins || f.rule == "YAML_SYNTAX") << place << " points into the middle of a word: " << before << rest;
    if (RulesAboutAWord().count(f.rule) == 0) continue;
    const std::vector<std::string> quoted = Quoted(f.message.zh());
    EXPECT_TRUE(std::any_of(quoted.begin(), quoted.end(),
                            [&](const std::string& word) {
                              return absl::StartsWith(rest, word) ||
                                     absl::StartsWith(rest.substr(1), word);  // Behind a quotation mark.
                            }))
        << place << " quotes what is not there: " << f.message.zh() << " | " << rest;
  }
}

INSTANTIATE_TEST_SUITE_P(Corpus, WrongProcedures,
                         testing::ValuesIn(NamesIn(DUBAN_SOURCE_DIR "/" + std::string(kCorpus))),
                         [](const testing::TestParamInfo<std::string>& info) { return info.param; });

TEST(RulesOfTheChecker, EachIsDocumentedAndShownByTheCorpus) {
  std::set<std::string> in_code;
  for (const auto& entry : fs::directory_iterator(DUBAN_SOURCE_DIR "/engine/procedure")) {
    const std::string path = absl::StrCat("engine/procedure/", entry.path().filename().string());
    if (entry.path().extension() == ".cc") in_code.merge(Rules(ReadRepositoryFile(path), '"', '"'));
  }
  std::set<std::string> in_corpus = {"FILE_TOO_LARGE"};  // Shown below: no file of that size lies in the repository.
  for (const std::string& name : NamesIn(DUBAN_SOURCE_DIR "/" + std::string(kCorpus))) {
    for (absl::string_view line : absl::StrSplit(ReadRepositoryFile(kCorpus + name + ".txt"), '\n')) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      if (words.size() >= 2 && !absl::StartsWith(line, " ")) in_corpus.insert(words[1]);
    }
  }
  EXPECT_EQ(in_code, in_corpus) << "a rule that no file of the corpus shows, or one that is gone";
  EXPECT_EQ(in_code, Rules(ReadRepositoryFile("docs/procedures.md"), '`', '`')) << "docs/procedures.md lists others";
}

// A sentence that no file of the corpus shows is one that nobody has read.
TEST(RulesOfTheChecker, EverySentenceIsShownByTheCorpus) {
  std::string shown;
  for (const std::string& name : NamesIn(DUBAN_SOURCE_DIR "/" + std::string(kCorpus)))
    shown += ReadRepositoryFile(kCorpus + name + ".txt");
  // Shown by other tests: files too large, bytes that are no text; and lengths of time, which are no sentences.
  const std::set<std::string> elsewhere = {"文件超过 ", " KiB，请拆分。",
                                           "此处不是 UTF-8 文字，请将文件另存为 UTF-8 编码。", "写法不合 YAML"};
  for (const auto& entry : fs::directory_iterator(DUBAN_SOURCE_DIR "/engine/procedure")) {
    const std::string file = entry.path().filename().string();
    if (entry.path().extension() != ".cc" || file == "span.cc") continue;
    for (const std::string& sentence : ChineseLiterals(ReadRepositoryFile("engine/procedure/" + file))) {
      if (elsewhere.count(sentence) != 0) continue;
      EXPECT_TRUE(absl::StrContains(shown, sentence)) << file << " says what no file of the corpus shows: " << sentence;
    }
  }
}

// What was published before a rule about meaning became stricter goes on opening.
TEST(RulesOfTheChecker, WhatIsPublishedIsNotHeldAgainstThem) {
  for (const char* name : {"lights_colours", "empty_sections", "unused_own", "unused_shared"}) {
    EXPECT_FALSE(Compile(SetOf(name), Procedures()).ok()) << name;
    EXPECT_TRUE(CompilePublished(SetOf(name), Procedures()).ok()) << name;
  }
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
