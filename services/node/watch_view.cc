#include <algorithm>
#include <deque>
#include <set>

#include "services/node/ledger_reads.h"
#include "services/node/limits.h"
#include "services/node/refusals.h"
#include "services/node/streams.h"

namespace duban::node {
namespace {

using engine::Table;

constexpr uint32_t kIntervalDefaultMs = 250;
constexpr uint32_t kIntervalMaxMs = 5000;

// A snapshot at one position, then the rows that changed, read again when they are sent.
class ViewWatch : public ViewStream {
 public:
  ViewWatch(const StreamSource& source, std::shared_ptr<WatchHub::Watch> watch, std::string viewer, v1::View view,
            LedgerMatch match, absl::Duration interval)
      : source_(source),
        watch_(std::move(watch)),
        viewer_(std::move(viewer)),
        view_(view),
        match_(std::move(match)),
        interval_(interval) {}

  Step Next(v1::WatchViewResponse* message) override {
    if (status_.ok() && source_.hub.closed()) status_ = StreamsEnd();
    if (status_.ok() && waiting_.empty()) Gather();
    if (!status_.ok()) return Step::kEnd;
    if (waiting_.empty()) return Step::kNothingNow;
    *message = std::move(waiting_.front());
    waiting_.pop_front();
    return Step::kMessage;
  }

  v1::WatchViewResponse Heartbeat() override {
    v1::WatchViewResponse message;
    if (waiting_.empty() && !source_.hub.HasDirty(*watch_)) {
      const Reading reading = source_.Read(viewer_);
      // Something may have changed between the two looks; then the last mark still holds.
      if (!source_.hub.HasDirty(*watch_)) mark_ = MarkAt(reading);
    }
    *message.mutable_mark() = mark_;
    return message;
  }

  absl::Time NextAt() const override {
    return source_.hub.HasDirty(*watch_) ? flushed_at_ + interval_ : absl::InfiniteFuture();
  }

  Reply<bool> status() const override {
    if (!status_.ok()) return status_;
    return true;
  }

 private:
  // Fills `waiting_` with what there is to send now.
  void Gather() {
    const bool scope_changed = library_ != nullptr && ScopeChanged();
    if (library_ == nullptr || scope_changed) {
      if (scope_changed) AddReset("SCOPE_CHANGED");
      Snapshot(source_.hub.TakeDirty(*watch_).now);
      return;
    }
    const absl::Time now = source_.clock.Now();
    if (!source_.hub.HasDirty(*watch_) || now < flushed_at_ + interval_) return;
    flushed_at_ = now;
    const WatchHub::Dirty dirty = source_.hub.TakeDirty(*watch_);
    if (dirty.overflowed) {
      AddReset("TOO_SLOW");
      Snapshot(dirty.now);
    } else {
      Deltas(dirty);
    }
  }

  bool ScopeChanged() {
    const LibraryPtr library = source_.hub.Current().library;
    if (library == library_) return false;
    library_ = library;
    return library->directory->ViewerIds(viewer_) != ids_;
  }

  void AddReset(const char* reason) { waiting_.emplace_back().mutable_reset()->set_reason(reason); }

  void Snapshot(const Published& at) {
    const Reading reading(source_.source, at, viewer_, source_.clock.Now());
    library_ = at.library;
    ids_ = reading.viewer();
    sent_.clear();
    v1::WatchViewResponse::Begin& begin = *waiting_.emplace_back().mutable_begin();
    begin.set_position(reading.position());
    begin.set_virtual_clock(reading.library().workspace.virtual_clock());
    const absl::Status visited =
        VisitNames(reading, view_ == v1::VIEW_ALERTS ? Table::kAlertIndex : Table::kLedgerIndex,
                   [&](const std::string& name) { return AddRow(reading, name, /*removals=*/false); });
    status_.Update(visited);
    AddMark(reading);
    flushed_at_ = source_.clock.Now();
  }

  void Deltas(const WatchHub::Dirty& dirty) {
    const Reading reading(source_.source, dirty.now, viewer_, source_.clock.Now());
    for (const std::string& key : dirty.keys) {
      if (!AddRow(reading, key, /*removals=*/true)) return;
    }
    // What the viewer may not see causes no message, not even a mark.
    if (!waiting_.empty()) AddMark(reading);
  }

