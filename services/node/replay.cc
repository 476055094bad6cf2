#include <algorithm>
#include <deque>

#include "absl/strings/str_cat.h"
#include "engine/cases/evolve.h"
#include "services/node/case_reads.h"
#include "services/node/history.h"
#include "services/node/limits.h"
#include "services/node/refusals.h"
#include "services/node/streams.h"

namespace duban::node {
namespace {

constexpr size_t kStepsAheadMax = 64;

// History streamed again, step by step. Effects stay silent: nothing but messages to this one watcher comes of it.
class Replaying : public ReplayStream {
 public:
  Replaying(const StreamSource& source, std::shared_ptr<WatchHub::Watch> watch, std::string viewer, std::string stream,
            store::Position end, double speed, absl::Duration pause_max)
      : source_(source),
        watch_(std::move(watch)),
        viewer_(std::move(viewer)),
        stream_(std::move(stream)),
        end_(end),
        speed_(speed),
        pause_max_(pause_max) {}

  Step Next(v1::ReplayResponse* message) override {
    if (status_.ok() && source_.hub.closed()) status_ = StreamsEnd();
    if (status_.ok() && steps_.empty() && next_ < end_) Load();
    if (!status_.ok() || (steps_.empty() && next_ >= end_)) return Step::kEnd;
    if (steps_.empty() || source_.clock.Now() < NextAt()) return Step::kNothingNow;
    shown_at_ = source_.clock.Now();
    shown_recorded_ = engine::FromProto(steps_.front().record().recorded_at());
    *message = std::move(steps_.front());
    steps_.pop_front();
    return Step::kMessage;
  }

  v1::ReplayResponse Heartbeat() override { return {}; }

  absl::Time NextAt() const override {
    if (steps_.empty()) return next_ < end_ ? absl::UnixEpoch() : absl::InfiniteFuture();
    if (speed_ <= 0 || shown_at_ == absl::InfinitePast()) return absl::UnixEpoch();
    const engine::Instant recorded = engine::FromProto(steps_.front().record().recorded_at());
    return shown_at_ + std::min(pause_max_, (recorded - shown_recorded_) / speed_);
  }

  Reply<bool> status() const override {
    if (!status_.ok()) return status_;
    return true;
  }

 private:
  void Load() {
    const Reading reading = source_.Read(viewer_);
    History history(reading);
    int looked = 0;
    bool stopped = false;
    const absl::Status visited = reading.Visit(stream_, next_, [&](const v1::Commit& commit) {
      if (commit.position() >= end_) return false;
      if (steps_.size() >= kStepsAheadMax || looked++ >= limits::kWatchScanCommits) {
        stopped = true;
        if (steps_.size() < kStepsAheadMax) source_.source.vitals.Reached(Bound::kWatchScan);
        return false;
      }
      status_ = AddSteps(reading, history, commit);
      next_ = commit.position() + 1;
      return status_.ok();
    });
    status_.Update(visited);
    if (!stopped) next_ = end_;
  }

  absl::Status AddSteps(const Reading& reading, History& history, const v1::Commit& commit) {
    absl::StatusOr<std::vector<v1::EventRecord>> visible = history.Visible(commit, stream_);
    if (!visible.ok()) return visible.status();
    if (!IsCase(stream_)) {
      for (v1::EventRecord& record : *visible) *steps_.emplace_back().mutable_record() = std::move(record);
      return absl::OkStatus();
    }
    // One case: what it was after each event. Events hidden from the viewer are folded all the same.
    for (const v1::StreamPart& part : commit.parts()) {
      if (part.stream() != stream_) continue;
      state_.set_name(stream_);
      if (state_.revision() == 0) state_.set_opened_position(commit.position());
      state_.set_position(commit.position());
      for (int i = 0; i < part.events_size(); ++i) {
        engine::Evolve(state_, part.events(i));
        if (static_cast<size_t>(i) >= visible->size()) continue;
        v1::ReplayResponse& step = steps_.emplace_back();
        *step.mutable_record() = std::move((*visible)[static_cast<size_t>(i)]);
        absl::StatusOr<v1::Case> shown = Present(reading, state_);
        if (!shown.ok()) return shown.status();
        *step.mutable_case_() = *std::move(shown);
      }
    }
    return absl::OkStatus();
  }

  const StreamSource source_;
  const std::shared_ptr<WatchHub::Watch> watch_;
  const std::string viewer_;
  const std::string stream_;  // Empty: all.
  const store::Position end_;
  const double speed_;
  const absl::Duration pause_max_;

  store::Position next_ = 0;
  CaseState state_;  // Of the one case, after what has been loaded.
  std::deque<v1::ReplayResponse> steps_;
  absl::Time shown_at_ = absl::InfinitePast();
  engine::Instant shown_recorded_;
  absl::Status status_;
};

}  // namespace

Reply<std::unique_ptr<ReplayStream>> OpenReplay(const StreamSource& source, const std::string& viewer,
                                                const v1::ReplayRequest& request, std::function<void()> wake) {
  if (!(request.speed() >= 0)) {
    return engine::Reject(engine::Kind::kInvalid, "OUT_OF_BOUNDS", "speed 不能为负数", "speed must not be negative",
                          {{"field", "speed"}});
  }
  const absl::Duration pause_max = request.has_max_pause() ? absl::Seconds(request.max_pause().seconds()) +
                                                                 absl::Nanoseconds(request.max_pause().nanos())
                                                           : absl::Seconds(5);
  if (pause_max < absl::ZeroDuration()) {
    return engine::Reject(engine::Kind::kInvalid, "OUT_OF_BOUNDS", "max_pause 不能为负数",
                          "max_pause must not be negative", {{"field", "max_pause"}});
  }
  absl::StatusOr<std::shared_ptr<WatchHub::Watch>> watch = source.hub.Open(viewer, kWatchedEvents, std::move(wake));
  if (!watch.ok()) return watch.status();
  const Reading reading = source.Read(viewer);
  absl::StatusOr<engine::Outcome<std::string>> stream = History(reading).Stream(request.stream());
  if (!stream.ok()) return stream.status();
  if (!stream->ok()) return stream->rejection();
  absl::StatusOr<engine::Outcome<Past>> end = reading.PastAt(request.until());
  if (!end.ok()) return end.status();
  if (!end->ok()) return end->rejection();
  return std::unique_ptr<ReplayStream>(std::make_unique<Replaying>(source, *std::move(watch), viewer, **stream,
                                                                   (*end)->commits, request.speed(), pause_max));
}

}  // namespace duban::node
