// A past event log, entered in its own time on a workspace with a virtual clock.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/dates.h"
#include "clients/cli/import_steps.h"
#include "clients/cli/log_plan.h"

namespace duban::cli {
namespace {

constexpr char kReasonDefault[] = "按原始日志补录";
constexpr int kEventPage = 1000;

class LogImport {
 public:
  LogImport(ImportRun& run, LogPlan plan) : run_(run), session_(run.session), plan_(std::move(plan)) {
    names_.resize(plan_.cases.size());
  }

  int Run() {
    if (run_.options.limit > 0) Limit();
    int code = kExitOk;
    if (!ReadClock(&code) || !Resume(&code)) return code;
    if (run_.options.preview) {
      code = Preview();
    } else {
      code = Enter();
      if (code == kExitOk) code = AdvanceTo(plan_.last) ? static_cast<int>(kExitOk) : failed_;
    }
    PrintRemarks(run_, plan_.findings);
    Summarise();
    if (code != kExitOk) return code;
    return CountRows(plan_.findings).refused > 0 ? kExitRefused : kExitOk;
  }

 private:
  using Kind = LogOperation::Kind;

  // Only the first cases of the log's own time.
  void Limit() {
    uint32_t most = static_cast<uint32_t>(run_.options.limit);
    std::vector<bool> wanted(plan_.cases.size(), false);
    uint32_t taken = 0;
    for (const LogOperation& operation : plan_.operations) {
      if (operation.kind == Kind::kOpen && taken++ < most) wanted[operation.case_index] = true;
    }
    auto& all = plan_.operations;
    all.erase(std::remove_if(all.begin(), all.end(), [&](const auto& one) { return !wanted[one.case_index]; }),
              all.end());
    plan_.last = all.empty() ? absl::InfinitePast() : all.back().at;
    auto& remarks = plan_.findings;
    std::map<std::string, bool> by_id;
    for (size_t i = 0; i < plan_.cases.size(); ++i) by_id[plan_.cases[i].id] = wanted[i];
    remarks.erase(std::remove_if(remarks.begin(), remarks.end(),
                                 [&](const Finding& one) { return !one.about.empty() && !by_id[one.about]; }),
                  remarks.end());
  }

  bool ReadClock(int* code) {
    auto workspace = session_.Call(v1::GetWorkspaceRequest(), code);
    if (workspace == nullptr) return false;
    if (!workspace->virtual_clock()) {
      *code = session_.console().Fail(
          kExitRefused, "事件日志只能导入虚拟时钟的工作区：请用 duband --virtual-clock 起始时刻 另建一个工作区。",
          "An event log goes only into a workspace on a virtual clock: create one with duband --virtual-clock START.");
      return false;
    }
    now_ = FromTimestamp(workspace->now());
    return true;
  }

  // Finds out what an earlier run has entered, from the history itself: keys are forgotten after a while, events are
  // not.
  bool Resume(int* code) {
    ExistingCases existing;
    if (!FindExisting(session_, run_.mapping.procedure, run_.mapping.keep_key_in, &existing, code)) return false;
    std::map<std::string, uint32_t> by_name;
    for (uint32_t i = 0; i < plan_.cases.size(); ++i) {
      auto found = existing.by_key.find(plan_.cases[i].id);
      if (found == existing.by_key.end()) continue;
      names_[i] = found->second;
      by_name[found->second] = i;
    }
    if (!by_name.empty()) return ReadHistory(by_name, code);
    if (plan_.operations.empty() || plan_.operations.front().at >= now_) return true;
    std::string begins = Show(plan_.operations.front().at), now = Show(now_);
    *code = session_.console().Fail(
        kExitRefused,
        absl::StrCat("日志始于 ", begins, "，而工作区的时钟已是 ", now, "：请另建一个从更早时刻开始的工作区。"),
        absl::StrCat("The log begins at ", begins, " but the workspace's clock stands at ", now,
                     ": create a workspace that begins earlier."));
    return false;
  }