  // Adds a row as it stands now, or says that it left. False when the stream has ended.
  bool AddRow(const Reading& reading, const std::string& key, bool removals) {
    v1::WatchViewResponse::Change change;
    change.set_key(key);
    if (view_ == v1::VIEW_ALERTS) {
      absl::StatusOr<std::optional<v1::Alert>> alert = VisibleAlert(reading, key);
      status_.Update(alert.status());
      if (alert.ok() && alert->has_value()) *change.mutable_alert() = *std::move(*alert);
    } else {
      absl::StatusOr<std::optional<v1::LedgerRow>> row = VisibleRow(reading, key, match_);
      status_.Update(row.status());
      if (row.ok() && row->has_value()) *change.mutable_ledger() = *std::move(*row);
    }
    if (!status_.ok()) return false;
    if (change.row_case() != v1::WatchViewResponse::Change::ROW_NOT_SET) {
      sent_.insert(key);
    } else if (!removals || sent_.erase(key) == 0) {
      return true;
    }
    if (sent_.size() > limits::kWatchRowsMax) {
      status_ = absl::ResourceExhaustedError("VIEW_TOO_LARGE: narrow the filter");
      return false;
    }
    if (waiting_.empty() || !waiting_.back().has_changes() ||
        waiting_.back().changes().changes_size() >= static_cast<int>(limits::kWatchBatchRows)) {
      waiting_.emplace_back();
    }
    *waiting_.back().mutable_changes()->add_changes() = std::move(change);
    return true;
  }

  v1::Mark MarkAt(const Reading& reading) const {
    v1::Mark mark;
    mark.set_resume_token(reading.position());
    mark.set_caught_up(true);
    *mark.mutable_timers_fired_to() = engine::ToProto(reading.fired_to());
    mark.set_item_count(static_cast<int64_t>(sent_.size()));
    return mark;
  }

  void AddMark(const Reading& reading) {
    mark_ = MarkAt(reading);
    *waiting_.emplace_back().mutable_mark() = mark_;
  }

  const StreamSource source_;
  const std::shared_ptr<WatchHub::Watch> watch_;
  const std::string viewer_;
  const v1::View view_;
  const LedgerMatch match_;
  const absl::Duration interval_;

  LibraryPtr library_;  // By which `ids_` was computed; null before the first snapshot.
  engine::Ids ids_;
  std::set<std::string> sent_;  // Keys that the watcher holds.
  std::deque<v1::WatchViewResponse> waiting_;
  v1::Mark mark_;  // The last one.
  absl::Time flushed_at_ = absl::InfinitePast();
  absl::Status status_;
};

}  // namespace

Reply<std::unique_ptr<ViewStream>> OpenViewWatch(const StreamSource& source, const std::string& viewer,
                                                 const v1::WatchViewRequest& request, std::function<void()> wake) {
  const bool alerts = request.view() == v1::VIEW_ALERTS;
  if (!alerts && request.view() != v1::VIEW_LEDGER) {
    return engine::Reject(engine::Kind::kInvalid, "VIEW_REQUIRED", "请指定要订阅的视图：VIEW_LEDGER 或 VIEW_ALERTS",
                          "say which view to watch: VIEW_LEDGER or VIEW_ALERTS", {{"field", "view"}});
  }
  const uint32_t interval_ms = request.has_min_interval_ms() ? request.min_interval_ms() : kIntervalDefaultMs;
  if (interval_ms > kIntervalMaxMs) return WrongNumber("min_interval_ms", interval_ms, 0, kIntervalMaxMs);
  const engine::Outcome<LedgerMatch> match = LedgerMatch::From(request.filter(), source.hub.Current().library->zone);
  if (!match.ok()) return match.rejection();
  // The place is taken before the snapshot, so that no change falls between the two.
  absl::StatusOr<std::shared_ptr<WatchHub::Watch>> watch =
      source.hub.Open(viewer, alerts ? WatchKind::kAlerts : WatchKind::kLedger, std::move(wake));
  if (!watch.ok()) return watch.status();
  return std::unique_ptr<ViewStream>(
      std::make_unique<ViewWatch>(source, *std::move(watch), viewer, request.view(), *match,
                                  alerts ? absl::ZeroDuration() : absl::Milliseconds(interval_ms)));
}

}  // namespace duban::node
