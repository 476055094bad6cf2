#include "services/node/measures.h"

#include <algorithm>
#include <numeric>

namespace duban::node {

uint64_t DurationCounts::count() const { return std::accumulate(buckets.begin(), buckets.end(), uint64_t{0}); }

double DurationCounts::Quantile(double share) const {
  const double wanted = share * static_cast<double>(count());
  double below = 0;
  for (size_t i = 0; i < kBounds.size(); ++i) {
    const double here = static_cast<double>(buckets[i]);
    if (here > 0 && below + here >= wanted) {
      const double low = i == 0 ? 0 : kBounds[i - 1];
      return low + (kBounds[i] - low) * std::max(0.0, wanted - below) / here;
    }
    below += here;
  }
  return count() == 0 ? 0 : kBounds.back();
}

void Durations::Add(absl::Duration took) {
  const double seconds = absl::ToDoubleSeconds(took);
  const auto bucket = std::lower_bound(DurationCounts::kBounds.begin(), DurationCounts::kBounds.end(), seconds);
  ++buckets_[static_cast<size_t>(bucket - DurationCounts::kBounds.begin())];
  sum_ns_ += absl::ToInt64Nanoseconds(took);
}

DurationCounts Durations::counts() const {
  DurationCounts out;
  for (size_t i = 0; i < buckets_.size(); ++i) out.buckets[i] = buckets_[i];
  out.sum_s = static_cast<double>(sum_ns_.load()) * 1e-9;
  return out;
}

Measure Gauge(std::string name, std::string help, double value) {
  return {std::move(name), std::move(help), Measure::Kind::kGauge, {{{}, value, {}}}};
}

Measure Counter(std::string name, std::string help, double value) {
  return {std::move(name), std::move(help), Measure::Kind::kCounter, {{{}, value, {}}}};
}

}  // namespace duban::node
