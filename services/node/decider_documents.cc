// Issuing documents, and taking them in.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/documents/letters.h"
#include "engine/documents/report.h"
#include "services/node/causes.h"
#include "services/node/decider.h"
#include "services/node/deciding.h"
#include "services/node/documents.h"
#include "services/node/opening.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Kind;
using engine::Outcome;
using engine::Reject;

namespace {

constexpr char kStream[] = "documents/";

v1::StreamPart& AddDocument(v1::Commit& commit, const v1::DocumentIssued& issued, uint64_t revision) {
  v1::StreamPart& part = *commit.add_parts();
  part.set_stream(issued.document());
  part.set_first_revision(revision);
  for (const std::string& id : engine::AudienceOfDocument(issued.from(), issued.to())) part.add_audience(id);
  return part;
}

// The commit that issues them: the documents first, then the cases that stand in them.
v1::Commit CommitOfLetters(const engine::Letters& letters, Batch& batch) {
  v1::Commit commit;
  for (const v1::DocumentIssued& issued : letters.letters) {
    *AddDocument(commit, issued, 1).add_events()->mutable_document_issued() = issued;
  }
  v1::Commit filed = CommitOf(letters.filed, batch);
  for (v1::StreamPart& part : *filed.mutable_parts()) *commit.add_parts() = std::move(part);
  return commit;
}

engine::Rejection WrongSelection(const char* zh, const char* en) {
  return Reject(Kind::kInvalid, "DOCUMENT_SELECTION", zh, en, {{"field", "cases"}});
}

}  // namespace

// The cases that the command means, as they stand now: those that are named must do, those of a filter are left out
// where they do not any more.
Outcome<std::vector<CasePtr>> Decider::CasesToIssue(Batch& batch, const Asked& asked,
                                                    const v1::IssueDocumentsRequest& request) {
  const bool filtered = request.has_filter();
  if (filtered == !request.cases().empty()) {
    return WrongSelection("请给出事项 cases，或给出筛选条件 filter，二者之一",
                          "give cases, or a filter, one of the two");
  }
  std::vector<std::string> named(request.cases().begin(), request.cases().end());
  if (filtered && asked.prepared != nullptr) named = asked.prepared->cases;
  if (named.size() > engine::limits::kLettersCasesMax) {
    return Reject(
        Kind::kInvalid, "DOCUMENT_CASES",
        absl::StrCat("事项有 ", named.size(), " 件，一次最多 ", engine::limits::kLettersCasesMax, " 件，请分几次"),
        absl::StrCat(named.size(), " cases, at most ", engine::limits::kLettersCasesMax, " at once; divide them"),
        {{"cases", absl::StrCat(named.size())}, {"cases_max", absl::StrCat(engine::limits::kLettersCasesMax)}});
  }
  std::vector<CasePtr> out;
  std::set<std::string> seen;
  for (const std::string& name : named) {
    const Outcome<CasePtr> found = FindVisible(batch, asked, name, "", asked.now);
    if (!found.ok()) {
      if (filtered && found.rejection().kind == Kind::kNotFound) continue;
      return found.rejection();
    }
    if (seen.insert((*found)->name()).second) {
      out.push_back(*found);
    } else if (!filtered) {
      return WrongSelection("同一事项给出了两次", "a case is given twice");
    }
  }
  // The timers of one may have changed another.
  for (CasePtr& state : out) state = batch.FindCase(state->name());
  return out;
}

Reply<Response> Decider::IssueDocuments(Batch& batch, const Asked& asked, const v1::IssueDocumentsRequest& request,
                                        const std::string& mac) {
  if (asked.prepared != nullptr) {
    if (!asked.prepared->trouble.ok()) return asked.prepared->trouble;
    if (asked.prepared->refused.has_value()) return *asked.prepared->refused;
  }
  if (const engine::Report* report = batch.library().figures->FindReport(request.template_())) {
    return IssueReport(batch, asked, request, *report, mac);
  }
  const engine::LetterKind letter = engine::FindLetterKind(*batch.library().procedures, request.template_());
  if (letter.kind == nullptr) return TemplateNotFound(request.template_());
  const Outcome<std::vector<CasePtr>> cases = CasesToIssue(batch, asked, request);
  if (!cases.ok()) return cases.rejection();
  const Deciding deciding(batch, random_, {asked.now, asked.now, asked.actor, ""});
  std::vector<const CaseState*> standing;
  for (const CasePtr& state : *cases) {
    const Outcome<engine::Capacity> may = engine::MayStandIn(deciding.context(), letter, *state);
    if (may.ok()) {
      standing.push_back(state.get());
    } else if (!request.has_filter()) {
      return may.rejection();
    }
  }
  if (standing.empty()) {
    return Reject(Kind::kState, "DOCUMENT_NO_CASES", "没有可以写进这份文书的事项",
                  "there is no case for such a letter");
  }
  const Outcome<engine::Letters> letters = engine::DecideLetters(
      deciding.context(), [this] { return FreshName(random_, kStream); }, letter, std::move(standing));
  if (!letters.ok()) return letters.rejection();
  return StageDocuments(batch, asked, request, CommitOfLetters(*letters, batch), mac);
}

