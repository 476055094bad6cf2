// A store that does what another does, but for what a test bends.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "store/memory_store.h"
#include "store/store.h"

namespace duban::node {

class BentStore : public store::Store {
 public:
  explicit BentStore(std::shared_ptr<store::Store> below = store::NewMemoryStore()) : below_(std::move(below)) {}

  // Each is called before the call that it is named after, which fails with what it returns. Set while nothing runs.
  std::function<absl::Status(const std::vector<store::RowChange>&)> before_beside;
  std::function<absl::Status(const store::Append&)> before_write;
  std::function<absl::Status(store::Position)> before_record;

  absl::Status Write(const store::Append& append, const store::Apply& apply) override {
    if (absl::Status bent = before_write ? before_write(append) : absl::OkStatus(); !bent.ok()) return bent;
    return below_->Write(append, apply);
  }
  absl::Status WriteBeside(const std::vector<store::RowChange>& rows) override {
    if (absl::Status bent = before_beside ? before_beside(rows) : absl::OkStatus(); !bent.ok()) return bent;
    return below_->WriteBeside(rows);
  }
  absl::Status Rebuild(bool begin, const store::Apply& apply) override { return below_->Rebuild(begin, apply); }
  store::Position head() const override { return below_->head(); }
  store::Position applied() const override { return below_->applied(); }
  absl::Status Read(store::Position from,
                    absl::FunctionRef<bool(store::Position, absl::string_view)> visit) const override {
    absl::Status bent;
    const absl::Status read = below_->Read(from, [&](store::Position position, absl::string_view record) {
      if (before_record) bent = before_record(position);
      return bent.ok() && visit(position, record);
    });
    return bent.ok() ? read : bent;
  }
  absl::StatusOr<std::string> ReadOne(store::Position position) const override { return below_->ReadOne(position); }
  absl::Status ReadStream(absl::string_view stream, uint64_t from,
                          absl::FunctionRef<bool(uint64_t, store::Position)> visit) const override {
    return below_->ReadStream(stream, from, visit);
  }
  absl::Status DueTimers(int64_t until_ms, absl::FunctionRef<bool(const store::Timer&)> visit) const override {
    return below_->DueTimers(until_ms, visit);
  }
  absl::Status DueTimersFrom(const store::Timer& from, int64_t until_ms,
                             absl::FunctionRef<bool(const store::Timer&)> visit) const override {
    return below_->DueTimersFrom(from, until_ms, visit);
  }
  std::unique_ptr<store::Snapshot> NewSnapshot() const override { return below_->NewSnapshot(); }

 private:
  const std::shared_ptr<store::Store> below_;
};

}  // namespace duban::node
