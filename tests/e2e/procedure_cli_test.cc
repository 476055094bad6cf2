// What `duban procedure` does without a server, and what it draws of a case on one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/support/server_process.h"

namespace duban::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kRoot = DUBAN_SOURCE_DIR;

// No server, no token.
Ran Duban(std::vector<std::string> words) {
  words.insert(words.begin(), {"/usr/bin/env", "-u", "DUBAN_TOKEN", "-u", "DUBAN_TOKEN_FILE", DubanPath(), "--server",
                               "127.0.0.1:1", "procedure"});
  return e2e::Run(words);
}

std::string Text(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(ProcedureDraw, NeedsNoServerAndFindsWhatTheFileLeansOnInItsFolder) {
  const Ran drawn = Duban({"draw", kRoot + "/procedures/rectification.yaml"});
  EXPECT_EQ(drawn.code, 0) << drawn.output;
  EXPECT_THAT(drawn.output, AllOf(HasSubstr("<svg"), HasSubstr("申请销号"), HasSubstr("另开“回头看”")));
}

TEST(ProcedureDraw, SaysHowOftenAReportIsAskedFor) {
  const Ran drawn = Duban({"draw", kRoot + "/procedures/hazard.yaml"});
  EXPECT_THAT(drawn.output, AllOf(HasSubstr("每周报一次，期末后2日内"), Not(HasSubstr("“”"))));
}

// Somebody at a desk: a file, its neighbours of all kinds in one folder, and no server yet.
class ProcedureCheck : public testing::Test {
 protected:
  ProcedureCheck() : folder_(testing::TempDir() + "/check") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    Put("shared.yaml", "codes: {kinds: [甲, 乙]}\n");
    Put("p.yaml",
        "procedure: p\ntitle: 试\nmay_open: [a]\nparties:\n  a: {kind: unit, title: 甲}\n"
        "fields: {kind: {type: choice, title: 类别, of: kinds}}\nstages:\n"
        "  open: {title: 办, no_deadline: 试, actions: {go: {title: 去, by: a, to: done}}}\n"
        "  done: {title: 完, end: done}\n");
  }

  std::string Put(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }

  const std::string folder_;
};

TEST_F(ProcedureCheck, NeedsNoServerAndFindsWhatTheFileLeansOnInItsFolder) {
  const Ran right = Duban({"check", folder_ + "/p.yaml"});
  EXPECT_EQ(right.code, 0) << right.output;
  EXPECT_THAT(right.output, AllOf(HasSubstr("没有错误：p"), HasSubstr("没有令牌，未连服务器")));
}

TEST_F(ProcedureCheck, NeighboursThatAreWrongOrOfAnotherKindAreNoHindrance) {
  Put("plan.yaml", "plan: monthly\ntitle: 月提示\n");
  Put("directory.yaml", "units: []\n");
  Put("draft.yaml", "procedure: draft\ntitle: 草稿\n");
  const Ran right = Duban({"check", folder_ + "/p.yaml"});
  EXPECT_EQ(right.code, 0) << right.output;
  EXPECT_EQ(Duban({"draw", folder_ + "/p.yaml"}).code, 0);
}

TEST_F(ProcedureCheck, WhatAWrongNeighbourWouldHaveGivenIsLaidToIt) {
  Put("shared.yaml", "codes：{kinds: [甲, 乙]}\n");
  const Ran wrong = Duban({"check", folder_ + "/p.yaml"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.output,
              AllOf(HasSubstr("p.yaml:6:46: 错误 UNDECLARED_CODES"), HasSubstr("shared.yaml:1:6: 错误 YAML_SYNTAX")));
}

TEST_F(ProcedureCheck, AFileInAnotherEncodingIsSaidToBeInOne) {
  const Ran wrong = Duban({"check", Put("gbk.yaml", "procedure: p\ntitle: \xCA\xD4\n")});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.output, AllOf(HasSubstr("gbk.yaml:2: 不是 UTF-8 文字"), Not(HasSubstr("libprotobuf"))));
}

