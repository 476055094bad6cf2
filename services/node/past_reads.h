// Views as of some time, and what differs between two. Of the past a viewer sees what the audience of the row of then,
// and the newest row's, and that of its case all admit today.
#pragma once

#include "duban/v1/view_service.pb.h"
#include "services/node/node.h"
#include "services/node/past_keeper.h"
#include "services/node/past_rows.h"
#include "services/node/reading.h"
#include "services/node/scratch.h"

namespace duban::node {

// Where rows of the past come from, for somebody who may go away meanwhile: CANCELLED then.
struct PastSource {
  const PastKeeper& keeper;
  Scratches& scratches;
  Abandoned abandoned = {};
};

// A past time's rows of a view, and how they came about.
struct Then {
  RowsThen rows;
  v1::PastAnswer how;
};
absl::StatusOr<engine::Outcome<Then>> ThenOf(const Reading& reading, const PastSource& source, const engine::View& view,
                                             const v1::AsOf& as_of);

// Visits what each case that the viewer may see, then and today, counts for in a view that counts. RESOURCE_EXHAUSTED
// beyond limits::kPastCountedMax cases, in the words that `too_large` begins with: its reason.
absl::Status VisitCounted(const Reading& reading, const PastSource& source, const engine::Definition& is,
                          const RowsThen& rows, absl::string_view too_large,
                          absl::FunctionRef<void(const std::vector<engine::Cell>& cells)> visit);

// The same of now. Costs a step for each case that there is.
absl::Status VisitCountedNow(const Reading& reading, const PastSource& source, const engine::Definition& is,
                             absl::string_view too_large,
                             absl::FunctionRef<void(const std::vector<engine::Cell>& cells)> visit);

// REQUIRES: the request says as of when.
Reply<v1::QueryViewResponse> QueryViewThen(const Reading& reading, const PastSource& source,
                                           const v1::QueryViewRequest& request);
Reply<v1::CompareViewResponse> CompareView(const Reading& reading, const PastSource& source,
                                           const v1::CompareViewRequest& request);

}  // namespace duban::node