  bool ReadHistory(const std::map<std::string, uint32_t>& by_name, int* code) {
    Progress progress(session_.console(), Both("核对已导入的部分", "reading what is there"), 0);
    v1::ReadEventsRequest request;
    request.set_page_size(kEventPage);
    int64_t read = 0;
    while (true) {
      auto page = session_.Call(request, code);
      if (page == nullptr) return false;
      for (const v1::EventRecord& record : page->events()) {
        auto found = by_name.find(record.stream());
        if (found == by_name.end() || !record.event().has_action_taken()) continue;
        const v1::ActionTaken& taken = record.event().action_taken();
        ++entered_[{found->second, taken.action(), absl::ToUnixMillis(FromTimestamp(taken.at()))}];
      }
      progress.Step(read += page->events_size());
      if (page->next_page_token().empty()) return true;
      request.set_page_token(page->next_page_token());
    }
  }

  // True when an earlier run did it; every entry of the history answers for one operation.
  bool IsDone(const LogOperation& operation) {
    if (operation.kind == Kind::kOpen) return !names_[operation.case_index].empty();
    auto found = entered_.find({operation.case_index, operation.action, absl::ToUnixMillis(operation.occurred)});
    if (found == entered_.end() || found->second == 0) return false;
    --found->second;
    return true;
  }

  bool AdvanceTo(absl::Time t) {
    if (t <= now_) return true;
    v1::AdvanceClockRequest request;
    *request.mutable_to() = ToTimestamp(t);
    auto answer = session_.client().Call(request);
    if (!answer.ok()) {
      failed_ = session_.Fail(answer.error());
      return false;
    }
    now_ = FromTimestamp(answer->now());
    fired_ += answer->fired();
    return true;
  }

  // What is entered later than it happened says so and why.
  template <typename Request>
  void Stamp(const LogOperation& operation, Request* request) const {
    bool late = operation.occurred < now_;
    if (late) *request->mutable_occurred_at() = ToTimestamp(operation.occurred);
    request->set_entered_for(run_.entered_for);
    if (late || !run_.entered_for.empty()) {
      request->set_reason(run_.mapping.reason.empty() ? kReasonDefault : run_.mapping.reason);
    }
    request->set_idempotency_key(operation.key);
  }

  // False when the import cannot go on.
  bool Do(const LogOperation& operation) {
    const LogCase& log_case = plan_.cases[operation.case_index];
    client::Error error;
    if (operation.kind == Kind::kOpen) {
      v1::OpenCaseRequest request = log_case.open;
      Stamp(operation, &request);
      auto answer = session_.client().Call(request);
      if (answer.ok()) names_[operation.case_index] = answer->case_();
      if (!answer.ok()) error = answer.error();
    } else if (names_[operation.case_index].empty()) {
      plan_.findings.push_back(
          {operation.line, "", "CASE_NOT_OPENED",
           Both("本案未能立案，本行不导入。", "Its case could not be opened; the row is left out."), true,
           log_case.id});
      return true;
    } else {
      v1::ActOnCaseRequest request;
      request.set_case_(names_[operation.case_index]);
      request.set_action(operation.action);
      request.set_note(operation.note);
      for (const v1::FieldValue& field : operation.fields) *request.add_fields() = field;
      Stamp(operation, &request);
      auto answer = session_.client().Call(request);
      if (!answer.ok()) error = answer.error();
    }
    if (error.ok()) return true;
    if (IsHopeless(error)) {
      failed_ = session_.Fail(error);
      return false;
    }
    plan_.findings.push_back(RefusedByServer(run_.mapping, operation.line, log_case.id, error));
    return true;
  }

  int Enter() {
    Progress progress(session_.console(), Both("按日志时间导入", "entering in the log's own time"),
                      static_cast<int64_t>(plan_.operations.size()));
    int64_t at = 0;
    for (const LogOperation& operation : plan_.operations) {
      if (++at % 16 == 0) progress.Step(at, Show(operation.at));
      if (IsDone(operation)) {
        ++there_;
        continue;
      }
      if (!AdvanceTo(operation.at) || !Do(operation)) return failed_;
      ++done_;
    }
    return kExitOk;
  }

