// `duban` as somebody at a desk uses it: a real process of the command line against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/support/server_process.h"

namespace duban::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kRoot[] = DUBAN_SOURCE_DIR;

// The example city on a server of its own; the clock stands at 1 September 2026, 09:00.
class Desk : public ::testing::Test {
 protected:
  Desk() : server_({"--virtual-clock", "2026-09-01T09:00:00+08:00"}) {}

  Ran Load() {
    return e2e::Run({"/usr/bin/env", "DUBAN=" + DubanPath(), "DUBAN_SERVER=" + server_.target(),
                     std::string(kRoot) + "/examples/city/load.sh", server_.data()});
  }

  // Runs a command as the holder of a post.
  Ran As(const std::string& post, const std::vector<std::string>& words) {
    std::vector<std::string> command = {DubanPath(), "--server", server_.target(), "--token-file",
                                        server_.data() + "/tokens/" + post + ".token"};
    command.insert(command.end(), words.begin(), words.end());
    return e2e::Run(command);
  }

  std::string Must(const std::string& post, const std::vector<std::string>& words) {
    Ran ran = As(post, words);
    EXPECT_EQ(ran.code, 0) << words[0] << ": " << ran.output;
    return ran.output;
  }

  ServerProcess server_;
};

TEST_F(Desk, TheExampleCityMayBeLoadedTwiceAndNothingDoubles) {
  Ran first = Load();
  ASSERT_EQ(first.code, 0) << first.output;
  EXPECT_THAT(first.output, HasSubstr("共 24，已立项 24，已在库 0，不导入 0，存疑 1"));
  // Beyond the window in which keys are remembered, too.
  Must("operator", {"clock", "advance", "2026-10-20"});
  Ran second = Load();
  ASSERT_EQ(second.code, 0) << second.output;
  EXPECT_THAT(second.output, HasSubstr("共 24，已立项 0，已在库 24，不导入 0，存疑 1"));
  EXPECT_THAT(Must("duchayi-kezhang", {"ledger"}), HasSubstr("共 24/24 项"));
  EXPECT_THAT(Must("duchayi-kezhang", {"procedure", "list"}), Not(HasSubstr("  2  ")));
}

