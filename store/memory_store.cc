#include "store/memory_store.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "store/bounds.h"
#include "store/keys.h"

namespace duban::store {
namespace {

using Rows = std::map<std::string, std::string>;

class MemorySnapshot final : public Snapshot {
 public:
  MemorySnapshot(std::mutex& mutex, std::shared_ptr<const Rows> rows, Position applied)
      : mutex_(mutex), rows_(std::move(rows)), applied_(applied) {}
  // Under the store's lock, so that the store sees whether it is the only holder.
  ~MemorySnapshot() override {
    std::lock_guard lock(mutex_);
    rows_.reset();
  }

  Position applied() const override { return applied_; }

  absl::StatusOr<std::string> Get(uint8_t table, absl::string_view key) const override {
    const auto row = rows_->find(RowKey(table, key));
    if (row == rows_->end()) return absl::NotFoundError("no such row");
    return row->second;
  }

  absl::Status Scan(uint8_t table, absl::string_view prefix, absl::string_view from,
                    absl::FunctionRef<bool(absl::string_view, absl::string_view)> visit) const override {
    const std::string start = RowKey(table, prefix);
    for (auto row = rows_->lower_bound(std::max(start, RowKey(table, from))); row != rows_->end(); ++row) {
      if (!absl::StartsWith(row->first, start)) break;
      if (!visit(absl::string_view(row->first).substr(1), row->second)) break;
    }
    return absl::OkStatus();
  }

 private:
  std::mutex& mutex_;
  std::shared_ptr<const Rows> rows_;
  const Position applied_;
};

class MemoryStore final : public Store {
 public:
  absl::Status Write(const Append& append, const Apply& apply) override {
    std::lock_guard lock(mutex_);
    if (absl::Status status = CheckWrite({log_.size(), applied_}, append, apply); !status.ok()) return status;
    for (const CommitBytes& commit : append.commits) {
      for (const StreamSpan& span : commit.streams) {
        streams_[span.stream][span.first_revision] = {log_.size(), span.count};
      }
      log_.push_back(commit.record);
    }
    ApplyChanges(apply);
    return absl::OkStatus();
  }

  absl::Status WriteBeside(const std::vector<RowChange>& rows) override {
    std::lock_guard lock(mutex_);
    if (absl::Status status = CheckWriteBeside({log_.size(), applied_}, rows); !status.ok()) return status;
    ApplyRows(rows);
    return absl::OkStatus();
  }

  absl::Status Rebuild(bool begin, const Apply& apply) override {
    std::lock_guard lock(mutex_);
    if (absl::Status status = CheckRebuild({log_.size(), applied_}, begin, apply); !status.ok()) return status;
    if (begin) {
      rows_ = std::make_shared<Rows>();
      timers_.clear();
    }
    ApplyChanges(apply);
    return absl::OkStatus();
  }

  Position head() const override {
    std::lock_guard lock(mutex_);
    return log_.size();
  }

  Position applied() const override {
    std::lock_guard lock(mutex_);
    return applied_;
  }

  absl::Status Read(Position from,
                    absl::FunctionRef<bool(Position position, absl::string_view record)> visit) const override {
    for (Position position = from; const std::string* record = Find(position); ++position) {
      if (!visit(position, *record)) break;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ReadOne(Position position) const override {
    const std::string* record = Find(position);
    if (record == nullptr) return absl::NotFoundError(absl::StrCat("the log ends before position ", position));
    return *record;
  }

  absl::Status ReadStream(absl::string_view stream, uint64_t from_revision,
                          absl::FunctionRef<bool(uint64_t first_revision, Position position)> visit) const override {
    for (const auto& [first_revision, position] : SpansFrom(stream, from_revision)) {
      if (!visit(first_revision, position)) break;
    }
    return absl::OkStatus();
  }

  absl::Status DueTimers(int64_t until_ms, absl::FunctionRef<bool(const Timer&)> visit) const override {
    return DueTimersFrom({INT64_MIN, ""}, until_ms, visit);
  }
  absl::Status DueTimersFrom(const Timer& from, int64_t until_ms,
                             absl::FunctionRef<bool(const Timer&)> visit) const override {
    // One at a time: a visitor may take few of very many.
    for (Timer at = from;; at.name.push_back('\0')) {
      {
        std::lock_guard lock(mutex_);
        const auto next = timers_.lower_bound({at.due_ms, at.name});
        if (next == timers_.end() || next->first > until_ms) return absl::OkStatus();
        at = {next->first, next->second};
      }
      if (!visit(at)) return absl::OkStatus();
    }
  }

  std::unique_ptr<Snapshot> NewSnapshot() const override {
    std::lock_guard lock(mutex_);
    return std::make_unique<MemorySnapshot>(mutex_, rows_, applied_);
  }

 private:
  struct Place {
    Position position = 0;
    uint64_t count = 0;
  };

  void ApplyRows(const std::vector<RowChange>& rows) {
    if (rows_.use_count() > 1) rows_ = std::make_shared<Rows>(*rows_);  // A snapshot goes on showing the old ones.
    for (const RowChange& row : rows) {
      if (row.deleted) {
        rows_->erase(RowKey(row.table, row.key));
      } else {
        (*rows_)[RowKey(row.table, row.key)] = row.value;
      }
    }
  }

  void ApplyChanges(const Apply& apply) {
    ApplyRows(apply.rows);
    for (const TimerChange& timer : apply.timers) {
      if (timer.old_due_ms != TimerChange::kNone) timers_.erase({timer.old_due_ms, timer.name});
      if (timer.new_due_ms != TimerChange::kNone) timers_.insert({timer.new_due_ms, timer.name});
    }
    applied_ = apply.position;
  }

  // Records never change or move, so that what is found may be read without the lock.
  const std::string* Find(Position position) const {
    std::lock_guard lock(mutex_);
    return position < log_.size() ? &log_[position] : nullptr;
  }

  std::vector<std::pair<uint64_t, Position>> SpansFrom(absl::string_view stream, uint64_t from_revision) const {
    std::lock_guard lock(mutex_);
    std::vector<std::pair<uint64_t, Position>> spans;
    const auto found = streams_.find(std::string(stream));
    if (found == streams_.end()) return spans;
    for (const auto& [first_revision, place] : found->second) {
      if (first_revision + place.count > from_revision) spans.emplace_back(first_revision, place.position);
    }
    return spans;
  }

  mutable std::mutex mutex_;  // Guards everything below.
  std::deque<std::string> log_;
  std::map<std::string, std::map<uint64_t, Place>> streams_;
  std::shared_ptr<Rows> rows_ = std::make_shared<Rows>();
  std::set<std::pair<int64_t, std::string>> timers_;
  Position applied_ = 0;
};

}  // namespace

std::unique_ptr<Store> NewMemoryStore() { return std::make_unique<MemoryStore>(); }

}  // namespace duban::store
