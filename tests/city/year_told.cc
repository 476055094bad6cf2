// What is told of the year: failures, each month, the whole.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "tests/city/life.h"

namespace duban::city {
namespace {

constexpr size_t kFailuresShown = 12;
constexpr const char* kPhaseNames[kPhases] = {"时钟 the clock", "作业 jobs",     "读日志 the log",
                                              "核对 judging",   "谋划 thinking", "办理 calls",
                                              "文书 documents", "查看 looking",  "复算 recounting"};

}  // namespace

Verdict VerdictOf(const Options& options, const Outcome& outcome) {
  if (outcome.failures > 0) return {1, absl::StrCat("不符 NOT AS IT SHOULD BE: ", outcome.failures)};
  if (outcome.recounted) return {0, "一切相符 all as it should be"};
  if (!options.recount)
    return {0, "其余相符，未要求复算 the rest is as it should be; figures were not to be recounted"};
  return {3, absl::StrCat("指标没有复算：没有 ", options.python, "；不要求复算的，加 --no-recount\n",
                          "FIGURES NOT RECOUNTED: there is no ", options.python,
                          "; all else is as it should be. Say --no-recount where that is meant")};
}

void Life::Tell(const std::string& wrong, const std::string& stream) {
  if (static_cast<size_t>(++outcome_.failures) > kFailuresShown) return;
  std::string told = absl::StrCat("seed ", options_.seed, ", ", Text(now_), ": ", wrong, "\n");
  const auto known = by_name_.find(stream);
  if (known != by_name_.end()) absl::StrAppend(&told, "  matter ", all_[known->second].identity, "\n");
  if (absl::StartsWith(stream, "cases/")) {
    v1::ReadEventsRequest request;
    request.set_stream(stream);
    request.set_page_size(1000);
    const auto events = town_.auditor().Call(request);
    if (events.ok()) {
      for (const v1::EventRecord& record : events->events()) {
        absl::StrAppend(&told, "  ", Text(At(record.recorded_at())), " ", record.revision(), " ", record.actor(), " ",
                        record.event().ShortDebugString().substr(0, 400), "\n");
      }
    }
  }
  if (options_.say) std::printf("FAILED: %s", told.c_str());
  outcome_.first_failures += told;
}

std::string Life::Digest() const {
  std::map<std::string, std::string> ends;
  for (const Matter& one : all_) {
    const Case* c = facts_.FindCase(one.name);
    if (c == nullptr) continue;
    ends[one.identity] = absl::StrCat(c->stage, " ", c->round, " ", c->end, " ", c->late, " ", c->revision, " ",
                                      c->counted, " ", Text(c->stage_since));
  }
  uint64_t digest = 0;
  for (const auto& [identity, end] : ends) digest = Roll(digest, identity + "=" + end);
  return absl::StrFormat("%016x", digest);
}

void Life::Report(const std::string& month) {
  if (!options_.say) return;
  int64_t open = 0;
  for (const auto& [name, c] : facts_.cases()) open += c.open() ? 1 : 0;
  const size_t overdue = facts_.Overdue().size();
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - reported_).count();
  std::printf("2019-%s  %7zu cases  %6lld open  %5zu overdue  %8lld calls  %7.0f calls/s  %8llu commits  %6.1f s\n",
              month.c_str(), facts_.cases().size(), static_cast<long long>(open), overdue,
              static_cast<long long>(outcome_.acts), static_cast<double>(outcome_.acts - acts_at_report_) / seconds,
              static_cast<unsigned long long>(facts_.log_position() + 1),
              std::chrono::duration<double>(now - began_).count());
  std::fflush(stdout);
  reported_ = now;
  acts_at_report_ = outcome_.acts;
}

// Of the server's process: most memory, processor time.
std::string Life::ServerUse() const {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto read = [&](const char* file) {
      std::ifstream in(entry.path() / file);
      return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string command = read("cmdline");
    if (!absl::StrContains(command, server_.data()) || !absl::StrContains(command, "--listen")) continue;
    const std::string status = read("status");
    const size_t at = status.find("VmHWM:");
    const std::vector<std::string> stat = absl::StrSplit(read("stat"), ' ');
    const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    return absl::StrFormat("%s, %.0f s of processor",
                           at == std::string::npos ? "?" : status.substr(at, status.find('\n', at) - at),
                           stat.size() < 15 ? 0 : (std::stod(stat[13]) + std::stod(stat[14])) / ticks);
  }
  return "?";
}

void Life::Summary() {
  if (!options_.say) return;
  std::printf("\n事件 events\n");
  for (const auto& [kind, count] : facts_.kinds())
    std::printf("  %-22s %9lld\n", kind.c_str(), static_cast<long long>(count));
  std::printf("拒绝 refused as it must be\n");
  for (const auto& [reason, count] : refused_)
    std::printf("  %-22s %9lld\n", reason.c_str(), static_cast<long long>(count));
  size_t by_plans = 0;
  for (const auto& [job, came] : facts_.plans_came()) by_plans += came.opened.size();
  std::printf("按计划立项 opened by plans %zu, 编号序列 series %zu\n", by_plans, facts_.series().size());
  std::printf("密封 secrets: %s\n各人的率 rates: %s\n", secrets_.Told().c_str(), rates_.Told().c_str());
  std::printf("旧账 backlog: %s\n检查计划 inspections: %s\n", backlog_.Told().c_str(), inspections_.Told().c_str());
  for (const auto& watcher : viewers_.watchers()) {
    std::string resets;
    for (const auto& [reason, count] : watcher->resets()) absl::StrAppend(&resets, " ", reason, " ", count);
    std::printf("  %-24s view %d: %lld rows told, %d reconnects,%s\n", watcher->person().c_str(),
                static_cast<int>(watcher->view()), static_cast<long long>(watcher->rows_told()), watcher->cuts(),
                resets.empty() ? " no resets" : resets.c_str());
  }
  const auto stats = town_.auditor().Call(v1::GetStatsRequest());
  if (stats.ok()) {
    std::printf("磁盘 disk %.1f MiB, 批次 batches %llu, p99 %.1f ms\n",
                static_cast<double>(stats->disk_bytes()) / (1 << 20), static_cast<unsigned long long>(stats->batches()),
                stats->batch_seconds_p99() * 1000);
  }
  std::printf("核对过的预警 alerts compared");
  for (const auto& [kind, count] : viewers_.alerts())
    std::printf(" %s %lld", kind.c_str(), static_cast<long long>(count));
  std::printf("\n文书 documents %zu, 换版时换了环节名的 migrated from a renamed stage %lld, 评议 ratings %s\n",
              facts_.letters().size(), static_cast<long long>(migrated_), ratings_.Told().c_str());
  for (int phase = 0; phase < kPhases; ++phase) std::printf("  %s %.1f s", kPhaseNames[phase], spent_[phase]);
  rusage own;
  getrusage(RUSAGE_SELF, &own);
  std::printf("\n本程序 this program: %.0f s of processor\n",
              static_cast<double>(own.ru_utime.tv_sec + own.ru_stime.tv_sec));
  std::printf("服务器 the server: %s\n", ServerUse().c_str());
  std::printf("用时 took %.1f s, %lld calls, 结果 result %s\n",
              std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(),
              static_cast<long long>(outcome_.acts), outcome_.digest.c_str());
}

}  // namespace duban::city
