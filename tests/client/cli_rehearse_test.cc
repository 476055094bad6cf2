// Rehearsals as golden texts: tests/client/rehearsals/*.txt hold what was typed ("> …") and what was told. Run with
// DUBAN_REWRITE=1 to tell them anew from their own lines, then read the difference.
//
// The first line says of which procedure: "> # procedures/rectification.yaml"; "both" behind it tells both languages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "clients/cli/calendar_file.h"
#include "clients/cli/csv.h"
#include "clients/cli/dates.h"
#include "clients/cli/procedure_files.h"
#include "clients/cli/rehearse.h"
#include "clients/cli/values.h"
#include "clients/offline/check.h"

namespace duban::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kRoot = DUBAN_SOURCE_DIR "/";
const std::string kFolder = kRoot + "tests/client/rehearsals/";

struct Played {
  int code = 0;
  std::string told;
  std::string fault;
};

// Plays a script on a procedure of the repository, with the shipped calendar.
Played Play(const std::string& procedure, const std::string& script, Lang lang = Lang::kZh) {
  const Console console(lang, false);
  // The talk leans on nothing; what others need of their folder costs a second each time under a sanitizer.
  const bool alone = procedure == "procedures/talk.yaml";
  auto files = ReadProcedureFiles(console, {kRoot + procedure});
  if (!alone) LeanOnFolder({kRoot + procedure}, offline::Check, &*files);
  std::vector<Finding> findings;
  offline::Setting setting;
  setting.files = *files;
  setting.procedure = ProcedureIn(files->front());
  setting.years = ReadCalendar(ParseCsv(*ReadFile(kRoot + "examples/calendar/workdays.csv")), "", &findings);
  setting.start = *ReadInstant("2026-09-01 09:00", absl::FixedTimeZone(8 * 3600));
  offline::Rehearsal rehearsal(setting);
  EXPECT_TRUE(rehearsal.findings().empty());
  Telling telling;
  telling.procedure = setting.procedure;
  std::vector<std::string> shared;
  for (const v1::ProcedureFile& file : *files) {
    if (ProcedureIn(file).empty()) shared.push_back(file.text());
  }
  for (const v1::ProcedureFile& file : *files) telling.words[ProcedureIn(file)] = ScanProcedure(file.text(), shared);
  std::istringstream lines(script);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = Rehearse(console, rehearsal, telling, lines);
  return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

std::vector<std::string> Names() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) out.push_back(entry.path().stem().string());
  std::sort(out.begin(), out.end());
  return out;
}

class Rehearsals : public testing::TestWithParam<std::string> {};

TEST_P(Rehearsals, AreToldAsTheyStand) {
  const std::string path = kFolder + GetParam() + ".txt";
  const std::string expected = *ReadFile(path);
  std::string script;
  std::string procedure;
  Lang lang = Lang::kZh;
  for (absl::string_view line : absl::StrSplit(expected, '\n')) {
    if (!absl::ConsumePrefix(&line, "> ")) continue;
    absl::StrAppend(&script, line, "\n");
    if (!procedure.empty()) continue;
    const std::vector<std::string> head = absl::StrSplit(line, ' ');
    procedure = head.at(1);
    if (head.back() == "both") lang = Lang::kBoth;
  }
  const Played played = Play(procedure, script, lang);
  EXPECT_EQ(played.code, kExitOk) << played.fault;
  if (std::getenv("DUBAN_REWRITE") != nullptr) std::ofstream(path) << played.told;
  EXPECT_EQ(played.told, *ReadFile(path));
}

INSTANTIATE_TEST_SUITE_P(Texts, Rehearsals, testing::ValuesIn(Names()), [](const auto& info) { return info.param; });

