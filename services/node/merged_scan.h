// One walk over the index entries of several ids, in the order of what follows the id in their keys.
//
// A viewer sees with several ids; each has its own run of keys. The walk holds a few entries of every run and gives the
// smallest next, so that a page costs what it shows.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/cases/audience.h"
#include "engine/views/rows.h"
#include "store/store.h"

namespace duban::node {

struct IndexEntry {
  std::string place;  // What follows the id in the key: the order of the walk.
  std::string id;
  std::string value;

  bool operator<(const IndexEntry& other) const { return place != other.place ? place < other.place : id < other.id; }
};

// Where a page ends, as its token keeps it: the id's length, the id, the place.
std::string PlaceText(const IndexEntry& entry);
bool ParsePlace(const std::string& text, std::string* place, std::string* id);

// A family of index entries.
struct IndexSource {
  std::shared_ptr<const store::Snapshot> rows;
  engine::Table table = engine::Table::kViewIndex;
  size_t skip = 0;  // Bytes of each value before what the entry leads to.
};

class MergedScan {
 public:
  // Over the index entries that begin with `run`, an id and a zero byte. Starts after the entry at (`after_place`,
  // `after_id`); both empty: at the first.
  MergedScan(std::vector<IndexSource> sources, std::string run, const engine::Ids& ids, const std::string& after_place,
             const std::string& after_id);

  // The next entry; false at the end. An entry that several ids hold comes once for each.
  absl::StatusOr<bool> Next(IndexEntry* entry);

 private:
  struct Run {
    const IndexSource* source = nullptr;
    std::string id;
    std::string prefix;
    std::string from;  // Key from which to read on.
    bool ended = false;
    std::deque<IndexEntry> held;
  };

  absl::Status Fill(Run& run);

  const std::vector<IndexSource> sources_;
  const std::string run_;
  std::vector<Run> runs_;
};

}  // namespace duban::node
