// Lists: the ledger, what waits, alerts. Every row is checked against the viewer, whatever index led to it.
#pragma once

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "duban/v1/ledger_service.pb.h"
#include "services/node/node.h"
#include "services/node/reading.h"

namespace duban::node {

Reply<v1::QueryLedgerResponse> QueryLedger(const Reading& reading, const v1::QueryLedgerRequest& request);
Reply<v1::ListWorklistResponse> ListWorklist(const Reading& reading, const v1::ListWorklistRequest& request);
Reply<v1::ListAlertsResponse> ListAlerts(const Reading& reading, const v1::ListAlertsRequest& request);

// A filter, checked and made ready.
class LedgerMatch {
 public:
  static engine::Outcome<LedgerMatch> From(const v1::LedgerFilter& filter, const engine::Zone& zone);

  bool operator()(const v1::LedgerRow& row) const;
  const v1::LedgerFilter& filter() const { return filter_; }

 private:
  v1::LedgerFilter filter_;
  engine::Instant due_before_ = absl::InfiniteFuture();
};

// The row of a case, where the viewer may see it and it matches. Nothing otherwise, or when there is none.
absl::StatusOr<std::optional<v1::LedgerRow>> VisibleRow(const Reading& reading, const std::string& case_name,
                                                        const LedgerMatch& match);
// The alert of that name, where the viewer may see it.
absl::StatusOr<std::optional<v1::Alert>> VisibleAlert(const Reading& reading, const std::string& name);

// Visits the names of all cases, or alerts, that some id of the viewer leads to: newest first, each once.
absl::Status VisitNames(const Reading& reading, engine::Table index,
                        absl::FunctionRef<bool(const std::string& name)> visit);

}  // namespace duban::node
