// Watching: events, and the rows of views, as they come.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/commands.h"
#include "clients/cli/labels.h"
#include "clients/cli/ledger_filter.h"
#include "clients/cli/render.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

// Ends a stream in which nothing has happened for a while; marks do not count.
class IdleGuard {
 public:
  template <typename Stream>
  IdleGuard(Stream& stream, double seconds) : for_(std::chrono::duration<double>(seconds)) {
    if (seconds <= 0) return;
    touched_ = std::chrono::steady_clock::now();
    thread_ = std::thread([this, &stream] {
      std::unique_lock<std::mutex> lock(mutex_);
      while (!ended_) {
        auto until = touched_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(for_);
        if (std::chrono::steady_clock::now() >= until) {
          fired_ = true;
          stream.Cancel();
          return;
        }
        changed_.wait_until(lock, until);
      }
    });
  }
  ~IdleGuard() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  void Touch() {
    std::lock_guard<std::mutex> lock(mutex_);
    touched_ = std::chrono::steady_clock::now();
  }
  bool fired() const { return fired_; }

 private:
  const std::chrono::duration<double> for_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::chrono::steady_clock::time_point touched_;  // Guarded by mutex_.
  bool ended_ = false;                             // Guarded by mutex_.
  std::atomic<bool> fired_{false};
  std::thread thread_;
};

// How a stream's end turns into an exit code.
template <typename Stream>
int Ended(Session& session, Stream& stream, bool idle) {
  client::Error error = stream.error();
  return idle || error.ok() || error.code == absl::StatusCode::kCancelled ? static_cast<int>(kExitOk)
                                                                          : session.Fail(error);
}

std::string RowLine(Session& session, const v1::LedgerRow& row) {
  const Console& console = session.console();
  return absl::StrJoin({row.number().empty() ? row.case_() : row.number(), console.Say(row.stage_title()),
                        console.Say(LightText(row.light())), console.Say(TimelinessText(row.timeliness())),
                        FitWidth(row.subject(), 40), session.Show(row.has_due(), row.due())},
                       "  ");
}

// A row of a view that has no table of its own.
std::string OtherLine(Session& session, const v1::ViewRow& row) {
  const Console& console = session.console();
  std::vector<std::string> cells;
  if (row.has_item()) {
    const v1::WorklistItem& item = row.item();
    std::vector<std::string> actions;
    for (const auto& action : item.actions()) actions.push_back(console.Say(action.title()));
    cells = {item.number().empty() ? item.case_() : item.number(),
             console.Say(item.stage_title()),
             console.Say(LightText(item.light())),
             FitWidth(item.subject(), 40),
             session.Show(item.has_due(), item.due()),
             absl::StrJoin(actions, "、")};
  } else if (row.has_entry()) {
    const v1::TimelineEntry& entry = row.entry();
    cells = {session.Show(entry.has_at(), entry.at()), console.Say(entry.title()), entry.person(), entry.reason()};
  } else if (row.has_count()) {
    const v1::MetricCount& count = row.count();
    cells = {count.month(), count.procedure(), count.unit(), count.measure(), absl::StrCat(count.count())};
  } else if (row.has_register_()) {
    const v1::RegisterEntry& entry = row.register_();
    cells = {entry.register_(), entry.subject_title(), console.Say(entry.reason()), entry.number(),
             session.Show(entry.has_until(), entry.until())};
  } else if (row.has_document()) {
    const v1::DocumentRow& document = row.document();
    cells = {document.number(), document.to_title(), document.title(), absl::StrCat(document.cases()),
             document.has_received_at() ? session.Show(true, document.received_at())
                                        : console.Say("（未签收）", "(not yet)")};
  } else if (row.has_unit()) {
    const v1::UnitProfile& unit = row.unit();
    cells = {unit.unit(),
             absl::StrCat("在办 open ", unit.open()),
             absl::StrCat("逾期 overdue ", unit.overdue()),
             absl::StrCat("将到期 due soon ", unit.due_soon()),
             absl::StrCat("按期办结 on time ", unit.ended_on_time()),
             absl::StrCat("逾期办结 late ", unit.ended_late())};
  }
  return absl::StrJoin(cells, "  ");
}