Reply<Response> Decider::IssueReport(Batch& batch, const Asked& asked, const v1::IssueDocumentsRequest& request,
                                     const engine::Report& report, const std::string& mac) {
  if (request.has_filter() || !request.cases().empty()) {
    return WrongSelection("书面报告按期间 period 写，不列事项", "a report speaks of a period, not of cases");
  }
  const Outcome<engine::Period> period = engine::ParsePeriod(request.period());
  if (!period.ok()) return period.rejection();
  const Deciding deciding(batch, random_, {asked.now, asked.now, asked.actor, ""});
  const Outcome<v1::DocumentIssued> issued = engine::DecideReport(
      deciding.context(), [this] { return FreshName(random_, kStream); }, report, *period,
      {request.from(), request.to()},
      asked.prepared == nullptr ? std::vector<v1::DocumentBlock>() : asked.prepared->data);
  if (!issued.ok()) return issued.rejection();
  v1::Commit commit;
  *AddDocument(commit, *issued, 1).add_events()->mutable_document_issued() = *issued;
  return StageDocuments(batch, asked, request, std::move(commit), mac);
}

Reply<Response> Decider::StageDocuments(Batch& batch, const Asked& asked, const v1::IssueDocumentsRequest& request,
                                        v1::Commit commit, const std::string& mac) {
  v1::IssueDocumentsResponse out = IssuedIn(commit);
  if (request.validate_only()) {
    // A name has been given to nobody; the numbers are those that would be given now.
    for (v1::Document& document : *out.mutable_documents()) {
      document.clear_name();
      document.mutable_issued()->clear_document();
    }
    return Response(std::move(out));
  }
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOf("IssueDocuments", request, mac), "");
  if (!position.ok()) return position.rejection();
  out.set_position(tokens_.Position(*position));
  return Response(std::move(out));
}

v1::IssueDocumentsResponse Decider::IssuedIn(const v1::Commit& commit) {
  v1::IssueDocumentsResponse out;
  for (const v1::StreamPart& part : commit.parts()) {
    if (!absl::StartsWith(part.stream(), kStream)) continue;
    v1::Document& document = *out.add_documents();
    document.set_name(part.stream());
    *document.mutable_issued() = part.events(0).document_issued();
  }
  return out;
}

Reply<Response> Decider::ReceiveDocument(Batch& batch, const Asked& asked, const v1::ReceiveDocumentRequest& request,
                                         const std::string& mac) {
  const Outcome<engine::Instant> occurred = OccurredAt(request, batch.library(), asked.actor, asked.now);
  if (!occurred.ok()) return occurred.rejection();
  const engine::Directory& directory = *batch.library().directory;
  std::optional<v1::Document> document = FindDocument(batch, request.document());
  // Whoever types for another (the right has been checked) takes in what that one sees by his posts.
  const bool seen =
      document.has_value() &&
      (SeesDocument(*document, directory.ViewerIds(asked.actor)) ||
       (!request.entered_for().empty() && SeesDocument(*document, directory.OwnIds(request.entered_for()))));
  if (!seen) return DocumentNotFound(request.document());
  if (document->has_received()) {
    return Reject(Kind::kState, "DOCUMENT_RECEIVED", "此件已经签收", "it has been taken in already",
                  {{"document", document->issued().number()}});
  }
  const engine::LetterKind letter = engine::FindLetterKind(*batch.library().procedures, document->issued().template_());
  std::vector<CasePtr> held;
  std::vector<engine::LetterCase> cases;
  for (const v1::DocumentCase& named : document->issued().cases()) {
    engine::LetterCase& one = cases.emplace_back();
    one.named = named;
    const Outcome<CasePtr> found = FindVisible(batch, asked, named.case_(), request.entered_for(), *occurred);
    if (!found.ok()) one.reason = found.rejection().reason;
  }
  // As they stand once the timers of all have fired.
  for (engine::LetterCase& one : cases) {
    if (!one.reason.empty()) continue;
    held.push_back(batch.FindCase(one.named.case_()));
    one.state = held.back().get();
  }
  const Deciding deciding(batch, random_, {asked.now, *occurred, asked.actor, request.entered_for()});
  Outcome<engine::Receipt> receipt =
      engine::DecideReceipt(deciding.context(), document->issued(), letter.kind == nullptr ? "" : letter.kind->receipt,
                            request.reason(), cases);
  if (!receipt.ok()) return receipt.rejection();
  v1::Commit commit;
  *AddDocument(commit, document->issued(), 2).add_events()->mutable_document_received() = receipt->received;
  v1::Commit taken = CommitOf(receipt->taken, batch);
  for (v1::StreamPart& part : *taken.mutable_parts()) *commit.add_parts() = std::move(part);
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOfEntry("ReceiveDocument", request, mac), "");
  if (!position.ok()) return position.rejection();
  return ReceivedAnswer(batch, document->name(), *position);
}

Reply<Response> Decider::ReceivedAnswer(Batch& batch, const std::string& name, store::Position position) const {
  std::optional<v1::Document> document = FindDocument(batch, name);
  if (!document.has_value()) return DocumentNotFound(name);
  v1::ReceiveDocumentResponse out;
  *out.mutable_document() = *std::move(document);
  out.set_position(tokens_.Position(position));
  return Response(std::move(out));
}

}  // namespace duban::node
