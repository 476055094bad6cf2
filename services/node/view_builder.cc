#include "services/node/view_builder.h"

#include <algorithm>
#include <utility>

#include "engine/views/tables.h"
#include "services/node/limits.h"

namespace duban::node {

ViewBuilder::ViewBuilder(store::Store& store, const WatchHub& hub, Sequencer& sequencer, Vitals& vitals,
                         size_t slice_commits)
    : store_(store), hub_(hub), sequencer_(sequencer), vitals_(vitals), slice_commits_(slice_commits) {}

void ViewBuilder::Start(bool own_thread) {
  if (own_thread) thread_ = std::thread([this] { Run(); });
}

void ViewBuilder::Stop() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    stopping_ = true;
  }
  awake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

store::Position ViewBuilder::Built(v1::View view) const {
  std::lock_guard<std::mutex> lock(mu_);
  const auto built = built_.find(view);
  return built == built_.end() ? 0 : built->second;
}

std::string ViewBuilder::trouble() const {
  std::lock_guard<std::mutex> lock(mu_);
  return trouble_;
}

void ViewBuilder::Run() {
  while (true) {
    const Step step = Next();
    if (step == Step::kDone) return;
    std::unique_lock<std::mutex> lock(mu_);
    if (step == Step::kHanding) {
      awake_.wait(lock, [this] { return stopping_ || !handing_; });
    }
    const std::chrono::milliseconds pause = trouble_.empty() ? limits::kBuildPause : limits::kBuildRetry;
    awake_.wait_for(lock, pause, [this] { return stopping_; });
    if (stopping_) return;
  }
}

bool ViewBuilder::Pump() {
  const Step step = Next();
  return step == Step::kOnward || step == Step::kHanding;
}

ViewBuilder::Step ViewBuilder::Next() {
  const absl::Status writable = sequencer_.writable();
  {
    std::lock_guard<std::mutex> lock(mu_);
    if (stopping_) return Step::kDone;
    if (handing_) return Step::kHanding;
    if (!writable.ok()) {  // For good: until the node is started again.
      trouble_ = writable.ToString();
      return Step::kDone;
    }
  }
  absl::StatusOr<Step> step = Work();
  std::lock_guard<std::mutex> lock(mu_);
  if (step.ok()) {
    // While the same slice fails again and again its reason stays to be read.
    if (*step == Step::kDone) trouble_.clear();
    return *step;
  }
  // What the rows hold is read again: a write that failed may have been made.
  trouble_ = step.status().ToString();
  pass_.reset();
  sweep_ = ViewSweep();
  swept_ = false;
  return Step::kTrouble;
}

absl::StatusOr<ViewBuilder::Step> ViewBuilder::Work() {
  if (!swept_) {
    const absl::StatusOr<bool> more = sweep_.Step(store_);
    if (!more.ok()) return more.status();
    swept_ = !*more;
    return Step::kOnward;
  }
  if (pass_ == nullptr) {
    const absl::StatusOr<bool> begun = Begin();
    if (!begun.ok()) return begun.status();
    if (!*begun) return Step::kDone;
  }
  return Slice();
}

absl::StatusOr<bool> ViewBuilder::Begin() {
  const ViewSetPtr views = hub_.Current().views;
  const std::unique_ptr<store::Snapshot> rows = store_.NewSnapshot();
  std::map<v1::View, store::Position> built;
  std::vector<store::RowChange> marks;
  store::Position furthest = 0;
  for (const engine::View* view : views->building) {
    const absl::StatusOr<std::optional<store::Position>> mark = BuiltOf(*rows, *view);
    if (!mark.ok()) return mark.status();
    if (!mark->has_value()) marks.push_back(BuiltMark(*view, 0));
    built[view->definition().number] = mark->value_or(0);
    furthest = std::max(furthest, mark->value_or(0));
  }
  if (absl::Status written = store_.WriteBeside(marks); !written.ok()) return written;
  std::vector<const engine::View*> together;
  std::copy_if(views->building.begin(), views->building.end(), std::back_inserter(together),
               [&](const engine::View* view) { return built[view->definition().number] == furthest; });
  {
    std::lock_guard<std::mutex> lock(mu_);
    built_ = std::move(built);
  }
  if (together.empty()) return false;
  pass_ = std::make_unique<ViewPass>(store_, std::move(together), furthest);
  return true;
}

absl::StatusOr<ViewBuilder::Step> ViewBuilder::Slice() {
  const store::Position head = store_.head();
  absl::StatusOr<std::vector<store::RowChange>> rows = pass_->Next(head, {slice_commits_, limits::kBuildSliceBytes});
  if (!rows.ok()) return rows.status();
  if (pass_->next_built() != pass_->built()) {
    for (const engine::View* view : pass_->views()) rows->push_back(BuiltMark(*view, pass_->next_built()));
    if (absl::Status written = store_.WriteBeside(*rows); !written.ok()) return written;
    pass_->Written();
    if (pass_->cache_full()) vitals_.Reached(Bound::kBuildCases);
    std::lock_guard<std::mutex> lock(mu_);
    trouble_.clear();
    for (const engine::View* view : pass_->views()) built_[view->definition().number] = pass_->built();
  }
  if (!pass_->Reached(head)) return Step::kOnward;
  HandOver();
  return Step::kHanding;
}

void ViewBuilder::HandOver() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    handing_ = true;
  }
  sequencer_.TakeOver([this](const Published& now) { return Finish(now); },
                      [this](const absl::Status& status) { HandedOver(status); });
}

absl::StatusOr<Sequencer::TakenOver> ViewBuilder::Finish(const Published& now) {
  absl::StatusOr<std::vector<store::RowChange>> rows =
      pass_->Next(now.head, {std::max(slice_commits_, limits::kHandOverCommits), limits::kHandOverBytes});
  if (!rows.ok()) return rows.status();
  if (pass_->next_built() != now.head) {
    vitals_.Reached(Bound::kHandOver);
    return absl::AbortedError("the log has grown by more than can be handed over");
  }
  for (const engine::View* view : pass_->views()) {
    const engine::View* before = now.views->Serving(view->definition().number);
    if (before != nullptr) rows->push_back(NoMark(engine::ViewPrefix(before->definition())));
    rows->push_back(ServingMark(*view));
  }
  return Sequencer::TakenOver{*std::move(rows), WithBuilt(*now.views, pass_->views())};
}

void ViewBuilder::HandedOver(const absl::Status& status) {
  {
    std::lock_guard<std::mutex> lock(mu_);
    handing_ = false;
    if (!absl::IsAborted(status)) {
      trouble_ = status.ok() ? "" : status.ToString();
      pass_.reset();
      sweep_ = ViewSweep();
      swept_ = false;
    }
  }
  awake_.notify_one();
}

}  // namespace duban::node
