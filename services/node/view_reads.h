// Reading views. Every row is checked against the viewer, whatever index led to it; nothing is said of the rest.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "duban/state/v1/rows.pb.h"
#include "duban/v1/ledger_service.pb.h"
#include "duban/v1/view_service.pb.h"
#include "engine/views/tables.h"
#include "services/node/node.h"
#include "services/node/reading.h"

namespace duban::node {

// Of now; of the past: services/node/past_reads.h.
Reply<v1::QueryViewResponse> QueryView(const Reading& reading, const v1::QueryViewRequest& request);
Reply<v1::QueryLedgerResponse> QueryLedger(const Reading& reading, const v1::QueryLedgerRequest& request);
Reply<v1::ListWorklistResponse> ListWorklist(const Reading& reading, const v1::ListWorklistRequest& request);
Reply<v1::ListAlertsResponse> ListAlerts(const Reading& reading, const v1::ListAlertsRequest& request);

// A view and the conditions on its rows, checked and made ready.
class ViewQuery {
 public:
  // Refuses a view that does not exist or is being built, labels that it does not have, dates that do not exist; of a
  // reader also names that nothing published has (services/node/filter_words.h).
  static engine::Outcome<ViewQuery> From(const Reading& reading, v1::View view, const v1::ViewFilter& filter);
  static engine::Outcome<ViewQuery> From(const ViewSet& views, const engine::Zone& zone, v1::View view,
                                         const v1::ViewFilter& filter);

  const engine::View& view() const { return *view_; }
  const engine::Definition& definition() const { return view_->definition(); }
  const v1::ViewFilter& filter() const { return filter_; }
  // The index that leads to what is asked for: the most selective label that is given and has one, else all rows.
  engine::Label Lead() const;
  // What the keys of all rows of the one owner begin with, whom views that are found by their owner ask for.
  std::string OwnedPrefix() const;
  // The ids by whose index entries a viewer finds rows of this view.
  const engine::Ids& IdsOf(const Reading& reading) const {
    return definition().own_only ? reading.own() : reading.viewer();
  }
  // Whether a row is for those alone who see the case it is about.
  bool NeedsSight() const {
    const engine::Definition& is = definition();
    return is.cells.empty() && !is.own_only && is.number != v1::VIEW_LEDGER;
  }
  bool Matches(const v1::ViewRow& row) const;
  // Whether a cell of a view that counts is summed.
  bool Matches(const engine::Cell& cell) const;

 private:
  const engine::View* view_ = nullptr;
  v1::ViewFilter filter_;
  engine::Instant due_before_ = absl::InfiniteFuture();
};

// The ledger's own filter as conditions on any view.
v1::ViewFilter FilterOf(const v1::LedgerFilter& filter);

// The row of that key, where the viewer may see it and it matches. Not for views that count.
absl::StatusOr<std::optional<duban::state::v1::ViewEntry>> VisibleEntry(const Reading& reading, const ViewQuery& query,
                                                                        const std::string& key);

// Visits the keys of all rows to which some id of the viewer leads, in the view's order, each once, until `visit`
// returns false. They may match or not, be visible or not: VisibleEntry tells. Not for views that count.
absl::Status VisitKeys(const Reading& reading, const ViewQuery& query,
                       absl::FunctionRef<bool(const std::string& key)> visit);

// A row of a view that counts. Its version is the sum of how often its cells changed: it grows with each change that
// the viewer may see, and tells nothing of others.
struct CountedRow {
  v1::ViewRow row;
  uint64_t version = 0;
};
using CountedRowMap = std::map<std::string, CountedRow>;

// What cells have gained since some commit, by their key after the view's prefix.
struct CellGain {
  int64_t count = 0;
  uint64_t changes = 0;
};
using CellGains = std::map<std::string, CellGain>;

// The rows of a view that counts, by key: sums over the cells whose audience admits the viewer; as they were before
// `since`, where it is given. Costs the number of cells that he may see, and a step for each audience that he may not.
absl::StatusOr<CountedRowMap> CountedRows(const Reading& reading, const ViewQuery& query,
                                          const CellGains* since = nullptr);

// Cells whose first value lies between two, both included; all of them where both are empty.
struct CellRange {
  std::string first, last;
};
// Visits the cells of a view that counts whose audience admits the viewer. Costs what is visited, and a step or two for
// each audience.
absl::Status VisitCells(const Reading& reading, const engine::Definition& is, const CellRange& range,
                        absl::FunctionRef<void(const engine::ParsedCell& cell, const engine::ViewCell& held)> visit);

// Whether the viewer sees that cell, and it is summed.
bool SeesCell(const Reading& reading, const ViewQuery& query, absl::string_view cell);

// Whether a row that was kept so is one that the viewer may see, apart from what its case says, and that matches.
bool AdmitsEntry(const Reading& reading, const ViewQuery& query, const duban::state::v1::ViewEntry& entry);

}  // namespace duban::node