TEST(CommandLine, WhatIsWrongIsSaidInChineseWithTheCommandToAskAbout) {
  EXPECT_THAT(Duban({"check"}).output, AllOf(HasSubstr("缺少“files”"), HasSubstr("详见 duban procedure check --help")));
  EXPECT_THAT(Duban({"chekc"}).output, AllOf(HasSubstr("请写明做什么"), HasSubstr("不认识 unknown: chekc")));
  const Ran help = e2e::Run({DubanPath(), "help", "procedure", "check"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.output, AllOf(HasSubstr("用法 Usage: duban procedure check"), HasSubstr("必填 REQUIRED")));
}

TEST(ProcedureDraw, SaysWhereANameLeadsNowhere) {
  const std::string folder = testing::TempDir() + "/draw-wrong";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/p.yaml")
      << "procedure: p\ntitle: 试\nmay_open: [a]\nparties:\n"
         "  a: {kind: unit, title: 甲}\nstages:\n"
         "  open: {title: 办, no_deadline: 试, actions: {go: {title: 去, by: a, to: don}}}\n"
         "  done: {title: 完, end: done}\n";
  const Ran wrong = Duban({"draw", folder + "/p.yaml"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.output, AllOf(HasSubstr("p.yaml:7:72: 错误 UNDECLARED_STAGE"), HasSubstr("是否应为“done”？")));
  EXPECT_THAT(wrong.output, Not(HasSubstr("<svg")));
  EXPECT_EQ(Duban({"draw", kRoot + "/procedures/common.yaml"}).code, 2) << "shared definitions are no procedure";
  EXPECT_EQ(Duban({"draw", folder + "/none.yaml"}).code, 2);
  EXPECT_EQ(Duban({"draw"}).code, 2);
  EXPECT_EQ(Duban({"draw", kRoot + "/procedures/talk.yaml", "--out", folder + "/no/such/folder.svg"}).code, 2);
}

TEST(ProcedureRehearse, NeedsNoServerAndSaysWhichLineOfAScriptIsWrong) {
  const std::string folder = testing::TempDir() + "/rehearse";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/right.txt") << "立项 事由=排口溢流\n办 取消 理由=已约谈\n";
  std::ofstream(folder + "/wrong.txt") << "立项 事由=排口溢流\n办 不存在\n";
  const std::string talk = kRoot + "/procedures/talk.yaml";
  const Ran played = Duban({"rehearse", talk, "--script", folder + "/right.txt", "--start", "2026-03-02 08:30"});
  EXPECT_EQ(played.code, 0) << played.output;
  EXPECT_THAT(played.output, AllOf(HasSubstr("工作日依 "), HasSubstr("workdays.csv"), HasSubstr("经过："),
                                   HasSubstr("2026-03-02 08:30  约谈单位经办岗甲  取消 → 已取消")));
  const Ran wrong = Duban({"rehearse", talk, "--script", folder + "/wrong.txt"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.output, AllOf(HasSubstr("第 2 行：规程没有操作“不存在”。"), Not(HasSubstr("经过："))));

  std::ofstream(folder + "/p.yaml") << "procedure: p\ntitle: 试\nmay_open: [a]\nparties:\n"
                                       "  a: {kind: unit, title: 甲}\nstages:\n"
                                       "  open: {title: 办, no_deadline: 试}\n  done: {title: 完, end: done}\n";
  const Ran refused = Duban({"rehearse", folder + "/p.yaml", "--script", folder + "/right.txt"});
  EXPECT_EQ(refused.code, 1) << "what the checker refuses is not rehearsed";
  EXPECT_THAT(refused.output, HasSubstr("p.yaml:7:3: 错误 DEAD_END"));
  EXPECT_EQ(Duban({"rehearse", talk, "--calendar", folder + "/right.txt", "--script", folder + "/right.txt"}).code, 1);
  EXPECT_EQ(Duban({"rehearse", talk, "--script", folder + "/none.txt"}).code, 2);
  EXPECT_EQ(Duban({"rehearse", talk, "--start", "soon"}).code, 2);
  EXPECT_EQ(Duban({"rehearse", kRoot + "/procedures/common.yaml"}).code, 2) << "shared definitions are no procedure";
}

TEST(ProcedureDraw, ShowsTheWayOfACaseAsItsViewerMaySeeIt) {
  ServerProcess server({"--virtual-clock", "2026-09-01T09:00:00+08:00"});
  const Ran loaded = e2e::Run({"/usr/bin/env", "DUBAN=" + DubanPath(), "DUBAN_SERVER=" + server.target(),
                               kRoot + "/examples/city/load.sh", server.data()});
  ASSERT_EQ(loaded.code, 0) << loaded.output;
  const auto as = [&](const std::string& post, std::vector<std::string> words) {
    words.insert(words.begin(), {DubanPath(), "--server", server.target(), "--token-file",
                                 server.data() + "/tokens/" + post + ".token"});
    return e2e::Run(words);
  };
  const std::string number = "交办〔2026〕水务1号";
  ASSERT_EQ(as("shuiwu-duban", {"act", number, "acknowledge"}).code, 0);
  ASSERT_EQ(as("operator", {"clock", "advance", "2026-09-10 10:00"}).code, 0);
  ASSERT_EQ(as("shuiwu-duban", {"act", number, "report", "--set", "progress=已禁投肥料"}).code, 0);

  const std::string out = server.data() + "/case.svg";
  const Ran drawn = as("shuiwu-duban", {"procedure", "draw", "--case", number, "--out", out});
  ASSERT_EQ(drawn.code, 0) << drawn.output;
  const std::string svg = Text(out);
  EXPECT_THAT(svg, AllOf(HasSubstr(number), HasSubstr("2026-09-01 市水务局督办联"),
                         HasSubstr("2026-09-10 市水务局督办联络员"), HasSubstr("▶ 现在此处"),
                         HasSubstr("class=\"arrow taken\" data-from=\"issued\" data-to=\"rectifying\""),
                         HasSubstr("另开“回头看”")));
  // Somebody of another unit gets no picture, and cannot tell it from a case that is not there.
  const Ran hidden = as("yingji-duban", {"procedure", "draw", "--case", number});
  const Ran absent = as("yingji-duban", {"procedure", "draw", "--case", "交办〔2026〕水务99号"});
  EXPECT_EQ(hidden.code, 1);
  EXPECT_EQ(absent.code, 1);
  EXPECT_THAT(hidden.output, AllOf(HasSubstr("NOT_FOUND"), Not(HasSubstr("<svg"))));
}

}  // namespace
}  // namespace duban::e2e
