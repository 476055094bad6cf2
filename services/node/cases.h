// States of cases: read from the newest snapshot row and the tail of the stream, kept in a bounded cache.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/views/view.h"
#include "store/store.h"

namespace duban::node {

using CaseState = duban::state::v1::CaseState;
using CasePtr = std::shared_ptr<const CaseState>;

// Whether a stream is a case's.
bool IsCase(absl::string_view stream);

// The public part of a record.
absl::StatusOr<v1::Commit> ParseCommit(absl::string_view record);
absl::StatusOr<v1::Commit> ReadCommit(const store::Store& log, store::Position position);

// The state of a case after the first `before` commits of the log; null when it had not been opened by then. `snapshot`
// is the case's snapshot row, empty when there is none; one from a later commit is not used.
absl::StatusOr<CasePtr> LoadCase(const store::Store& log, absl::string_view snapshot, absl::string_view name,
                                 store::Position before);

// The newest states, the least recently used leaving first. Not for several threads.
class CaseCache {
 public:
  explicit CaseCache(size_t cases_max) : cases_max_(cases_max) {}

  // Null when it is not held.
  CasePtr Find(const std::string& name);
  void Put(CasePtr state);
  size_t size() const { return held_.size(); }

 private:
  using Order = std::list<CasePtr>;  // The most recently used first.

  const size_t cases_max_;
  Order order_;
  std::unordered_map<std::string, Order::iterator> held_;
};

}  // namespace duban::node
