// A node that does what a test says: for what the wire itself promises, whatever the node behind it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "services/node/node.h"

namespace duban::testing {

// A log of events "1", "2", … that grows while it is watched.
class FakeLog {
 public:
  // Adds one event and wakes all that wait.
  void Append() {
    std::vector<std::function<void()>> wakes;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      ++size_;
      for (const auto& [id, wake] : wakes_) wakes.push_back(wake);
    }
    for (const auto& wake : wakes) wake();
  }
  // Ends all streams.
  void End(absl::Status why) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      end_ = std::move(why);
    }
    --size_;
    Append();
  }
  // Lets streams be opened anew.
  void Reopen() {
    std::lock_guard<std::mutex> lock(mutex_);
    end_.reset();
  }

  std::unique_ptr<node::EventStream> Open(uint64_t after, std::function<void()> wake) {
    std::lock_guard<std::mutex> lock(mutex_);
    const uint64_t id = next_id_++;
    wakes_[id] = std::move(wake);
    return std::make_unique<Cursor>(this, id, after);
  }
  size_t open_streams() {
    std::lock_guard<std::mutex> lock(mutex_);
    return wakes_.size();
  }

  std::atomic<int> pulls{0};             // Messages given out.
  std::atomic<size_t> payload_bytes{0};  // Makes messages as large as a test needs.
  std::atomic<int64_t> next_at_ms{-1};   // Relative time of NextAt; -1: infinite.
  std::atomic<int> overlaps{0};          // Pulls of one stream by two threads at once: an error.
  std::atomic<bool> race{false};         // Once: an event comes between finding nothing and saying so.
  std::atomic<bool> hold{false};         // Next does not return while set: a server that hangs.

 private:
  class Cursor final : public node::EventStream {
   public:
    Cursor(FakeLog* log, uint64_t id, uint64_t after) : log_(log), id_(id), sent_(after) {}
    ~Cursor() override {
      std::lock_guard<std::mutex> lock(log_->mutex_);
      log_->wakes_.erase(id_);
    }
    Step Next(v1::WatchEventsResponse* message) override {
      if (busy_.exchange(true)) ++log_->overlaps;
      while (log_->hold) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      const Step step = Pull(message);
      // The worst moment for an event to come: looked and found nothing, not yet said so.
      if (step == Step::kNothingNow && log_->race.exchange(false)) log_->Append();
      busy_ = false;
      return step;
    }
    v1::WatchEventsResponse Heartbeat() override {
      v1::WatchEventsResponse message;
      message.mutable_mark()->set_resume_token(std::to_string(sent_));
      message.mutable_mark()->set_caught_up(true);
      return message;
    }
    absl::Time NextAt() const override {
      const int64_t ms = log_->next_at_ms;
      return ms < 0 ? absl::InfiniteFuture() : absl::Now() + absl::Milliseconds(ms);
    }
    node::Reply<bool> status() const override {
      std::lock_guard<std::mutex> lock(log_->mutex_);
      if (log_->end_->ok()) return true;
      return *log_->end_;
    }

   private:
    Step Pull(v1::WatchEventsResponse* message) {
      std::lock_guard<std::mutex> lock(log_->mutex_);
      if (log_->end_) return Step::kEnd;
      ++log_->pulls;
      if (sent_ == log_->size_) return Step::kNothingNow;
      auto* event = message->add_events();
      event->set_position(std::to_string(++sent_));
      event->set_stream("cases/a");
      event->set_revision(sent_);
      event->set_command(std::string(log_->payload_bytes, 'x'));
      return Step::kMessage;
    }

    FakeLog* const log_;
    const uint64_t id_;
    uint64_t sent_;
    std::atomic<bool> busy_{false};
  };

  std::mutex mutex_;
  uint64_t size_ = 0;
  uint64_t next_id_ = 1;
  std::optional<absl::Status> end_;
  std::map<uint64_t, std::function<void()>> wakes_;
};

class FakeNode final : public node::Node {
 public:
  using Done = std::function<void(node::Reply<node::Response>)>;
  struct Submitted {
    std::string actor;
    node::Request request;
    Done done;
  };

  // Scripts: what the next reads and commands are answered.
  std::map<std::string, std::string> tokens = {{"good", "persons/a"}};
  std::function<node::Reply<v1::GetCaseResponse>(const std::string& viewer, const v1::GetCaseRequest&)> get_case;
  std::function<node::Reply<v1::QueryViewResponse>(const node::Abandoned& abandoned)> query_view;
  std::function<void(Submitted)> submit;
  FakeLog log;

  void SetWritable(absl::Status status) {
    std::lock_guard<std::mutex> lock(mutex_);
    writable_ = std::move(status);
  }

  void Submit(std::string actor, node::Request request, Done done) override {
    submit({std::move(actor), std::move(request), std::move(done)});
  }
  absl::StatusOr<std::string> Authenticate(absl::string_view token) override {
    const auto found = tokens.find(std::string(token));
    if (found == tokens.end()) return absl::UnauthenticatedError("no such token");
    return found->second;
  }
  bool HasRight(absl::string_view, absl::string_view) override { return false; }
  absl::Status Writable() override {
    std::lock_guard<std::mutex> lock(mutex_);
    return writable_;
  }
  void Shutdown() override { log.End(absl::UnavailableError("SHUTTING_DOWN: stopping")); }

