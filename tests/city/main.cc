// ./dev city [matters] [seed]: one year of a city.
#include <cstdio>
#include <cstdlib>

#include "tests/city/year.h"

int main(int argc, char** argv) {
  duban::city::Options options;
  options.matters = argc > 1 ? std::atoi(argv[1]) : 50'000;
  options.seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  options.say = true;
  if (options.matters <= 0) {
    std::printf("用法 Usage: duban_city [件数 matters] [种子 seed]\n");
    return 2;
  }
  if (options.matters < 5000) options.size = {3, 6, 6};
  const duban::city::Outcome outcome = duban::city::LiveThrough(options);
  std::printf(outcome.failures == 0 ? "一切相符 all as it should be\n" : "不符 NOT AS IT SHOULD BE: %d\n",
              outcome.failures);
  return outcome.failures == 0 ? 0 : 1;
}
