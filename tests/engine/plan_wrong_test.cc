// Everything that is refused of plans, as a corpus: tests/engine/plans_wrong/*.yaml, each with what is found in it in a
// .txt beside it. They are read against the procedures that come with the engine, and a small city's directory.
// Run with DUBAN_REWRITE=1 to write the .txt files anew, then read the difference.
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
#include "engine/plan/plan.h"
#include "gtest/gtest.h"
#include "tests/engine/support/corpus.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/files.h"

namespace duban::engine {
namespace {

constexpr char kCorpus[] = "tests/engine/plans_wrong/";
constexpr const char* kReaders[] = {"engine/plan/read_plan.cc", "engine/plan/check_names.cc"};

// What none of the shipped procedures has: one who is drawn alone, a unit and who inspects it.
constexpr char kPick[] = R"yaml(
procedure: pick
title: {zh: 一人一查}
may_open: [office]
parties:
  office:    {kind: unit, title: {zh: 组织单位}}
  visited:   {kind: unit, many: true, drawn: true, title: {zh: 被查单位}}
  inspector: {kind: post, drawn: true, title: {zh: 检查岗位}}
stages:
  open: {title: {zh: 检查}, within: 5 days, actions: {report: {title: {zh: 报告}, by: office, to: done}}}
  done: {title: {zh: 已办结}, end: done}
)yaml";

constexpr char kSingle[] = R"yaml(
procedure: single
title: {zh: 一户一查}
may_open: [office]
parties:
  office:     {kind: unit, title: {zh: 组织单位}}
  visited:    {kind: unit, drawn: true, title: {zh: 被查单位}}
  inspectors: {kind: post, many: true, drawn: true, title: {zh: 检查岗位}}
stages:
  open: {title: {zh: 检查}, within: 5 days, actions: {report: {title: {zh: 报告}, by: office, to: done}}}
  done: {title: {zh: 已办结}, end: done}
)yaml";

Desk& City() {
  static auto& city = *new Desk([] {
    std::vector<SourceFile> files;
    for (const std::string& name : NamesIn(DUBAN_SOURCE_DIR "/procedures")) {
      files.push_back({name + ".yaml", ReadRepositoryFile("procedures/" + name + ".yaml")});
    }
    files.push_back({"pick.yaml", kPick});
    files.push_back({"single.yaml", kSingle});
    return files;
  }());
  return city;
}

SourceFile FileOf(const std::string& name) { return {name + ".yaml", ReadRepositoryFile(kCorpus + name + ".yaml")}; }

class WrongPlans : public testing::TestWithParam<std::string> {};

TEST_P(WrongPlans, AreRefusedWithPlaceRuleAndAdvice) {
  ASSERT_TRUE(City().errors().empty()) << City().errors().front();
  const std::string expected_path = kCorpus + GetParam() + ".txt";
  const SourceFile file = FileOf(GetParam());
  const ReadPlanResult read = ReadPlan(file, City().procedures(), &City().directory());
  ASSERT_FALSE(read.ok()) << "nothing was found";
  for (const Finding& f : read.findings) {
    EXPECT_FALSE(f.message.zh().empty() || f.message.en().empty()) << f.rule << " speaks one language only";
    const auto [before, rest] = LineOf({file}, f);
    ASSERT_FALSE(rest.empty()) << f.rule << " is behind the line's end";
    EXPECT_TRUE(before.empty() || absl::StrContains(" [{-:\"'", before.back()))
        << f.rule << " points into the middle of a word: " << before << "|" << rest;
  }
  const std::string written = Written({file}, read.findings);
  if (std::getenv("DUBAN_REWRITE") != nullptr) {
    std::ofstream(std::string(DUBAN_SOURCE_DIR "/") + expected_path) << written;
  }
  EXPECT_EQ(written, ReadRepositoryFile(expected_path));
}

INSTANTIATE_TEST_SUITE_P(Corpus, WrongPlans, testing::ValuesIn(NamesIn(DUBAN_SOURCE_DIR "/" + std::string(kCorpus))),
                         [](const testing::TestParamInfo<std::string>& info) { return info.param; });

std::string AllThatIsShown() {
  std::string shown;
  for (const std::string& name : NamesIn(DUBAN_SOURCE_DIR "/" + std::string(kCorpus)))
    shown += ReadRepositoryFile(kCorpus + name + ".txt");
  return shown;
}

TEST(RulesOfPlans, EachIsDocumentedAndShownByTheCorpus) {
  std::set<std::string> shown;
  for (absl::string_view line : absl::StrSplit(AllThatIsShown(), '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.size() >= 2 && !absl::StartsWith(line, " ")) shown.insert(words[1]);
  }
  std::set<std::string> documented = Rules(ReadRepositoryFile("docs/procedures.md"), '`', '`');
  documented.merge(Rules(ReadRepositoryFile("docs/plans.md"), '`', '`'));
  for (const char* reader : kReaders) {
    for (const std::string& rule : Rules(ReadRepositoryFile(reader), '"', '"')) {
      EXPECT_EQ(shown.count(rule), 1u) << rule << " is shown by no file of the corpus";
      EXPECT_EQ(documented.count(rule), 1u) << rule << " is documented nowhere";
    }
  }
}

// A sentence that no file of the corpus shows is one that nobody has read.
TEST(RulesOfPlans, EverySentenceIsShownByTheCorpus) {
  const std::string shown = AllThatIsShown();
  for (const char* reader : kReaders) {
    for (const std::string& sentence : ChineseLiterals(ReadRepositoryFile(reader))) {
      EXPECT_TRUE(absl::StrContains(shown, sentence)) << "no file of the corpus shows: " << sentence;
    }
  }
}

}  // namespace
}  // namespace duban::engine