  node::Reply<v1::GetCaseResponse> GetCase(const std::string& viewer, const v1::GetCaseRequest& request) override {
    return get_case(viewer, request);
  }
  node::Reply<std::unique_ptr<node::EventStream>> WatchEvents(const std::string&, const v1::WatchEventsRequest& request,
                                                              std::function<void()> wake) override {
    const uint64_t after = request.after().empty() ? 0 : std::stoull(request.after());
    return log.Open(after, std::move(wake));
  }

  node::Reply<v1::QueryViewResponse> QueryView(const std::string&, const v1::QueryViewRequest&,
                                               const node::Abandoned& abandoned) override {
    return query_view ? query_view(abandoned) : absl::UnimplementedError("fake");
  }
  using node::Node::CompareView;
  using node::Node::QueryMetric;
  using node::Node::QueryScoreboard;
  using node::Node::QueryView;

  // Not needed by these tests.
  node::Reply<v1::CompareViewResponse> CompareView(const std::string&, const v1::CompareViewRequest&,
                                                   const node::Abandoned&) override {
    return absl::UnimplementedError("fake");
  }
  node::Reply<v1::QueryMetricResponse> QueryMetric(const std::string&, const v1::QueryMetricRequest&,
                                                   const node::Abandoned&) override {
    return absl::UnimplementedError("fake");
  }
  node::Reply<v1::QueryScoreboardResponse> QueryScoreboard(const std::string&, const v1::QueryScoreboardRequest&,
                                                           const node::Abandoned&) override {
    return absl::UnimplementedError("fake");
  }
  node::Reply<std::unique_ptr<node::ViewStream>> WatchView(const std::string&, const v1::WatchViewRequest&,
                                                           std::function<void()>) override {
    return absl::UnimplementedError("fake");
  }
  node::Reply<std::unique_ptr<node::ManyStream>> WatchMany(const std::string&, const v1::WatchManyRequest&,
                                                           std::function<void()>) override {
    return absl::UnimplementedError("fake");
  }
  node::Reply<std::unique_ptr<node::ReplayStream>> Replay(const std::string&, const v1::ReplayRequest&,
                                                          std::function<void()>) override {
    return absl::UnimplementedError("fake");
  }
  node::Reply<std::unique_ptr<node::DownloadStream>> DownloadFile(const std::string&, const v1::DownloadFileRequest&,
                                                                  std::function<void()>) override {
    return absl::UnimplementedError("fake");
  }
#define DUBAN_UNSCRIPTED(method)                                                                      \
  node::Reply<v1::method##Response> method(const std::string&, const v1::method##Request&) override { \
    return absl::UnimplementedError("fake");                                                          \
  }
  DUBAN_UNSCRIPTED(SetTargets)
  DUBAN_UNSCRIPTED(QueryLedger)
  DUBAN_UNSCRIPTED(ListWorklist)
  DUBAN_UNSCRIPTED(ListAlerts)
  DUBAN_UNSCRIPTED(ListViews)
  DUBAN_UNSCRIPTED(ListMetrics)
  DUBAN_UNSCRIPTED(ReadEvents)
  DUBAN_UNSCRIPTED(CheckProcedure)
  DUBAN_UNSCRIPTED(GetProcedure)
  DUBAN_UNSCRIPTED(ListProcedures)
  DUBAN_UNSCRIPTED(ListUnits)
  DUBAN_UNSCRIPTED(ListPosts)
  DUBAN_UNSCRIPTED(ListPersons)
  DUBAN_UNSCRIPTED(ListRelations)
  DUBAN_UNSCRIPTED(ListDelegations)
  DUBAN_UNSCRIPTED(WhoAmI)
  DUBAN_UNSCRIPTED(GetCalendarYear)
  DUBAN_UNSCRIPTED(AddDays)
  DUBAN_UNSCRIPTED(CountDays)
  DUBAN_UNSCRIPTED(GetJob)
  DUBAN_UNSCRIPTED(ListJobs)
  DUBAN_UNSCRIPTED(ListPlans)
  DUBAN_UNSCRIPTED(GetDraw)
  DUBAN_UNSCRIPTED(ListDraws)
  DUBAN_UNSCRIPTED(GetDocument)
  DUBAN_UNSCRIPTED(ListDocuments)
  DUBAN_UNSCRIPTED(GetBurden)
  DUBAN_UNSCRIPTED(GetStats)
  DUBAN_UNSCRIPTED(IssueToken)
  DUBAN_UNSCRIPTED(GetWorkspace)
  DUBAN_UNSCRIPTED(BeginUpload)
  DUBAN_UNSCRIPTED(UploadChunk)
  DUBAN_UNSCRIPTED(CreateBackup)
#undef DUBAN_UNSCRIPTED
  node::Reply<v1::PublishCalendarResponse> PreviewCalendar(const std::string&,
                                                           const v1::PublishCalendarRequest&) override {
    return absl::UnimplementedError("PreviewCalendar is not scripted");
  }
  node::Reply<v1::PutPlanResponse> PreviewPlan(const std::string&, const v1::PutPlanRequest&) override {
    return absl::UnimplementedError("PreviewPlan is not scripted");
  }
  node::Reply<v1::StartJobResponse> PreviewJob(const std::string&, const v1::StartJobRequest&) override {
    return absl::UnimplementedError("PreviewJob is not scripted");
  }

 private:
  std::mutex mutex_;
  absl::Status writable_;
};

}  // namespace duban::testing
