// Thousands of lives of a workspace, each from its seed. DUBAN_SEEDS says how many (5,000 by default, shared by four
// tests so that they run beside each other), DUBAN_SEED plays one and prints its trace. `./dev sim` does both.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "tests/sim/world.h"

namespace duban::sim {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

constexpr uint64_t kShares = 4;

class Simulation : public ::testing::TestWithParam<uint64_t> {};

TEST_P(Simulation, EveryInvariantHoldsInEveryLife) {
  const uint64_t seeds = FromEnvironment("DUBAN_SEEDS", 5000);
  uint64_t acknowledged = 0, restarts = 0, fired = 0;
  for (uint64_t seed = 1 + GetParam(); seed <= seeds; seed += kShares) {
    World world(seed);
    const std::string wrong = world.Run();
    ASSERT_EQ(wrong, "") << "replay it: ./dev sim " << seed;
    acknowledged += world.acknowledged();
    restarts += world.restarts();
    fired += world.fired();
  }
  std::cout << acknowledged << " commands acknowledged, " << fired << " rungs fired, " << restarts << " restarts\n";
  // A simulation in which nothing happens proves nothing.
  EXPECT_GT(acknowledged, seeds);
  EXPECT_GT(fired, seeds / 10);
}

INSTANTIATE_TEST_SUITE_P(Shares, Simulation, ::testing::Range<uint64_t>(0, kShares));

TEST(Simulation, TheSameSeedPlaysTheSameLife) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    World first(seed), again(seed);
    ASSERT_EQ(first.Run(), "");
    ASSERT_EQ(again.Run(), "");
    ASSERT_EQ(first.TraceHash(), again.TraceHash()) << "seed " << seed;
  }
}

TEST(Simulation, AnotherSeedPlaysAnotherLife) {
  World one(1), other(2);
  one.Run();
  other.Run();
  EXPECT_NE(one.TraceHash(), other.TraceHash());
}

TEST(Simulation, OneSeed) {
  const uint64_t seed = FromEnvironment("DUBAN_SEED", 1);
  World world(seed);
  const std::string wrong = world.Run();
  std::cout << "seed " << seed << "  trace " << world.TraceHash() << "\n";
  EXPECT_EQ(wrong, "");
}

}  // namespace
}  // namespace duban::sim
