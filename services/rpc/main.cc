// duband: one workspace, served.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/node/clock.h"
#include "services/node/node.h"
#include "services/node/restore.h"
#include "services/observe/json_log.h"
#include "services/observe/metrics_page.h"
#include "services/rpc/flags.h"
#include "services/rpc/server.h"

namespace duban::rpc {
namespace {

struct Flags {
  std::string data = "data";
  std::string listen = "127.0.0.1:18733";
  bool insecure_listen = false;
  std::string title;
  bool virtual_clock = false;
  std::string virtual_start;
  bool confirm_time = false;
  std::string port_file;
  std::string backups;
  std::string restore;
  std::string verify;
  std::string metrics;
  std::string log;
  node::Level log_level = node::Level::kInfo;
};

// Nothing, or the exit code with which to stop.
std::optional<int> Parse(int argc, char** argv, Flags* flags) {
  CLI::App app{
      "督办服务器：一个数据目录就是一个工作区\n"
      "Duban's server: one data directory is one workspace"};
  app.get_formatter()->column_width(34);
  app.add_option("--data", flags->data, "数据目录，不存在则新建\nData directory; created when it is not there")
      ->capture_default_str();
  app.add_option("--listen", flags->listen,
                 "监听地址；端口 0 表示任选空闲端口\nAddress to listen on; port 0 takes a free one")
      ->capture_default_str();
  app.add_flag("--insecure-listen", flags->insecure_listen,
               "允许监听本机以外的地址（尚无传输加密，令牌和数据将以明文传输）\n"
               "Allow an address that other machines can reach (no TLS yet: tokens and data travel in clear text)");
  app.add_option("--title", flags->title, "新建工作区的名称\nName of a workspace that is created");
  CLI::Option* clock = app.add_option("--virtual-clock", flags->virtual_start,
                                      "新建工作区使用虚拟时钟，可给出起始时间，如 2026-03-02T08:00\n"
                                      "A workspace that is created runs on a virtual clock, from START if given")
                           ->type_name("[START]")
                           ->expected(0, 1);
  app.add_flag("--confirm-time", flags->confirm_time,
               "确认系统时钟的大幅前跳无误，恢复计时\nAccept a long forward jump of the machine's clock");
  app.add_option("--port-file", flags->port_file,
                 "开始服务后把端口写入此文件\nFile that gets the port once the server serves")
      ->type_name("FILE");
  app.add_option("--backups", flags->backups,
                 "备份存放的上级目录；不给则不能备份\nDirectory that holds backups; none are made without it");
  app.add_option("--restore", flags->restore,
                 "从此备份恢复出 --data（须不存在或为空），然后退出\n"
                 "Restore this backup as --data, which must not exist or be empty; then exit");
  app.add_option("--verify-backup", flags->verify,
                 "核对此备份的全部文件，然后退出\nCheck every file of this backup; then exit");
  app.add_option("--metrics", flags->metrics,
                 "在此地址提供 Prometheus 指标（/metrics），默认不提供\n"
                 "Serve Prometheus metrics (/metrics) on this address; off by default")
      ->type_name("HOST:PORT");
  app.add_option("--log", flags->log, "日志文件，默认写到标准错误\nFile for the log; stderr by default")
      ->type_name("FILE");
  app.add_option("--log-level", flags->log_level, "记录的最低级别\nLeast level that is logged: info, warning, error")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, node::Level>{
              {"info", node::Level::kInfo}, {"warning", node::Level::kWarning}, {"error", node::Level::kError}},
          CLI::ignore_case))
      ->type_name("LEVEL")
      ->default_str("info");
  app.set_version_flag("--version", "duband " DUBAN_VERSION, "显示版本\nShow the version");
  app.set_help_flag("-h,--help", "显示帮助\nShow this help");
  app.footer(
      "\n示例 Examples:\n"
      "  duband --data ./data\n"
      "  duband --data ./rehearsal --virtual-clock 2026-03-02T08:00 --listen 127.0.0.1:0 --port-file port\n"
      "停止：Ctrl-C 或 SIGTERM   To stop: Ctrl-C or SIGTERM");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 1;
  }
  flags->virtual_clock = clock->count() > 0;
  return std::nullopt;
}

int Fail(const std::string& zh, const std::string& en) {
  std::fprintf(stderr, "duband: %s\nduband: %s\n", zh.c_str(), en.c_str());
  return 1;
}

