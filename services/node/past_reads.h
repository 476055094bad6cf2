// Views as of some time, and what differs between two. Of the past a viewer sees what the audience of the row of then,
// and the newest row's, and that of its case all admit today.
#pragma once

#include "duban/v1/view_service.pb.h"
#include "services/node/node.h"
#include "services/node/past_keeper.h"
#include "services/node/reading.h"
#include "services/node/scratch.h"

namespace duban::node {

// Where rows of the past come from.
struct PastSource {
  const PastKeeper& keeper;
  Scratches& scratches;
};

// REQUIRES: the request says as of when.
Reply<v1::QueryViewResponse> QueryViewThen(const Reading& reading, const PastSource& source,
                                           const v1::QueryViewRequest& request);
Reply<v1::CompareViewResponse> CompareView(const Reading& reading, const PastSource& source,
                                           const v1::CompareViewRequest& request);

}  // namespace duban::node
