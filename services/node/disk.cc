#include "services/node/disk.h"

#include <filesystem>
#include <system_error>

namespace duban::node {
namespace {

namespace fs = std::filesystem;

Disk::Room Look(const std::string& directory) {
  Disk::Room room;
  std::error_code error;
  // Files come and go meanwhile; one that has gone counts nothing.
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    const bool is_file = at->is_regular_file(gone);
    const uint64_t bytes = is_file && !gone ? at->file_size(gone) : 0;
    if (!gone) room.used_bytes += bytes;
  }
  const fs::space_info space = fs::space(directory, error);
  if (!error) room.free_bytes = space.available;
  return room;
}

}  // namespace

Disk::Room Disk::room() {
  std::lock_guard<std::mutex> lock(mu_);
  if (directory_.empty()) return room_;
  if (clock_.Steady() - looked_at_ >= kOld) {
    room_ = Look(directory_);
    looked_at_ = clock_.Steady();
  }
  return room_;
}

}  // namespace duban::node
