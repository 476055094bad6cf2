#include "services/node/sequencer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace duban::node {
namespace {

absl::Status ReadOnly(const absl::Status& why) {
  return absl::UnavailableError(absl::StrCat("READ_ONLY: a write failed: ", std::string(why.message())));
}

absl::Status ShuttingDown() { return absl::UnavailableError("SHUTTING_DOWN: the server is stopping"); }

// Says which jobs have begun and ended, in constants and numbers.
void TellOfJobs(Batch& batch, Log& log) {
  for (const v1::Commit& commit : batch.staged()) {
    for (const v1::StreamPart& part : commit.parts()) {
      if (!absl::StartsWith(part.stream(), "jobs/")) continue;
      for (const v1::Event& event : part.events()) {
        if (!event.has_job_started() && !event.has_job_ended()) continue;
        JobRecord record;
        record.ParseFromString(batch.Row(engine::Table::kJob, part.stream()).value_or(""));
        const v1::Job& job = record.job();
        const JobKind* kind = KindOf(job.task());
        const std::string of = kind == nullptr ? "unknown" : std::string(kind->command());
        if (event.has_job_started()) {
          log.Write(Level::kInfo, "job_started", {{"kind", of}, {"total", static_cast<int64_t>(job.total())}});
        } else {
          log.Write(job.state() == v1::JOB_STATE_FAILED ? Level::kError : Level::kInfo, "job_ended",
                    {{"kind", of},
                     {"state", v1::JobState_Name(job.state())},
                     {"looked_at", static_cast<int64_t>(job.looked_at())},
                     {"changed", static_cast<int64_t>(job.changed())},
                     {"refused", static_cast<int64_t>(job.refused())}});
        }
      }
    }
  }
}

}  // namespace

absl::StatusOr<Published> PublishedNow(const store::Store& store, LibraryPtr library, ViewSetPtr views,
                                       engine::Instant recorded) {
  Published now;
  now.rows = store.NewSnapshot();
  now.head = now.rows->applied();
  now.library = std::move(library);
  now.views = std::move(views);
  now.recorded = recorded;
  now.first_due = absl::InfiniteFuture();
  const absl::Status listed = store.DueTimers(std::numeric_limits<int64_t>::max(), [&](const store::Timer& timer) {
    now.first_due = absl::FromUnixMillis(timer.due_ms);
    return false;
  });
  if (!listed.ok()) return listed;
  return now;
}

Sequencer::Sequencer(store::Store& store, store::KeyVault& vault, const Tokens& tokens, Uploads& uploads,
                     const store::FileStore& files, Random& random, const Clock& clock, WatchHub& hub, Vitals& vitals,
                     bool confirm_time, size_t job_lot_items)
    : store_(store),
      vault_(vault),
      clock_(clock),
      hub_(hub),
      vitals_(vitals),
      firing_(random, vault),
      jobs_(random, tokens, uploads, files, vault, vitals, job_lot_items),
      decider_(tokens, vault, uploads, random, firing_, jobs_.means(), vitals),
      confirm_time_(confirm_time),
      clock_seen_(clock.Now()) {}

void Sequencer::Start(bool own_thread) {
  int64_t armed = 0;
  const absl::Status counted = store_.DueTimers(std::numeric_limits<int64_t>::max(), [&](const store::Timer&) {
    ++armed;
    return true;
  });
  if (!counted.ok()) Fail(counted);
  timers_armed_ = armed;
  Batch batch = NewBatch();
  jobs_running_ = JobRunner::Running(batch);
  if (!batch.status().ok()) Fail(batch.status());
  if (!confirm_time_) {
    const absl::StatusOr<absl::Time> right = LastRight();
    if (!right.ok()) Fail(right.status());
    clock_seen_ = right.value_or(clock_seen_);
  }
  LookAtClock();
  if (own_thread) thread_ = std::thread([this] { Run(); });
}

