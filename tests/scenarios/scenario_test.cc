// Plays every scenario of this folder: one test a file.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "clients/cli/values.h"
#include "tests/scenarios/sentences.h"

namespace duban::scenarios {
namespace {

std::vector<std::string> Files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(DUBAN_SOURCE_DIR "/tests/scenarios")) {
    const std::string name = entry.path().filename();
    if (entry.path().extension() == ".txt" && name != "CMakeLists.txt") files.push_back(entry.path().stem());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class ScenarioTest : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, PlaysAsItIsTold) {
  const std::string path = DUBAN_SOURCE_DIR "/tests/scenarios/" + GetParam() + ".txt";
  const std::string fault = Play(*cli::ReadFile(path));
  EXPECT_TRUE(fault.empty()) << path << "\n" << fault;
}

INSTANTIATE_TEST_SUITE_P(Files, ScenarioTest, testing::ValuesIn(Files()), [](const auto& info) { return info.param; });

// What a scenario says that is not so must stop it, or it shows nothing.
constexpr char kBefore[] = R"(
时间从2026-09-01 09:00开始。
工作日依 examples/calendar/workdays.csv。
名录取自 examples/city/directory.yaml。
公布规程任务督办。
督查一科科长立项“任务督办”，记作“甲”：
    牵头单位：市水务局
    任务内容：疏浚东湖排水渠
)";

TEST(ScenarioTest, StopsAtWhatIsNotSo) {
  EXPECT_EQ(Play(std::string(kBefore) + "督查一科科长看到“甲”：\n    环节：已交办\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "督查一科科长看到“甲”：\n    环节：已办结\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "督查一科科长看不到“甲”。\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "市农业农村局督办联络员看到“甲”：\n    环节：已交办\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "督查一科科长的台账有2件。\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "督查一科科长对“甲”办理“签收”。\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "市水务局督办联络员不能对“甲”办理“签收”，原因是 NOT_YOUR_PART。\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "督查一科科长不能对“甲”办理“签收”，原因是 WRONG_STAGE。\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "督查一科科长看“甲”的流程图，走过：\n    发起 → 已办结\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "督查一科科长看“甲”的流程图，走过：\n    发起 → 已交办：没有这样的字\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "督查一科科长的预警有1条。\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "市水务局督办联络员的待办中没有“甲”。\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "市水务局督办联络员的待办中“甲”可办：撤回。\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "督查一科科长输入 duban ledger，看到：\n    没有这样的事\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "督查一科科长输入 duban ledger，看不到：\n    东湖\n"), "");
  EXPECT_NE(Play(std::string(kBefore) + "说一句听不懂的话。\n"), "");
}

}  // namespace
}  // namespace duban::scenarios
