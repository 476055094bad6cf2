#include <algorithm>
#include <deque>
#include <set>

#include "services/node/limits.h"
#include "services/node/refusals.h"
#include "services/node/streams.h"
#include "services/node/view_reads.h"

namespace duban::node {
namespace {

using engine::Table;

constexpr uint32_t kIntervalDefaultMs = 250;
constexpr uint32_t kIntervalMaxMs = 5000;

// A snapshot at one position, then the rows that changed, read again when they are sent.
class ViewWatch : public ViewStream {
 public:
  ViewWatch(const StreamSource& source, std::shared_ptr<WatchHub::Watch> watch, std::string viewer, v1::View view,
            v1::ViewFilter filter, absl::Duration interval)
      : source_(source),
        watch_(std::move(watch)),
        viewer_(std::move(viewer)),
        view_(view),
        filter_(std::move(filter)),
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
    Rows(reading, [&](const ViewQuery& query, const std::map<std::string, v1::ViewRow>* counted) {
      if (counted != nullptr) {
        for (const auto& [key, row] : *counted) {
          if (!AddRow(reading, query, counted, key, /*removals=*/false)) return;
        }
        return;
      }
      status_.Update(VisitKeys(reading, query, [&](const std::string& key) {
        return AddRow(reading, query, nullptr, key, /*removals=*/false);
      }));
    });
    AddMark(reading);
    flushed_at_ = source_.clock.Now();
  }

  void Deltas(const WatchHub::Dirty& dirty) {
    const Reading reading(source_.source, dirty.now, viewer_, source_.clock.Now());
    Rows(reading, [&](const ViewQuery& query, const std::map<std::string, v1::ViewRow>* counted) {
      for (const std::string& key : dirty.keys) {
        if (!AddRow(reading, query, counted, key, /*removals=*/true)) return;
      }
    });
    // What the viewer may not see causes no message, not even a mark.
    if (!waiting_.empty()) AddMark(reading);
  }

  // Calls `add` with the query, and with the rows of a view that counts.
  template <typename Add>
  void Rows(const Reading& reading, Add add) {
    const engine::Outcome<ViewQuery> query = ViewQuery::From(reading, view_, filter_);
    if (!query.ok()) {
      status_ = absl::FailedPreconditionError("VIEW_BUILDING: the view is being built");
      return;
    }
    if (query->definition().cells.empty()) return add(*query, nullptr);
    absl::StatusOr<std::map<std::string, v1::ViewRow>> counted = CountedRows(reading, *query);
    status_.Update(counted.status());
    if (counted.ok()) add(*query, &*counted);
  }

  // Adds a row as it stands now, or says that it left. False when the stream has ended.
  bool AddRow(const Reading& reading, const ViewQuery& query, const std::map<std::string, v1::ViewRow>* counted,
              const std::string& key, bool removals) {
    v1::WatchViewResponse::Change change;
    change.set_key(key);
    if (counted != nullptr) {
      const auto row = counted->find(key);
      if (row != counted->end()) *change.mutable_other() = row->second;
    } else {
      absl::StatusOr<std::optional<duban::state::v1::ViewEntry>> entry = VisibleEntry(reading, query, key);
      status_.Update(entry.status());
      if (entry.ok() && entry->has_value()) {
        change.set_version((*entry)->version());
        SetRow(std::move(*(*entry)->mutable_row()), change);
      }
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

  static void SetRow(v1::ViewRow row, v1::WatchViewResponse::Change& change) {
    if (row.has_ledger()) {
      *change.mutable_ledger() = std::move(*row.mutable_ledger());
    } else if (row.has_alert()) {
      *change.mutable_alert() = std::move(*row.mutable_alert());
    } else {
      *change.mutable_other() = std::move(row);
    }
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
  const v1::ViewFilter filter_;
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
  v1::ViewFilter filter = request.view() == v1::VIEW_LEDGER ? FilterOf(request.filter()) : v1::ViewFilter();
  filter.MergeFrom(request.rows());
  const uint32_t interval_ms = request.has_min_interval_ms() ? request.min_interval_ms() : kIntervalDefaultMs;
  if (interval_ms > kIntervalMaxMs) return WrongNumber("min_interval_ms", interval_ms, 0, kIntervalMaxMs);
  const engine::Outcome<ViewQuery> query = ViewQuery::From(source.Read(viewer), request.view(), filter);
  if (!query.ok()) return query.rejection();
  // The place is taken before the snapshot, so that no change falls between the two.
  absl::StatusOr<std::shared_ptr<WatchHub::Watch>> watch = source.hub.Open(viewer, request.view(), std::move(wake));
  if (!watch.ok()) return watch.status();
  return std::unique_ptr<ViewStream>(
      std::make_unique<ViewWatch>(source, *std::move(watch), viewer, request.view(), std::move(filter),
                                  alerts ? absl::ZeroDuration() : absl::Milliseconds(interval_ms)));
}

}  // namespace duban::node
