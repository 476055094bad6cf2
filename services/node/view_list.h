// What views there are, how far those that are being built have come, and from where to where their past is kept.
#pragma once

#include "duban/v1/view_service.pb.h"
#include "services/node/node.h"
#include "services/node/past_keeper.h"
#include "services/node/reading.h"
#include "services/node/view_builder.h"

namespace duban::node {

// `kept`: null while nothing is kept.
Reply<v1::ListViewsResponse> ListViews(const Reading& reading, const ViewBuilder& builder, const KeptPastPtr& kept);

}  // namespace duban::node
