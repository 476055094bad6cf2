#include "services/node/rebuild.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <utility>

#include "services/node/batch.h"
#include "services/node/limits.h"

namespace duban::node {
namespace {

// Follows the log from the beginning, so many commits and bytes at a time; `flush` gets each full batch and the last.
template <typename Flush>
absl::Status FollowLog(const store::Store& log, const std::vector<const engine::View*>& views,
                       const std::function<std::shared_ptr<const store::Snapshot>()>& rows, store::Position commits_max,
                       size_t bytes_max, Flush flush) {
  CaseCache cache(limits::kCachedCasesMax);
  const store::Position head = log.head();
  const ViewSetPtr kept = AllKept(views);
  Ground ground{&log, nullptr, 0, EmptyLibrary(), kept, absl::InfinitePast()};
  while (ground.head < head) {
    Batch batch(ground, &cache);
    const store::Position end = ground.head + std::min(head - ground.head, commits_max);
    if (absl::Status followed = FollowCommits(log, end, bytes_max, batch); !followed.ok()) return followed;
    if (absl::Status flushed = flush(batch.TakeApply()); !flushed.ok()) return flushed;
    batch.Remember();
    ground = Ground{&log, rows(), batch.head(), batch.shared_library(), kept, batch.recorded()};
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RebuildRows(store::Store& store, const std::vector<const engine::View*>& views) {
  bool begin = true;
  return FollowLog(
      store, views, [&] { return std::shared_ptr<const store::Snapshot>(store.NewSnapshot()); },
      limits::kRebuildBatchMax, limits::kBatchBytesMax,
      [&](const store::Apply& apply) { return store.Rebuild(std::exchange(begin, false), apply); });
}

absl::StatusOr<store::Apply> DeriveRows(const store::Store& log, const std::vector<const engine::View*>& views) {
  store::Apply out;
  const absl::Status followed = FollowLog(
      log, views, [] { return nullptr; }, log.head(), std::numeric_limits<size_t>::max(),
      [&](store::Apply apply) {
        out = std::move(apply);
        return absl::OkStatus();
      });
  if (!followed.ok()) return followed;
  return out;
}

}  // namespace duban::node
