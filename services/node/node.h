// The node joins meaning and bytes: one workspace, one log, one sequencer.
//
// A command goes: Submit -> bounded queue -> sequencer (one thread: dedup, due timers, seal, decide, evolve, views)
// -> one Store::Write for all that waited -> answers, wake-ups. Reads go to a snapshot of the store on the caller's
// thread. Requests and responses are the contract's own messages: nothing is converted on the way.
//
// Threads: every public function may be called from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "duban/v1/audit_service.pb.h"
#include "duban/v1/calendar_service.pb.h"
#include "duban/v1/case_service.pb.h"
#include "duban/v1/directory_service.pb.h"
#include "duban/v1/document_service.pb.h"
#include "duban/v1/draw_service.pb.h"
#include "duban/v1/file_service.pb.h"
#include "duban/v1/job_service.pb.h"
#include "duban/v1/ledger_service.pb.h"
#include "duban/v1/metric_service.pb.h"
#include "duban/v1/operations_service.pb.h"
#include "duban/v1/plan_service.pb.h"
#include "duban/v1/procedure_service.pb.h"
#include "duban/v1/view_service.pb.h"
#include "duban/v1/watch_service.pb.h"
#include "engine/base/rejection.h"
#include "engine/views/view.h"
#include "services/node/log.h"
#include "services/node/measures.h"

namespace duban::node {

class Clock;
class Random;

// An answer, a refusal that the caller can act on, or trouble in the environment.
template <typename T>
using Reply = std::variant<T, engine::Rejection, absl::Status>;

// What a caller asks for. Each request carries its idempotency key.
// Previews (`validate_only`) of a calendar, a job or a plan are reads and have their own functions below.
using Request =
    std::variant<v1::OpenCaseRequest, v1::ActOnCaseRequest, v1::ApplyDirectoryRequest, v1::PublishCalendarRequest,
                 v1::PublishProcedureRequest, v1::AdvanceClockRequest, v1::EraseFileRequest, v1::StartJobRequest,
                 v1::CancelJobRequest, v1::PutPlanRequest, v1::StopPlanRequest, v1::FreezeDrawRequest,
                 v1::SeedDrawRequest, v1::IssueDocumentsRequest, v1::ReceiveDocumentRequest>;
// The answer of the same place in the list.
using Response =
    std::variant<v1::OpenCaseResponse, v1::ActOnCaseResponse, v1::ApplyDirectoryResponse, v1::PublishCalendarResponse,
                 v1::PublishProcedureResponse, v1::AdvanceClockResponse, v1::EraseFileResponse, v1::StartJobResponse,
                 v1::CancelJobResponse, v1::PutPlanResponse, v1::StopPlanResponse, v1::FreezeDrawResponse,
                 v1::SeedDrawResponse, v1::IssueDocumentsResponse, v1::ReceiveDocumentResponse>;

struct NodeOptions {
  std::string directory;                    // Where everything lies; empty: in memory, for tests.
  std::string title = "督办";               // Of a workspace that is created.
  int zone_offset_s = 8 * 3600;             // The same.
  bool virtual_clock = false;               // The same. Afterwards the workspace's own.
  std::optional<absl::Time> virtual_start;  // Where a new virtual clock begins; absent: the wall clock's now.
  std::string backups;                      // The directory that holds backups; empty: none are made.
  bool confirm_time = false;                // Accepts a jump of the wall clock beyond limits::kClockJumpMax.
  std::shared_ptr<Clock> clock;             // Null: the machine's.
  std::shared_ptr<Random> random;           // Null: the machine's.
  std::shared_ptr<Log> log;                 // Null: nothing is said.
  bool own_thread = true;                   // False: the writer works only within Node::Pump (simulation).
  const std::vector<const engine::View*>* views = nullptr;  // Null: engine::Views(). Outlives the node.
  size_t build_slice_commits = 0;  // Of a view that is built beside; 0: limits::kBuildSliceCommits.
  size_t job_lot_items = 0;        // That a job looks at in one commit; 0: limits::kJobLotItemsMax.
  uint64_t past_kept = 0;          // Commits whose superseded rows are kept; 0: limits::kPastKept.
};

// A stream of messages that is pulled. One thread at a time pulls; `wake` is called from any thread whenever there may
// be more after Next returned kNothingNow, and must only schedule another pull.
template <typename Message>
class Stream {
 public:
  enum class Step { kMessage, kNothingNow, kEnd };
  virtual ~Stream() = default;
  // Fills `message`, or says that there is nothing now, or that the stream has ended (`status()` says why).
  virtual Step Next(Message* message) = 0;
  // A mark for a quiet stream: everything up to here has been sent. Empty when there is nothing to say yet. Only for
  // watches.
  virtual Message Heartbeat() = 0;
  // When to call Next although nobody woke: the end of a gathering interval, the next step of a replay. Infinite when
  // only a wake-up matters.
  virtual absl::Time NextAt() const = 0;
  // Why the stream ended; OK for a replay that reached its end.
  virtual Reply<bool> status() const = 0;
};
using EventStream = Stream<v1::WatchEventsResponse>;
using ViewStream = Stream<v1::WatchViewResponse>;
using ManyStream = Stream<v1::WatchManyResponse>;
using ReplayStream = Stream<v1::ReplayResponse>;
using DownloadStream = Stream<v1::DownloadFileResponse>;

// Whether nobody waits for an answer any more. Asked now and then, on the thread that answers, by what may take long,
// which then ends with CANCELLED; empty: somebody waits.
using Abandoned = std::function<bool()>;

class Node {
 public:
  // Opens or creates the workspace, replays what the rows lack, arms the timers, starts the sequencer.
  static absl::StatusOr<std::unique_ptr<Node>> Open(NodeOptions options);
  virtual ~Node() = default;

