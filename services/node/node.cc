// The composition root: what Node promises, each promise kept by one of the files beside.
#include "services/node/node.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/views/tables.h"
#include "services/node/backups.h"
#include "services/node/ballot_boxes.h"
#include "services/node/batch.h"
#include "services/node/case_reads.h"
#include "services/node/chores.h"
#include "services/node/disk.h"
#include "services/node/documents.h"
#include "services/node/downloads.h"
#include "services/node/draws.h"
#include "services/node/history.h"
#include "services/node/jobs/job_preview.h"
#include "services/node/jobs/job_reads.h"
#include "services/node/library_reads.h"
#include "services/node/limits.h"
#include "services/node/metric_reads.h"
#include "services/node/past_keeper.h"
#include "services/node/past_reads.h"
#include "services/node/plans.h"
#include "services/node/reading.h"
#include "services/node/rebuild.h"
#include "services/node/refusals.h"
#include "services/node/scratch.h"
#include "services/node/sequencer.h"
#include "services/node/stats.h"
#include "services/node/streams.h"
#include "services/node/uploads.h"
#include "services/node/view_builder.h"
#include "services/node/view_list.h"
#include "services/node/view_reads.h"
#include "services/node/watch_many.h"
#include "services/node/workspace.h"

namespace duban::node {
namespace {

constexpr char kVersion[] = "0.1.0";

class WorkspaceNode : public Node {
 public:
  WorkspaceNode(const NodeOptions& options, Workspace workspace, std::unique_ptr<Tokens> tokens, Published first)
      : clock_(options.clock),
        random_(options.random),
        workspace_(std::move(workspace)),
        tokens_(std::move(tokens)),
        vitals_(options.log),
        disk_(options.directory, *clock_),
        source_{*workspace_.store, *workspace_.vault, *tokens_, vitals_},
        hub_(std::move(first), vitals_),
        streams_{source_, hub_, *clock_},
        downloads_{streams_, *workspace_.files},
        uploads_(*workspace_.files, *tokens_, *random_, *clock_, vitals_),
        backups_(workspace_, options.directory, options.backups, *clock_),
        scratches_(*workspace_.store, vitals_),
        keeper_(*workspace_.store, hub_, scratches_, vitals_,
                options.past_kept == 0 ? limits::kPastKept : options.past_kept),
        past_{keeper_, scratches_},
        sequencer_(*workspace_.store, *workspace_.vault, *tokens_, uploads_, *workspace_.files, *random_, *clock_, hub_,
                   vitals_, options.confirm_time,
                   options.job_lot_items == 0 ? limits::kJobLotItemsMax : options.job_lot_items),
        builder_(*workspace_.store, hub_, sequencer_, vitals_,
                 options.build_slice_commits == 0 ? limits::kBuildSliceCommits : options.build_slice_commits),
        started_at_(clock_->Now()) {}

  absl::Status Start(bool own_thread) {
    if (absl::Status loaded = uploads_.Load(); !loaded.ok()) return loaded;
    absl::Status spent = DestroySpentBoxes(*hub_.Current().rows, *workspace_.vault);
    if (!spent.ok()) return spent;
    chores_ = std::make_unique<Chores>([this] { Sweep(); }, limits::kSweepEvery, own_thread);
    sequencer_.Start(own_thread);
    builder_.Start(own_thread);
    if (own_thread) keeper_.Start();
    vitals_.log().Write(
        Level::kInfo, "opened",
        {{"commits", static_cast<int64_t>(hub_.Current().head)}, {"timers_armed", sequencer_.counts().timers_armed}});
    return absl::OkStatus();
  }

  ~WorkspaceNode() override { WorkspaceNode::Shutdown(); }

  void Submit(std::string actor, Request request, std::function<void(Reply<Response>)> done) override {
    if (const auto* erase = std::get_if<v1::EraseFileRequest>(&request)) {
      done = [this, file = erase->file(), done = std::move(done)](Reply<Response> reply) {
        Forget(file, std::move(reply), done);
      };
    }
    PreparedPtr prepared;
    if (const auto* issue = std::get_if<v1::IssueDocumentsRequest>(&request)) {
      prepared = PrepareDocuments(streams_.Read(actor), past_, *issue);
    }
    sequencer_.Submit(std::move(actor), std::move(request), std::move(prepared), std::move(done));
  }

