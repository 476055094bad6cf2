// Jobs: which there are, how one stands, stopping one, what one would do.
#include <chrono>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "duban/v1/audit_service.pb.h"
#include "duban/v1/job_service.pb.h"

namespace duban::cli {
namespace {

constexpr std::chrono::seconds kBetweenLooks{1};

std::string StateWord(const Console& console, v1::JobState state) {
  switch (state) {
    case v1::JOB_STATE_RUNNING:
      return console.Say("进行中", "running");
    case v1::JOB_STATE_DONE:
      return console.Say("已完成", "done");
    case v1::JOB_STATE_CANCELLED:
      return console.Say("已取消", "cancelled");
    case v1::JOB_STATE_FAILED:
      return console.Say("未能完成", "failed");
    default:
      return "";
  }
}

// Numbers that the server does not show to this person are all zero.
bool HasNumbers(const v1::Job& job) { return job.total() > 0 || job.looked_at() > 0; }

std::string ProgressOf(const v1::Job& job) {
  return HasNumbers(job) ? absl::StrCat(job.looked_at(), "/", job.total()) : "";
}

using Refusals = google::protobuf::RepeatedPtrField<v1::JobRefusal>;

// All of them, and how many there are of each reason.
void PrintRefusals(const Console& console, const Refusals& refusals) {
  if (refusals.empty()) return;
  std::map<std::string, int> counts;
  for (const v1::JobRefusal& refusal : refusals) ++counts[refusal.reason()];
  for (const auto& [reason, count] : counts) {
    console.Print(console.Say(absl::StrCat("  ", reason, "：", count, " 件"), absl::StrCat("  ", reason, ": ", count)));
  }
  Table table({console.Say("未处理", "left as it was"), console.Say("代码", "reason"), console.Say("原因", "why")}, 80,
              /*whole_last=*/true);
  for (const v1::JobRefusal& refusal : refusals) {
    table.Add({refusal.item(), refusal.reason(), console.Say(refusal.message())});
  }
  console.PrintTable(table);
}

// Of an ended job all refusals, out of its stream, for those who may read that: the job itself shows the first.
void ReadRefusals(Session& session, v1::Job& job) {
  if (job.state() == v1::JOB_STATE_RUNNING || job.refused() <= job.refusals_size()) return;
  Refusals all;
  v1::ReadEventsRequest request;
  request.set_stream(job.name());
  do {
    const auto page = session.client().Call(v1::ReadEventsRequest(request));
    if (!page.ok()) return;
    for (const v1::EventRecord& record : page->events()) {
      all.MergeFrom(record.event().job_advanced().refusals());
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  *job.mutable_refusals() = std::move(all);
}

// Says where fewer are listed than there are.
void RemarkUnlisted(const Console& console, int64_t there, int listed) {
  if (there <= listed) return;
  console.Remark(absl::StrCat("共 ", there, " 件，以上只列出 ", listed, " 件。"),
                 absl::StrCat("There are ", there, "; ", listed, " are listed above."));
}

void PrintJob(Session& session, const v1::Job& job) {
  const Console& console = session.console();
  if (session.json()) return console.PrintJson(job);
  Table table({console.Say("项目", "item"), console.Say("数值", "value")}, 96);
  const auto row = [&](const char* zh, const char* en, std::string value) {
    if (!value.empty()) table.Add({console.Say(zh, en), std::move(value)});
  };
  row("作业", "job", job.name());
  row("内容", "what", console.Say(job.title()));
  row("状态", "state", StateWord(console, job.state()));
  row("发起人", "started by", session.names().Title(job.started_by()));
  row("开始", "started", session.Show(job.has_started_at(), job.started_at()));
  row("结束", "ended", session.Show(job.has_ended_at(), job.ended_at()));
  row("进度", "progress", ProgressOf(job));
  if (HasNumbers(job)) {
    row("有变动", "changed", absl::StrCat(job.changed()));
    row("未处理", "refused", absl::StrCat(job.refused()));
  }
  row("原因", "reason", job.reason());
  console.PrintTable(table);
  PrintRefusals(console, job.refusals());
  RemarkUnlisted(console, job.refused(), job.refusals_size());
}

}  // namespace

void PrintPreview(Session& session, const v1::JobPreview& preview) {
  const Console& console = session.console();
  console.Print(
      console.Say(absl::StrCat("您可以查看的事项中，将检查 ", preview.looked_at(), " 件，变动 ", preview.changed(),
                               " 件，无法处理 ", preview.refused(), " 件。"),
                  absl::StrCat("of the cases that you may see, ", preview.looked_at(), " would be looked at, ",
                               preview.changed(), " changed, ", preview.refused(), " refused")));
  if (!preview.changes().empty()) {
    Table table({console.Say("事项", "case"), console.Say("变动", "change")}, 96, /*whole_last=*/true);
    for (const v1::JobChange& change : preview.changes()) {
      table.Add({change.number().empty() ? change.item() : change.number(), console.Say(change.change())});
    }
    console.PrintTable(table);
  }
  RemarkUnlisted(console, preview.changed(), preview.changes_size());
  PrintRefusals(console, preview.refusals());
  RemarkUnlisted(console, preview.refused(), preview.refusals_size());
}

int RunJobList(Session& session, bool all) {
  const Console& console = session.console();
  Table table({console.Say("作业", "job"), console.Say("内容", "what"), console.Say("状态", "state"),
               console.Say("进度", "progress"), console.Say("开始", "started")});
  v1::ListJobsRequest request;
  while (true) {
    int code = kExitOk;
    auto page = session.Call(v1::ListJobsRequest(request), &code);
    if (page == nullptr) return code;
    if (session.json()) console.PrintJson(*page);
    for (const v1::Job& job : page->jobs()) {
      table.Add({job.name(), console.Say(job.title()), StateWord(console, job.state()), ProgressOf(job),
                 session.Show(job.has_started_at(), job.started_at())});
    }
    request.set_page_token(page->next_page_token());
    if (!all || request.page_token().empty()) break;
  }
  if (session.json()) return kExitOk;
  if (table.empty()) {
    console.Print(console.Say("没有作业。", "no jobs"));
  } else {
    console.PrintTable(table);
  }
  if (!request.page_token().empty())
    console.Remark("还有更多，加 --all 全部列出。", "There are more; --all lists them.");
  return kExitOk;
}

int RunJobShow(Session& session, const std::string& name, bool follow) {
  v1::GetJobRequest request;
  request.set_job(name);
  int code = kExitOk;
  auto answer = session.Call(v1::GetJobRequest(request), &code);
  if (answer == nullptr) return code;
  if (follow) {
    v1::Text what = answer->job().title();
    Progress progress(session.console(), what, answer->job().total());
    while (answer->job().state() == v1::JOB_STATE_RUNNING) {
      progress.Step(answer->job().looked_at());
      std::this_thread::sleep_for(kBetweenLooks);
      answer = session.Call(v1::GetJobRequest(request), &code);
      if (answer == nullptr) return code;
    }
    progress.Step(answer->job().looked_at());
  }
  ReadRefusals(session, *answer->mutable_job());
  PrintJob(session, answer->job());
  return answer->job().state() == v1::JOB_STATE_FAILED ? kExitRefused : kExitOk;
}

int RunJobCancel(Session& session, const std::string& name, const std::string& reason, const std::string& key) {
  v1::CancelJobRequest request;
  request.set_job(name);
  request.set_reason(reason);
  request.set_idempotency_key(key);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  PrintJob(session, answer->job());
  return kExitOk;
}

}  // namespace duban::cli
