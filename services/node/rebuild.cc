#include "services/node/rebuild.h"

#include <functional>
#include <memory>
#include <utility>

#include "services/node/batch.h"
#include "services/node/limits.h"

namespace duban::node {
namespace {

// Follows the log from the beginning; `flush` gets each full batch and the last.
template <typename Flush>
absl::Status FollowLog(const store::Store& log, const std::vector<const engine::View*>& views,
                       const std::function<std::shared_ptr<const store::Snapshot>()>& rows, size_t batch_max,
                       Flush flush) {
  CaseCache cache(limits::kCachedCasesMax);
  const store::Position head = log.head();
  const ViewSetPtr kept = AllKept(views);
  Ground ground{&log, nullptr, 0, EmptyLibrary(), kept, absl::InfinitePast()};
  while (ground.head < head) {
    Batch batch(ground, &cache);
    absl::Status trouble;
    const absl::Status read = log.Read(ground.head, [&](store::Position position, absl::string_view record) {
      if (position >= head || position - ground.head >= batch_max) return false;
      absl::StatusOr<v1::Commit> commit = ParseCommit(record);
      trouble = commit.status();
      if (trouble.ok()) {
        batch.Follow(*commit);
        trouble = batch.status();
      }
      return trouble.ok();
    });
    if (!read.ok()) return read;
    if (!trouble.ok()) return trouble;
    if (batch.head() == ground.head) return absl::DataLossError("the log ends before its head");
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
      limits::kRebuildBatchMax,
      [&](const store::Apply& apply) { return store.Rebuild(std::exchange(begin, false), apply); });
}

absl::StatusOr<store::Apply> DeriveRows(const store::Store& log, const std::vector<const engine::View*>& views) {
  store::Apply out;
  const absl::Status followed = FollowLog(
      log, views, [] { return nullptr; }, log.head(),
      [&](store::Apply apply) {
        out = std::move(apply);
        return absl::OkStatus();
      });
  if (!followed.ok()) return followed;
  return out;
}

}  // namespace duban::node
