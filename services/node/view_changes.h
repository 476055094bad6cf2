// How the rows that one watcher sees differ between two positions.
//
// Exact, whatever happened between the two and whoever remembers it: each commit has kept what its changed rows were
// before (Table::kChanged). Walking back over the commits, a row's earliest change says what it was at the beginning;
// the reading says what it is at the end. So a row that left what a viewer may see is told to those who held it and to
// nobody else, and a row that he never saw leaves no trace.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "duban/state/v1/rows.pb.h"
#include "services/node/reading.h"
#include "services/node/view_reads.h"

namespace duban::node {

// A row that differs, by its versions.
struct RowTurn {
  std::string key;
  std::optional<uint64_t> held;   // What the watcher holds; nothing: he does not have it.
  std::optional<uint64_t> shown;  // What it is now; nothing: it left.
};

class ViewChanges {
 public:
  // From after the first `from` commits to the end of `reading`. Both outlive this. REQUIRES: the commits between are
  // kept (Reaches), and `from` <= reading.head().
  ViewChanges(const Reading& reading, const ViewQuery& query, store::Position from);

  // Whether the changes since the first `from` commits are still kept.
  static bool Reaches(const Reading& reading, store::Position from);

  // Looks at so many commits more. True when all have been looked at; then Take.
  absl::StatusOr<bool> Walk(int commits);
  // More rows differ than limits::kWatchDirtyMax, or a commit between changed more than is kept; nothing more can be
  // had from this.
  bool overflowed() const;

  // The rows that differ, by key. Of a view that counts also the rows as they are.
  absl::StatusOr<std::vector<RowTurn>> Take();
  CountedRowMap TakeCounted() { return std::move(counted_); }

 private:
  // A row: what it was at the earliest commit looked at, apart from whether its case was seen; and what it is now.
  struct Seen {
    std::optional<uint64_t> was;
    std::string about;              // The case it was about.
    bool admits = false;            // Now, apart from its case.
    std::optional<uint64_t> shown;  // Now.
  };

  absl::Status LookAt(store::Position position);
  absl::Status LookAtRows(const duban::state::v1::ChangedView& changed);
  absl::Status LookAtCases(const duban::state::v1::ChangedView& changed);
  void LookAtCells(const duban::state::v1::ChangedView& changed);
  absl::StatusOr<Seen> SeenNow(const std::string& key) const;
  absl::Status Put(const std::string& key, const std::string& before);
  // Rows of cases that came into sight or went out of it, though the rows themselves did not change.
  absl::Status AddRowsOfCases();
  absl::StatusOr<std::vector<RowTurn>> CountedTurns();
  bool is_counted() const { return !query_.definition().cells.empty(); }

  const Reading& reading_;
  const ViewQuery& query_;
  const store::Position from_;
  const engine::View* const ledger_;   // Null where a case's audience does not matter beside the row's.
  store::Position next_;               // One more than the commit to be looked at next.
  std::map<std::string, Seen> rows_;   // Of which he saw, or may have seen, either side.
  std::map<std::string, bool> cases_;  // That came or went for this viewer: whether he saw them at the beginning.
  CellGains gains_;
  bool left_out_ = false;
  CountedRowMap counted_;
};

}  // namespace duban::node
