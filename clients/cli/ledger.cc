// Lists: the ledger (台账), what waits for me (待办), alerts.
#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "clients/cli/commands.h"
#include "clients/cli/dates.h"
#include "clients/cli/labels.h"
#include "clients/cli/ledger_filter.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

std::string Until(Session& session, bool has, const google::protobuf::Timestamp& fired_to, bool virtual_clock) {
  const Console& console = session.console();
  return absl::StrCat(console.Word("截至 ", "as of "), session.Show(has, fired_to),
                      virtual_clock ? console.Word("（虚拟时钟）", " (virtual clock)") : "");
}

// Pages through a list: `each` prints a page. Stops after the first one unless `all`.
template <typename Request, typename Each>
int Pages(Session& session, Request request, bool all, Each each) {
  while (true) {
    int code = kExitOk;
    auto page = session.Call(request, &code);
    if (page == nullptr) return code;
    bool more = !page->next_page_token().empty();
    if (session.json()) {
      session.console().PrintJson(*page);
    } else {
      each(*page, all && more);
    }
    if (!more || !all) return kExitOk;
    request.set_page_token(page->next_page_token());
  }
}

void MoreRemark(const Console& console, bool more) {
  if (more) console.Print(console.Say("还有更多，加 --all 显示全部。", "There is more; --all shows everything."));
}

}  // namespace

std::string OwnerOf(Session& session, const v1::LedgerRow& row) {
  const std::string& answers = session.words(row.procedure()).answers;
  for (const auto& party : row.parties()) {
    if (party.party() == answers) return absl::StrJoin(party.titles(), "、");
  }
  return "";
}

// "红" is "red": as the ledger shows it.
std::string ColourOf(const std::string& text) {
  for (const char* colour : {"red", "yellow", "green", "orange", "purple", "blue"}) {
    v1::Light light;
    light.set_colour(colour);
    if (LightText(light).zh() == text) return colour;
  }
  return text;
}

bool FillFilter(Session& session, const LedgerOptions& options, v1::LedgerFilter* filter) {
  filter->set_procedure(session.ProcedureNamed(options.procedure));
  const bool titled = !filter->procedure().empty() && !IsAscii(options.stage);
  filter->set_stage(titled ? NameOf(session.words(filter->procedure()).stages, options.stage) : options.stage);
  filter->set_light(ColourOf(options.light));
  filter->set_text(options.text);
  filter->set_open_only(options.open_only);
  if (!options.timeliness.empty()) {
    filter->set_timeliness(ReadTimeliness(options.timeliness));
    if (filter->timeliness() == v1::TIMELINESS_UNSPECIFIED) {
      session.console().Remark(
          absl::StrCat("--timeliness 只有 on_time、due_soon、overdue、ended_on_time、ended_late、no_deadline，没有“",
                       options.timeliness, "”。"),
          absl::StrCat("--timeliness is on_time, due_soon, overdue, ended_on_time, ended_late or no_deadline, not \"",
                       options.timeliness, "\"."));
      return false;
    }
  }
  if (!options.party.empty()) {
    ReadValue party = ReadReference(options.party, "", session.names());
    if (!party.ok()) {
      session.console().Remark(party.fault);
      return false;
    }
    filter->set_party(party.value->reference());
  }
  if (options.due_by.empty()) return true;
  auto day = ReadDay(options.due_by);
  if (!day) {
    session.console().Remark(absl::StrCat("--due-by “", options.due_by, "”不是日期，应写作 2026-10-08。"),
                             absl::StrCat("--due-by \"", options.due_by, "\" is not a date; write 2026-10-08."));
    return false;
  }
  filter->set_due_by(ShowDay(*day));
  return true;
}

namespace {

// As the view's label says it: "overdue".
std::string NameOfTimeliness(v1::Timeliness timeliness) {
  if (timeliness == v1::TIMELINESS_UNSPECIFIED) return "";
  return absl::AsciiStrToLower(absl::StripPrefix(v1::Timeliness_Name(timeliness), "TIMELINESS_"));
}

}  // namespace

