// A store that does what another does, but for what a test bends.
#pragma once

#include <functional>
#include <vector>

#include "tests/node/support/passing_store.h"

namespace duban::node {

class BentStore : public PassingStore {
 public:
  using PassingStore::PassingStore;

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
  absl::Status Read(store::Position from,
                    absl::FunctionRef<bool(store::Position, absl::string_view)> visit) const override {
    absl::Status bent;
    const absl::Status read = below_->Read(from, [&](store::Position position, absl::string_view record) {
      if (before_record) bent = before_record(position);
      return bent.ok() && visit(position, record);
    });
    return bent.ok() ? read : bent;
  }
};

}  // namespace duban::node
