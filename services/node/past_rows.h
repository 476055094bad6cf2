// What the rows of views were: how superseded rows are kept, and how a view is read as it stood after some commits.
//
// Each commit that replaces a row leaves what was there before, under the row's key and the commit's position: a row
// stood as it is kept from the position before it in that order up to its own, a closed interval. So the row after the
// first n commits is the one kept at the first position that is n or more, and where there is none, the row of now.
// Of the index nothing but removed entries is kept: they lead to keys, and the row of then says the rest.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/views/rows.h"
#include "engine/views/view.h"
#include "services/node/merged_scan.h"
#include "services/node/view_set.h"
#include "store/store.h"

namespace duban::node {

// What one commit replaced, as Batch::Follow saw it.
struct Superseded {
  store::Position position = 0;
  engine::Table table = engine::Table::kViewRow;  // kViewRow, kViewIndex or kViewKept.
  std::string key;
  std::string value;  // Empty: there was none.
};

// The row by which it is kept; nothing where it is not kept: what one owner has in a view that does not count.
std::optional<store::RowChange> KeptAs(Superseded superseded, const ViewSet& views);

// From where to where the past of each view is kept: rows after n commits can be had from what is kept when
// from <= n <= to.
struct KeptSpans {
  std::map<const engine::View*, store::Position> from;  // Views that have a past, of those that are kept up.
  std::optional<store::Position> to;                    // None: nothing was ever kept.
};
absl::StatusOr<KeptSpans> LoadKeptSpans(const store::Snapshot& rows, const ViewSet& views);
// The changes that say so.
store::RowChange KeptFrom(const engine::Definition& view, store::Position from);
store::RowChange KeptNoMore(const engine::Definition& view);
store::RowChange KeptTo(store::Position to);

// Changes that drop what no span needs any more, looking at no more than `most` entries from `cursor` on, which goes
// on; it is empty again when all have been looked at. `before`: the earliest position from which any past is kept.
absl::StatusOr<std::vector<store::RowChange>> Sweep(const store::Snapshot& rows, store::Position before, size_t most,
                                                    std::string* cursor);

using SnapshotPtr = std::shared_ptr<const store::Snapshot>;

// A view's rows as they stood after the first `commits()` commits.
class RowsThen {
 public:
  // From kept rows: `rows` shows some later time, `past` what was replaced from `commits` up to then at least.
  RowsThen(SnapshotPtr rows, SnapshotPtr past, store::Position commits)
      : rows_(std::move(rows)), past_(std::move(past)), commits_(commits) {}
  // Rows that are those of then: now's, or made for that time.
  RowsThen(SnapshotPtr rows, store::Position commits) : rows_(std::move(rows)), commits_(commits) {}

  store::Position commits() const { return commits_; }
  // Whether they are read through what is kept.
  bool has_past() const { return past_ != nullptr; }

  // A row of kViewRow or kViewKept; empty when there was none.
  absl::StatusOr<std::string> Get(engine::Table table, const std::string& key) const;

  // Where index entries are found that led to rows then; some lead to rows of other times.
  std::vector<IndexSource> indexes() const;

  // At most `most` keys of kViewRow or kViewKept that begin with `prefix` and come after `after`, in order: all that
  // were there then, and others.
  absl::StatusOr<std::vector<std::string>> Keys(engine::Table table, const std::string& prefix,
                                                const std::string& after, size_t most) const;
  // Of these, those that some commit since the horizon changed; none where nothing is kept.
  absl::StatusOr<std::vector<std::string>> ChangedKeys(engine::Table table, const std::string& prefix,
                                                       const std::string& after, size_t most) const;

 private:
  SnapshotPtr rows_;
  SnapshotPtr past_;  // Null: `rows_` are those of then.
  store::Position commits_;
};

}  // namespace duban::node
