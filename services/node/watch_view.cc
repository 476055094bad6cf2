#include <algorithm>
#include <deque>

#include "absl/strings/str_cat.h"
#include "services/node/limits.h"
#include "services/node/refusals.h"
#include "services/node/streams.h"
#include "services/node/view_changes.h"
#include "services/node/view_reads.h"
#include "services/node/watch_mark.h"

namespace duban::node {
namespace {

using duban::state::v1::ViewEntry;

constexpr uint32_t kIntervalDefaultMs = 250;
constexpr uint32_t kIntervalMaxMs = 5000;

// A watcher is a place in the log, and how many rows he holds. What he is to be told is what differs between there and
// now; going on after a broken connection and going on after a pause are the same thing.
class ViewWatch : public ViewStream {
 public:
  ViewWatch(const StreamSource& source, std::shared_ptr<WatchHub::Watch> place, std::string viewer, v1::View view,
            v1::ViewFilter filter, absl::Duration interval, std::string token)
      : source_(source),
        place_(std::move(place)),
        viewer_(std::move(viewer)),
        view_(view),
        filter_(std::move(filter)),
        interval_(interval),
        token_(std::move(token)) {}

  Step Next(v1::WatchViewResponse* message) override {
    if (status_.ok() && source_.hub.closed()) status_ = StreamsEnd();
    message->Clear();
    while (status_.ok()) {
      if (Tell(message)) return status_.ok() ? Step::kMessage : Step::kEnd;
      if (!status_.ok() || !Advance()) break;
    }
    return status_.ok() ? Step::kNothingNow : Step::kEnd;
  }

  v1::WatchViewResponse Heartbeat() override {
    v1::WatchViewResponse message;
    if (!begun_) return message;  // Nothing has been promised yet.
    if (!Busy()) {
      const Published now = source_.hub.Current();
      // Something may have changed between the two looks; then the last mark still holds.
      if (now.library == library_ && now.views == views_ && Changed() <= next_) {
        next_ = std::max(next_, now.head);
        mark_ = MarkAt(Reading(source_.source, now, viewer_, source_.clock.Now()));
      }
    }
    *message.mutable_mark() = mark_;
    return message;
  }

  absl::Time NextAt() const override {
    if (Busy()) return absl::UnixEpoch();
    if (!begun_) return wait_until_;
    // No later than an interval from now, also when the clock was set back.
    return Changed() > next_ ? std::min(flushed_at_, source_.clock.Now()) + interval_ : absl::InfiniteFuture();
  }

  Reply<bool> status() const override {
    if (!status_.ok()) return status_;
    return true;
  }

 private:
  // Whether there is more to say or to look at already.
  bool Busy() const { return walk_.has_value() || reading_ != nullptr || !first_.empty(); }

  // The number of commits after which nothing has changed that could matter here.
  store::Position Changed() const {
    const store::Position rows = source_.hub.ChangedBy(view_);
    return counts_ ? rows : std::max(rows, source_.hub.ChangedBy(v1::VIEW_LEDGER));
  }

  // Does a share of what is to be done before there can be a message. False: nothing to be done now.
  bool Advance() {
    if (walk_.has_value()) return Walk();
    const Published now = source_.hub.Current();
    if (!begun_) return Begin(now);
    if (now.library != library_ || now.views != views_) {
      Stand(now);
      if (!status_.ok()) return false;
      const ViewMark is = MarkOf(*reading_, *query_);
      if (is.scope != identity_.scope) return Anew("SCOPE_CHANGED");
      if (is.version != identity_.version || is.ledger_version != identity_.ledger_version) return Anew("VIEW_REBUILT");
      LetGo();
    }
    const store::Position changed = Changed();
    if (changed <= next_) {
      next_ = std::max(next_, now.head);
      return false;
    }
    const absl::Time clock_now = source_.clock.Now();
    if (clock_now < flushed_at_ + interval_ && clock_now >= flushed_at_) return false;
    flushed_at_ = clock_now;
    Stand(now);
    if (!status_.ok()) return false;
    if (!ViewChanges::Reaches(*reading_, next_)) return Anew("TOO_SLOW");
    return StartWalk();
  }