  // Queues a command of the person signed in ("persons/…"). `done` is called exactly once, on the sequencer's thread
  // after the command is durable, or at once when the queue is full; it must not block.
  virtual void Submit(std::string actor, Request request, std::function<void(Reply<Response>)> done) = 0;

  // Signs in: the person behind a token. UNAUTHENTICATED when it is wrong, expired or of nobody.
  virtual absl::StatusOr<std::string> Authenticate(absl::string_view token) = 0;
  // Whether a person has a right ("audit", "administer" …) now.
  virtual bool HasRight(absl::string_view person, absl::string_view right) = 0;

  // Reads. `viewer` is the person signed in.
  virtual Reply<v1::GetCaseResponse> GetCase(const std::string& viewer, const v1::GetCaseRequest& request) = 0;
  virtual Reply<v1::QueryLedgerResponse> QueryLedger(const std::string& viewer,
                                                     const v1::QueryLedgerRequest& request) = 0;
  virtual Reply<v1::ListWorklistResponse> ListWorklist(const std::string& viewer,
                                                       const v1::ListWorklistRequest& request) = 0;
  virtual Reply<v1::ListAlertsResponse> ListAlerts(const std::string& viewer, const v1::ListAlertsRequest& request) = 0;
  // Of the past these, and figures, may read the whole log again.
  virtual Reply<v1::QueryViewResponse> QueryView(const std::string& viewer, const v1::QueryViewRequest& request,
                                                 const Abandoned& abandoned) = 0;
  virtual Reply<v1::CompareViewResponse> CompareView(const std::string& viewer, const v1::CompareViewRequest& request,
                                                     const Abandoned& abandoned) = 0;
  Reply<v1::QueryViewResponse> QueryView(const std::string& viewer, const v1::QueryViewRequest& request) {
    return QueryView(viewer, request, {});
  }
  Reply<v1::CompareViewResponse> CompareView(const std::string& viewer, const v1::CompareViewRequest& request) {
    return CompareView(viewer, request, {});
  }
  virtual Reply<v1::ListViewsResponse> ListViews(const std::string& viewer, const v1::ListViewsRequest& request) = 0;
  virtual Reply<v1::ListMetricsResponse> ListMetrics(const std::string& viewer,
                                                     const v1::ListMetricsRequest& request) = 0;
  virtual Reply<v1::QueryMetricResponse> QueryMetric(const std::string& viewer, const v1::QueryMetricRequest& request,
                                                     const Abandoned& abandoned) = 0;
  virtual Reply<v1::QueryScoreboardResponse> QueryScoreboard(const std::string& viewer,
                                                             const v1::QueryScoreboardRequest& request,
                                                             const Abandoned& abandoned) = 0;
  Reply<v1::QueryMetricResponse> QueryMetric(const std::string& viewer, const v1::QueryMetricRequest& request) {
    return QueryMetric(viewer, request, {});
  }
  Reply<v1::QueryScoreboardResponse> QueryScoreboard(const std::string& viewer,
                                                     const v1::QueryScoreboardRequest& request) {
    return QueryScoreboard(viewer, request, {});
  }
  virtual Reply<v1::ReadEventsResponse> ReadEvents(const std::string& viewer, const v1::ReadEventsRequest& request) = 0;

