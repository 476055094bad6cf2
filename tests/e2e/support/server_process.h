// A real duband in a process of its own, on a free port and a directory of its own: to be talked to, stopped, killed
// and started again on the same data.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clients/cpp/client.h"

namespace duban::e2e {

class ServerProcess {
 public:
  // Starts with these flags beside --data, --listen and --port-file, and waits until it serves. Stops the test process
  // when that fails, with what the server said: nothing can be tested without it.
  // `furnish` may first fill the place where its data will lie.
  explicit ServerProcess(std::vector<std::string> flags = {},
                         const std::function<void(const std::string& data)>& furnish = nullptr);
  // Kills it and removes its directory.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;

  // "127.0.0.1:<port>" of the running process; a new port after each start, unless `Start` was told one.
  const std::string& target() const { return target_; }
  // Where its data lies.
  std::string data() const { return directory_ + "/data"; }
  // The first token, of persons/operator.
  std::string operator_token() const;
  // A client of its own connection.
  std::unique_ptr<client::Client> Connect(const std::string& token) const;
  std::unique_ptr<client::Client> ConnectOperator() const { return Connect(operator_token()); }

  // SIGKILL, at once: as a power cut to the process, not to the disk.
  void Kill();
  // SIGTERM; the exit code, or -1 when it had to be killed.
  int Stop();
  // Again on the same data; on the same port if asked, for clients that reconnect.
  void Start(bool same_port = false);
  // What it has said so far.
  std::string output() const;

 private:
  bool Launch(const std::string& listen);

  const std::vector<std::string> flags_;
  std::string directory_;
  std::string target_ = "127.0.0.1:0";
  pid_t pid_ = -1;
};

// Runs a program to its end, at most `seconds`: exit code (-1: killed) and what it printed.
struct Ran {
  int code = -1;
  std::string output;
};
Ran Run(const std::vector<std::string>& command, int seconds = 60);

// The programs under test.
std::string DubandPath();
std::string DubanPath();

// 1 SERVING, 2 NOT_SERVING (grpc.health.v1), 0 no answer.
int HealthOf(const std::string& target);

}  // namespace duban::e2e
