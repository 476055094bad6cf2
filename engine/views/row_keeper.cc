#include "engine/views/row_keeper.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/views/part_sums.h"
#include "engine/views/tables.h"

namespace duban::engine {
namespace {

using duban::state::v1::ViewCounts;
using duban::state::v1::ViewEntry;
using duban::state::v1::ViewKeys;

template <typename Message>
Message Read(const std::string& bytes) {
  Message message;
  DUBAN_CHECK(message.ParseFromString(bytes), "what a view has kept can be read back");
  return message;
}

}  // namespace

void RowKeeper::Replace(const std::string& owner, std::vector<Row> rows) {
  const Definition& is = view_.definition();
  if (is.one_row_each) {
    DUBAN_CHECK(rows.size() <= 1 && (rows.empty() || rows[0].key == owner), "a view of one row each gives one row");
    return rows.empty() ? Remove(owner) : Put(std::move(rows[0]));
  }
  // The keys that the owner had are kept beside: a row that was made in another directory could not be found again.
  const std::string kept_key = ViewPrefix(is) + owner;
  const std::optional<std::string> kept = rows_.Get(Table::kViewKept, kept_key);
  if (!kept.has_value() && rows.empty()) return;
  ViewKeys keys;
  for (const Row& row : rows) keys.add_keys(row.key);
  std::sort(keys.mutable_keys()->begin(), keys.mutable_keys()->end());
  const std::string value = keys.SerializeAsString();
  if (kept.has_value() && *kept != value) {
    const ViewKeys before = Read<ViewKeys>(*kept);
    for (const std::string& key : before.keys()) {
      if (!std::binary_search(keys.keys().begin(), keys.keys().end(), key)) Remove(key);
    }
  }
  for (Row& row : rows) Put(std::move(row));
  if (keys.keys().empty()) {
    rows_.Delete(Table::kViewKept, kept_key);
  } else if (kept != value) {
    rows_.Put(Table::kViewKept, kept_key, value);
  }
}

void RowKeeper::Put(Row row) {
  const std::string key = ViewPrefix(view_.definition()) + row.key;
  ViewEntry entry;
  *entry.mutable_row() = std::move(row.row);
  entry.mutable_row()->set_key(row.key);
  for (std::string& id : row.audience) entry.add_audience(std::move(id));
  entry.set_place(std::move(row.place));
  const std::optional<std::string> held = rows_.Get(Table::kViewRow, key);
  if (!held.has_value()) {
    entry.set_version(version_);
    Turn(nullptr, &entry);
  } else {
    const ViewEntry old = Read<ViewEntry>(*held);
    view_.Keep(old.row(), *entry.mutable_row());
    entry.set_version(old.version());
    if (entry.SerializeAsString() == *held) return;
    entry.set_version(std::max(version_, old.version() + 1));
    Turn(&old, &entry);
  }
  rows_.Put(Table::kViewRow, key, entry.SerializeAsString());
  Note(std::move(row.key), held);
}

void RowKeeper::Amend(const std::string& row_key, absl::FunctionRef<void(v1::ViewRow& row)> change) {
  const std::string key = ViewPrefix(view_.definition()) + row_key;
  const std::optional<std::string> held = rows_.Get(Table::kViewRow, key);
  if (!held.has_value()) return;
  const ViewEntry old = Read<ViewEntry>(*held);
  ViewEntry entry = old;
  change(*entry.mutable_row());
  if (entry.SerializeAsString() == *held) return;
  entry.set_version(old.version() + 1);
  Turn(&old, &entry);
  rows_.Put(Table::kViewRow, key, entry.SerializeAsString());
  Note(row_key, held);
}

std::vector<std::pair<std::string, v1::PartsSum>> RowKeeper::RollUp(const duban::state::v1::CaseState& part) {
  return PartSums(view_.definition(), rows_).Take(part);
}

void RowKeeper::Remove(const std::string& row_key) {
  const std::string key = ViewPrefix(view_.definition()) + row_key;
  const std::optional<std::string> held = rows_.Get(Table::kViewRow, key);
  if (!held.has_value()) return;
  const ViewEntry old = Read<ViewEntry>(*held);
  Turn(&old, nullptr);
  rows_.Delete(Table::kViewRow, key);
  Note(row_key, held);
}

void RowKeeper::Note(std::string key, std::optional<std::string> before) {
  *changed_.add_keys() = std::move(key);
  *changed_.add_before() = std::move(before).value_or("");
}

void RowKeeper::Turn(const Entry* old, const Entry* fresh) {
  const Definition& is = view_.definition();
  if (is.owner_label.empty()) {
    const std::vector<std::string> before = old == nullptr ? std::vector<std::string>() : IndexKeys(*old);
    const std::vector<std::string> after = fresh == nullptr ? std::vector<std::string>() : IndexKeys(*fresh);
    for (const std::string& key : before) {
      if (!std::binary_search(after.begin(), after.end(), key)) rows_.Delete(Table::kViewIndex, key);
    }
    for (const std::string& key : after) {
      if (!std::binary_search(before.begin(), before.end(), key)) {
        rows_.Put(Table::kViewIndex, key, fresh->row().key());
      }
    }
  }
  if (is.counted.empty()) return;
  const std::string from = old == nullptr ? "" : CountKey(*old);
  const std::string to = fresh == nullptr ? "" : CountKey(*fresh);
  if (from == to) return;
  if (!from.empty()) AddTo(from, -1);
  if (!to.empty()) AddTo(to, 1);
}

std::vector<std::string> RowKeeper::IndexKeys(const Entry& entry) const {
  const Definition& is = view_.definition();
  std::vector<std::string> keys;
  const auto add = [&](absl::string_view name, absl::string_view value) {
    const std::string run = ViewIndexRun(is, name, value);
    for (const std::string& id : entry.audience()) {
      keys.push_back(absl::StrCat(run, KeyText(id), entry.place(), entry.row().key()));
    }
  };
  add("", "");
  for (const Label& label : view_.LabelsOf(entry.row())) {
    if (absl::c_linear_search(is.indexed, label.name)) add(label.name, label.value);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::string RowKeeper::CountKey(const Entry& entry) const {
  const std::vector<Label> labels = view_.LabelsOf(entry.row());
  Cell cell;
  for (const std::string& name : view_.definition().counted) {
    const auto label = std::find_if(labels.begin(), labels.end(), [&](const Label& l) { return l.name == name; });
    cell.push_back(label == labels.end() ? "" : label->value);
  }
  return ViewCellKey(view_.definition(), {entry.audience().begin(), entry.audience().end()}, cell);
}

void RowKeeper::AddTo(const std::string& key, int64_t difference) {
  const std::optional<std::string> held = rows_.Get(Table::kViewCount, key);
  const int64_t count = (held.has_value() ? static_cast<int64_t>(ParseKeyNumber(*held)) : 0) + difference;
  DUBAN_CHECK(count >= 0, "a counting cell never falls below zero");
  if (count == 0) {
    rows_.Delete(Table::kViewCount, key);
  } else {
    rows_.Put(Table::kViewCount, key, KeyNumber(static_cast<uint64_t>(count)));
  }
}

// A cell that has come down to nothing stays, so that what says how often it changed never goes back.
void RowKeeper::AddToCell(const std::string& key, int64_t difference) {
  ViewCell cell = ParseViewCell(rows_.Get(Table::kViewCount, key).value_or(""));
  cell.count += difference;
  ++cell.changes;
  DUBAN_CHECK(cell.count >= 0, "a counting cell never falls below zero");
  rows_.Put(Table::kViewCount, key, ViewCellValue(cell));
  duban::state::v1::ChangedCell& changed = *changed_.add_cells();
  changed.set_cell(key.substr(ViewPrefix(view_.definition()).size()));
  changed.set_difference(difference);
}

void RowKeeper::Count(const std::string& owner, Ids audience, std::vector<Cell> cells) {
  const Definition& is = view_.definition();
  std::sort(cells.begin(), cells.end());
  ViewCounts counts;
  for (const std::string& id : audience) counts.add_audience(id);
  for (const Cell& cell : cells) {
    auto& values = *counts.add_cells()->mutable_values();
    for (const std::string& value : cell) *values.Add() = value;
  }
  if (cells.empty()) counts.clear_audience();
  const std::string key = ViewPrefix(is) + owner;
  const std::optional<std::string> held = rows_.Get(Table::kViewKept, key);
  const std::string value = counts.SerializeAsString();
  if (held.value_or("") == value) return;
  std::map<std::string, int64_t> differences;
  const auto add = [&](const ViewCounts& side, int64_t sign) {
    for (const auto& cell : side.cells()) {
      const Cell values(cell.values().begin(), cell.values().end() - static_cast<std::ptrdiff_t>(is.beside));
      differences[ViewCellKey(is, {side.audience().begin(), side.audience().end()}, values)] += sign;
    }
  };
  if (held.has_value()) add(Read<ViewCounts>(*held), -1);
  add(counts, 1);
  for (const auto& [cell, difference] : differences) {
    if (difference != 0) AddToCell(cell, difference);
  }
  if (cells.empty()) {
    rows_.Delete(Table::kViewKept, key);
  } else {
    rows_.Put(Table::kViewKept, key, value);
  }
}

std::vector<Cell> RowKeeper::Counted(const std::string& owner) {
  const std::optional<std::string> held = rows_.Get(Table::kViewKept, ViewPrefix(view_.definition()) + owner);
  std::vector<Cell> cells;
  if (!held.has_value()) return cells;
  const ViewCounts counts = Read<ViewCounts>(*held);
  for (const auto& cell : counts.cells()) cells.emplace_back(cell.values().begin(), cell.values().end());
  return cells;
}

}  // namespace duban::engine
