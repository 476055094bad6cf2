// The wall: what it makes of what the stream says, and what it shows of it in the room there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/wall_board.h"
#include "clients/cli/wall_picture.h"

namespace duban::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Console kZh(Lang::kZh, /*json=*/false);
const Console kEn(Lang::kEn, /*json=*/false);

std::string Show(const google::protobuf::Timestamp& t) { return absl::StrCat("t", t.seconds()); }

v1::UnitProfile Unit(const std::string& name, int open, int overdue, int due_soon = 0) {
  v1::UnitProfile unit;
  unit.set_unit("units/" + name);
  unit.set_open(open);
  unit.set_overdue(overdue);
  unit.set_due_soon(due_soon);
  return unit;
}

v1::Alert AlertOf(const std::string& number, int64_t at) {
  v1::Alert alert;
  alert.set_name(absl::StrCat("cases/", number, "/alerts/rectify.due"));
  alert.set_number(number);
  alert.set_subject("东湖排口溢流");
  alert.mutable_title()->set_zh("整改时限逾期");
  alert.mutable_title()->set_en("rectification overdue");
  alert.mutable_at()->set_seconds(at);
  return alert;
}

// --- What comes on the stream. ---------------------------------------------------------------------------------------

v1::WatchManyResponse Begin(const std::string& target) {
  v1::WatchManyResponse message;
  message.set_target(target);
  message.mutable_view()->mutable_begin()->set_virtual_clock(true);
  return message;
}

v1::WatchManyResponse Row(const v1::UnitProfile& unit) {
  v1::WatchManyResponse message;
  message.set_target(kWallUnits);
  v1::WatchViewResponse::Change& change = *message.mutable_view()->mutable_changes()->add_changes();
  change.set_key(unit.unit());
  change.set_version(1);
  *change.mutable_other()->mutable_unit() = unit;
  return message;
}

v1::WatchManyResponse Row(const v1::Alert& alert) {
  v1::WatchManyResponse message;
  message.set_target(kWallAlerts);
  v1::WatchViewResponse::Change& change = *message.mutable_view()->mutable_changes()->add_changes();
  change.set_key(alert.name());
  change.set_version(1);
  *change.mutable_alert() = alert;
  return message;
}

v1::WatchManyResponse MarkOf(const std::string& target, const std::vector<std::string>& keys) {
  v1::WatchManyResponse message;
  message.set_target(target);
  v1::Mark& mark = *message.mutable_view()->mutable_mark();
  mark.set_caught_up(true);
  mark.set_item_count(static_cast<int64_t>(keys.size()));
  uint64_t digest = 0;
  for (const std::string& key : keys) digest += client::RowDigest(key, 1);
  mark.set_set_digest(digest);
  mark.mutable_timers_fired_to()->set_seconds(77);
  return message;
}

v1::WatchManyResponse EndedFor(const std::string& target, const std::string& reason) {
  v1::WatchManyResponse message;
  message.set_target(target);
  message.mutable_ended()->set_code(9);
  message.mutable_ended()->set_reason(reason);
  message.mutable_ended()->set_message("服务器这样说");
  return message;
}

TEST(WallBoard, ShowsRowsAtTheirMarkTheWorstUnitAndTheNewestAlertFirst) {
  WallBoard board;
  EXPECT_FALSE(board.Apply(Begin(kWallUnits)));
  EXPECT_FALSE(board.Apply(Row(Unit("a", 5, 0))));
  EXPECT_FALSE(board.Apply(Row(Unit("b", 1, 1))));
  EXPECT_FALSE(board.Apply(Row(Unit("c", 2, 0, 1))));
  EXPECT_THAT(board.Units(), IsEmpty());
  EXPECT_TRUE(board.Apply(MarkOf(kWallUnits, {"units/a", "units/b", "units/c"})));
  std::vector<std::string> units;
  for (const v1::UnitProfile& unit : board.Units()) units.push_back(unit.unit());
  EXPECT_THAT(units, ElementsAre("units/b", "units/c", "units/a"));
  EXPECT_TRUE(board.virtual_clock());
  EXPECT_EQ(board.as_of().seconds(), 77);
  EXPECT_FALSE(board.complete()) << "alerts have not come";

  const v1::Alert early = AlertOf("甲", 10), late = AlertOf("乙", 20);
  board.Apply(Begin(kWallAlerts));
  board.Apply(Row(early));
  board.Apply(Row(late));
  EXPECT_TRUE(board.Apply(MarkOf(kWallAlerts, {early.name(), late.name()})));
  ASSERT_EQ(board.Alerts().size(), 2u);
  EXPECT_EQ(board.Alerts()[0].number(), "乙");
  EXPECT_TRUE(board.complete());
  EXPECT_TRUE(board.consistent());
}

