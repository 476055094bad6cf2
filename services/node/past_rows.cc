#include "services/node/past_rows.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/views/tables.h"

namespace duban::node {

using engine::Table;

namespace {

constexpr uint8_t kRow = static_cast<uint8_t>(Table::kPastRow);
constexpr uint8_t kCount = static_cast<uint8_t>(Table::kPastCount);
constexpr uint8_t kIndex = static_cast<uint8_t>(Table::kPastIndex);
constexpr uint8_t kKept = static_cast<uint8_t>(Table::kPastKept);
constexpr size_t kNumberBytes = 8;
// Versions of one key that are stepped over before the reading begins anew behind them.
constexpr int kStepsMax = 16;

uint8_t PastTable(Table table) {
  DUBAN_CHECK(table == Table::kViewRow || table == Table::kViewKept, "these rows have a past");
  return table == Table::kViewRow ? kRow : kCount;
}

// No row's key holds a zero byte, so that the versions of one are never among another's.
std::string VersionKey(absl::string_view key, store::Position position) {
  return absl::StrCat(engine::KeyText(key), engine::KeyNumber(position));
}

absl::string_view KeyOfVersion(absl::string_view version_key) {
  return version_key.substr(0, version_key.size() - kNumberBytes - 1);
}

store::Position PositionOfVersion(absl::string_view version_key) {
  return engine::ParseKeyNumber(version_key.substr(version_key.size() - kNumberBytes));
}

bool Counts(absl::string_view key, const ViewSet& views) {
  return std::any_of(views.kept.begin(), views.kept.end(), [&](const engine::View* view) {
    const engine::Definition& is = view->definition();
    return !is.cells.empty() && absl::StartsWith(key, engine::ViewPrefix(is));
  });
}

absl::StatusOr<std::optional<store::Position>> Number(const store::Snapshot& rows, const std::string& key) {
  absl::StatusOr<std::string> row = rows.Get(kKept, key);
  if (absl::IsNotFound(row.status())) return std::optional<store::Position>();
  if (!row.ok()) return row.status();
  if (row->size() != kNumberBytes) return absl::DataLossError("how far the past is kept cannot be read");
  return std::optional<store::Position>(engine::ParseKeyNumber(*row));
}

}  // namespace

std::optional<store::RowChange> KeptAs(Superseded superseded, const ViewSet& views) {
  switch (superseded.table) {
    case Table::kViewIndex:
      if (superseded.value.empty()) return std::nullopt;  // Put and removed by one commit.
      return store::RowChange{kIndex, std::move(superseded.key),
                              absl::StrCat(engine::KeyNumber(superseded.position), superseded.value)};
    case Table::kViewKept:
      if (!Counts(superseded.key, views)) return std::nullopt;
      break;
    default:
      break;
  }
  return store::RowChange{PastTable(superseded.table), VersionKey(superseded.key, superseded.position),
                          std::move(superseded.value)};
}

absl::StatusOr<KeptSpans> LoadKeptSpans(const store::Snapshot& rows, const ViewSet& views) {
  KeptSpans spans;
  absl::StatusOr<std::optional<store::Position>> to = Number(rows, "");
  if (!to.ok()) return to.status();
  spans.to = *to;
  for (const engine::View* view : views.kept) {
    absl::StatusOr<std::optional<store::Position>> from = Number(rows, engine::ViewPrefix(view->definition()));
    if (!from.ok()) return from.status();
    if (from->has_value()) spans.from[view] = **from;
  }
  return spans;
}

store::RowChange KeptFrom(const engine::Definition& view, store::Position from) {
  return {kKept, engine::ViewPrefix(view), engine::KeyNumber(from)};
}

store::RowChange KeptNoMore(const engine::Definition& view) { return {kKept, engine::ViewPrefix(view), "", true}; }

store::RowChange KeptTo(store::Position to) { return {kKept, "", engine::KeyNumber(to)}; }

absl::StatusOr<std::vector<store::RowChange>> Sweep(const store::Snapshot& rows, store::Position before, size_t most,
                                                    std::string* cursor) {
  std::vector<store::RowChange> dropped;
  const uint8_t begin = cursor->empty() ? kRow : static_cast<uint8_t>((*cursor)[0]);
  std::string from = cursor->empty() ? "" : cursor->substr(1);
  size_t looked = 0;
  for (uint8_t table = begin; table <= kIndex; ++table, from.clear()) {
    const absl::Status scanned = rows.Scan(table, "", from, [&](absl::string_view key, absl::string_view value) {
      if (looked++ == most) {
        *cursor = absl::StrCat(absl::string_view(reinterpret_cast<const char*>(&table), 1), key);
        return false;
      }
      const store::Position position =
          table == kIndex ? engine::ParseKeyNumber(value.substr(0, kNumberBytes)) : PositionOfVersion(key);
      if (position < before) dropped.push_back({table, std::string(key), "", true});
      return true;
    });
    if (!scanned.ok()) return scanned;
    if (looked > most) return dropped;
  }
  cursor->clear();
  return dropped;
}

absl::StatusOr<std::string> RowsThen::Get(Table table, const std::string& key) const {
  std::optional<std::string> found;
  if (past_ != nullptr) {
    const absl::Status scanned = past_->Scan(PastTable(table), engine::KeyText(key), VersionKey(key, commits_),
                                             [&](absl::string_view, absl::string_view value) {
                                               found = std::string(value);
                                               return false;
                                             });
    if (!scanned.ok()) return scanned;
    if (found.has_value()) return *std::move(found);
  }
  absl::StatusOr<std::string> row = rows_->Get(static_cast<uint8_t>(table), key);
  if (absl::IsNotFound(row.status())) return std::string();
  return row;
}

std::vector<IndexSource> RowsThen::indexes() const {
  std::vector<IndexSource> sources = {{rows_, Table::kViewIndex, 0}};
  if (past_ != nullptr) sources.push_back({past_, Table::kPastIndex, kNumberBytes});
  return sources;
}

absl::StatusOr<std::vector<std::string>> RowsThen::ChangedKeys(Table table, const std::string& prefix,
                                                               const std::string& after, size_t most) const {
  std::vector<std::string> keys;
  if (past_ == nullptr) return keys;
  // Behind all versions of the last key: no key holds a zero byte.
  const auto behind = [](const std::string& key) { return absl::StrCat(key, absl::string_view("\1", 1)); };
  std::string from = after.empty() ? "" : behind(after);
  bool ended = false;
  while (!ended && keys.size() < most) {
    int steps = 0;
    ended = true;
    const absl::Status scanned =
        past_->Scan(PastTable(table), prefix, from, [&](absl::string_view key, absl::string_view) {
          const absl::string_view of = KeyOfVersion(key);
          if (keys.empty() || keys.back() != of) {
            if (keys.size() == most) return false;
            keys.emplace_back(of);
            steps = 0;
          } else if (++steps == kStepsMax) {
            from = behind(keys.back());
            ended = false;
            return false;
          }
          return true;
        });
    if (!scanned.ok()) return scanned;
  }
  return keys;
}

absl::StatusOr<std::vector<std::string>> RowsThen::Keys(Table table, const std::string& prefix,
                                                        const std::string& after, size_t most) const {
  std::vector<std::string> now;
  const std::string from = after.empty() ? "" : absl::StrCat(after, absl::string_view("\0", 1));
  const absl::Status scanned =
      rows_->Scan(static_cast<uint8_t>(table), prefix, from, [&](absl::string_view key, absl::string_view) {
        if (now.size() == most) return false;
        now.emplace_back(key);
        return true;
      });
  if (!scanned.ok()) return scanned;
  if (past_ == nullptr) return now;
  absl::StatusOr<std::vector<std::string>> gone = ChangedKeys(table, prefix, after, most);
  if (!gone.ok()) return gone;
  // Of the first `most` of both together none is missing.
  std::vector<std::string> keys;
  std::set_union(now.begin(), now.end(), gone->begin(), gone->end(), std::back_inserter(keys));
  if (keys.size() > most) keys.resize(most);
  return keys;
}

}  // namespace duban::node
