#include "services/node/view_changes.h"

#include <algorithm>

#include "engine/views/tables.h"
#include "services/node/limits.h"

namespace duban::node {
namespace {

using duban::state::v1::ChangedRows;
using duban::state::v1::ChangedView;
using duban::state::v1::ViewEntry;
using engine::Table;

absl::StatusOr<ViewEntry> EntryIn(const std::string& bytes) {
  ViewEntry entry;
  if (!entry.ParseFromString(bytes)) return absl::DataLossError("what a row was before cannot be read");
  return entry;
}

bool IsOf(const ChangedView& changed, const engine::Definition& is) {
  return changed.view() == static_cast<uint32_t>(is.number) && changed.version() == is.version;
}

}  // namespace

ViewChanges::ViewChanges(const Reading& reading, const ViewQuery& query, store::Position from)
    : reading_(reading),
      query_(query),
      from_(from),
      ledger_(query.NeedsSight() ? reading.views().Serving(v1::VIEW_LEDGER) : nullptr),
      next_(reading.head()) {}

bool ViewChanges::Reaches(const Reading& reading, store::Position from) {
  return from <= reading.head() && reading.head() - from <= limits::kChangedKept;
}

bool ViewChanges::overflowed() const {
  return left_out_ || rows_.size() + cases_.size() + gains_.size() > limits::kWatchDirtyMax;
}

absl::StatusOr<bool> ViewChanges::Walk(int commits) {
  for (; next_ > from_ && commits > 0 && !overflowed(); --commits) {
    if (absl::Status looked = LookAt(--next_); !looked.ok()) return looked;
  }
  return next_ == from_ || overflowed();
}

absl::Status ViewChanges::LookAt(store::Position position) {
  absl::StatusOr<std::optional<std::string>> row = reading_.Row(Table::kChanged, engine::KeyNumber(position));
  if (!row.ok()) return row.status();
  if (!row->has_value()) return absl::OkStatus();
  ChangedRows changed;
  if (!changed.ParseFromString(**row)) return absl::DataLossError("what a commit changed cannot be read");
  // Backwards here too: what stands first was before what stands later.
  for (auto view = changed.views().rbegin(); view != changed.views().rend(); ++view) {
    absl::Status looked;
    left_out_ = left_out_ || view->view() == v1::VIEW_UNSPECIFIED;
    if (IsOf(*view, query_.definition())) {
      if (is_counted()) {
        LookAtCells(*view);
      } else {
        looked = LookAtRows(*view);
      }
    } else if (ledger_ != nullptr && IsOf(*view, ledger_->definition())) {
      looked = LookAtCases(*view);
    }
    if (!looked.ok()) return looked;
  }
  return absl::OkStatus();
}

absl::StatusOr<ViewChanges::Seen> ViewChanges::SeenNow(const std::string& key) const {
  Seen seen;
  absl::StatusOr<std::optional<std::string>> row =
      reading_.Row(Table::kViewRow, engine::ViewPrefix(query_.definition()) + key);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return seen;
  absl::StatusOr<ViewEntry> entry = EntryIn(**row);
  if (!entry.ok()) return entry.status();
  seen.admits = AdmitsEntry(reading_, query_, *entry);
  if (!seen.admits) return seen;
  const std::string& about = engine::CaseOf(entry->row());
  absl::StatusOr<bool> sees = ledger_ == nullptr || about.empty() ? true : reading_.SeesNow(about);
  if (!sees.ok()) return sees.status();
  if (*sees) seen.shown = entry->version();
  return seen;
}

absl::Status ViewChanges::Put(const std::string& key, const std::string& before) {
  const auto held = rows_.find(key);
  absl::StatusOr<Seen> seen = held != rows_.end() ? held->second : SeenNow(key);
  if (!seen.ok()) return seen.status();
  seen->was.reset();
  seen->about.clear();
  if (!before.empty()) {
    absl::StatusOr<ViewEntry> entry = EntryIn(before);
    if (!entry.ok()) return entry.status();
    if (AdmitsEntry(reading_, query_, *entry)) {
      seen->was = entry->version();
      seen->about = engine::CaseOf(entry->row());
    }
  }
  if (seen->was.has_value() || seen->admits) {
    rows_[key] = *std::move(seen);
  } else if (held != rows_.end()) {
    rows_.erase(held);
  }
  return absl::OkStatus();
}

absl::Status ViewChanges::LookAtRows(const ChangedView& changed) {
  for (int i = changed.keys_size() - 1; i >= 0; --i) {
    if (absl::Status put = Put(changed.keys(i), changed.before(i)); !put.ok()) return put;
  }
  return absl::OkStatus();
}

absl::Status ViewChanges::LookAtCases(const ChangedView& changed) {
  for (int i = changed.keys_size() - 1; i >= 0; --i) {
    bool was = false;
    if (!changed.before(i).empty()) {
      absl::StatusOr<ViewEntry> entry = EntryIn(changed.before(i));
      if (!entry.ok()) return entry.status();
      was = engine::Admits({entry->audience().begin(), entry->audience().end()}, reading_.viewer());
    }
    absl::StatusOr<bool> is = reading_.SeesNow(changed.keys(i));
    if (!is.ok()) return is.status();
    if (was == *is) {
      cases_.erase(changed.keys(i));
    } else {
      cases_[changed.keys(i)] = was;
    }
  }
  return absl::OkStatus();
}

void ViewChanges::LookAtCells(const ChangedView& changed) {
  for (const auto& cell : changed.cells()) {
    if (!SeesCell(reading_, query_, cell.cell())) continue;
    CellGain& gain = gains_[cell.cell()];
    gain.count += cell.difference();
    ++gain.changes;
  }
}

absl::Status ViewChanges::AddRowsOfCases() {
  const std::string prefix = engine::ViewPrefix(query_.definition());
  for (const auto& [name, was] : cases_) {
    std::vector<std::pair<std::string, std::string>> rows;
    absl::Status scanned = reading_.rows().Scan(static_cast<uint8_t>(Table::kViewRow), prefix + name + "/", "",
                                                [&](absl::string_view key, absl::string_view value) {
                                                  rows.emplace_back(key.substr(prefix.size()), value);
                                                  return rows.size() <= limits::kWatchDirtyMax;
                                                });
    if (!scanned.ok()) return scanned;
    for (const auto& [key, entry] : rows) {
      // A row that is not there yet did not change: it was what it is.
      if (rows_.count(key) == 0) scanned.Update(Put(key, entry));
      if (!scanned.ok()) return scanned;
      if (overflowed()) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RowTurn>> ViewChanges::Take() {
  if (is_counted()) return CountedTurns();
  if (absl::Status added = AddRowsOfCases(); !added.ok()) return added;
  std::vector<RowTurn> turns;
  for (auto& [key, seen] : rows_) {
    if (seen.was.has_value() && ledger_ != nullptr && !seen.about.empty()) {
      const auto turned = cases_.find(seen.about);
      absl::StatusOr<bool> saw = turned != cases_.end() ? turned->second : reading_.SeesNow(seen.about);
      if (!saw.ok()) return saw.status();
      if (!*saw) seen.was.reset();
    }
    if (seen.was != seen.shown) turns.push_back({key, seen.was, seen.shown});
  }
  return turns;
}

absl::StatusOr<std::vector<RowTurn>> ViewChanges::CountedTurns() {
  std::vector<RowTurn> turns;
  if (gains_.empty()) return turns;
  absl::StatusOr<CountedRowMap> before = CountedRows(reading_, query_, &gains_);
  if (!before.ok()) return before.status();
  absl::StatusOr<CountedRowMap> now = CountedRows(reading_, query_);
  if (!now.ok()) return now.status();
  for (const auto& [key, row] : *before) {
    if (now->count(key) == 0) turns.push_back({key, row.version, std::nullopt});
  }
  for (const auto& [key, row] : *now) {
    const auto was = before->find(key);
    if (was == before->end()) {
      turns.push_back({key, std::nullopt, row.version});
    } else if (was->second.version != row.version) {
      turns.push_back({key, was->second.version, row.version});
    }
  }
  std::sort(turns.begin(), turns.end(), [](const RowTurn& a, const RowTurn& b) { return a.key < b.key; });
  counted_ = *std::move(now);
  return turns;
}

}  // namespace duban::node
