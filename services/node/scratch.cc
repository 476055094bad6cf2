#include "services/node/scratch.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/node/limits.h"

namespace duban::node {
namespace {

std::string RowName(uint8_t table, absl::string_view key) {
  return absl::StrCat(absl::string_view(reinterpret_cast<const char*>(&table), 1), key);
}

absl::Status ShuttingDown() { return absl::UnavailableError("SHUTTING_DOWN: the server is stopping"); }

}  // namespace

// A store's rows, without the store.
class Scratch::Rows final : public store::Snapshot {
 public:
  store::Position applied() const override { return applied_; }

  absl::StatusOr<std::string> Get(uint8_t table, absl::string_view key) const override {
    const auto row = rows_.find(RowName(table, key));
    if (row == rows_.end()) return absl::NotFoundError("no such row");
    return row->second;
  }

  absl::Status Scan(uint8_t table, absl::string_view prefix, absl::string_view from,
                    absl::FunctionRef<bool(absl::string_view, absl::string_view)> visit) const override {
    const std::string start = RowName(table, prefix);
    for (auto row = rows_.lower_bound(std::max(start, RowName(table, from))); row != rows_.end(); ++row) {
      if (!absl::StartsWith(row->first, start)) break;
      if (!visit(absl::string_view(row->first).substr(1), row->second)) break;
    }
    return absl::OkStatus();
  }

  void Take(store::Apply apply) {
    applied_ = apply.position;
    for (store::RowChange& change : apply.rows) {
      // What answers repeated commands is of now alone.
      if (change.table == static_cast<uint8_t>(engine::Table::kDedup)) continue;
      std::string name = RowName(change.table, change.key);
      if (change.deleted) {
        const auto row = rows_.find(name);
        if (row == rows_.end()) continue;
        bytes_ -= row->first.size() + row->second.size();
        rows_.erase(row);
        continue;
      }
      const auto [row, fresh] = rows_.try_emplace(std::move(name));
      bytes_ += (fresh ? row->first.size() : 0) + change.value.size() - row->second.size();
      row->second = std::move(change.value);
    }
  }

  size_t bytes() const { return bytes_; }

 private:
  std::map<std::string, std::string> rows_;
  store::Position applied_ = 0;
  size_t bytes_ = 0;
};

Scratch::Scratch(const store::Store& log, ViewSetPtr views)
    : rows_(std::make_shared<Rows>()),
      ground_{&log, rows_, 0, EmptyLibrary(), std::move(views), absl::InfinitePast()},
      cache_(limits::kCachedCasesMax) {}

Scratch::~Scratch() = default;

const store::Snapshot& Scratch::rows() const { return *rows_; }

absl::Status Scratch::FollowTo(
    store::Position commits, const std::function<bool()>& going_on,
    const std::function<absl::Status(std::vector<Superseded>, store::Position to)>& superseded) {
  if (commits > limits::kScratchCommitsMax) {
    return absl::ResourceExhaustedError(absl::StrCat("PAST_TOO_FAR: ", commits, " commits would have to be read; ",
                                                     limits::kScratchCommitsMax, " may be"));
  }
  while (ground_.head < commits) {
    if (!going_on()) return absl::CancelledError("reading the log again was stopped");
    const store::Position end = std::min<store::Position>(commits, ground_.head + limits::kRebuildBatchMax);
    Batch batch(ground_, &cache_);
    batch.LeaveOutChanged();
    if (superseded) batch.GatherSuperseded();
    const absl::Status followed = FollowCommits(*ground_.log, end, limits::kBatchBytesMax, batch);
    if (!followed.ok()) return followed;
    if (superseded) {
      if (absl::Status taken = superseded(batch.TakeSuperseded(), batch.head()); !taken.ok()) return taken;
    }
    batch.Remember();
    rows_->Take(batch.TakeApply());
    if (rows_->bytes() > limits::kScratchBytesMax) {
      return absl::ResourceExhaustedError(
          absl::StrCat("PAST_TOO_FAR: the rows of then are larger than ", limits::kScratchBytesMax, " bytes"));
    }
    ground_ = Ground{ground_.log, rows_, batch.head(), batch.shared_library(), ground_.views, batch.recorded()};
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Scratch>> Scratches::At(store::Position commits, const ViewSetPtr& views,
                                                             const Abandoned& abandoned) {
  const auto find = [&]() -> std::shared_ptr<const Scratch> {
    std::lock_guard<std::mutex> lock(mu_);
    for (Held& held : held_) {
      if (held.scratch->commits() != commits || held.views->kept != views->kept) continue;
      held.unused = 0;
      return held.scratch;
    }
    return nullptr;
  };
  if (auto held = find()) return held;
  const std::unique_lock<std::mutex> making(making_, std::try_to_lock);
  if (!making.owns_lock()) {
    return absl::UnavailableError("PAST_BUSY: another answer about the past is being made from the log; try again");
  }
  if (auto held = find()) return held;
  auto scratch = std::make_shared<Scratch>(log_, views);
  const auto closed = [this] {
    std::lock_guard<std::mutex> lock(mu_);
    return closed_;
  };
  const auto going_on = [&] { return !closed() && !(abandoned && abandoned()); };
  const absl::Status followed = scratch->FollowTo(commits, going_on, nullptr);
  if (absl::IsCancelled(followed) && closed()) return ShuttingDown();
  if (absl::IsResourceExhausted(followed)) {
    vitals_.Reached(commits > limits::kScratchCommitsMax ? Bound::kScratchCommits : Bound::kScratchBytes);
  }
  if (!followed.ok()) return followed;
  std::lock_guard<std::mutex> lock(mu_);
  held_.push_front({scratch, views, 0});
  if (held_.size() > limits::kScratchesMax) {
    held_.pop_back();
    vitals_.Reached(Bound::kScratches);
  }
  return std::shared_ptr<const Scratch>(std::move(scratch));
}

void Scratches::Close() {
  std::lock_guard<std::mutex> lock(mu_);
  closed_ = true;
}

void Scratches::Forget() {
  std::list<Held> gone;  // Let go of outside the lock.
  std::lock_guard<std::mutex> lock(mu_);
  for (auto held = held_.begin(); held != held_.end();) {
    const auto next = std::next(held);
    if (++held->unused > 1) gone.splice(gone.end(), held_, held);
    held = next;
  }
}

}  // namespace duban::node
