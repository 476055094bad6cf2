// Documents: issued, listed, shown, taken in, printed; reports.
#include <fstream>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/document_page.h"
#include "clients/cli/document_sheet.h"
#include "clients/cli/ledger_filter.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

constexpr int kPage = 500;
constexpr size_t kSummaryWidest = 44;

// A unit typed by name or id; false after saying what is wrong.
bool ReadUnit(Session& session, const std::string& text, std::string* id) {
  if (text.empty()) return true;
  const ReadValue unit = ReadReference(text, "unit", session.names());
  if (!unit.ok()) {
    session.console().Remark(unit.fault);
    return false;
  }
  *id = unit.value->reference();
  return true;
}

std::unique_ptr<v1::GetDocumentResponse> Fetch(Session& session, const std::string& named, int* code) {
  v1::GetDocumentRequest request;
  request.set_document(named);
  return session.Call(std::move(request), code);
}

// "问题整改/问题整改交办函" is "rectification/order"; a report has one word.
std::string KindNamed(Session& session, const std::string& text) {
  const size_t slash = text.find('/');
  if (IsAscii(text) || slash == std::string::npos) return text;
  const std::string procedure = session.ProcedureNamed(text.substr(0, slash));
  return absl::StrCat(procedure, "/", NameOf(session.words(procedure).documents, text.substr(slash + 1)));
}

void PrintCases(Session& session, const v1::Document& document) {
  const Console& console = session.console();
  std::string cases;
  for (const v1::DocumentCase& one : document.issued().cases()) {
    absl::StrAppend(&cases, cases.empty() ? "" : "、", one.number().empty() ? one.case_() : one.number());
  }
  if (!cases.empty()) console.Print(absl::StrCat(console.Word("事项：", "cases: "), cases));
}

// How it was taken in, and what of it was not.
void PrintReceipt(Session& session, const v1::Document& document) {
  const Console& console = session.console();
  const v1::DocumentReceived& received = document.received();
  if (document.issued().to().empty()) return;
  if (!document.has_received()) {
    console.Print(console.Say("尚未签收。", "Not taken in yet."));
    return;
  }
  console.Print(absl::StrCat(console.Word("签收：", "taken in: "), session.names().Title(received.person()), " ",
                             session.Show(received.has_at(), received.at())));
  for (const v1::DocumentCaseLeft& left : received.left()) {
    console.Print(absl::StrCat(console.Word("  未随之签收：", "  left as it was: "),
                               left.number().empty() ? left.case_() : left.number(), "（", left.reason(), "）"));
  }
}

// To the files asked for; where none is, to the terminal.
int Deliver(Session& session, const v1::DocumentIssued& issued, const PrintOptions& options) {
  const Console& console = session.console();
  const auto fail = [&](const std::string& path) {
    return console.Fail(kExitUsage, absl::StrCat("写不了文件 ", path, "。"), absl::StrCat("Cannot write ", path, "."));
  };
  if (options.html.empty() && options.sheet.empty()) console.Print(DocumentText(issued, session.zone()));
  if (!options.html.empty()) {
    std::ofstream file(options.html, std::ios::binary);
    file << DocumentHtml(issued, session.zone());
    file.close();
    if (!file) return fail(options.html);
    console.Print(
        console.Say(absl::StrCat("已写入 ", options.html, "；用浏览器打印，纸张 A4，页边距取“默认”。"),
                    absl::StrCat("written to ", options.html, "; print it with a browser, A4, default margins")));
  }
  if (options.sheet.empty()) return kExitOk;
  if (!WriteSheet(issued, session.zone(), options.sheet)) return fail(options.sheet);
  console.Print(console.Say(absl::StrCat("已写入 ", options.sheet, "。"), absl::StrCat("written to ", options.sheet)));
  return kExitOk;
}

}  // namespace

int RunDocumentIssue(Session& session, const DocumentIssueOptions& options) {
  const Console& console = session.console();
  v1::IssueDocumentsRequest request;
  request.set_template_(KindNamed(session, options.document));
  for (const std::string& one : options.cases) request.add_cases(one);
  if (options.all && !FillFilter(session, options.filter, request.mutable_filter())) return kExitUsage;
  request.set_validate_only(options.preview);
  request.set_idempotency_key(options.key);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
    return kExitOk;
  }
  Table table({console.Say("文号", "number"), console.Say("主送", "to"), console.Say("事项", "cases"),
               console.Say("标题", "title")},
              kSummaryWidest);
  int64_t cases = 0;
  for (const v1::Document& document : answer->documents()) {
    const v1::DocumentIssued& issued = document.issued();
    cases += issued.cases_size();
    table.Add({issued.number(), issued.to_title(), absl::StrCat(issued.cases_size()), issued.title()});
  }
  console.PrintTable(table);
  const int64_t count = answer->documents_size();
  console.Print(options.preview
                    ? console.Say(absl::StrCat("将发 ", count, " 件，共 ", cases, " 项；尚未发出，没有占用文号。"),
                                  absl::StrCat(count, " would be issued about ", cases, " cases; nothing was."))
                    : console.Say(absl::StrCat("已发 ", count, " 件，共 ", cases, " 项。"),
                                  absl::StrCat(count, " issued about ", cases, " cases.")));
  return kExitOk;
}