void Sequencer::Submit(std::string actor, Request request, PreparedPtr prepared, Done done) {
  absl::Status refused;
  {
    std::lock_guard<std::mutex> lock(mu_);
    if (!failed_.ok()) {
      refused = ReadOnly(failed_);
    } else if (stopping_) {
      refused = ShuttingDown();
    } else if (queue_.size() >= limits::kQueueMax) {
      vitals_.Reached(Bound::kQueue);
      refused = absl::ResourceExhaustedError(
          absl::StrCat("QUEUE_FULL: ", limits::kQueueMax, " commands wait; nothing was changed"));
    } else {
      queue_.push_back({std::move(actor), std::move(request), std::move(prepared), std::move(done)});
    }
  }
  if (!refused.ok()) return done(Reply<Response>(std::move(refused)));
  ready_.notify_one();
}

void Sequencer::Stop() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    stopping_ = true;
  }
  ready_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    while (Pump()) {
    }
  }
}

absl::Status Sequencer::writable() const {
  std::lock_guard<std::mutex> lock(mu_);
  if (!failed_.ok()) return ReadOnly(failed_);
  return stopping_ ? ShuttingDown() : absl::OkStatus();
}

Sequencer::Counts Sequencer::counts() const {
  Counts out;
  {
    std::lock_guard<std::mutex> lock(mu_);
    out.queue_length = static_cast<int64_t>(queue_.size());
  }
  out.commands = commands_;
  out.rejections = rejections_;
  out.batches = batches_;
  out.timers_armed = timers_armed_;
  out.cached_cases = cached_cases_;
  out.timers_held = timers_held_;
  out.jobs_running = jobs_running_;
  return out;
}

