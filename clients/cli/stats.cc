#include "clients/cli/stats.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/commands.h"
#include "clients/cli/dates.h"

namespace duban::cli {
namespace {

constexpr size_t kLabelWidth = 28;

struct Words {
  const char* zh;
  const char* en;
};

// What a bound bounds, in words; its name where this version knows none.
std::string BoundWord(const Console& console, const std::string& name) {
  static const std::map<std::string, Words> kWords = {
      {"queue", {"等待的命令", "commands waiting"}},
      {"batch_commands", {"一批的命令", "commands of a batch"}},
      {"batch_bytes", {"一批的字节", "bytes of a batch"}},
      {"batch_timers", {"一批的定时", "timers of a batch"}},
      {"cached_cases", {"缓存的事项", "cached cases"}},
      {"dedup_days", {"幂等键保留天数", "days a key is kept"}},
      {"changed_kept", {"可续订的提交", "commits to resume from"}},
      {"page_rows", {"一页的行", "rows of a page"}},
      {"scan_rows", {"一次查询扫描的行", "rows one query looks at"}},
      {"watch_scan_commits", {"订阅一次读取的提交", "commits a watch reads at once"}},
      {"watch_batch_events", {"一条消息的事件", "events of a message"}},
      {"watch_rows", {"一个订阅的行", "rows of a watch"}},
      {"watch_backlog", {"一个订阅积压的行", "rows that wait for one watch"}},
      {"watch_batch_rows", {"一条消息的行", "rows of a message"}},
      {"watches", {"全部订阅", "watches"}},
      {"watches_per_person", {"一人的订阅", "watches of one person"}},
      {"clock_jump_hours", {"时钟前跳小时", "hours of a clock's jump"}},
      {"token_days", {"令牌天数", "days of a token"}},
  };
  const auto found = kWords.find(name);
  return found == kWords.end() ? name : console.Say(found->second.zh, found->second.en);
}

class Lines {
 public:
  Lines(const Console& console, bool colours) : console_(console), colours_(colours) {}

  void Group(const char* zh, const char* en) { absl::StrAppend(&text_, console_.Say(zh, en), "\n"); }
  void Add(const char* zh, const char* en, const std::string& value, bool warn = false) {
    AddNamed(console_.Say(zh, en), value, warn);
  }
  void AddNamed(const std::string& label, const std::string& value, bool warn) {
    const std::string marked = warn ? absl::StrCat("! ", value) : value;
    absl::StrAppend(&text_, "  ", PadWidth(label, kLabelWidth), "  ",
                    warn && colours_ ? Coloured(marked, Ink::kRed) : marked, "\n");
  }
  std::string text() && { return std::move(text_); }

 private:
  const Console& console_;
  const bool colours_;
  std::string text_;
};

bool IsFull(const v1::Bound& bound) {
  return bound.has_value() &&
         static_cast<double>(bound.value()) >= limits::kBoundFull * static_cast<double>(bound.limit());
}

// "12/4096" of a bound, and whether it is nearly full.
std::pair<std::string, bool> Filled(const v1::GetStatsResponse& stats, const std::string& name, int64_t value) {
  for (const v1::Bound& bound : stats.bounds()) {
    if (bound.name() == name) return {absl::StrCat(value, "/", bound.limit()), IsFull(bound)};
  }
  return {absl::StrCat(value), false};
}

std::string ShowSeconds(double seconds) { return absl::StrFormat("%.4g s", seconds); }

void AddBounds(const Console& console, const v1::GetStatsResponse& stats, Lines& lines) {
  // Full for good by design: the oldest leaves.
  const auto is_window = [](const v1::Bound& bound) {
    return bound.name() == "changed_kept" || bound.name() == "cached_cases";
  };
  bool any = false;
  for (const v1::Bound& bound : stats.bounds()) {
    if (bound.hits() == 0 && !IsFull(bound)) continue;
    if (!any) lines.Group("触及的界限", "Bounds reached");
    any = true;
    std::string value =
        bound.has_value() ? absl::StrCat(bound.value(), "/", bound.limit()) : absl::StrCat(bound.limit());
    if (bound.hits() > 0) {
      absl::StrAppend(&value, "  ",
                      console.Say(absl::StrCat(bound.hits(), " 次"), absl::StrCat(bound.hits(), " times")));
    }
    lines.AddNamed(BoundWord(console, bound.name()), value, IsFull(bound) && !is_window(bound));
  }
}

}  // namespace

std::string ShowBytes(uint64_t bytes) {
  double value = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* larger : {"KiB", "MiB", "GiB", "TiB"}) {
    if (value < 1024) break;
    value /= 1024;
    unit = larger;
  }
  return absl::StrFormat(value < 10 && bytes >= 1024 ? "%.1f %s" : "%.0f %s", value, unit);
}

