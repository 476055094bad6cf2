// A store in memory whose writes are remembered, and whose readings are counted.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/views/rows.h"
#include "tests/node/support/passing_store.h"

namespace duban::node {

// A store that remembers every write, so that another one can be made as it would be after losing the last that were
// written beside the log.
class Journal : public PassingStore {
 public:
  // From now on nothing can be written beside.
  void RefuseBeside() {
    std::lock_guard<std::mutex> lock(mu_);
    refuse_beside_ = true;
  }
  // What readers have looked at.
  mutable std::atomic<int64_t> rows_read{0};
  mutable std::atomic<int64_t> entries_seen{0};

  absl::Status Write(const store::Append& append, const store::Apply& apply) override {
    std::lock_guard<std::mutex> lock(mu_);
    written_.push_back({append, apply, {}, false});
    return below_->Write(append, apply);
  }
  absl::Status WriteBeside(const std::vector<store::RowChange>& rows) override {
    std::lock_guard<std::mutex> lock(mu_);
    if (refuse_beside_) return absl::UnavailableError("no room beside");
    written_.push_back({{}, {}, rows, true});
    return below_->WriteBeside(rows);
  }
  std::unique_ptr<store::Snapshot> NewSnapshot() const override {
    return std::make_unique<Counted>(*this, below_->NewSnapshot());
  }

  size_t written_beside() const {
    return static_cast<size_t>(std::count_if(written_.begin(), written_.end(), IsBeside));
  }

  // The same log with the first `beside` of what was written beside it.
  std::shared_ptr<Journal> Kept(size_t beside) const {
    auto kept = std::make_shared<Journal>();
    for (const Written& one : written_) {
      if (!IsBeside(one)) {
        EXPECT_TRUE(kept->Write(one.append, one.apply).ok());
      } else if (beside > 0) {
        --beside;
        EXPECT_TRUE(kept->WriteBeside(one.beside).ok());
      }
    }
    return kept;
  }

 private:
  class Counted : public store::Snapshot {
   public:
    Counted(const Journal& journal, std::unique_ptr<store::Snapshot> below)
        : journal_(journal), below_(std::move(below)) {}
    store::Position applied() const override { return below_->applied(); }
    absl::StatusOr<std::string> Get(uint8_t table, absl::string_view key) const override {
      if (table == static_cast<uint8_t>(engine::Table::kViewRow)) ++journal_.rows_read;
      return below_->Get(table, key);
    }
    absl::Status Scan(uint8_t table, absl::string_view prefix, absl::string_view from,
                      absl::FunctionRef<bool(absl::string_view, absl::string_view)> visit) const override {
      return below_->Scan(table, prefix, from, [&](absl::string_view key, absl::string_view value) {
        if (table == static_cast<uint8_t>(engine::Table::kViewIndex)) ++journal_.entries_seen;
        return visit(key, value);
      });
    }

   private:
    const Journal& journal_;
    const std::unique_ptr<store::Snapshot> below_;
  };

  struct Written {
    store::Append append;
    store::Apply apply;
    std::vector<store::RowChange> beside;
    bool is_beside = false;
  };
  static bool IsBeside(const Written& one) { return one.is_beside; }

  std::mutex mu_;
  bool refuse_beside_ = false;  // Guarded by mu_.
  std::vector<Written> written_;
};

}  // namespace duban::node
