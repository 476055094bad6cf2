// What views there are, and how far those that are being built have come.
#pragma once

#include "duban/v1/view_service.pb.h"
#include "services/node/node.h"
#include "services/node/reading.h"
#include "services/node/view_builder.h"

namespace duban::node {

Reply<v1::ListViewsResponse> ListViews(const Reading& reading, const ViewBuilder& builder);

}  // namespace duban::node