  absl::StatusOr<std::string> Authenticate(absl::string_view token) override {
    absl::StatusOr<std::string> person = tokens_->ParseBearer(token, clock_->Now());
    if (person.ok() && hub_.Current().library->directory->FindPerson(*person) == nullptr) {
      return absl::UnauthenticatedError("TOKEN_INVALID: its person is not in the directory");
    }
    return person;
  }

  bool HasRight(absl::string_view person, absl::string_view right) override {
    return hub_.Current().library->directory->HasRight(person, right);
  }

  Reply<v1::GetCaseResponse> GetCase(const std::string& viewer, const v1::GetCaseRequest& request) override {
    return node::GetCase(streams_.Read(viewer), request);
  }
  Reply<v1::QueryLedgerResponse> QueryLedger(const std::string& viewer,
                                             const v1::QueryLedgerRequest& request) override {
    return node::QueryLedger(streams_.Read(viewer), request);
  }
  Reply<v1::ListWorklistResponse> ListWorklist(const std::string& viewer,
                                               const v1::ListWorklistRequest& request) override {
    return node::ListWorklist(streams_.Read(viewer), request);
  }
  Reply<v1::ListAlertsResponse> ListAlerts(const std::string& viewer, const v1::ListAlertsRequest& request) override {
    return node::ListAlerts(streams_.Read(viewer), request);
  }
  Reply<v1::QueryViewResponse> QueryView(const std::string& viewer, const v1::QueryViewRequest& request,
                                         const Abandoned& abandoned) override {
    const Reading reading = streams_.Read(viewer);
    if (request.as_of().when_case() == v1::AsOf::WHEN_NOT_SET) return node::QueryView(reading, request);
    return QueryViewThen(reading, {keeper_, scratches_, abandoned}, request);
  }
  Reply<v1::CompareViewResponse> CompareView(const std::string& viewer, const v1::CompareViewRequest& request,
                                             const Abandoned& abandoned) override {
    return node::CompareView(streams_.Read(viewer), {keeper_, scratches_, abandoned}, request);
  }
  Reply<v1::ListViewsResponse> ListViews(const std::string& viewer, const v1::ListViewsRequest&) override {
    return node::ListViews(streams_.Read(viewer), builder_, keeper_.Current());
  }
  Reply<v1::ListMetricsResponse> ListMetrics(const std::string& viewer, const v1::ListMetricsRequest&) override {
    return node::ListMetrics(streams_.Read(viewer));
  }
  Reply<v1::QueryMetricResponse> QueryMetric(const std::string& viewer, const v1::QueryMetricRequest& request,
                                             const Abandoned& abandoned) override {
    return node::QueryMetric(streams_.Read(viewer), {keeper_, scratches_, abandoned}, request);
  }
  Reply<v1::QueryScoreboardResponse> QueryScoreboard(const std::string& viewer,
                                                     const v1::QueryScoreboardRequest& request,
                                                     const Abandoned& abandoned) override {
    return node::QueryScoreboard(streams_.Read(viewer), {keeper_, scratches_, abandoned}, request);
  }
  Reply<v1::ReadEventsResponse> ReadEvents(const std::string& viewer, const v1::ReadEventsRequest& request) override {
    return node::ReadEvents(streams_.Read(viewer), request);
  }

  Reply<v1::CheckProcedureResponse> CheckProcedure(const std::string& viewer,
                                                   const v1::CheckProcedureRequest& request) override {
    return node::CheckProcedure(streams_.Read(viewer), request);
  }
  Reply<v1::GetProcedureResponse> GetProcedure(const std::string& viewer,
                                               const v1::GetProcedureRequest& request) override {
    return node::GetProcedure(streams_.Read(viewer), request);
  }
  Reply<v1::ListProceduresResponse> ListProcedures(const std::string& viewer,
                                                   const v1::ListProceduresRequest&) override {
    return node::ListProcedures(streams_.Read(viewer));
  }

