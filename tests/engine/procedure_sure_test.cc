// What sensible offices write is taken: ways that are open under conditions, as long as some way always is. What is
// refused stands in tests/engine/procedures_wrong/sure_way_*.yaml.
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/procedure/compile.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace duban::engine {
namespace {

// A procedure whose stage `open` has these actions, and two that are nobody's where there is no helper.
std::string With(const std::string& actions) {
  return absl::StrCat(R"(
procedure: probe
title: {zh: 试验, en: Probe}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: 交办单位}
  owner:  {kind: unit, title: 责任单位}
  helper: {kind: unit, title: 协办单位, optional: true}
fields:
  problem: {type: text, title: 存在问题, required: true}
  colour:  {type: choice, of: colours, title: 颜色}
  grade:   {type: choice, of: colours, title: 分级, required: true}
  result:  {type: text, title: 结果}
  due:     {type: date, title: 时限}
stages:
  open:
    title: 办理
    actions:
      visit: {title: 送办, by: helper, to: work}
      quit: {title: 退出, by: helper, to: dropped}
)",
                      actions, R"(
  work: {title: 承办, within: 3 days, actions: {finish_work: {title: 办结, by: owner, to: done}}}
  done: {title: 已办结, end: done}
  dropped: {title: 已撤回, end: cancelled}
codes: {colours: [red, green]}
clocks:
  main:
    title: 办理时限
    from: open
    until: [done, dropped]
    due: due
    charged_to: owner
    ladder: [{at: 3 days, suggest: talk, title: 谈话, ask: [issuer.head]}]
)");
}

std::string Wrongs(const std::string& text) {
  std::string out;
  for (const Finding& f : Compile({{"probe.yaml", text}}, Procedures()).findings) {
    absl::StrAppend(&out, f.rule, ": ", f.message.en(), "\n");
  }
  return out;
}

struct Case {
  const char* name;
  const char* actions;
};

class SureWays : public testing::TestWithParam<Case> {};

TEST_P(SureWays, AreTaken) { EXPECT_EQ(Wrongs(With(GetParam().actions)), ""); }

INSTANTIATE_TEST_SUITE_P(Procedures, SureWays,
                         testing::Values(Case{"BeforeAndAfterTheDeadline", R"(
      in_time: {title: 按期办结, by: owner, to: done, when: [{before_due: main}]}
      too_late: {title: 逾期办结, by: owner, to: done, when: [{not: {before_due: main}}], needs: [reason]}
)"},
                                         Case{"EveryCodeOfARequiredField", R"(
      red: {title: 红的, by: owner, to: work, when: [{field_is: {grade: red}}]}
      green: {title: 绿的, by: owner, to: done, when: [{field_is: {grade: green}}]}
)"},
                                         Case{"OnceFilledInHere", R"(
      report: {title: 报送, by: owner, needs: [result]}
      finish: {title: 办结, by: owner, to: done, when: [{field_set: result}]}
)"},
                                         Case{"OneOfSeveralValuesThatCanBeChosenHere", R"(
      sort: {title: 分类, by: owner, needs: [colour]}
      finish: {title: 办结, by: owner, to: done, when: [{not: {field_is: {colour: red}}}]}
)"},
                                         Case{"WhatCanBeClearedHere", R"(
      report: {title: 报送, by: owner, takes: [result]}
      finish: {title: 办结, by: owner, to: done, when: [{not: {field_set: result}}]}
)"},
                                         Case{"OncePartsAreClosed", R"(
      finish: {title: 办结, by: owner, to: done, when: [parts_closed]}
)"},
                                         Case{"OnceSuggestionsAreDecided", R"(
      finish: {title: 办结, by: owner, to: done, when: [{not: suggestion_open}]}
)"},
                                         Case{"InTheOnlyRoundThereIs", R"(
      finish: {title: 办结, by: owner, to: done, when: [first_round]}
)"},
                                         Case{"ACapThatNothingComesBackTo", R"(
      finish: {title: 办结, by: owner, to: done, at_most: 1 per round}
)"},
                                         Case{"BackFromSuperiorsOrNot", R"(
      recall: {title: 撤回, by: issuer, to: dropped}
      dispute: {title: 退回, by: owner, to: dropped, when: [{not: assigned_by_superior}]}
      raise: {title: 提请裁决, by: owner, rebind: {owner: superior}}
)"},
                                         Case{"OptionalPartiesBesideOthers", R"(
      finish: {title: 办结, by: [owner, helper], to: done}
)"}),
                         [](const auto& info) { return info.param.name; });

TEST(SureWaysTest, WaitUntilTimeGoesOn) {
  const std::string text = With("      finish: {title: 办结, by: helper, to: done}\n");
  EXPECT_THAT(Wrongs(text), testing::StartsWith("NO_SURE_WAY")) << "there may be nobody who leads on";
  std::string timed = text;
  timed.insert(timed.find("    actions:"), "    after: {30 days: done}\n");
  EXPECT_EQ(Wrongs(timed), "");
}

}  // namespace
}  // namespace duban::engine
