// ./dev city [matters] [seed] [--no-recount]: one year of a city.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/city/year.h"

int main(int argc, char** argv) {
  duban::city::Options options;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--no-recount") {
      options.recount = false;
    } else {
      words.emplace_back(argv[i]);
    }
  }
  options.matters = words.empty() ? 50'000 : std::atoi(words[0].c_str());
  options.seed = words.size() > 1 ? std::strtoull(words[1].c_str(), nullptr, 10) : 1;
  options.say = true;
  if (options.matters <= 0 || words.size() > 2) {
    std::printf("用法 Usage: duban_city [件数 matters] [种子 seed] [--no-recount]\n");
    return 2;
  }
  if (options.matters < 5000) options.size = {3, 6, 6};
  const duban::city::Verdict verdict = duban::city::VerdictOf(options, duban::city::LiveThrough(options));
  std::printf("%s\n", verdict.says.c_str());
  return verdict.code;
}
