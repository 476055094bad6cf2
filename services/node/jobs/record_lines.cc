#include "services/node/jobs/record_lines.h"

#include <algorithm>
#include <utility>

#include "services/node/limits.h"
#include "services/node/uploads.h"

namespace duban::node {

absl::StatusOr<bool> RecordLines::Hold(const std::string& file, uint64_t offset) {
  if (file == file_ && offset >= begins_ && offset - begins_ < held_.size()) return true;
  absl::StatusOr<std::string> read = files_.Read(StoredName(file), offset);
  if (!read.ok()) return read.status();
  file_ = file;
  begins_ = offset;
  held_ = *std::move(read);
  return !held_.empty();
}

absl::StatusOr<std::optional<RecordLines::Line>> RecordLines::At(const std::string& file, uint64_t offset) {
  Line line;
  line.next = offset;
  for (;;) {
    absl::StatusOr<bool> more = Hold(file, line.next);
    if (!more.ok()) return more.status();
    if (!*more) break;
    const size_t from = line.next - begins_;
    const size_t end = held_.find('\n', from);
    const size_t length = (end == std::string::npos ? held_.size() : end) - from;
    const size_t room = limits::kImportRecordBytesMax - line.text.size();
    line.text.append(held_, from, std::min(length, room));
    line.whole = line.whole && length <= room;
    line.next += length;
    if (end != std::string::npos) {
      ++line.next;
      break;
    }
  }
  if (line.next == offset) return std::optional<Line>();
  if (!line.text.empty() && line.text.back() == '\r') line.text.pop_back();
  return std::optional<Line>(std::move(line));
}

}  // namespace duban::node