int FailToOpen(node::Log& log, const std::string& data, const absl::Status& status) {
  log.Write(node::Level::kError, "start_refused", {{"trouble", status.ToString()}});
  Fail("无法打开数据目录 " + data, "cannot open the data directory " + data);
  std::fprintf(stderr, "  %s\n", std::string(status.message()).c_str());
  if (absl::IsDataLoss(status)) {
    std::fprintf(stderr,
                 "  为保护历史，服务器不在损坏的数据上启动。请保留此目录，从备份恢复。\n"
                 "  To protect history the server does not start on damaged data. Keep the directory and restore a "
                 "backup.\n");
  }
  return 1;
}

// Nothing, or the exit code when an address is none, or is one that other machines can reach.
std::optional<int> Refuse(const std::string& option, const std::string& address, bool insecure) {
  if (!IsAddress(address)) {
    return Fail("看不懂 " + option + " “" + address + "”，应如 127.0.0.1:18733，端口 0—65535",
                option + ": cannot read \"" + address + "\", write it like 127.0.0.1:18733");
  }
  if (IsLoopback(address) || insecure) return std::nullopt;
  return Fail("拒绝监听 " + address +
                  "：尚无传输加密，令牌、数据和指标会以明文经过网络。"
                  "请监听 127.0.0.1 并在前面放置带 TLS 的反向代理；确知网络可信时可加 --insecure-listen",
              "refusing to listen on " + address +
                  ": there is no TLS yet, so tokens, data and metrics would cross the network in clear text. Listen on "
                  "127.0.0.1 behind a reverse proxy with TLS, or add --insecure-listen where the network is trusted");
}

// Written whole or not at all: a script may be reading.
bool WritePort(const std::string& path, int port) {
  const std::string half = path + ".tmp";
  {
    std::ofstream out(half);
    out << port << "\n";
    if (!out.flush()) return false;
  }
  std::error_code error;
  std::filesystem::rename(half, path, error);
  return !error;
}

// The workspace as it is, which need not be what the flags would have made of a new one.
void AnnounceWorkspace(const Flags& flags, node::Node& node) {
  const auto reply = node.GetWorkspace("persons/operator", v1::GetWorkspaceRequest());
  const auto* workspace = std::get_if<v1::GetWorkspaceResponse>(&reply);
  if (workspace == nullptr) return;
  std::printf("  工作区    workspace        %s%s\n", workspace->title().c_str(),
              workspace->virtual_clock() ? "（虚拟时钟 virtual clock）" : "");
  if (flags.virtual_clock && !workspace->virtual_clock()) {
    std::printf(
        "注意：此工作区已建立，用的是真实时钟，--virtual-clock 不起作用；演练请另给一个 --data\n"
        "Note: this workspace exists and runs on the wall clock, --virtual-clock does nothing; rehearse in another "
        "--data\n");
  }
}

std::vector<node::Measure> AllMeasures(node::Node& node, const Server& server) {
  std::vector<node::Measure> all = node.Measures();
  for (auto& some : {server.Measures(), observe::ProcessMeasures()}) all.insert(all.end(), some.begin(), some.end());
  return all;
}

// With the port that was taken.
std::string Taken(const std::string& address, int port) {
  return address.substr(0, address.rfind(':')) + ":" + std::to_string(port);
}