  Reply<v1::ListUnitsResponse> ListUnits(const std::string& viewer, const v1::ListUnitsRequest& request) override {
    return node::ListUnits(streams_.Read(viewer), request);
  }
  Reply<v1::ListPostsResponse> ListPosts(const std::string& viewer, const v1::ListPostsRequest& request) override {
    return node::ListPosts(streams_.Read(viewer), request);
  }
  Reply<v1::ListPersonsResponse> ListPersons(const std::string& viewer,
                                             const v1::ListPersonsRequest& request) override {
    return node::ListPersons(streams_.Read(viewer), request);
  }
  Reply<v1::ListRelationsResponse> ListRelations(const std::string& viewer,
                                                 const v1::ListRelationsRequest& request) override {
    return node::ListRelations(streams_.Read(viewer), request);
  }
  Reply<v1::ListDelegationsResponse> ListDelegations(const std::string& viewer,
                                                     const v1::ListDelegationsRequest& request) override {
    return node::ListDelegations(streams_.Read(viewer), request);
  }
  Reply<v1::WhoAmIResponse> WhoAmI(const std::string& viewer, const v1::WhoAmIRequest&) override {
    return node::WhoAmI(streams_.Read(viewer));
  }

  Reply<v1::GetCalendarYearResponse> GetCalendarYear(const std::string& viewer,
                                                     const v1::GetCalendarYearRequest& request) override {
    return node::GetCalendarYear(streams_.Read(viewer), request);
  }
  Reply<v1::AddDaysResponse> AddDays(const std::string& viewer, const v1::AddDaysRequest& request) override {
    return node::AddDays(streams_.Read(viewer), request);
  }
  Reply<v1::CountDaysResponse> CountDays(const std::string& viewer, const v1::CountDaysRequest& request) override {
    return node::CountDays(streams_.Read(viewer), request);
  }

  Reply<v1::PublishCalendarResponse> PreviewCalendar(const std::string& viewer,
                                                     const v1::PublishCalendarRequest& request) override {
    RecordLines lines(*workspace_.files);
    return node::PreviewCalendar(streams_.Read(viewer), request, PreviewMeans(lines));
  }
  Reply<v1::StartJobResponse> PreviewJob(const std::string& viewer, const v1::StartJobRequest& request) override {
    RecordLines lines(*workspace_.files);
    return node::PreviewJob(streams_.Read(viewer), request, PreviewMeans(lines));
  }
  Reply<v1::PutPlanResponse> PreviewPlan(const std::string& viewer, const v1::PutPlanRequest& request) override {
    return node::PreviewPlan(streams_.Read(viewer), request);
  }
  Reply<v1::ListPlansResponse> ListPlans(const std::string& viewer, const v1::ListPlansRequest& request) override {
    return node::ListPlans(streams_.Read(viewer), request);
  }
  Reply<v1::GetBurdenResponse> GetBurden(const std::string& viewer, const v1::GetBurdenRequest& request) override {
    return node::GetBurden(streams_.Read(viewer), request);
  }
  Reply<v1::GetDrawResponse> GetDraw(const std::string& viewer, const v1::GetDrawRequest& request) override {
    return node::GetDraw(streams_.Read(viewer), request);
  }
  Reply<v1::ListDrawsResponse> ListDraws(const std::string& viewer, const v1::ListDrawsRequest& request) override {
    return node::ListDraws(streams_.Read(viewer), request);
  }
  Reply<v1::GetDocumentResponse> GetDocument(const std::string& viewer,
                                             const v1::GetDocumentRequest& request) override {
    return node::GetDocument(streams_.Read(viewer), request);
  }
  Reply<v1::ListDocumentsResponse> ListDocuments(const std::string& viewer,
                                                 const v1::ListDocumentsRequest& request) override {
    return node::ListDocuments(streams_.Read(viewer), request);
  }
  Reply<v1::GetJobResponse> GetJob(const std::string& viewer, const v1::GetJobRequest& request) override {
    return node::GetJob(streams_.Read(viewer), request);
  }
  Reply<v1::ListJobsResponse> ListJobs(const std::string& viewer, const v1::ListJobsRequest& request) override {
    return node::ListJobs(streams_.Read(viewer), request);
  }

