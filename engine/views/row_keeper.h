// Keeps what a view's definition says: rows, index entries, totals per audience. A view never sees this.
//
// Nothing is written that has not changed, so that a reminder costs what it changes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "duban/state/v1/rows.pb.h"
#include "engine/views/rows.h"
#include "engine/views/view.h"

namespace duban::engine {

class RowKeeper final : public ViewRows {
 public:
  // `version`: what the rows that change carry, or one more than they had where that is greater: a row's version never
  // decreases, though other cases may have amended it. Never decreases for a case.
  RowKeeper(const View& view, Rows& rows, uint64_t version) : view_(view), rows_(rows), version_(version) {}

  void Replace(const std::string& owner, std::vector<Row> rows) override;
  void Put(Row row) override;
  void Count(const std::string& owner, Ids audience, std::vector<Cell> cells) override;
  std::vector<Cell> Counted(const std::string& owner) override;
  std::vector<std::pair<std::string, v1::PartsSum>> RollUp(const duban::state::v1::CaseState& part) override;
  void Amend(const std::string& key, absl::FunctionRef<void(v1::ViewRow& row)> change) override;

  // The rows that changed, also those that went, with what they were before; of a view that counts, the cells.
  duban::state::v1::ChangedView TakeChanged() { return std::move(changed_); }

 private:
  using Entry = duban::state::v1::ViewEntry;

  void Remove(const std::string& key);
  // Brings index and totals from one entry to another; either may be null.
  void Turn(const Entry* old, const Entry* fresh);
  std::vector<std::string> IndexKeys(const Entry& entry) const;
  std::string CountKey(const Entry& entry) const;
  void AddTo(const std::string& total_key, int64_t difference);
  void AddToCell(const std::string& cell_key, int64_t difference);
  void Note(std::string key, std::optional<std::string> before);

  const View& view_;
  Rows& rows_;
  const uint64_t version_;
  duban::state::v1::ChangedView changed_;
};

}  // namespace duban::engine
