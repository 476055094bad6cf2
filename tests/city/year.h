// One year of the city against a real server, and what must be so of it. Decided by a seed: two runs with the same seed
// end in the same state of affairs, whatever the threads do, because a day's calls have all returned before the clock
// goes on.
#pragma once

#include <cstdint>
#include <string>

#include "tests/city/town.h"

namespace duban::city {

struct Options {
  int matters = 600;
  uint64_t seed = 1;
  Size size;
  int sittings = 3;     // Hours of a working day at which something is done: 1 to 3.
  int callers = 16;     // Threads that hand in what is done at one hour.
  bool say = false;     // Month by month on standard output.
  bool recount = true;  // The figures once more, by a program of their own (recount.py).
  std::string python = "python3";
};

struct Outcome {
  int failures = 0;
  std::string first_failures;  // The first ones, with the matter's events.
  std::string digest;          // Of how every matter ended: the same for the same seed.
  int64_t cases = 0;
  int64_t acts = 0;
  bool recounted = false;  // False also where there is no python3.
};

Outcome LiveThrough(const Options& options);

// What is said in the end, and the exit code of a program that says it: 0 where all is as it should be, 1 where
// something is not, 3 where the figures were to be recounted and were not, so that nobody can say.
struct Verdict {
  int code;
  std::string says;
};
Verdict VerdictOf(const Options& options, const Outcome& outcome);

}  // namespace duban::city
