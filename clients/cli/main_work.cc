// The command line's words for jobs, plans and draws.
#include "clients/cli/command_line.h"
#include "clients/cli/commands.h"

namespace duban::cli {
namespace {

void AddJobStarts(CLI::App& group, Chosen* chosen) {
  auto start = Held<StartOptions>();
  const auto common = [&](CLI::App* command) {
    command->add_flag("--preview", start->preview, "只看会怎样，不作改动 only what it would do");
    command->add_flag("--detach", start->detach, "不等它结束 does not wait for its end");
    command->add_option("--key", start->key, "幂等键，默认随机 idempotency key, random by default");
  };
  auto from = Held<std::string>();
  auto to = Held<std::string>();
  auto reason = Held<std::string>();
  CLI::App* command =
      Command(group, "hand-over", "移交：某单位、岗位或人员名下的在办事项归另一个 Gives one's open cases to another",
              "  duban job hand-over 市水务局 市生态环境局 --reason 机构改革 --preview");
  command->add_option("from", *from, "移出方 whose: id or title")->required();
  command->add_option("to", *to, "接收方，同一种类 to whom, of the same kind")->required();
  command->add_option("--reason", *reason, "原因 why")->required();
  common(command);
  command->callback([=] { *chosen = [=](Session& s) { return RunHandOver(s, *from, *to, *reason, *start); }; });

  auto migrate = Held<MigrateOptions>();
  command = Command(group, "migrate", "在办事项改用规程的另一版本 Takes open cases to another version of a procedure",
                    "  duban job migrate rectification --from 1 --to 2 --stage review=checking --preview");
  command->add_option("procedure", migrate->procedure, "规程 the procedure")->required();
  command->add_option("--from", migrate->from, "现在的版本 the version they have")
      ->required()
      ->check(CLI::PositiveNumber);
  command->add_option("--to", migrate->to, "改用的版本 the version they get")->required()->check(CLI::PositiveNumber);
  command->add_option("--stage", migrate->stages, "旧环节=新环节，可多次；其余同名 old=new; others keep their names");
  common(command);
  command->callback([=] { *chosen = [=](Session& s) { return RunMigrate(s, *migrate, *start); }; });

  auto each = Held<ForEachOptions>();
  command = Command(group, "for-each", "逐单位立项 Opens a case for each of many units",
                    "  duban job for-each task --below 市政府 --level county --set content=汛期隐患排查 --preview");
  command->add_option("procedure", each->procedure, "规程，名称或代号 the procedure, by title or name")->required();
  command->add_option("--unit", each->units, "单位，可多次 a unit; may be repeated");
  command->add_option("--below", each->below, "此单位以下的全部单位 all units below this one");
  command->add_option("--level", each->level, "其中只取这一层级 of these only those of this level");
  command->add_option("--party", each->party, "单位作为哪个参与方，默认承担时限的一方 which part each takes");
  command->add_option("--with", each->parties, "其余参与方，如 reviewer=… the other parties");
  command->add_option("--set", each->fields, "字段=值，各件相同 field=value, the same in every case");
  common(command);
  command->callback([=] { *chosen = [=](Session& s) { return RunForEach(s, *each, *start); }; });
}

}  // namespace

void AddJobs(CLI::App& app, Chosen* chosen) {
  CLI::App* group = Command(app, "job", "作业：耗时的操作 Jobs: long operations; see docs/jobs.md");
  group->require_subcommand(1);
  auto all = Held<bool>();
  CLI::App* command = Command(*group, "list", "有哪些作业，新的在前 Jobs, newest first", "  duban job list");
  command->add_flag("--all", *all, "全部页 every page");
  command->callback([=] { *chosen = [=](Session& s) { return RunJobList(s, *all); }; });

  auto name = Held<std::string>();
  auto follow = Held<bool>();
  command = Command(*group, "show", "一个作业的进展 How a job stands", "  duban job show jobs/… --follow");
  command->add_option("job", *name, "作业 its name, jobs/…")->required();
  command->add_flag("--follow", *follow, "看到它结束为止 until it ends");
  command->callback([=] { *chosen = [=](Session& s) { return RunJobShow(s, *name, *follow); }; });

  auto reason = Held<std::string>();
  auto key = Held<std::string>();
  command = Command(*group, "cancel", "停下作业，已做的保留 Stops a job; what it has done stands",
                    "  duban job cancel jobs/… --reason 日历有误，另行发布");
  command->add_option("job", *name, "作业 its name, jobs/…")->required();
  command->add_option("--reason", *reason, "理由 why")->required();
  command->add_option("--key", *key, "幂等键，默认随机 idempotency key, random by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunJobCancel(s, *name, *reason, *key); }; });
  AddJobStarts(*group, chosen);
}

void AddPlans(CLI::App& app, Chosen* chosen) {
  CLI::App* group = Command(
      app, "plan", "计划：按日历、任期自动立项 Plans: cases opened by calendar and directory; see docs/plans.md");
  group->require_subcommand(1);
  auto put = Held<PlanPutOptions>();
  CLI::App* command = Command(*group, "put", "登记计划或其新版 Puts a plan, or a further version",
                              "  duban plan put procedures/plans/monthly_hint.yaml --preview");
  command->add_option("file", put->file, "YAML 文件 a YAML file")->required();
  command->add_flag("--preview", put->preview, "只检查，看何时到期、对谁 only checks it and says when and for whom");
  command->add_option("--override", put->override_reason, "有冲突或超次数仍要安排的理由 why it is put all the same");
  command->add_option("--key", put->key, "幂等键，默认随机 idempotency key, random by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunPlanPut(s, *put); }; });
  auto name = Held<std::string>();
  auto key = Held<std::string>();
  command = Command(*group, "stop", "停止计划 Stops a plan", "  duban plan stop monthly_hint");
  command->add_option("plan", *name, "计划 its name")->required();
  command->add_option("--key", *key, "幂等键，默认随机 idempotency key, random by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunPlanStop(s, *name, *key); }; });
  Command(*group, "list", "有哪些计划 Plans", "  duban plan list")->callback([=] { *chosen = RunPlanList; });
  auto year = Held<int>();
  auto unit = Held<std::string>();
  command = Command(*group, "burden", "一年中对每个单位安排了几次 What plans ask of each unit in a year",
                    "  duban plan burden 2027 --unit 市水务局");
  command->add_option("year", *year, "年份 the year")->required()->check(CLI::Range(1, 9999));
  command->add_option("--unit", *unit, "只看此单位 this unit alone");
  command->callback([=] { *chosen = [=](Session& s) { return RunPlanBurden(s, *year, *unit); }; });
}

void AddDraws(CLI::App& app, Chosen* chosen, bool* offline) {
  CLI::App* group = Command(
      app, "draw", "抽取（两随机）：先固定名单，再取种子 Draws: population first, then the seed; docs/draws.md");
  group->require_subcommand(1);
  auto freeze = Held<DrawFreezeOptions>();
  CLI::App* command = Command(
      *group, "freeze", "固定名单 Fixes the population",
      "  duban draw freeze --title 三季度检查对象 --candidate 市水务局 --candidate 市林业局 --count 1\n"
      "  duban draw freeze --title 三季度检查人员 --kind 人员 --candidate 督查一科科长 --candidate 督查二科科长 "
      "--count 1\n"
      "  duban draw freeze --title 回头看抽样 --procedure 问题整改 --stage 已销号 --per 问题类别 --share "
      "20% --at-least 1");
  command->add_option("--title", freeze->title, "抽什么 what is drawn")->required();
  command->add_option("--candidate", freeze->candidates, "候选：单位、岗位、人员，可多次 a candidate; may be repeated");
  command->add_option("--kind", freeze->kind, "候选是哪一种，同名时写明 which kind they are, where names are shared")
      ->check(CLI::IsMember({"unit", "post", "person", "单位", "岗位", "人员"}));
  command->add_option("--procedure", freeze->cases.procedure,
                      "候选是台账中此规程的事项 the candidates are cases of this procedure");
  command->add_option("--stage", freeze->cases.stage, "只取此环节 of these only those in this stage");
  command->add_option("--party", freeze->cases.party, "只取有此单位参与的 only those of this unit");
  command->add_option("--text", freeze->cases.text, "只取含此文字的 only those that contain this");
  command->add_option("--per", freeze->per, "按台账的此列分组，各组分别抽 drawn within groups by this column");
  command->add_option("--count", freeze->count, "每组抽几个 how many of each group")->check(CLI::NonNegativeNumber);
  command->add_option("--share", freeze->share, "每组抽百分之几，进一取整 what share of each group, rounded up");
  command->add_option("--at-least", freeze->at_least, "每组至少几个 at least so many")->check(CLI::NonNegativeNumber);
  command->add_option("--not-related-to", freeze->not_related_to,
                      "回避：与此有关系或在其中任职的不抽 who has a relation to it is not drawn");
  command->add_option("--redraws", freeze->redraws,
                      "重抽自：draws/… 或其内容 the draw that this one repeats, by name or title");
  command->add_option("--reason", freeze->reason, "重抽的原因 why it is drawn again");
  command->add_option("--key", freeze->key, "幂等键，默认随机 idempotency key, random by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunDrawFreeze(s, *freeze); }; });
  auto name = Held<std::string>();
  auto seed = Held<std::string>();
  auto source = Held<std::string>();
  auto key = Held<std::string>();
  auto verify = Held<bool>();
  command = Command(*group, "seed", "取种子，随即抽取 Takes the seed, and draws",
                    "  duban draw seed draws/… --seed 3127.45 --source 上证指数2026年9月1日收盘");
  command->add_option("draw", *name, "抽取：draws/… 或其内容 its name, draws/…, or its title")->required();
  command->add_option("--seed", *seed,
                      "固定名单时谁也不知道的数，默认由服务器随机取 a figure nobody could know, random by default");
  command->add_option("--source", *source, "此数的来源 where it is from");
  command->add_option("--key", *key, "幂等键，默认随机 idempotency key, random by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunDrawSeed(s, *name, *seed, *source, *key); }; });
  command = Command(*group, "show", "查看；--verify 按名单和种子重算 Shows one; --verify makes it again",
                    "  duban draw show draws/… --verify\n"
                    "  duban draw show 三季度检查对象 --out 检查对象.json");
  command->add_option("draw", *name, "抽取：draws/… 或其内容 its name, draws/…, or its title")->required();
  command->add_flag("--verify", *verify, "重算核对 makes the draw again from what is written");
  auto out = Held<std::string>();
  command->add_option("--out", *out, "写成文件，供公布，谁都可以重算 writes it to a file, for anybody to verify");
  command->callback([=] { *chosen = [=](Session& s) { return RunDrawShow(s, *name, *verify, *out); }; });
  auto file = Held<std::string>();
  command = Command(*group, "verify", "按公布的文件重算，不需要服务器 Makes a published draw again; needs no server",
                    "  duban draw verify 检查对象.json");
  command->add_option("file", *file, "draw show --out 写出的文件 the file that draw show --out wrote")->required();
  command->callback([=] {
    *offline = true;
    *chosen = [=](Session& s) { return RunDrawVerify(s, *file); };
  });
  Command(*group, "list", "有哪些抽取 Draws", "  duban draw list")->callback([=] { *chosen = RunDrawList; });
}

}  // namespace duban::cli