  // Stands on a position for as long as it takes to tell what is there.
  void Stand(const Published& now) {
    reading_ = std::make_unique<const Reading>(source_.source, now, viewer_, source_.clock.Now());
    engine::Outcome<ViewQuery> query = ViewQuery::From(*reading_, view_, filter_);
    if (!query.ok()) {
      status_ = absl::FailedPreconditionError("VIEW_BUILDING: the view is being built");
      return;
    }
    query_ = *std::move(query);
    counts_ = !query_->definition().cells.empty();
    library_ = now.library;
    views_ = now.views;
  }

  void LetGo() {
    walk_.reset();
    query_.reset();
    reading_.reset();
    turns_.clear();
    told_ = 0;
    counted_.clear();
    mark_due_ = false;
  }

  bool Begin(const Published& now) {
    Stand(now);
    if (!status_.ok()) return false;
    identity_ = MarkOf(*reading_, *query_);
    if (token_.empty()) return Snapshot();
    const std::optional<ViewMark> mark = ParseViewMark(source_.source.tokens, viewer_, token_);
    if (!mark.has_value()) return Anew("TOKEN_EXPIRED");
    if (mark->view != identity_.view || mark->filter != identity_.filter) return Anew("FILTER_CHANGED");
    if (mark->position >= now.head) {
      // Never back in time: it may be that this server has not caught up yet.
      LetGo();
      const absl::Time clock_now = source_.clock.Now();
      if (wait_until_ == absl::InfiniteFuture()) wait_until_ = clock_now + absl::FromChrono(limits::kWatchAheadWait);
      if (clock_now < wait_until_) return false;
      source_.source.vitals.Reached(Bound::kWatchAhead);
      status_ = BehindToken();
      return false;
    }
    absl::StatusOr<uint64_t> check = CheckAt(source_.source.log, mark->position);
    status_.Update(check.status());
    if (!status_.ok()) return false;
    if (*check != mark->check) {
      source_.source.vitals.log().Write(Level::kError, "history_forked", {{"watch", std::string("view")}});
      return Anew("HISTORY_FORKED");
    }
    if (mark->version != identity_.version || mark->ledger_version != identity_.ledger_version) {
      return Anew("VIEW_REBUILT");
    }
    if (mark->scope != identity_.scope) return Anew("SCOPE_CHANGED");
    if (!ViewChanges::Reaches(*reading_, mark->position + 1)) return Anew("TOKEN_EXPIRED");
    begun_ = true;
    next_ = mark->position + 1;
    count_ = mark->count;
    digest_ = mark->digest;
    mark_.set_resume_token(token_);
    mark_.set_item_count(static_cast<int64_t>(count_));
    mark_.set_set_digest(digest_);
    v1::WatchViewResponse::Begin& begin = *first_.emplace_back().mutable_begin();
    begin.set_position(source_.source.tokens.Position(mark->position));
    begin.set_virtual_clock(reading_->library().workspace.virtual_clock());
    begin.set_resumed(true);
    mark_due_ = true;
    return StartWalk();
  }

  // The stream cannot go on from what the watcher holds.
  bool Anew(const char* reason) {
    walk_.reset();
    turns_.clear();
    first_.emplace_back().mutable_reset()->set_reason(reason);
    return Snapshot();
  }

  bool TooSlow() {
    source_.source.vitals.Reached(Bound::kWatchBacklog);
    return Anew("TOO_SLOW");
  }

  // All rows as they stand.
  bool Snapshot() {
    begun_ = true;
    identity_ = MarkOf(*reading_, *query_);
    v1::WatchViewResponse::Begin& begin = *first_.emplace_back().mutable_begin();
    begin.set_position(reading_->position());
    begin.set_virtual_clock(reading_->library().workspace.virtual_clock());
    std::vector<RowTurn> rows;
    if (counts_) {
      absl::StatusOr<CountedRowMap> counted = CountedRows(*reading_, *query_);
      status_.Update(counted.status());
      if (!status_.ok()) return false;
      counted_ = *std::move(counted);
      for (const auto& [key, row] : counted_) rows.push_back({key, std::nullopt, row.version});
    } else {
      status_.Update(VisitKeys(*reading_, *query_, [&](const std::string& key) {
        absl::StatusOr<std::optional<ViewEntry>> entry = VisibleEntry(*reading_, *query_, key);
        status_.Update(entry.status());
        if (entry.ok() && entry->has_value()) rows.push_back({key, std::nullopt, (*entry)->version()});
        return status_.ok() && rows.size() <= limits::kWatchRowsMax;
      }));
    }
    count_ = digest_ = 0;
    mark_due_ = true;
    Turn(std::move(rows));
    return status_.ok();
  }