std::string StatsText(const Console& console, const v1::GetStatsResponse& stats,
                      const std::function<std::string(const google::protobuf::Timestamp&)>& show, bool colours) {
  Lines lines(console, colours);
  lines.Group("写入", "Writing");
  if (stats.read_only()) lines.Add("只读", "read only", stats.read_only_reason(), true);
  lines.Add("提交数", "commits", absl::StrCat(stats.commits()));
  lines.Add("已答命令", "commands answered", absl::StrCat(stats.commands()));
  lines.Add("其中拒绝", "rejected", absl::StrCat(stats.rejections()));
  const auto [queue, queue_full] = Filled(stats, "queue", stats.queue_length());
  lines.Add("排队", "queue", queue, queue_full);
  lines.Add("写盘批次", "batches", absl::StrCat(stats.batches()));
  if (stats.batches() > 0) {
    lines.Add("最近一批用时", "last batch took", ShowSeconds(stats.batch_seconds()));
    lines.Add("百分之九十九的批次在", "99 of 100 batches within", ShowSeconds(stats.batch_seconds_p99()),
              stats.batch_seconds_p99() > limits::kBatchSlowS);
  }
  const auto [cached, unused] = Filled(stats, "cached_cases", stats.cached_cases());
  lines.Add("缓存事项", "cached cases", cached);

  lines.Group("计时", "Timers");
  lines.Add("待触发定时", "armed", absl::StrCat(stats.timers_armed()));
  const absl::Duration late = FromTimestamp(stats.now()) - FromTimestamp(stats.timers_fired_to());
  lines.Add("已触发至", "fired to", show(stats.timers_fired_to()), late > absl::Seconds(limits::kTimersLateS));
  if (stats.timers_held()) {
    lines.Add("已暂停", "held",
              console.Say("系统时钟前跳过大；核对后以 --confirm-time 重新启动",
                          "the machine's clock jumped; check it, start again with --confirm-time"),
              true);
  }

  lines.Group("订阅", "Watches");
  const auto [watches, watches_full] = Filled(stats, "watches", stats.event_watches() + stats.view_watches());
  lines.Add("打开的订阅", "open", watches, watches_full);
  lines.Add("其中事件、视图", "of events, of views", absl::StrCat(stats.event_watches(), ", ", stats.view_watches()));

  lines.Group("任务", "Jobs");
  lines.Add("进行中", "running", absl::StrCat(stats.jobs_running()));
  lines.Add("未完成的上传", "uploads open", absl::StrCat(stats.uploads_open()));
  if (stats.past_lag() > 0) lines.Add("往期索引落后提交", "past rows behind, commits", absl::StrCat(stats.past_lag()));

  lines.Group("磁盘", "Disk");
  if (stats.disk_free_bytes() == 0 && stats.disk_bytes() == 0) {
    lines.Add("占用", "used", console.Say("在内存中", "in memory"));
  } else {
    lines.Add("占用", "used", ShowBytes(stats.disk_bytes()));
    lines.Add("可用", "free", ShowBytes(stats.disk_free_bytes()), stats.disk_free_bytes() < limits::kDiskLowBytes);
  }

  lines.Group("日历", "Calendar");
  const absl::Time end = absl::FromCivil(absl::CivilDay(stats.calendar_last_year() + 1), absl::UTCTimeZone());
  const int64_t left = absl::ToInt64Hours(end - FromTimestamp(stats.now())) / 24;
  const bool ends_soon = left < limits::kCalendarLowDays;
  std::string covered = absl::StrCat(stats.calendar_last_year());
  if (stats.calendar_last_year() == 0) {
    covered = console.Say("尚未发布", "not published yet");
  } else if (ends_soon) {
    absl::StrAppend(&covered, console.Say(absl::StrCat("（只剩 ", left, " 天，请发布下一年）"),
                                          absl::StrCat(" (", left, " days left: publish the next year)")));
  }
  lines.Add("覆盖至", "covers to", covered, ends_soon);
  lines.Add(
      "现在", "now",
      absl::StrCat(show(stats.now()), stats.virtual_clock() ? console.Word("（虚拟时钟）", " (virtual clock)") : ""));

  lines.Group("备份", "Backup");
  lines.Add("启动以来最近一次", "last since the start",
            stats.has_last_backup_at() ? show(stats.last_backup_at()) : console.Say("无", "none"));

  AddBounds(console, stats, lines);

  lines.Group("服务器", "Server");
  lines.Add("启动于", "started", show(stats.started_at()));
  lines.Add("版本", "version", stats.version());
  return std::move(lines).text();
}

int RunStats(Session& session) {
  const Console& console = session.console();
  int code = kExitOk;
  auto stats = session.Call(v1::GetStatsRequest(), &code);
  if (stats == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*stats);
  } else {
    std::string text = StatsText(
        console, *stats, [&](const google::protobuf::Timestamp& instant) { return session.Show(true, instant); },
        console.colours());
    text.pop_back();  // Print adds the last line's end.
    console.Print(text);
    if (auto listed = session.client().Call(v1::ListViewsRequest()); listed.ok()) {
      for (const v1::ViewDescription& view : listed->views()) {
        if (view.building() == 0) continue;
        console.Print(
            absl::StrCat(console.Say("构建视图", "building a view"), "  ", view.name(), " ", BuildProgress(view)));
      }
    }
  }
  return stats->read_only() ? kExitRefused : kExitOk;
}

}  // namespace duban::cli
