// Watching: events, the ledger, alerts, as they come.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

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

void PrintChange(Session& session, const v1::WatchViewResponse::Change& change) {
  const Console& console = session.console();
  switch (change.row_case()) {
    case v1::WatchViewResponse::Change::kLedger:
      console.Print(absl::StrCat("+ ", RowLine(session, change.ledger())));
      break;
    case v1::WatchViewResponse::Change::kAlert: {
      std::vector<std::string> cells;
      for (const Table::Cell& cell : AlertCells(session, change.alert())) cells.push_back(cell.text);
      console.Print(absl::StrCat("! ", absl::StrJoin(cells, "  ")));
      break;
    }
    case v1::WatchViewResponse::Change::kOther:
    case v1::WatchViewResponse::Change::ROW_NOT_SET:
      console.Print(absl::StrCat("- ", change.key()));
      break;
  }
}

void PrintView(Session& session, const v1::WatchViewResponse& message, bool* caught_up) {
  const Console& console = session.console();
  switch (message.kind_case()) {
    case v1::WatchViewResponse::kBegin:
      *caught_up = false;
      break;
    case v1::WatchViewResponse::kChanges:
      for (const auto& change : message.changes().changes()) PrintChange(session, change);
      break;
    case v1::WatchViewResponse::kMark:
      if (!*caught_up && message.mark().caught_up()) {
        *caught_up = true;
        console.Remark(
            absl::StrCat("—— 以上为现状，共 ", message.mark().item_count(), " 项；以下为变化 ——"),
            absl::StrCat("-- above: as it stands, ", message.mark().item_count(), " rows; below: changes --"));
      }
      break;
    case v1::WatchViewResponse::kReset:
      console.Remark(absl::StrCat("重新取数（", message.reset().reason(), "）。"),
                     absl::StrCat("Begins anew (", message.reset().reason(), ")."));
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

int WatchRows(Session& session, const WatchOptions& options) {
  v1::WatchViewRequest request;
  request.set_view(options.view == "ledger" ? v1::VIEW_LEDGER : v1::VIEW_ALERTS);
  if (options.view == "ledger" && !FillFilter(session, options.filter, request.mutable_filter())) return kExitUsage;
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
        PrintView(session, message, &caught_up);
      }
    }
    idle = guard.fired();
  }
  return Ended(session, *watch, idle);
}

}  // namespace

int RunWatch(Session& session, const WatchOptions& options) {
  return options.view == "events" ? WatchEvents(session, options) : WatchRows(session, options);
}

}  // namespace duban::cli
