#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "services/observe/metrics_page.h"

namespace duban::observe {
namespace {

double EntriesOf(const char* directory) {
  std::error_code error;
  std::filesystem::directory_iterator at(directory, error);
  return error ? 0 : static_cast<double>(std::distance(begin(at), end(at)));
}

double ResidentBytes() {
  std::ifstream in("/proc/self/statm");
  double all_pages = 0, resident_pages = 0;
  in >> all_pages >> resident_pages;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

std::vector<node::Measure> ProcessMeasures() {
  return {
      node::Gauge("process_resident_bytes", "Memory of the process that is in RAM.", ResidentBytes()),
      node::Gauge("process_open_files", "Files and connections that the process has open.", EntriesOf("/proc/self/fd")),
      node::Gauge("process_threads", "Threads of the process.", EntriesOf("/proc/self/task"))};
}

}  // namespace duban::observe
