// Figures for a viewer: rates and scoreboards over what he may see.
#pragma once

#include "duban/v1/metric_service.pb.h"
#include "services/node/node.h"
#include "services/node/past_reads.h"
#include "services/node/reading.h"

namespace duban::node {

Reply<v1::ListMetricsResponse> ListMetrics(const Reading& reading);

// Whole months are summed over counting cells, as of now; days, conditions that join two occurrences of a case, and the
// past case by case: at most limits::kPastCountedMax cases, else RESOURCE_EXHAUSTED (METRIC_TOO_LARGE).
Reply<v1::QueryMetricResponse> QueryMetric(const Reading& reading, const PastSource& source,
                                           const v1::QueryMetricRequest& request);
Reply<v1::QueryScoreboardResponse> QueryScoreboard(const Reading& reading, const PastSource& source,
                                                   const v1::QueryScoreboardRequest& request);

}  // namespace duban::node
