// The store's door: how bytes last. It never knows what they mean.
//
// A store holds one workspace's log and what is derived from it:
//   log      position -> record (store/record.h); dense from 0, never changed
//   streams  stream, revision -> position of the commit that holds that event
//   rows     (table, key) -> value; overwritten in place
//   timers   (due, name), ordered by due
// One write is one batch and one sync for all that waits. Everything but the log can be derived from the log;
// `applied` says how far that has been done.
//
// Threads: Write is called by one thread at a time; everything else by any thread at any time. Two implementations,
// RocksStore and MemoryStore, pass one suite of tests (tests/store/store_contract_test.cc).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace duban::store {

// A commit's place in the log, dense from 0.
using Position = uint64_t;

// One stream's events in a commit.
struct StreamSpan {
  std::string stream;           // Not empty, no zero byte; each stream at most once in a commit.
  uint64_t first_revision = 0;  // Dense from 1 within the stream.
  uint64_t count = 0;
};

// A commit as the store sees it.
struct CommitBytes {
  std::string record;  // Framed as store/record.h says; at most kRecordBytesMax.
  std::vector<StreamSpan> streams;
};

// Whole commits, appended only when the log's head is where the writer believes it to be.
struct Append {
  Position expected_head = 0;  // The position that the first of `commits` gets; the number of commits so far.
  std::vector<CommitBytes> commits;
};

// A change of one row. A row without a value is deleted.
struct RowChange {
  uint8_t table = 0;
  std::string key;
  std::string value;
  bool deleted = false;
};

// A change of one timer: each name has at most one.
struct TimerChange {
  std::string name;
  int64_t old_due_ms = kNone;  // Where it was; kNone when it was not armed.
  int64_t new_due_ms = kNone;  // Where it is from now on; kNone disarms it.
  static constexpr int64_t kNone = INT64_MIN;
};

// What follows from the log up to and with `position - 1`. Changes are made in the order given. In a Write the
// position is where the log ends after it.
struct Apply {
  Position position = 0;  // The number of commits whose consequences are in the rows afterwards.
  std::vector<RowChange> rows;
  std::vector<TimerChange> timers;
};

struct Timer {
  int64_t due_ms = 0;
  std::string name;
  auto operator<=>(const Timer& other) const = default;  // The order in which timers fire.
};

// Bounds. What happens at each: the call returns INVALID_ARGUMENT and nothing is written.
inline constexpr size_t kRecordBytesMax = 4 * 1024 * 1024;
inline constexpr size_t kRowBytesMax = 4 * 1024 * 1024;
inline constexpr size_t kKeyBytesMax = 4 * 1024;  // Row keys, stream names, timer names.

// A consistent reading at one position. Cheap to make; release it soon, for it holds old versions alive, and before
// its store.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  // The number of commits whose consequences this snapshot shows.
  virtual Position applied() const = 0;

  // NOT_FOUND where there is no such row.
  virtual absl::StatusOr<std::string> Get(uint8_t table, absl::string_view key) const = 0;

  // Rows of a table whose key starts with `prefix` and is not before `from`, in key order, until `visit` returns
  // false. `from` empty: from the first. A bad block is an error, never an early end.
  virtual absl::Status Scan(uint8_t table, absl::string_view prefix, absl::string_view from,
                            absl::FunctionRef<bool(absl::string_view key, absl::string_view value)> visit) const = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Appends, applies and syncs, all or nothing. Returns after it is durable.
  //   ABORTED: the head is not `append.expected_head`; nothing was written.
  //   INVALID_ARGUMENT: a bound is exceeded or the call contradicts itself; nothing was written.
  //   FAILED_PRECONDITION: the rows are behind the log (Rebuild first) or the store is closed for writing; nothing
  //   was written.
  //   Anything else: the environment failed and what was written is unknown. The store is then closed for writing
  //   until it is opened again, and a sync is never tried again.
  virtual absl::Status Write(const Append& append, const Apply& apply) = 0;

  // Changes rows beside what the log's commits do: for rows whose loss their owner can mend. Atomic, not synced, does
  // not move applied(); a snapshot made afterwards shows it. After a power cut the last ones may be gone: never one of
  // them in part, never one whose successor is there, and none that returned before a Write that returned was called.
  // Beginning a Rebuild drops these rows as it drops all.
  //   INVALID_ARGUMENT: a bound is exceeded; nothing was written.
  //   FAILED_PRECONDITION: as for Write.
  //   Anything else: as for Write; the store is then closed for Write too.
  virtual absl::Status WriteBeside(const std::vector<RowChange>& rows) = 0;

  // Replaces all rows and timers by those given by a rebuild, a bounded batch at a time: the first call with
  // `begin` drops what was there, the one with apply.position set to the head makes it current. Each call is atomic
  // and durable and its position never less than the one before, so that a rebuild cut short goes on from applied().
  // Errors as for Write; FAILED_PRECONDITION also when no rebuild has begun.
  virtual absl::Status Rebuild(bool begin, const Apply& apply) = 0;

  // The number of commits in the log.
  virtual Position head() const = 0;
  // The number of commits whose consequences are in the rows; equal to head() except after a lost rebuild.
  virtual Position applied() const = 0;

  // Records from `from` on, in order, until `visit` returns false or the log ends. DATA_LOSS when one is missing.
  virtual absl::Status Read(Position from,
                            absl::FunctionRef<bool(Position position, absl::string_view record)> visit) const = 0;
  // One record. NOT_FOUND beyond the head.
  virtual absl::StatusOr<std::string> ReadOne(Position position) const = 0;

  // Positions of the commits that hold events of a stream from `from_revision` on, each once, in order.
  virtual absl::Status ReadStream(absl::string_view stream, uint64_t from_revision,
                                  absl::FunctionRef<bool(uint64_t first_revision, Position position)> visit) const = 0;

  // Armed timers due at or before `until_ms`, by (due, name), until `visit` returns false.
  virtual absl::Status DueTimers(int64_t until_ms, absl::FunctionRef<bool(const Timer&)> visit) const = 0;
  // The same, those not before `from`. A store that can begin there does not step over the others.
  virtual absl::Status DueTimersFrom(const Timer& from, int64_t until_ms,
                                     absl::FunctionRef<bool(const Timer&)> visit) const {
    return DueTimers(until_ms, [&](const Timer& timer) { return timer < from || visit(timer); });
  }

  virtual std::unique_ptr<Snapshot> NewSnapshot() const = 0;
};

}  // namespace duban::store
