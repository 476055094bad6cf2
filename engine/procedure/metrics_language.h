// Metrics and scoreboards in a file: read, and refused where they cannot be meant.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/procedure/findings.h"
#include "engine/procedure/metrics.h"
#include "engine/procedure/node.h"
#include "engine/procedure/procedure.h"

namespace duban::engine::language {

std::map<std::string, Metric> ReadMetrics(const Node& node, Findings& findings);
std::map<std::string, Scoreboard> ReadScoreboards(const Node& node, Findings& findings);

// Whether a word or a title asks for what the law forbids to measure (log-ins, points, time online …); reports it.
bool ReportForbidden(absl::string_view text, Place at, Findings& findings);

// Metrics of one file. `procedures` are those of the set, and published ones that the set does not define.
void CheckMetrics(const std::map<std::string, Metric>& metrics, const Node& root,
                  const std::vector<const Procedure*>& procedures, Findings& findings);
// Scoreboards of one file; `metrics` are those of the whole set.
void CheckScoreboards(const std::map<std::string, Scoreboard>& boards, const Node& root,
                      const std::map<std::string, Metric>& metrics, Findings& findings);

}  // namespace duban::engine::language
