// Counting what was collected: exact decimal arithmetic, and what may be shown of it.
//
// A ballot's score is the mean of its answers, a group's mean that of its ballots, the result the means weighted by the
// groups' shares; what empty groups would have had is divided among the others in proportion. Only what is written down
// is rounded, half away from zero; the result is counted from the exact means.
//
// Of secret ballots the mean of a group with fewer than the procedure's smallest group is withheld. So that it cannot
// be subtracted out of the result, what is withheld together has at least two groups and that many ballots: other
// groups, the smallest first, are withheld too until it has. Where all ballots together are fewer, there is no result.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "duban/v1/collect.pb.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// An answer as a ballot keeps it: all answers of one question have the same number of bytes, so that a sealed box tells
// nothing by its length, and nobody marks his ballot by writing 90 as 90.00. Nothing where it has more than
// limits::kAnswerDecimalsMax decimal places. REQUIRES: a decimal number within limits::kAnswerMax.
std::optional<std::string> AnswerInBox(absl::string_view number);

// The groups' results, whether there is a quorum, the result, and of open ballots the ballots with plain answers.
// `collect` and `at` are the caller's to fill.
v1::CollectClosed CountBallots(const Collect& collect, const v1::CollectBegan& began, const v1::BallotBox& box);

}  // namespace duban::engine