  Reply<v1::GetStatsResponse> GetStats(const std::string& viewer, const v1::GetStatsRequest& request) override;
  Reply<v1::IssueTokenResponse> IssueToken(const std::string& viewer, const v1::IssueTokenRequest& request) override;
  Reply<v1::GetWorkspaceResponse> GetWorkspace(const std::string& viewer,
                                               const v1::GetWorkspaceRequest& request) override;

  Reply<v1::BeginUploadResponse> BeginUpload(const std::string& viewer,
                                             const v1::BeginUploadRequest& request) override {
    return uploads_.Begin(streams_.Read(viewer), request);
  }
  Reply<v1::UploadChunkResponse> UploadChunk(const std::string& viewer,
                                             const v1::UploadChunkRequest& request) override {
    return uploads_.Add(viewer, request);
  }
  Reply<std::unique_ptr<DownloadStream>> DownloadFile(const std::string& viewer, const v1::DownloadFileRequest& request,
                                                      std::function<void()>) override {
    return OpenDownload(downloads_, viewer, request);
  }
  Reply<v1::CreateBackupResponse> CreateBackup(const std::string& viewer,
                                               const v1::CreateBackupRequest& request) override {
    return backups_.Create(streams_.Read(viewer), request);
  }

  Reply<std::unique_ptr<EventStream>> WatchEvents(const std::string& viewer, const v1::WatchEventsRequest& request,
                                                  std::function<void()> wake) override {
    return OpenEventWatch(streams_, viewer, request, std::move(wake));
  }
  Reply<std::unique_ptr<ViewStream>> WatchView(const std::string& viewer, const v1::WatchViewRequest& request,
                                               std::function<void()> wake) override {
    return OpenViewWatch(streams_, viewer, request, std::move(wake));
  }
  Reply<std::unique_ptr<ManyStream>> WatchMany(const std::string& viewer, const v1::WatchManyRequest& request,
                                               std::function<void()> wake) override {
    return OpenManyWatch(streams_, sessions_, viewer, request, std::move(wake));
  }
  Reply<v1::SetTargetsResponse> SetTargets(const std::string& viewer, const v1::SetTargetsRequest& request) override {
    return node::SetTargets(sessions_, viewer, request);
  }
  Reply<std::unique_ptr<ReplayStream>> Replay(const std::string& viewer, const v1::ReplayRequest& request,
                                              std::function<void()> wake) override {
    return OpenReplay(streams_, viewer, request, std::move(wake));
  }

  std::vector<Measure> Measures() override {
    const Reading reading = streams_.Read("");
    return MeasuresOf(Stats(reading), vitals_);
  }

  absl::Status Writable() override { return sequencer_.writable(); }
  // What is kept of the past follows when there is nothing else to do.
  bool Pump() override {
    const bool decided = sequencer_.Pump();
    return builder_.Pump() || decided || keeper_.Step();
  }

  void Shutdown() override {
    backups_.Stop();
    builder_.Stop();
    sequencer_.Stop();
    if (chores_ != nullptr) chores_->Stop();
    scratches_.Close();
    keeper_.Stop();
    hub_.Close();
  }

 private:
  // The log says that the file is erased: now it is made so, and only then answered.
  void Forget(const std::string& file, Reply<Response> reply, const std::function<void(Reply<Response>)>& done) {
    if (!std::holds_alternative<Response>(reply)) return done(std::move(reply));
    chores_->Post([this, file, reply = std::move(reply), done] {
      const absl::Status erased = uploads_.Erase(file);
      done(erased.ok() ? reply : Reply<Response>(erased));
    });
  }

