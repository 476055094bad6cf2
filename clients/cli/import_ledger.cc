// A ledger's rows become cases.
#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "clients/cli/files.h"
#include "clients/cli/import_steps.h"
#include "clients/cli/ledger_rows.h"
#include "duban/v1/job_service.pb.h"

namespace duban::cli {
namespace {

constexpr char kReasonDefault[] = "台账导入";

// What the request says beside what the row says.
void Complete(const ImportRun& run, v1::OpenCaseRequest& request) {
  request.set_entered_for(run.entered_for);
  if (request.reason().empty()) request.set_reason(kReasonDefault);
}

// The rows as a file that the server plays by itself (docs/import.md); what the file itself gives to remark is said
// here.
int ImportByJob(ImportRun& run, LedgerPlan& plan, const ExistingCases& existing) {
  Session& session = run.session;
  std::string content;
  int64_t records = 0, there = 0;
  for (LedgerEntry& entry : plan.entries) {
    if (existing.by_key.count(entry.key) > 0) {
      ++there;
      continue;
    }
    v1::ImportRecord record;
    record.set_line(entry.line);
    *record.mutable_open() = std::move(entry.request);
    Complete(run, *record.mutable_open());
    std::string line;
    const auto made = google::protobuf::util::MessageToJsonString(record, &line);
    if (!made.ok()) return session.console().Fail(kExitUsage, made.ToString(), made.ToString());
    absl::StrAppend(&content, line, "\n");
    ++records;
  }
  PrintRemarks(run, plan.findings);
  const RowCounts rows = CountRows(plan.findings);
  PrintSummary(run, Both("上传", "sent"),
               {{"rows", "共", static_cast<int64_t>(run.file.records.size())},
                {"records", "交服务器", records},
                {"already_there", "已在库", there},
                {"refused", "不导入", rows.refused},
                {"doubtful", "存疑", rows.doubtful}});
  if (records == 0) return rows.refused > 0 ? kExitRefused : kExitOk;
  const std::optional<std::string> file = SendText(session, content, "台账.jsonl");
  if (!file.has_value()) return kExitRefused;
  v1::JobTask task;
  task.mutable_import()->set_file(*file);
  task.mutable_import()->set_records(records);
  StartOptions options;
  options.preview = run.options.preview;
  options.detach = run.options.detach;
  const int code = StartJob(session, std::move(task), options);
  return code == kExitOk && rows.refused > 0 ? kExitRefused : code;
}

}  // namespace

int ImportLedger(ImportRun& run) {
  Session& session = run.session;
  LedgerPlan plan =
      PlanLedger(run.mapping, run.file, {session.words(run.mapping.procedure), session.names(), session.zone()});
  ExistingCases existing;
  int code = kExitOk;
  if (!run.mapping.keep_key_in.empty() &&
      !FindExisting(session, run.mapping.procedure, run.mapping.keep_key_in, &existing, &code)) {
    return code;
  }
  if (run.options.job) return ImportByJob(run, plan, existing);
  int64_t opened = 0, there = 0;
  {
    Progress progress(session.console(), Both("导入", "importing"), static_cast<int64_t>(plan.entries.size()));
    int64_t done = 0;
    for (LedgerEntry& entry : plan.entries) {
      progress.Step(++done);
      if (existing.by_key.count(entry.key) > 0) {
        ++there;
        continue;
      }
      v1::OpenCaseRequest& request = entry.request;
      Complete(run, request);
      request.set_validate_only(run.options.preview);
      auto answer = session.client().Call(request);
      if (answer.ok()) {
        ++(answer->repeated_call() ? there : opened);
        continue;
      }
      if (IsHopeless(answer.error())) {
        code = session.Fail(answer.error());
        break;
      }
      plan.findings.push_back(RefusedByServer(run.mapping, entry.line, entry.key, answer.error()));
    }
  }
  PrintRemarks(run, plan.findings);
  RowCounts rows = CountRows(plan.findings);
  PrintSummary(run,
               run.options.preview ? Both("预览，未作改动", "preview, nothing changed") : Both("导入完毕", "imported"),
               {{"rows", "共", static_cast<int64_t>(run.file.records.size())},
                {run.options.preview ? "to_open" : "opened", run.options.preview ? "可立项" : "已立项", opened},
                {"already_there", "已在库", there},
                {"refused", "不导入", rows.refused},
                {"doubtful", "存疑", rows.doubtful}});
  if (code != kExitOk) return code;
  return rows.refused > 0 ? kExitRefused : kExitOk;
}

}  // namespace duban::cli
