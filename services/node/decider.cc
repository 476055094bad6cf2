#include "services/node/decider.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "duban/state/v1/rows.pb.h"
#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/cases/audience.h"
#include "engine/cases/built_in.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "services/node/ballot_boxes.h"
#include "services/node/causes.h"
#include "services/node/deciding.h"
#include "services/node/earlier.h"
#include "services/node/limits.h"
#include "services/node/marks.h"
#include "services/node/opening.h"
#include "services/node/refusals.h"
#include "services/node/sealing.h"

namespace duban::node {

using engine::Kind;
using engine::Outcome;
using engine::Reject;
using engine::Rejection;

namespace {

std::string Deterministic(const google::protobuf::Message& message) {
  std::string out;
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return out;
}

const std::string& KeyOf(const Request& request) {
  return std::visit([](const auto& r) -> const std::string& { return r.idempotency_key(); }, request);
}

bool IsPreview(const Request& request) {
  const auto* calendar = std::get_if<v1::PublishCalendarRequest>(&request);
  const auto* job = std::get_if<v1::StartJobRequest>(&request);
  const auto* plan = std::get_if<v1::PutPlanRequest>(&request);
  return (plan != nullptr && plan->validate_only()) || (calendar != nullptr && calendar->validate_only()) ||
         (job != nullptr && job->validate_only());
}

// The fields that an action gives, and what it leaves with the case beside them.
google::protobuf::RepeatedPtrField<v1::FieldValue> WithAttached(const v1::ActOnCaseRequest& request) {
  google::protobuf::RepeatedPtrField<v1::FieldValue> given = request.fields();
  if (request.files().empty()) return given;
  v1::FieldValue& attached = *given.Add();
  for (const std::string& file : request.files()) attached.add_values()->set_file(file);
  return given;
}

// Whether a built-in action's target is a case, by name or number; otherwise it is somebody of the directory.
bool NamesCase(const std::string& target) {
  if (target.empty()) return false;
  for (const char* other : {"units/", "posts/", "persons/"}) {
    if (target.rfind(other, 0) == 0) return false;
  }
  return true;
}

}  // namespace

engine::Verdict CheckKey(const std::string& key) {
  if (key.empty()) {
    return Reject(Kind::kInvalid, "KEY_REQUIRED", "请给出幂等键 idempotency_key（自行选定，1 至 128 字节）",
                  "idempotency_key is required: 1 to 128 bytes of your choice", {{"field", "idempotency_key"}});
  }
  if (key.size() > engine::limits::kKeyBytesMax) {
    return Reject(Kind::kInvalid, "KEY_TOO_LONG",
                  absl::StrCat("幂等键 idempotency_key 最长 ", engine::limits::kKeyBytesMax, " 字节"),
                  absl::StrCat("idempotency_key takes at most ", engine::limits::kKeyBytesMax, " bytes"),
                  {{"field", "idempotency_key"}, {"bytes", absl::StrCat(key.size())}});
  }
  return engine::Nothing{};
}

std::vector<std::string> WorkspaceAudience() {
  return {absl::StrCat("rights/", engine::kRightAudit), absl::StrCat("rights/", engine::kRightOperate)};
}

std::string RequestBytes(const Request& request) {
  return std::visit(
      [](auto copy) {
        if constexpr (std::is_same_v<decltype(copy), v1::OpenCaseRequest> ||
                      std::is_same_v<decltype(copy), v1::ActOnCaseRequest> ||
                      std::is_same_v<decltype(copy), v1::IssueDocumentsRequest>) {
          copy.clear_validate_only();
        }
        // Who has the secret could try out what somebody may have answered: of a ballot the answers are left out.
        if constexpr (std::is_same_v<decltype(copy), v1::ActOnCaseRequest>) {
          if (copy.action() == engine::kVote) copy.clear_fields();
        }
        return absl::StrCat(copy.GetTypeName(), "\n", Deterministic(copy));
      },
      request);
}

Reply<Response> Decider::Decide(Batch& batch, const Asked& asked, const Request& request) {
  if (IsPreview(request)) return absl::InternalError("previews are reads");
  if (engine::Verdict key = CheckKey(KeyOf(request)); !key.ok()) return key.rejection();
  const std::string bytes = RequestBytes(request);
  engine::Verdict marks = std::visit([&](const auto& r) { return CheckMarks(bytes, r); }, request);
  if (!marks.ok()) return marks.rejection();
  const std::string mac = tokens_.RequestMac(bytes);
  if (std::optional<Answer> earlier = Earlier(batch, asked, KeyOf(request), request, mac)) return *std::move(earlier);
  if (engine::Verdict fired = FireDelegations(batch, asked, request); !fired.ok()) return fired.rejection();
  return std::visit(
      [&](const auto& r) -> Answer {
        using R = std::decay_t<decltype(r)>;
        if constexpr (std::is_same_v<R, v1::OpenCaseRequest>) {
          return Open(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::ActOnCaseRequest>) {
          return Act(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::ApplyDirectoryRequest>) {
          return ApplyDirectory(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::PublishCalendarRequest>) {
          return PublishCalendar(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::PublishProcedureRequest>) {
          return PublishProcedure(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::EraseFileRequest>) {
          return EraseFile(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::StartJobRequest>) {
          return StartJob(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::CancelJobRequest>) {
          return CancelJob(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::PutPlanRequest>) {
          return PutPlan(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::StopPlanRequest>) {
          return StopPlan(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::FreezeDrawRequest>) {
          return FreezeDraw(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::SeedDrawRequest>) {
          return SeedDraw(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::IssueDocumentsRequest>) {
          return IssueDocuments(batch, asked, r, mac);
        } else if constexpr (std::is_same_v<R, v1::ReceiveDocumentRequest>) {
          return ReceiveDocument(batch, asked, r, mac);
        } else {
          return absl::InternalError("AdvanceClock is the sequencer's own");
        }
      },
      request);
}

// Who stands in for whom is what it is now, whether or not the timers have come to it; while they are held it stays.
engine::Verdict Decider::FireDelegations(Batch& batch, const Asked& asked, const Request& request) {
  if (asked.timers_held) return engine::Nothing{};
  if (engine::Verdict fired = firing_.FireDelegationsTo(batch, asked.actor, asked.now); !fired.ok()) return fired;
  return std::visit(
      [&](const auto& r) -> engine::Verdict {
        using R = std::decay_t<decltype(r)>;
        if constexpr (std::is_same_v<R, v1::OpenCaseRequest> || std::is_same_v<R, v1::ActOnCaseRequest> ||
                      std::is_same_v<R, v1::ReceiveDocumentRequest>) {
          return firing_.FireDelegationsTo(batch, r.entered_for(), asked.now);
        } else {
          return engine::Nothing{};
        }
      },
      request);
}

std::optional<Reply<Response>> Decider::Earlier(Batch& batch, const Asked& asked, const std::string& key,
                                                const Request& request, const std::string& mac) {
  Reply<std::optional<store::Position>> earlier = EarlierUnder(batch, asked.actor, key, mac, asked.now, vitals_);
  if (auto* rejection = std::get_if<Rejection>(&earlier)) return *std::move(rejection);
  if (auto* trouble = std::get_if<absl::Status>(&earlier)) return *std::move(trouble);
  const auto& position = std::get<std::optional<store::Position>>(earlier);
  if (!position.has_value()) return std::nullopt;
  absl::StatusOr<v1::Commit> commit = batch.CommitAt(*position);
  if (!commit.ok()) return commit.status();
  return AnswerAgain(batch, *commit, request);
}

Reply<Response> Decider::AnswerAgain(Batch& batch, const v1::Commit& commit, const Request& request) const {
  const std::string position = tokens_.Position(commit.position());
  const v1::StreamPart& first = commit.parts(0);
  const uint64_t revision = first.first_revision() + static_cast<uint64_t>(first.events_size()) - 1;
  int32_t events = 0;
  for (const v1::StreamPart& part : commit.parts()) events += part.events_size();
  if (std::holds_alternative<v1::OpenCaseRequest>(request)) {
    v1::OpenCaseResponse out;
    out.set_case_(first.stream());
    for (const v1::Event& event : first.events()) {
      if (event.has_case_opened()) out.set_number(event.case_opened().number());
    }
    out.set_revision(revision);
    out.set_position(position);
    out.set_repeated_call(true);
    return Response(std::move(out));
  }
  if (std::holds_alternative<v1::ActOnCaseRequest>(request)) {
    v1::ActOnCaseResponse out;
    out.set_case_(first.stream());
    out.set_revision(revision);
    out.set_position(position);
    out.set_repeated_call(true);
    return Response(std::move(out));
  }
  if (std::holds_alternative<v1::ApplyDirectoryRequest>(request)) {
    v1::ApplyDirectoryResponse out;
    out.set_changed(commit.parts_size());
    out.set_position(position);
    return Response(std::move(out));
  }
  if (std::holds_alternative<v1::PublishCalendarRequest>(request)) {
    v1::PublishCalendarResponse out;
    out.set_version(first.events(first.events_size() - 1).calendar_published().version());
    out.set_changed(first.events_size());
    if (commit.parts_size() > 1) out.set_job(commit.parts(1).stream());
    out.set_position(position);
    return Response(std::move(out));
  }
  if (std::holds_alternative<v1::PublishProcedureRequest>(request)) {
    v1::PublishProcedureResponse out;
    for (const v1::StreamPart& part : commit.parts()) {
      if (part.events(0).has_plan_put()) out.add_plans(part.stream());
      const v1::ProcedurePublished& published = part.events(0).procedure_published();
      if (published.procedure().empty()) continue;
      v1::ProcedureVersion& version = *out.add_versions();
      version.set_name(part.stream());
      version.set_version(published.version());
      *version.mutable_published_at() = commit.recorded_at();
      const engine::Procedure* procedure = batch.library().procedures->Find(published.procedure(), published.version());
      if (procedure != nullptr) *version.mutable_title() = procedure->title;
    }
    out.set_position(position);
    return Response(std::move(out));
  }
  if (std::holds_alternative<v1::EraseFileRequest>(request)) {
    v1::EraseFileResponse out;
    *out.mutable_erased_at() = first.events(0).file_erased().at();
    out.set_position(position);
    return Response(std::move(out));
  }
  if (std::holds_alternative<v1::StartJobRequest>(request)) {
    v1::StartJobResponse out;
    out.set_job(first.stream());
    out.set_position(position);
    out.set_repeated_call(true);
    return Response(std::move(out));
  }
  if (std::holds_alternative<v1::PutPlanRequest>(request)) return PlanAnswer(batch, first.stream(), commit.position());
  if (std::holds_alternative<v1::FreezeDrawRequest>(request)) {
    return DrawAnswer<v1::FreezeDrawResponse>(batch, first.stream(), commit.position());
  }
  if (std::holds_alternative<v1::SeedDrawRequest>(request))
    return DrawAnswer<v1::SeedDrawResponse>(batch, first.stream(), commit.position());
  if (std::holds_alternative<v1::IssueDocumentsRequest>(request)) {
    v1::IssueDocumentsResponse out = IssuedIn(commit);
    out.set_position(position);
    out.set_repeated_call(true);
    return Response(std::move(out));
  }
  if (std::holds_alternative<v1::ReceiveDocumentRequest>(request)) {
    Reply<Response> again = ReceivedAnswer(batch, first.stream(), commit.position());
    if (auto* answer = std::get_if<Response>(&again)) {
      std::get<v1::ReceiveDocumentResponse>(*answer).set_repeated_call(true);
    }
    return again;
  }
  if (std::holds_alternative<v1::StopPlanRequest>(request)) return StopAnswer(batch, first.stream(), commit.position());
  if (std::holds_alternative<v1::CancelJobRequest>(request)) return Cancelled(batch, commit, commit.cause().actor());
  v1::AdvanceClockResponse out;
  *out.mutable_now() = first.events(0).time_advanced().to();
  out.set_fired(first.events(0).time_advanced().fired());
  out.set_position(position);
  return Response(std::move(out));
}

Outcome<store::Position> Decider::Stage(Batch& batch, const Asked& asked, v1::Commit commit, v1::Cause cause,
                                        absl::string_view sealed_part) {
  cause.set_actor(asked.actor);
  *commit.mutable_cause() = std::move(cause);
  *commit.mutable_recorded_at() = engine::ToProto(asked.now);
  return batch.Stage(std::move(commit), sealed_part);
}

Reply<Response> Decider::Open(Batch& batch, const Asked& asked, v1::OpenCaseRequest request, const std::string& mac) {
  if (engine::Verdict files = CheckFiles(batch, asked, request.entered_for(), nullptr, request.fields()); !files.ok()) {
    return files.rejection();
  }
  if (!request.part_of().empty()) {
    const Outcome<engine::Instant> occurred = OccurredAt(request, batch.library(), asked.actor, asked.now);
    if (!occurred.ok()) return occurred.rejection();
    const Outcome<CasePtr> whole = FindVisible(batch, asked, request.part_of(), request.entered_for(), *occurred);
    if (!whole.ok()) return whole.rejection();
    request.set_part_of((*whole)->name());
  }
  Outcome<Opening> opening = DecideOpening(batch, random_, asked.actor, asked.now, request);
  if (!opening.ok()) return opening.rejection();
  const engine::CaseEvents& opened = opening->decision.cases.front();
  v1::OpenCaseResponse out;
  out.set_case_(opened.name);
  out.set_number(opened.after.number());
  out.set_revision(opened.after.revision());
  if (request.validate_only()) {
    // Neither the name nor the number has been given to anybody.
    out.clear_case_();
    out.clear_number();
    return Response(std::move(out));
  }
  absl::StatusOr<std::string> sealed_part = opening->sealing->Finish(vault_);
  if (!sealed_part.ok()) return sealed_part.status();
  const Outcome<store::Position> position =
      Stage(batch, asked, CommitOf(opening->decision, batch), CauseOfEntry("OpenCase", request, mac), *sealed_part);
  if (!position.ok()) return position.rejection();
  ClaimFiles(out.case_(), request.fields());
  out.set_position(tokens_.Position(*position));
  return Response(std::move(out));
}

Outcome<CasePtr> Decider::FindVisible(Batch& batch, const Asked& asked, const std::string& named,
                                      const std::string& entered_for, engine::Instant occurred) {
  const std::string name = IsCase(named) ? named : batch.Row(engine::Table::kCaseNumber, named).value_or(std::string());
  CasePtr state = name.empty() ? nullptr : batch.FindCase(name);
  if (state == nullptr) return CaseNotFound(named);
  const auto visible = [&] {
    const Library& library = batch.library();
    const engine::Procedure* procedure = library.procedures->Find(state->procedure(), state->procedure_version());
    if (engine::SeesCase(*procedure, *state, library.directory->ViewerIds(asked.actor))) return true;
    // Whoever types for another (the right has been checked) acts on what that one sees.
    // His rights are not lent: what an auditor sees by his right no clerk sees by typing for him.
    if (entered_for.empty()) return false;
    engine::Ids lent = library.directory->ViewerIds(entered_for);
    lent.erase(std::remove_if(lent.begin(), lent.end(), [](const auto& id) { return id.rfind("rights/", 0) == 0; }),
               lent.end());
    return engine::SeesCase(*procedure, *state, lent);
  };
  if (!visible()) return CaseNotFound(named);
  firing_.Recount(batch, name, asked.now, asked.now);
  state = batch.FindCase(name);
  // While timers are held nothing may fire, and what happened earlier would have fired them behind it.
  const engine::Instant due = engine::NextDue(*state);
  if (due > (asked.timers_held ? asked.now : occurred)) return state;
  if (asked.timers_held) {
    return Reject(Kind::kState, "TIMERS_HELD",
                  "服务器时钟曾大幅向前跳动，提醒与时限暂停触发；请运维人员核对时间后以 --confirm-time 重新启动",
                  "the server's clock jumped far ahead and timers are held; its operator must check the time and start "
                  "it again with --confirm-time");
  }
  const Outcome<int64_t> fired = firing_.FireCase(batch, name, asked.now, occurred);
  if (!fired.ok()) return fired.rejection();
  state = batch.FindCase(name);
  if (state == nullptr || !visible()) return CaseNotFound(named);
  return state;
}

Reply<Response> Decider::Act(Batch& batch, const Asked& asked, v1::ActOnCaseRequest request, const std::string& mac) {
  const Outcome<engine::Instant> occurred = OccurredAt(request, batch.library(), asked.actor, asked.now);
  if (!occurred.ok()) return occurred.rejection();
  // The other case of a built-in action first: its timers may change this one.
  if (NamesCase(request.target())) {
    const Outcome<CasePtr> other = FindVisible(batch, asked, request.target(), request.entered_for(), *occurred);
    if (!other.ok()) return other.rejection();
    request.set_target((*other)->name());
  }
  const Outcome<CasePtr> found = FindVisible(batch, asked, request.case_(), request.entered_for(), *occurred);
  if (!found.ok()) return found.rejection();
  const CaseState& state = **found;
  const engine::Procedure* procedure = batch.library().procedures->Find(state.procedure(), state.procedure_version());
  Sealing sealing(state.name(), random_);
  const engine::Verdict sealed = sealing.Replace(*procedure, *request.mutable_fields());
  if (!sealed.ok()) return sealed.rejection();

  const auto given = WithAttached(request);
  engine::Verdict files = CheckFiles(batch, asked, request.entered_for(), &state, given);
  if (!files.ok()) return files.rejection();
  SealedBoxes boxes(batch, vault_, random_);
  const Deciding deciding(batch, random_, {asked.now, *occurred, asked.actor, request.entered_for()}, "", &boxes);
  Outcome<engine::Decision> decision = engine::DecideAct(deciding.context(), state, request);
  if (!batch.status().ok()) return batch.status();
  if (!decision.ok()) return decision.rejection();
  const engine::CaseEvents& acted = decision->cases.front();
  v1::ActOnCaseResponse out;
  out.set_case_(acted.name);
  out.set_revision(acted.after.revision());
  if (request.validate_only()) return Response(std::move(out));
  absl::StatusOr<std::string> sealed_part = boxes.empty() ? sealing.Finish(vault_) : boxes.Finish();
  if (!sealed_part.ok()) return sealed_part.status();
  const Outcome<store::Position> position =
      Stage(batch, asked, CommitOf(*decision, batch), CauseOfEntry("Act", request, mac), *sealed_part);
  if (!position.ok()) return position.rejection();
  ClaimFiles(state.name(), given);
  out.set_position(tokens_.Position(*position));
  return Response(std::move(out));
}

}  // namespace duban::node
