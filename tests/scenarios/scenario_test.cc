// Plays every scenario of this folder: one test a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "clients/cli/values.h"
#include "tests/scenarios/sentences.h"

namespace duban::scenarios {
namespace {

using ::testing::Each;
using ::testing::Ne;

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
  EXPECT_THAT(
      PlayEach(
          kBefore,
          {
              "督查一科科长看到“甲”：\n    环节：已交办\n",
              "督查一科科长的台账有1件：\n    规程：任务督办\n",
              "督查一科科长开着 duban wall，记作“屏”。\n“屏”随即写出：\n    合计  在办 1\n各屏与此刻重新打开的相同。\n",
              "“屏”从未写出：\n    在办 2\n",
          }),
      Each(""));
  EXPECT_THAT(PlayEach(kBefore,
                       {
                           "督查一科科长看到“甲”：\n    环节：已办结\n",
                           "督查一科科长看不到“甲”。\n",
                           "市农业农村局督办联络员看到“甲”：\n    环节：已交办\n",
                           "督查一科科长的台账有2件。\n",
                           "督查一科科长对“甲”办理“签收”。\n",
                           "市水务局督办联络员不能对“甲”办理“签收”，原因是 NOT_YOUR_PART。\n",
                           "督查一科科长不能对“甲”办理“签收”，原因是 UNKNOWN_ACTION。\n",
                           "督查一科科长看“甲”的流程图，走过：\n    发起 → 已办结\n",
                           "督查一科科长看“甲”的流程图，走过：\n    发起 → 已交办：没有这样的字\n",
                           "督查一科科长的预警有1条。\n",
                           "市水务局督办联络员的待办中没有“甲”。\n",
                           "市水务局督办联络员的待办中“甲”可办：撤回。\n",
                           "督查一科科长输入 duban ledger，看到：\n    没有这样的事\n",
                           "督查一科科长输入 duban ledger，看不到：\n    东湖\n",
                           "督查一科科长输入 duban wall --once，不成，说明：\n    大屏\n",
                           "督查一科科长开着 duban wall，记作“屏”。\n“屏”从未写出：\n    在办 1\n",
                           "表格“没有.xlsx”的“正文”一页写着：\n    字\n",
                           "文件“没有.html”写着：\n    字\n",
                           "说一句听不懂的话。\n",
                       }),
              Each(Ne("")));
}

}  // namespace
}  // namespace duban::scenarios