  void Sweep() {
    const absl::Status swept = uploads_.Sweep(*hub_.Current().rows);
    if (!swept.ok()) vitals_.log().Write(Level::kError, "sweep_failed", {{"trouble", swept.ToString()}});
  }
  // What a job's preview may use: nothing becomes durable.
  JobMeans PreviewMeans(RecordLines& lines) {
    return {*random_, *tokens_, uploads_, lines, vitals_, /*vault=*/nullptr};
  }
  v1::GetStatsResponse Stats(const Reading& reading);

  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<Random> random_;
  const Workspace workspace_;
  const std::unique_ptr<Tokens> tokens_;
  Vitals vitals_;
  Disk disk_;
  const Source source_;
  WatchHub hub_;  // Holds a snapshot: goes before the store.
  const StreamSource streams_;
  WatchSessions sessions_;
  DownloadSource downloads_;
  Uploads uploads_;
  Backups backups_;
  Scratches scratches_;
  PastKeeper keeper_;
  const PastSource past_;
  Sequencer sequencer_;
  ViewBuilder builder_;
  std::unique_ptr<Chores> chores_;
  const absl::Time started_at_;
};

Reply<v1::GetStatsResponse> WorkspaceNode::GetStats(const std::string& viewer, const v1::GetStatsRequest&) {
  const Reading reading = streams_.Read(viewer);
  if (!reading.HasRight(engine::kRightOperate)) return RightRequired(engine::kRightOperate);
  return Stats(reading);
}

v1::GetStatsResponse WorkspaceNode::Stats(const Reading& reading) {
  const Sequencer::Counts counts = sequencer_.counts();
  v1::GetStatsResponse out;
  out.set_commits(reading.head());
  out.set_queue_length(counts.queue_length);
  out.set_queue_limit(static_cast<int64_t>(limits::kQueueMax));
  out.set_commands(counts.commands);
  out.set_rejections(counts.rejections);
  out.set_batches(counts.batches);
  out.set_timers_armed(counts.timers_armed);
  *out.mutable_timers_fired_to() = engine::ToProto(reading.fired_to());
  out.set_event_watches(hub_.event_watches());
  out.set_view_watches(hub_.view_watches());
  out.set_cached_cases(counts.cached_cases);
  const absl::Status writable = sequencer_.writable();
  out.set_read_only(!writable.ok());
  out.set_read_only_reason(std::string(writable.message()));
  out.set_timers_held(counts.timers_held);
  out.set_jobs_running(counts.jobs_running);
  out.set_version(kVersion);
  *out.mutable_started_at() = engine::ToProto(started_at_);
  out.set_virtual_clock(reading.library().workspace.virtual_clock());
  *out.mutable_now() = engine::ToProto(reading.now());
  out.set_calendar_last_year(reading.library().calendar->last_year());
  const KeptPastPtr kept = keeper_.Current();
  out.set_past_lag(kept == nullptr ? reading.head() : reading.head() - std::min(reading.head(), kept->to));
  out.set_uploads_open(uploads_.open());
  if (const std::optional<absl::Time> last = backups_.last()) *out.mutable_last_backup_at() = engine::ToProto(*last);
  out.set_batch_seconds(absl::ToDoubleSeconds(vitals_.last_batch()));
  out.set_batch_seconds_p99(vitals_.batches().Quantile(0.99));
  const Disk::Room room = disk_.room();
  out.set_disk_bytes(room.used_bytes);
  out.set_disk_free_bytes(room.free_bytes);
  FillBounds(vitals_, hub_.most_of_one_person(), out);
  return out;
}

Reply<v1::IssueTokenResponse> WorkspaceNode::IssueToken(const std::string& viewer,
                                                        const v1::IssueTokenRequest& request) {
  const Reading reading = streams_.Read(viewer);
  if (!reading.HasRight(engine::kRightAdminister)) return RightRequired(engine::kRightAdminister);
  if (reading.library().directory->FindPerson(request.person()) == nullptr) {
    return engine::Reject(
        engine::Kind::kNotFound, "PERSON_NOT_FOUND",
        absl::StrCat("没有人员“", request.person(), "”；请先在机构目录中登记"),
        absl::StrCat("there is no person \"", request.person(), "\"; put it into the directory first"),
        {{"field", "person"}});
  }
  if (request.days() < 0 || request.days() > limits::kTokenDaysMax) {
    vitals_.Reached(Bound::kTokenDays);
    return WrongNumber("days", request.days(), 1, limits::kTokenDaysMax);
  }
  const int days = request.days() == 0 ? limits::kTokenDaysDefault : request.days();
  // A token's life runs on the machine's time, in a workspace on a virtual clock too.
  const absl::Time expires_at = clock_->Now() + absl::Hours(24 * days);
  v1::IssueTokenResponse out;
  out.set_token(tokens_->Bearer(request.person(), expires_at));
  *out.mutable_expires_at() = engine::ToProto(expires_at);
  return out;
}

Reply<v1::GetWorkspaceResponse> WorkspaceNode::GetWorkspace(const std::string& viewer, const v1::GetWorkspaceRequest&) {
  const Reading reading = streams_.Read(viewer);
  const v1::WorkspaceCreated& workspace = reading.library().workspace;
  v1::GetWorkspaceResponse out;
  out.set_title(workspace.name());
  out.set_zone_offset_s(workspace.zone_offset_s());
  out.set_virtual_clock(workspace.virtual_clock());
  *out.mutable_now() = engine::ToProto(reading.now());
  out.set_version(kVersion);
  return out;
}

bool HasRowsFormat(const store::Snapshot& rows) {
  const absl::StatusOr<std::string> row = rows.Get(static_cast<uint8_t>(engine::Table::kRowsFormat), kRowsFormatKey);
  return row.ok() && *row == engine::KeyNumber(kRowsFormat);
}

// The first commit, written as every other is.
absl::Status Create(const NodeOptions& options, const Workspace& workspace, const Tokens& tokens) {
  const absl::Time now = options.clock->Now();
  if (absl::Status way_in = WriteOperatorToken(options.directory, tokens, now); !way_in.ok()) return way_in;
  CaseCache none(1);
  Batch batch({workspace.store.get(), nullptr, 0, EmptyLibrary(), AllKept(*options.views), absl::InfinitePast()},
              &none);
  if (engine::Outcome<store::Position> staged = batch.Stage(FirstCommit(options, now), ""); !staged.ok()) {
    return absl::InvalidArgumentError(staged.rejection().message.en());
  }
  const store::Apply apply = batch.TakeApply();
  return workspace.store->Write(batch.TakeAppend(), apply);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> OpenNode(NodeOptions options, Workspace workspace) {
  if (options.clock == nullptr) options.clock = SystemClock();
  if (options.random == nullptr) options.random = SystemRandom();
  if (options.views == nullptr) options.views = &engine::Views();
  if (workspace.files == nullptr) {
    workspace.files = std::make_shared<store::FileStore>(store::NewMemorySpace(), *workspace.vault);
  }
  if (options.log == nullptr) options.log = Silence();
  auto tokens = std::make_unique<Tokens>(workspace.secret, options.random);
  store::Store& store = *workspace.store;
  if (store.head() == 0) {
    if (absl::Status created = Create(options, workspace, *tokens); !created.ok()) return created;
  }
  if (store.applied() != store.head() || !HasRowsFormat(*store.NewSnapshot())) {
    const absl::Duration began = options.clock->Steady();
    if (absl::Status rebuilt = RebuildRows(store, *options.views); !rebuilt.ok()) return rebuilt;
    options.log->Write(Level::kInfo, "rows_rebuilt",
                       {{"commits", static_cast<int64_t>(store.head())},
                        {"seconds", absl::ToDoubleSeconds(options.clock->Steady() - began)}});
  }
  absl::StatusOr<LibraryPtr> library = LoadLibrary(*store.NewSnapshot());
  if (!library.ok()) return library.status();
  absl::StatusOr<v1::Commit> last = ReadCommit(store, store.head() - 1);
  if (!last.ok()) return last.status();
  absl::StatusOr<ViewSetPtr> views = SettleViews(store, *options.views);
  if (!views.ok()) return views.status();
  absl::StatusOr<Published> first =
      PublishedNow(store, *std::move(library), *std::move(views), engine::FromProto(last->recorded_at()));
  if (!first.ok()) return first.status();
  auto node = std::make_unique<WorkspaceNode>(options, std::move(workspace), std::move(tokens), *std::move(first));
  if (absl::Status started = node->Start(options.own_thread); !started.ok()) return started;
  return std::unique_ptr<Node>(std::move(node));
}

absl::StatusOr<std::unique_ptr<Node>> Node::Open(NodeOptions options) {
  if (options.random == nullptr) options.random = SystemRandom();
  absl::StatusOr<Workspace> workspace = OpenWorkspace(options, *options.random);
  if (!workspace.ok()) return workspace.status();
  return OpenNode(std::move(options), *std::move(workspace));
}

}  // namespace duban::node
