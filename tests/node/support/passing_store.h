// Passes every call on to a store below: what a test's own store is made of, which says only what it does otherwise.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "store/memory_store.h"
#include "store/store.h"

namespace duban::node {

class PassingStore : public store::Store {
 public:
  explicit PassingStore(std::shared_ptr<store::Store> below = store::NewMemoryStore()) : below_(std::move(below)) {}

  absl::Status Write(const store::Append& append, const store::Apply& apply) override {
    return below_->Write(append, apply);
  }
  absl::Status WriteBeside(const std::vector<store::RowChange>& rows) override { return below_->WriteBeside(rows); }
  absl::Status Rebuild(bool begin, const store::Apply& apply) override { return below_->Rebuild(begin, apply); }
  store::Position head() const override { return below_->head(); }
  store::Position applied() const override { return below_->applied(); }
  absl::Status Read(store::Position from,
                    absl::FunctionRef<bool(store::Position, absl::string_view)> visit) const override {
    return below_->Read(from, visit);
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

 protected:
  const std::shared_ptr<store::Store> below_;
};

}  // namespace duban::node
