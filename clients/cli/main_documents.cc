// The command line's words for documents.
#include "clients/cli/command_line.h"
#include "clients/cli/commands.h"

namespace duban::cli {
namespace {

void AddPrint(CLI::App* command, PrintOptions* print) {
  command->add_option("-o,--out", print->html, "网页文件，供浏览器打印 an HTML file, to be printed by a browser");
  command->add_option("--sheet", print->sheet, "表格文件 .xlsx，其中各表各成一张 a workbook, a sheet for each table");
}

}  // namespace

void AddDocuments(CLI::App& app, Chosen* chosen) {
  CLI::App* group = Command(app, "document", "文书：交办函、书面报告 Letters and reports; see docs/documents.md");
  group->require_subcommand(1);
  auto issue = Held<DocumentIssueOptions>();
  CLI::App* command =
      Command(*group, "issue", "发文：一个单位一件，一件可写多项 Issues letters, one for each unit",
              "  duban document issue 问题整改/问题整改交办函 --all --preview\n"
              "  duban document issue rectification/order --all --party 市水务局\n"
              "  duban document issue rectification/order --case 交办〔2026〕水务1号 --case 交办〔2026〕水务2号");
  command
      ->add_option("document", issue->document,
                   "文书：规程/文书，名称或代号 <procedure>/<document>, by titles or names")
      ->required();
  command->add_option("--case", issue->cases, "写进文书的事项，可多次 a case; may be repeated")
      ->allow_extra_args(false);
  command->add_flag("--all", issue->all,
                    "台账中符合条件、还没有发过的 all that the ledger shows and no letter has yet");
  command->add_option("--party", issue->filter.party, "其中只取有此单位参与的 of these only those of this unit");
  command->add_option("--text", issue->filter.text, "其中只取含此文字的 of these only those that contain this");
  command->add_option("--due-by", issue->filter.due_by, "其中只取此日前到期的 of these only those due by this day");
  command->add_flag("--preview", issue->preview, "只看会发什么，不占文号 only what would be issued; no number is used");
  command->add_option("--key", issue->key, "幂等键，默认随机 idempotency key, random by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunDocumentIssue(s, *issue); }; });

  auto list = Held<DocumentListOptions>();
  command = Command(*group, "list", "有哪些文书，新的在前 Documents, newest first",
                    "  duban document list --unreceived\n  duban document list --to 市水务局");
  command->add_option("--to", list->to, "只看发给此单位的 only those sent to this unit");
  command->add_option("--from", list->from, "只看此单位发的 only those it issued");
  command->add_option("--document", list->document, "只看这一种 only this kind, <procedure>/<document>");
  command->add_flag("--unreceived", list->unreceived, "只看还没有签收的 only those not taken in yet");
  command->callback([=] { *chosen = [=](Session& s) { return RunDocumentList(s, *list); }; });

  auto named = Held<std::string>();
  command = Command(*group, "show", "查看 Shows one", "  duban document show 督查交〔2026〕1号");
  command->add_option("document", *named, "文号或 documents/… number or name")->required();
  command->callback([=] { *chosen = [=](Session& s) { return RunDocumentShow(s, *named); }; });

  auto receive = Held<DocumentReceiveOptions>();
  command = Command(*group, "receive", "签收，所列事项随之签收 Takes one in, and with it all its cases",
                    "  duban document receive 督查交〔2026〕1号");
  command->add_option("document", receive->document, "文号或 documents/… number or name")->required();
  command->add_option("--for", receive->entered_for, "代某人录入（须有 enter 权限）enter for this person");
  command->add_option("--occurred", receive->occurred, "实际收到的时间（须有 enter 权限）when it came in, if earlier");
  command->add_option("--reason", receive->reason, "代录或补录的理由 why it is entered so");
  command->add_option("--key", receive->key, "幂等键，默认随机 idempotency key, random by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunDocumentReceive(s, *receive); }; });

  command = Command(*group, "print", "按《党政机关公文格式》排版 Lays it out to GB/T 9704-2012",
                    "  duban document print 督查交〔2026〕1号 -o 交办函.html");
  command->add_option("document", *named, "文号或 documents/… number or name")->required();
  auto print = Held<PrintOptions>();
  AddPrint(command, print.get());
  command->callback([=] { *chosen = [=](Session& s) { return RunDocumentPrint(s, *named, *print); }; });

  auto report = Held<ReportOptions>();
  command = Command(app, "report", "书面报告：某期的数字、清单与变化 A report about a period; see docs/documents.md",
                    "  duban report supervision --period 2026-09\n"
                    "  duban report supervision --period 2026Q3 --to 市政府 --issue -o 报告.html --sheet 报告.xlsx");
  command->add_option("report", report->name, "报告 its name")->required();
  command->add_option("--period", report->period, "期间 2026-09, 2026Q3, 2026H1, 2026")->required();
  command->add_option("--from", report->from, "发文单位，默认本人的单位 who issues it, your own unit by default");
  command->add_option("--to", report->to, "主送单位 to which unit it is sent");
  command->add_flag("--issue", report->issue, "发出并取得文号；不加只看内容 issues it; else only what it would say");
  command->add_option("--key", report->key, "幂等键，默认随机 idempotency key, random by default");
  AddPrint(command, &report->print);
  command->callback([=] { *chosen = [=](Session& s) { return RunReport(s, *report); }; });
}

}  // namespace duban::cli