void Announce(const Flags& flags, node::Node& node, int port, int metrics_port) {
  const std::string data = std::filesystem::absolute(flags.data).lexically_normal().string();
  const std::string token = node::OperatorTokenPath(data);
  std::printf("duband " DUBAN_VERSION "\n");
  std::printf("  监听地址  listening on     %s\n", Taken(flags.listen, port).c_str());
  if (metrics_port != 0) {
    std::printf("  运行指标  metrics          http://%s/metrics\n", Taken(flags.metrics, metrics_port).c_str());
  }
  std::printf("  数据目录  data directory   %s\n", data.c_str());
  std::printf("  运维令牌  operator token   %s\n", token.c_str());
  std::printf("  停止服务  to stop          Ctrl-C\n");
  AnnounceWorkspace(flags, node);
  std::fflush(stdout);
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// A line when another step begins: long work shows where it stands.
void Tell(const node::BackupStep& step) {
  static const char* last = "";
  if (std::string(last) == step.what.second) return;
  last = step.what.second;
  std::printf("duband: %s %s\n", step.what.first, step.what.second);
  std::fflush(stdout);
}

int Bring(const absl::StatusOr<node::BackupFacts>& facts, const char* zh, const char* en) {
  if (!facts.ok()) {
    std::fprintf(stderr, "duband: %s\n", std::string(facts.status().message()).c_str());
    return 1;
  }
  std::printf("duband: %s：%llu 笔提交，%llu 字节，备份于 %s\nduband: %s: %llu commits, %llu bytes, made at %s\n", zh,
              static_cast<unsigned long long>(facts->commits), static_cast<unsigned long long>(facts->bytes),
              absl::FormatTime(absl::RFC3339_sec, facts->made_at, absl::UTCTimeZone()).c_str(), en,
              static_cast<unsigned long long>(facts->commits), static_cast<unsigned long long>(facts->bytes),
              absl::FormatTime(absl::RFC3339_sec, facts->made_at, absl::UTCTimeZone()).c_str());
  return 0;
}

int FailToListen(node::Log& log, const std::string& address, const std::string& option) {
  log.Write(node::Level::kError, "start_refused", {{"trouble", "cannot listen on " + address}});
  return Fail("无法监听 " + address + "：地址无效或端口已被占用，可换一个端口（" + option + "）",
              "cannot listen on " + address + ": no such address, or the port is taken; try another (" + option + ")");
}

int Serve(const Flags& flags) {
  const auto log = observe::OpenJsonLog(flags.log, flags.log_level, node::SystemClock());
  if (!log.ok()) {
    const std::string why(log.status().message());
    return Fail("无法打开 --log 文件 " + why, "cannot open the file of --log " + why);
  }
  node::NodeOptions options;
  options.log = *log;
  options.directory = flags.data;
  if (!flags.title.empty()) options.title = flags.title;
  options.virtual_clock = flags.virtual_clock;
  if (!flags.virtual_start.empty()) {
    options.virtual_start = ParseStart(flags.virtual_start, options.zone_offset_s);
    if (!options.virtual_start) {
      return Fail("看不懂 --virtual-clock 的起始时间 “" + flags.virtual_start + "”，应如 2026-03-02T08:00",
                  "--virtual-clock: cannot read \"" + flags.virtual_start + "\", write it like 2026-03-02T08:00");
    }
  }
  options.confirm_time = flags.confirm_time;
  options.backups = flags.backups;

  // Before any thread starts, so that all inherit it and the signals wait for sigwait below.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto node = node::Node::Open(std::move(options));
  if (!node.ok()) return FailToOpen(**log, flags.data, node.status());
  auto server = Server::Start(**node, flags.listen, limits::kWritePatience, *log);
  if (!server.ok()) return FailToListen(**log, flags.listen, "--listen");
  std::unique_ptr<observe::MetricsPage> metrics;
  if (!flags.metrics.empty()) {
    auto page = observe::MetricsPage::Serve(
        flags.metrics, [node = node->get(), server = server->get()] { return AllMeasures(*node, *server); });
    if (!page.ok()) return FailToListen(**log, flags.metrics, "--metrics");
    metrics = *std::move(page);
  }
  if (!flags.port_file.empty() && !WritePort(flags.port_file, (*server)->port())) {
    return Fail("无法写入 --port-file " + flags.port_file, "cannot write --port-file " + flags.port_file);
  }
  Announce(flags, **node, (*server)->port(), metrics == nullptr ? 0 : metrics->port());
  (*log)->Write(node::Level::kInfo, "start",
                {{"version", DUBAN_VERSION}, {"port", int64_t{(*server)->port()}}, {"process", int64_t{getpid()}}});

  int signal = 0;
  sigwait(&signals, &signal);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);  // A second one stops the process at once.
  (*log)->Write(node::Level::kInfo, "stop_asked", {{"signal", int64_t{signal}}});
  std::printf("duband: 正在停止 stopping\n");
  std::fflush(stdout);
  (*node)->Shutdown();
  (*server)->Shutdown();
  (*log)->Write(node::Level::kInfo, "stop", {});
  return 0;
}

}  // namespace
}  // namespace duban::rpc

int main(int argc, char** argv) {
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // What gRPC would log, we say in words that help.
  duban::rpc::Flags flags;
  if (auto code = duban::rpc::Parse(argc, argv, &flags)) return *code;
  if (!flags.verify.empty()) {
    return duban::rpc::Bring(duban::node::VerifyBackup(flags.verify, duban::rpc::Tell), "备份完好",
                             "the backup is whole");
  }
  if (!flags.restore.empty()) {
    return duban::rpc::Bring(duban::node::RestoreWorkspace(flags.restore, flags.data, duban::rpc::Tell), "已恢复",
                             "restored");
  }
  for (const auto& [option, address] : {std::pair("--listen", flags.listen), std::pair("--metrics", flags.metrics)}) {
    if (address.empty()) continue;
    if (auto code = duban::rpc::Refuse(option, address, flags.insecure_listen)) return *code;
  }
  return duban::rpc::Serve(flags);
}
