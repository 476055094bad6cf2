#include <algorithm>

#include "services/node/history.h"
#include "services/node/limits.h"
#include "services/node/refusals.h"
#include "services/node/streams.h"
#include "services/node/watch_mark.h"

namespace duban::node {
namespace {

// A cursor over the log; no queue.
class EventWatch : public EventStream {
 public:
  EventWatch(const StreamSource& source, std::shared_ptr<WatchHub::Watch> watch, std::string viewer, std::string stream,
             store::Position next, std::optional<uint64_t> check)
      : source_(source),
        watch_(std::move(watch)),
        viewer_(std::move(viewer)),
        stream_(std::move(stream)),
        next_(next),
        check_(check) {}

  Step Next(v1::WatchEventsResponse* message) override {
    if (status_.ok() && source_.hub.closed()) status_ = StreamsEnd();
    if (!status_.ok()) return Step::kEnd;
    message->Clear();
    const Reading reading = source_.Read(viewer_);
    if (!Reached(reading)) return status_.ok() && refused_.reason.empty() ? Step::kNothingNow : Step::kEnd;
    if (next_ < reading.head()) Scan(reading, message);
    if (!status_.ok()) return Step::kEnd;
    const bool caught_up = next_ >= reading.head();
    // The first arrival at the end is told even where nothing was to be sent.
    const bool arrived = caught_up && !std::exchange(told_caught_up_, told_caught_up_ || caught_up);
    if (message->events().empty() && !arrived) return Step::kNothingNow;
    *message->mutable_mark() = MarkAt(reading);
    return Step::kMessage;
  }

  v1::WatchEventsResponse Heartbeat() override {
    v1::WatchEventsResponse message;
    if (reached_token_) *message.mutable_mark() = MarkAt(source_.Read(viewer_));
    return message;
  }

  absl::Time NextAt() const override {
    if (!reached_token_) return wait_until_;
    return next_ < source_.hub.Current().head ? absl::UnixEpoch() : absl::InfiniteFuture();
  }

  Reply<bool> status() const override {
    if (!refused_.reason.empty()) return refused_;
    if (!status_.ok()) return status_;
    return true;
  }

 private:
  // Whether history reaches the token. It may lie ahead for a moment; a record there that is not the one it was made at
  // ends the stream.
  bool Reached(const Reading& reading) {
    if (reached_token_) return true;
    if (next_ > reading.head()) {
      const absl::Time now = source_.clock.Now();
      if (wait_until_ == absl::InfiniteFuture()) wait_until_ = now + absl::FromChrono(limits::kWatchAheadWait);
      if (now < wait_until_) return false;
      source_.source.vitals.Reached(Bound::kWatchAhead);
      status_ = BehindToken();
      return false;
    }
    if (check_.has_value()) {
      absl::StatusOr<uint64_t> check = CheckAt(source_.source.log, next_ - 1);
      status_.Update(check.status());
      if (!status_.ok()) return false;
      if (*check != *check_) {
        refused_ = HistoryForked();
        source_.source.vitals.log().Write(Level::kError, "history_forked", {{"watch", std::string("events")}});
      }
    }
    reached_token_ = refused_.reason.empty();
    return reached_token_;
  }

  // Moves the cursor over whole commits until a message is full, a share of work is done, or the end is reached.
  void Scan(const Reading& reading, v1::WatchEventsResponse* message) {
    History history(reading);
    int looked = 0;
    bool stopped = false;
    const absl::Status visited = reading.Visit(stream_, next_, [&](const v1::Commit& commit) {
      if (message->events_size() >= limits::kWatchBatchEvents || looked++ >= limits::kWatchScanCommits) {
        stopped = true;
        const bool full = message->events_size() >= limits::kWatchBatchEvents;
        source_.source.vitals.Reached(full ? Bound::kWatchEvents : Bound::kWatchScan);
        return false;
      }
      absl::StatusOr<std::vector<v1::EventRecord>> visible = history.Visible(commit, stream_);
      if (!visible.ok()) {
        status_ = visible.status();
        return false;
      }
      // When others' commits were recorded is nobody's to know.
      if (!visible->empty()) reached_ = engine::FromProto(commit.recorded_at());
      for (v1::EventRecord& record : *visible) *message->add_events() = std::move(record);
      next_ = commit.position() + 1;
      return true;
    });
    status_.Update(visited);
    // A stream's own commits may end long before the log does.
    if (!stopped && status_.ok()) next_ = reading.head();
  }

  v1::Mark MarkAt(const Reading& reading) {
    v1::Mark mark;
    if (next_ > 0) {
      absl::StatusOr<uint64_t> check = CheckAt(source_.source.log, next_ - 1);
      status_.Update(check.status());
      if (check.ok()) mark.set_resume_token(TokenOf(source_.source.tokens, viewer_, EventMark{next_ - 1, *check}));
    }
    mark.set_caught_up(next_ >= reading.head());
    // Behind, no more is promised than what has been read.
    *mark.mutable_timers_fired_to() =
        engine::ToProto(mark.caught_up() ? reading.fired_to() : std::min(reached_, reading.fired_to()));
    return mark;
  }

  const StreamSource source_;
  const std::shared_ptr<WatchHub::Watch> watch_;
  const std::string viewer_;
  const std::string stream_;             // Empty: all.
  store::Position next_;                 // The first commit not looked at.
  const std::optional<uint64_t> check_;  // Of the record before it, as the token has it.
  bool reached_token_ = false;
  absl::Time wait_until_ = absl::InfiniteFuture();
  engine::Instant reached_ = absl::UnixEpoch();
  bool told_caught_up_ = false;
  absl::Status status_;
  engine::Rejection refused_;  // Without a reason: none.
};

}  // namespace

Reply<std::unique_ptr<EventStream>> OpenEventWatch(const StreamSource& source, const std::string& viewer,
                                                   const v1::WatchEventsRequest& request, std::function<void()> wake) {
  absl::StatusOr<std::shared_ptr<WatchHub::Watch>> watch = source.hub.Open(viewer, kWatchedEvents, std::move(wake));
  if (!watch.ok()) return watch.status();
  const Reading reading = source.Read(viewer);
  absl::StatusOr<engine::Outcome<std::string>> stream = History(reading).Stream(request.stream());
  if (!stream.ok()) return stream.status();
  if (!stream->ok()) return stream->rejection();
  store::Position next = reading.head();
  std::optional<uint64_t> check;
  if (request.from_case() == v1::WatchEventsRequest::kBeginning && request.beginning()) next = 0;
  if (request.from_case() == v1::WatchEventsRequest::kAfter) {
    const std::optional<EventMark> mark = ParseEventMark(source.source.tokens, viewer, request.after());
    const std::optional<uint64_t> position =
        mark.has_value() ? mark->position : source.source.tokens.ParsePosition(request.after());
    if (!position) return UnknownPosition();
    next = *position + 1;
    if (mark.has_value()) check = mark->check;
  }
  return std::unique_ptr<EventStream>(
      std::make_unique<EventWatch>(source, *std::move(watch), viewer, **stream, next, check));
}

}  // namespace duban::node