TEST_F(Desk, ARefusedActionSaysWhatIsMissingAndWhatIsOpen) {
  ASSERT_EQ(Load().code, 0);
  Ran refused = As("yingji-duban", {"act", "交办〔2026〕应急1号", "submit"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr("MISSING_NEED"));
  EXPECT_THAT(refused.output, HasSubstr("needs=result,evidence"));
  EXPECT_THAT(refused.output, HasSubstr("report  报送进展"));
}

TEST_F(Desk, AMatterIsWorkedOnShownAsOfADayAndReplayed) {
  ASSERT_EQ(Load().code, 0);
  const std::string number = "交办〔2026〕水务1号";
  EXPECT_THAT(Must("shuiwu-duban", {"inbox"}), HasSubstr(number));
  Must("shuiwu-duban", {"act", number, "acknowledge"});
  Must("operator", {"clock", "advance", "2026-09-10 10:00"});
  Must("shuiwu-duban", {"act", number, "report", "--set", "progress=已禁投肥料"});

  // Then: the present shows the progress, the past does not, and the history tells both.
  EXPECT_THAT(Must("duchayi-kezhang", {"case", "show", number}), HasSubstr("已禁投肥料"));
  std::string then = Must("duchayi-kezhang", {"case", "show", number, "--as-of", "2026-09-05"});
  EXPECT_THAT(then, HasSubstr("整改中"));
  EXPECT_THAT(then, Not(HasSubstr("已禁投肥料")));
  std::string history = Must("duchayi-kezhang", {"replay", number});
  EXPECT_THAT(history, HasSubstr("2026-09-01 09:00  市水务局督办联络员 签收（以责任单位身份）"));
  EXPECT_THAT(history, HasSubstr("2026-09-10 10:00  市水务局督办联络员 填报：进展＝已禁投肥料"));
  EXPECT_THAT(Must("duchayi-kezhang", {"replay", number, "--until", "2026-09-05"}), Not(HasSubstr("已禁投肥料")));
}

TEST_F(Desk, ListsAreShownAsOfADayAndTwoDaysCompared) {
  ASSERT_EQ(Load().code, 0);
  const std::string number = "交办〔2026〕水务1号";
  Must("operator", {"clock", "advance", "2026-09-03 10:00"});
  Must("shuiwu-duban", {"act", number, "acknowledge"});
  Must("operator", {"clock", "advance", "2026-10-20 10:00"});

  // Then: the ledger of the first day shows the order as issued, the one of now as being rectified and late.
  const std::string then = Must("shuiwu-duban", {"ledger", "--text", number, "--as-of", "2026-09-02"});
  EXPECT_THAT(then, HasSubstr("2026-09-02 当时的记载"));
  EXPECT_THAT(then, Not(HasSubstr("整改中")));
  EXPECT_THAT(Must("shuiwu-duban", {"ledger", "--text", number}), HasSubstr("整改中"));
  EXPECT_THAT(Must("shuiwu-duban", {"ledger", "--as-of", "2026-08-31"}), HasSubstr("共 0/0 项"));
  // Alerts stand now that did not stand then.
  EXPECT_THAT(Must("duchayi-kezhang", {"alerts", "--as-of", "2026-08-31"}), HasSubstr("没有预警"));
  EXPECT_THAT(Must("duchayi-kezhang", {"alerts", "--all"}), Not(HasSubstr("没有预警")));
  // And comparing says so.
  EXPECT_THAT(Must("shuiwu-duban", {"compare", "ledger", "--from", "2026-09-02", "--to", "2026-09-03", "--all"}),
              AllOf(HasSubstr("变更"), HasSubstr(number), HasSubstr("整改中")));
  EXPECT_THAT(Must("shuiwu-duban", {"compare", "ledger", "--from", "2026-08-31", "--to", "2026-09-02", "--all"}),
              AllOf(HasSubstr("新增"), HasSubstr(number), Not(HasSubstr("变更"))));
  EXPECT_THAT(Must("duchayi-kezhang", {"compare", "alerts", "--from", "2026-08-31", "--all"}), HasSubstr("新增"));
  EXPECT_EQ(As("shuiwu-duban", {"compare", "ledger", "--from", "2026-09-03", "--to", "2026-09-02"}).code, 1);
}

TEST_F(Desk, WhatIsSuggestedWaitsForTheHeadAndTheRegisterSaysWhyAndUntilWhen) {
  ASSERT_EQ(Load().code, 0);
  const std::string opened = Must(
      "duchayi-kezhang", {"case", "open", "rectification", "--party", "owner=市水务局", "--party",
                          "reviewer=posts/duchaer-kezhang", "--set", "problem=排口溢流", "--set", "due=2026-09-10"});
  const std::string order = opened.substr(opened.find("cases/"), 19);
  Must("shuiwu-duban", {"act", order, "acknowledge"});
  Must("operator", {"clock", "advance", "2026-10-12 09:00"});
  EXPECT_THAT(Must("ducha-zhuren", {"inbox"}), HasSubstr("approve_talk 建议：提醒谈话"));
  EXPECT_THAT(Must("ducha-zhuren", {"case", "show", order}), HasSubstr("待决定的建议：通报"));
  EXPECT_THAT(Must("shuiwu-duban", {"case", "show", order}), Not(HasSubstr("通报")));
  EXPECT_THAT(Must("shuiwu-duban", {"register", "list", "negative_list"}), HasSubstr("没有您可以查看的条目"));

  Must("ducha-zhuren", {"act", order, "approve_circulate", "--reason", "逾期十日"});
  const std::string listed = Must("shuiwu-duban", {"register", "list", "negative_list"});
  EXPECT_THAT(listed, HasSubstr("市水务局"));
  EXPECT_THAT(listed, HasSubstr("整改时限逾期，通报：逾期十日"));
  EXPECT_THAT(listed, HasSubstr("2027-10-12 23:59"));
  const std::string history = Must("shuiwu-duban", {"replay", order});
  EXPECT_THAT(history, HasSubstr("市督查室主任 采纳建议：通报（逾期十日）"));
  EXPECT_THAT(history, HasSubstr("市水务局 列入负面清单"));
  EXPECT_THAT(history, Not(HasSubstr("提出建议")));
}

TEST_F(Desk, AWatchThatBeginsLaterStillNamesCasesActionsAndStages) {
  Load();
  std::string seen = Must("shuiwu-duban", {"watch", "events", "--from", "beginning", "--until-idle", "1"});
  const std::string mark = "--from ";
  std::string token = seen.substr(seen.rfind(mark) + mark.size());
  token.erase(token.find_last_not_of(" \n") + 1);
  Must("shuiwu-duban", {"act", "交办〔2026〕水务1号", "acknowledge"});
  std::string news = Must("shuiwu-duban", {"watch", "events", "--from", token, "--until-idle", "1"});
  EXPECT_THAT(news, HasSubstr("交办〔2026〕水务1号  市水务局督办联络员 签收（以责任单位身份）"));
  EXPECT_THAT(news, HasSubstr("进入“整改中”"));
}

TEST_F(Desk, JsonIsOneObjectALineWithTheContractsNames) {
  ASSERT_EQ(Load().code, 0);
  std::string row = Must("duchayi-kezhang", {"ledger", "--light", "red", "--json"});
  EXPECT_THAT(row, HasSubstr("\"stage_title\":{\"zh\":\"整改中\""));
  EXPECT_EQ(std::count(row.begin(), row.end(), '\n'), 1);
  std::string events =
      Must("duchayi-kezhang", {"watch", "events", "--from", "beginning", "--until-idle", "1", "--json"});
  EXPECT_THAT(events, HasSubstr("\"resume_token\""));
  for (absl::string_view line : absl::StrSplit(events, '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(absl::StartsWith(line, "{") || absl::StrContains(line, "--from ")) << line;
  }
}

TEST_F(Desk, AChangedYearIsPreviewedPublishedAndFollowed) {
  ASSERT_EQ(Load().code, 0);
  // Given the year 2026 with one holiday more, tomorrow.
  const std::string file = server_.data() + "/changed.csv";
  {
    std::ifstream in(std::string(kRoot) + "/examples/calendar/workdays.csv");
    std::ofstream out(file);
    for (std::string line; std::getline(in, line);) {
      if (absl::StartsWith(line, "date") || absl::StartsWith(line, "2026-")) out << line << "\n";
    }
    out << "2026-09-02,holiday,临时放假\n";
  }
  // Then looking shows which deadlines would move, and changes nothing.
  const std::string preview = Must("operator", {"calendar", "publish", file, "--validate-only"});
  EXPECT_THAT(preview, HasSubstr("仅预览，未发布"));
  EXPECT_THAT(preview, HasSubstr(" → 2026-09-"));
  EXPECT_THAT(Must("operator", {"job", "list"}), HasSubstr("没有作业"));
  // And publishing starts the job that moves them.
  const std::string published = Must("operator", {"calendar", "publish", file});
  const size_t at = published.find("jobs/");
  ASSERT_NE(at, std::string::npos) << published;
  const std::string job = published.substr(at, published.find(' ', at) - at);
  EXPECT_THAT(Must("operator", {"job", "show", job, "--follow"}), HasSubstr("已完成"));
  EXPECT_THAT(Must("operator", {"job", "list"}), HasSubstr(job));
  const Ran late = As("operator", {"job", "cancel", job, "--reason", "日历有误"});
  EXPECT_EQ(late.code, 1);
  EXPECT_THAT(late.output, HasSubstr("JOB_ENDED"));
  const Ran other = As("shuiwu-duban", {"job", "show", job});
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.output, HasSubstr("JOB_NOT_FOUND"));
}

TEST_F(Desk, OneUnitsListSaysNothingOfAnothers) {
  ASSERT_EQ(Load().code, 0);
  std::string ledger = Must("shuiwu-duban", {"ledger", "--all"});
  EXPECT_THAT(ledger, HasSubstr("交办〔2026〕水务1号"));
  EXPECT_THAT(ledger, Not(HasSubstr("应急")));
  Ran other = As("shuiwu-duban", {"case", "show", "交办〔2026〕应急1号"});
  Ran absent = As("shuiwu-duban", {"case", "show", "交办〔2026〕应急9号"});
  EXPECT_EQ(other.code, 1);
  EXPECT_EQ(absent.code, 1);
  // But for the number asked for and the call's id, a matter of somebody else and none at all are answered alike.
  auto bare = [](std::string text) {
    for (size_t at; (at = text.find("应急9号")) != std::string::npos;)
      text.replace(at, sizeof("应急9号") - 1, "应急1号");
    return text.substr(0, text.find("request="));
  };
  EXPECT_EQ(bare(other.output), bare(absent.output));
}

TEST_F(Desk, ALedgerWithTroubleIsPreviewedRowByRow) {
  ASSERT_EQ(Load().code, 0);
  const std::string file = server_.data() + "/trouble.csv";
  std::ofstream(file) << "\xEF\xBB\xBF序号,问题编号,问题来源,问题类别,存在问题,责任单位,协办单位,整改措施,时限原文,"
                         "完成时限,长期坚持\r\n"
                      << "1,甲1,自查发现,水环境,\"两行\r\n文字\",市水务局,,,,2026-10-08,否\r\n"
                      << "2,甲2,自查发现,水环境,坏日期,市水务局,,,,2026-02-30,否\r\n"
                      << "3,甲3,自查发现,水环境,无此单位,某某局,,,,,否\r\n"
                      << "4,甲4,自查发现,水环境,少列\r\n"
                      << "5,甲1,自查发现,水环境,重复,市水务局,,,,,否\r\n";
  const std::string map = std::string(kRoot) + "/examples/city/ledger.map.yaml";
  Ran preview = As("duchayi-kezhang", {"import", file, "--map", map, "--preview"});
  EXPECT_EQ(preview.code, 1);
  EXPECT_THAT(preview.output, HasSubstr("trouble.csv:4: 不导入 BAD_VALUE [完成时限]"));
  EXPECT_THAT(preview.output, HasSubstr("trouble.csv:5: 不导入 UNKNOWN_UNIT [责任单位]"));
  EXPECT_THAT(preview.output, HasSubstr("trouble.csv:6: 不导入 WRONG_FIELD_COUNT"));
  EXPECT_THAT(preview.output, HasSubstr("trouble.csv:7: 不导入 DUPLICATE_KEY"));
  EXPECT_THAT(preview.output, HasSubstr("共 5，可立项 1，已在库 0，不导入 4，存疑 0"));
  EXPECT_THAT(Must("duchayi-kezhang", {"ledger"}), HasSubstr("共 24/24 项"));  // A preview changes nothing.
}

TEST_F(Desk, ADirectoryOfAnySizeIsAppliedThoughUnitsAndTheirHeadsNameEachOther) {
  Load();
  // 600 entries, the lower units first, each headed by a post of its own.
  const std::string file = server_.data() + "/large.yaml";
  std::ofstream out(file);
  out << "units:\n";
  for (int i = 199; i >= 0; --i) {
    out << "  - {name: units/u" << i << ", title: 单位" << i << ", superiors: [" << (i < 10 ? "units/shi" : "units/u")
        << (i < 10 ? "" : std::to_string(i / 10)) << "], head: posts/u" << i << "}\n";
  }
  out << "posts:\n";
  for (int i = 0; i < 200; ++i)
    out << "  - {name: posts/u" << i << ", title: 岗位" << i << ", unit: units/u" << i << ", holders: [persons/u" << i
        << "]}\n";
  out << "persons:\n";
  for (int i = 0; i < 200; ++i) out << "  - {name: persons/u" << i << ", title: 人员" << i << "}\n";
  out.close();
  EXPECT_THAT(Must("operator", {"directory", "apply", file}), HasSubstr("名录 600 条，有变化 600 条"));
  EXPECT_THAT(Must("operator", {"directory", "apply", file}), HasSubstr("名录 600 条，有变化 0 条"));
}

TEST_F(Desk, WhatCannotBeReadIsSaidByTheCommandLineItself) {
  Load();
  Ran then = As("shuiwu-duban", {"case", "show", "交办〔2026〕水务1号", "--as-of", "昨天"});
  EXPECT_EQ(then.code, 2);
  EXPECT_THAT(then.output, HasSubstr("“昨天”不是日期、时刻或位置"));
  Ran broken = As("shuiwu-duban", {"case", "show", "\xBD\xBB\xB0\xEC"});  // A terminal in a GB encoding.
  EXPECT_EQ(broken.code, 2);
  EXPECT_THAT(broken.output, HasSubstr("不是 UTF-8"));
}

TEST_F(Desk, ExitCodesTellScriptsWhoIsToBlame) {
  ASSERT_EQ(Load().code, 0);
  EXPECT_EQ(As("duchayi-kezhang", {"ledgr"}).code, 2);
  EXPECT_EQ(As("duchayi-kezhang", {"ledger", "--due-by", "soon"}).code, 2);
  EXPECT_EQ(As("nobody", {"ledger"}).code, 2);
  EXPECT_EQ(As("shuiwu-duban", {"clock", "advance", "2026-10-01"}).code, 1);
  const std::string target = server_.target();
  server_.Kill();
  Ran unreachable = e2e::Run({DubanPath(), "--server", target, "--token", "x", "ledger"});
  EXPECT_EQ(unreachable.code, 3) << unreachable.output;
  server_.Start();
}

}  // namespace
}  // namespace duban::e2e
