// Running a server: the virtual clock, backups.
#include <chrono>
#include <future>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/dates.h"
#include "clients/cli/values.h"

namespace duban::cli {

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