int RunDocumentList(Session& session, const DocumentListOptions& options) {
  const Console& console = session.console();
  v1::ListDocumentsRequest request;
  if (!ReadUnit(session, options.to, request.mutable_to())) return kExitUsage;
  if (!ReadUnit(session, options.from, request.mutable_from())) return kExitUsage;
  request.set_template_(KindNamed(session, options.document));
  request.set_unreceived(options.unreceived);
  request.set_page_size(kPage);
  Table table({console.Say("文号", "number"), console.Say("发文", "from"), console.Say("主送", "to"),
               console.Say("事项", "cases"), console.Say("发文时间", "issued"), console.Say("签收时间", "taken in"),
               console.Say("标题", "title")},
              kSummaryWidest);
  do {
    int code = kExitOk;
    auto page = session.Call(v1::ListDocumentsRequest(request), &code);
    if (page == nullptr) return code;
    if (session.json()) console.PrintJson(*page);
    for (const v1::DocumentRow& row : page->documents()) {
      table.Add({row.number(), row.from_title(), row.to_title(), absl::StrCat(row.cases()),
                 session.Show(row.has_issued_at(), row.issued_at()),
                 row.has_received_at() ? session.Show(true, row.received_at())
                 : row.to().empty()    ? ""
                                       : console.Say("（未签收）", "(not yet)"),
                 row.title()});
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  if (session.json()) return kExitOk;
  if (table.empty()) {
    console.Print(console.Say("没有您能查看的文书。", "no documents that you may see"));
  } else {
    console.PrintTable(table);
  }
  return kExitOk;
}

int RunDocumentShow(Session& session, const std::string& named) {
  int code = kExitOk;
  const auto found = Fetch(session, named, &code);
  if (found == nullptr) return code;
  const Console& console = session.console();
  if (session.json()) {
    console.PrintJson(found->document());
    return kExitOk;
  }
  console.Print(DocumentText(found->document().issued(), session.zone()));
  PrintCases(session, found->document());
  PrintReceipt(session, found->document());
  return kExitOk;
}

int RunDocumentReceive(Session& session, const DocumentReceiveOptions& options) {
  v1::ReceiveDocumentRequest request;
  request.set_document(options.document);
  request.set_reason(options.reason);
  request.set_idempotency_key(options.key);
  if (!options.entered_for.empty() && !session.ReadPerson(options.entered_for, request.mutable_entered_for())) {
    return kExitUsage;
  }
  if (!options.occurred.empty() && !session.ReadWhen(options.occurred, request.mutable_occurred_at())) {
    return kExitUsage;
  }
  int code = kExitOk;
  const auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    session.console().PrintJson(*answer);
    return kExitOk;
  }
  PrintReceipt(session, answer->document());
  return kExitOk;
}

int RunDocumentPrint(Session& session, const std::string& named, const PrintOptions& options) {
  int code = kExitOk;
  const auto found = Fetch(session, named, &code);
  return found == nullptr ? code : Deliver(session, found->document().issued(), options);
}

int RunReport(Session& session, const ReportOptions& options) {
  const Console& console = session.console();
  v1::IssueDocumentsRequest request;
  request.set_template_(options.name);
  request.set_period(options.period);
  if (!ReadUnit(session, options.from, request.mutable_from())) return kExitUsage;
  if (!ReadUnit(session, options.to, request.mutable_to())) return kExitUsage;
  request.set_validate_only(!options.issue);
  request.set_idempotency_key(options.key);
  int code = kExitOk;
  const auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
    return kExitOk;
  }
  const v1::DocumentIssued& issued = answer->documents(0).issued();
  code = Deliver(session, issued, options.print);
  if (code != kExitOk) return code;
  console.Print(options.issue ? console.Say(absl::StrCat("已发 ", issued.number(), "。"),
                                            absl::StrCat("issued as ", issued.number()))
                              : console.Say("这是预览，没有发出，没有占用文号；发出请加 --issue。",
                                            "a preview: nothing was issued; --issue issues it"));
  return kExitOk;
}

}  // namespace duban::cli
