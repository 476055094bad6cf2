// The disk that is measured: a directory of its own below DUBAN_BENCH_DIR (the present one where it is not set), gone
// with this object.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace duban::bench {

class Disk {
 public:
  Disk() {
    const char* parent = std::getenv("DUBAN_BENCH_DIR");
    path_ = std::string(parent == nullptr ? "." : parent) + "/duban-bench-XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace duban::bench
