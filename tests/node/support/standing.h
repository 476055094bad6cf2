// What stands in a store, for comparing two ways to come to it.
#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "store/store.h"

namespace duban::node {

using Rows = std::map<std::pair<int, std::string>, std::string>;
using Timers = std::map<std::string, int64_t>;

inline Rows RowsOf(const store::Store& store) {
  Rows out;
  const auto snapshot = store.NewSnapshot();
  // Rows from table 64 on are written beside the log (engine/views/rows.h).
  for (int table = 0; table < 64; ++table) {
    EXPECT_TRUE(snapshot
                    ->Scan(static_cast<uint8_t>(table), "", "",
                           [&](absl::string_view key, absl::string_view value) {
                             out[{table, std::string(key)}] = std::string(value);
                             return true;
                           })
                    .ok());
  }
  return out;
}

inline Rows RowsOf(const store::Apply& apply) {
  Rows out;
  for (const store::RowChange& row : apply.rows) {
    if (!row.deleted) out[{row.table, row.key}] = row.value;
  }
  return out;
}

inline Timers TimersOf(const store::Store& store) {
  Timers out;
  EXPECT_TRUE(store
                  .DueTimers(std::numeric_limits<int64_t>::max(),
                             [&](const store::Timer& timer) {
                               out[timer.name] = timer.due_ms;
                               return true;
                             })
                  .ok());
  return out;
}

inline void ExpectSame(const Rows& inline_rows, const Rows& rebuilt) {
  EXPECT_EQ(inline_rows.size(), rebuilt.size());
  for (const auto& [key, value] : inline_rows) {
    const auto found = rebuilt.find(key);
    ASSERT_TRUE(found != rebuilt.end()) << "table " << key.first << " lacks " << absl::CEscape(key.second);
    ASSERT_EQ(value, found->second) << "table " << key.first << " differs at " << absl::CEscape(key.second);
  }
}

}  // namespace duban::node