// `of`: which view, where there are several.
void PrintChange(Session& session, const std::string& of, const v1::WatchViewResponse::Change& change) {
  const Console& console = session.console();
  switch (change.row_case()) {
    case v1::WatchViewResponse::Change::kLedger:
      console.Print(absl::StrCat(of, "+ ", RowLine(session, change.ledger())));
      break;
    case v1::WatchViewResponse::Change::kAlert: {
      std::vector<std::string> cells;
      for (const Table::Cell& cell : AlertCells(session, change.alert())) cells.push_back(cell.text);
      console.Print(absl::StrCat(of, "! ", absl::StrJoin(cells, "  ")));
      break;
    }
    case v1::WatchViewResponse::Change::kOther:
      console.Print(absl::StrCat(of, "+ ", OtherLine(session, change.other())));
      break;
    case v1::WatchViewResponse::Change::ROW_NOT_SET:
      console.Print(absl::StrCat(of, "- ", change.key()));
      break;
  }
}

void PrintView(Session& session, const std::string& of, const v1::WatchViewResponse& message, bool* caught_up) {
  const Console& console = session.console();
  switch (message.kind_case()) {
    case v1::WatchViewResponse::kBegin:
      if (!message.begin().resumed()) *caught_up = false;
      break;
    case v1::WatchViewResponse::kChanges:
      for (const auto& change : message.changes().changes()) PrintChange(session, of, change);
      break;
    case v1::WatchViewResponse::kMark:
      if (!*caught_up && message.mark().caught_up()) {
        *caught_up = true;
        console.Remark(
            absl::StrCat(of, "—— 以上为现状，共 ", message.mark().item_count(), " 项；以下为变化 ——"),
            absl::StrCat(of, "-- above: as it stands, ", message.mark().item_count(), " rows; below: changes --"));
      }
      break;
    case v1::WatchViewResponse::kReset:
      console.Remark(absl::StrCat(of, "重新取数（", message.reset().reason(), "）。"),
                     absl::StrCat(of, "Begins anew (", message.reset().reason(), ")."));
      break;
    case v1::WatchViewResponse::KIND_NOT_SET:
      break;
  }
}

// A case whose opening came before this watch is asked for once, so that its lines have its number and its words.
void MeetCase(Session& session, const v1::EventRecord& record, std::set<std::string>* met, Renderer* renderer) {
  if (!absl::StartsWith(record.stream(), "cases/") || !met->insert(record.stream()).second) return;
  if (record.event().has_case_opened()) return;
  v1::GetCaseRequest request;
  request.set_case_(record.stream());
  auto answer = session.client().Call(request);
  if (!answer.ok()) return;  // Hidden by now: the line stands with the name alone.
  const v1::Case& c = answer->case_();
  renderer->Know(record.stream(), c.number(), c.procedure(), c.procedure_version());
}

int WatchEvents(Session& session, const WatchOptions& options) {
  const Console& console = session.console();
  v1::WatchEventsRequest request;
  if (options.from == "beginning") {
    request.set_beginning(true);
  } else if (!options.from.empty()) {
    request.set_after(options.from);
  }
  request.set_stream(options.case_name);
  Renderer renderer(
      session.names(),
      [&](const std::string& procedure, uint32_t version) -> const ProcedureWords& {
        return session.words(procedure, version);
      },
      session.zone(), options.case_name.empty());
  auto watch = session.client().WatchEvents(request);
  bool idle = false;
  std::string token;
  std::set<std::string> met;
  {
    IdleGuard guard(*watch, options.until_idle_s);
    for (v1::WatchEventsResponse message; watch->Next(&message);) {
      if (message.events_size() > 0) guard.Touch();
      if (message.has_mark()) token = message.mark().resume_token();
      if (session.json()) {
        console.PrintJson(message);
        continue;
      }
      for (const v1::EventRecord& record : message.events()) {
        MeetCase(session, record, &met, &renderer);
        console.Print(console.Say(renderer.Line(record)));
      }
    }
    idle = guard.fired();
  }
  if (!token.empty()) {
    console.Remark(absl::StrCat("接着看：--from ", token), absl::StrCat("To go on: --from ", token));
  }
  return Ended(session, *watch, idle);
}

