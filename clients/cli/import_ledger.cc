// A ledger's rows become cases.
#include "absl/strings/str_cat.h"
#include "clients/cli/import_steps.h"
#include "clients/cli/ledger_rows.h"

namespace duban::cli {
namespace {

constexpr char kReasonDefault[] = "台账导入";

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
      request.set_entered_for(run.entered_for);
      if (request.reason().empty()) request.set_reason(kReasonDefault);
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