bool FillFilter(Session& session, const LedgerOptions& options, v1::ViewFilter* filter) {
  v1::LedgerFilter checked;
  if (!FillFilter(session, options, &checked)) return false;
  auto& labels = *filter->mutable_labels();
  for (const auto& [label, value] :
       {std::pair("procedure", checked.procedure()), std::pair("stage", checked.stage()),
        std::pair("light", checked.light()), std::pair("timeliness", NameOfTimeliness(checked.timeliness())),
        std::pair("party", checked.party()), std::pair("state", std::string(options.open_only ? "open" : ""))}) {
    if (!value.empty()) labels[label] = value;
  }
  filter->set_text(checked.text());
  filter->set_due_by(checked.due_by());
  return true;
}

namespace {

// Asks for rows as of some time, and shows them as those of now are shown.
template <typename Response, typename Take>
Response AsList(const v1::QueryViewResponse& page, Take take) {
  Response out;
  for (const v1::ViewRow& row : page.rows()) take(out, row);
  out.set_next_page_token(page.next_page_token());
  out.set_virtual_clock(page.virtual_clock());
  if constexpr (requires { out.set_total_size(0); }) {
    if (page.has_total_size()) out.set_total_size(page.total_size());
  }
  return out;
}

// How an answer about the past was made.
std::string ThenText(const Console& console, const std::string& as_of, const v1::PastAnswer& past) {
  const bool scratch = past.source() == v1::PastAnswer::SOURCE_SCRATCH;
  return console.Say(absl::StrCat(as_of, " 当时的记载", scratch ? "（重读历史得出）" : "", "，今天可见的部分"),
                     absl::StrCat("as known at ", as_of, scratch ? " (by reading the history again)" : "",
                                  ", what you may see today"));
}

// What parts come to has a column where some row has parts.
Table LedgerTable(Session& session, const std::vector<v1::LedgerRow>& rows) {
  const Console& console = session.console();
  const bool parts = std::any_of(rows.begin(), rows.end(), [](const v1::LedgerRow& row) { return row.has_parts(); });
  std::vector<std::string> heads = {console.Say("编号", "number"),    console.Say("事项", "subject"),
                                    console.Say("责任单位", "owner"), console.Say("环节", "stage"),
                                    console.Say("灯", "light"),       console.Say("时限情况", "timeliness"),
                                    console.Say("期限", "due")};
  if (parts) heads.push_back(console.Say("组成部分", "parts"));
  Table table(std::move(heads), 40);
  for (const v1::LedgerRow& row : rows) {
    std::vector<Table::Cell> cells = {row.number().empty() ? row.case_() : row.number(),
                                      row.subject(),
                                      OwnerOf(session, row),
                                      console.Say(row.stage_title()),
                                      {console.Say(LightText(row.light())), LightInk(row.light())},
                                      console.Say(TimelinessText(row.timeliness())),
                                      session.Show(row.has_due(), row.due())};
    if (parts) cells.emplace_back(row.has_parts() ? console.Say(PartsText(row.parts())) : "");
    table.Add(std::move(cells));
  }
  return table;
}

}  // namespace

int RunLedger(Session& session, const LedgerOptions& options) {
  const Console& console = session.console();
  v1::QueryLedgerRequest request;
  if (!FillFilter(session, options, request.mutable_filter())) return kExitUsage;
  request.set_page_size(options.page_size);
  const bool all = options.all || options.by_due;
  std::vector<v1::LedgerRow> rows;
  const auto show = [&](const v1::QueryLedgerResponse& page, bool goes_on, const std::string& until) {
    rows.insert(rows.end(), page.rows().begin(), page.rows().end());
    if (goes_on) return;
    // What is due earliest, and so longest overdue, comes first; what has no deadline last.
    const auto due = [](const v1::LedgerRow& row) { return row.has_due() ? row.due().seconds() : INT64_MAX; };
    if (options.by_due) {
      std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) { return due(a) < due(b); });
    }
    console.PrintTable(LedgerTable(session, rows));
    std::string total = page.has_total_size() ? absl::StrCat("/", page.total_size()) : "";
    console.Print(absl::StrCat(console.Word("共 ", "rows "), rows.size(), total, console.Word(" 项，", ", "), until));
    MoreRemark(console, !page.next_page_token().empty());
  };
  if (options.as_of.empty()) {
    return Pages(session, std::move(request), all, [&](const v1::QueryLedgerResponse& page, bool goes_on) {
      show(page, goes_on, Until(session, page.has_timers_fired_to(), page.timers_fired_to(), page.virtual_clock()));
    });
  }
  v1::QueryViewRequest then;
  then.set_view(v1::VIEW_LEDGER);
  if (!FillFilter(session, options, then.mutable_filter())) return kExitUsage;
  if (!session.ReadAsOf(options.as_of, then.mutable_as_of())) return kExitUsage;
  then.set_page_size(options.page_size);
  return Pages(session, std::move(then), all, [&](const v1::QueryViewResponse& page, bool goes_on) {
    show(AsList<v1::QueryLedgerResponse>(page, [](auto& out, const auto& row) { *out.add_rows() = row.ledger(); }),
         goes_on, ThenText(console, options.as_of, page.past()));
  });
}

