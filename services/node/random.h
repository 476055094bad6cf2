// The only place that reads the random source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace duban::node {

// Fresh random bytes, fit for keys. Threads: any.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::string Bytes(size_t n) = 0;
};

std::shared_ptr<Random> SystemRandom();
// The same seed, the same bytes: for tests and simulation.
std::shared_ptr<Random> SeededRandom(uint64_t seed);

}  // namespace duban::node
