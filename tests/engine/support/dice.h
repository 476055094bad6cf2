// Numbers at random, the same for a seed.
#pragma once

#include <cstdint>
#include <vector>

namespace duban::engine {

class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}
  int Below(int n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int>((state_ >> 33) % static_cast<uint64_t>(n));
  }
  bool OneIn(int n) { return Below(n) == 0; }
  template <typename T>
  const T& Pick(const std::vector<T>& all) {
    return all[Below(static_cast<int>(all.size()))];
  }

 private:
  uint64_t state_;
};

}  // namespace duban::engine