TEST(WallBoard, KnowsWhyAViewIsNotThereAndThatItHasComeBack) {
  WallBoard board;
  board.Apply(Begin(kWallAlerts));
  board.Apply(MarkOf(kWallAlerts, {}));
  EXPECT_TRUE(board.Apply(EndedFor(kWallUnits, "VIEW_BUILDING")));
  EXPECT_TRUE(board.complete());
  ASSERT_EQ(board.faults().count(kWallUnits), 1u);
  EXPECT_EQ(board.faults().at(kWallUnits).reason, "VIEW_BUILDING");

  board.Apply(Begin(kWallUnits));
  EXPECT_EQ(board.faults().size(), 1u) << "not before its mark";
  board.Apply(Row(Unit("a", 1, 0)));
  EXPECT_TRUE(board.Apply(MarkOf(kWallUnits, {"units/a"})));
  EXPECT_THAT(board.faults(), IsEmpty());
  EXPECT_EQ(board.Units().size(), 1u);
}

TEST(WallBoard, SeesThatWhatItHoldsIsNotWhatTheMarkSays) {
  WallBoard board;
  board.Apply(Begin(kWallUnits));
  board.Apply(Row(Unit("a", 1, 0)));
  EXPECT_TRUE(board.Apply(MarkOf(kWallUnits, {"units/b"})));
  EXPECT_FALSE(board.consistent());
}

TEST(WallFault, SaysPreciselyWhatIsWrong) {
  EXPECT_EQ(WallFaultText(kWallUnits, {"VIEW_BUILDING", "x"}, "v2 40%").zh(),
            "单位情况：正在构建 v2 40%，建好即自动显示；进度见 duban views");
  EXPECT_EQ(WallFaultText(kWallAlerts, {"VIEW_BUILDING", "x"}, "").en(),
            "alerts: being built, shown once it is; see duban views");
  EXPECT_THAT(WallFaultText(kWallAlerts, {"VIEW_TOO_LARGE", "x"}, "").zh(), HasSubstr("只列最新的"));
  EXPECT_EQ(WallFaultText(kWallAlerts, {"RIGHT_REQUIRED", "您的岗位没有这项权限"}, "").zh(),
            "预警：不能显示，您的岗位没有这项权限（RIGHT_REQUIRED）");
}

// --- What is shown. --------------------------------------------------------------------------------------------------

WallMoment Moment() {
  WallMoment moment;
  moment.who = "督查一科科长";
  moment.as_of = "2026-09-14 09:00";
  moment.totals = WallTotals{.open = 7, .overdue = 2, .due_soon = 1};
  moment.titles = {{"units/a", "市水务局"}, {"units/b", "市林业局"}};
  moment.units = {Unit("a", 5, 2), Unit("b", 2, 0, 1)};
  moment.alerts = {AlertOf("交办1号", 20), AlertOf("交办2号", 10)};
  return moment;
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  lines.pop_back();
  return lines;
}

TEST(WallPicture, ShowsFiguresUnitsAndAlerts) {
  const std::string zh = WallPicture(kZh, Moment(), Show, 100, 40, /*colours=*/false);
  EXPECT_THAT(
      LinesOf(zh),
      ElementsAre("督办大屏  督查一科科长  2026-09-14 09:00", "在办 7  逾期 2  临期 1", "",
                  "单位      在办  逾期  临期  按期办结  逾期办结", HasSubstr("--"),
                  "市水务局  5     2     0     0         0", "市林业局  2     0     1     0         0", "",
                  "预警时间  编号     事项          预警", HasSubstr("--"),
                  "t20       交办1号  东湖排口溢流  整改时限逾期", "t10       交办2号  东湖排口溢流  整改时限逾期"));
  const std::string en = WallPicture(kEn, Moment(), Show, 100, 40, /*colours=*/false);
  EXPECT_THAT(en, HasSubstr("open 7  overdue 2  due soon 1"));
  EXPECT_THAT(en, HasSubstr("rectification overdue"));
  EXPECT_THAT(WallPicture(kZh, Moment(), Show, 100, 40, /*colours=*/true), HasSubstr("\x1b[31m逾期 2\x1b[0m"));
}

