// Registers: who stands in one, why, until when.
#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"

namespace duban::cli {

int RunRegisterList(Session& session, const RegisterOptions& options) {
  const Console& console = session.console();
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_REGISTERS);
  (*request.mutable_filter()->mutable_labels())["register"] = session.RegisterNamed(options.name);
  if (!options.as_of.empty() && !session.ReadAsOf(options.as_of, request.mutable_as_of())) return kExitUsage;
  request.set_page_size(500);
  Table table({console.Say("对象", "who"), console.Say("事由", "why"), console.Say("自", "from"),
               console.Say("至", "until"), console.Say("来自事项", "case")},
              48);
  while (true) {
    int code = kExitOk;
    auto page = session.Call(request, &code);
    if (page == nullptr) return code;
    if (session.json()) console.PrintJson(*page);
    for (const v1::ViewRow& row : page->rows()) {
      const v1::RegisterEntry& entry = row.register_();
      table.Add({entry.subject_title().empty() ? entry.subject() : entry.subject_title(), console.Say(entry.reason()),
                 session.Show(entry.has_from(), entry.from()),
                 entry.has_until() ? session.Show(true, entry.until()) : console.Say("移出为止", "lifted"),
                 entry.number().empty() ? entry.case_() : entry.number()});
    }
    if (!page->next_page_token().empty()) {
      request.set_page_token(page->next_page_token());
      continue;
    }
    if (session.json()) return kExitOk;
    if (table.empty()) {
      console.Print(console.Say("没有您可以查看的条目。", "No entries that you may see."));
    } else {
      console.PrintTable(table);
    }
    console.Print(absl::StrCat(console.Word("截至 ", "as of "),
                               session.Show(page->has_timers_fired_to(), page->timers_fired_to()),
                               page->virtual_clock() ? console.Word("（虚拟时钟）", " (virtual clock)") : ""));
    return kExitOk;
  }
}

}  // namespace duban::cli
