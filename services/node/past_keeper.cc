#include "services/node/past_keeper.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace duban::node {
namespace {

ViewSetPtr ThoseWithAPast(const std::map<const engine::View*, store::Position>& from, const ViewSet& views) {
  auto set = std::make_shared<ViewSet>();
  for (const engine::View* view : views.kept) {
    if (from.find(view) != from.end()) set->kept.push_back(view);
  }
  return set;
}

}  // namespace

bool KeptPast::Covers(const engine::View* view, store::Position commits) const {
  const auto since = from.find(view);
  return since != from.end() && since->second <= commits && commits <= to;
}

void PastKeeper::Start() {
  thread_ = std::thread([this] { Run(); });
}

void PastKeeper::Run() {
  auto told = std::chrono::steady_clock::now();
  while (!stopping()) {
    const store::Position mark = ground_.head;
    const bool busy = Step();
    if (std::chrono::steady_clock::now() - told >= limits::kScratchHeld) {
      scratches_.Forget();
      told = std::chrono::steady_clock::now();
    }
    if (!busy) {
      hub_.WaitBeyond(mark, limits::kScratchHeld);
      if (failed_.ok()) continue;
    }
    // Gathers, so that one look at the log serves many commits.
    std::unique_lock<std::mutex> lock(mu_);
    moved_.wait_for(lock, failed_.ok() ? limits::kPastGather : limits::kPastWait, [this] { return stopping_; });
  }
}

bool PastKeeper::Step() {
  if (!failed_.ok() || (!begun_ && stopping())) return false;
  const Published now = hub_.Current();
  const bool behind = !begun_ || now.head != ground_.head;
  const bool sweeping = sweep_.has_value();
  if (behind) failed_ = Turn(now);
  // Beside following, or a log that never rests would never be swept.
  if (failed_.ok() && begun_ && sweep_.has_value()) failed_ = SweepSome();
  if (!failed_.ok()) {
    std::lock_guard<std::mutex> lock(mu_);
    ended_ = true;
    moved_.notify_all();
  }
  return behind || sweeping;
}

void PastKeeper::Stop() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    if (stopping_) return;
    stopping_ = true;
    moved_.notify_all();
  }
  hub_.StopWaiting();
  if (thread_.joinable()) thread_.join();
  if (begun_ && failed_.ok()) failed_ = Turn(hub_.Current());
  std::lock_guard<std::mutex> lock(mu_);
  ended_ = true;
  moved_.notify_all();
}

bool PastKeeper::stopping() const {
  std::lock_guard<std::mutex> lock(mu_);
  return stopping_;
}

KeptPastPtr PastKeeper::Current() const {
  std::lock_guard<std::mutex> lock(mu_);
  return kept_;
}

KeptPastPtr PastKeeper::At(store::Position commits) const {
  std::unique_lock<std::mutex> lock(mu_);
  if (!thread_.joinable()) return kept_;
  const bool answered = moved_.wait_for(
      lock, limits::kPastWait, [&] { return ended_ || stopping_ || (kept_ != nullptr && kept_->to >= commits); });
  if (!answered) vitals_.Reached(Bound::kPastWait);
  return kept_;
}

absl::Status PastKeeper::Turn(const Published& now) {
  if (!begun_) return Begin(now);
  if (now.head == ground_.head) return absl::OkStatus();
  if (now.head - ground_.head <= limits::kPastLagMax) return Follow(now);
  vitals_.Reached(Bound::kPastLag);
  return StartAnew(now);
}

absl::Status PastKeeper::Begin(const Published& now) {
  absl::StatusOr<KeptSpans> spans = LoadKeptSpans(*now.rows, *now.views);
  if (!spans.ok()) return spans.status();
  store::Position mark = now.head - std::min(now.head, kept_commits_);
  if (!spans->to.has_value()) {
    // Nothing was ever kept, or all rows had to be made again.
    for (const engine::View* view : now.views->kept) spans->from[view] = mark;
    std::vector<store::RowChange> rows = {KeptTo(mark)};
    for (const auto& [view, from] : spans->from) rows.push_back(KeptFrom(view->definition(), from));
    if (absl::Status written = store_.WriteBeside(rows); !written.ok()) return written;
  } else if (*spans->to > now.head) {
    // The log is shorter than it was, as an operator decided: what is kept tells of commits that are no more.
    for (sweep_ = ""; sweep_.has_value();) {
      absl::StatusOr<std::vector<store::RowChange>> dropped =
          Sweep(*store_.NewSnapshot(), std::numeric_limits<store::Position>::max(), limits::kPastSweepMax, &*sweep_);
      if (!dropped.ok()) return dropped.status();
      if (absl::Status written = store_.WriteBeside(*dropped); !written.ok()) return written;
      if (sweep_->empty()) sweep_.reset();
    }
    return StartAnew(now);
  } else {
    mark = *spans->to;
  }
  from_ = std::move(spans->from);
  ground_.views = ThoseWithAPast(from_, *now.views);
  return mark == now.head ? StandAt(now) : Mend(mark, now);
}

