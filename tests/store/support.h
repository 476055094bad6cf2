// What the store's tests share: short ways to say a write, and a directory that goes away.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "store/record.h"
#include "store/store.h"

namespace duban::store {

// A new directory for one test; in memory where the system offers that, for these tests fsync a great deal.
class TempDir {
 public:
  TempDir() {
    const std::filesystem::path shm = "/dev/shm";
    std::string path = (std::filesystem::exists(shm) ? shm : std::filesystem::temp_directory_path()) / "duban.XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) std::abort();
    path_ = path;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

inline void WriteFile(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// Files of a directory and below it whose name ends like this.
inline std::vector<std::filesystem::path> FilesEndingIn(const std::string& directory, const std::string& end) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const std::string name = entry.path().string();
    if (entry.is_regular_file() && name.size() >= end.size() && name.ends_with(end)) files.push_back(entry.path());
  }
  return files;
}

inline std::string Record(const std::string& text) { return EncodeRecord(text, ""); }

inline Append Commits(Position head, const std::vector<std::string>& texts) {
  Append append{head, {}};
  for (const std::string& text : texts) append.commits.push_back({Record(text), {}});
  return append;
}

inline RowChange Row(uint8_t table, const std::string& key, const std::string& value) {
  return {table, key, value, false};
}
inline RowChange NoRow(uint8_t table, const std::string& key) { return {table, key, "", true}; }

inline TimerChange Arm(const std::string& name, int64_t due_ms) { return {name, TimerChange::kNone, due_ms}; }
inline TimerChange Move(const std::string& name, int64_t from_ms, int64_t to_ms) { return {name, from_ms, to_ms}; }
inline TimerChange Disarm(const std::string& name, int64_t due_ms) { return {name, due_ms, TimerChange::kNone}; }

using Pairs = std::vector<std::pair<std::string, std::string>>;

inline std::vector<std::string> AllRecords(const Store& store, Position from = 0) {
  std::vector<std::string> records;
  Position next = from;
  const absl::Status status = store.Read(from, [&](Position position, absl::string_view record) {
    EXPECT_EQ(position, next++);
    records.emplace_back(record);
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return records;
}

inline Pairs ScanAll(const Snapshot& snapshot, uint8_t table, const std::string& prefix = "",
                     const std::string& from = "") {
  Pairs rows;
  const absl::Status status = snapshot.Scan(table, prefix, from, [&](absl::string_view key, absl::string_view value) {
    rows.emplace_back(key, value);
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return rows;
}

inline std::vector<std::pair<int64_t, std::string>> Due(const Store& store, int64_t until_ms) {
  std::vector<std::pair<int64_t, std::string>> timers;
  const absl::Status status = store.DueTimers(until_ms, [&](const Timer& timer) {
    timers.emplace_back(timer.due_ms, timer.name);
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return timers;
}

inline std::vector<std::pair<uint64_t, Position>> Spans(const Store& store, const std::string& stream,
                                                        uint64_t from_revision = 1) {
  std::vector<std::pair<uint64_t, Position>> spans;
  const absl::Status status = store.ReadStream(stream, from_revision, [&](uint64_t first_revision, Position position) {
    spans.emplace_back(first_revision, position);
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return spans;
}

MATCHER_P(HasCode, code, "") {
  *result_listener << arg;
  return arg.code() == code;
}

#define EXPECT_OK(expression) EXPECT_THAT(expression, HasCode(absl::StatusCode::kOk))
#define ASSERT_OK(expression) ASSERT_THAT(expression, HasCode(absl::StatusCode::kOk))

}  // namespace duban::store
