#include "services/node/view_sweep.h"

#include <optional>
#include <set>
#include <vector>

#include "services/node/limits.h"
#include "services/node/view_set.h"

namespace duban::node {
namespace {

constexpr size_t kPrefixBytes = 2;  // engine::ViewPrefix.

// The first prefix after this one; empty after the last.
std::string After(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

absl::StatusOr<std::set<std::string>> Marked(const store::Snapshot& rows) {
  std::set<std::string> prefixes;
  const absl::Status scanned = rows.Scan(static_cast<uint8_t>(engine::Table::kViewBuild), "", "",
                                         [&](absl::string_view prefix, absl::string_view) {
                                           prefixes.emplace(prefix);
                                           return true;
                                         });
  if (!scanned.ok()) return scanned;
  return prefixes;
}

}  // namespace

absl::StatusOr<bool> ViewSweep::Step(store::Store& store) {
  const std::unique_ptr<store::Snapshot> rows = store.NewSnapshot();
  const absl::StatusOr<std::set<std::string>> marked = Marked(*rows);
  if (!marked.ok()) return marked.status();
  std::vector<store::RowChange> gone;
  bool full = false;
  while (table_ < kViewTables.size() && !full) {
    const auto table = static_cast<uint8_t>(kViewTables[table_]);
    std::optional<std::string> onward;  // Where to go on in this table.
    const absl::Status scanned = rows->Scan(table, "", from_, [&](absl::string_view key, absl::string_view) {
      const std::string prefix(key.substr(0, kPrefixBytes));
      full = gone.size() == limits::kBuildSweepRows;
      if (full) {
        onward = std::string(key);
      } else if (marked->count(prefix) > 0) {
        onward = After(prefix);
      } else {
        gone.push_back({table, std::string(key), "", true});
      }
      return !onward.has_value();
    });
    if (!scanned.ok()) return scanned;
    from_ = onward.value_or("");
    if (from_.empty()) ++table_;
  }
  if (absl::Status written = store.WriteBeside(gone); !written.ok()) return written;
  return table_ < kViewTables.size();
}

}  // namespace duban::node
