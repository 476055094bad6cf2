// What is refused of plans, as a corpus: tests/engine/plans_wrong/*.yaml, each with what is found in it in a .txt
// beside it: the place, the rule, the advice in both languages. Run with DUBAN_REWRITE=1 to write the .txt files anew,
// then read the difference.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/plan/plan.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/files.h"
#include "tests/engine/support/order.h"

namespace duban::engine {
namespace {

constexpr char kCorpus[] = "tests/engine/plans_wrong/";

std::vector<std::string> Names() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(DUBAN_SOURCE_DIR "/") + kCorpus)) {
    if (entry.path().extension() == ".yaml") out.push_back(entry.path().stem().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

class WrongPlans : public testing::TestWithParam<std::string> {};

TEST_P(WrongPlans, AreRefusedWithPlaceRuleAndAdvice) {
  static auto& desk = *new Desk({{"order.yaml", kOrder}, {"revisit.yaml", kRevisit}});
  const std::string file = GetParam() + ".yaml";
  const std::string expected_path = kCorpus + GetParam() + ".txt";
  const ReadPlanResult read =
      ReadPlan({file, ReadRepositoryFile(kCorpus + file)}, desk.procedures(), &desk.directory());
  EXPECT_FALSE(read.ok());
  std::string written;
  for (const Finding& f : read.findings) {
    absl::StrAppend(&written, f.path, ":", f.line, ":", f.column, " ", f.rule, "\n    ", f.message.zh(), "\n    ",
                    f.message.en(), "\n");
  }
  if (std::getenv("DUBAN_REWRITE") != nullptr) {
    std::ofstream(std::string(DUBAN_SOURCE_DIR "/") + expected_path) << written;
  }
  EXPECT_EQ(written, ReadRepositoryFile(expected_path));
}

INSTANTIATE_TEST_SUITE_P(Corpus, WrongPlans, testing::ValuesIn(Names()),
                         [](const testing::TestParamInfo<std::string>& info) { return info.param; });

}  // namespace
}  // namespace duban::engine