  bool StartWalk() {
    walk_.emplace(*reading_, *query_, next_);
    return Walk();
  }

  // Looks at a share of the commits since. False: let others run first.
  bool Walk() {
    absl::StatusOr<bool> done = walk_->Walk(limits::kWatchScanCommits);
    status_.Update(done.status());
    if (!status_.ok() || !*done) return false;
    if (walk_->overflowed()) return TooSlow();
    absl::StatusOr<std::vector<RowTurn>> turns = walk_->Take();
    status_.Update(turns.status());
    if (!status_.ok()) return false;
    if (walk_->overflowed()) return TooSlow();
    counted_ = walk_->TakeCounted();
    walk_.reset();
    // What the viewer may not see causes no message, not even a mark.
    mark_due_ = mark_due_ || !turns->empty();
    Turn(*std::move(turns));
    return status_.ok();
  }

  // Takes over what is to be told, and what the watcher will hold then.
  void Turn(std::vector<RowTurn> turns) {
    for (const RowTurn& turn : turns) {
      if (turn.held.has_value()) {
        --count_;
        digest_ -= RowDigest(turn.key, *turn.held);
      }
      if (turn.shown.has_value()) {
        ++count_;
        digest_ += RowDigest(turn.key, *turn.shown);
      }
    }
    if (count_ > limits::kWatchRowsMax) {
      source_.source.vitals.Reached(Bound::kWatchRows);
      status_ = absl::ResourceExhaustedError("VIEW_TOO_LARGE: narrow the filter");
      return;
    }
    turns_ = std::move(turns);
    next_ = reading_->head();
    flushed_at_ = source_.clock.Now();
    if (mark_due_) fresh_ = MarkAt(*reading_);
  }

  // The next message of what is to be told; false: all has been told.
  bool Tell(v1::WatchViewResponse* message) {
    if (!first_.empty()) {
      *message = std::move(first_.front());
      first_.pop_front();
      return true;
    }
    if (reading_ == nullptr || walk_.has_value()) return false;
    if (told_ < turns_.size()) {
      TellRows(message->mutable_changes());
      return true;
    }
    const bool mark = mark_due_;
    if (mark) *message->mutable_mark() = mark_ = std::move(fresh_);
    LetGo();
    return mark;
  }

  void TellRows(v1::WatchViewResponse::Changes* changes) {
    size_t bytes = 0;
    while (told_ < turns_.size() && changes->changes_size() < static_cast<int>(limits::kWatchBatchRows) &&
           bytes < limits::kWatchBatchBytes) {
      const RowTurn& turn = turns_[told_++];
      v1::WatchViewResponse::Change& change = *changes->add_changes();
      change.set_key(turn.key);
      change.set_version(turn.shown.has_value() ? *turn.shown : *turn.held);
      if (turn.shown.has_value()) SetRow(turn.key, change);
      bytes += change.ByteSizeLong();
    }
    changes->set_fragment(told_ < turns_.size());
    if (!changes->fragment()) return;
    const bool many = changes->changes_size() == static_cast<int>(limits::kWatchBatchRows);
    source_.source.vitals.Reached(many ? Bound::kWatchBatchRows : Bound::kWatchBatchBytes);
  }

  void SetRow(const std::string& key, v1::WatchViewResponse::Change& change) {
    if (counts_) {
      *change.mutable_other() = std::move(counted_[key].row);
      return;
    }
    absl::StatusOr<std::optional<ViewEntry>> entry = VisibleEntry(*reading_, *query_, key);
    if (entry.ok() && !entry->has_value()) entry = absl::InternalError("a row is gone from where it was just read");
    status_.Update(entry.status());
    if (!status_.ok()) return;
    v1::ViewRow& row = *(*entry)->mutable_row();
    if (row.has_ledger()) {
      *change.mutable_ledger() = std::move(*row.mutable_ledger());
    } else if (row.has_alert()) {
      *change.mutable_alert() = std::move(*row.mutable_alert());
    } else {
      *change.mutable_other() = std::move(row);
    }
  }