// A line that cannot be read ends a script, with its number and what is wrong with it.
TEST(RehearsalScript, SaysWhichLineIsWrongAndWhy) {
  const struct {
    const char* line;
    const char* why;
  } kWrong[] = {
      {"约谈", "看不懂“约谈”"},
      {"办 签字", "规程没有操作“签字”"},
      {"办 取消 结果=好", "规程没有字段“结果”"},
      {"办 取消 谈话记录", "应写作 字段=值"},
      {"办 取消 由=某某", "演练里没有“某某”"},
      {"办", "请写明操作"},
      {"7", "没有第 7 个可办的操作，共 2 个"},
      {"+5", "看不懂“+5”"},
      {"+5wd5", "看不懂"},
      {"2026-08-31", "时间不能倒退"},
      {"事项 2", "1 至 1"},
      {"立项 事由=又一件", "已经立项"},
      {"办 取消 理由=“没有说完", "引号没有配对"},
      {"办 发出通知 约谈日期=本月", "没有写明是哪一天"},
      {"办 发出通知 形式=喝茶", "喝茶"},
  };
  for (const auto& wrong : kWrong) {
    const Played played = Play("procedures/talk.yaml", absl::StrCat("立项 事由=排口溢流\n\n", wrong.line, "\n看\n"));
    EXPECT_EQ(played.code, kExitRefused) << wrong.line;
    EXPECT_THAT(played.fault, AllOf(HasSubstr("第 3 行："), HasSubstr(wrong.why))) << wrong.line;
    EXPECT_THAT(played.fault, HasSubstr("Line 3: ")) << wrong.line;
    EXPECT_THAT(played.told, Not(HasSubstr("> 看"))) << "nothing is played behind it";
  }
  EXPECT_THAT(Play("procedures/talk.yaml", "办 发出通知").fault, HasSubstr("第 1 行：还没有事项"));
  EXPECT_THAT(Play("procedures/talk.yaml", "撤销").fault, HasSubstr("第 1 行：没有可撤销的"));
}

// What is refused is a result of the rehearsal, not a fault of its script.
TEST(RehearsalScript, GoesOnBehindAnActionThatIsRefused) {
  const Played played =
      Play("procedures/rectification.yaml", "立项 存在问题=排口溢流\n办 验收通过\n办 签收 由=验收人甲\n办 签收\n");
  EXPECT_EQ(played.code, kExitOk) << played.fault;
  EXPECT_THAT(played.told,
              AllOf(HasSubstr("不能办：WRONG_STAGE"), HasSubstr("不能办：NOT_YOUR_PART"), HasSubstr("进入“整改中”")));
}

TEST(RehearsalScript, TellsItsStoryOnceWhereItEndsWithIt) {
  const auto stories = [](const std::string& told) {
    size_t count = 0;
    for (size_t at = told.find("经过："); at != std::string::npos; at = told.find("经过：", at + 1)) ++count;
    return count;
  };
  const std::string opened = "立项 存在问题=排口溢流\n";
  EXPECT_EQ(stories(Play("procedures/rectification.yaml", opened).told), 1u);
  EXPECT_EQ(stories(Play("procedures/rectification.yaml", opened + "经过\n看\n").told), 1u);
  EXPECT_EQ(stories(Play("procedures/rectification.yaml", opened + "经过\n办 签收\n").told), 2u) << "it went on";
}

TEST(RehearsalScript, TakesBackStepsOfEveryKind) {
  const Played played = Play("procedures/rectification.yaml",
                             "立项 存在问题=排口溢流 整改时限=2026-10-30\n办 签收\n+3wd\n撤销\n撤销\n撤销\n");
  EXPECT_EQ(played.code, kExitOk) << played.fault;
  EXPECT_THAT(played.told, HasSubstr("已撤销，回到 2026-09-01 09:00。"));
  EXPECT_THAT(played.told, Not(HasSubstr("经过："))) << "nothing has happened after all";
}

// What somebody may not do who has done the step before is refused here too, as it will be on a server.
TEST(RehearsalScript, PlaysBySeparationOfDuties) {
  const Played played = Play("procedures/review.yaml",
                             "立项 督查事项=某项工程\n办 拟出结论 督查结论=进度滞后\n"
                             "办 签发并反馈\n办 申请复核 复核理由=有出入\n"
                             "办 维持结论 复核决定=维持 由=结论承办人甲\n办 维持结论 复核决定=维持\n");
  EXPECT_EQ(played.code, kExitOk) << played.fault;
  EXPECT_THAT(played.told, AllOf(HasSubstr("不能办：NOT_YOUR_PART"), HasSubstr("进入“复核维持”")));
}

}  // namespace
}  // namespace duban::cli
