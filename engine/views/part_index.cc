#include "engine/views/part_index.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/cases/parts.h"
#include "engine/views/tables.h"

namespace duban::engine {

void IndexParts(const Change& change, Rows& rows) {
  std::set<std::string> known;
  std::map<std::string, int64_t> open;  // whole -> difference
  const auto count = [&](const duban::state::v1::CaseState& state, int64_t by) {
    if (state.end_kind() != v1::END_KIND_UNSPECIFIED) return;
    for (const Whole& whole : WholesOf(state)) open[whole.name] += by;
  };
  if (change.before != nullptr) {
    for (const Whole& whole : WholesOf(*change.before)) known.insert(whole.name);
    count(*change.before, -1);
  }
  count(*change.after, 1);
  for (const Whole& whole : WholesOf(*change.after)) {
    if (known.count(whole.name) != 0) continue;
    rows.Put(Table::kParts, whole.name,
             absl::StrCat(rows.Get(Table::kParts, whole.name).value_or(""), change.after->name(), "\n"));
  }
  for (const auto& [whole, by] : open) {
    if (by == 0) continue;
    const std::optional<std::string> row = rows.Get(Table::kOpenParts, whole);
    const uint64_t now = (row.has_value() ? ParseKeyNumber(*row) : 0) + static_cast<uint64_t>(by);
    if (now == 0) {
      rows.Delete(Table::kOpenParts, whole);
    } else {
      rows.Put(Table::kOpenParts, whole, KeyNumber(now));
    }
  }
}

std::vector<std::string> PartsIn(absl::string_view row) { return absl::StrSplit(row, '\n', absl::SkipEmpty()); }

}  // namespace duban::engine
