// The lines of an uploaded file, one after another: what a job that plays a file reads. Keeps the part of the file in
// which the last line lay, so that going on from there reads nothing again. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "store/file_store.h"

namespace duban::node {

class RecordLines {
 public:
  // Outlives it.
  explicit RecordLines(const store::FileStore& files) : files_(files) {}

  struct Line {
    std::string text;   // Without its end.
    uint64_t next = 0;  // Where the line after it begins.
    bool whole = true;  // False: longer than limits::kImportRecordBytesMax, and cut there.
  };

  // The line of the file ("files/…") that begins at `offset`; nothing at the file's end. Errors as FileStore::Read.
  absl::StatusOr<std::optional<Line>> At(const std::string& file, uint64_t offset);

 private:
  // Makes sure that the byte at `offset` is held; false at the file's end.
  absl::StatusOr<bool> Hold(const std::string& file, uint64_t offset);

  const store::FileStore& files_;
  std::string file_;
  uint64_t begins_ = 0;  // Where in the file the held bytes begin.
  std::string held_;
};

}  // namespace duban::node
