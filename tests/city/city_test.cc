// One year of a small city, and twice a smaller one. `./dev city` lives through the whole of it.
#include <gtest/gtest.h>

#include "tests/city/year.h"

namespace duban::city {
namespace {

TEST(CityTest, AYearIsAsItShouldBeSeenFromOutside) {
  Options options;
  options.matters = 250;
  options.size = {2, 3, 3};
  options.sittings = 1;
  const Outcome year = LiveThrough(options);
  EXPECT_EQ(year.failures, 0) << year.first_failures;
  EXPECT_GT(year.cases, 400);
  if (!year.recounted) GTEST_SKIP() << VerdictOf(options, year).says;
  EXPECT_EQ(VerdictOf(options, year).code, 0);
}

// Whatever the threads do, a seed tells the same story.
TEST(CityTest, ASeedTellsTheSameStoryHoweverManyHandItIn) {
  Options options;
  options.matters = 30;
  options.size = {1, 2, 3};
  options.sittings = 1;
  options.seed = 7;
  options.callers = 1;
  options.python = "no-such-python";
  const Outcome one = LiveThrough(options);
  // What was not recounted is not called right, unless nobody wanted it.
  EXPECT_FALSE(one.recounted);
  EXPECT_EQ(VerdictOf(options, one).code, one.failures == 0 ? 3 : 1);
  options.recount = false;
  EXPECT_EQ(VerdictOf(options, one).code, one.failures == 0 ? 0 : 1);
  options.callers = 12;
  const Outcome many = LiveThrough(options);
  EXPECT_EQ(one.failures + many.failures, 0) << one.first_failures << many.first_failures;
  EXPECT_EQ(one.digest, many.digest);
}

}  // namespace
}  // namespace duban::city