TEST(WallPicture, NeverTakesMoreLinesThanThereAreAndCountsTheRest) {
  WallMoment moment = Moment();
  for (int i = 0; i < 40; ++i) {
    moment.units.push_back(Unit(absl::StrCat("u", i), 1, 0));
    moment.alerts.push_back(AlertOf(absl::StrCat("交办", i, "号"), 1));
  }
  for (size_t lines = 2; lines < 100; ++lines) {
    for (const bool fault : {false, true}) {
      if (fault) moment.faults = {WallFaultText(kWallUnits, {"VIEW_BUILDING", ""}, "")};
      EXPECT_LE(LinesOf(WallPicture(kZh, moment, Show, 80, lines, false)).size(), lines) << lines;
      moment.faults.clear();
    }
  }
  const std::string small = WallPicture(kZh, moment, Show, 80, 24, false);
  EXPECT_THAT(small, HasSubstr("市水务局"));
  EXPECT_THAT(small, HasSubstr("交办1号")) << "the newest";
  EXPECT_THAT(small, HasSubstr("…… 另有 32 个单位"));
  EXPECT_THAT(small, HasSubstr("…… 另有 38 条预警"));
}

TEST(WallPicture, SaysWhatIsWrongAboveWhatThereIsAndWhereNothingIs) {
  WallMoment moment = Moment();
  moment.faults = {WallFaultText(kWallUnits, {"VIEW_BUILDING", ""}, "v3 12%")};
  moment.totals.reset();
  EXPECT_EQ(LinesOf(WallPicture(kZh, moment, Show, 100, 40, false))[1],
            "单位情况：正在构建 v3 12%，建好即自动显示；进度见 duban views");
  WallMoment nothing;
  nothing.who = "市林业局督办联络员";
  nothing.totals = WallTotals();
  EXPECT_THAT(LinesOf(WallPicture(kZh, nothing, Show, 100, 40, false)),
              ElementsAre(HasSubstr("市林业局督办联络员"), "在办 0  逾期 0  临期 0", "没有您能查看的事项。"));
}

TEST(WallLines, AddsWhatChangedAndTakesDownWhatIsGone) {
  WallLines lines;
  WallMoment moment = Moment();
  EXPECT_THAT(
      lines.Next(kZh, moment, Show),
      ElementsAre("—— 督办大屏  督查一科科长  2026-09-14 09:00 ——", "合计  在办 7  逾期 2  临期 1",
                  "单位  市水务局  在办 5  逾期 2  临期 0  按期办结 0  逾期办结 0",
                  "单位  市林业局  在办 2  逾期 0  临期 1  按期办结 0  逾期办结 0",
                  "预警  t10  交办2号  东湖排口溢流  整改时限逾期", "预警  t20  交办1号  东湖排口溢流  整改时限逾期"));
  moment.as_of = "2026-09-15 09:00";
  EXPECT_THAT(lines.Next(kZh, moment, Show), IsEmpty()) << "time alone is no news";
  moment.units[0].set_overdue(1);
  moment.alerts.pop_back();
  EXPECT_THAT(lines.Next(kZh, moment, Show),
              ElementsAre("—— 督办大屏  督查一科科长  2026-09-15 09:00 ——",
                          "单位  市水务局  在办 5  逾期 1  临期 0  按期办结 0  逾期办结 0",
                          "撤下  预警  t10  交办2号  东湖排口溢流  整改时限逾期"));
}

TEST(WallLines, DoesNotTakeDownAlertsThatNewerOnesPushedOut) {
  WallLines lines;
  WallMoment moment = Moment();
  moment.alerts_whole = false;
  lines.Next(kZh, moment, Show);
  moment.alerts = {AlertOf("交办3号", 30), AlertOf("交办1号", 20)};
  EXPECT_THAT(lines.Next(kZh, moment, Show),
              ElementsAre(HasSubstr("——"), "预警  t30  交办3号  东湖排口溢流  整改时限逾期"));
}

}  // namespace
}  // namespace duban::cli
