// Running a server: statistics, the virtual clock.
#include <chrono>
#include <future>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/dates.h"
#include "clients/cli/values.h"

namespace duban::cli {

namespace {

// From so many days before its end on it is said how long the calendar still lasts.
constexpr int64_t kCoverageShort = 90;

std::string Coverage(Session& session, const v1::GetStatsResponse& stats) {
  const int year = stats.calendar_last_year();
  const absl::CivilDay today = absl::ToCivilDay(FromTimestamp(stats.now()), session.zone());
  const int64_t left = absl::CivilDay(year, 12, 31) - today;
  if (year == 0 || left > kCoverageShort) return absl::StrCat(year);
  return absl::StrCat(year, session.console().Say(absl::StrCat("（只剩 ", left, " 天，请发布下一年）"),
                                                  absl::StrCat(" (", left, " days left: publish the next year)")));
}

}  // namespace

int RunStats(Session& session) {
  const Console& console = session.console();
  int code = kExitOk;
  auto stats = session.Call(v1::GetStatsRequest(), &code);
  if (stats == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*stats);
    return kExitOk;
  }
  Table table({console.Say("项目", "item"), console.Say("数值", "value")}, 96);
  auto row = [&](const char* zh, const char* en, std::string value) {
    table.Add({console.Say(zh, en), std::move(value)});
  };
  row("提交数", "commits", absl::StrCat(stats->commits()));
  row("排队", "queue", absl::StrCat(stats->queue_length(), "/", stats->queue_limit()));
  row("已答命令", "commands answered", absl::StrCat(stats->commands()));
  row("其中拒绝", "rejected", absl::StrCat(stats->rejections()));
  row("写盘批次", "batches", absl::StrCat(stats->batches()));
  row("待触发定时", "timers armed", absl::StrCat(stats->timers_armed()));
  row("定时已触发至", "timers fired to", session.Show(stats->has_timers_fired_to(), stats->timers_fired_to()));
  row("事件订阅", "event watches", absl::StrCat(stats->event_watches()));
  row("视图订阅", "view watches", absl::StrCat(stats->view_watches()));
  row("缓存事项", "cached cases", absl::StrCat(stats->cached_cases()));
  row("工作日历覆盖至", "calendar covers to", Coverage(session, *stats));
  row("现在", "now",
      absl::StrCat(session.Show(stats->has_now(), stats->now()),
                   stats->virtual_clock() ? console.Word("（虚拟时钟）", " (virtual clock)") : ""));
  row("启动于", "started", session.Show(stats->has_started_at(), stats->started_at()));
  row("未传完的文件", "uploads open", absl::StrCat(stats->uploads_open()));
  row("磁盘剩余字节", "disk bytes free", absl::StrCat(stats->disk_free_bytes()));
  row("上次备份", "last backup", session.Show(stats->has_last_backup_at(), stats->last_backup_at()));
  row("运行中的作业", "jobs running", absl::StrCat(stats->jobs_running()));
  row("版本", "version", stats->version());
  if (auto listed = session.client().Call(v1::ListViewsRequest()); listed.ok()) {
    for (const v1::ViewDescription& view : listed->views()) {
      if (view.building() != 0) row("构建视图", "building a view", absl::StrCat(view.name(), " ", BuildProgress(view)));
    }
  }
  if (stats->read_only()) row("只读", "read only", stats->read_only_reason());
  console.PrintTable(table);
  return stats->read_only() ? kExitRefused : kExitOk;
}

int RunBackupCreate(Session& session, const std::string& name) {
  constexpr std::chrono::hours kBackupMax{24};
  const Console& console = session.console();
  v1::CreateBackupRequest request;
  request.set_directory(name);
  // The server works as long as it takes; meanwhile whoever waits sees that it does.
  auto waiting =
      std::async(std::launch::async, [&] { return session.PatientClient(kBackupMax)->Call(std::move(request)); });
  {
    Progress progress(console, Both("备份中，秒", "backing up, seconds"), 0);
    for (int64_t seconds = 0; waiting.wait_for(std::chrono::seconds(1)) != std::future_status::ready;) {
      progress.Step(++seconds);
    }
  }
  auto answer = waiting.get();
  if (!answer.ok()) return session.Fail(answer.error());
  if (session.json()) {
    console.PrintJson(*answer);
  } else {
    console.Print(
        console.Say(absl::StrCat("已备份为“", name, "”：", answer->commits(), " 笔提交，新写 ", answer->bytes_written(),
                                 " 字节，共 ", answer->bytes_total(), " 字节。"),
                    absl::StrCat("backed up as \"", name, "\": ", answer->commits(), " commits, ",
                                 answer->bytes_written(), " bytes written, ", answer->bytes_total(), " in all")));
  }
  return kExitOk;
}

int RunClockAdvance(Session& session, const std::string& to, const std::string& key) {
  const Console& console = session.console();
  v1::AdvanceClockRequest request;
  if (auto instant = ReadInstant(to, session.zone())) {
    *request.mutable_to() = ToTimestamp(*instant);
  } else if (auto day = ReadDay(to)) {
    *request.mutable_to() = ToTimestamp(absl::FromCivil(*day, session.zone()));
  } else {
    return console.Fail(kExitUsage, absl::StrCat("“", to, "”不是时刻，应写作 2026-10-08 或 \"2026-10-08 09:30\"。"),
                        absl::StrCat("\"", to, "\" is not an instant; write 2026-10-08 or \"2026-10-08 09:30\"."));
  }
  request.set_idempotency_key(key);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  // Timers that cannot fire hold everything behind them back; whoever moves the clock should hear of it.
  auto stats = session.client().Call(v1::GetStatsRequest());
  if (stats.ok() && FromTimestamp(stats->timers_fired_to()) < FromTimestamp(answer->now())) {
    std::string to = session.Show(true, stats->timers_fired_to());
    console.Remark(
        absl::StrCat("注意：定时只触发到 ", to, "，其后的在等待。多半是工作日历没有覆盖所需年度（现到 ",
                     stats->calendar_last_year(), " 年），发布后继续。"),
        absl::StrCat("Note: timers have fired to ", to, " only; the rest wait, most likely for a calendar beyond ",
                     stats->calendar_last_year(), "."));
  }
  if (session.json()) {
    console.PrintJson(*answer);
  } else {
    std::string now = session.Show(answer->has_now(), answer->now());
    console.Print(console.Say(absl::StrCat("现在是 ", now, "，其间触发 ", answer->fired(), " 次。"),
                              absl::StrCat("now ", now, ", ", answer->fired(), " fired on the way")));
  }
  return kExitOk;
}

}  // namespace duban::cli