  v1::Mark MarkAt(const Reading& reading) {
    ViewMark mark = identity_;
    mark.position = next_ - 1;
    mark.count = count_;
    mark.digest = digest_;
    absl::StatusOr<uint64_t> check = CheckAt(source_.source.log, mark.position);
    status_.Update(check.status());
    mark.check = check.value_or(0);
    v1::Mark out;
    out.set_resume_token(TokenOf(source_.source.tokens, viewer_, mark));
    out.set_caught_up(true);
    *out.mutable_timers_fired_to() = engine::ToProto(reading.fired_to());
    out.set_item_count(static_cast<int64_t>(count_));
    out.set_set_digest(digest_);
    return out;
  }

  const StreamSource source_;
  const std::shared_ptr<WatchHub::Watch> place_;  // Null where another stream holds it.
  const std::string viewer_;
  const v1::View view_;
  const v1::ViewFilter filter_;
  const absl::Duration interval_;
  const std::string token_;  // From which to go on.

  // The watcher: where he is and what he holds.
  bool begun_ = false;
  store::Position next_ = 0;  // Commits that he knows.
  uint64_t count_ = 0;
  uint64_t digest_ = 0;
  v1::Mark mark_;      // The last one, or what the token said.
  ViewMark identity_;  // By which rules.
  bool counts_ = false;
  LibraryPtr library_;  // By which `identity_` was computed, with `views_`.
  ViewSetPtr views_;
  absl::Time flushed_at_ = absl::InfinitePast();
  absl::Time wait_until_ = absl::InfiniteFuture();  // For a history that reaches the token.
  absl::Status status_;

  // What is being told now. The snapshot under it is held until the last message of it has been taken.
  std::deque<v1::WatchViewResponse> first_;  // Reset, Begin.
  std::unique_ptr<const Reading> reading_;
  std::optional<ViewQuery> query_;
  std::optional<ViewChanges> walk_;
  std::vector<RowTurn> turns_;
  size_t told_ = 0;
  CountedRowMap counted_;
  bool mark_due_ = false;
  v1::Mark fresh_;  // Which comes after all of it.
};

}  // namespace

Reply<std::unique_ptr<ViewStream>> OpenViewTarget(const StreamSource& source, const std::string& viewer,
                                                  const v1::WatchViewRequest& request,
                                                  std::shared_ptr<WatchHub::Watch> place) {
  v1::ViewFilter filter = request.view() == v1::VIEW_LEDGER ? FilterOf(request.filter()) : v1::ViewFilter();
  filter.MergeFrom(request.rows());
  const uint32_t interval_ms = request.has_min_interval_ms() ? request.min_interval_ms() : kIntervalDefaultMs;
  if (interval_ms > kIntervalMaxMs) return WrongNumber("min_interval_ms", interval_ms, 0, kIntervalMaxMs);
  const Reading reading = source.Read(viewer);
  const engine::Outcome<ViewQuery> query = ViewQuery::From(reading, request.view(), filter);
  if (!query.ok()) return query.rejection();
  const absl::Duration interval =
      request.view() == v1::VIEW_ALERTS ? absl::ZeroDuration() : absl::Milliseconds(interval_ms);
  return std::unique_ptr<ViewStream>(std::make_unique<ViewWatch>(source, std::move(place), viewer, request.view(),
                                                                 std::move(filter), interval, request.resume_token()));
}

Reply<std::unique_ptr<ViewStream>> OpenViewWatch(const StreamSource& source, const std::string& viewer,
                                                 const v1::WatchViewRequest& request, std::function<void()> wake) {
  absl::StatusOr<std::shared_ptr<WatchHub::Watch>> place = source.hub.Open(viewer, request.view(), std::move(wake));
  if (!place.ok()) return place.status();
  return OpenViewTarget(source, viewer, request, *std::move(place));
}

}  // namespace duban::node
