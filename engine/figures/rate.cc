#include "engine/figures/rate.h"

#include <algorithm>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace duban::engine {
namespace {

// above / below, rounded to a whole, halves away from zero. REQUIRES: below > 0.
int64_t Rounded(absl::int128 above, absl::int128 below) {
  const absl::int128 size = above < 0 ? -above : above;
  const auto whole = static_cast<int64_t>((2 * size + below) / (2 * below));
  return above < 0 ? -whole : whole;
}

std::string Signed(int64_t hundredths) { return absl::StrCat(hundredths > 0 ? "+" : "", HundredthsText(hundredths)); }

}  // namespace

std::string HundredthsText(int64_t hundredths) {
  const int64_t size = hundredths < 0 ? -hundredths : hundredths;
  return absl::StrFormat("%s%d.%02d", hundredths < 0 ? "-" : "", size / 100, size % 100);
}

std::string PercentText(const Counts& counts) {
  if (!counts.has_rate()) return "";
  return HundredthsText(Rounded(absl::int128(counts.above) * 10000, counts.below));
}

std::string PointsText(const Counts& now, const Counts& before) {
  if (!now.has_rate() || !before.has_rate()) return "";
  const absl::int128 above = absl::int128(now.above) * before.below - absl::int128(before.above) * now.below;
  return Signed(Rounded(above * 10000, absl::int128(now.below) * before.below));
}

std::string GrowthText(int64_t now, int64_t before) {
  if (before <= 0) return "";
  return Signed(Rounded(absl::int128(now - before) * 10000, before));
}

int64_t ScoreHundredths(int32_t weight, const Counts& counts, bool less) {
  const int64_t above = std::min(counts.above, counts.below);
  const int64_t share = less ? counts.below - above : above;
  return Rounded(absl::int128(share) * weight * 100, counts.below);
}

}  // namespace duban::engine
