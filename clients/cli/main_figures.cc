// Metrics and scoreboards on the command line.
#include "clients/cli/command_line.h"
#include "clients/cli/commands.h"

namespace duban::cli {

void AddFigures(CLI::App& app, Chosen* chosen, bool* offline) {
  CLI::App* group = Command(app, "metric", "指标 Metrics");
  group->require_subcommand(1);
  CLI::App* command = Command(*group, "list", "已发布的指标与赛马榜 Metrics and scoreboards that are published");
  command->callback([=] { *chosen = [](Session& s) { return RunMetricList(s); }; });
  auto show = Held<MetricOptions>();
  command =
      Command(*group, "show", "某期的数：率与两个数，分列，同比或环比 A rate with both counts, broken down, compared",
              "  duban metric show ended_on_time --period 2026Q3 --by unit --compare yoy\n"
              "  duban metric show rebound --period 2026-09 --compare mom\n"
              "  duban metric show ended_on_time --period 2026-01..2026-08 --by unit,category");
  command->add_option("metric", show->name, "指标，名称或代号 by title or name")->required();
  command->add_option("--period", show->period, "期间 2026-09, 2026Q3, 2026H1, 2026, 2026-03-05..2026-04-10")
      ->required();
  command->add_option("--by", show->by, "分列：单位、规程、选择字段 unit, procedure, a choice field; at most two")
      ->delimiter(',');
  command->add_option("--compare", show->compare, "yoy 同比（上年同期），mom 环比（上一期）")
      ->check(CLI::IsMember({"yoy", "mom"}));
  command->add_option("--version", show->version, "版本，默认最新 version, the newest by default");
  AddAsOf(command, &show->as_of);
  command->callback([=] { *chosen = [=](Session& s) { return RunMetricShow(s, *show); }; });

  auto file = Held<std::string>();
  command = Command(*group, "check", "核对一张公布的统计表：合计、比率、同比环比 Recounts a table of published figures",
                    "  duban metric check examples/figures/hotline.csv");
  command->add_option("file", *file, "CSV 文件，UTF-8，首行为列名 a CSV file with headings")->required();
  command->callback([=] {
    *offline = true;
    *chosen = [=](Session& s) { return RunMetricCheck(s, *file); };
  });

  auto balance = Held<BalanceOptions>();
  command =
      Command(app, "balance", "对账：某日定下的数，与办成的数比 What was set on a day against what has come of it",
              "  duban balance 年度目标卡 --goal 目标数 --frozen 2026-02-01 --done 完成数");
  command->add_option("procedure", balance->procedure, "规程，名称或代号 the procedure, by title or name")->required();
  command->add_option("--goal", balance->goal, "目标，台账所列的字段 the goal, a field that the ledger shows")
      ->required();
  command->add_option("--done", balance->done, "完成，台账所列的字段 what was done, another")->required();
  command->add_option("--frozen", balance->frozen, "目标定下的那天（到当日结束）the day on which goals were set")
      ->required();
  command->add_option("--as-of", balance->as_of, "完成数看哪天的，默认现在 the day of what was done, now by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunBalance(s, *balance); }; });

  group = Command(app, "scoreboard", "赛马榜 Scoreboards");
  group->require_subcommand(1);
  auto board = Held<MetricOptions>();
  command = Command(*group, "show", "某期的榜：公式、名次、星级 A ranking with its formula",
                    "  duban scoreboard show quarter --period 2026Q3");
  command->add_option("scoreboard", board->name, "榜，名称或代号 by title or name")->required();
  command->add_option("--period", board->period, "期间 2026Q3, 2026-09 …")->required();
  command->add_option("--version", board->version, "版本，默认最新 version, the newest by default");
  AddAsOf(command, &board->as_of);
  command->callback([=] { *chosen = [=](Session& s) { return RunScoreboardShow(s, *board); }; });
}

}  // namespace duban::cli
