// Six light schemes that offices have published, each as data, and the colours they show along one course of days.
//
// Sources: what is public of each says colours and occasions, seldom days; days and shares are this test's own where
// the scheme's remark does not say otherwise. What follows upon a colour (a letter, a talk) is the ladder's, not the
// light's; scores by colour are not built.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/cases/present.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kOwner[] = "persons/zhujian-jingban";

struct Scheme {
  const char* name;
  const char* lights;
  const char* milestones;  // On the way to the due day.
};

constexpr char kPaced[] = R"(
    milestones:
      paced: {title: {zh: 序时进度}, due: paced, needs: [progress]}
      better: {title: {zh: 质量达到要求}, due: poor_since, needs: [better]})";
constexpr char kHeard[] = R"(
    milestones:
      heard: {title: {zh: 进展报告}, left: 30%, needs: [progress]})";

const Scheme kSchemes[] = {
    // 宿迁产发集团 2025：临近时限亮蓝灯；未达序时进度或工作质量差亮黄灯；逾期亮红灯，直至办结。
    {"suqian",
     "[{colour: blue, left: 5 working days}, {colour: yellow, milestones_missed: true}, {colour: red, overdue: true}]",
     kPaced},
    // 三明市政府 2017：蓝色提醒，提醒后仍未办结的橙色警告，逾期红色。
    {"sanming",
     "[{colour: blue, left: 5 working days}, {colour: orange, left: 2 working days}, {colour: red, overdue: true}]",
     ""},
    // 同上：重大、特急事项直接发橙、发红，不先提醒。
    {"sanming_urgent", "[{colour: orange, left: 5 working days}, {colour: red, left: 2 working days}]", ""},
    // 商丘师范学院 2025：剩余 30% 时间仍无进展报告亮黄灯；剩余 15% 亮橙灯；超期亮红灯。（比例是原文的）
    {"shangqiu",
     "[{colour: green}, {colour: yellow, milestones_missed: true}, {colour: orange, left: 15%}, {colour: red, overdue: "
     "true}]",
     kHeard},
    // 广元市环境保护 2018：蓝、黄、红三色。
    {"guangyuan",
     "[{colour: blue, left: 10 working days}, {colour: yellow, left: 5 working days}, {colour: red, overdue: true}]",
     ""},
    // 紫阳县 2022：蓝、黄、红三单预警，直至办结销号。
    {"ziyang",
     "[{colour: blue, left: 10 working days}, {colour: yellow, overdue: true}, {colour: red, overdue_by: 3 working "
     "days}]",
     ""},
    // 宜昌市“四位一体”督查平台 2015：正常绿，临近黄，滞后红。
    {"yichang", "[{colour: green}, {colour: yellow, left: 3 working days}, {colour: red, overdue: true}]", ""},
};

constexpr char kMatter[] = R"yaml(
procedure: NAME
title: {zh: 督办事项}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 督办单位}}
  owner:  {kind: unit, title: {zh: 承办单位}}
fields:
  matter:     {title: {zh: 事项}, type: text, required: true}
  due:        {title: {zh: 完成时限}, type: date, required: true}
  paced:      {title: {zh: 序时节点}, type: date}
  progress:   {title: {zh: 进展}, type: text}
  poor_since: {title: {zh: 质量差认定日}, type: date}
  better:     {title: {zh: 改进情况}, type: text}
stages:
  working:
    title: {zh: 办理中}
    actions:
      report:  {title: {zh: 报送进展}, by: owner, needs: [progress]}
      find:    {title: {zh: 认定质量差}, by: issuer, needs: [poor_since]}
      improve: {title: {zh: 改进}, by: owner, needs: [better]}
      finish:  {title: {zh: 办结}, by: owner, to: done}
  done: {title: {zh: 已办结}, end: done}
clocks:
  finish:
    title: {zh: 完成时限}
    from: working
    until: [done]
    due: due
    charged_to: owner MILESTONES
lights: LIGHTS
)yaml";

class LightSchemes : public testing::Test {
 protected:
  LightSchemes() : desk(Files()) { EXPECT_THAT(desk.errors(), testing::IsEmpty()); }

  static std::vector<SourceFile> Files() {
    std::vector<SourceFile> files;
    for (const Scheme& scheme : kSchemes) {
      files.push_back(
          {absl::StrCat(scheme.name, ".yaml"),
           absl::StrReplaceAll(
               kMatter, {{"NAME", scheme.name}, {" MILESTONES", scheme.milestones}, {"LIGHTS", scheme.lights}})});
    }
    return files;
  }

