#include "clients/cli/balance.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "clients/cli/commands.h"
#include "clients/cli/ledger_filter.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

constexpr int64_t kOne = 1'000'000;           // Millionths of a whole; more places are no number here.
constexpr int64_t kMost = 1'000'000'000'000;  // Beyond it, in wholes, sums could leave the range.
constexpr int kPage = 500;

// A plain number in millionths; nothing for what is missing, approximate, masked or longer.
std::optional<int64_t> Millionths(absl::string_view text) {
  const bool minus = absl::ConsumePrefix(&text, "-");
  const size_t point = text.find('.');
  absl::string_view whole = text.substr(0, point);
  std::string part(point == absl::string_view::npos ? "" : text.substr(point + 1));
  const auto digits = [](absl::string_view all) {
    for (const char c : all) {
      if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
    }
    return !all.empty();
  };
  if (!digits(whole) || part.size() > 6 || (point != absl::string_view::npos && !digits(part))) return std::nullopt;
  part.resize(6, '0');
  int64_t wholes = 0, parts = 0;
  if (!absl::SimpleAtoi(whole, &wholes) || wholes > kMost || !absl::SimpleAtoi(part, &parts)) return std::nullopt;
  const int64_t value = wholes * kOne + parts;
  return minus ? -value : value;
}

std::string ColumnOf(const v1::LedgerRow& row, const std::string& field) {
  for (const auto& column : row.columns()) {
    if (column.field() == field || column.title().zh() == field) return absl::StrJoin(column.shown(), "、");
  }
  return "";
}

// Every row of a procedure's ledger; false after saying why they cannot be read.
bool ReadRows(Session& session, const std::string& procedure, const std::string& as_of,
              std::vector<v1::LedgerRow>* rows, int* code) {
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  (*request.mutable_filter()->mutable_labels())["procedure"] = procedure;
  if (!as_of.empty() && !session.ReadAsOf(as_of, request.mutable_as_of())) {
    *code = kExitUsage;
    return false;
  }
  request.set_page_size(kPage);
  do {
    const auto page = session.Call(v1::QueryViewRequest(request), code);
    if (page == nullptr) return false;
    for (const v1::ViewRow& row : page->rows()) rows->push_back(row.ledger());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return true;
}

}  // namespace

std::string ShowMillionths(int64_t millionths, bool with_sign) {
  const int64_t size = millionths < 0 ? -millionths : millionths;
  std::string part = absl::StrCat(size % kOne + kOne).substr(1);
  while (!part.empty() && part.back() == '0') part.pop_back();
  return absl::StrCat(millionths < 0                ? "-"
                      : with_sign && millionths > 0 ? "+"
                                                    : "",
                      size / kOne, part.empty() ? "" : ".", part);
}

Balance BalanceOf(const std::vector<v1::LedgerRow>& then, const std::vector<v1::LedgerRow>& later,
                  const std::string& goal, const std::string& done) {
  std::map<std::string, const v1::LedgerRow*> now;
  for (const v1::LedgerRow& row : later) now[row.case_()] = &row;
  Balance out;
  for (const v1::LedgerRow& before : then) {
    Balanced& one = out.rows.emplace_back();
    const auto found = now.find(before.case_());
    one.row = found == now.end() ? before : *found->second;
    one.goal = ColumnOf(before, goal);
    if (found == now.end()) continue;
    one.goal_later = ColumnOf(one.row, goal);
    one.done = ColumnOf(one.row, done);
    out.moved += one.goal_later == one.goal ? 0 : 1;
    now.erase(found);
    const std::optional<int64_t> wanted = Millionths(one.goal), reached = Millionths(one.done);
    if (!wanted.has_value() || !reached.has_value()) continue;
    one.difference = *reached - *wanted;
    out.goal += *wanted;
    out.done += *reached;
    ++out.compared;
  }
  for (const v1::LedgerRow& row : later) {
    if (now.count(row.case_()) == 0) continue;
    out.rows.push_back({row, "", ColumnOf(row, goal), ColumnOf(row, done), std::nullopt});
  }
  return out;
}

int RunBalance(Session& session, const BalanceOptions& options) {
  const Console& console = session.console();
  const std::string procedure = session.ProcedureNamed(options.procedure);
  const ProcedureWords& words = session.words(procedure);
  const std::string goal = FieldNamed(words, options.goal), done = FieldNamed(words, options.done);
  for (const auto& [field, written] : {std::pair(goal, options.goal), std::pair(done, options.done)}) {
    if (words.fields.count(field) > 0) continue;
    return console.Fail(kExitUsage, absl::StrCat("规程“", options.procedure, "”没有字段“", written, "”。"),
                        absl::StrCat("Procedure ", procedure, " has no field \"", written, "\"."));
  }
  std::vector<v1::LedgerRow> then, later;
  int code = kExitOk;
  if (!ReadRows(session, procedure, options.frozen, &then, &code) ||
      !ReadRows(session, procedure, options.as_of, &later, &code)) {
    return code;
  }
  const Balance balance = BalanceOf(then, later, goal, done);
  const std::string missing = console.Say("（没有）", "(none)");
  const std::string when = options.as_of.empty() ? console.Say("现在", "now") : options.as_of;
  const auto shown = [&](const std::string& value) { return value.empty() ? missing : value; };
  const std::string goal_title = console.Say(words.fields.at(goal).title);
  Table table({console.Say("编号", "number"), console.Say("事项", "subject"), console.Say("责任单位", "owner"),
               absl::StrCat(goal_title, " ", options.frozen), absl::StrCat(goal_title, " ", when),
               absl::StrCat(console.Say(words.fields.at(done).title), " ", when), console.Say("差", "difference")},
              40);
  for (const Balanced& one : balance.rows) {
    table.Add({one.row.number().empty() ? one.row.case_() : one.row.number(), one.row.subject(),
               OwnerOf(session, one.row), shown(one.goal), shown(one.goal_later), shown(one.done),
               one.difference.has_value() ? ShowMillionths(*one.difference, true)
                                          : console.Say("无从比较", "not comparable")});
  }
  console.PrintTable(table);
  const std::string difference = ShowMillionths(balance.done - balance.goal, true);
  const int64_t left = static_cast<int64_t>(balance.rows.size()) - balance.compared;
  console.Print(console.Say(
      absl::StrCat("可比的 ", balance.compared, " 件：目标 ", ShowMillionths(balance.goal), "，完成 ",
                   ShowMillionths(balance.done), "，差 ", difference, "。另有 ", left, " 件没有数或不是确数，未计入。",
                   balance.moved, " 件的目标与 ", options.frozen, " 不同。"),
      absl::StrCat(balance.compared, " compared: goal ", ShowMillionths(balance.goal), ", done ",
                   ShowMillionths(balance.done), ", difference ", difference, "; ", left,
                   " without an exact number are left out; ", balance.moved, " goals are others than on ",
                   options.frozen, ".")));
  return kExitOk;
}

}  // namespace duban::cli
