// A program that goes on beside the test: what it has printed so far, on a terminal of its own or elsewhere.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace duban::e2e {

// How large its terminal is; with no columns what it prints goes to no terminal.
struct Terminal {
  unsigned short columns = 0;
  unsigned short lines = 0;
};

class Background {
 public:
  explicit Background(const std::vector<std::string>& command, Terminal terminal = {});
  // Kills it where it has not ended.
  ~Background();
  Background(const Background&) = delete;

  // Standard output and standard error, as they came.
  std::string output() const;
  // Its exit code, once it has ended by itself; -1 after so many seconds, and where a signal ended it.
  int Wait(int seconds);

 private:
  pid_t pid_ = -1;
  int from_ = -1;  // What it prints comes out here.
  mutable std::mutex mutex_;
  std::string output_;  // Guarded by mutex_.
  std::thread reader_;
};

}  // namespace duban::e2e