  virtual Reply<v1::CheckProcedureResponse> CheckProcedure(const std::string& viewer,
                                                           const v1::CheckProcedureRequest& request) = 0;
  virtual Reply<v1::GetProcedureResponse> GetProcedure(const std::string& viewer,
                                                       const v1::GetProcedureRequest& request) = 0;
  virtual Reply<v1::ListProceduresResponse> ListProcedures(const std::string& viewer,
                                                           const v1::ListProceduresRequest& request) = 0;

  virtual Reply<v1::ListUnitsResponse> ListUnits(const std::string& viewer, const v1::ListUnitsRequest& request) = 0;
  virtual Reply<v1::ListPostsResponse> ListPosts(const std::string& viewer, const v1::ListPostsRequest& request) = 0;
  virtual Reply<v1::ListPersonsResponse> ListPersons(const std::string& viewer,
                                                     const v1::ListPersonsRequest& request) = 0;
  virtual Reply<v1::ListRelationsResponse> ListRelations(const std::string& viewer,
                                                         const v1::ListRelationsRequest& request) = 0;
  virtual Reply<v1::ListDelegationsResponse> ListDelegations(const std::string& viewer,
                                                             const v1::ListDelegationsRequest& request) = 0;
  virtual Reply<v1::WhoAmIResponse> WhoAmI(const std::string& viewer, const v1::WhoAmIRequest& request) = 0;

  virtual Reply<v1::GetCalendarYearResponse> GetCalendarYear(const std::string& viewer,
                                                             const v1::GetCalendarYearRequest& request) = 0;
  virtual Reply<v1::AddDaysResponse> AddDays(const std::string& viewer, const v1::AddDaysRequest& request) = 0;
  virtual Reply<v1::CountDaysResponse> CountDays(const std::string& viewer, const v1::CountDaysRequest& request) = 0;

  // What publishing these years would move. Takes as long as looking at all open cases takes, on the caller's thread.
  virtual Reply<v1::PublishCalendarResponse> PreviewCalendar(const std::string& viewer,
                                                             const v1::PublishCalendarRequest& request) = 0;
  // What a job would do. The same.
  virtual Reply<v1::StartJobResponse> PreviewJob(const std::string& viewer, const v1::StartJobRequest& request) = 0;
  virtual Reply<v1::GetJobResponse> GetJob(const std::string& viewer, const v1::GetJobRequest& request) = 0;
  virtual Reply<v1::PutPlanResponse> PreviewPlan(const std::string& viewer, const v1::PutPlanRequest& request) = 0;
  virtual Reply<v1::ListPlansResponse> ListPlans(const std::string& viewer, const v1::ListPlansRequest& request) = 0;
  virtual Reply<v1::GetBurdenResponse> GetBurden(const std::string& viewer, const v1::GetBurdenRequest& request) = 0;
  virtual Reply<v1::GetDrawResponse> GetDraw(const std::string& viewer, const v1::GetDrawRequest& request) = 0;
  virtual Reply<v1::ListDrawsResponse> ListDraws(const std::string& viewer, const v1::ListDrawsRequest& request) = 0;
  virtual Reply<v1::GetDocumentResponse> GetDocument(const std::string& viewer,
                                                     const v1::GetDocumentRequest& request) = 0;
  virtual Reply<v1::ListDocumentsResponse> ListDocuments(const std::string& viewer,
                                                         const v1::ListDocumentsRequest& request) = 0;
  virtual Reply<v1::ListJobsResponse> ListJobs(const std::string& viewer, const v1::ListJobsRequest& request) = 0;

