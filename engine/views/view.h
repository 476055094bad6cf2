// Views: rows computed from events. Disposable: a function of the log alone, under the view's version.
//
// A view says which rows a case has after a change, who sees each, where it stands and by what it can be found. It
// knows nothing of how that is kept: indexes, totals per audience, what a watcher is told, what a row was on some day
// and the building of a new version beside an old one follow from the definition (views/row_keeper.h, services/node).
//
// To add a view: a message in proto/duban/v1/view.proto with its place in ViewRow, a number in the enum View, a file
// here that reads like its definition, a line in registry.cc. docs/views.md walks through it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "duban/v1/event.pb.h"
#include "duban/v1/view.pb.h"
#include "engine/base/time.h"
#include "engine/cases/audience.h"
#include "engine/directory/directory.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// What one commit did to one stream. Called in the log's order, inside the batch that makes it durable.
struct Change {
  const v1::StreamPart& part;
  Instant recorded;
  const Directory& directory;  // Of then.
  const Zone& zone;
  // Of a case; null for other streams.
  const Procedure* procedure = nullptr;
  const duban::state::v1::CaseState* before = nullptr;  // Null also when the case was opened here.
  const duban::state::v1::CaseState* after = nullptr;
};

// A condition by which rows can be found: {"light", "red"}. A row may have several of one name.
struct Label {
  std::string name;
  std::string value;
};

// A row as its view gives it.
struct Row {
  std::string key;    // Unique in the view; begins with the case's name where it belongs to one.
  std::string place;  // The view's order, as bytes (views/tables.h).
  Ids audience;       // Sorted, at most limits::kAudienceMax.
  v1::ViewRow row;    // `key` is filled by the keeper.
};

// A cell that a case counts for: values of the definition's `cells`, in that order.
using Cell = std::vector<std::string>;

// Where a view puts its rows.
class ViewRows {
 public:
  virtual ~ViewRows() = default;
  // These are all the rows that `owner` (a case, a stream) has from now on; others it had go.
  virtual void Replace(const std::string& owner, std::vector<Row> rows) = 0;
  // One more row, for views that only grow.
  virtual void Put(Row row) = 0;
  // These are all the cells that `owner` counts for from now on, for this audience.
  virtual void Count(const std::string& owner, Ids audience, std::vector<Cell> cells) = 0;
  // The cells that it counts for so far.
  virtual std::vector<Cell> Counted(const std::string& owner) = 0;
  // Rolls a case up into its wholes; the wholes whose sums are others than before, with their sums (part_sums.h).
  virtual std::vector<std::pair<std::string, v1::PartsSum>> RollUp(const duban::state::v1::CaseState& part) = 0;
  // Changes a row that is there already, whoever it belongs to; nothing where there is none.
  virtual void Amend(const std::string& key, absl::FunctionRef<void(v1::ViewRow& row)> change) = 0;
};

// What a view is.
struct Definition {
  v1::View number = v1::VIEW_UNSPECIFIED;
  std::string name;
  uint32_t version = 1;  // A change of meaning is a new version, built beside the old one.

  // Rows: one per owner, keyed by it; or any number.
  bool one_row_each = false;
  // Seen with one's own posts and units alone, not through a subtree or an area (the worklist). Whom a row names sees
  // it, whether or not he sees the case otherwise: he is called to it.
  bool own_only = false;
  // Found by the owner's name alone, through this label, and not listed otherwise (a timeline).
  std::string owner_label;
  std::vector<std::string> labels;   // By which rows can be filtered.
  std::vector<std::string> indexed;  // Of these, the ones with an index: the most selective first.
  std::vector<std::string> counted;  // Of these, the ones by which totals are kept.

  // A view that counts has no rows of its own: they are sums over the cells whose audience admits the viewer.
  std::vector<std::string> cells;  // The labels of a cell; they are also its filters.
  size_t group = 0;                // The first so many of them make one row.
  size_t beside = 0;               // A cell has so many values more, which its owner keeps and no sum knows.
};

// One view. Stateless: everything it remembers is in its rows.
class View {
 public:
  virtual ~View() = default;
  virtual const Definition& definition() const = 0;
  virtual void Apply(const Change& change, ViewRows& rows) const = 0;

  // The labels of a row, from the row alone. One whose name is indexed has an entry in the index.
  virtual std::vector<Label> LabelsOf(const v1::ViewRow& row) const { return {}; }
  // What a row that its owner gives anew keeps of the one before: what Amend has put there.
  virtual void Keep(const v1::ViewRow& before, v1::ViewRow& row) const {}
  // Adds a cell's count to the row of its group.
  virtual void Add(const Cell& cell, int64_t count, v1::ViewRow& row) const {}
};

// The views, each in a file of its own.
const View& LedgerView();
const View& AlertView();
const View& WorklistView();
const View& TimelineView();
const View& MetricsView();
const View& RegistersView();
const View& UnitsView();
const View& DocumentsView();

// All of them (registry.cc).
const std::vector<const View*>& Views();

// The case a row is about; empty when it is about none.
const std::string& CaseOf(const v1::ViewRow& row);

}  // namespace duban::engine
