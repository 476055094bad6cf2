// Rates without rounding until they are written, and written in one way: two digits, halves away from zero. Per cent
// and percentage points are different functions, so that nobody can take one for the other.
#pragma once

#include <cstdint>
#include <string>

namespace duban::engine {

// Two counts. Where nothing is below there is no rate: neither 0 nor 100 %.
struct Counts {
  int64_t above = 0;
  int64_t below = 0;
  bool has_rate() const { return below > 0; }
  bool operator==(const Counts& other) const = default;
};

// "96.16"; empty without a rate.
std::string PercentText(const Counts& counts);
// By how many percentage points (百分点) the rate differs from an earlier one: "+1.25"; empty where either has none.
std::string PointsText(const Counts& now, const Counts& before);
// By how many per cent a count differs from an earlier one: "-12.50"; empty where that was 0.
std::string GrowthText(int64_t now, int64_t before);

// Hundredths of a point that a share of `weight` points gives: weight × above / below, at most the whole weight;
// `less`: what is missing from the whole. Halves up. REQUIRES: a rate.
int64_t ScoreHundredths(int32_t weight, const Counts& counts, bool less);
// "87.35" of 8735.
std::string HundredthsText(int64_t hundredths);

}  // namespace duban::engine