  int Preview() {
    Progress progress(session_.console(), Both("预览", "preview"), static_cast<int64_t>(plan_.operations.size()));
    int64_t at = 0;
    for (const LogOperation& operation : plan_.operations) {
      progress.Step(++at);
      if (IsDone(operation)) {
        ++there_;
        continue;
      }
      ++done_;
      if (operation.kind != Kind::kOpen) continue;  // Steps can only be tried on cases that are there.
      v1::OpenCaseRequest request = plan_.cases[operation.case_index].open;
      request.set_validate_only(true);
      request.set_entered_for(run_.entered_for);
      if (!run_.entered_for.empty()) request.set_reason(kReasonDefault);
      auto answer = session_.client().Call(request);
      if (answer.ok()) continue;
      if (IsHopeless(answer.error())) return session_.Fail(answer.error());
      plan_.findings.push_back(
          RefusedByServer(run_.mapping, operation.line, plan_.cases[operation.case_index].id, answer.error()));
    }
    return kExitOk;
  }

  // How many cases of the procedure stand so; -1 when the server does not say.
  int64_t Total(v1::Timeliness timeliness, bool open_only) {
    v1::QueryLedgerRequest request;
    request.mutable_filter()->set_procedure(run_.mapping.procedure);
    request.mutable_filter()->set_timeliness(timeliness);
    request.mutable_filter()->set_open_only(open_only);
    request.set_page_size(1);
    auto answer = session_.client().Call(request);
    return answer.ok() && answer->has_total_size() ? answer->total_size() : -1;
  }

  void Summarise() {
    RowCounts rows = CountRows(plan_.findings);
    bool preview = run_.options.preview;
    std::vector<Count> counts = {{"cases", "案件", static_cast<int64_t>(plan_.cases.size())},
                                 {"rows", "行", static_cast<int64_t>(run_.file.records.size())},
                                 {preview ? "to_enter" : "entered", preview ? "可录入操作" : "已录入操作", done_},
                                 {"already_there", "已在库", there_},
                                 {"refused", "不导入", rows.refused},
                                 {"doubtful", "存疑", rows.doubtful}};
    if (!preview) counts.push_back({"timers_fired", "定时触发", fired_});
    PrintSummary(run_, preview ? Both("预览，未作改动", "preview, nothing changed") : Both("导入", "import"), counts);
    if (preview) return;
    int64_t all = Total(v1::TIMELINESS_UNSPECIFIED, false), open = Total(v1::TIMELINESS_UNSPECIFIED, true);
    PrintSummary(run_, Both("台账", "ledger"),
                 {{"cases", "案件", all},
                  {"ended", "已结束", all - open},
                  {"ended_late", "其中逾期", Total(v1::TIMELINESS_ENDED_LATE, false)},
                  {"open", "在办", open},
                  {"overdue", "其中逾期", Total(v1::TIMELINESS_OVERDUE, true)}});
  }

  std::string Show(absl::Time t) { return ShowInstant(t, session_.zone()); }

  ImportRun& run_;
  Session& session_;
  LogPlan plan_;
  std::vector<std::string> names_;  // By case index: "cases/…"; empty while not opened.
  std::map<std::tuple<uint32_t, std::string, int64_t>, int> entered_;  // (case, action, ms) -> how often.
  absl::Time now_;
  int64_t done_ = 0, there_ = 0, fired_ = 0;
  int failed_ = kExitRefused;
};

}  // namespace

int ImportLog(ImportRun& run) {
  Session& session = run.session;
  LogPlan plan =
      PlanLog(run.mapping, run.file, {session.words(run.mapping.procedure), session.names(), session.zone()});
  return LogImport(run, std::move(plan)).Run();
}

}  // namespace duban::cli
