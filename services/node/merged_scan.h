// One walk over the index entries of several ids, in the order of what follows the id in their keys.
//
// A viewer sees with several ids; each has its own run of keys. The walk holds a few entries of every run and gives the
// smallest next, so that a page costs what it shows.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/cases/audience.h"
#include "store/store.h"

namespace duban::node {

struct IndexEntry {
  std::string place;  // What follows the id in the key: the order of the walk.
  std::string id;
  std::string value;

  bool operator<(const IndexEntry& other) const { return place != other.place ? place < other.place : id < other.id; }
};

class MergedScan {
 public:
  // Over the index entries that begin with `run`, an id and a zero byte. Starts after the entry at (`after_place`,
  // `after_id`); both empty: at the first.
  MergedScan(const store::Snapshot& rows, std::string run, const engine::Ids& ids, const std::string& after_place,
             const std::string& after_id);

  // The next entry; false at the end. An entry that several ids hold comes once for each.
  absl::StatusOr<bool> Next(IndexEntry* entry);

 private:
  struct Run {
    std::string id;
    std::string prefix;
    std::string from;  // Key from which to read on.
    bool ended = false;
    std::deque<IndexEntry> held;
  };

  absl::Status Fill(Run& run);

  const store::Snapshot& rows_;
  const std::string run_;
  std::vector<Run> runs_;
};

}  // namespace duban::node
