// A draw that was published as a file is made again by anybody: no server, no token. The file was written by another
// program than this one, from docs/draws.md alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/e2e/support/server_process.h"

namespace duban::e2e {
namespace {

using ::testing::HasSubstr;

constexpr char kDraw[] = R"json({
  "name": "draws/a",
  "frozen": {"title": "三季度检查对象", "digest": "8e14a40d6bb894656c06896487628cf558c163f22712491bd3b16ea0fc5dfb99", "candidates": [
    {"id": "units/jiaotong"},
    {"id": "units/linye"},
    {"id": "units/nongye"},
    {"id": "units/shuiwu", "excluded": "related"},
    {"id": "units/yingji"}],
    "shares": [{"count": "2"}]},
  "seeded": {"seed": "3128.06", "source": "9月1日上证指数收盘"},
  "made": {"drawn": ["units/jiaotong", "units/yingji"]}
})json";

Ran Verify(const std::string& text) {
  const char* test = testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string path = absl::StrCat(testing::TempDir(), "/draw-", test, ".json");
  std::ofstream(path) << text;
  return e2e::Run({"/usr/bin/env", "-u", "DUBAN_TOKEN", "-u", "DUBAN_TOKEN_FILE", DubanPath(), "--server",
                   "127.0.0.1:1", "draw", "verify", path});
}

TEST(DrawVerify, AgreesWithAnotherProgramsArithmetic) {
  const Ran ran = Verify(kDraw);
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("核对相符"));
}

TEST(DrawVerify, SeesThatAnotherWasPutInThePlaceOfOneWhoWasDrawn) {
  const Ran ran =
      Verify(absl::StrReplaceAll(kDraw, {{"\"drawn\": [\"units/jiaotong\"", "\"drawn\": [\"units/nongye\""}}));
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.output, HasSubstr("抽中的不是这些"));
}

TEST(DrawVerify, SeesThatThePopulationOrWhoStandsAsideWasChanged) {
  for (const auto& [from, to] : {std::pair("\"excluded\": \"related\"", "\"excluded\": \"\""),
                                 std::pair("\"id\": \"units/linye\"", "\"id\": \"units/linye2\"")}) {
    const Ran ran = Verify(absl::StrReplaceAll(kDraw, {{from, to}}));
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.output, HasSubstr("名单与固定时的摘要不一致"));
  }
}

TEST(DrawVerify, AnotherSeedGivesOthers) {
  EXPECT_EQ(Verify(absl::StrReplaceAll(kDraw, {{"3128.06", "3127.45"}})).code, 1);
}

TEST(DrawVerify, WhatIsNotMadeYetOrNoDrawIsSaidToBeSo) {
  const Ran frozen = Verify("{\"frozen\": {\"title\": \"甲\"}}");
  EXPECT_EQ(frozen.code, 1);
  EXPECT_THAT(frozen.output, HasSubstr("还没有抽"));
  EXPECT_EQ(Verify("{\"drawn\": 1}").code, 2);
  EXPECT_EQ(Verify("没有").code, 2);
}

}  // namespace
}  // namespace duban::e2e
