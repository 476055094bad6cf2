// What differs between two times: what came, what changed, what went.
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/commands.h"
#include "clients/cli/labels.h"
#include "clients/cli/ledger_filter.h"

namespace duban::cli {
namespace {

v1::View ViewOf(const std::string& word) {
  if (word == "alerts") return v1::VIEW_ALERTS;
  if (word == "inbox") return v1::VIEW_WORKLIST;
  if (word == "registers") return v1::VIEW_REGISTERS;
  return v1::VIEW_LEDGER;
}

// A row as a comparison shows it: which matter, and how it stood.
struct Shown {
  std::string number, subject, how;
};

Shown ShownOf(Session& session, const v1::ViewRow& row) {
  const Console& console = session.console();
  const auto named = [](const std::string& number, const std::string& name) { return number.empty() ? name : number; };
  if (row.has_alert()) {
    const v1::Alert& alert = row.alert();
    return {named(alert.number(), alert.case_()), alert.subject(), console.Say(alert.title())};
  }
  if (row.has_item()) {
    const v1::WorklistItem& item = row.item();
    std::vector<std::string> parts = {session.names().Title(item.assignee()), console.Say(item.stage_title())};
    return {named(item.number(), item.case_()), item.subject(), absl::StrJoin(parts, " · ")};
  }
  if (row.has_register_()) {
    const v1::RegisterEntry& entry = row.register_();
    return {named(entry.number(), entry.case_()), entry.subject_title(), console.Say(entry.reason())};
  }
  const v1::LedgerRow& ledger = row.ledger();
  std::vector<std::string> parts = {console.Say(ledger.stage_title()), console.Say(LightText(ledger.light())),
                                    console.Say(TimelinessText(ledger.timeliness())),
                                    session.Show(ledger.has_due(), ledger.due())};
  parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
  return {named(ledger.number(), ledger.case_()), ledger.subject(), absl::StrJoin(parts, " · ")};
}

}  // namespace

int RunCompare(Session& session, const CompareOptions& options) {
  const Console& console = session.console();
  v1::CompareViewRequest request;
  request.set_view(ViewOf(options.view));
  request.set_page_size(options.filter.page_size);
  if (!FillFilter(session, options.filter, request.mutable_filter())) return kExitUsage;
  if (!session.ReadAsOf(options.from, request.mutable_from())) return kExitUsage;
  if (!options.to.empty() && !session.ReadAsOf(options.to, request.mutable_to())) return kExitUsage;
  Table table({console.Say("变化", "change"), console.Say("编号", "number"), console.Say("事项", "subject"),
               console.Say("当时", "before"), console.Say("后来", "after")},
              40);
  int64_t shown = 0;
  bool more = false;
  do {
    int code = kExitOk;
    auto page = session.Call(request, &code);
    if (page == nullptr) return code;
    if (session.json()) console.PrintJson(*page);
    for (const v1::ViewDifference& difference : page->differences()) {
      const bool came = !difference.has_before(), went = !difference.has_after();
      const Shown before = came ? Shown() : ShownOf(session, difference.before());
      const Shown after = went ? Shown() : ShownOf(session, difference.after());
      const Shown& newest = went ? before : after;
      table.Add({came   ? console.Say("新增", "came")
                 : went ? console.Say("消失", "went")
                        : console.Say("变更", "changed"),
                 newest.number, newest.subject, before.how, after.how});
    }
    shown += page->differences_size();
    more = !page->next_page_token().empty();
    request.set_page_token(page->next_page_token());
  } while (more && options.filter.all);
  if (session.json()) return kExitOk;
  if (table.empty()) {
    console.Print(console.Say("没有变化。", "Nothing differs."));
  } else {
    console.PrintTable(table);
  }
  const std::string to = options.to.empty() ? console.Word("现在", "now") : options.to;
  console.Print(console.Say(
      absl::StrCat("从 ", options.from, " 到 ", to, "，", shown, " 处变化，今天可见的部分"),
      absl::StrCat("from ", options.from, " to ", to, ", ", shown, " differences, of what you may see today")));
  if (more) console.Print(console.Say("还有更多，加 --all 显示全部。", "There is more; --all shows everything."));
  return kExitOk;
}

}  // namespace duban::cli
