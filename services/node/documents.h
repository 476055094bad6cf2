// Documents as a node keeps and shows them: rows of table kDocument, derived from the streams "documents/…" like all
// rows; and what is read for issuing some before the command is queued.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duban/v1/document_service.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/base/rejection.h"
#include "engine/views/rows.h"
#include "services/node/batch.h"
#include "services/node/node.h"
#include "services/node/past_reads.h"
#include "services/node/reading.h"

namespace duban::node {

// Brings the rows up to a commit.
void FollowDocuments(const v1::Commit& commit, engine::Rows& rows);

// The document of that name or number; nothing when there is none.
std::optional<v1::Document> FindDocument(Batch& batch, const std::string& named);
bool SeesDocument(const v1::Document& document, const engine::Ids& viewer);

// What a command that issues documents needs of lists and figures. It is read on its caller's thread, so that the
// writer does not wait for it; what it leads to is checked again when it is decided.
struct Prepared {
  std::vector<std::string> cases;            // Those that the filter means and that may stand in a letter.
  std::vector<v1::DocumentBlock> data;       // The figures and lists of a report.
  std::optional<engine::Rejection> refused;  // Why it cannot be; said unless the key is a known one.
  absl::Status trouble;                      // The same of trouble in reading.
};
using PreparedPtr = std::shared_ptr<const Prepared>;
// Null where nothing has to be read.
PreparedPtr PrepareDocuments(const Reading& reading, const PastSource& past, const v1::IssueDocumentsRequest& request);

Reply<v1::GetDocumentResponse> GetDocument(const Reading& reading, const v1::GetDocumentRequest& request);
Reply<v1::ListDocumentsResponse> ListDocuments(const Reading& reading, const v1::ListDocumentsRequest& request);

// The same whether there is none or the viewer may not see it.
engine::Rejection DocumentNotFound(const std::string& named);
engine::Rejection TemplateNotFound(const std::string& named);

}  // namespace duban::node
