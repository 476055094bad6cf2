#include "services/node/view_pass.h"

#include <algorithm>
#include <utility>

#include "engine/views/rows.h"
#include "services/node/limits.h"

namespace duban::node {
namespace {

bool IsOfView(uint8_t table) {
  for (const engine::Table own : kViewTables) {
    if (table == static_cast<uint8_t>(own)) return true;
  }
  return false;
}

}  // namespace

ViewPass::ViewPass(const store::Store& log, std::vector<const engine::View*> views, store::Position built)
    : log_(log), set_(AllKept(views)), built_(built), cache_(limits::kBuildCasesMax) {}

absl::Status ViewPass::ReadSlice(store::Position until, Slice most,
                                 absl::FunctionRef<absl::Status(const v1::Commit& commit)> follow) {
  if (read_ >= until) return absl::OkStatus();
  const store::Position from = read_;
  size_t bytes = 0;
  absl::Status trouble;
  const absl::Status read = log_.Read(from, [&](store::Position position, absl::string_view record) {
    if (position >= until || position - from >= most.commits || bytes >= most.bytes) return false;
    bytes += record.size();
    absl::StatusOr<v1::Commit> commit = ParseCommit(record);
    trouble = commit.ok() ? follow(*commit) : commit.status();
    return trouble.ok();
  });
  return read.ok() ? trouble : read;
}

absl::StatusOr<std::vector<store::RowChange>> ViewPass::Next(store::Position until, Slice most) {
  batch_.reset();
  if (read_ < built_) {
    const absl::Status read = ReadSlice(std::min(until, built_), {built_, most.bytes}, [&](const v1::Commit& commit) {
      absl::StatusOr<LibraryPtr> library = LibraryAfter(library_, commit);
      if (!library.ok()) return library.status();
      library_ = *std::move(library);
      ++read_;
      return absl::OkStatus();
    });
    if (!read.ok()) return read;
    return std::vector<store::RowChange>();
  }
  auto batch =
      std::make_unique<Batch>(Ground{&log_, log_.NewSnapshot(), built_, library_, set_, absl::InfinitePast()}, &cache_);
  batch->LeaveOutChanged();
  const absl::Status read = ReadSlice(until, most, [&](const v1::Commit& commit) {
    batch->Follow(commit);
    return batch->status();
  });
  if (!read.ok()) return read;
  std::vector<store::RowChange> rows;
  store::Apply all = batch->TakeApply();
  std::copy_if(std::make_move_iterator(all.rows.begin()), std::make_move_iterator(all.rows.end()),
               std::back_inserter(rows), [](const store::RowChange& row) { return IsOfView(row.table); });
  batch_ = std::move(batch);
  return rows;
}

void ViewPass::Written() {
  if (batch_ == nullptr) return;
  batch_->Remember();
  library_ = batch_->shared_library();
  built_ = read_ = batch_->head();
  batch_.reset();
}

}  // namespace duban::node
