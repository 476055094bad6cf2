// `duban`: the command line. This file and main_*.cc read it; what the commands do stands in commands.h.
#include <algorithm>
#include <iostream>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/command_line.h"
#include "clients/cli/commands.h"
#include "clients/cli/utf8.h"
#include "clients/cli/wall.h"

namespace duban::cli {
namespace {

void AddFilter(CLI::App* command, LedgerOptions* options) {
  command->add_option("--procedure", options->procedure,
                      "只看这个规程，名称或代号 only this procedure, by title or name");
  command->add_option("--stage", options->stage, "只看这个环节，名称或代号 only this stage, by title or name");
  command->add_option("--light", options->light, "只看这种灯 only this light: red, yellow, green");
  command->add_option("--timeliness", options->timeliness,
                      "时限情况：逾期等，或 on_time, due_soon, overdue, ended_on_time, ended_late, no_deadline");
  command->add_option("--party", options->party, "有此单位、岗位或人员参与 a unit, post or person by id or name");
  command->add_option("--text", options->text, "编号或事项含此文字 number or subject contains this");
  command->add_option("--due-by", options->due_by, "此日（含）前到期 due by this day, 2026-10-08");
  command->add_flag("--open", options->open_only, "只看未结束的 only what has not ended");
}

void AddLists(CLI::App& app, Chosen* chosen) {
  auto ledger = Held<LedgerOptions>();
  CLI::App* command = Command(app, "ledger", "台账 The ledger",
                              "  duban ledger --light red\n"
                              "  duban ledger --party 市水务局 --open\n"
                              "  duban ledger --due-by 2026-10-08 --all --json\n"
                              "  duban ledger --as-of 2026-09-30");
  AddFilter(command, ledger.get());
  command->add_flag("--all", ledger->all, "全部页 every page");
  command->add_flag("--by-due", ledger->by_due, "全部，期限早的（逾期久的）在前 all, the longest overdue first");
  command->add_option("--page-size", ledger->page_size, "每页行数 rows of a page")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  AddAsOf(command, &ledger->as_of);
  command->callback([=] { *chosen = [=](Session& s) { return RunLedger(s, *ledger); }; });

  auto all = Held<bool>();
  command = Command(app, "inbox", "待办 What waits for me", "  duban inbox");
  command->add_flag("--all", *all, "全部页 every page");
  command->callback([=] { *chosen = [=](Session& s) { return RunInbox(s, *all); }; });
  auto as_of = Held<std::string>();
  command = Command(app, "alerts", "预警 Alerts that stand", "  duban alerts --all\n  duban alerts --as-of 2026-09-30");
  command->add_flag("--all", *all, "全部页 every page");
  AddAsOf(command, as_of.get());
  command->callback([=] { *chosen = [=](Session& s) { return RunAlerts(s, *all, *as_of); }; });

  auto compare = Held<CompareOptions>();
  command = Command(app, "compare", "两个时间之间的变化 What differs between two times",
                    "  duban compare ledger --from 2026-09-01 --to 2026-09-30\n"
                    "  duban compare alerts --from 2026-09-30");
  command->add_option("view", compare->view, "ledger, alerts, inbox, registers")
      ->check(CLI::IsMember({"ledger", "alerts", "inbox", "registers"}))
      ->capture_default_str();
  command->add_option("--from", compare->from, "较早的时间 the earlier time, 2026-09-01")->required();
  command->add_option("--to", compare->to, "较晚的时间；不填则为现在 the later time; now when left out");
  AddFilter(command, &compare->filter);
  command->add_flag("--all", compare->filter.all, "全部页 every page");
  command->add_option("--page-size", compare->filter.page_size, "每页行数 rows of a page")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  command->callback([=] { *chosen = [=](Session& s) { return RunCompare(s, *compare); }; });

  CLI::App* group = Command(app, "register", "名册，如负面清单 Registers, such as the negative list");
  group->require_subcommand(1);
  auto listed = Held<RegisterOptions>();
  command = Command(*group, "list", "谁在名册上、为何、至何时 Who stands in one, why, until when",
                    "  duban register list 负面清单\n"
                    "  duban register list negative_list --as-of 2026-12-31");
  command->add_option("register", listed->name, "名册，名称或代号 the register, by title or name")->required();
  command->add_option("--as-of", listed->as_of,
                      "当时的名册：日期、时刻或位置 as it stood on a day, at an instant, a position");
  command->callback([=] { *chosen = [=](Session& s) { return RunRegisterList(s, *listed); }; });
}

// What opening and acting share.
template <typename Options>
void AddEntry(CLI::App* command, Options* options) {
  command
      ->add_option("--set", options->fields,
                   "字段=值；类型按规程识别，也可写 字段:类型=值（text choice number date instant ref file）；可多次\n"
                   "field=value, read as the procedure declares it, or field:type=value; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--reason", options->reason, "理由 why");
  command->add_option("--for", options->entered_for, "代某人录入（须有 enter 权限）enter for this person");
  command->add_option("--occurred", options->occurred, "实际发生时间（须有 enter 权限）when it happened, if earlier");
  command->add_option("--key", options->key, "幂等键，默认随机 idempotency key, random by default");
  command->add_flag("--validate-only", options->validate_only, "只检查，不改动 check everything, change nothing");
}

void AddCases(CLI::App& app, Chosen* chosen) {
  CLI::App* group = Command(app, "case", "事项 Cases");
  group->require_subcommand(1);
  auto open = Held<OpenOptions>();
  CLI::App* command = Command(*group, "open", "立项 Opens a case",
                              "  duban case open rectification --party owner=市水务局 --party "
                              "reviewer=posts/duchaer-kezhang \\\n"
                              "      --set problem=东湖排口溢流 --set category=water --set due=2026-10-30");
  command->add_option("procedure", open->procedure, "规程，名称或代号 the procedure, by title or name")->required();
  command->add_option("--party", open->parties, "参与方=单位 party=unit, post or person; may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--draw", open->draws, "由抽取产生的参与方=抽取 party=draw, by its name or title; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--part-of", open->part_of, "作为此事项的组成部分 as a part of this case");
  command->add_option("--weight", open->weight, "在其中的权重，默认 1 what it counts for there, 1 by default");
  command->add_option("--secrecy", open->secrecy,
                      "密级：公开、内部、工作秘密；不写则依规程 how secret: public, internal, work_secret");
  AddEntry(command, open.get());
  command->callback([=] { *chosen = [=](Session& s) { return RunOpen(s, *open); }; });

  auto name = Held<std::string>();
  auto as_of = Held<std::string>();
  command = Command(*group, "show", "查看事项 Shows a case",
                    "  duban case show 交办〔2026〕水务1号\n"
                    "  duban case show 交办〔2026〕水务1号 --as-of 2026-09-30");
  command->add_option("case", *name, "编号或 cases/… number or name")->required();
  command->add_option("--as-of", *as_of,
                      "当时的样子：日期、时刻或位置 as it was shown on a day, at an instant, a position");
  command->callback([=] { *chosen = [=](Session& s) { return RunShow(s, *name, *as_of); }; });

  CLI::App* files = Command(*group, "file", "事项的文件 Files of a case");
  files->require_subcommand(1);
  auto file_case = Held<std::string>();
  auto file = Held<std::string>();
  auto out = Held<std::string>();
  auto reason = Held<std::string>();
  auto file_key = Held<std::string>();
  const auto names = [&](bool one) {
    command->add_option("case", *file_case, "编号或 cases/… number or name")->required();
    if (one) command->add_option("file", *file, "文件名或 files/… title or name")->required();
  };
  command = Command(*files, "list", "列出 Lists them", "  duban case file list 交办〔2026〕水务1号");
  names(false);
  command->callback([=] { *chosen = [=](Session& s) { return RunFileList(s, *file_case); }; });
  command = Command(*files, "get", "下载 Fetches one",
                    "  duban case file get 交办〔2026〕水务1号 现场照片.jpg -o 现场照片.jpg");
  names(true);
  command->add_option("-o,--out", *out, "存到哪里 where to")->required();
  command->callback([=] { *chosen = [=](Session& s) { return RunFileGet(s, *file_case, *file, *out); }; });
  command = Command(*files, "erase", "擦除，不能恢复（须有 administer 权限）Erases one for good",
                    "  duban case file erase 交办〔2026〕水务1号 名单.xlsx --reason 误传个人信息");
  names(true);
  command->add_option("--reason", *reason, "理由 why")->required();
  command->add_option("--key", *file_key, "幂等键，默认随机 idempotency key, random by default");
  command->callback(
      [=] { *chosen = [=](Session& s) { return RunFileErase(s, *file_case, *file, *reason, *file_key); }; });

  auto act = Held<ActOptions>();
  auto expect = Held<uint64_t>();
  command = Command(app, "act", "办理 Takes an action",
                    "  duban act 交办〔2026〕水务1号 acknowledge\n"
                    "  duban act 交办〔2026〕水务1号 report --set progress=已完成管网排查\n"
                    "  duban act 交办〔2026〕水务1号 submit --set result=已封堵 --set evidence=LICENSE\n"
                    "  duban act 交办〔2026〕水务1号 extend_rectify --set due=2026-12-31 --reason 汛期停工\n"
                    "  duban act 交办〔2026〕水务1号 approve_extend_rectify\n"
                    "  duban act 督办〔2026〕水务2号 merge --target 督办〔2026〕水务1号 --reason 同一问题");
  command->add_option("case", act->case_name, "编号或 cases/… number or name")->required();
  command
      ->add_option("action", act->action,
                   "操作，名称或代号 the action, by title or name; comment, urge, on_site, hear_report, link, merge, "
                   "void, transfer, claim, "
                   "mark_secrecy, approve_…, refuse_…, lift_…")
      ->required();
  AddEntry(command, act.get());
  command->add_option("--note", act->note, "备注 a remark");
  command->add_option("--target", act->target,
                      "内置操作所指：另一事项、依据的督查组、移送给谁 what a built-in action speaks of: another case, "
                      "the team that gives "
                      "the right, to whom it is transferred");
  command->add_option("--party", act->party, "移送或认领的参与方 the party that is transferred or claimed");
  command->add_option("--weight", act->weight, "link 的权重，默认 1 of link: what it counts for there, 1 by default");
  command->add_option("--secrecy", act->secrecy,
                      "mark_secrecy 的密级：公开、内部、工作秘密 of mark_secrecy: public, internal, work_secret");
  CLI::Option* expected = command->add_option("--expect", *expect, "须仍是此版次 refused unless at this revision");
  command->callback([=] {
    if (expected->count() > 0) act->expect = *expect;
    *chosen = [=](Session& s) { return RunAct(s, *act); };
  });
}

void AddStreams(CLI::App& app, Chosen* chosen) {
  CLI::App* group = Command(app, "watch", "持续关注 Watches what comes",
                            "  duban watch events --from beginning --until-idle 2\n"
                            "  duban watch ledger --light red\n"
                            "  duban watch timeline 交办〔2026〕水务1号\n"
                            "  duban watch many alerts worklist units");
  group->require_subcommand(1);
  auto add = [&](const std::string& view, const std::string& what) {
    auto watch = Held<WatchOptions>();
    watch->view = view;
    CLI::App* command = Command(*group, view, what);
    command->add_option("--until-idle", watch->until_idle_s, "静默这么多秒后结束 end after so many quiet seconds");
    if (view == "events") {
      command->add_option("--from", watch->from, "beginning 或续看标记 beginning, or the token of an earlier watch");
      command->add_option("--case", watch->case_name, "只看此事项 only this case");
    } else if (view == "timeline") {
      command->add_option("case", watch->case_name, "编号或 cases/… number or name")->required();
    } else if (view == "many") {
      command
          ->add_option("views", watch->views, "视图名 ledger, alerts, worklist, metrics, registers, units, documents")
          ->required();
    } else {
      command->add_option("--where", watch->where, "条件，可多次 a condition, label=value; may be repeated");
    }
    if (view == "ledger") AddFilter(command, &watch->filter);
    command->callback([=] { *chosen = [=](Session& s) { return RunWatch(s, *watch); }; });
  };
  add("events", "事件，不漏不重 Events: none lost, none twice");
  add("ledger", "台账的现状与变化 The ledger as it stands, then its changes");
  add("alerts", "预警的现状与变化 Alerts as they stand, then their changes");
  add("worklist", "待办的现状与变化 What waits for me, then its changes");
  add("timeline", "一件事项的经过 What happens to a case");
  add("metrics", "指标计数的现状与变化 Counted facts, then their changes");
  add("registers", "名册的现状与变化 Registers, then their changes");
  add("units", "各单位情况的现状与变化 Units in figures, then their changes");
  add("documents", "文书的现状与变化 Documents, then their changes");
  add("many", "同时关注几个视图 Several views at once");

  auto wall = Held<WallOptions>();
  CLI::App* command =
      Command(app, "wall", "大屏：在办、逾期、各单位、最新预警，一有变化自己更新 A wall that keeps itself up to date",
              "  duban wall                      终端上原地更新，断线自己重连，Ctrl-C 结束 drawn in place\n"
              "  duban wall --once               只看一次 one picture\n"
              "  duban wall --seconds 60 > f     不是终端时，只添写变了的行 elsewhere: lines that are added");
  command->add_flag("--once", wall->once, "只显示一次就结束 one picture, then ends");
  command->add_option("--seconds", wall->seconds, "这么多秒后结束，默认不结束 ends after so many seconds")
      ->check(CLI::PositiveNumber)
      ->excludes("--once");
  command->callback([=] { *chosen = [=](Session& s) { return RunWall(s, *wall); }; });

  auto replay = Held<ReplayOptions>();
  command = Command(app, "replay", "重放历史 Shows history again",
                    "  duban replay 交办〔2026〕水务1号\n"
                    "  duban replay --speed 86400        一秒一天 a day in a second");
  command->add_option("case", replay->case_name, "只放此事项 only this case");
  command->add_option("--speed", replay->speed, "倍速，0 为最快 recorded time per second of yours; 0: at once")
      ->capture_default_str();
  command->add_option("--max-pause", replay->max_pause_s, "最长停顿秒数 longest pause in seconds")
      ->capture_default_str();
  command->add_option("--until", replay->until, "放到何时：日期、时刻或位置 until a day, an instant or a position");
  command->callback([=] { *chosen = [=](Session& s) { return RunReplay(s, *replay); }; });
}

void AddProcedures(CLI::App& app, Chosen* chosen, bool* offline) {
  CLI::App* group = Command(app, "procedure", "规程 Procedures");
  group->require_subcommand(1);
  auto files = Held<std::vector<std::string>>();
  auto key = Held<std::string>();
  auto if_changed = Held<bool>();
  CLI::App* command =
      Command(*group, "check",
              "检查，指出每处错误的行列；没有令牌时不问服务器 Checks files, with line and column; needs no server",
              "  duban procedure check procedures/*.yaml procedures/plans/*.yaml");
  command
      ->add_option("files", *files, "互相引用的规程、计划一并给出 procedures and plans that name each other, together")
      ->required();
  command->callback([=] {
    *chosen = [=](Session& s) { return RunProcedureCheck(s, *files); };
    *offline = true;  // Where there is no token; it asks the server otherwise.
  });
  command =
      Command(*group, "publish", "发布新版 Publishes new versions", "  duban procedure publish procedures/*.yaml");
  command
      ->add_option("files", *files, "互相引用的规程、计划一并给出 procedures and plans that name each other, together")
      ->required();
  command->add_option("--key", *key, "幂等键，默认随机 idempotency key, random by default");
  auto reason = Held<std::string>();
  command->add_option("--override", *reason,
                      "其中的计划与其他计划冲突或超次时，仍要登记的理由 why plans are put in spite of a clash");
  command->add_flag("--if-changed", *if_changed,
                    "与最新版相同则不发布 nothing when the newest versions are these very files");
  command->callback(
      [=] { *chosen = [=](Session& s) { return RunProcedurePublish(s, *files, *key, *reason, *if_changed); }; });
  command = Command(*group, "list", "已发布的规程 What is published");
  command->callback([=] { *chosen = [](Session& s) { return RunProcedureList(s); }; });
  auto name = Held<std::string>();
  auto version = Held<uint32_t>();
  command = Command(*group, "show", "规程原文 A procedure's source", "  duban procedure show rectification");
  command->add_option("procedure", *name, "规程 its name")->required();
  command->add_option("--version", *version, "版本，默认最新 version, the newest by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunProcedureShow(s, *name, *version); }; });
  auto draw = Held<DrawOptions>();
  command = Command(*group, "draw", "画成一张图（SVG）；事项走过的路 Draws it (SVG); the way a case has gone",
                    "  duban procedure draw procedures/rectification.yaml --out rectification.svg\n"
                    "  duban procedure draw --case 交办〔2026〕住建3号 --out case.svg");
  command->add_option("files", draw->files,
                      "规程文件，不需要服务器；其后是它引用的文件，同一文件夹的会自动找\n"
                      "the file, no server needed; then those it leans on, by default those of its folder");
  command->add_option("--case", draw->case_name, "编号：画出这件事项走过的路 the way of this case");
  command->add_option("--out", draw->out, "写入此文件，默认标准输出 to this file; standard output by default");
  command->callback([=] {
    *chosen = [=](Session& s) { return RunProcedureDraw(s, *draw); };
    *offline = draw->case_name.empty();
  });
  auto rehearse = Held<RehearseOptions>();
  command = Command(*group, "rehearse", "不用服务器，一步一步走一遍 Steps through it by hand, without a server",
                    "  duban procedure rehearse procedures/rectification.yaml\n"
                    "  duban procedure rehearse procedures/rectification.yaml --script steps.txt");
  command
      ->add_option("files", rehearse->files,
                   "规程文件；其后是它引用的文件，同一文件夹的会自动找\n"
                   "the file; then those it leans on, by default those of its folder")
      ->required();
  command->add_option("--script", rehearse->script, "照此文件逐行演练，默认标准输入 lines; standard input by default");
  command->add_option("--calendar", rehearse->calendar, "工作日表 the working days, as for calendar publish");
  command->add_option("--start", rehearse->start, "从何时开始 when it begins")->capture_default_str();
  command->callback([=] {
    *chosen = [=](Session& s) { return RunProcedureRehearse(s, *rehearse); };
    *offline = true;
  });
}

void AddDirectory(CLI::App& app, Chosen* chosen) {
  CLI::App* group =
      Command(app, "directory", "名录：单位、岗位、人员、关系、代办 Units, posts, persons, relations, delegations");
  group->require_subcommand(1);
  auto file = Held<std::string>();
  auto key = Held<std::string>();
  CLI::App* command = Command(*group, "apply", "登记名录 Puts what a file names; the rest stays",
                              "  duban directory apply examples/city/directory.yaml");
  command->add_option("file", *file, "YAML 文件 a YAML file: units, posts, persons, relations, delegations")
      ->required();
  command->add_option("--key", *key, "幂等键，默认随机 idempotency key, random by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunDirectoryApply(s, *file, *key); }; });
  auto list = [&](const std::string& name, const std::string& what, int (*run)(Session&)) {
    Command(*group, name, what)->callback([=] { *chosen = run; });
  };
  list("units", "单位 Units", RunUnits);
  list("posts", "岗位 Posts", RunPosts);
  list("persons", "人员 Persons", RunPersons);
  list("relations", "须回避的关系（需权限 administer 或 audit） Relations (takes administer or audit)", RunRelations);
  list("delegations", "代办：自己的；有权限 administer 或 audit 的看全部 Delegations: one's own, or all",
       RunDelegations);
  auto delegate = Held<DelegateOptions>();
  command = Command(*group, "delegate", "委托代办 Lets somebody act for you for a time",
                    "  duban directory delegate --to 督查一科副科长 --until 2026-09-20 --reason 外出培训");
  command->add_option("--to", delegate->to, "受托人：编号或名称 who acts: id or title")->required();
  command->add_option("--until", delegate->until, "截止：日期（含当日）或时刻 the last day, or the last moment")
      ->required();
  command->add_option("--reason", delegate->reason, "原因 why")->required();
  command->add_option("--begin", delegate->begins, "开始，默认现在 from when, at once by default");
  command->add_option("--post", delegate->posts, "岗位，可多次；默认全部 posts, all by default");
  command->add_option("--from", delegate->from,
                      "委托人，默认本人；他人的需权限 administer whose duties, your own by default");
  command->add_option("--name", delegate->name, "编号，默认自动 id, given by default");
  command->add_option("--key", delegate->key, "幂等键，默认随机 idempotency key, random by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunDelegate(s, *delegate); }; });
  command = Command(*group, "end-delegation", "提前终止代办 Ends a delegation early");
  command->add_option("delegation", *file, "编号 its id")->required();
  command->add_option("--key", *key, "幂等键，默认随机 idempotency key, random by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunEndDelegation(s, *file, *key); }; });
  list("whoami", "我是谁 Who I am", RunWhoAmI);
}

void AddCalendar(CLI::App& app, Chosen* chosen) {
  CLI::App* group = Command(app, "calendar", "工作日历 The working-day calendar");
  group->require_subcommand(1);
  auto publish = Held<PublishOptions>();
  CLI::App* command = Command(*group, "publish", "发布年度安排 Publishes years",
                              "  duban calendar publish examples/calendar/workdays.csv --validate-only\n"
                              "  duban calendar publish examples/calendar/workdays.csv");
  command->add_option("file", publish->file, "CSV：date,type,name（type 为 holiday 或 workday）")->required();
  command->add_option("--source", publish->source, "依据的通知 the notice it comes from");
  command->add_option("--key", publish->key, "幂等键，默认随机 idempotency key, random by default");
  command->add_flag("--validate-only", publish->validate_only,
                    "只看会移动哪些期限，不发布 shows which deadlines would move, publishes nothing");
  command->callback([=] { *chosen = [=](Session& s) { return RunCalendarPublish(s, *publish); }; });

  auto year = Held<int>();
  command = Command(*group, "show", "某年安排 A year", "  duban calendar show 2026");
  command->add_option("year", *year, "年份 the year")->required();
  command->callback([=] { *chosen = [=](Session& s) { return RunCalendarShow(s, *year); }; });

  auto days = Held<DayOptions>();
  auto from = Held<std::string>();
  auto to = Held<std::string>();
  auto count = Held<int>();
  auto kinds = [&](CLI::App* c) {
    c->add_option("--kind", days->kind, "working 工作日（默认）或 calendar 自然日")
        ->check(CLI::IsMember({"working", "calendar"}));
    c->add_flag("--count-first", days->count_first, "首日计入 the first day counts");
  };
  command = Command(*group, "add", "从某日起数若干天 Adds days", "  duban calendar add 2026-09-28 10");
  command->add_option("date", *from, "起始日 the date")->required();
  command->add_option("days", *count, "天数，可为负 how many; may be negative")->required();
  kinds(command);
  command->callback([=] { *chosen = [=](Session& s) { return RunCalendarAdd(s, *from, *count, *days); }; });
  command = Command(*group, "count", "两日之间几天 Counts days", "  duban calendar count 2026-09-28 2026-10-15");
  command->add_option("from", *from, "起 from")->required();
  command->add_option("to", *to, "止（计入）to, which counts")->required();
  kinds(command);
  command->callback([=] { *chosen = [=](Session& s) { return RunCalendarCount(s, *from, *to, *days); }; });
}

void AddOperations(CLI::App& app, Chosen* chosen) {
  auto person = Held<std::string>();
  auto out = Held<std::string>();
  auto days = Held<int>();
  *days = 90;
  CLI::App* command = Command(app, "token", "签发令牌 Issues a token",
                              "  duban token persons/duchayi-kezhang --out data/duchayi-kezhang.token");
  command->add_option("person", *person, "人员 a person by id or name")->required();
  command->add_option("--days", *days, "有效天数，1—365 days it lasts")
      ->check(CLI::Range(1, 365))
      ->capture_default_str();
  command->add_option("--out", *out, "写入文件（仅本人可读）write it to a file only you can read");
  command->callback([=] { *chosen = [=](Session& s) { return RunToken(s, *person, *days, *out); }; });

  CLI::App* group = Command(app, "clock", "虚拟时钟 The virtual clock");
  group->require_subcommand(1);
  auto to = Held<std::string>();
  auto key = Held<std::string>();
  command = Command(*group, "advance", "拨快到某时 Sets it forward",
                    "  duban clock advance 2026-10-09              当日零时 that day at 00:00\n"
                    "  duban clock advance \"2026-10-09 17:30\"");
  command->add_option("to", *to, "日期或时刻 a day or an instant")->required();
  command->add_option("--key", *key, "幂等键，默认随机 idempotency key, random by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunClockAdvance(s, *to, *key); }; });
  group = Command(app, "backup", "备份 Backups");
  group->require_subcommand(1);
  auto backup = Held<std::string>();
  command =
      Command(*group, "create", "备份到服务器 --backups 目录下，同名则只补新的 Makes one, or brings it up to date",
              "  duban backup create daily\n"
              "核对与恢复在服务器上做 To verify and restore: duband --verify-backup, duband --restore");
  command->add_option("name", *backup, "名称 its name")->required();
  command->callback([=] { *chosen = [=](Session& s) { return RunBackupCreate(s, *backup); }; });
  Command(app, "stats", "运行情况 How the server stands")->callback([=] { *chosen = RunStats; });
  Command(app, "views", "视图的版本与构建进度 The views: versions, how far a new one is built")->callback([=] {
    *chosen = RunViews;
  });
}

void AddImport(CLI::App& app, Chosen* chosen) {
  auto import = Held<ImportOptions>();
  CLI::App* command = Command(app, "import", "导入台账或事件日志 Imports a ledger or an event log; see docs/import.md",
                              "  duban import examples/city/ledger.csv --map examples/city/ledger.map.yaml --preview\n"
                              "  duban import examples/city/ledger.csv --map examples/city/ledger.map.yaml");
  command->add_option("file", import->file, "CSV 文件 a CSV file")->required();
  command->add_option("--map", import->map, "映射文件 the mapping")->required();
  command->add_flag("--preview", import->preview, "只预览，不改动 checks every row, changes nothing");
  command->add_flag("--job", import->job,
                    "台账：上传后由服务器逐行立项，断线不影响 a ledger: sent whole, the server opens row by row");
  command->add_flag("--detach", import->detach, "与 --job 同用：不等它结束 with --job: does not wait for its end");
  command->add_option("--limit", import->limit, "只取前 N 行（日志：前 N 件）only the first N rows (a log: N cases)");
  command->add_option("--encoding", import->encoding, "文件编码，如 gb18030 the file's encoding");
  command->add_option("--for", import->entered_for, "代某人录入（须有 enter 权限）enter for this person");
  command->add_option("--show", import->show, "每类最多列出几条，0 为全部 remarks listed of each kind; 0: all")
      ->capture_default_str();
  command->callback([=] { *chosen = [=](Session& s) { return RunImport(s, *import); }; });
}

void AddGlobal(CLI::App& app, Global* global) {
  app.add_option("--server", global->server, "服务器 the server")->envname("DUBAN_SERVER")->capture_default_str();
  app.add_option("--token", global->token, "令牌 the token")->envname("DUBAN_TOKEN");
  app.add_option("--token-file", global->token_file, "存有令牌的文件 a file with the token")
      ->envname("DUBAN_TOKEN_FILE");
  app.add_flag("--json", global->json, "输出 JSON JSON, one object a line");
  app.add_option("--lang", global->lang, "语言 zh, en, both")
      ->check(CLI::IsMember({"zh", "en", "both"}))
      ->capture_default_str();
}

// What is wrong with a command line, in words for people who do not read English; "" where only words are left over.
std::string Readable(const CLI::ParseError& e) {
  std::string said = e.what();
  const auto cut = [&](absl::string_view suffix) { return said.substr(0, said.size() - suffix.size()); };
  if (e.get_name() == "ExtrasError") return "";
  if (said == "A subcommand is required") return "请写明做什么（缺少命令，或没有这个命令）。Say what to do.";
  if (absl::EndsWith(said, " is required")) return absl::StrCat("缺少“", cut(" is required"), "”。It is required.");
  if (e.get_name() == "ConversionError")
    return absl::StrCat("读不懂 cannot be read: ", said.substr(said.find(':') + 2));
  if (e.get_name() == "ArgumentMismatch") return absl::StrCat("选项后面的内容不对 wrong content: ", said);
  return absl::StrCat("值不可用 wrong value: ", said);
}

// "duban case show": the command that was being read.
std::string CommandOf(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app.get_name() : absl::StrCat(app.get_name(), " ", CommandOf(*chosen.front()));
}

// `duban help act` is `duban act --help`.
std::vector<std::string> Arguments(int argc, char** argv) {
  std::vector<std::string> out(argv + 1, argv + argc);
  if (!out.empty() && (out.front() == "help" || out.front() == "帮助")) {
    out.erase(out.begin());
    out.emplace_back("--help");
  }
  std::reverse(out.begin(), out.end());  // As CLI11 takes them.
  return out;
}

int Main(int argc, char** argv) {
  Global global;
  Chosen chosen;
  CLI::App app("督办：交办、督促、销号、回头看 Duban: issue, follow, close, look back", "duban");
  app.footer(
      "退出码 Exit codes: 0 成功 done, 1 被拒 refused, 2 用法有误 wrong usage, 3 连不上服务器 server unreachable\n"
      "每个命令都有示例 Every command has examples: duban act --help\n"
      "非涉密系统，严禁录入国家秘密 Not for state secrets: none may be entered");
  app.get_formatter()->label("Usage", "用法 Usage");
  app.get_formatter()->label("Positionals", "参数 Positionals");
  app.get_formatter()->label("REQUIRED", "必填 REQUIRED");
  app.set_help_flag("-h,--help", "显示这份说明 Prints this help");
  app.require_subcommand(1);
  app.fallthrough();
  AddGlobal(app, &global);
  AddLists(app, &chosen);
  AddCases(app, &chosen);
  AddStreams(app, &chosen);
  AddImport(app, &chosen);
  bool offline = false;
  AddProcedures(app, &chosen, &offline);
  AddDirectory(app, &chosen);
  AddCalendar(app, &chosen);
  AddJobs(app, &chosen);
  AddPlans(app, &chosen);
  AddDraws(app, &chosen, &offline);
  AddDocuments(app, &chosen);
  AddOperations(app, &chosen);
  AddFigures(app, &chosen, &offline);
  if (argc < 2) {
    std::cerr << app.help();
    return kExitUsage;
  }
  for (int i = 1; i < argc; ++i) {
    if (!FirstBrokenByte(argv[i])) continue;
    std::cerr << "第 " << i << " 个参数不是 UTF-8：请把终端的编码设为 UTF-8。\n"
              << "Argument " << i << " is not UTF-8: set your terminal to UTF-8.\n";
    return kExitUsage;
  }
  try {
    app.parse(Arguments(argc, argv));
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help
    const std::string help = absl::StrCat(CommandOf(app), " --help");
    std::cerr << "命令行有误，详见 " << help << "。Wrong command line, see " << help << ".\n";
    if (const std::string said = Readable(e); !said.empty()) std::cerr << "  " << said << "\n";
    for (const std::string& word : app.remaining(true)) std::cerr << "  不认识 unknown: " << word << "\n";
    return kExitUsage;
  }
  Session session(global);
  int code = kExitOk;
  if (!offline && !session.Ready(&code)) return code;
  return chosen(session);
}

}  // namespace
}  // namespace duban::cli

int main(int argc, char** argv) { return duban::cli::Main(argc, argv); }
