// Numbers that say how a node and its server stand, for whoever collects them. Plain: nothing here knows by what.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace duban::node {

// Durations counted in buckets.
struct DurationCounts {
  // Upper ends of the buckets in seconds; the last bucket has none.
  static constexpr std::array<double, 13> kBounds = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
  std::array<uint64_t, kBounds.size() + 1> buckets{};
  double sum_s = 0;

  uint64_t count() const;
  // Below this lies the given share of them: estimated evenly within a bucket, 0 when there are none; in the last
  // bucket its lower end.
  double Quantile(double share) const;
};

// The same, counted by any thread.
class Durations {
 public:
  void Add(absl::Duration took);
  DurationCounts counts() const;

 private:
  std::array<std::atomic<uint64_t>, DurationCounts::kBounds.size() + 1> buckets_{};
  std::atomic<int64_t> sum_ns_{0};
};

// One number, or one number for each of several labels.
struct Measure {
  enum class Kind { kCounter, kGauge, kDurations };
  struct Sample {
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
    DurationCounts durations;  // Of kDurations, instead of `value`.
  };

  std::string name;  // "commands_total": small letters and underscores, with its unit.
  std::string help;
  Kind kind = Kind::kGauge;
  std::vector<Sample> samples;
};

// A measure without labels.
Measure Gauge(std::string name, std::string help, double value);
Measure Counter(std::string name, std::string help, double value);

}  // namespace duban::node
