// `duban wall` on a real terminal against a real server: drawn in place as things change, over a restart; and what it
// says when it cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/support/background.h"
#include "tests/e2e/support/city.h"

namespace duban::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Terminal kSmall{.columns = 90, .lines = 20};
constexpr char kTop[] = "\x1b[H";  // Each picture begins there.

class WallTest : public ::testing::Test {
 protected:
  std::vector<std::string> Wall(const std::string& person, const std::vector<std::string>& more = {}) {
    const std::string token = absl::StrCat(city_.server().data(), "-", person.substr(person.find('/') + 1), ".token");
    std::ofstream(token) << city_.TokenOf(person);
    std::vector<std::string> command = {DubanPath(),    "--server", city_.server().target(),
                                        "--token-file", token,      "wall"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }

  City city_;
};

// What stands on the terminal: the last picture that was begun, without what moves the pen.
std::string Shown(const Background& program) {
  const std::string all = program.output();
  const size_t top = all.rfind(kTop);
  if (top == std::string::npos) return "";
  return absl::StrReplaceAll(all.substr(top), {{kTop, ""}, {"\x1b[K", ""}, {"\x1b[J", ""}, {"\r", ""}});
}

// Soon it shows the text. How long that takes is the machine's affair.
std::string ShownWith(const Background& program, const std::string& text) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!absl::StrContains(Shown(program), text) && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return Shown(program);
}

TEST_F(WallTest, IsDrawnInPlaceAsThingsChangeAndOverARestart) {
  const std::string one = city_.Open("units/zhujian", "屋顶渗漏", "2026-09-11");
  Background wall(Wall(kIssuer), kSmall);
  EXPECT_THAT(ShownWith(wall, "在办 1"), HasSubstr("2026-09-01 09:00（虚拟时钟）"));

  city_.Open("units/shuiwu", "排口溢流", "2026-09-11");
  EXPECT_THAT(ShownWith(wall, "在办 2"), AllOf(HasSubstr("市住建局"), HasSubstr("市水务局")));

  ASSERT_EQ(city_.Act(kOwner, one, "acknowledge"), "");
  city_.At("2026-09-14 09:00");
  EXPECT_THAT(ShownWith(wall, "整改时限逾期"), HasSubstr("\x1b[31m逾期 "));

  EXPECT_EQ(city_.server().Stop(), 0);
  EXPECT_THAT(ShownWith(wall, "连接已断"), HasSubstr("屋顶渗漏")) << "what is known stays";
  city_.server().Start(/*same_port=*/true);
  EXPECT_THAT(ShownWith(wall, "在办 2"), Not(HasSubstr("连接已断")));
  city_.Open("units/zhujian", "电梯停运", "2026-10-30");
  const std::string now = ShownWith(wall, "在办 3");
  EXPECT_THAT(now, Not(HasSubstr("连接已断")));
  EXPECT_LT(std::count(now.begin(), now.end(), '\n'), kSmall.lines);
}

TEST_F(WallTest, EndsInItsTimeAndShowsOnePictureWhenAsked) {
  city_.Open("units/zhujian", "屋顶渗漏", "2026-09-11");
  Background timed(Wall(kIssuer, {"--seconds", "0.5"}));
  EXPECT_EQ(timed.Wait(30), 0);
  EXPECT_THAT(timed.output(), AllOf(HasSubstr("合计  在办 1"), Not(HasSubstr("\x1b"))));

  Background once(Wall(kOther, {"--once"}));
  EXPECT_EQ(once.Wait(30), 0);
  EXPECT_THAT(once.output(), AllOf(HasSubstr("在办 0"), HasSubstr("没有您能查看的事项"), Not(HasSubstr("住房"))));
}

TEST_F(WallTest, SaysWhatIsWrong) {
  // Nobody is there.
  const Ran nobody = e2e::Run({DubanPath(), "--server", "127.0.0.1:1", "--token", "t", "wall"});
  EXPECT_EQ(nobody.code, 3) << nobody.output;
  // The server does not know the caller.
  const Ran unknown = e2e::Run({DubanPath(), "--server", city_.server().target(), "--token", "t", "wall", "--once"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.output, HasSubstr("TOKEN_INVALID"));
  // Somebody who holds no post.
  v1::ApplyDirectoryRequest directory;
  v1::Person& person = *directory.add_persons();
  person.set_name("persons/daigang");
  person.set_title("待岗人员");
  ASSERT_TRUE(city_.As(kOperator).Call(directory).ok());
  const Ran none = e2e::Run(Wall("persons/daigang", {"--once"}));
  EXPECT_EQ(none.code, 0) << none.output;
  EXPECT_THAT(none.output, AllOf(HasSubstr("您现在没有任职"), HasSubstr("You hold no post"), HasSubstr("在办 0")));
  // A picture for programs.
  const Ran json = e2e::Run({DubanPath(), "--json", "--server", city_.server().target(), "--token", "t", "wall"});
  EXPECT_EQ(json.code, 2);
  EXPECT_THAT(json.output, HasSubstr("duban --json watch many units alerts"));
  // The help, in both languages.
  const Ran help = e2e::Run({DubanPath(), "wall", "--help"});
  EXPECT_THAT(help.output, AllOf(HasSubstr("大屏：在办、逾期、各单位、最新预警"), HasSubstr("keeps itself up to date"),
                                 HasSubstr("--once"), HasSubstr("--seconds")));
}

}  // namespace
}  // namespace duban::e2e
