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

// `prefix` and 13 random letters and digits (65 bits): says nothing of how many there are.
std::string FreshName(Random& random, const std::string& prefix);

std::shared_ptr<Random> SystemRandom();
// The same seed, the same bytes: for tests and simulation.
std::shared_ptr<Random> SeededRandom(uint64_t seed);

}  // namespace duban::node