std::vector<Sequencer::Waiting> Sequencer::Take() {
  std::vector<Waiting> taken;
  while (!queue_.empty() && taken.size() < limits::kBatchCommandsMax) {
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  if (!queue_.empty()) vitals_.Reached(Bound::kBatchCommands);
  return taken;
}

void Sequencer::TakeOver(Finish finish, std::function<void(absl::Status)> done) {
  absl::Status refused;
  {
    std::lock_guard<std::mutex> lock(mu_);
    if (!failed_.ok()) {
      refused = ReadOnly(failed_);
    } else {
      takeover_ = Takeover{std::move(finish), std::move(done)};
    }
  }
  if (!refused.ok()) return done(std::move(refused));
  ready_.notify_one();
}

bool Sequencer::TakeOverViews() {
  std::optional<Takeover> takeover;
  {
    std::lock_guard<std::mutex> lock(mu_);
    if (stopping_) return false;
    takeover.swap(takeover_);
  }
  if (!takeover.has_value()) return false;
  const Published now = hub_.Current();
  absl::StatusOr<TakenOver> taken = takeover->finish(now);
  absl::Status status = taken.status();
  if (taken.ok()) {
    status = store_.Write({now.head, {}}, {now.head, std::move(taken->rows), {}});
    if (status.ok()) {
      absl::StatusOr<Published> after = PublishedNow(store_, now.library, std::move(taken->views), now.recorded);
      status = after.status();
      if (after.ok()) hub_.Publish(*std::move(after), {});
    }
    if (!status.ok()) Fail(status);
  }
  takeover->done(std::move(status));
  return true;
}

bool Sequencer::Turn(std::vector<Waiting> taken) {
  LookAtClock();
  batch_began_ = clock_.Steady();
  const bool took_over = TakeOverViews();
  const bool due = !taken.empty() || more_timers_ || TimersDue(hub_.Current());
  if (due) Round(std::move(taken));
  return WorkOnJobs() || due || took_over;
}

bool Sequencer::WorkOnJobs() {
  if (jobs_running_ == 0 || !writable().ok()) return false;
  Batch batch = NewBatch();
  jobs_.Work(batch, Now(batch));
  const bool worked = !batch.empty();
  Commit(batch, {});
  return worked;
}

bool Sequencer::Pump() {
  std::vector<Waiting> taken;
  {
    std::lock_guard<std::mutex> lock(mu_);
    if (stopping_ && queue_.empty()) return false;
    taken = Take();
  }
  return Turn(std::move(taken));
}

void Sequencer::Run() {
  while (true) {
    std::vector<Waiting> taken;
    {
      std::unique_lock<std::mutex> lock(mu_);
      const bool busy = more_timers_ || (jobs_running_ > 0 && failed_.ok());
      const auto pause = busy ? std::chrono::milliseconds(0) : limits::kTimerPoll;
      ready_.wait_for(lock, pause, [this] { return !queue_.empty() || takeover_.has_value() || stopping_; });
      taken = Take();
      if (taken.empty() && stopping_) return;
    }
    Turn(std::move(taken));
  }
}

absl::StatusOr<absl::Time> Sequencer::LastRight() {
  // When a commit was recorded, and before any timer was due that could have fired and has not: so a hold outlasts a
  // restart. One that waits for a calendar says nothing about the clock.
  const Published now = hub_.Current();
  if (now.library->workspace.virtual_clock() || now.first_due > now.recorded) return now.recorded;
  const auto able = firing_.FirstAble(
      store_, [this] { return NewBatch(); }, now.recorded);
  if (!able.ok()) return able.status();
  return std::min(now.recorded, *able);
}

void Sequencer::LookAtClock() {
  if (hub_.Current().library->workspace.virtual_clock()) return;
  const absl::Time now = clock_.Now();
  if (now - clock_seen_ > absl::FromChrono(limits::kClockJumpMax) && !timers_held_) Hold(now - clock_seen_);
  clock_seen_ = std::max(clock_seen_, now);
}

void Sequencer::Hold(absl::Duration jump) {
  timers_held_ = true;
  vitals_.Reached(Bound::kClockJump);
  vitals_.log().Write(Level::kWarning, "timers_held", {{"jump_hours", absl::ToInt64Hours(jump)}});
}

bool Sequencer::TimersDue(const Published& now) const {
  if (timers_held_ || !writable().ok()) return false;
  const bool is_virtual = now.library->workspace.virtual_clock();
  const engine::Instant at = is_virtual ? now.recorded : std::max(now.recorded, clock_.Now());
  if (now.first_due > at) return false;
  // What was set aside stays armed, and is not due again. Trouble in looking is met again in firing.
  return firing_.AnyToTry(store_, *now.library, now.views, at).value_or(true);
}

Batch Sequencer::NewBatch() {
  const Published now = hub_.Current();
  return Batch({&store_, now.rows, now.head, now.library, now.views, now.recorded}, &cache_);
}

engine::Instant Sequencer::Now(const Batch& batch) const {
  if (batch.library().workspace.virtual_clock()) return batch.recorded();
  return std::max(batch.recorded(), engine::ToTick(clock_.Now()));
}

Asked Sequencer::AskedBy(const Waiting& waiting, const Batch& batch) const {
  return {waiting.actor, Now(batch), timers_held_, waiting.prepared};
}

void Sequencer::Round(std::vector<Waiting> taken) {
  std::vector<Answered> answers;
  auto batch = std::make_unique<Batch>(NewBatch());
  const auto commit = [&] {
    Commit(*batch, std::exchange(answers, {}));
    batch = std::make_unique<Batch>(NewBatch());
  };
  for (Waiting& waiting : taken) {
    if (std::holds_alternative<v1::AdvanceClockRequest>(waiting.request)) {
      commit();
      Advance(std::move(waiting));
      batch = std::make_unique<Batch>(NewBatch());
      continue;
    }
    Reply<Response> reply = decider_.Decide(*batch, AskedBy(waiting, *batch), waiting.request);
    answers.push_back({std::move(waiting.done), std::move(reply)});
    if (batch->bytes() >= limits::kBatchBytesMax) {
      vitals_.Reached(Bound::kBatchBytes);
      commit();
    }
  }
  more_timers_ = false;
  if (!timers_held_ && writable().ok()) {
    const engine::Instant now = Now(*batch);
    absl::StatusOr<Firing::Lot> lot =
        firing_.FireDue(*batch, store_, now, now, batch->library().workspace.virtual_clock(), limits::kBatchTimersMax);
    if (!lot.ok()) Fail(lot.status());
    more_timers_ = lot.ok() && lot->more;
    if (more_timers_) vitals_.Reached(Bound::kBatchTimers);
  }
  Commit(*batch, std::move(answers));
}

void Sequencer::Advance(Waiting waiting) {
  const auto& request = std::get<v1::AdvanceClockRequest>(waiting.request);
  const engine::Instant to = engine::FromProto(request.to());
  Batch first = NewBatch();
  if (auto early = decider_.CheckAdvance(first, AskedBy(waiting, first), request)) {
    Commit(first, {{std::move(waiting.done), *std::move(early)}});
    return;
  }
  while (WorkOnJobs()) {
    std::lock_guard<std::mutex> lock(mu_);
    if (stopping_) break;
  }
  if (jobs_running_ > 0) {
    Batch none = NewBatch();
    return Commit(none, {{std::move(waiting.done), Reply<Response>(ShuttingDown())}});
  }
  int64_t fired = 0;
  while (true) {
    Batch batch = NewBatch();
    absl::StatusOr<Firing::Lot> lot =
        firing_.FireDue(batch, store_, Now(batch), to, /*at_own_instant=*/true, limits::kBatchCommandsMax);
    if (!lot.ok()) Fail(lot.status());
    fired += lot.ok() ? lot->fired : 0;
    if (lot.ok() && lot->more) {
      Commit(batch, {});
      // What a plan has begun is done before what is due later.
      while (WorkOnJobs()) {
      }
      std::lock_guard<std::mutex> lock(mu_);
      if (failed_.ok() && !stopping_) continue;
    }
    // At the end; or at a stop on the way, which leaves what has fired and lets the caller try again.
    std::vector<Answered> answers;
    if (lot.ok() && !lot->more) {
      answers.push_back(
          {std::move(waiting.done), decider_.StageAdvance(batch, AskedBy(waiting, batch), request, fired)});
    } else {
      answers.push_back({std::move(waiting.done), Reply<Response>(ShuttingDown())});
    }
    Commit(batch, std::move(answers));
    return;
  }
}

absl::Status Sequencer::Write(Batch& batch) {
  {
    std::lock_guard<std::mutex> lock(mu_);
    if (!failed_.ok()) return failed_;
  }
  if (!batch.status().ok()) return batch.status();
  if (batch.empty()) return absl::OkStatus();
  firing_.Notice(batch);
  const size_t commits = batch.commits(), bytes = batch.bytes();
  const store::Apply apply = batch.TakeApply();
  if (absl::Status written = store_.Write(batch.TakeAppend(), apply); !written.ok()) return written;
  // A box that was replaced opens no more once the one with the further ballot is there, and before anybody hears of
  // it.
  if (!batch.spent_keys().empty()) {
    if (absl::Status gone = vault_.DestroyAll(batch.spent_keys()); !gone.ok()) return gone;
  }
  ++batches_;
  const absl::Duration durable_at = clock_.Steady();
  vitals_.BatchTook(durable_at - std::exchange(batch_began_, durable_at), commits, bytes);
  timers_armed_ += batch.timers_added();
  vitals_.Reached(Bound::kChangedBytes, batch.changed_left_out());
  TellOfJobs(batch, vitals_.log());
  batch.Remember();
  cached_cases_ = static_cast<int64_t>(cache_.size());
  if (cache_.size() >= limits::kCachedCasesMax) vitals_.Reached(Bound::kCachedCases);
  absl::StatusOr<Published> now = PublishedNow(store_, batch.shared_library(), hub_.Current().views, batch.recorded());
  if (!now.ok()) return now.status();
  // One works until what it did last can be read: whoever hears that none works reads all that they have done.
  if (batch.jobs_added() > 0) jobs_running_ += batch.jobs_added();
  hub_.Publish(*std::move(now), batch.changed_views());
  if (batch.jobs_added() < 0) jobs_running_ += batch.jobs_added();
  return absl::OkStatus();
}

void Sequencer::Commit(Batch& batch, std::vector<Answered> answers) {
  const absl::Status written = Write(batch);
  if (!written.ok()) Fail(written);
  for (Answered& answered : answers) {
    ++commands_;
    if (!written.ok()) answered.reply = ReadOnly(written);
    if (std::holds_alternative<engine::Rejection>(answered.reply)) ++rejections_;
    answered.done(std::move(answered.reply));
  }
}

void Sequencer::Fail(const absl::Status& status) {
  std::deque<Waiting> waiting;
  std::optional<Takeover> takeover;
  bool first;
  {
    std::lock_guard<std::mutex> lock(mu_);
    first = failed_.ok();
    if (first) failed_ = status;
    waiting.swap(queue_);
    takeover.swap(takeover_);
  }
  if (first) vitals_.log().Write(Level::kError, "read_only", {{"trouble", status.ToString()}});
  if (takeover.has_value()) takeover->done(ReadOnly(status));
  for (Waiting& one : waiting) one.done(Reply<Response>(ReadOnly(status)));
}

}  // namespace duban::node
