// The head guard: a file beside RocksDB that remembers how long the log was known to be.
//
// When the live write-ahead log of RocksDB is damaged or gone, RocksDB opens without an error on a shorter history.
// The guard notices: it says up to which position the log was durable, and what the last record's hash was.
//
// The file has two slots of 4 KiB, written in turn, so that a torn write leaves the other. Its bytes are in README.md.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "store/store.h"

namespace duban::store {

class HeadGuard {
 public:
  // Opens; makes one for an empty log when there is no file. DATA_LOSS when neither slot can be read.
  static absl::StatusOr<std::unique_ptr<HeadGuard>> Open(const std::string& path);
  ~HeadGuard();
  HeadGuard(const HeadGuard&) = delete;
  HeadGuard& operator=(const HeadGuard&) = delete;

  // The number of commits the log is known to hold.
  Position position() const { return position_; }

  // DATA_LOSS when `store` holds fewer commits than are known to have been durable, or another one at their end.
  absl::Status Check(const Store& store) const;

  // Remembers that the log is durable up to `position`; `last_record` is the one before it. Syncs.
  absl::Status Write(Position position, absl::string_view last_record);

 private:
  HeadGuard(std::string path, int file) : path_(std::move(path)), file_(file) {}
  absl::Status Load();

  const std::string path_;
  const int file_;
  uint64_t sequence_ = 0;  // Of the slot written last; the slot is its lowest bit.
  Position position_ = 0;
  std::string record_hash_;  // SHA-256 of the record at position_ - 1; 32 zero bytes at 0.
};

}  // namespace duban::store
