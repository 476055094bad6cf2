// The command line's words for documents.
#include "clients/cli/command_line.h"
#include "clients/cli/commands.h"

namespace duban::cli {

void AddDocuments(CLI::App& app, Chosen* chosen) {
  CLI::App* group = Command(app, "document", "文书：交办函、书面报告 Letters and reports; see docs/documents.md");
  group->require_subcommand(1);
  auto issue = Held<DocumentIssueOptions>();
  CLI::App* command =
      Command(*group, "issue", "发文：一个单位一件，一件可写多项 Issues letters, one for each unit",
              "  duban document issue rectification/order --all --preview\n"
              "  duban document issue rectification/order --all --party 市水务局\n"
              "  duban document issue rectification/order --case 交办〔2026〕水务1号 --case 交办〔2026〕水务2号");
  command->add_option("document", issue->document, "文书：规程/文书 its name: <procedure>/<document>")->required();
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
  auto out = Held<std::string>();
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
  command->add_option("-o,--out", *out,
                      "网页文件，供浏览器打印；不填则在终端显示 an HTML file; the terminal by default");
  command->callback([=] { *chosen = [=](Session& s) { return RunDocumentPrint(s, *named, *out); }; });
}

}  // namespace duban::cli
