#include "tests/e2e/support/server_process.h"

#include <fcntl.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

extern char** environ;

namespace duban::e2e {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kStartMax{30};
constexpr seconds kStopMax{30};

std::string NewDirectory() {
  std::string path = fs::temp_directory_path() / "duban-e2e-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    std::perror("mkdtemp");
    std::abort();
  }
  return path;
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Starts a program with its output appended to `log`; -1 when there is none.
pid_t Spawn(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, arguments[0], &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  return failed == 0 ? pid : -1;
}

// The exit code; -1 after killing it when it takes too long, or when it died of a signal.
int WaitFor(pid_t pid, seconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > until) {
      kill(pid, SIGKILL);
      waitpid(pid, &status, 0);
      return -1;
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

std::string DubandPath() { return DUBAN_BINARY_DIR "/services/rpc/duband"; }
std::string DubanPath() { return DUBAN_BINARY_DIR "/clients/duban"; }

int HealthOf(const std::string& target) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + seconds(5));
  const grpc::Slice empty(std::string{});
  grpc::ByteBuffer request(&empty, 1), response;
  std::promise<grpc::Status> done;
  grpc::GenericStub(grpc::CreateChannel(target, grpc::InsecureChannelCredentials()))
      .UnaryCall(&context, "/grpc.health.v1.Health/Check", {}, &request, &response,
                 [&](grpc::Status status) { done.set_value(status); });
  grpc::Slice slice;
  // HealthCheckResponse{status = 1: varint}.
  if (!done.get_future().get().ok() || !response.DumpToSingleSlice(&slice).ok() || slice.size() != 2) return 0;
  return slice.begin()[1];
}

Ran Run(const std::vector<std::string>& command, int seconds_max) {
  const std::string directory = NewDirectory();
  const pid_t pid = Spawn(command, directory + "/output");
  Ran ran;
  if (pid > 0) ran.code = WaitFor(pid, seconds(seconds_max));
  ran.output = ReadFile(directory + "/output");
  fs::remove_all(directory);
  return ran;
}

ServerProcess::ServerProcess(std::vector<std::string> flags,
                             const std::function<void(const std::string& data)>& furnish)
    : flags_(std::move(flags)), directory_(NewDirectory()) {
  if (furnish != nullptr) furnish(data());
  Start();
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) Kill();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

std::string ServerProcess::operator_token() const {
  std::string token = ReadFile(data() + "/operator.token");
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back()))) token.pop_back();
  return token;
}

std::unique_ptr<client::Client> ServerProcess::Connect(const std::string& token) const {
  client::Options options;
  options.target = target_;
  options.token = token;
  return client::Client::Connect(std::move(options));
}

void ServerProcess::Kill() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int ServerProcess::Stop() {
  kill(pid_, SIGTERM);
  const int code = WaitFor(pid_, kStopMax);
  pid_ = -1;
  return code;
}

void ServerProcess::Start(bool same_port) {
  if (Launch(same_port ? target_ : "127.0.0.1:0")) return;
  std::fprintf(stderr, "the server does not start; it said:\n%s\n", output().c_str());
  std::abort();
}

std::string ServerProcess::output() const { return ReadFile(directory_ + "/output"); }

bool ServerProcess::Launch(const std::string& listen) {
  const std::string port_file = directory_ + "/port";
  fs::remove(port_file);
  std::vector<std::string> command = {DubandPath(), "--data", data(), "--listen", listen, "--port-file", port_file};
  command.insert(command.end(), flags_.begin(), flags_.end());
  pid_ = Spawn(command, directory_ + "/output");
  const auto until = std::chrono::steady_clock::now() + kStartMax;
  while (std::chrono::steady_clock::now() < until) {
    if (pid_ < 0 || waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    const std::string port = ReadFile(port_file);
    if (!port.empty()) {
      target_ = "127.0.0.1:" + std::to_string(std::stoi(port));
      if (HealthOf(target_) == 1) return true;
    }
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

}  // namespace duban::e2e