absl::Status PastKeeper::Mend(store::Position mark, const Published& now) {
  Scratch scratch(store_, ground_.views);
  const auto going_on = [this] { return !stopping(); };
  absl::Status followed = scratch.FollowTo(mark, going_on, nullptr);
  if (followed.ok()) {
    followed = scratch.FollowTo(now.head, going_on, [&](std::vector<Superseded> superseded, store::Position to) {
      return Write(std::move(superseded), to);
    });
  }
  if (absl::IsCancelled(followed)) return absl::OkStatus();  // The mark stands where it has come to.
  if (absl::IsResourceExhausted(followed)) return StartAnew(now);
  if (!followed.ok()) return followed;
  return StandAt(now);
}

absl::Status PastKeeper::Follow(const Published& now) {
  Batch batch(ground_, cache_.get());
  batch.LeaveOutChanged();
  batch.GatherSuperseded();
  while (batch.head() < now.head) {
    const store::Position end = std::min<store::Position>(now.head, batch.head() + limits::kPastCommitsAtOnce);
    const absl::Status followed = FollowCommits(store_, end, limits::kBatchBytesMax, batch);
    if (!followed.ok()) return followed;
    if (absl::Status written = Write(batch.TakeSuperseded(), batch.head()); !written.ok()) return written;
  }
  batch.Remember();
  if (cache_->size() >= limits::kPastCasesMax) vitals_.Reached(Bound::kPastCases);
  return StandAt(now);
}

absl::Status PastKeeper::StartAnew(const Published& now) {
  from_.clear();
  for (const engine::View* view : now.views->kept) from_[view] = now.head;
  std::vector<store::RowChange> rows = {KeptTo(now.head)};
  for (const auto& [view, from] : from_) rows.push_back(KeptFrom(view->definition(), from));
  if (absl::Status written = store_.WriteBeside(rows); !written.ok()) return written;
  cache_ = std::make_unique<CaseCache>(limits::kPastCasesMax);
  sweep_ = "";
  return StandAt(now);
}

absl::Status PastKeeper::StandAt(const Published& now) {
  std::vector<store::RowChange> rows;
  for (const engine::View* view : now.views->kept) {
    if (from_.emplace(view, now.head).second) rows.push_back(KeptFrom(view->definition(), now.head));
  }
  for (auto view = from_.begin(); view != from_.end();) {
    if (std::find(now.views->kept.begin(), now.views->kept.end(), view->first) != now.views->kept.end()) {
      ++view;
      continue;
    }
    rows.push_back(KeptNoMore(view->first->definition()));
    view = from_.erase(view);
  }
  // Drops a quarter at a time, for each time all that is kept is looked through.
  const store::Position horizon = now.head - std::min(now.head, kept_commits_);
  for (auto& [view, from] : from_) {
    if (horizon - std::min(horizon, from) <= kept_commits_ / 4) continue;
    from = horizon;
    rows.push_back(KeptFrom(view->definition(), from));
    sweep_ = "";
  }
  if (absl::Status written = store_.WriteBeside(rows); !written.ok()) return written;
  ground_ = Ground{&store_, now.rows, now.head, now.library, ThoseWithAPast(from_, *now.views), now.recorded};
  begun_ = true;
  KeptPastPtr kept = std::make_shared<KeptPast>(KeptPast{now.rows, store_.NewSnapshot(), from_, now.head});
  std::lock_guard<std::mutex> lock(mu_);
  kept_.swap(kept);  // The one before is let go of outside the lock.
  moved_.notify_all();
  return absl::OkStatus();
}

absl::Status PastKeeper::Write(std::vector<Superseded> superseded, store::Position to) {
  // In pieces, so that the writer never waits long. The mark comes with the last: what lies beyond it is written again.
  std::vector<store::RowChange> rows;
  for (Superseded& one : superseded) {
    if (auto row = KeptAs(std::move(one), *ground_.views)) rows.push_back(*std::move(row));
    if (rows.size() < limits::kPastRowsAtOnce) continue;
    if (absl::Status written = store_.WriteBeside(rows); !written.ok()) return written;
    rows.clear();
  }
  rows.push_back(KeptTo(to));
  return store_.WriteBeside(rows);
}

absl::Status PastKeeper::SweepSome() {
  store::Position before = ground_.head;
  for (const auto& [view, from] : from_) before = std::min(before, from);
  absl::StatusOr<std::vector<store::RowChange>> dropped =
      Sweep(*store_.NewSnapshot(), before, limits::kPastSweepMax, &*sweep_);
  if (!dropped.ok()) return dropped.status();
  if (sweep_->empty()) sweep_.reset();
  return store_.WriteBeside(*dropped);
}

}  // namespace duban::node