  virtual Reply<v1::GetStatsResponse> GetStats(const std::string& viewer, const v1::GetStatsRequest& request) = 0;
  virtual Reply<v1::IssueTokenResponse> IssueToken(const std::string& viewer, const v1::IssueTokenRequest& request) = 0;
  virtual Reply<v1::GetWorkspaceResponse> GetWorkspace(const std::string& viewer,
                                                       const v1::GetWorkspaceRequest& request) = 0;

  // Files. These two write to the disk on the caller's thread.
  virtual Reply<v1::BeginUploadResponse> BeginUpload(const std::string& viewer,
                                                     const v1::BeginUploadRequest& request) = 0;
  virtual Reply<v1::UploadChunkResponse> UploadChunk(const std::string& viewer,
                                                     const v1::UploadChunkRequest& request) = 0;
  // Takes minutes on the caller's thread, while commands go on; one at a time. Ends early when the node is shut down.
  virtual Reply<v1::CreateBackupResponse> CreateBackup(const std::string& viewer,
                                                       const v1::CreateBackupRequest& request) = 0;

  // Streams. Each must be let go of before the node.
  virtual Reply<std::unique_ptr<EventStream>> WatchEvents(const std::string& viewer,
                                                          const v1::WatchEventsRequest& request,
                                                          std::function<void()> wake) = 0;
  virtual Reply<std::unique_ptr<ViewStream>> WatchView(const std::string& viewer, const v1::WatchViewRequest& request,
                                                       std::function<void()> wake) = 0;
  virtual Reply<std::unique_ptr<ManyStream>> WatchMany(const std::string& viewer, const v1::WatchManyRequest& request,
                                                       std::function<void()> wake) = 0;
  virtual Reply<v1::SetTargetsResponse> SetTargets(const std::string& viewer, const v1::SetTargetsRequest& request) = 0;
  virtual Reply<std::unique_ptr<ReplayStream>> Replay(const std::string& viewer, const v1::ReplayRequest& request,
                                                      std::function<void()> wake) = 0;

  // `wake` is never called: there is always more until the end.
  virtual Reply<std::unique_ptr<DownloadStream>> DownloadFile(const std::string& viewer,
                                                              const v1::DownloadFileRequest& request,
                                                              std::function<void()> wake) = 0;

  // OK while commands are taken; why not, once a failed write has made the node read-only. Cheap: asked every second.
  virtual absl::Status Writable() = 0;

  // Numbers of the whole workspace, whoever's matters they count: for its operators, never for an answer to a viewer.
  virtual std::vector<Measure> Measures() { return {}; }

  // Lets the writer work on the caller's thread, a batch, and whatever else works behind it, a step each; false when
  // there was nothing to do. For nodes opened without a thread of their own.
  virtual bool Pump() { return false; }

  // Stops taking commands, answers those that wait, writes what is decided, ends the streams.
  virtual void Shutdown() = 0;
};

// The token that an operator uses first; written by duband to <directory>/operator.token when the workspace is
// created. Its person is "persons/operator", holder of the post "posts/operator" with all rights but no unit's matters.
std::string OperatorTokenPath(const std::string& directory);

}  // namespace duban::node
