// Draws that anybody can make again (两随机): the population is written down and its digest fixed, then a seed becomes
// known, and both together say who is drawn. docs/draws.md shows how to recompute one with sha256sum alone.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "duban/v1/draw.pb.h"
#include "duban/v1/draw_service.pb.h"
#include "engine/base/rejection.h"
#include "engine/directory/directory.h"

namespace duban::engine {

// Candidates of one draw.
inline constexpr int kCandidatesMax = 10'000;

// SHA-256 of bytes, as 64 hexadecimal digits.
using Sha256Hex = absl::FunctionRef<std::string(absl::string_view)>;

// The population that a request fixes: sorted, each candidate once, those whom a relation bars marked, shares counted
// out. Cases among the candidates must have been looked up by the caller. The digest is filled in.
Outcome<v1::DrawFrozen> Freeze(const Directory& directory, const v1::FreezeDrawRequest& request, Sha256Hex sha256);

// The text whose digest fixes the population: a line for each candidate, then one for each share.
std::string CanonicalText(const v1::DrawFrozen& frozen);

// Those drawn, in the order drawn: within each group the candidates that nothing bars, ordered by the digest of seed,
// population and candidate.
std::vector<std::string> Drawn(const v1::DrawFrozen& frozen, const std::string& seed, Sha256Hex sha256);

}  // namespace duban::engine
