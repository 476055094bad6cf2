#include "services/node/documents.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/documents/letters.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "services/node/reading_context.h"
#include "services/node/refusals.h"
#include "services/node/reports.h"
#include "services/node/view_reads.h"

namespace duban::node {

using duban::state::v1::ViewEntry;
using engine::Kind;
using engine::Reject;
using engine::Table;

namespace {

constexpr char kNumbers[] = "number/";
constexpr char kStream[] = "documents/";

std::string KeyOf(const std::string& named, const std::optional<std::string>& by_number) {
  return absl::StartsWith(named, kStream) ? named : by_number.value_or("");
}

engine::Rejection TooManyRows() {
  return Reject(Kind::kInvalid, "TOO_MANY_ROWS", "符合条件的事项太多，请缩小筛选范围",
                "the filter means too many cases; narrow it",
                {{"field", "filter"},
                 {"rows_max", absl::StrCat(limits::kIssueRowsMax)},
                 {"cases_max", absl::StrCat(engine::limits::kLettersCasesMax)}});
}

// The cases that a filter means and that may stand in such a letter now.
absl::Status GatherCases(const Reading& reading, const engine::LetterKind& letter, const v1::LedgerFilter& filter,
                         Prepared& out) {
  v1::LedgerFilter of = filter;
  of.set_procedure(letter.procedure->name);
  const engine::Outcome<ViewQuery> query = ViewQuery::From(reading, v1::VIEW_LEDGER, FilterOf(of));
  if (!query.ok()) {
    out.refused = query.rejection();
    return absl::OkStatus();
  }
  const ReadingContext context(reading);
  int looked = 0;
  absl::Status trouble;
  const absl::Status visited = VisitKeys(reading, *query, [&](const std::string& name) {
    if (++looked > limits::kIssueRowsMax) return false;
    const absl::StatusOr<std::optional<ViewEntry>> row = VisibleEntry(reading, *query, name);
    trouble.Update(row.status());
    if (!trouble.ok() || !row->has_value()) return trouble.ok();
    const absl::StatusOr<CasePtr> state = reading.FindCase(name, reading.head());
    trouble.Update(state.status());
    if (!trouble.ok()) return false;
    if (*state != nullptr && engine::MayStandIn(context.context(), letter, **state).ok()) out.cases.push_back(name);
    return out.cases.size() <= engine::limits::kLettersCasesMax;
  });
  if (!visited.ok()) return visited;
  if (looked > limits::kIssueRowsMax || out.cases.size() > engine::limits::kLettersCasesMax)
    out.refused = TooManyRows();
  return trouble;
}

}  // namespace

void FollowDocuments(const v1::Commit& commit, engine::Rows& rows) {
  for (const v1::StreamPart& part : commit.parts()) {
    if (!absl::StartsWith(part.stream(), kStream)) continue;
    v1::Document document;
    document.ParseFromString(rows.Get(Table::kDocument, part.stream()).value_or(""));
    document.set_name(part.stream());
    for (const v1::Event& event : part.events()) {
      if (event.has_document_issued()) {
        const v1::DocumentIssued& issued = event.document_issued();
        *document.mutable_issued() = issued;
        rows.Put(Table::kDocument, absl::StrCat(kNumbers, issued.number()), part.stream());
        rows.Put(Table::kSeries, engine::SeriesKey(issued.series()), engine::KeyNumber(issued.sequence()));
      } else if (event.has_document_received()) {
        *document.mutable_received() = event.document_received();
      }
    }
    rows.Put(Table::kDocument, part.stream(), document.SerializeAsString());
  }
}

std::optional<v1::Document> FindDocument(Batch& batch, const std::string& named) {
  const std::string name = KeyOf(named, batch.Row(Table::kDocument, absl::StrCat(kNumbers, named)));
  const std::optional<std::string> row = name.empty() ? std::nullopt : batch.Row(Table::kDocument, name);
  v1::Document document;
  if (!row.has_value() || !document.ParseFromString(*row)) return std::nullopt;
  return document;
}

bool SeesDocument(const v1::Document& document, const engine::Ids& viewer) {
  return engine::Admits(engine::AudienceOfDocument(document.issued().from(), document.issued().to()), viewer);
}

namespace {

PreparedPtr PrepareReport(const Reading& reading, const PastSource& past, const engine::Report& report,
                          const std::string& period) {
  auto out = std::make_shared<Prepared>();
  const engine::Outcome<engine::Period> parsed = engine::ParsePeriod(period);
  if (!parsed.ok()) {
    out->refused = parsed.rejection();
    return out;
  }
  auto data = ReportData(reading, past, report, *parsed);
  out->trouble = data.status();
  if (!data.ok()) return out;
  if ((*data).ok()) {
    out->data = std::move(**data);
  } else {
    out->refused = data->rejection();
  }
  return out;
}

}  // namespace

PreparedPtr PrepareDocuments(const Reading& reading, const PastSource& past, const v1::IssueDocumentsRequest& request) {
  if (const engine::Report* report = reading.library().figures->FindReport(request.template_())) {
    return PrepareReport(reading, past, *report, request.period());
  }
  if (!request.has_filter()) return nullptr;
  auto out = std::make_shared<Prepared>();
  const engine::LetterKind letter = engine::FindLetterKind(*reading.library().procedures, request.template_());
  if (letter.kind == nullptr) {
    out->refused = TemplateNotFound(request.template_());
  } else {
    out->trouble = GatherCases(reading, letter, request.filter(), *out);
  }
  return out;
}

Reply<v1::GetDocumentResponse> GetDocument(const Reading& reading, const v1::GetDocumentRequest& request) {
  const auto by_number = reading.Row(Table::kDocument, absl::StrCat(kNumbers, request.document()));
  if (!by_number.ok()) return by_number.status();
  const auto row = reading.Row(Table::kDocument, KeyOf(request.document(), *by_number));
  if (!row.ok()) return row.status();
  v1::Document document;
  if (row->has_value() && !document.ParseFromString(**row)) {
    return absl::DataLossError("a document's row cannot be read");
  }
  if (!row->has_value() || !SeesDocument(document, reading.viewer())) return DocumentNotFound(request.document());
  v1::GetDocumentResponse out;
  *out.mutable_document() = std::move(document);
  return out;
}

Reply<v1::ListDocumentsResponse> ListDocuments(const Reading& reading, const v1::ListDocumentsRequest& request) {
  v1::QueryViewRequest query;
  query.set_view(v1::VIEW_DOCUMENTS);
  query.set_page_size(request.page_size());
  query.set_page_token(request.page_token());
  auto& labels = *query.mutable_filter()->mutable_labels();
  if (!request.to().empty()) labels["to"] = request.to();
  if (!request.from().empty()) labels["from"] = request.from();
  if (!request.template_().empty()) labels["template"] = request.template_();
  if (request.unreceived()) labels["received"] = "no";
  Reply<v1::QueryViewResponse> reply = QueryView(reading, query);
  if (auto* refused = std::get_if<engine::Rejection>(&reply)) return std::move(*refused);
  if (auto* trouble = std::get_if<absl::Status>(&reply)) return std::move(*trouble);
  auto& page = std::get<v1::QueryViewResponse>(reply);
  v1::ListDocumentsResponse out;
  for (v1::ViewRow& row : *page.mutable_rows()) *out.add_documents() = std::move(*row.mutable_document());
  out.set_next_page_token(page.next_page_token());
  if (page.has_total_size()) out.set_total_size(page.total_size());
  out.set_budget_reached(page.budget_reached());
  Stamp(reading, out);
  return out;
}

engine::Rejection DocumentNotFound(const std::string& named) {
  return Reject(Kind::kNotFound, "DOCUMENT_NOT_FOUND", absl::StrCat("没有您能查看的文书“", named, "”"),
                absl::StrCat("there is no document \"", named, "\" that you may see"), {{"document", named}});
}

engine::Rejection TemplateNotFound(const std::string& named) {
  return Reject(Kind::kNotFound, "TEMPLATE_NOT_FOUND",
                absl::StrCat("没有名为“", named, "”的文书；写作“规程/文书”，如 rectification/order，或报告的名字"),
                absl::StrCat("there is no document called \"", named,
                             "\"; write \"<procedure>/<document>\", or the name of a report"),
                {{"template", named}});
}

}  // namespace duban::node