  // The same matter under each scheme: from 1 to 30 September, half of it to be there on the 15th.
  void OpenAll() {
    for (const Scheme& scheme : kSchemes) {
      v1::OpenCaseRequest request;
      request.set_procedure(scheme.name);
      auto& binding = *request.add_parties();
      binding.set_party("owner");
      binding.add_ids("units/zhujian");
      *request.add_fields() = desk.Field(scheme.name, "matter", "疏浚排水渠");
      *request.add_fields() = desk.Field(scheme.name, "due", "2026-09-30");
      *request.add_fields() = desk.Field(scheme.name, "paced", "2026-09-15");
      EXPECT_EQ(desk.Open(scheme.name, kIssuer, request).reason, "") << scheme.name;
    }
  }
  void AllAct(const std::string& person, const std::string& action,
              const std::map<std::string, std::string>& fields = {}) {
    for (const Scheme& scheme : kSchemes)
      EXPECT_EQ(desk.Act(scheme.name, person, action, fields).reason, "") << scheme.name;
  }
  // The colours of a day at nine, in the order of the schemes; "-" where none is lit.
  std::string On(const std::string& day) {
    desk.At(absl::StrCat("2026-", day, " 09:00"));
    return Now(day);
  }
  std::string Now(const std::string& day) {
    std::string line = day;
    for (const Scheme& scheme : kSchemes) {
      const std::string colour = LightOf(desk.State(scheme.name)).colour();
      absl::StrAppend(&line, " ", colour.empty() ? "-" : colour);
    }
    return line;
  }

  Desk desk;
};

// 25 to 27 September are a holiday, 20 September is worked: five working days before the 30th begin on the 23rd.
TEST_F(LightSchemes, ShowTheirColoursWhereNobodyReportsAndTheDayPasses) {
  // Given the matter, of which nobody says anything:
  OpenAll();
  const std::vector<std::string> table = {On("09-01"), On("09-15"), On("09-16"), On("09-17"), On("09-23"), On("09-25"),
                                          On("09-27"), On("09-29"), On("09-30"), On("10-01"), On("10-12")};
  // Then       suqian sanming urgent shangqiu guangyuan ziyang yichang
  EXPECT_THAT(table, testing::ElementsAre("09-01 - - - green - - green",                         //
                                          "09-15 - - - green - - green",                         //
                                          "09-16 yellow - - green - - green",                    // Not half done.
                                          "09-17 yellow - - green blue blue green",              // Ten working days.
                                          "09-23 yellow blue orange yellow yellow blue green",   // Five; 30 % left.
                                          "09-25 yellow blue orange yellow yellow blue yellow",  // Three.
                                          "09-27 yellow blue orange orange yellow blue yellow",  // 15 % left.
                                          "09-29 yellow orange red orange yellow blue yellow",   // Two.
                                          "09-30 yellow orange red orange yellow blue yellow",   // The last day.
                                          "10-01 red red red red red yellow red",                // Overdue,
                                          "10-12 red red red red red red red"));                 // by three days.
  // When it is done at last, nothing is lit any more.
  AllAct(kOwner, "finish");
  EXPECT_EQ(Now("10-12"), "10-12 - - - - - - -");
}

TEST_F(LightSchemes, FollowReportsAndWhatAnInspectorFindsPoor) {
  OpenAll();
  // Given progress that is reported before the half is due,
  desk.At("2026-09-14 09:00");
  AllAct(kOwner, "report", {{"progress", "已疏浚一半"}});
  EXPECT_EQ(On("09-16"), "09-16 - - - green - - green");
  // when an inspector finds the work poor, the scheme that has a colour for it shows it from the day after,
  desk.At("2026-09-18 09:00");
  AllAct(kIssuer, "find", {{"poor_since", "2026-09-18"}});
  EXPECT_EQ(On("09-19"), "09-19 yellow - - green blue blue green");
  // until it has been mended;
  desk.At("2026-09-21 10:00");
  AllAct(kOwner, "improve", {{"better", "已返工"}});
  EXPECT_EQ(Now("09-21"), "09-21 - - - green blue blue green");
  // and whoever has reported is not yellow at 30 %, but orange at 15 % all the same.
  EXPECT_EQ(On("09-23"), "09-23 blue blue orange green yellow blue green");
  EXPECT_EQ(On("09-27"), "09-27 blue blue orange orange yellow blue yellow");
  AllAct(kOwner, "finish");
  EXPECT_EQ(Now("09-27"), "09-27 - - - - - - -");
}

}  // namespace
}  // namespace duban::engine
