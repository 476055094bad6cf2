// A disk that lies as disks do, in memory: a write may fail before anything is kept, may be kept and yet reported as
// failed, and derived rows may be gone after a restart. What was reported as kept is kept.
#pragma once

#include <memory>

#include "store/store.h"

namespace duban::sim {

class SimStore final : public store::Store {
 public:
  enum class Fault {
    kNone,
    kLost,    // The next write fails, nothing is kept.
    kUnsaid,  // The next write is kept and fails all the same.
  };

  SimStore();

  // What becomes of the next write.
  void Arm(Fault fault) { fault_ = fault; }
  bool armed() const { return fault_ != Fault::kNone; }
  // After a failed write the store takes no more until it is opened again.
  void Reopen() { failed_ = false; }
  // The rows are lost; the log stands.
  void LoseRows();

  absl::Status Write(const store::Append& append, const store::Apply& apply) override;
  absl::Status WriteBeside(const std::vector<store::RowChange>& rows) override;
  absl::Status Rebuild(bool begin, const store::Apply& apply) override;
  store::Position head() const override { return kept_->head(); }
  store::Position applied() const override { return kept_->applied(); }
  absl::Status Read(store::Position from,
                    absl::FunctionRef<bool(store::Position, absl::string_view)> visit) const override {
    return kept_->Read(from, visit);
  }
  absl::StatusOr<std::string> ReadOne(store::Position position) const override { return kept_->ReadOne(position); }
  absl::Status ReadStream(absl::string_view stream, uint64_t from_revision,
                          absl::FunctionRef<bool(uint64_t, store::Position)> visit) const override {
    return kept_->ReadStream(stream, from_revision, visit);
  }
  absl::Status DueTimers(int64_t until_ms, absl::FunctionRef<bool(const store::Timer&)> visit) const override {
    return kept_->DueTimers(until_ms, visit);
  }
  absl::Status DueTimersFrom(const store::Timer& from, int64_t until_ms,
                             absl::FunctionRef<bool(const store::Timer&)> visit) const override {
    return kept_->DueTimersFrom(from, until_ms, visit);
  }
  std::unique_ptr<store::Snapshot> NewSnapshot() const override { return kept_->NewSnapshot(); }

 private:
  const std::unique_ptr<store::Store> kept_;
  Fault fault_ = Fault::kNone;
  bool failed_ = false;
};

}  // namespace duban::sim