v1::View ViewNamed(const std::string& name) {
  v1::View view = v1::VIEW_UNSPECIFIED;
  return v1::View_Parse(absl::StrCat("VIEW_", absl::AsciiStrToUpper(name)), &view) ? view : v1::VIEW_UNSPECIFIED;
}

// Fills the conditions given as label=value; false after saying what is wrong.
bool FillWhere(Session& session, const std::vector<std::string>& where, v1::ViewFilter* filter) {
  for (const std::string& condition : where) {
    const size_t equals = condition.find('=');
    if (equals == std::string::npos || equals == 0) {
      session.console().Fail(kExitUsage, absl::StrCat("条件应写作 标签=值：", condition),
                             absl::StrCat("a condition reads label=value: ", condition));
      return false;
    }
    (*filter->mutable_labels())[condition.substr(0, equals)] = condition.substr(equals + 1);
  }
  return true;
}

// The name of the case whose timeline is watched; empty after saying why there is none.
std::string CaseNamed(Session& session, const std::string& named) {
  if (absl::StartsWith(named, "cases/")) return named;
  v1::GetCaseRequest request;
  request.set_case_(named);
  auto answer = session.client().Call(request);
  if (answer.ok()) return answer->case_().name();
  session.Fail(answer.error());
  return "";
}

int WatchRows(Session& session, const WatchOptions& options) {
  v1::WatchViewRequest request;
  request.set_view(ViewNamed(options.view));
  if (options.view == "ledger" && !FillFilter(session, options.filter, request.mutable_filter())) return kExitUsage;
  if (!FillWhere(session, options.where, request.mutable_rows())) return kExitUsage;
  if (options.view == "timeline") {
    const std::string name = CaseNamed(session, options.case_name);
    if (name.empty()) return kExitRefused;
    (*request.mutable_rows()->mutable_labels())["case"] = name;
  }
  auto watch = session.client().WatchView(request);
  bool idle = false;
  bool caught_up = false;
  {
    IdleGuard guard(*watch, options.until_idle_s);
    for (v1::WatchViewResponse message; watch->Next(&message);) {
      if (!message.has_mark()) guard.Touch();
      if (session.json()) {
        session.console().PrintJson(message);
      } else {
        PrintView(session, "", message, &caught_up);
      }
    }
    idle = guard.fired();
  }
  return Ended(session, *watch, idle);
}

int WatchMany(Session& session, const WatchOptions& options) {
  std::vector<v1::WatchTarget> targets;
  for (const std::string& name : options.views) {
    v1::WatchTarget& target = targets.emplace_back();
    target.set_target(name);
    target.mutable_view()->set_view(ViewNamed(name));
  }
  auto watch = session.client().WatchMany(targets);
  bool idle = false;
  std::map<std::string, bool> caught_up;
  {
    IdleGuard guard(*watch, options.until_idle_s);
    for (v1::WatchManyResponse message; watch->Next(&message);) {
      if (!message.view().has_mark()) guard.Touch();
      if (session.json()) {
        session.console().PrintJson(message);
      } else if (message.has_ended()) {
        session.console().Remark(absl::StrCat(message.target(), "：已结束。", message.ended().message()),
                                 absl::StrCat(message.target(), ": ended. ", message.ended().message()));
      } else {
        PrintView(session, absl::StrCat(message.target(), " "), message.view(), &caught_up[message.target()]);
      }
    }
    idle = guard.fired();
  }
  return Ended(session, *watch, idle);
}

}  // namespace

int RunWatch(Session& session, const WatchOptions& options) {
  if (options.view == "events") return WatchEvents(session, options);
  return options.view == "many" ? WatchMany(session, options) : WatchRows(session, options);
}

}  // namespace duban::cli
