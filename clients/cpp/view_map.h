// The rows of a watched view, kept by key: what a dashboard shows.
//
//   ViewMap map;
//   for (v1::WatchViewResponse message; watch->Next(&message);) {
//     if (map.Apply(message)) Show(map.rows());   // At each mark: one moment of the view.
//   }
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "duban/v1/watch_service.pb.h"

namespace duban::client {

class ViewMap {
 public:
  using Change = v1::WatchViewResponse::Change;

  // Takes a message in. Changes take effect with the mark after them; true at a mark.
  bool Apply(const v1::WatchViewResponse& message);

  // The rows at the last mark, by key; each with its version.
  const std::map<std::string, Change>& rows() const { return rows_; }
  // Whether count and digest of the last mark were those of the rows. False is a defect: watch anew, without a token.
  bool consistent() const { return consistent_; }

 private:
  std::map<std::string, Change> rows_;
  std::vector<Change> pending_;
  bool anew_ = false;  // A snapshot is under way.
  bool consistent_ = true;
};

// As v1::Mark.set_digest describes it, for one row.
uint64_t RowDigest(const std::string& key, uint64_t version);

}  // namespace duban::client
