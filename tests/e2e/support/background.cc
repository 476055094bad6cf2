#include "tests/e2e/support/background.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

extern char** environ;

namespace duban::e2e {
namespace {

[[noreturn]] void Broken(const char* what) {
  std::perror(what);
  std::abort();
}

// Two ends: what is written into the second comes out of the first.
struct Ends {
  int out = -1, in = -1;
};

Ends Pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) Broken("pipe2");
  return {ends[0], ends[1]};
}

Ends OpenTerminal(Terminal terminal) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) Broken("posix_openpt");
  const int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  winsize size{};
  size.ws_col = terminal.columns;
  size.ws_row = terminal.lines;
  if (slave < 0 || ioctl(slave, TIOCSWINSZ, &size) != 0) Broken("terminal");
  return {master, slave};
}

}  // namespace

Background::Background(const std::vector<std::string>& command, Terminal terminal) {
  const Ends ends = terminal.columns > 0 ? OpenTerminal(terminal) : Pipe();
  from_ = ends.out;
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, ends.in, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, ends.in, STDERR_FILENO);
  if (posix_spawnp(&pid_, arguments[0], &files, nullptr, arguments.data(), environ) != 0) Broken("posix_spawnp");
  posix_spawn_file_actions_destroy(&files);
  close(ends.in);
  reader_ = std::thread([this] {
    char some[4096];
    for (ssize_t n; (n = read(from_, some, sizeof some)) > 0;) {  // A terminal whose program has ended fails (EIO).
      std::lock_guard<std::mutex> lock(mutex_);
      output_.append(some, static_cast<size_t>(n));
    }
  });
}

Background::~Background() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  reader_.join();
  close(from_);
}

std::string Background::output() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return output_;
}

int Background::Wait(int seconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  int status = 0;
  while (waitpid(pid_, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > until) return -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace duban::e2e