int RunInbox(Session& session, bool all) {
  const Console& console = session.console();
  Table table({console.Say("编号", "number"), console.Say("事项", "subject"), console.Say("环节", "stage"),
               console.Say("灯", "light"), console.Say("期限", "due"), console.Say("可办", "may be done"),
               console.Say("办理者", "for")},
              40);
  return Pages(session, v1::ListWorklistRequest(), all, [&](const v1::ListWorklistResponse& page, bool goes_on) {
    for (const v1::WorklistItem& item : page.items()) {
      std::vector<std::string> actions;
      for (const auto& action : item.actions()) {
        actions.push_back(absl::StrCat(action.action(), " ", console.Say(action.title())));
      }
      table.Add({item.number().empty() ? item.case_() : item.number(),
                 item.subject(),
                 console.Say(item.stage_title()),
                 {console.Say(LightText(item.light())), LightInk(item.light())},
                 session.Show(item.has_due(), item.due()),
                 absl::StrJoin(actions, "，"),
                 session.names().Title(item.assignee())});
    }
    if (goes_on) return;
    if (table.empty()) {
      console.Print(console.Say("没有待办。", "Nothing waits for you."));
    } else {
      console.PrintTable(table);
    }
    console.Print(Until(session, page.has_timers_fired_to(), page.timers_fired_to(), page.virtual_clock()));
    MoreRemark(console, !page.next_page_token().empty());
  });
}

std::vector<Table::Cell> AlertCells(Session& session, const v1::Alert& alert) {
  const Console& console = session.console();
  std::vector<std::string> charged;
  for (const std::string& id : alert.charged_to()) charged.push_back(session.names().Title(id));
  v1::Text kind = AlertKindText(alert.kind(), alert.title());
  Ink ink = alert.kind() == "reminder" ? Ink::kYellow : Ink::kRed;
  return {session.Show(alert.has_at(), alert.at()),
          {console.Say(kind), ink},
          alert.number().empty() ? alert.case_() : alert.number(),
          alert.subject(),
          console.Say(alert.title()),
          session.Show(alert.has_due(), alert.due()),
          absl::StrJoin(charged, "、")};
}

int RunAlerts(Session& session, bool all, const std::string& as_of) {
  const Console& console = session.console();
  Table table({console.Say("时间", "at"), console.Say("预警", "kind"), console.Say("编号", "number"),
               console.Say("事项", "subject"), console.Say("内容", "what"), console.Say("期限", "due"),
               console.Say("责任", "charged to")},
              36);
  const auto show = [&](const v1::ListAlertsResponse& page, bool goes_on, const std::string& until) {
    for (const v1::Alert& alert : page.alerts()) table.Add(AlertCells(session, alert));
    if (goes_on) return;
    if (table.empty()) {
      console.Print(console.Say("没有预警。", "No alerts stand."));
    } else {
      console.PrintTable(table);
    }
    console.Print(until);
    MoreRemark(console, !page.next_page_token().empty());
  };
  if (as_of.empty()) {
    return Pages(session, v1::ListAlertsRequest(), all, [&](const v1::ListAlertsResponse& page, bool goes_on) {
      show(page, goes_on, Until(session, page.has_timers_fired_to(), page.timers_fired_to(), page.virtual_clock()));
    });
  }
  v1::QueryViewRequest then;
  then.set_view(v1::VIEW_ALERTS);
  if (!session.ReadAsOf(as_of, then.mutable_as_of())) return kExitUsage;
  return Pages(session, std::move(then), all, [&](const v1::QueryViewResponse& page, bool goes_on) {
    show(AsList<v1::ListAlertsResponse>(page, [](auto& out, const auto& row) { *out.add_alerts() = row.alert(); }),
         goes_on, ThenText(console, as_of, page.past()));
  });
}

}  // namespace duban::cli
