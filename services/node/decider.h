// What each command means for the batch: checked, decided, staged, answered.
//
// A command changes the batch only when it is accepted, with one exception: timers that were due before it stand even
// if it is then refused. Answers must not leave before the batch is durable. The sequencer's thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/node/batch.h"
#include "services/node/documents.h"
#include "services/node/firing.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/node.h"
#include "services/node/random.h"
#include "services/node/tokens.h"
#include "services/node/uploads.h"
#include "services/node/vitals.h"
#include "store/key_vault.h"

namespace duban::node {

// A command with what is known of it from outside.
struct Asked {
  std::string actor;         // "persons/…" signed in.
  engine::Instant now;       // The workspace's time.
  bool timers_held = false;  // The wall clock jumped: nothing may fire.
  PreparedPtr prepared;      // What was read for it before; null where nothing had to be.
};

class Decider {
 public:
  Decider(const Tokens& tokens, store::KeyVault& vault, Uploads& uploads, Random& random, Firing& firing,
          const JobMeans& means, Vitals& vitals)
      : tokens_(tokens),
        vault_(vault),
        uploads_(uploads),
        random_(random),
        firing_(firing),
        means_(means),
        vitals_(vitals) {}

  // Everything but AdvanceClock, which takes more than one batch.
  Reply<Response> Decide(Batch& batch, const Asked& asked, const Request& request);

  // AdvanceClock in three steps: whether it may be, then the sequencer fires what is due, then the commit.
  std::optional<Reply<Response>> CheckAdvance(Batch& batch, const Asked& asked, const v1::AdvanceClockRequest& request);
  Reply<Response> StageAdvance(Batch& batch, const Asked& asked, const v1::AdvanceClockRequest& request, int64_t fired);

 private:
  using Answer = Reply<Response>;

  Answer Open(Batch& batch, const Asked& asked, v1::OpenCaseRequest request, const std::string& mac);
  Answer Act(Batch& batch, const Asked& asked, v1::ActOnCaseRequest request, const std::string& mac);
  Answer ApplyDirectory(Batch& batch, const Asked& asked, const v1::ApplyDirectoryRequest& request,
                        const std::string& mac);
  Answer PublishCalendar(Batch& batch, const Asked& asked, const v1::PublishCalendarRequest& request,
                         const std::string& mac);
  Answer PublishProcedure(Batch& batch, const Asked& asked, const v1::PublishProcedureRequest& request,
                          const std::string& mac);
  Answer EraseFile(Batch& batch, const Asked& asked, const v1::EraseFileRequest& request, const std::string& mac);

  // Whether the files that a command names may stand in its case; `state` is null while one is being opened. Then,
  // once its commit is staged, they are the case's.
  engine::Verdict CheckFiles(Batch& batch, const Asked& asked, const std::string& entered_for, const CaseState* state,
                             const google::protobuf::RepeatedPtrField<v1::FieldValue>& fields);
  void ClaimFiles(const std::string& case_name, const google::protobuf::RepeatedPtrField<v1::FieldValue>& fields);

  // Delegations to those who ask begin and end first, where they are due.
  engine::Verdict FireDelegations(Batch& batch, const Asked& asked, const Request& request);

  Answer StartJob(Batch& batch, const Asked& asked, const v1::StartJobRequest& request, const std::string& mac);
  Answer CancelJob(Batch& batch, const Asked& asked, const v1::CancelJobRequest& request, const std::string& mac);
  // The answer to the command that cancelled a job.
  Answer Cancelled(Batch& batch, const v1::Commit& commit, const std::string& person) const;

  Answer PutPlan(Batch& batch, const Asked& asked, const v1::PutPlanRequest& request, const std::string& mac);
  Answer StopPlan(Batch& batch, const Asked& asked, const v1::StopPlanRequest& request, const std::string& mac);
  Answer PlanAnswer(Batch& batch, const std::string& name, store::Position position) const;
  Answer StopAnswer(Batch& batch, const std::string& name, store::Position position) const;

  Answer FreezeDraw(Batch& batch, const Asked& asked, const v1::FreezeDrawRequest& request, const std::string& mac);
  Answer SeedDraw(Batch& batch, const Asked& asked, const v1::SeedDrawRequest& request, const std::string& mac);
  // The answer to either, also when it is asked for again.
  template <typename R>
  Answer DrawAnswer(Batch& batch, const std::string& name, store::Position position) const;

  Answer IssueDocuments(Batch& batch, const Asked& asked, const v1::IssueDocumentsRequest& request,
                        const std::string& mac);
  Answer IssueReport(Batch& batch, const Asked& asked, const v1::IssueDocumentsRequest& request,
                     const engine::Report& report, const std::string& mac);
  engine::Outcome<std::vector<CasePtr>> CasesToIssue(Batch& batch, const Asked& asked,
                                                     const v1::IssueDocumentsRequest& request);
  Answer StageDocuments(Batch& batch, const Asked& asked, const v1::IssueDocumentsRequest& request, v1::Commit commit,
                        const std::string& mac);
  static v1::IssueDocumentsResponse IssuedIn(const v1::Commit& commit);
  Answer ReceiveDocument(Batch& batch, const Asked& asked, const v1::ReceiveDocumentRequest& request,
                         const std::string& mac);
  Answer ReceivedAnswer(Batch& batch, const std::string& name, store::Position position) const;

  // The answer that this key got before, or its misuse; nothing when the key is new.
  std::optional<Answer> Earlier(Batch& batch, const Asked& asked, const std::string& key, const Request& request,
                                const std::string& mac);
  Answer AnswerAgain(Batch& batch, const v1::Commit& commit, const Request& request) const;

  // The case that a request names, if the asker may see it; its due timers have fired. A case that is hidden and one
  // that does not exist get the same answer.
  engine::Outcome<CasePtr> FindVisible(Batch& batch, const Asked& asked, const std::string& named,
                                       const std::string& entered_for, engine::Instant occurred);

  // Stages a commit of a person's command.
  engine::Outcome<store::Position> Stage(Batch& batch, const Asked& asked, v1::Commit commit, v1::Cause cause,
                                         absl::string_view sealed_part);

  const Tokens& tokens_;
  store::KeyVault& vault_;
  Uploads& uploads_;
  Random& random_;
  Firing& firing_;
  const JobMeans& means_;
  Vitals& vitals_;
};

// Procedure files as the contract has them, and findings as it shows them.
std::vector<engine::SourceFile> FilesOf(const google::protobuf::RepeatedPtrField<v1::ProcedureFile>& files);
v1::ProcedureFinding FindingOf(const engine::Finding& finding);
// What stands in the way of publishing procedures, or of putting plans, as a refusal that names every place.
engine::Rejection RefusedFindings(const std::vector<engine::Finding>& findings, bool plans);

// Whether a key may be an idempotency key.
engine::Verdict CheckKey(const std::string& key);

// Who may see the stream "workspace": operators and auditors. Sorted.
std::vector<std::string> WorkspaceAudience();

// The bytes by which a repeated request is recognised: its kind and all its fields but `validate_only` and what a
// ballot answers.
std::string RequestBytes(const Request& request);

}  // namespace duban::node
